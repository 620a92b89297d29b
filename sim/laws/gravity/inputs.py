"""Check what the caller gave and make a `GravityProblem`; errors name argument and cell."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.laws.gravity.problem import CLOSURES, DEFICITS, GravityProblem
from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.fastmath import log_of

LABELS = {
    "log_cost": "trade_cost_change",
    "tariff_baseline": "tariff_rate_baseline",
    "tariff": "tariff_rate",
    "elasticity": "trade_elasticity",
    "log_productivity": "productivity_change",
}


@dataclass(frozen=True)
class GivenInputs:
    """Inputs of an equilibrium as they were given; see `sim.laws.gravity.equilibrium` for each."""

    trade: npt.ArrayLike
    trade_cost_change: npt.ArrayLike
    trade_elasticity: npt.ArrayLike
    supply_elasticity: npt.ArrayLike
    value_added_share: npt.ArrayLike | None
    input_share: npt.ArrayLike | None
    tariff_rate_baseline: npt.ArrayLike
    tariff_rate: npt.ArrayLike
    productivity_change: npt.ArrayLike
    deficits: str
    deficit: npt.ArrayLike | None
    final_share: npt.ArrayLike | str | None
    closure: str
    tolerance: float
    goods_axis: bool | None


def read_problem(given: GivenInputs) -> GravityProblem:
    """Check every input and lift it to the common axes; errors name the bad cell."""
    _check_choices(given)
    flows = _flows(given.trade)
    psi = _numbers("supply_elasticity", given.supply_elasticity, low=0.0, closed=True)
    goods = _has_goods_axis(given, flows, psi)
    n_goods, n_states = flows.shape[-3] if goods else 1, flows.shape[-1]
    share = _value_added_share(given, n_goods, n_states)

    lifted = _lifted(given, flows, psi, goods=goods)
    gain = np.log(_numbers("productivity_change", given.productivity_change, low=0.0))
    tails = {name: _tail(name, n_goods, n_states) for name in (*lifted, "log_productivity")}
    batch = _batch(lifted, tails, (), goods=goods)
    productivity = {"log_productivity": _lift_productivity(gain, goods, n_goods, batch)}
    batch = _batch(productivity, tails, batch, goods=goods)
    arrays: dict[str, Any] = {"deficit": None, "final_share": None}
    for name, value in (lifted | productivity).items():
        arrays[name] = _flatten(value, tails[name], batch)
    return GravityProblem(
        **arrays,
        has_cuts=_cut_off(arrays["trade"], arrays["log_cost"]),
        value_added_share=None if share is None else share[None],
        input_share=None if share is None else _input_share(given.input_share, share)[None],
        clip_final_demand=isinstance(given.final_share, str),
        deficits=given.deficits,
        closure=given.closure,
        tolerance=max(float(given.tolerance), (64 + 16 * n_states) * np.finfo(float).eps),
        batch=batch,
        goods_axis=goods,
    )


def _lifted(
    given: GivenInputs, flows: FloatArray, psi: FloatArray, *, goods: bool
) -> dict[str, FloatArray]:
    """Inputs with an axis of goods, productivity left out."""
    n_states = flows.shape[-1]
    lifted = {
        "trade": _lift_pair("trade", flows, goods),
        "log_cost": _log_cost(given.trade_cost_change, goods),
        "tariff_baseline": _tariff("tariff_baseline", given.tariff_rate_baseline, n_states, goods),
        "tariff": _tariff("tariff", given.tariff_rate, n_states, goods),
        "elasticity": _lift_elasticity(given.trade_elasticity, goods),
        "supply_elasticity": np.atleast_1d(psi),
    }
    if given.deficit is not None:
        lifted["deficit"] = np.atleast_1d(_numbers("deficit", given.deficit))
    if given.final_share is not None and not isinstance(given.final_share, str):
        shares = _numbers("final_share", given.final_share, low=0.0, closed=True)
        lifted["final_share"] = np.atleast_1d(shares)
    return lifted


def _flows(trade: npt.ArrayLike) -> FloatArray:
    flows = _numbers("trade", trade, low=0.0, closed=True)
    if flows.ndim < 2 or flows.shape[-1] != flows.shape[-2]:
        raise ValueError(
            f"trade has shape {flows.shape}; wanted (..., [good,] exporter, importer), square"
        )
    return flows


def _check_choices(given: GivenInputs) -> None:
    deficits, closure, final_share = given.deficits, given.closure, given.final_share
    for name, value, choices in (
        ("deficits", deficits, DEFICITS),
        ("closure", closure, CLOSURES),
    ):
        if value not in choices:
            raise ValueError(f"{name} is {value!r}; wanted one of {', '.join(choices)}")
    if given.deficit is not None and (deficits != "additive" or closure != "full"):
        raise ValueError(
            f"deficit sets new deficits, which needs deficits='additive' and closure='full'; "
            f"got deficits={deficits!r}, closure={closure!r}"
        )
    if isinstance(final_share, str) and final_share != "clipped":
        raise ValueError(f'final_share is {final_share!r}; wanted an array, None or "clipped"')
    if not 0 < given.tolerance < 1:
        raise ValueError(f"tolerance is {given.tolerance!r}; wanted a number between 0 and 1")


def _log_cost(value: npt.ArrayLike, goods: bool) -> FloatArray:
    ratio = _numbers("trade_cost_change", value, low=0.0, endless=True)
    return _lift_pair("log_cost", log_of(ratio), goods)


def _cut_off(trade: FloatArray, log_cost: FloatArray) -> bool:
    """Return True if any cost is infinite; an error if a buyer is left without any seller."""
    if log_cost.max() < np.inf:
        return False
    bought = (trade > 0).any(axis=-2)
    left = ((trade > 0) & np.isfinite(log_cost)).any(axis=-2)
    if (bought & ~left).any():
        run, good, state = (int(i) for i in np.argwhere(bought & ~left)[0])
        raise ValueError(
            f"trade_cost_change of run {run} is infinite for all from whom state {state} buys good "
            f"{good}; wanted one seller left, for instance its domestic sales on the diagonal"
        )
    return True


def _numbers(
    name: str,
    value: npt.ArrayLike,
    *,
    low: float = -np.inf,
    closed: bool = False,
    endless: bool = False,
) -> FloatArray:
    """A float array above `low`, finite unless `endless`, or an error naming the first bad cell."""
    try:
        given = np.asarray(value)
        array = given if given.dtype == np.float64 else given.real.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is not an array of numbers: {error}") from None
    if given.dtype.kind == "c":
        raise ValueError(f"{name} is complex; wanted real numbers")
    if array.size == 0:
        raise ValueError(f"{name} is empty, of shape {array.shape}")
    least, most = array.min(), array.max()
    if (least > low or (closed and least == low)) and (most < np.inf or endless):
        return array
    good = np.isfinite(array) | (endless & np.isposinf(array))
    good &= (array >= low) if closed else (array > low)
    spot = tuple(int(i) for i in np.argwhere(~good)[0])
    where = f"{name}[{', '.join(map(str, spot))}]" if spot else name
    bound = "" if low == -np.inf else f" {'>=' if closed else '>'} {low:g}"
    raise ValueError(f"{where} is {array[spot]}; wanted a finite number{bound}")


def _tariff(name: str, value: npt.ArrayLike, n_states: int, goods: bool) -> FloatArray:
    """A scalar rate falls on imports only; an array says itself what it taxes."""
    rate = _numbers(LABELS[name], value, low=-1.0)
    if rate.ndim == 0 and rate != 0:
        rate = np.where(np.eye(n_states, dtype=bool), 0.0, rate)
    return _lift_pair(name, rate, goods)


def _lift_elasticity(value: npt.ArrayLike, goods: bool) -> FloatArray:
    """(..., good); without a goods axis every axis is a run axis."""
    theta = _numbers("trade_elasticity", value, low=0.0)
    return theta if goods and theta.ndim > 0 else theta[..., None]


def _has_goods_axis(given: GivenInputs, flows: FloatArray, psi: FloatArray) -> bool:
    inputs_given = given.value_added_share is not None or given.input_share is not None
    upstream, goods_axis = bool((psi > 0).any()), given.goods_axis
    if goods_axis is None:
        goods_axis = inputs_given or (flows.ndim > 2 and not upstream)
    if goods_axis and flows.ndim < 3:
        raise ValueError(
            f"trade has shape {flows.shape} but goods are asked for; "
            "wanted (..., good, exporter, importer)"
        )
    if inputs_given and not goods_axis:
        raise ValueError("value_added_share and input_share need a goods axis in trade")
    if upstream and goods_axis:
        raise ValueError(
            "supply_elasticity belongs to the one-good form; with a goods axis give "
            "value_added_share and input_share (v = 1 / (1 + supply_elasticity))"
        )
    return goods_axis


def _lift_pair(name: str, array: FloatArray, goods: bool) -> FloatArray:
    if array.ndim == 1:
        taxed = "; either would tax domestic sales too, (n, n) says which flows"
        raise ValueError(
            f"{LABELS.get(name, name)} has shape {array.shape}, by exporter or by importer? "
            f"wanted (n, 1) or (1, n){taxed if name.startswith('tariff') else ''}"
        )
    if array.ndim == 0:
        return array.reshape(1, 1, 1)
    return array if goods else array[..., None, :, :]


def _lift_productivity(
    array: FloatArray, goods: bool, n_goods: int, batch: tuple[int, ...]
) -> FloatArray:
    """(state,), (good, state) or with run axes; two readings of one shape are refused."""
    if array.ndim < 2:
        return np.atleast_1d(array)
    if not goods:
        return array[..., None, :]
    if array.ndim > 2 or array.shape[0] == 1:
        return array
    by_good = array.shape[0] == n_goods
    by_run = batch == (array.shape[0],) or (not batch and not by_good)
    if by_good and by_run and n_goods > 1:
        raise ValueError(
            f"productivity_change has shape {array.shape}, which could be (good, state) or "
            f"(run, state); wanted (1, good, state) or (run, 1, state)"
        )
    if by_run and not by_good:
        return array[:, None, :]
    return array


def _value_added_share(given: GivenInputs, n_goods: int, n_states: int) -> FloatArray | None:
    value, input_share = given.value_added_share, given.input_share
    if value is None:
        if input_share is not None:
            raise ValueError("input_share is given without value_added_share")
        return None
    share = _numbers("value_added_share", value, low=0.0)
    try:
        share = np.array(np.broadcast_to(share, (n_goods, n_states)))
    except ValueError:
        raise ValueError(
            f"value_added_share has shape {share.shape}; wanted {(n_goods, n_states)}"
        ) from None
    if (share > 1).any():
        good, state = (int(i) for i in np.argwhere(share > 1)[0])
        raise ValueError(f"value_added_share[{good}, {state}] is {share[good, state]}; wanted <= 1")
    if (share == 1).all():
        return None
    if input_share is None and n_goods > 1:
        raise ValueError("value_added_share is below 1; wanted input_share too")
    return share


def _input_share(value: npt.ArrayLike | None, share: FloatArray) -> FloatArray:
    n_goods, n_states = share.shape
    array = _numbers("input_share", 1.0 if value is None else value, low=-1.0)
    if array.shape == (n_goods, n_goods):
        array = array[..., None]
    try:
        array = np.array(np.broadcast_to(array, (n_goods, n_goods, n_states)))
    except ValueError:
        raise ValueError(
            f"input_share has shape {array.shape}; wanted (material, good, state) = "
            f"{(n_goods, n_goods, n_states)}"
        ) from None
    total = array.sum(axis=0)
    wrong = (np.abs(total - 1) > 1e-6) & (share < 1)
    if wrong.any():
        good, state = (int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"input_share[:, {good}, {state}] sums to {total[good, state]}; wanted 1 over materials"
        )
    return array / np.where(total > 0, total, 1.0)


def _tail(name: str, n_goods: int, n_states: int) -> tuple[int, ...]:
    """Axes of an input after the run axes."""
    return {
        "elasticity": (n_goods,),
        "supply_elasticity": (n_states,),
        "deficit": (n_states,),
        "final_share": (n_goods, n_states),
        "log_productivity": (n_goods, n_states),
    }.get(name, (n_goods, n_states, n_states))


def _batch(
    lifted: dict[str, FloatArray],
    tails: dict[str, tuple[int, ...]],
    batch: tuple[int, ...],
    *,
    goods: bool,
) -> tuple[int, ...]:
    """Common leading axes of inputs, and those found so far; an input that does not fit is named.

    `tails` are the axes of each input after the run axes.
    """
    for name, array in lifted.items():
        tail, own = tails[name], array.shape
        if len(own) < len(tail):
            own = (1,) * (len(tail) - len(own)) + own
        lead = own[: len(own) - len(tail)]
        fits = own[len(lead) :] == tail or _stretches(own[len(lead) :], tail)
        try:
            # Most inputs have the axes of the one before; the array library is slow to say so.
            if fits and lead and lead != batch:
                batch = np.broadcast_shapes(batch, lead) if batch else lead
        except ValueError:
            fits = False
        if not fits:
            raise _misfit(name, array.shape, (*batch, *tail), goods=goods)
    return batch


def _stretches(own: tuple[int, ...], tail: tuple[int, ...]) -> bool:
    """True if axes broadcast to those that are wanted, of the same number."""
    return all(a in (1, t) for a, t in zip(own, tail, strict=True))


def _misfit(
    name: str, shape: tuple[int, ...], wanted: tuple[int, ...], *, goods: bool
) -> ValueError:
    """The error for an input that does not fit, in the axes the caller knows."""
    places = {"elasticity": 1, "final_share": 2, "log_productivity": 2}
    place = 0 if name in ("supply_elasticity", "deficit") else places.get(name, 3)
    if not goods and place:  # the axis of the single good is ours
        wanted = wanted[:-place] + wanted[len(wanted) - place + 1 :]
        if len(shape) >= place:
            shape = shape[:-place] + shape[len(shape) - place + 1 :]
    hint = "; run values are (runs, 1)" if name == "supply_elasticity" else ""
    if name == "elasticity" and goods:
        hint = "; with goods, run values are (runs, 1)"
    axes = "(runs..., good, ...)" if goods else "(runs..., ...)"
    return ValueError(
        f"{LABELS.get(name, name)} has shape {shape}; wanted a shape that broadcasts to "
        f"{wanted} as {axes}{hint}"
    )


def _flatten(array: FloatArray, tail: tuple[int, ...], batch: tuple[int, ...]) -> FloatArray:
    """(run, *tail) with the run axis of length 1 when the input is shared by all runs."""
    n_lead = array.ndim - len(tail)
    if n_lead < 0:
        array, n_lead = array.reshape((1,) * -n_lead + array.shape), 0
    lead, own = array.shape[:n_lead], array.shape[n_lead:]
    if len(tail) < 3 and own != tail:
        own = tail
        given, array = array, np.empty((*lead, *own))
        array[...] = given
    if lead != batch and lead.count(1) < n_lead:
        array = np.broadcast_to(array, (*batch, *own))
    return np.ascontiguousarray(array.reshape(-1, *own))
