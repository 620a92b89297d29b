"""Energy that crosses the borders of a State: by carrier and partner, before and after.

Before is the base year, as recorded and made to balance; after is the target's year, of every run.
Routes between the same two regions are one flow, contracts and deals among them. Carriers have
units of their own, so flows are made comparable by the prices of the base year in the State: a
flow that grows has grown in volume, not in price.
"""

from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.report_inputs import ReportInputs
from sim.simulation.energy.energy_setup import MarketArcs, energy_table
from sim.study.ensemble.asked_answer import year_values
from sim.study.ensemble.findings import Finding
from sim.world.energy.balances import EnergyWorld

NEEDED = (
    "energy_flow", "carrier_trade", "energy_price", "energy_path_price", "unserved", "energy_used",
    "concentration",
)  # fmt: skip
NEGLIGIBLE = 1e-6
"""What is less is nothing: the largest imbalance that the market leaves [unit/year]."""


@dataclass(frozen=True, eq=False)
class EnergyFlow:
    """One carrier between a State and one partner."""

    carrier: int
    partner: int
    is_import: bool
    before: float
    """In the base year, imports as they arrive and exports as they leave [unit/year]."""
    after: FloatArray
    """(n_runs,) in the target's year, or another that was asked for [unit/year]."""
    price: float
    """In the State in the base year; the partner's where it has no market [USD/unit]."""

    @property
    def mean(self) -> float:
        """Mean over the runs, so that flows add up [unit/year]."""
        return float(self.after.mean())

    @property
    def size(self) -> float:
        """The larger of before and after, at the price of the base year [musd/year]."""
        return max(self.before, self.mean) * self.price


def has_energy(inputs: ReportInputs) -> bool:
    """True if the world has an energy market and the results hold its outcome."""
    return bool(inputs.world.energy) and inputs.has(*NEEDED)


def party_values(inputs: ReportInputs, finding: Finding, measure: str) -> FloatArray:
    """(n_runs, n_years, c, 2) of a measure by carrier and State of the pair."""
    return year_values(inputs.asked.sel(party=list(finding.pair)), measure, finding)


def flows_of(
    inputs: ReportInputs, finding: Finding, party: str, at: int | None = None
) -> tuple[EnergyFlow, ...]:
    """Flows to and from a State, imports first, by carrier and then by size.

    Parameters
    ----------
    inputs : ReportInputs
        With energy: see `has_energy`.
    finding : Finding
        Gives the year.
    party : str
        Code of a region of a target's pair.
    at : int, optional
        Place of another year than the target's.
    """
    world, own = inputs.world, inputs.world.region_index(party)
    arcs = energy_table(world, dict(inputs.scenario.energy.deals)).market_arcs
    recorded = year_values(inputs.asked, "energy_flow", finding)
    place = {name: arc for arc, name in enumerate(arcs.names)}
    entered = np.zeros((len(recorded), len(place)))
    at_arcs = [place[name] for name in inputs.asked["energy_arc"].to_numpy().tolist()]
    entered[:, at_arcs] = recorded[:, finding.at if at is None else at]
    flows = []
    for is_import in (True, False):
        here, there = (arcs.head, arcs.tail) if is_import else (arcs.tail, arcs.head)
        carrier = arcs.carrier_out if is_import else arcs.carrier
        share = arcs.delivered_share if is_import else np.ones(len(arcs.names))
        chosen = arcs.is_trade & (here == own)
        for c, partner in sorted({*zip(carrier[chosen], there[chosen], strict=True)}):
            w = np.flatnonzero(chosen & (carrier == c) & (there == partner))
            flow = EnergyFlow(
                int(c),
                int(partner),
                is_import,
                float(_recorded(world.energy, arcs)[w] @ share[w]),
                (entered[:, w] * share[w]).sum(axis=1),
                _price(world.energy, int(c), own, int(partner)),
            )
            if max(flow.before, flow.mean) > NEGLIGIBLE:
                flows.append(flow)
    return tuple(sorted(flows, key=lambda f: (not f.is_import, f.carrier, -f.size, f.partner)))


def _recorded(energy: EnergyWorld, arcs: MarketArcs) -> FloatArray:
    """(w,) what entered every arc in the base year, contracts with the arc that they run on."""
    n = len(energy.arcs.names)
    return np.concatenate([energy.arcs.flow, np.zeros(len(arcs.names) - n)])


def _price(energy: EnergyWorld, carrier: int, own: int, partner: int) -> float:
    for place in (own, partner):
        price = float(energy.price[carrier, place])
        if np.isfinite(price):
            return price
    return 0.0


def short_name(energy: EnergyWorld, carrier: int) -> str:
    """Name of a carrier inside a line: the shorter of its name and its code, in small letters."""
    name = min(energy.carrier_names[carrier], energy.carriers[carrier], key=len)
    return name if name.isupper() else name.lower()


def bought_before(flows: tuple[EnergyFlow, ...], n_carriers: int) -> tuple[FloatArray, FloatArray]:
    """Imports of the base year and the concentration of their suppliers, each (c,)."""
    total, squares = np.zeros(n_carriers), np.zeros(n_carriers)
    for flow in flows:
        if flow.is_import:
            total[flow.carrier] += flow.before
            squares[flow.carrier] += flow.before**2
    index = np.divide(squares, total**2, out=np.zeros(n_carriers), where=total > NEGLIGIBLE)
    return total, index
