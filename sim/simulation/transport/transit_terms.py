"""Effects of agreements and finished projects on the paths through the network.

A transit agreement acts on cargo that a member buys or sells, at gates whose owners are members all
of them: there it cuts hours and fees. It opens links that need an agreement, on the routes and at
the ports it names; at those ports the members' cargo is spared the charge on foreign cargo. It
brings routes into use that were not: those of two members' cargo that it opens links on or whose
transit states are members all of them, and those of a member's cargo by a port it names in another
member, likewise. Where all states that a path crosses between its ends are members, their separate
tolls give way to a joint one. Where several agreements act, the largest cut holds; cuts do not
multiply.

Separate tolls on a line of `n` states stand at `n / (n + 1)` of the choke price and a joint one at
one half, so a joint toll is `(n + 1) / 2n` of the sum of the separate ones (Spengler 1950; linear
demand). `sim.laws.diplomacy.bargaining` has the line itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.simulation.transport.paths import PathTable

if TYPE_CHECKING:
    from sim.scenario.blocks.agreement_changes import AgreementChanges
    from sim.scenario.blocks.agreements import Agreement
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


TIR_HOURS_CUT, TIR_FEES_CUT = 0.3, 0.2
"""Assumption: of the hours at a road post three tenths are inspections that a TIR seal spares, of
the fees a fifth is the guarantee that the carnet gives. Convoys under TIR claim 70 to 80 % less
time door to door than reloading (NLC 2023), which is the opening of the route, not the seal."""


@dataclass(frozen=True, eq=False)
class PathTerms:
    """Costs of the paths under one set of agreements and projects, queues left out."""

    hours: FloatArray
    """(n_paths,) hours at gates, or (n_goods, n_paths) where some agreement cuts those of some
    goods alone [h]."""
    hours_ratio: FloatArray
    """The same over those without any agreement, one where there are none [1]."""
    usd: FloatArray
    """(n_paths,) all charges for a container [USD/FEU]."""
    fees_usd: FloatArray
    port_usd: FloatArray
    toll_usd: FloatArray
    """(n_paths,) of these: fees at gates, charges on foreign cargo at ports, tolls [USD/FEU]."""
    usable: BoolArray
    """(n_paths,) whether nothing keeps the pair's cargo off and its route is in use by now."""

    @property
    def mean_hours(self) -> FloatArray:
        """(n_paths,) hours at gates, a mean over goods where they differ [h]."""
        return np.asarray(self.hours if self.hours.ndim == 1 else self.hours.mean(axis=0))

    def differ(self, other: "PathTerms") -> BoolArray:
        """Paths that are not the same under other terms, (n_paths,)."""
        ratio = np.atleast_2d(self.hours_ratio != other.hours_ratio).any(axis=0)
        differs = ratio | (self.usd != other.usd)
        either = self.usable | other.usable
        return np.asarray((differs & either) | (self.usable != other.usable))


@dataclass(frozen=True, eq=False)
class _Effect:
    """Effects of one transit agreement while it is in force."""

    agreement: int
    served: BoolArray
    """(n_paths,) paths whose cargo a member buys or sells."""
    hours_cut: FloatArray
    """(n_gates,) share taken off hours, nothing at gates of others; (n_goods, 1, n_gates) where
    some agreement cuts those of some goods alone [1]."""
    fee_cut: FloatArray
    """(n_gates,) share taken off fees, nothing at gates of others [1]."""
    joint: BoolArray
    """(n_paths,) paths on which all tolls become one."""
    opened: BoolArray
    """(n_links,) links that it opens."""
    free_ports: BoolArray
    """(n_gates,) ports at which it spares the charge on foreign cargo."""
    offered: BoolArray
    """(n_paths,) paths that it brings into use if they are not."""


@dataclass(frozen=True, eq=False)
class Transit:
    """All that may act on the paths of a scenario; `terms` says what does at a time."""

    table: PathTable
    gate_hours: FloatArray
    gate_fees_usd: FloatArray
    """(n_gates,) hours [h] and fees [USD/FEU] on record."""
    port_charge_usd: FloatArray
    """(n_paths, n_gates) charge of each port on foreign cargo [USD/FEU]."""
    link_project: NDArray[np.intp]
    """(n_links,) project that builds a link, -1 where none does."""
    n_projects: int
    n_agreements: int
    goods_shape: tuple[int, ...]
    """(n_goods,) where some agreement cuts the hours of some goods alone, else ()."""
    effects: tuple[_Effect, ...]
    _known: dict[bytes, PathTerms] = field(default_factory=dict)

    @property
    def nothing(self) -> PathTerms:
        """Terms without any agreement or finished project."""
        return self.terms(
            np.zeros(self.n_agreements, np.bool_), np.zeros(self.n_projects, np.bool_)
        )

    def terms(self, in_force: BoolArray, finished: BoolArray) -> PathTerms:
        """Costs of the paths while some agreements are in force and some projects finished.

        Parameters
        ----------
        in_force : (n_agreements,) bool ndarray
            Which of the scenario's agreements are in force.
        finished : (n_projects,) bool ndarray
            Which of the world's projects are built.
        """
        active = tuple(e for e in self.effects if in_force[e.agreement])
        key = repr([e.agreement for e in active]).encode() + finished.tobytes()
        if key not in self._known:
            self._known[key] = self._made(active, finished)
        return self._known[key]

    @cached_property
    def _hours_on_record(self) -> FloatArray:
        """(n_paths,) hours at the gates of each path [h]."""
        return np.asarray((self.table.passes * self.gate_hours).sum(axis=1))

    def _made(self, active: Sequence[_Effect], finished: BoolArray) -> PathTerms:
        table = self.table
        shape = (*self.goods_shape, *table.passes.shape)
        hours_left, fees_left, charges_left = np.ones(shape), *np.ones((2, *table.passes.shape))
        toll_left = np.ones(table.n_paths)
        n_tolls = np.maximum(table.tolled.sum(axis=1), 1)
        # A finished project is open to all; an agreement opens to its members' cargo.
        waiting = (self.link_project >= 0) & ~np.append(finished, False)[self.link_project]
        locked = table.locked & ((self.link_project < 0) | waiting)
        in_use = table.use.in_use | table.use.by_line
        for effect in active:
            for left, cut in ((hours_left, effect.hours_cut), (fees_left, effect.fee_cut)):
                np.minimum(left, 1.0 - effect.served[:, None] * cut, out=left)
            charges_left[effect.served[:, None] & effect.free_ports] = 0.0
            toll_left[effect.joint] = ((n_tolls + 1) / (2 * n_tolls))[effect.joint]
            locked &= ~(effect.served[:, None] & effect.opened)
            in_use = in_use | effect.offered
        # Plain sums: a product of matrices rounds differently with the number of its threads.
        before = self._hours_on_record
        hours = (table.passes * hours_left * self.gate_hours).sum(axis=-1)
        fees = (table.passes * fees_left * self.gate_fees_usd).sum(axis=1)
        charges = (self.port_charge_usd * charges_left).sum(axis=1)
        tolls = table.toll_usd * toll_left
        return PathTerms(
            hours=hours,
            hours_ratio=np.divide(hours, before, out=np.ones_like(hours), where=before > 0),
            usd=table.usd + fees + charges + tolls,
            fees_usd=fees,
            port_usd=charges,
            toll_usd=tolls,
            usable=~locked.any(axis=1) & in_use,
        )


def transit(scenario: "Scenario | None", world: "World", table: PathTable) -> Transit:
    """Compile what the agreements of a scenario, if any, may do to the paths.

    Parameters
    ----------
    scenario : Scenario or None
    world : World
    table : PathTable
        Paths of the pairs in question.
    """
    agreements = [] if scenario is None else [*scenario.agreements.values()]
    cuts = [cut for agreement in agreements for cut in agreement.changes.hours_cuts]
    goods = world.goods if any(cut.goods != "all" for cut in cuts) else ()
    return Transit(
        table=table,
        gate_hours=np.array([gate.border_hours for gate in world.gates]),
        gate_fees_usd=np.array([gate.fee_usd_per_feu for gate in world.gates]),
        port_charge_usd=_port_charges(world, table),
        link_project=world.network.project,
        n_projects=len(world.network.projects),
        n_agreements=len(agreements),
        goods_shape=(len(goods),) if goods else (),
        effects=tuple(
            _effect(number, agreement, world, table, goods)
            for number, agreement in enumerate(agreements)
            if agreement.changes.acts_on_routes
        ),
    )


def _effect(
    number: int, agreement: "Agreement", world: "World", table: PathTable, goods: Sequence[str]
) -> _Effect:
    changes = agreement.changes
    member = np.array([code in agreement.members for code in world.regions])
    served = np.asarray(member[table.pairs].any(axis=1))[table.pair]
    owners = _owners(world)
    inside = owners.any(axis=1) & ~(owners & ~member).any(axis=1)
    ports = np.array([gate.gate in changes.access.ports for gate in world.gates], dtype=np.bool_)
    tir = np.array([changes.is_sealed and gate.kind == "border-post" for gate in world.gates])
    within = ~(table.tolled & ~member).any(axis=1)
    joint = served & within & changes.has_joint_toll
    opened = _opened(world, changes.access.routes, ports)
    offered = _offered(table, owners, member, ports & inside, within, opened)
    return _Effect(
        agreement=number,
        served=served,
        hours_cut=inside * (1.0 - (1.0 - _cut(changes, goods)) * (1.0 - TIR_HOURS_CUT * tir)),
        fee_cut=inside * (1.0 - (1.0 - changes.fee_cut) * (1.0 - TIR_FEES_CUT * tir)),
        joint=joint,
        opened=opened,
        free_ports=ports & inside,
        offered=offered & changes.grants_passage,
    )


def _cut(changes: "AgreementChanges", goods: Sequence[str]) -> FloatArray:
    """Largest share taken off the hours at borders, (n_goods, 1, 1), or of one number [1]."""
    if not goods:
        return np.asarray(max((cut.share for cut in changes.hours_cuts), default=0.0))
    shares = [cut.by_good(goods) for cut in changes.hours_cuts] or [(0.0,) * len(goods)]
    return np.asarray(np.max(shares, axis=0)[:, None, None])


def _offered(
    table: PathTable,
    owners: BoolArray,
    member: BoolArray,
    ports: BoolArray,
    within: BoolArray,
    opened: BoolArray,
) -> BoolArray:
    """Paths that an agreement brings into use, (n_paths,)."""
    ends = table.pairs[table.pair]
    mutual = member[ends].all(axis=1)
    opens = (table.locked & opened).any(axis=1)
    passed = (table.passes > 0) & ports & ~owners[:, ends].any(axis=2).T
    abroad = member[ends].any(axis=1) & within & passed.any(axis=1)
    return np.asarray((mutual & (within | opens)) | abroad)


def _opened(world: "World", routes: Sequence[str], ports: BoolArray) -> BoolArray:
    """Links of named routes and at named ports that an agreement can open, not those to build."""
    network = world.network
    named = np.zeros(len(network.links), dtype=np.bool_)
    for route, links in network.corridor_links:
        if route in routes:
            named[list(links)] = True
    at_port = np.append(ports, False)[network.gate]
    named |= at_port[network.tail] | at_port[network.head]
    needs = np.array([status == "needs-agreement" for status in network.status], dtype=np.bool_)
    return named & needs


def _port_charges(world: "World", table: PathTable) -> FloatArray:
    """Charge of every port on the cargo of other regions, by path and gate [USD/FEU]."""
    network = world.network
    charge = np.zeros((table.n_paths, len(world.gates)))
    owners = _owners(world)
    for port in network.port_terms:
        gate = network.gate[port.node]
        if gate < 0 or port.transit_charge_usd_per_feu is None:
            continue
        foreign = ~owners[gate][table.pairs].any(axis=1)
        passing = (table.passes[:, gate] > 0) & foreign[table.pair]
        charge[passing, gate] = port.transit_charge_usd_per_feu
    return charge


def _owners(world: "World") -> BoolArray:
    """Regions that each gate belongs to, (n_gates, n_regions)."""
    owned = np.zeros((len(world.gates), len(world.regions)), dtype=np.bool_)
    for number, gate in enumerate(world.gates):
        owned[number] = [code in gate.owners for code in world.regions]
    return owned
