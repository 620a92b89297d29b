"""From a checked problem to settled flows: the three closures, in blocks of runs and states.

Runs are taken in blocks that fit the cache. States that share no trade, directly or through
others, have no common price level: each such group is settled by itself and keeps its own
world output. So it is with states that endless costs cut off from all others.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.laws.gravity.accounts import Accounts, baseline_accounts
from sim.laws.gravity.components import groups, links
from sim.laws.gravity.cost_powers import flows_of
from sim.laws.gravity.exchange import balancing, exchange, weights
from sim.laws.gravity.newton import solve
from sim.laws.gravity.problem import GravityProblem
from sim.laws.gravity.production import economy, solve_economy, unchanged_economy, walked
from sim.laws.gravity.solution import ClosureSolution, Equilibrium, no_inverse
from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.solve_errors import SolveError


class StartingPoint(NamedTuple):
    """Starting point of a search."""

    x: FloatArray
    """(run, unknown)."""
    inverse: FloatArray | None
    """(run, state, state) inverse derivative of an earlier search."""


BLOCK = 128  # runs at a time: fewer calls than at 64, and still within the shared cache


def settle(
    problem: GravityProblem, accounts: Accounts, start: Equilibrium | None
) -> ClosureSolution:
    """Settled flows of every run, found by the closure of the problem."""
    if problem.closure == "direct":
        return _direct(problem, accounts)
    group = _groups(problem, accounts)
    pieces = []
    for runs in _blocks(problem, group):
        part, own = problem, accounts
        if runs.stop - runs.start < problem.n_runs:
            part = problem.take_runs(runs)
            own = baseline_accounts(part)
        try:
            guess = _guess(problem, part, start, runs)
            pieces.append(_by_group(part, own, guess, group[min(runs.start, len(group) - 1)]))
        except SolveError as error:
            raise _located(error, runs, problem) from None
    return pieces[0] if len(pieces) == 1 else _joined(pieces)


def _groups(problem: GravityProblem, accounts: Accounts) -> IndexArray:
    """Groups of linked states, (run, state): the baseline's where nothing is cut off."""
    if problem.has_cuts:
        return groups(links(problem))
    known: IndexArray = accounts.further.of("groups", lambda: groups(links(problem)))
    return known


def _joined(pieces: list[ClosureSolution]) -> ClosureSolution:
    values = {}
    for field in fields(ClosureSolution):
        values[field.name] = np.concatenate([getattr(piece, field.name) for piece in pieces])
    return ClosureSolution(**values)


def _blocks(problem: GravityProblem, group: IndexArray) -> Iterator[slice]:
    """Runs that can be solved together: of the same groups of states, and not too many."""
    one_by_one = problem.input_share is not None
    size = 1 if one_by_one else BLOCK
    if len(group) > 1 and (group != group[0]).any():
        size = 1
    for first in range(0, problem.n_runs, size):
        yield slice(first, min(first + size, problem.n_runs))


def _by_group(
    problem: GravityProblem, accounts: Accounts, start: StartingPoint | None, group: IndexArray
) -> ClosureSolution:
    """Settled flows of runs whose states stand in the same groups, (state,)."""
    if (group == group[0]).all():
        return _settle_linked(problem, accounts, start)
    n_runs, n_goods, n_states = problem.n_runs, problem.trade.shape[1], group.size
    zeros = np.zeros((n_runs, n_goods, n_states))
    whole = ClosureSolution(
        trade=np.zeros((n_runs, n_goods, n_states, n_states)),
        log_cost=zeros.copy(),
        log_price=zeros.copy(),
        wages=np.zeros((n_runs, n_states)),
        spending=zeros.copy(),
        world_scale=np.ones((n_runs, n_states)),
        residual=np.zeros(n_runs),
        n_iterations=np.zeros(n_runs, dtype=np.int64),
        inverse=no_inverse(n_runs, n_states),
    )
    for number in np.unique(group):
        states = np.flatnonzero(group == number)
        part = problem.take_states(states)
        if not (part.trade > 0).any():
            if part.deficit is not None and (part.deficit != 0).any():
                raise ValueError(f"deficit[{states[0]}] is not zero but the state trades nothing")
            continue
        try:
            settled = _settle_linked(part, accounts.take_states(states), None)
        except SolveError as error:
            raise SolveError(
                f"{error} (numbered within the linked states {states.tolist()})",
                runs=error.runs,
                states=tuple(int(states[i]) for i in error.states),
                residual=error.residual,
            ) from None
        whole = _placed(whole, settled, states)
    return whole


def _placed(
    whole: ClosureSolution, part: ClosureSolution, states: npt.NDArray[np.intp]
) -> ClosureSolution:
    whole.trade[..., states[:, None], states] = part.trade
    for name in ("log_cost", "log_price", "wages", "spending", "world_scale"):
        getattr(whole, name)[..., states] = getattr(part, name)
    return replace(
        whole,
        residual=np.maximum(whole.residual, part.residual),
        n_iterations=np.maximum(whole.n_iterations, part.n_iterations),
    )


def _settle_linked(
    problem: GravityProblem, accounts: Accounts, start: StartingPoint | None
) -> ClosureSolution:
    if problem.closure == "conditional":
        return _conditional(problem, accounts)
    if problem.input_share is not None:
        return _produced(problem, accounts, None if start is None else start.x)
    system = exchange(problem, accounts)
    if start is None:
        start = StartingPoint(np.zeros((problem.n_runs, problem.n_states)), None)
    found = solve(system, start.x, start.inverse)
    at = found.at
    scale = at.log_scale[:, None, None]
    spending = system.final_share * at.final[:, None]
    trade = flows_of(system.net, at.cost_power, spending / at.price_power)
    if problem.deficits == "multiplicative":
        spending = spending / at.world_scale[:, None, None]
        trade = trade / at.world_scale[:, None, None, None]
    log_price = system.column_shift - np.log(at.price_power) / system.elasticity[..., None]
    works = (at.income > 0)[:, None]
    log_cost = found.x[:, None] - system.log_productivity + scale
    damping = 1 / (1 + system.elasticity.min(axis=1))
    return ClosureSolution(
        trade=trade,
        log_cost=np.where(works, log_cost, 0.0),
        log_price=np.where(system.empty > 0, 0.0, log_price + scale),
        wages=at.income,
        spending=spending,
        world_scale=at.world_scale[:, None] * np.ones(problem.n_states),
        residual=damping * np.abs(at.excess).max(axis=-1),
        n_iterations=found.n_iterations,
        inverse=found.inverse,
    )


def _produced(
    problem: GravityProblem, accounts: Accounts, start: FloatArray | None
) -> ClosureSolution:
    system = economy(problem, accounts)
    n_states = problem.n_states
    unchanged = unchanged_economy(system, accounts)
    try:
        first = unchanged if start is None else start[0]
        now, residual, n_rounds = solve_economy(system, first, problem.tolerance / 2)
    except SolveError as error:
        nearby, n_before = walked(problem, accounts, unchanged, error)
        now, residual, n_rounds = solve_economy(system, nearby, problem.tolerance / 2)
        n_rounds += n_before
    spending = np.where(system.bought, np.exp(now.log_spending), 0.0)
    power = np.exp(-system.elasticity * now.log_cost)
    price_power = (power[:, None] @ system.gross)[:, 0] + ~system.bought
    trade = system.net * power[..., None] * (spending / price_power)[:, None]
    if problem.deficits == "multiplicative":
        spending, trade = spending / now.world_scale, trade / now.world_scale
    return ClosureSolution(
        trade=trade[None],
        log_cost=now.log_cost[None],
        log_price=now.log_price[None],
        wages=(system.value_added * np.exp(now.log_wage))[None],
        spending=spending[None],
        world_scale=np.full((1, n_states), now.world_scale),
        residual=np.array([residual]),
        n_iterations=np.array([n_rounds], dtype=np.int64),
        inverse=no_inverse(1, n_states),
    )


def _conditional(problem: GravityProblem, accounts: Accounts) -> ClosureSolution:
    system = balancing(problem, accounts)
    n_goods, n_states = problem.trade.shape[1], problem.n_states
    pairs = max(system.gross.shape[0], system.income.shape[0])
    found = solve(system, np.zeros((pairs, n_states)))
    at = found.at

    def unstack(array: FloatArray) -> FloatArray:
        return array.reshape(-1, n_goods, *array.shape[1:])

    spending = system.transfer[:, None]
    trade = unstack(flows_of(system.net, at.cost_power, spending / at.price_power)[:, 0])
    elasticity = problem.elasticity[..., None]
    log_cost = unstack(found.x) / elasticity
    total = accounts.output.sum(axis=-1, keepdims=True)
    level = (accounts.output * log_cost).sum(axis=-1, keepdims=True)
    log_cost = log_cost - level / np.where(total > 0, total, 1.0)
    gross, _, shift = weights(problem, accounts)
    price_power = (np.exp(-elasticity * log_cost)[..., None, :] @ gross)[..., 0, :]
    empty = accounts.spending == 0
    log_price = np.where(empty, 0.0, shift - np.log(price_power + empty) / elasticity)
    residual = np.abs(unstack(at.excess)).max(axis=(1, 2)) / (1 + problem.elasticity.min(axis=1))
    return ClosureSolution(
        trade=trade,
        log_cost=np.where(accounts.output > 0, log_cost, 0.0),
        log_price=log_price,
        wages=accounts.value_added,
        spending=problem.with_duty(trade).sum(axis=-2),
        world_scale=np.ones((1, n_states)),
        residual=residual,
        n_iterations=found.n_iterations.reshape(-1, n_goods).max(axis=1),
        inverse=no_inverse(1, n_states),
    )


def _direct(problem: GravityProblem, accounts: Accounts) -> ClosureSolution:
    factor = problem.duty_change
    wedge = problem.log_cost + np.log(factor)
    trade = problem.trade * np.exp(-problem.elasticity[..., None, None] * wedge) / factor
    zeros = np.zeros((1, *accounts.output.shape[1:]))
    return ClosureSolution(
        trade=trade,
        log_cost=zeros,
        log_price=zeros,
        wages=accounts.value_added,
        spending=problem.with_duty(trade).sum(axis=-2),
        world_scale=np.ones((1, problem.n_states)),
        residual=np.zeros(1),
        n_iterations=np.zeros(1, dtype=np.int64),
        inverse=no_inverse(1, problem.n_states),
    )


def _guess(
    problem: GravityProblem, part: GravityProblem, start: Equilibrium | None, runs: slice
) -> StartingPoint | None:
    """First guess from an earlier equilibrium, in the unknowns of the closure."""
    if start is None:
        return None
    n_runs, n_goods = problem.n_runs, part.trade.shape[1]

    def rows(array: FloatArray, *tail: int) -> FloatArray:
        try:
            full = np.broadcast_to(array, (*problem.batch, *tail))
        except ValueError:
            raise ValueError(
                f"start has changes of shape {array.shape}; wanted {(*problem.batch, *tail)}"
            ) from None
        return np.log(full.reshape(n_runs, *tail)[runs])

    n_states = part.n_states
    log_wage = rows(start.wage_change, n_states)
    if part.input_share is None and not part.supply_elasticity.any():
        return StartingPoint(log_wage, start.inverse.reshape(n_runs, n_states, n_states)[runs])
    good = (n_goods,) if problem.goods_axis else ()
    log_price = rows(start.price_index_change, *good, n_states).reshape(-1, n_goods, n_states)
    if part.input_share is None:
        psi = part.supply_elasticity
        inverse = start.inverse.reshape(n_runs, n_states, n_states)[runs]
        return StartingPoint((log_wage + psi * log_price[:, 0]) / (1 + psi), inverse)
    spent = baseline_accounts(part).spending
    log_spending = rows(start.expenditure_change, *good, n_states)
    log_spending = log_spending + np.log(np.where(spent > 0, spent, 1.0))
    pieces = [log_wage, log_price, log_spending]
    return StartingPoint(
        np.concatenate([piece.reshape(log_wage.shape[0], -1) for piece in pieces], axis=1), None
    )


def _located(error: SolveError, runs: slice, problem: GravityProblem) -> SolveError:
    """The error with run numbers of the whole batch."""
    if not problem.batch:
        return error
    numbers = tuple(runs.start + run for run in (error.runs or (0,)))
    return SolveError(
        f"runs {', '.join(map(str, numbers))} of the batch: {error}",
        runs=numbers,
        states=error.states,
        residual=error.residual,
    )
