"""Spoilers of an answer: what others may do to it, each by itself against the scenario as asked.

Each is the scenario with one thing more or less, at the same places of the parameters and without
chance, so that the difference is that thing alone: a customs union that refuses its member's cuts,
a State of the pair that takes its own back or raises duties, a border that is shut on record and
stays so, a State or strait on the way that lets nothing through, an agreement on record by which
others sell there. The last stands in the scenario already: told is what trade would gain without.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Set
from concurrent.futures import Executor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR, quarter_bounds
from sim.scenario.blocks.duty_blocks import DutyRise, Ending
from sim.scenario.blocks.quarters import Quarter
from sim.scenario.blocks.scenario import Closure
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.transport.routes import nodes_along
from sim.study.one_at_a_time.central_runs import all_simulated, central_of, varied_runs
from sim.study.route import routes
from sim.world.stops import first_day

if TYPE_CHECKING:
    from sim.scenario.blocks.agreements import Agreement
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.csv_tables.records import AgreementRecord
    from sim.world.world import World

N_RUNS = 16
"""Places of the parameters at which each spoiler is tried."""
DUTY_POINTS = 0.1
"""Rise of duty that is tried: a unit to reckon with, not a forecast [1]."""
RISE_YEARS = 3
"""Years that trade has to answer it before the target's quarter."""
MIN_SHARE = 0.05
"""Part of the pair's cargo from which on a State or strait on the way is tried [1]."""
MAX_IN_TRANSIT = 3
"""States and straits on the way that are tried."""

UNION, WITHDRAWAL, RISE, BORDER, IN_TRANSIT, RIVAL = (
    "union", "withdrawal", "rise", "border", "on the way", "rival"
)  # fmt: skip


class Spoiler(NamedTuple):
    """One thing that others may do."""

    kind: str
    who: str
    """Union, region, agreement on record, gate, or owners of a border joined by a plus."""
    market: str
    """Region that buys, where it is about one market; else empty."""
    scenario: "Scenario"


class SpoilerEffect(NamedTuple):
    """Trade of the first target's pair in its year, with one spoiler and without it."""

    kind: str
    who: str
    market: str
    asked: FloatArray
    """(n_runs,) trade as asked [musd/year]."""
    trade_with_it: FloatArray
    """(n_runs,) the same with the spoiler; of a rival, trade without its preference."""

    @property
    def change(self) -> FloatArray:
        """Change that the spoiler makes, (n_runs,) [musd/year]; of a rival, what it costs now."""
        after, before = (self.trade_with_it, self.asked)
        return before - after if self.kind == RIVAL else after - before


def start_spoilers(
    scenario: "Scenario", world: "World", executor: Executor | None = None
) -> Callable[[], tuple[SpoilerEffect, ...]]:
    """Try every spoiler of a scenario by itself.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    executor : concurrent.futures.Executor, optional
        Simulates elsewhere; bears on no number.

    Returns
    -------
    callable
        Waits for the work that was given out, or does it.
    """
    central = central_of(scenario)
    found = list(spoilers_of(central, world))
    places = places_of(scenario.seed, len(world.parameters))
    scenarios = [central, *(one.scenario for one in found)] if found else []
    jobs = varied_runs(world, scenarios, places, central)
    outcomes = all_simulated(world, jobs, executor)

    def collected() -> tuple[SpoilerEffect, ...]:
        if not found:
            return ()
        asked, *others = (outcome.trade[:, 0] for outcome in outcomes)
        return tuple(
            SpoilerEffect(one.kind, one.who, one.market, asked, trade)
            for one, trade in zip(found, others, strict=True)
        )

    return collected


def places_of(seed: int, n_parameters: int) -> FloatArray:
    """Places of the parameters, each evenly spread over its distribution, (N_RUNS, n) [1].

    A Latin hypercube: the middles of so many equal slices, in an order of its own for each.
    """
    streams = Streams(seed, range(N_RUNS))
    names = [str(k) for k in range(n_parameters)]
    order = streams.uniform("places of spoilers", names, 1)[..., 0].argsort(axis=0).argsort(axis=0)
    return np.asarray((order + 0.5) / N_RUNS)


def spoilers_of(scenario: "Scenario", world: "World") -> Iterator[Spoiler]:
    """Spoilers of a scenario, as scenarios of their own."""
    pair = next(iter(scenario.targets.values())).pair
    yield from _unions(scenario, world)
    yield from _withdrawals(scenario, world, pair)
    yield from _rises(scenario, world, pair)
    borders = list(_borders(scenario, world))
    yield from borders
    known = {code for border in borders for code in border.who.split("+")}
    yield from _on_the_way(scenario, world, pair, known)
    yield from _rivals(scenario, world, pair)


def _unions(scenario: "Scenario", world: "World") -> Iterator[Spoiler]:
    """Customs unions that refuse what the scenario lets one of their members grant."""
    for union, members in world.customs_unions.items():
        agreements = {
            name: _refused(agreement, members) for name, agreement in scenario.agreements.items()
        }
        if agreements != dict(scenario.agreements):
            yield Spoiler(UNION, union, "", scenario.model_copy(update={"agreements": agreements}))


def _withdrawals(scenario: "Scenario", world: "World", pair: tuple[str, str]) -> Iterator[Spoiler]:
    """States of the pair that take their own cuts back; none where their union can refuse them."""
    for grantor in pair:
        if any(grantor in members for members in world.customs_unions.values()):
            continue
        agreements = {
            name: kept
            for name, agreement in scenario.agreements.items()
            if (kept := _without_cuts(agreement, grantor)) is not None
        }
        if agreements != dict(scenario.agreements):
            changed = scenario.model_copy(update={"agreements": agreements})
            yield Spoiler(WITHDRAWAL, grantor, grantor, changed)


def _refused(agreement: "Agreement", grantors: Collection[str]) -> "Agreement":
    """An agreement of which a customs union refuses what some of its members grant."""
    cuts = agreement.changes.duty_cuts
    lines = tuple(
        cut.model_copy(update={"customs_union": "refuse"}) if cut.grantor in grantors else cut
        for cut in cuts
    )
    return agreement if lines == cuts else agreement.model_copy(update={"concessions": lines})


def _without_cuts(agreement: "Agreement", grantor: str) -> "Agreement | None":
    """An agreement without the cuts of one State; None if nothing is left of it."""
    cuts = agreement.changes.duty_cuts
    lines = tuple(cut for cut in cuts if cut.grantor != grantor)
    if lines == cuts:
        return agreement
    return agreement.model_copy(update={"concessions": lines}) if lines else None


def _rises(scenario: "Scenario", world: "World", pair: tuple[str, str]) -> Iterator[Spoiler]:
    """Duties that each State of the pair adds on the other, on top of every preference."""
    first = max(_deadline(scenario) - QUARTERS_PER_YEAR * RISE_YEARS, int(scenario.horizon.start))
    for importer, exporter in (pair, pair[::-1]):
        is_bound = any(importer in members for members in world.customs_unions.values())
        rise = DutyRise.model_validate(
            {
                "importer": importer,
                "exporters": (exporter,),
                "goods": "all",
                "add_rate": DUTY_POINTS,
                "from": Quarter(first),
                "preferences": "ignore",
                "customs_union": "union" if is_bound else "refuse",
            }
        )
        duties = {**scenario.duties, _free_name(scenario.duties): rise}
        yield Spoiler(RISE, importer, importer, scenario.model_copy(update={"duties": duties}))


def _borders(scenario: "Scenario", world: "World") -> Iterator[Spoiler]:
    """Borders that were last seen shut and stay so to the deadline."""
    owners = {gate.gate: gate.owners for gate in world.gates}
    shut: dict[tuple[str, ...], list[str]] = {}
    for record in world.closures:
        known = first_day(record.start).year > world.base_year
        if not record.end and not record.doubtful and record.share == 1.0 and known:
            border = tuple(sorted(owners[record.gate]))
            shut.setdefault(border, []).append(record.gate)
    last = {r.gate: first_day(r.last_seen_closed) for r in world.closures if not r.end}
    _, end = quarter_bounds(_deadline(scenario))
    for border, gates in shut.items() if scenario.recorded_stops else ():
        spells = {gate: (last[gate], end) for gate in dict.fromkeys(gates) if last[gate] < end}
        yield Spoiler(BORDER, "+".join(border), "", _shut(scenario, spells))


def _on_the_way(
    scenario: "Scenario", world: "World", pair: tuple[str, str], known: Set[str]
) -> Iterator[Spoiler]:
    """States and straits that carry much of the pair's cargo, shut in the target's year.

    Those whose borders are tried already are left out.
    """
    if not world.network.nodes:
        return
    deadline, net = _deadline(scenario), world.network
    carried: dict[str, float] = {}
    for route in routes(world, *pair, deadline, scenario):
        for share, links in route.paths:
            gates = {int(net.gate[node]) for node in nodes_along(net, links)} - {-1}
            names = {name for gate in gates for name in _keepers(world, gate) if name not in pair}
            for name in sorted(names):
                carried[name] = carried.get(name, 0.0) + route.share * share
    most = sorted(set(carried) - known, key=lambda name: (-carried[name], name))
    first, _ = quarter_bounds(deadline - QUARTERS_PER_YEAR + 1)
    _, end = quarter_bounds(deadline)
    for name in most[:MAX_IN_TRANSIT]:
        if carried[name] < MIN_SHARE:
            break
        own = [g.gate for k, g in enumerate(world.gates) if name in _keepers(world, k)]
        yield Spoiler(IN_TRANSIT, name, "", _shut(scenario, dict.fromkeys(own, (first, end))))


def _keepers(world: "World", gate: int) -> tuple[str, ...]:
    """States that own a gate; the gate itself where none does."""
    record = world.gates[gate]
    return record.owners or (record.gate,)


def _shut(scenario: "Scenario", spells: Mapping[str, tuple[object, object]]) -> "Scenario":
    """The scenario with gates shut on more days."""
    closures = dict(scenario.closures)
    for gate, (first, last) in spells.items():
        more = Closure.model_validate({"from": first, "until": last})
        closures[gate] = (*closures.get(gate, ()), more)
    return scenario.model_copy(update={"closures": closures})


def rivals_on_record(
    world: "World", seller: str, market: str, day: str
) -> Iterator["AgreementRecord"]:
    """Agreements on record by which others than a seller have preferences in a market on a day."""
    for one in world.agreements:
        is_of_others = market in one.members and seller not in one.members
        if one.grants_preferences and is_of_others and one.is_in_force(day):
            yield one


def _rivals(scenario: "Scenario", world: "World", pair: tuple[str, str]) -> Iterator[Spoiler]:
    """Agreements on record by which others sell in each market: the largest and the newest."""
    by = quarter_bounds(_deadline(scenario))[1].isoformat()
    for seller, market in (pair, pair[::-1]):
        sold = {
            one.agreement: _sold_by(one, market, world)
            for one in rivals_on_record(world, seller, market, by)
            if one.agreement not in scenario.ends
        }
        since = {one.agreement: one.in_force for one in world.agreements}
        # The one whose members sell most there, and the newest, which trade of now knows least.
        chosen = [max(sold, key=lambda name: (sold[name], name))] if sold else []
        chosen += [max(sold, key=lambda name: (since[name], name))] if sold else []
        for name in dict.fromkeys(chosen):
            ended = (Ending(last_quarter=Quarter(int(scenario.horizon.start))),)
            ends = {**scenario.ends, name: ended}
            yield Spoiler(RIVAL, name, market, scenario.model_copy(update={"ends": ends}))


def _sold_by(record: "AgreementRecord", market: str, world: "World") -> float:
    """Sales of the other members of an agreement in a market [musd/year]."""
    others = (member for member in record.members if member != market)
    sellers, b = map(world.region_index, others), world.region_index(market)
    return sum(float(world.trade[:, a, b].sum()) for a in sellers)


def _deadline(scenario: "Scenario") -> int:
    return int(next(iter(scenario.targets.values())).deadline)


def _free_name(taken: Mapping[str, object]) -> str:
    """A name that no entry has."""
    return next(name for k in range(len(taken) + 1) if (name := f"rise-{k}") not in taken)
