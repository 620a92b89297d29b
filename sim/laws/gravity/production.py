"""Many goods that are inputs of each other: wages, prices and spending found together.

    ln c[s,i]          = v ln w[i] + (1 - v) sum_k g[k,s,i] ln P[k,i] - ln A[s,i]
    P[s,j]^(-theta)    = sum_i phi[s,i,j] c[s,i]^(-theta)
    E[s,j]             = alpha[s,j] F[j] + sum_k (1 - v[k,j]) g[s,k,j] Y[k,j]
    F[j]               = w[j] L[j] + R[j] + D[j]
    w[j] L[j]          = sum_s v[s,j] Y[s,j]          Y from the shares and E

One round of these, read from right to left with the wage equation damped, is a map whose
fixed point is the equilibrium; Anderson's mixing of the last rounds speeds it. All in logs.
Where it does not arrive, the change is made to grow from nothing, step by step. The map of one
run is iterated on its own. Axes s, k goods, i exporter, j importer.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.laws.gravity.accounts import Accounts, new_deficit
from sim.laws.gravity.exchange import weights
from sim.laws.gravity.problem import GravityProblem
from sim.laws.numerics.arrays import FloatArray
from sim.laws.solve_errors import SolveError

MEMORY, MAX_ROUNDS = 12, 3_000
WORSE = 3.0  # mixing restarts when the residual grows by this factor
LAST_STOP = 0.999  # share of the change from which the whole is tried again
SHORTEST_STEP = 1e-3  # of the change; below, the search for an answer is given up
WALKING_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Economy:
    """One run of the input-output system."""

    gross: FloatArray
    net: FloatArray
    column_shift: FloatArray
    elasticity: FloatArray
    log_productivity: FloatArray
    value_added_share: FloatArray
    input_weight: FloatArray
    """(material, good, state) g (1 - v)."""
    final_share: FloatArray
    value_added: FloatArray
    output: float
    """World output, the numeraire."""
    transfer: FloatArray
    additive: bool
    bought: npt.NDArray[np.bool_]
    """(good, state) where the state buys the good."""
    damping: FloatArray


@dataclass(frozen=True)
class Round:
    """One pass through the equations: what came out, and what it implies."""

    log_wage: FloatArray
    log_price: FloatArray
    log_spending: FloatArray
    log_cost: FloatArray
    clearing: float
    """Largest relative gap between wage bills paid and earned."""
    final: FloatArray
    world_scale: float

    def stacked(self) -> FloatArray:
        """All unknowns as one vector."""
        return np.concatenate([self.log_wage, self.log_price.ravel(), self.log_spending.ravel()])


def economy(problem: GravityProblem, accounts: Accounts) -> Economy:
    """The system of a problem of a single run."""
    if problem.value_added_share is None or problem.input_share is None:
        raise ValueError("an economy without inputs has no production to solve")
    gross, net, shift = weights(problem, accounts)
    additive = problem.deficits == "additive"
    output = accounts.output.sum(axis=1)
    if additive:
        transfer = new_deficit(problem, accounts)
    else:
        earned = output + accounts.revenue
        transfer = (earned + accounts.deficit) / np.where(earned > 0, earned, 1.0)
    sold = accounts.output[0]
    total = np.where(output[0] > 0, output[0], 1.0)
    mean_elasticity = (problem.elasticity[0][:, None] * sold).sum(axis=0) / total
    return Economy(
        gross=gross[0],
        net=net[0],
        column_shift=np.broadcast_to(shift, (1, *gross.shape[1:3]))[0],
        elasticity=problem.elasticity[0][:, None],
        log_productivity=np.broadcast_to(problem.log_productivity[0], sold.shape),
        value_added_share=problem.value_added_share[0],
        input_weight=(problem.input_share * (1 - problem.value_added_share)[:, None])[0],
        final_share=accounts.final_share[0],
        value_added=accounts.value_added[0],
        output=float(output.sum()),
        transfer=transfer[0],
        additive=additive,
        bought=accounts.spending[0] > 0,
        damping=1 / (1 + mean_elasticity),
    )


def unchanged_economy(system: Economy, accounts: Accounts) -> FloatArray:
    """Unknowns of the baseline, as one vector."""
    n_goods, n_states = system.final_share.shape
    with np.errstate(divide="ignore"):
        spending = np.where(system.bought, np.log(accounts.spending[0]), 0.0)
    return np.concatenate([np.zeros(n_states * (1 + n_goods)), spending.ravel()])


def one_round(system: Economy, z: FloatArray) -> Round:
    """Pass the unknowns (log wages, prices, spending) once through the equations."""
    n_goods, n_states = system.final_share.shape
    log_wage = z[:n_states]
    log_price = z[n_states : n_states * (1 + n_goods)].reshape(n_goods, n_states)
    spending = np.where(
        system.bought, np.exp(z[n_states * (1 + n_goods) :].reshape(n_goods, -1)), 0
    )
    log_cost = (
        system.value_added_share * log_wage
        + np.einsum("ksi,ki->si", system.input_weight, log_price)
        - system.log_productivity
    )
    power = np.exp(-system.elasticity * log_cost)
    price_power = (power[:, None] @ system.gross)[:, 0] + ~system.bought
    kept = (power[:, None] @ system.net)[:, 0] / price_power
    sales = power * (system.net @ (spending / price_power)[..., None])[..., 0]
    scale = system.output / sales.sum()
    wages = system.value_added * np.exp(log_wage)
    earned = (system.value_added_share * sales).sum(axis=0)
    income = wages + (spending * (1 - kept)).sum(axis=0)
    turnover = income - wages + sales.sum(axis=0)
    world_scale = 1.0
    if system.additive:
        final = income + system.transfer
    else:
        world_scale = float(turnover.sum() / (system.transfer * turnover).sum())
        final = income + (world_scale * system.transfer - 1) * turnover
    demanded = system.final_share * final + np.einsum("ksj,sj->kj", system.input_weight, sales)
    works = system.value_added > 0
    ratio = np.divide(earned, wages, out=np.ones_like(wages), where=works)
    with np.errstate(invalid="ignore", divide="ignore"):
        log_spending = np.where(system.bought, np.log(np.where(system.bought, demanded, 1.0)), 0.0)
        move = np.log(ratio)
    shift = np.log(scale)
    return Round(
        log_wage=np.where(works, log_wage + system.damping * move + shift, 0.0),
        log_price=system.column_shift
        - np.log(price_power) / system.elasticity
        + np.where(system.bought, shift, 0.0),
        log_spending=log_spending + np.where(system.bought, shift, 0.0),
        log_cost=log_cost + shift,
        clearing=float(np.abs(ratio - 1).max()),
        final=final * scale,
        world_scale=world_scale,
    )


def solve_economy(system: Economy, start: FloatArray, tolerance: float) -> tuple[Round, float, int]:
    """Fixed point of the round: the last round, its residual and the number of rounds.

    Raises
    ------
    SolveError
        If residual or market clearing stay above the tolerance, with the states furthest off.
    """
    z = start
    steps: list[FloatArray] = []
    moves: list[FloatArray] = []
    previous: tuple[FloatArray, FloatArray] | None = None
    best = np.inf
    for n_rounds in range(MAX_ROUNDS):
        with np.errstate(all="ignore"):  # what overflows on the way is not finite and is left
            now = one_round(system, z)
            move = now.stacked() - z
            residual = float(np.abs(move).max())
        if residual <= tolerance and now.clearing <= tolerance:
            return now, residual, n_rounds
        if not np.isfinite(residual):
            if previous is None or not steps:
                break
            z, steps, moves = previous[0] + previous[1], [], []
            previous = None
            continue
        if previous is not None and residual < WORSE * best:
            steps = [*steps, z - previous[0]][-MEMORY:]
            moves = [*moves, move - previous[1]][-MEMORY:]
        else:
            steps, moves = [], []
        best = min(best, residual) if steps else residual
        previous = (z, move)
        z = z + _mixed(move, steps, moves)
    raise _failure(now, residual, tolerance, n_rounds + 1)


def walked(
    problem: GravityProblem, accounts: Accounts, z: FloatArray, error: SolveError
) -> tuple[FloatArray, int]:
    """Unknowns near the answer, found by letting the change grow from nothing in steps.

    A step that is too long is halved; where no step helps, the error of the whole change stands.
    """
    done, step, n_rounds = 0.0, 0.5, 0
    while done < LAST_STOP:
        goal = min(done + step, LAST_STOP)
        try:
            now, _, n_more = solve_economy(
                economy(_eased(problem, accounts, goal), accounts), z, WALKING_TOLERANCE
            )
        except SolveError:
            step /= 2
            if step < SHORTEST_STEP:
                raise error from None
            continue
        z, done, step = now.stacked(), goal, 1.5 * step
        n_rounds += n_more
    return z, n_rounds


def _eased(problem: GravityProblem, accounts: Accounts, share: float) -> GravityProblem:
    """The same question with a share of the change: of costs in logs, of deficits in value."""
    deficit = problem.deficit
    if deficit is not None:
        deficit = accounts.deficit + share * (deficit - accounts.deficit)
    return problem.eased(share, deficit)


def _mixed(move: FloatArray, steps: list[FloatArray], moves: list[FloatArray]) -> FloatArray:
    """The next step: the plain one, less what the last rounds can explain of it."""
    if not steps:
        return move
    seen = np.array(moves)
    normal = seen @ seen.T
    normal[np.diag_indices_from(normal)] *= 1 + 1e-13
    weight = np.linalg.lstsq(normal, seen @ move, rcond=1e-14)[0]
    taken: FloatArray = move - weight @ (np.array(steps) + seen)
    return taken


def _failure(now: Round, residual: float, tolerance: float, n_rounds: int) -> SolveError:
    spent = np.nan_to_num(now.final, nan=-np.inf)
    worst = tuple(int(i) for i in np.argsort(spent, kind="stable")[:5])
    broke = [i for i in worst if spent[i] < 0]
    reason = f"; state {broke[0]} would have to spend less than nothing" if broke else ""
    return SolveError(
        f"no equilibrium after {n_rounds} rounds: residual {residual:.3g} and clearing gap "
        f"{now.clearing:.3g}, wanted {tolerance:.3g}{reason}",
        states=tuple(broke) or worst,
        residual=residual,
    )
