"""Terms on which energy deals are carried out: what ships, and who pays for a clause that binds.

A deal is voluntary where buyer and seller would do it without take-or-pay and discount. Beyond
that, with `p` the market price at home of seller and buyer, `c` the cost of the way, `d` the share
that arrives, `s` the price paid over the buyer's market price, `V` the contract volume, `t` its
take-or-pay share and `q` what is shipped,

    seller pays  q * max(p_seller + c - s d p_buyer, 0)
    buyer pays   s d p_buyer * max(t V - q, 0)

The first is what the seller forgoes against selling at home and saving the carriage, the second
the price of what is owed and not taken. A discount moves money from seller to buyer and is in the
first.
"""

from typing import TYPE_CHECKING, NamedTuple

from sim.laws.energy import EnergyEquilibrium

if TYPE_CHECKING:
    from sim.simulation.energy.energy_setup import EnergyTable
    from sim.simulation.energy.yearly_market import YearInputs


class DealTerms(NamedTuple):
    """One energy deal in one year of the first run."""

    unit: str
    shipped: float
    """What enters the way [unit/year]."""
    buyer_pays_musd: float
    """For what is owed and not taken [musd/year]."""
    seller_pays_musd: float
    """Forgone against selling at home and saving the carriage [musd/year]."""


def deal_terms(
    table: "EnergyTable", units: tuple[str, ...], inputs: "YearInputs", found: EnergyEquilibrium
) -> dict[str, DealTerms]:
    """Terms of the scenario's deals in a year's market, by name.

    Parameters
    ----------
    table : EnergyTable
        Columns of the market; contracts of the tables are left out.
    units : tuple of str
        Unit of each carrier.
    inputs : YearInputs
        What moved the market of that year.
    found : EnergyEquilibrium
        Its solution.
    """
    market_arcs, pledges = table.market_arcs, table.pledges
    terms: dict[str, DealTerms] = {}
    for p in range(pledges.n_known, len(pledges.arc)):
        w = int(pledges.arc[p])
        shipped = float(found.flow[0, w])
        home = float(found.price[0, market_arcs.carrier[w], market_arcs.tail[w]])
        market = float(found.price[0, market_arcs.carrier_out[w], market_arcs.head[w]])
        paid = market_arcs.price_share[w] * market_arcs.delivered_share[w] * market
        cost = float(market_arcs.carriage_cost(w, inputs.money, inputs.cost_scale)[0])
        live = inputs.pledged_share[0, p] * inputs.open_share[0, w]
        owed = float(pledges.take_or_pay[p] * pledges.quantity[p] * live)
        terms[market_arcs.names[w]] = DealTerms(
            unit=units[market_arcs.carrier[w]],
            shipped=shipped,
            buyer_pays_musd=float(paid) * max(owed - shipped, 0.0),
            seller_pays_musd=shipped * max(home + cost - float(paid), 0.0),
        )
    return terms
