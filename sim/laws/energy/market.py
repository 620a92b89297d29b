"""The tables of a market put together, agreeing on nodes, carriers and runs."""

from dataclasses import dataclass

import numpy as np

from sim.laws.energy.arcs import Arcs, Contracts
from sim.laws.energy.supply_demand import Demand, Supply
from sim.laws.numerics.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Market:
    """The four tables together, their size and their runs."""

    supply: Supply
    demand: Demand
    arcs: Arcs
    contracts: Contracts
    n_carriers: int
    n_nodes: int
    n_runs: int | None
    """None where no column has a run axis."""

    def spread(self, column: FloatArray) -> FloatArray:
        """A copy of a column as (k, R), contiguous."""
        answer = np.empty((column.shape[-1], self.n_runs or 1), dtype=column.dtype)
        answer[:] = column.T if column.ndim > 1 else column[:, None]
        return answer

    def row(self, carrier: IntArray, node: IntArray) -> IntArray:
        """Row of a carrier at a node."""
        return np.asarray(carrier * self.n_nodes + node)

    @property
    def n_rows(self) -> int:
        """Rows of carriers at nodes, without loops."""
        return self.n_carriers * self.n_nodes

    @property
    def outside(self) -> IntArray:
        """Contracts delivered from outside the market."""
        return np.flatnonzero(self.contracts.arc < 0)

    @property
    def carried(self) -> IntArray:
        """Contracts carried over an arc."""
        return np.flatnonzero(self.contracts.arc >= 0)


def market_of(
    supply: Supply,
    demand: Demand,
    arcs: Arcs,
    contracts: Contracts | None,
    n_carriers: int | None,
    n_nodes: int | None,
) -> Market:
    """Put the tables together and check that they agree on nodes, carriers and runs."""
    if contracts is None:
        nobody = np.zeros(0, dtype=np.int64)
        contracts = Contracts(nobody, np.zeros(0), np.zeros(0))
    node_columns = {
        "supply.node": supply.node,
        "demand.node": demand.node,
        "arcs.tail": arcs.tail,
        "arcs.head": arcs.head,
        "contracts.buyer": contracts.buyer,
    }
    carrier_columns = {
        "supply.carrier": supply.carrier,
        "demand.carrier": demand.carrier,
        "arcs.carrier": arcs.carrier,
        "arcs.carrier_out": arcs.carrier_out,
        "contracts.carrier": contracts.carrier,
    }
    nodes = _count("n_nodes", n_nodes, node_columns)
    carriers = _count("n_carriers", n_carriers, carrier_columns)
    _check_carried(arcs, contracts)
    return Market(
        supply, demand, arcs, contracts, carriers, nodes, _n_runs(supply, demand, arcs, contracts)
    )


def _count(name: str, stated: int | None, columns: dict[str, IntArray]) -> int:
    needed = 1 + max((int(c.max()) for c in columns.values() if c.size), default=0)
    if stated is None:
        return needed
    for where, column in columns.items():
        beyond = np.flatnonzero(column >= stated)
        if beyond.size:
            k = beyond[0]
            raise ValueError(f"{where}[{k}]: {column[k]} came; wanted less than {name} = {stated}")
    return stated


def _check_carried(arcs: Arcs, contracts: Contracts) -> None:
    for k in np.flatnonzero(contracts.arc >= 0):
        a = int(contracts.arc[k])
        if a >= arcs.n_arcs:
            raise ValueError(f"contracts.arc[{k}]: {a} came; wanted less than {arcs.n_arcs} arcs")
        if arcs.two_way[a]:
            raise ValueError(f"contracts.arc[{k}]: arc {a} runs both ways; wanted a one-way arc")
        if np.any(arcs.slope[..., a] > 0):
            raise ValueError(f"contracts.arc[{k}]: arc {a} has a slope; wanted a cost alone")
        if arcs.head[a] != contracts.buyer[k]:
            raise ValueError(
                f"contracts.arc[{k}]: arc {a} ends at node {arcs.head[a]}; "
                f"wanted the buyer's node {contracts.buyer[k]}"
            )


def _n_runs(*tables: object) -> int | None:
    n_runs: int | None = None
    first = ""
    for table in tables:
        for name, column in vars(table).items():
            if column.ndim < 2 or column.shape[0] == n_runs:
                continue
            where = f"{type(table).__name__.lower()}.{name}"
            if n_runs is not None:
                raise ValueError(f"{where}: {column.shape[0]} runs came; {first} has {n_runs}")
            n_runs, first = column.shape[0], where
    return n_runs
