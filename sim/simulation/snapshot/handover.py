"""A snapshot taken up by another scenario of the same runs, in which all has been the same so far.

What differs is what may happen from then on: dates of agreements to come, and with them the flows
whose terms something can change, which are columns of some arrays.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.simulation.snapshot.adjustment_state import PastCosts
from sim.simulation.snapshot.agreement_status import NEVER, Treaties
from sim.simulation.snapshot.snapshot import Snapshot, TariffOutcome
from sim.simulation.snapshot.talks import Talks


def continued(
    start: Snapshot,
    first: Snapshot,
    phase_in_years: FloatArray,
) -> Snapshot:
    """Condition of the runs at a quarter, as a model of another scenario goes on from it.

    Parameters
    ----------
    start : Snapshot
        Condition at that quarter, from a model of the same runs, world and routes.
    first : Snapshot
        First snapshot of the model that is to go on, of whatever energy.
    phase_in_years : (n_agreements,) ndarray
        Annual steps of the slowest concession of each agreement [years].

    Returns
    -------
    Snapshot
        Agreements with dates keep their own, those that are negotiated stand as they do at the
        start; no cost of a flow that could not change so far has changed.

    Raises
    ------
    ValueError
        If the start is of other runs, routes, agents or firms, if something has changed on a flow
        that the model cannot change, or if an agreement that is negotiated is unknown to the start.
    """
    _check(start, first)
    to_cells = partial(moved_columns, columns=start.tariffs.place, to=first.tariffs.place)
    to_costs = partial(moved_columns, columns=start.adjustment.columns, to=first.adjustment.columns)
    past = PastCosts(*(tuple(map(to_costs, kept)) for kept in start.adjustment.past))
    treaties, talks = _negotiated(start, first)
    return replace(
        start,
        tariffs=TariffOutcome(first.tariffs.place, *map(to_cells, start.tariffs[1:])),
        adjustment=start.adjustment._replace(past=past, columns=first.adjustment.columns),
        treaties=treaties,
        talks=talks,
        stage=treaties.stage(start.quarter, phase_in_years),
    )


def moved_columns(values: FloatArray, columns: IndexArray, to: IndexArray) -> FloatArray:
    """Values of some columns on others; zero where there was no such column.

    Parameters
    ----------
    values : (n_runs, n_columns) ndarray
    columns, to : (n_columns,), (n_new,) ndarray
        Number of each column before and afterwards, no number twice.

    Raises
    ------
    ValueError
        If a column that goes is not zero.

    Examples
    --------
    >>> moved_columns(np.array([[1.0, 2.0]]), np.array([3, 7]), np.array([3, 5, 7]))
    array([[1., 0., 2.]])
    """
    if np.array_equal(columns, to):
        return values
    _, at, was = np.intersect1d(to, columns, assume_unique=True, return_indices=True)
    if np.delete(values, was, axis=1).any():
        raise ValueError("something has changed on flows whose terms this scenario cannot change")
    moved = np.zeros((len(values), len(to)))
    moved[:, at] = values[:, was]
    return moved


def _check(start: Snapshot, first: Snapshot) -> None:
    """Refuse a start that is no condition of the model's own runs and world."""
    parts = {
        "runs or regions": (start.trade, first.trade),
        "routes": (start.path_tonnes, first.path_tonnes),
        "pairs of regions": (start.stranded_tonnes, first.stranded_tonnes),
        "gates": (start.gate_tonnes, first.gate_tonnes),
    }
    firms = [s.adjustment.firms for s in (start, first)]
    if firms[0] is not None and firms[1] is not None:
        parts["firms"] = (firms[0].standing.entry, firms[1].standing.entry)
    for what, (was, wanted) in parts.items():
        if was.shape != wanted.shape:
            raise ValueError(f"the snapshot has other {what} than the model that takes it up")
    if [*map(type, start.carried)] != [*map(type, first.carried)]:
        raise ValueError("the snapshot has other agents than the model that takes it up")
    if (firms[0] is None) != (firms[1] is None):
        raise ValueError("the snapshot has other firms than the model that takes it up")


def _negotiated(start: Snapshot, first: Snapshot) -> tuple[Treaties, Talks]:
    """Agreements with their own dates, and those that are negotiated as far as they have come."""
    treaties, talks = first.treaties, first.talks
    signed, in_force = treaties.signed.copy(), treaties.in_force.copy()
    opened, pressure = talks.opened.copy(), talks.pressure.copy()
    for k in np.flatnonzero((treaties.in_force == NEVER).any(axis=0)).tolist():
        name = treaties.names[k]
        if name not in start.treaties.names:
            raise ValueError(f"agreements.{name} is negotiated: its runs have no later start")
        was = start.treaties.names.index(name)
        signed[:, k] = start.treaties.signed[:, was]
        in_force[:, k] = start.treaties.in_force[:, was]
        opened[:, k] = start.talks.opened[:, was]
        pressure[:, k] = start.talks.pressure[:, was]
    treaties = replace(treaties, signed=signed, in_force=in_force)
    return treaties, Talks(opened, pressure, start.talks.effort)
