"""Uncertain inputs from uniform draws, by the inverse of their distribution function.

Pure functions of the uniforms: the same uniforms give the same values, and column `k` of the
uniforms always belongs to the `k`-th parameter of the world, so a scenario that makes one more
parameter uncertain moves nobody else's draws. With `u = 0.5` everywhere each parameter takes the
median of its distribution.

Inverses, with `u` in (0, 1), lowest `a`, mode `m`, highest `b`, standard normal quantile `z(u)`:

- triangular: `a + sqrt(u (b-a)(m-a))` up to `u = (m-a)/(b-a)`, then `b - sqrt((1-u)(b-a)(b-m))`
- uniform: `a + u (b-a)`
- normal: `mean + sd z(u)`; lognormal: `median exp(log_sd z(u))`

Normal and lognormal are cut off at the parameter's own bounds where it has any (`u` is first
mapped to the part of (0, 1) inside them), so that no draw leaves them.
"""

import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from scipy.special import ndtr, ndtri

from sim.laws.numerics.arrays import FloatArray
from sim.scenario.blocks.distributions import UncertainInput


class ParameterDefault(Protocol):
    """A number of the world with its own distribution."""

    @property
    def value(self) -> float:
        """Most likely value."""

    @property
    def low(self) -> float | None:
        """Lowest plausible value, if known."""

    @property
    def high(self) -> float | None:
        """Highest plausible value, if known."""

    @property
    def distribution(self) -> str:
        """`triangular`, `uniform` or `fixed`."""


class ParameterDraws(dict[str, FloatArray]):
    """Values of parameters by name, which remembers the names that were asked for.

    A rule that is switched off, or that nothing in a scenario calls on, asks for none of its
    parameters: what a reader is told of the numbers behind a result can leave them out.
    """

    def __init__(self, values: Mapping[str, FloatArray]) -> None:
        super().__init__(values)
        self.used: set[str] = set()

    def __getitem__(self, name: str) -> FloatArray:
        value = super().__getitem__(name)
        self.used.add(name)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """Value of a parameter, or the default if there is none."""
        try:
            return self[name]
        except KeyError:
            return default


def draw_parameters(
    uncertainty: Mapping[str, UncertainInput],
    defaults: Mapping[str, "float | ParameterDefault"],
    uniforms: FloatArray,
) -> ParameterDraws:
    """Values of every parameter in every run.

    Parameters
    ----------
    uncertainty : mapping of str to UncertainInput
        Distributions of the scenario; they replace those of the world.
    defaults : mapping of str to float or ParameterDefault
        All parameters of the world, in a fixed order. A plain number is the same in every run.
    uniforms : (n_runs, n_parameters) float
        Draws in (0, 1); column k belongs to the k-th of `defaults`.

    Returns
    -------
    Drawn of str to (n_runs,) float
        In the order of `defaults`, in each parameter's unit.

    Raises
    ------
    ValueError
        If the uniforms have another number of columns, or leave (0, 1), or if `uncertainty`
        names a parameter that the world does not have.

    Examples
    --------
    >>> wide = UncertainInput.model_validate({"uniform": (1.0, 3.0)})
    >>> draw_parameters({"a": wide}, {"a": 2.0, "b": 7.0}, np.array([[0.25, 0.9]]))
    {'a': array([1.5]), 'b': array([7.])}
    """
    if uniforms.ndim != 2 or uniforms.shape[1] != len(defaults):
        wanted = f"(n_runs, {len(defaults)})"
        raise ValueError(f"uniforms have the shape {uniforms.shape}; wanted {wanted}")
    if not np.all((uniforms > 0.0) & (uniforms < 1.0)):
        raise ValueError("uniforms must lie strictly between 0 and 1")
    strangers = sorted(set(uncertainty) - set(defaults))
    if strangers:
        raise ValueError(f"no such parameter: {', '.join(strangers)}")
    return ParameterDraws(
        {
            name: _drawn(uncertainty.get(name), default, uniforms[:, column])
            for column, (name, default) in enumerate(defaults.items())
        }
    )


def quantiles(
    form: str,
    numbers: tuple[float, ...],
    uniforms: FloatArray,
    *,
    low: float = -math.inf,
    high: float = math.inf,
) -> FloatArray:
    """Values of a distribution at given probabilities.

    Parameters
    ----------
    form : str
        `triangular`, `uniform`, `normal`, `lognormal` or `fixed`.
    numbers : tuple of float
        As they are written in a scenario.
    uniforms : (n_runs,) float
        Probabilities in (0, 1).
    low, high : float
        Where a normal or lognormal distribution is cut off; the others have their own bounds.

    Returns
    -------
    (n_runs,) float
    """
    if form == "fixed":
        return np.full(uniforms.shape, numbers[0])
    if form == "uniform":
        return numbers[0] + uniforms * (numbers[1] - numbers[0])
    if form == "triangular":
        return _triangular(numbers, uniforms)
    if form == "normal":
        return np.clip(_normal(numbers[0], numbers[1], uniforms, low, high), low, high)
    if form == "lognormal":
        median, spread = numbers
        least, most = (math.log(edge) if edge > 0 else -math.inf for edge in (low, high))
        return np.clip(np.exp(_normal(math.log(median), spread, uniforms, least, most)), low, high)
    raise ValueError(f"{form!r} is not a distribution")


def _drawn(
    given: UncertainInput | None, default: "float | ParameterDefault", uniforms: FloatArray
) -> FloatArray:
    if isinstance(default, int | float):
        form, numbers = ("fixed", (float(default),)) if given is None else _parts(given)
        return quantiles(form, numbers, uniforms)
    low = -math.inf if default.low is None else default.low
    high = math.inf if default.high is None else default.high
    form, numbers = _own(default) if given is None else _parts(given)
    return quantiles(form, numbers, uniforms, low=low, high=high)


def _parts(given: UncertainInput) -> tuple[str, tuple[float, ...]]:
    return given.form, given.numbers


def _own(default: ParameterDefault) -> tuple[str, tuple[float, ...]]:
    """The world's own distribution of a parameter."""
    low, high = default.low, default.high
    if default.distribution == "fixed" or low is None or high is None or low == high:
        return "fixed", (default.value,)
    if default.distribution == "uniform":
        return "uniform", (low, high)
    if default.distribution == "triangular":
        return "triangular", (low, default.value, high)
    raise ValueError(f"{default.distribution!r} is not a distribution of a parameter")


def _triangular(numbers: tuple[float, ...], uniforms: FloatArray) -> FloatArray:
    low, mode, high = numbers
    width = high - low
    rising = low + np.sqrt(uniforms * width * (mode - low))
    falling = high - np.sqrt((1.0 - uniforms) * width * (high - mode))
    return np.where(uniforms * width <= mode - low, rising, falling)


def _normal(mean: float, sd: float, uniforms: FloatArray, low: float, high: float) -> FloatArray:
    """Normal quantiles between two edges; plain ones if the edges are infinite."""
    below, above = (float(ndtr((edge - mean) / sd)) for edge in (low, high))
    inside: FloatArray = mean + sd * ndtri(below + uniforms * (above - below))
    return inside
