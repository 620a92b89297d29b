"""What the plain twin of negotiations knows before it starts: the same in all runs.

Who trades what, who belongs where, when reforms are done and who refuses a joint toll, worked out
from scenario and world in plain Python without a line of the model proper.
"""

import math
from fractions import Fraction
from typing import NamedTuple

from tests.twins.toll_twin import plain_bargain

NEVER = 40_000


class Seen(NamedTuple):
    """What everybody sees in one quarter of one run."""

    quarter: int
    trade: dict
    """What the two of each target trade, both ways, by pair [musd]."""
    gate_open: list
    """Part of the quarter in which each gate is open [1]."""


class Reform(NamedTuple):
    """A reform that raises a State's capacity."""

    done: int
    """First quarter in which it works."""
    place: int
    what: str
    change: float


class Facts:
    """What is the same in all runs: who trades what, who belongs where, what agreements hold.

    Parameters
    ----------
    scenario, world
        What is asked, accessions included, and what is.
    gains : callable
        What a negotiated agreement is expected to bring, by its name.
    """

    def __init__(self, scenario, world, gains):
        self.scenario, self.world, self.rules = scenario, world, scenario.behaviour
        self.place = {code: k for k, code in enumerate(world.regions)}
        total = world.trade.sum(axis=0) + world.energy_trade
        n = len(total)
        self.flow = [[0.0 if i == j else float(total[i, j]) for j in range(n)] for i in range(n)]
        self.bought = [sum(row[k] for row in self.flow) for k in range(n)]
        self.shares = [self._partner_shares(k) for k in range(n)]
        self.targets = [
            (*self.places(t.pair), float(t.trade_musd)) for t in scenario.targets.values()
        ]
        self.agreements = scenario.agreements
        self.members = {name: set(self.places(a.members)) for name, a in self.agreements.items()}
        self.routes = {name: list(self._routes(a)) for name, a in self.agreements.items()}
        self.gains = {name: gains(name) for name, a in self.agreements.items() if is_open(a)}
        self.refused = {name for name in self.gains if is_refused(self.agreements[name], world)}
        self.reforms = [
            Reform(done, self.place[step.state], step.measure, step.change)
            for step, done in zip(
                scenario.reforms.steps.values(), reform_dates(scenario.reforms), strict=True
            )
        ]
        products = sorted(
            float(law * works)
            for law, works in zip(
                world.politics.rule_of_law, world.politics.infrastructure, strict=True
            )
        )
        half = n // 2
        self.usual_capacity = products[half] if n % 2 else sum(products[half - 1 : half + 1]) / 2
        self.on_record = self._deals_on_record()

    def places(self, codes):
        """Numbers of regions."""
        return [self.place[code] for code in codes]

    def _partner_shares(self, place):
        trade = [own + row[place] for own, row in zip(self.flow[place], self.flow, strict=True)]
        return [t / sum(trade) for t in trade]

    def _routes(self, agreement):
        """Pair and gates of the routes that an agreement depends on."""
        members, gates = set(agreement.members), [gate.gate for gate in self.world.gates]
        for route in self.world.corridors:
            needs = {*route.ends, *(route.transit if agreement.kind == "transit" else ())}
            if route.status != "planned" and needs <= members:
                yield frozenset(route.ends), [gates.index(gate) for gate in route.gates]

    def _deals_on_record(self):
        """First quarter, first quarter no more, and members of deals made since the base year."""
        deals = []
        for record in self.world.agreements:
            if record.kind in ("unilateral", "transit") or not record.in_force:
                continue
            if int(record.in_force[:4]) > self.world.base_year:
                over = quarter_of(record.ended) if record.ended else NEVER
                deals.append((quarter_of(record.in_force), over, self.places(record.members)))
        return deals

    def capacity(self, place, quarter):
        """Rule of law times infrastructure of a State, by the reforms that work in a quarter."""
        politics = self.world.politics
        rating = {
            "rule_of_law": float(politics.rule_of_law[place]),
            "infrastructure": float(politics.infrastructure[place]),
        }
        for reform in self.reforms:
            if reform.place == place and reform.done <= quarter and reform.what in rating:
                rating[reform.what] += reform.change * (1 - rating[reform.what])
        return rating["rule_of_law"] * rating["infrastructure"]

    def closeness(self, members):
        """How close the institutions that all members share make them."""
        politics, apart = self.world.politics, 1.0
        for k, tie in enumerate(politics.ties.tolist()):
            counts = self.rules.disputed_institutions or not politics.disputed[k]
            if counts and all(politics.belongs[m, k] for m in members):
                apart *= 1 - tie
        return 1 - apart

    def seen(self, snapshot, run):
        """What one run of a snapshot of the model proper shows."""
        trade = {}
        for i, j, _ in self.targets:
            trade[i, j] = sum(
                (
                    sum(float(good[a, b]) for good in snapshot.trade[run])
                    + float(snapshot.energy_trade[run, a, b])
                )
                * float(snapshot.known_factor[run, a, b])
                for a, b in ((i, j), (j, i))
            )
        return Seen(snapshot.quarter, trade, snapshot.gate_open_share[run].tolist())


def is_open(agreement):
    """Whether it is negotiated rather than dated."""
    return agreement.timeline.in_force is None


def is_refused(agreement, world):
    """Whether a State on the way earns more by a toll of its own than by the joint one."""
    tolled = agreement.kind == "transit" and agreement.joint_toll
    return tolled and plain_bargain(agreement, world).is_refused


def quarter_of(date):
    """Quarter of a date that may be cut short."""
    return 4 * int(date[:4]) + (int(date[5:7] or 1) - 1) // 3


def reform_dates(reforms):
    """First quarter in which each reform works, in the order in which they are listed.

    Each State pays quarter by quarter, what it has begun first coming first, then the cheapest;
    sums are exact.
    """
    steps, names, dates = list(reforms.steps.values()), list(reforms.steps), {}
    for state in {step.state for step in steps}:
        own = [k for k, step in enumerate(steps) if step.state == state]
        own.sort(key=lambda k: (int(steps[k].start), steps[k].cost_musd, names[k]))
        mine = [(int(steps[k].start), k) for k in own]
        owed = {k: Fraction(str(steps[k].cost_musd)) for k in own}
        budget, quarter = reforms.budget_musd.get(state), mine[0][0]
        while owed:
            purse = sum(owed.values()) if budget is None else Fraction(str(budget)) / 4
            for start, k in mine:
                if k in owed and start <= quarter:
                    paid = min(purse, owed[k])
                    purse, owed[k] = purse - paid, owed[k] - paid
                    if not owed[k]:
                        del owed[k]
                        time = math.ceil(start + 4 * Fraction(str(steps[k].duration_years)))
                        # Money that comes over a quarter is there at its end.
                        dates[k] = max(time, quarter + (budget is not None))
            quarter += 1
    return [dates[k] for k in range(len(steps))]
