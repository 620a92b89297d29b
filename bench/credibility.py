"""Tables of docs/credibility.md that no command of `sim` prints by itself.

Usage: python -m bench.credibility transit|closure|agreements|records|freight [RUNS]

Medians with 5 and 95 % points over runs of the shipped scenarios; records with the quantiles that
the ledgers would show. `python -m sim validate` prints the other tables.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.calendar import QUARTERS_PER_YEAR, parse_quarter, quarter_bounds
from sim.laws.uncertainty.conditioning import record_quantiles, share_below, simulated_records
from sim.report.evidence.records_since_base import period_of
from sim.scenario.blocks.quarters import Quarter
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.sampling.random_streams import Streams
from sim.scenario.scenario_file import load_scenario
from sim.simulation.model import TradeModel
from sim.simulation.uncertainty.base_error import residual_and_base_error
from sim.study.conditioning.ledger_records import entries_of, records_for
from sim.study.route import routes
from sim.world.load import load_world
from sim.world.names import world_names
from sim.world.world import World

FloatArray = NDArray[np.float64]
Quarters = Mapping[int, FloatArray]
Pair = tuple[str, str]

SCENARIOS = Path(__file__).parents[1] / "scenarios"
RUNS = 64
RESIDUAL_PATHS = 128
"""Residual paths that each run is met with where records are judged."""
LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
LEDGERS = (("pakistan", ("KAZ", "UZB", "TKM")), ("kazakhstan", ("KAZ",)))
ON_RECORD = (
    ("pak-tur", ("PAK", "TUR")),
    ("pak-uzb", ("PAK", "UZB")),
    ("pak-aze", ("PAK", "AZE")),
    ("eaeu-irn", ("RUS", "IRN")),
    ("eaeu-irn", ("IRN", "RUS")),
    ("eaeu-irn", ("KAZ", "IRN")),
)

QUOTED = (("PAK", "UZB"), ("IND", "UZB"), ("KAZ", "TUR"), ("UZB", "TUR"))
"""Pairs between which hauliers have quoted a price or days."""
SMALLEST_SHARE = 0.01
"""Share of the cargo below which a route is not printed."""


def shipped(name: str, pairs: Sequence[Pair] = ()) -> Scenario:
    """A shipped scenario that asks about some pairs instead of its own where they are given."""
    scenario = load_scenario(SCENARIOS / f"{name}.yaml", world_names(None))
    if not pairs:
        return scenario
    (target, *_) = scenario.targets.values()
    asked = {f"{a}-{b}": target.model_copy(update={"pair": (a, b)}) for a, b in pairs}
    return scenario.model_copy(update={"targets": asked})


def by_quarter(model: TradeModel, last: str, see: Callable[[TradeModel], FloatArray]) -> Quarters:
    """What is seen at the end of each quarter up to the last."""
    found = {}
    while model.quarter < parse_quarter(last):
        model.step()
        found[model.quarter] = see(model)
    return found


def year(found: Quarters, first: str) -> FloatArray:
    """Mean over the four quarters from the first on."""
    start = parse_quarter(first)
    quarters = [found[start + k] for k in range(QUARTERS_PER_YEAR)]
    return np.asarray(np.mean(quarters, axis=0))


def spread(values: FloatArray) -> str:
    """Median with 5 and 95 % points, of what is defined."""
    low, middle, high = np.nanquantile(values, [0.05, 0.5, 0.95])
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def transit(runs: int) -> None:
    """What a transit agreement and what follows from it change for each pair of members."""
    world = load_world()
    agreement = shipped("transit").agreements["transit"]
    members = agreement.members
    pairs = [(a, b) for k, a in enumerate(members) for b in members[k + 1 :]]
    place = [(world.region_index(a), world.region_index(b)) for a, b in pairs]

    def see(model: TradeModel) -> FloatArray:
        return np.stack([model.pair_trade(a, b) for a, b in place])

    found = {
        name: by_quarter(TradeModel(shipped(name, pairs), world, runs=range(runs)), "2034Q4", see)
        for name in ("baseline", "transit", "port-competition")
    }
    for name, against in (("transit", "baseline"), ("port-competition", "transit")):
        for asked in (2028, 2030, 2034):
            first = f"{asked}Q1"
            change = 100 * (year(found[name], first) / year(found[against], first) - 1)
            for (a, b), values in zip(pairs, change, strict=True):
                print(f"{name} against {against}, {asked}, {a}-{b}: {spread(values)} %")


def closure(runs: int) -> None:
    """Trade of two neighbours whose border shuts, and what one of them trades with others."""
    world = load_world()
    a, b = (world.region_index(code) for code in ("PAK", "AFG"))
    north = [world.region_index(code) for code in ("KAZ", "KGZ", "TJK", "TKM", "UZB")]
    names = (
        "trade of the pair", "imports of AFG", "imports of AFG without PAK",
        "imports from Central Asia", "exports to Central Asia", "exports of AFG",
    )  # fmt: skip

    def see(model: TradeModel) -> FloatArray:
        trade = model.snapshot.trade_abroad
        into, out = trade[:, :, b], trade[:, b]
        every, far = into.sum(axis=1), out.sum(axis=1)
        near, off = into[:, north].sum(axis=1), out[:, north].sum(axis=1)
        return np.stack([model.pair_trade(a, b), every, every - into[:, a], near, off, far])

    model = TradeModel(shipped("baseline"), world, runs=range(runs))
    found = by_quarter(model, "2026Q1", see)
    for now, before in (("2025Q4", "2024Q4"), ("2026Q1", "2025Q1")):
        ratio = found[parse_quarter(now)][0] / found[parse_quarter(before)][0]
        print(f"{names[0]}, {now} over {before}: {spread(ratio)}")
    for name, ratio in zip(names, year(found, "2025Q1") / year(found, "2024Q1"), strict=True):
        print(f"{name}, 2025 over 2024: {spread(ratio)}")


def agreements(runs: int) -> None:
    """What an agreement on record changes, by itself: the same draws with its margins and without.

    The agreement that it replaced goes on where it does not come.
    """
    world = load_world()
    quiet = {"parameters": True, "events": False, "residual_shocks": False}
    scenario = shipped("baseline")
    layers = scenario.uncertainty_sources.model_copy(update=quiet)
    scenario = scenario.model_copy(update={"uncertainty_sources": layers})
    flows = [(world.region_index(a), world.region_index(b)) for _, (a, b) in ON_RECORD]

    def see(model: TradeModel) -> FloatArray:
        return np.stack([model.snapshot.trade_abroad[:, a, b] for a, b in flows])

    def trade(of: World) -> Quarters:
        return by_quarter(TradeModel(scenario, of, runs=range(runs)), "2030Q4", see)

    came = trade(world)
    without = {name: trade(without_margins(world, name)) for name, _ in ON_RECORD}
    for k, (name, (a, b)) in enumerate(ON_RECORD):
        for label, first in (("FY24", "2023Q3"), ("2025", "2025Q1"), ("2030", "2030Q1")):
            ratio = year(came, first)[k] / year(without[name], first)[k]
            print(f"{name}, {a}>{b}, {label}: {spread(100 * (ratio - 1))} %")


def without_margins(world: World, name: str) -> World:
    """A world in which an agreement never acts, and what it replaced lasts."""
    (gone,) = (record for record in world.agreements if record.agreement == name)
    kept = (
        replace(record, ended="") if gone.in_force and record.ended == gone.in_force else record
        for record in world.agreements
    )
    margins = tuple(margin for margin in world.margins if margin.agreement != name)
    return replace(world, margins=margins, agreements=tuple(kept))


def records(runs: int) -> None:
    """Records by direction beside what the ledgers would show, told nothing and by default."""
    for words, changes in (
        ("as of 2022Q4", {"as_of": Quarter(parse_quarter("2022Q4"))}),
        ("as shipped", {}),
    ):
        for ledger, partners in LEDGERS:
            pairs = [("PAK", partner) for partner in partners]
            scenario = shipped("baseline", pairs)
            ledgers = scenario.baseline.model_copy(update={"ledger": ledger})
            scenario = scenario.model_copy(update={"baseline": ledgers, **changes})
            print(f"{words}, ledger of {ledger}: recorded; 5, 25, 50, 75, 95 %; rank")
            judge(scenario, load_world(ledger=ledger), pairs, runs)


def judge(scenario: Scenario, world: World, pairs: Sequence[Pair], runs: int) -> None:
    """Print each record of some pairs and its place among what the runs would have recorded."""
    directions = [route for a, b in pairs for route in ((a, b), (b, a))]
    exporter, importer = np.array(
        [[world.region_index(code) for code in route] for route in directions]
    ).T
    model = TradeModel(scenario, world, runs=range(runs))
    first = model.first_quarter
    known = by_quarter(model, "2025Q4", lambda m: m.snapshot.known_flow_trade(exporter, importer))
    quarters = range(first + 1, model.quarter + 1)
    streams = Streams(scenario.seed, range(RESIDUAL_PATHS))
    shock = residual_and_base_error(scenario, world, streams, np.arange(first, quarters.stop))
    paths = np.stack([known[quarter] for quarter in quarters], axis=-1)
    trade = paths[:, None] * np.exp(shock[:, exporter, importer, 1:])
    trade = trade.reshape(-1, *paths.shape[1:])
    start = quarter_bounds(quarters[0])[0]
    found = records_for(world, directions, quarters[-1])
    found = tuple(record for record in found if record.span.start >= start)
    entries = entries_of(found, directions, quarters)
    simulated = simulated_records(trade, entries)
    weight = np.full(len(trade), 1 / len(trade))
    quantiles = record_quantiles(simulated, entries, weight, LEVELS)
    below = share_below(simulated, entries, weight)
    for k, record in enumerate(found):
        who = " and ".join(">".join(route) for route in record.directions)
        points = " ".join(f"{value:.3g}" for value in quantiles[:, k])
        when = period_of(record.span.start, record.span.end)
        print(f"{who}, {when}: {record.span.trade_musd:.3g}; {points}; {below[k]:.3f}")


def freight(_runs: int) -> None:
    """Days and charges of a container by route, to be held against quotes of hauliers."""
    world, quarter = load_world(None), parse_quarter("2022Q4")
    for a, b in QUOTED:
        for route in routes(world, a, b, quarter):
            if route.share >= SMALLEST_SHARE:
                print(
                    f"{a}-{b}, {route.name} ({', '.join(route.modes)}): {route.share:.0%}, "
                    f"{route.days:.1f} days, {route.usd_per_feu:,.0f} USD a container"
                )


TABLES = {
    "transit": transit,
    "closure": closure,
    "agreements": agreements,
    "records": records,
    "freight": freight,
}


def main() -> None:
    """Print the table that the first word names, or all of them."""
    words = sys.argv[1:]
    runs = int(words[1]) if len(words) > 1 else RUNS
    for name in words[:1] or TABLES:
        TABLES[name](runs)


if __name__ == "__main__":
    main()
