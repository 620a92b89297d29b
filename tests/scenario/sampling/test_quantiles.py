"""Draws follow their distributions, stay inside their bounds, and keep to their own column."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from sim.scenario.blocks.scenario import UncertainInput
from sim.scenario.sampling.quantiles import draw_parameters, quantiles

EDGES = np.array([1e-12, 1e-6, 0.01, 0.25, 0.5, 0.75, 0.99, 1 - 1e-6, 1 - 1e-12])
NUMBERS = st.floats(-1e3, 1e3)
SPREADS = st.floats(1e-3, 1e2)
UNIFORMS = st.lists(
    st.floats(0, 1, exclude_min=True, exclude_max=True), min_size=1, max_size=20
).map(lambda values: np.sort(np.array(values)))


@dataclass(frozen=True)
class Default:
    value: float
    low: float | None
    high: float | None
    distribution: str


def given_as(**form: object) -> UncertainInput:
    return UncertainInput.model_validate(form)


@settings(max_examples=60)
@given(NUMBERS, st.floats(0, 1), st.floats(1e-2, 1e3))
def test_triangular_agrees_with_scipy(low: float, peak: float, width: float) -> None:
    mode, high = low + peak * width, low + width
    mode = min(mode, high)
    shape = min(max((mode - low) / (high - low), 0.0), 1.0)
    wanted = stats.triang.ppf(EDGES, shape, loc=low, scale=high - low)
    got = quantiles("triangular", (low, mode, high), EDGES)
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-7 * width)


@settings(max_examples=60)
@given(NUMBERS, SPREADS)
def test_uniform_and_normal_agree_with_scipy(middle: float, spread: float) -> None:
    uniform = quantiles("uniform", (middle, middle + spread), EDGES)
    np.testing.assert_allclose(
        uniform, stats.uniform.ppf(EDGES, middle, spread), rtol=1e-9, atol=1e-9
    )
    normal = quantiles("normal", (middle, spread), EDGES)
    np.testing.assert_allclose(
        normal, stats.norm.ppf(EDGES, middle, spread), rtol=1e-9, atol=1e-9 * spread
    )


@settings(max_examples=60)
@given(st.floats(1e-3, 1e3), st.floats(1e-2, 2.0))
def test_lognormal_agrees_with_scipy(median: float, log_sd: float) -> None:
    got = quantiles("lognormal", (median, log_sd), EDGES)
    np.testing.assert_allclose(got, stats.lognorm.ppf(EDGES, log_sd, scale=median), rtol=1e-9)


@settings(max_examples=60)
@given(NUMBERS, SPREADS, st.floats(-2, 1), st.floats(0.5, 3))
def test_a_cut_off_normal_agrees_with_scipy(
    mean: float, sd: float, from_sd: float, width_sd: float
) -> None:
    low, high = mean + from_sd * sd, mean + (from_sd + width_sd) * sd
    got = quantiles("normal", (mean, sd), EDGES, low=low, high=high)
    wanted = stats.truncnorm.ppf(EDGES, from_sd, from_sd + width_sd, loc=mean, scale=sd)
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-6 * sd)
    assert np.all((got >= low) & (got <= high))


@settings(max_examples=40)
@given(UNIFORMS)
def test_draws_rise_with_the_uniform_and_stay_inside(uniforms: NDArray[np.float64]) -> None:
    cases: list[tuple[str, tuple[float, ...], float, float]] = [
        ("triangular", (3.8, 5.0, 7.0), 3.8, 7.0),
        ("triangular", (1.0, 1.0, 2.0), 1.0, 2.0),
        ("triangular", (1.0, 2.0, 2.0), 1.0, 2.0),
        ("uniform", (0.006, 0.021), 0.006, 0.021),
        ("normal", (5.0, 2.0), 4.0, 9.0),
        ("lognormal", (5.0, 1.0), 0.0, 9.0),
    ]
    for form, numbers, low, high in cases:
        got = quantiles(form, numbers, uniforms, low=low, high=high)
        assert np.all((got >= low) & (got <= high))
        assert np.all(np.diff(got) >= 0)


def test_the_median_draw_is_the_median() -> None:
    half = np.array([0.5])
    assert quantiles("normal", (5.0, 2.0), half)[0] == pytest.approx(5.0)
    assert quantiles("lognormal", (5.0, 2.0), half)[0] == pytest.approx(5.0)
    assert quantiles("uniform", (1.0, 3.0), half)[0] == pytest.approx(2.0)
    assert quantiles("triangular", (1.0, 2.0, 3.0), half)[0] == pytest.approx(2.0)


def test_another_uncertain_parameter_moves_nobody_elses_draws() -> None:
    uniforms = np.random.default_rng(3).random((50, 3))
    defaults = {"a": 1.0, "b": 2.0, "c": 3.0}
    one = draw_parameters({"c": given_as(uniform=(0.0, 1.0))}, defaults, uniforms)
    two = draw_parameters(
        {"a": given_as(normal=(0.0, 1.0)), "c": given_as(uniform=(0.0, 1.0))}, defaults, uniforms
    )
    assert list(one) == ["a", "b", "c"]
    np.testing.assert_array_equal(one["c"], two["c"])
    np.testing.assert_array_equal(one["b"], np.full(50, 2.0))
    assert np.ptp(one["a"]) == 0.0 < np.ptp(two["a"])


def test_a_run_draws_the_same_alone_and_in_a_batch() -> None:
    uniforms = np.random.default_rng(4).random((7, 2))
    asked = {"a": given_as(lognormal=(5.0, 0.3)), "b": given_as(triangular=(1.0, 2.0, 4.0))}
    defaults: dict[str, float] = {"a": 0.0, "b": 0.0}
    batch = draw_parameters(asked, defaults, uniforms)
    for run in range(7):
        single = draw_parameters(asked, defaults, uniforms[run : run + 1])
        for name, values in batch.items():
            assert single[name][0] == values[run]


def test_the_worlds_own_distributions_are_used_unless_replaced() -> None:
    defaults = {
        "a": Default(5.0, 3.8, 7.0, "triangular"),
        "b": Default(0.5, 0.0, 1.0, "uniform"),
        "c": Default(9.0, None, None, "fixed"),
        "d": Default(5.0, 4.0, 6.0, "triangular"),
    }
    uniforms = np.random.default_rng(5).random((1000, 4))
    got = draw_parameters({"d": given_as(normal=(5.0, 10.0))}, defaults, uniforms)
    np.testing.assert_allclose(
        got["a"], stats.triang.ppf(uniforms[:, 0], 1.2 / 3.2, loc=3.8, scale=3.2)
    )
    np.testing.assert_allclose(got["b"], uniforms[:, 1])
    np.testing.assert_array_equal(got["c"], 9.0)
    assert np.all((got["d"] >= 4.0) & (got["d"] <= 6.0))
    assert stats.kstest(got["d"], "uniform", args=(4.0, 2.0)).statistic < 0.06


@pytest.mark.parametrize(
    ("uniforms", "words"),
    [
        (np.full((3, 1), 0.5), r"shape \(3, 1\); wanted \(n_runs, 2\)"),
        (np.full(2, 0.5), r"shape \(2,\)"),
        (np.array([[0.0, 0.5]]), "strictly between 0 and 1"),
        (np.array([[0.5, 1.0]]), "strictly between 0 and 1"),
        (np.array([[0.5, np.nan]]), "strictly between 0 and 1"),
    ],
)
def test_unfit_uniforms_are_refused(uniforms: NDArray[np.float64], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        draw_parameters({}, {"a": 1.0, "b": 2.0}, uniforms)


def test_a_parameter_that_the_world_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="no such parameter: z"):
        draw_parameters({"z": given_as(fixed=1.0)}, {"a": 1.0}, np.full((1, 1), 0.5))
    with pytest.raises(ValueError, match="'cauchy' is not a distribution"):
        quantiles("cauchy", (0.0,), np.full(1, 0.5))


def test_drawn_values_remember_which_were_used() -> None:
    drawn = draw_parameters({}, {"a": 1.0, "b": 2.0, "c": 3.0}, np.full((1, 3), 0.5))
    assert [*drawn.items()]
    assert drawn.used == set()
    assert drawn["a"] == 1.0
    assert drawn.get("c") == 3.0
    assert drawn.get("z", 7.0) == 7.0
    assert drawn.used == {"a", "c"}
    assert pickle.loads(pickle.dumps(drawn)).used == {"a", "c"}
