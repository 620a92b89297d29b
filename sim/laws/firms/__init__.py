"""Exporters: firms that notice a market, try it, learn whether it pays, stay or leave.

A firm of log size ``z`` sells ``exp(z / a)`` where it is established; firms are as numerous as
``exp(-z)`` (Pareto sizes with tail index ``a``). A market whose log long-run trade stands ``y``
above its baseline, ``y = -theta * log cost``, pays firms with ``z >= -y``; each of them sells
``exp((z + y) / a)`` in the long run, so all together ``exp(y)``: the gravity equilibrium, for any
``a`` (Chaney 2008). What is gained comes in three steps:

- *price*: customers of old buy ``exp(impact * y)`` times as much at once (a low short-run
  elasticity: Ruhl 2008);
- *customers*: firms that are there already win ``exp((1/a - impact) * y)`` times the buyers, a
  share ``CUSTOMER_RATE`` of what is missing each quarter (Arkolakis 2010);
- *entry*: firms that the market pays from now on, or nearly, ``notice`` it, try it with small
  sales, and learn: most leave within the year, a few pay the sunk cost and are established (Eaton
  and others 2007; Ruhl and Willis 2017; Albornoz and others 2012).

Because the sunk cost is spent, an established firm stays down to a size that a newcomer would not
start with (Baldwin and Krugman 1989). All of it depends on ``z + y`` alone, so a market where
nothing changes stays as it is and one that has changed settles at the gravity equilibrium.
"""

from sim.laws.firms.attention import Attention, similar_market_cost
from sim.laws.firms.population import (
    Census,
    ExportMarkets,
    Population,
    SalesFactors,
    advance,
    census,
    first_population,
    open_market,
    standing,
)
from sim.laws.firms.sizes import Strata, size_strata
from sim.laws.firms.turnover import Turnover, phase_in, solve_notice, year_on_year

__all__ = [
    "Attention",
    "Census",
    "ExportMarkets",
    "Population",
    "SalesFactors",
    "Strata",
    "Turnover",
    "advance",
    "census",
    "first_population",
    "open_market",
    "phase_in",
    "similar_market_cost",
    "size_strata",
    "solve_notice",
    "standing",
    "year_on_year",
]
