"""Known answers of the energy and bargaining laws: textbook markets small enough to type.

Inputs and answers are short numbers from the texts named in each row, so nothing is read
from disk and nothing is ever skipped.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from sim.laws import energy
from sim.laws.diplomacy import bargaining
from sim.laws.energy import Arcs, Contracts, Demand, EnergyEquilibrium, Supply
from sim.validation.check import Check, SkippedCheck

CLOSE = 1e-7
DANTZIG = "Dantzig (1963), Linear Programming and Extensions, ch. 3-3; GAMS model trnsport"
MIRANDA = "Miranda and Fackler (2002), Applied Computational Economics and Finance, spatial prices"
STOFT = "closed form; cf. Stoft (2002), Power System Economics, part 5"
TAKE_OR_PAY = "closed form; the committed volume is paid whether taken or not"
COURNOT = "closed form; Cournot (1838), Recherches, ch. 7 and 9"
SHAPLEY = "closed form; Shapley (1953), A value for n-person games"
BY_HAND = "closed form: gap 50 at no flow, falling by 1 a unit, carriage 10"
NOWHERE = Arcs([], [])


def known_energy(folder: Path | None = None) -> list[Check | SkippedCheck]:
    """Try every known answer of the energy and bargaining laws.

    Parameters
    ----------
    folder : Path, optional
        Folder of published energy cases. Every answer is typed here with its source, so the
        folder may be absent; it is taken so that all known answers are asked for alike.

    Returns
    -------
    list of Check or SkippedCheck
        In the order of the texts: transport, spatial equilibrium, power flow, contracts,
        merit order, tolls, sellers and partners.
    """
    del folder
    return [
        *_transport(),
        *_three_regions(),
        *_pipeline(),
        *_power_flow(),
        *_contracts(),
        *_merit_order(),
        *_bargaining(),
    ]


def _rows(
    case: str,
    quantity: str,
    published: Iterable[float],
    ours: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    unit: str,
    source: str,
    tolerance: float = CLOSE,
) -> Iterator[Check]:
    """One row per number, numbered where there are several."""
    numbers, found = list(published), np.atleast_1d(ours).ravel()
    for k, (known, own) in enumerate(zip(numbers, found, strict=True)):
        name = quantity if len(numbers) == 1 else f"{quantity} {k + 1}"
        yield Check(case, name, known, float(own), tolerance, unit, source)


def _exact(supply: Supply, demand: Demand, arcs: Arcs = NOWHERE) -> EnergyEquilibrium:
    return energy.equilibrium(supply, demand, arcs, smoothing=0)


def _transport() -> Iterator[Check]:
    """Two plants, three markets, 90 dollars a case and thousand miles."""
    distance = np.array([2.5, 1.7, 1.8, 2.5, 1.8, 1.4])
    found = _exact(
        Supply.steps([0, 1], cost=0.0, quantity=[350.0, 600.0]),
        Demand.fixed([2, 3, 4], [325.0, 300.0, 275.0]),
        Arcs([0, 0, 0, 1, 1, 1], [2, 3, 4, 2, 3, 4], cost=0.09 * distance),
    )
    case = "transport of two plants and three markets"
    yield from _rows(case, "cost", [153.675], found.cost, "thousand USD", DANTZIG)
    prices = found.price[0, 2:]
    yield from _rows(case, "price at market", [0.225, 0.153, 0.126], prices, "USD", DANTZIG)


def _three_regions() -> Iterator[Check]:
    """Inverse supply 9 + q, 3 + 2q, 18 + q; the demand slopes of the text and of a variant."""
    supply = Supply.linear([0, 1, 2], intercept=[9.0, 3.0, 18.0], slope=[1.0, 2.0, 1.0])
    arcs = Arcs([0, 0, 1, 1, 2, 2], [1, 2, 0, 2, 0, 1], cost=[3.0, 9.0, 3.0, 3.0, 6.0, 3.0])
    for name, slope, autarky, price, produced, consumed, surplus in (
        (
            "text",
            [2.0, 3.0, 1.0],
            [20.0, 23.4, 34.5],
            [24.0, 27.0, 30.0],
            [15.0, 12.0, 12.0],
            [9.0, 9.0, 21.0],
            751.5,
        ),
        (
            "variant with demand slopes 3, 2, 1",
            [3.0, 2.0, 1.0],
            [17.25, 28.5, 34.5],
            [24.346153846153825, 27.34615384615346, 30.346153846153864],
            [15.346153846153825, 12.173076923076966, 12.346153846154074],
            [5.884615384615461, 13.32692307692327, 20.653846153846136],
            784.9903846153675,
        ),
    ):
        demand = Demand.linear([0, 1, 2], intercept=[42.0, 54.0, 51.0], slope=slope)
        alone, found = _exact(supply, demand), _exact(supply, demand, arcs)
        case = f"three regions, {name}"
        yield from _rows(case, "price alone", autarky, alone.price, "USD", MIRANDA)
        yield from _rows(case, "price", price, found.price, "USD", MIRANDA)
        yield from _rows(case, "produced", produced, found.produced, "units", MIRANDA)
        yield from _rows(case, "consumed", consumed, found.consumed, "units", MIRANDA)
        yield from _rows(case, "surplus", [surplus], found.surplus, "USD", MIRANDA)


def _pipeline() -> Iterator[Check]:
    """Two regions, one pipeline: closed, free, with a tariff, narrow, with a toll."""
    supply = Supply.linear([0, 1], intercept=[20.0, 60.0], slope=1.0)
    demand = Demand.linear([0, 1], intercept=[100.0, 160.0], slope=1.0)
    for name, capacity, toll, flow, prices, surplus in (
        ("closed", 0.0, 0.0, 0.0, [60.0, 110.0], 4100.0),
        ("free", np.inf, 0.0, 40.0, [80.0, 90.0], 4900.0),
        ("tariff of 8", np.inf, 8.0, 32.0, [76.0, 94.0], 4612.0),
        ("capacity of 20", 20.0, 0.0, 20.0, [70.0, 100.0], 4700.0),
        ("toll of 20", np.inf, 20.0, 20.0, [70.0, 100.0], 4300.0),
    ):
        arcs = Arcs(tail=[0], head=[1], cost=10.0, capacity=capacity, toll=toll)
        found = _exact(supply, demand, arcs)
        case = f"two regions and a pipeline, {name}"
        yield from _rows(case, "flow", [flow], found.flow, "units", BY_HAND)
        yield from _rows(case, "price", prices, found.price, "USD", BY_HAND)
        yield from _rows(case, "surplus", [surplus], found.surplus, "USD", BY_HAND)
        if capacity == 20.0:
            worth = found.capacity_price
            yield from _rows(case, "rent of a unit", [20.0], worth, "USD", BY_HAND)


def _power_flow() -> Iterator[Check]:
    """Three equal lines; the one from the cheap plant to the load holds 100."""
    found = _exact(
        Supply.steps([0, 1], cost=[10.0, 30.0], quantity=[1000.0, 1000.0]),
        Demand.fixed([2], [180.0]),
        Arcs([0, 0, 1], [1, 2, 2], capacity=[np.inf, 100.0, np.inf], susceptance=1.0),
    )
    case = "three buses, direct-current flow"
    yield from _rows(case, "flow", [20.0, 100.0, 80.0], found.flow, "MW", STOFT)
    yield from _rows(case, "generation", [120.0, 60.0], found.supplied, "MW", STOFT)
    yield from _rows(case, "price", [10.0, 30.0, 50.0], found.price, "USD/MWh", STOFT)
    yield from _rows(case, "cost", [3000.0], found.cost, "USD", STOFT)


def _contracts() -> Iterator[Check]:
    """100 units at 10, 80 % take or pay, beside an unlimited spot market."""
    contracts = Contracts(buyer=[0], quantity=100.0, price=10.0, take_or_pay=0.8)
    for demand, spot, cost, taken in (
        (90.0, 6.0, 860.0, 80.0),
        (90.0, 12.0, 900.0, 90.0),
        (70.0, 6.0, 800.0, 70.0),
        (130.0, 6.0, 1100.0, 80.0),
        (130.0, 12.0, 1360.0, 100.0),
        (70.0, 0.5, 800.0, 70.0),
    ):
        found = energy.equilibrium(
            Supply.steps([0], cost=spot, quantity=np.inf),
            Demand.fixed([0], demand),
            NOWHERE,
            contracts=contracts,
            smoothing=0,
        )
        case = f"take or pay, demand {demand:g}, spot {spot:g}"
        yield from _rows(case, "cost", [cost], found.cost, "USD", TAKE_OR_PAY)
        yield from _rows(case, "taken", [taken], found.taken, "units", TAKE_OR_PAY)


def _merit_order() -> Iterator[Check]:
    """Plants of 50, 40 and 30 at 10, 20 and 40; then imports of 15 at 25."""
    supply = Supply.steps([0, 0, 0], cost=[10.0, 20.0, 40.0], quantity=[50.0, 40.0, 30.0])
    demand = Demand.fixed([0], [100.0])
    imports = Supply.steps([0], cost=25.0, quantity=15.0)
    for name, offers, cost, price in (
        ("plants alone", supply, 1700.0, 40.0),
        ("with imports", supply + imports, 1550.0, 25.0),
    ):
        found = _exact(offers, demand)
        case = f"merit order, {name}"
        yield from _rows(case, "cost", [cost], found.cost, "USD", STOFT)
        yield from _rows(case, "price", [price], found.price, "USD", STOFT)


def _bargaining() -> Iterator[Check]:
    for n, toll in ((1, 20.0), (2, 40.0 / 3), (3, 10.0)):
        alone = bargaining.separate_tolls(40.0, 1.0, np.zeros(n))
        case = f"tolls of {n} transit states, each alone"
        yield from _rows(case, "toll", [toll] * n, alone.toll, "USD", COURNOT)
        yield from _rows(case, "volume", [toll], alone.volume, "units", COURNOT)
        joint = bargaining.joint_toll(40.0, 1.0, np.zeros(n))
        case = f"tolls of {n} transit states, joint"
        yield from _rows(case, "volume", [20.0], joint.volume, "units", COURNOT)
    for n, price in ((1, 55.0), (2, 40.0), (3, 32.5), (10, 18.181818181818187)):
        sold = bargaining.cournot(100.0, 1.0, np.full(n, 10.0))
        case = f"{n} sellers on a linear market"
        yield from _rows(case, "price", [price], sold.price, "USD", COURNOT)
        yield from _rows(case, "quantity", [90.0 / (n + 1)], sold.quantity[:1], "units", COURNOT)
    members = np.arange(8)[:, None] >> np.arange(3) & 1
    for name, passes, value in (
        ("in a row", members[:, 1] & members[:, 2], [1 / 3, 1 / 3, 1 / 3]),
        ("side by side", members[:, 1] | members[:, 2], [2 / 3, 1 / 6, 1 / 6]),
    ):
        found = bargaining.shapley_value((members[:, 0] & passes).astype(np.float64))
        case = f"seller and two transit states {name}"
        yield from _rows(case, "Shapley value", value, found, "share", SHAPLEY)
