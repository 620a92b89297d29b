"""Laws of the random numbers: a number depends on its address and on nothing else."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import stats

from sim.scenario.sampling.keyed_draws import raw_state
from sim.scenario.sampling.random_streams import Streams, address

SEEDS = st.integers(0, 2**64 - 1)
RUNS = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=5, unique=True)
NAMES = st.lists(st.text(max_size=8), min_size=1, max_size=5, unique=True)
KINDS = ["uniform", "normal"]


def draw(kind: str, seed: int, runs: list[int], stream: str, actors: list[str], n: int) -> object:
    return getattr(Streams(seed, runs), kind)(stream, actors, n)


@pytest.mark.parametrize("kind", KINDS)
@given(seed=SEEDS, runs=RUNS, actors=NAMES, stream=st.text(max_size=8), data=st.data())
@settings(max_examples=30)
def test_a_number_depends_on_its_address_alone(kind, seed, runs, actors, stream, data) -> None:
    block = draw(kind, seed, runs, stream, actors, 5)
    mixed_runs = data.draw(st.permutations(runs))
    mixed_actors = data.draw(st.permutations(actors))
    mixed = draw(kind, seed, mixed_runs, stream, mixed_actors, 5)
    for r, run in enumerate(runs):
        for a, actor in enumerate(actors):
            alone = draw(kind, seed, [run], stream, [actor], 5)[0, 0]
            assert_array_equal(block[r, a], alone)
            assert_array_equal(mixed[mixed_runs.index(run), mixed_actors.index(actor)], alone)


@pytest.mark.parametrize("kind", KINDS)
@given(seed=SEEDS, n=st.integers(0, 40), more=st.integers(0, 40))
@settings(max_examples=30)
def test_a_longer_horizon_keeps_the_numbers_of_a_shorter_one(kind, seed, n, more) -> None:
    short = draw(kind, seed, [0, 1], "growth", ["A", "B"], n)
    long = draw(kind, seed, [0, 1], "growth", ["A", "B"], n + more)
    assert_array_equal(long[..., :n], short)


def test_numbers_do_not_depend_on_what_was_drawn_before() -> None:
    streams = Streams(11, [0, 1])
    first = streams.uniform("one", ["A"], 3)
    streams.normal("two", ["B", "A"], 7)
    streams.uniform("three", ["A"], 1)
    assert_array_equal(streams.uniform("one", ["A"], 3), first)


def test_blocks_of_runs_put_side_by_side_are_the_whole() -> None:
    whole = Streams(5, range(10)).normal("growth", ["A", "B", "C"], 4)
    blocks = [
        Streams(5, part).normal("growth", ["A", "B", "C"], 4) for part in (range(3), range(3, 10))
    ]
    assert_array_equal(np.concatenate(blocks), whole)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "other",
    [
        (2, [7], "growth", ["A"]),
        (1, [8], "growth", ["A"]),
        (1, [7], "closures", ["A"]),
        (1, [7], "growth", ["B"]),
        (7, [1], "growth", ["A"]),
        (1, [7], "A", ["growth"]),
        (1 + 2**32, [7], "growth", ["A"]),
        (1, [7 + 2**32], "growth", ["A"]),
    ],
    ids=["seed", "run", "stream", "actor", "seed-run", "stream-actor", "high-seed", "high-run"],
)
def test_another_address_is_another_number(kind, other) -> None:
    here = draw(kind, 1, [7], "growth", ["A"], 64)
    there = draw(kind, *other, 64)
    assert not np.any(here == there)


def test_all_addresses_of_a_large_block_give_different_numbers() -> None:
    block = Streams(3, range(200)).uniform("growth", [f"actor {k}" for k in range(20)], 5)
    assert len(np.unique(block)) == block.size


def test_numbers_are_the_same_in_every_process() -> None:
    code = (
        "from sim.scenario.sampling.random_streams import Streams; "
        "print(Streams(4, [2]).normal('g', ['A'], 2).tolist())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(Streams(4, [2]).normal("g", ["A"], 2).tolist())


@pytest.mark.parametrize(("kind", "method"), [("uniform", "random"), ("normal", "standard_normal")])
def test_numbers_stand_where_philox_counts_to(kind: str, method: str) -> None:
    """The address is the key and the upper half of the counter of a fresh Philox generator."""
    counter = np.array([0, 0, address(f"{method}:growth"), address("A")], dtype=np.uint64)
    fresh = np.random.Generator(
        np.random.Philox(counter=counter, key=np.array([9, 4], dtype=np.uint64))
    )
    assert_array_equal(draw(kind, 9, [4], "growth", ["A"], 6)[0, 0], getattr(fresh, method)(6))


def test_a_uniform_and_a_normal_of_one_name_share_nothing() -> None:
    """From the same words, a normal's size would rise and fall with the uniform."""
    runs, actors = list(range(1_000)), [f"actor {k}" for k in range(20)]
    uniform = draw("uniform", 5, runs, "growth", actors, 1).ravel()
    normal = draw("normal", 5, runs, "growth", actors, 1).ravel()
    for one in (uniform, np.abs(uniform - 0.5)):
        for other in (normal, np.abs(normal)):
            assert abs(stats.spearmanr(one, other).statistic) < 4 / np.sqrt(uniform.size)


@pytest.mark.parametrize("kind", KINDS)
def test_the_loop_draws_what_a_generator_at_every_address_draws(kind, monkeypatch) -> None:
    """Long enough for the tails of the normal law, which are drawn in another manner."""
    runs, actors = [*range(500), 2**64 - 1], ["A", "B", ""]
    loop = Streams(2**64 - 1, runs)
    assert loop._raw is not None
    fast = getattr(loop, kind)("growth", actors, 200)
    monkeypatch.setattr("sim.scenario.sampling.random_streams.raw_state", lambda _: None)
    slow = Streams(2**64 - 1, runs)
    assert slow._raw is None
    assert_array_equal(fast, getattr(slow, kind)("growth", actors, 200))
    if kind == "normal":
        assert np.abs(fast).max() > 4.0  # beyond the layers of the law


def test_the_views_are_the_state_of_the_generator_and_leave_it_as_it_was() -> None:
    source = np.random.Philox(key=3, counter=7)
    source.random_raw(5)
    before = str(source.state)
    state = raw_state(source)
    assert state is not None
    assert str(source.state) == before
    state.counter[2], state.key[1], state.used[0] = 5, 6, 2
    told = source.state
    assert (told["state"]["counter"][2], told["state"]["key"][1], told["buffer_pos"]) == (5, 6, 2)


def test_a_state_that_lies_otherwise_is_not_touched() -> None:
    class Elsewhere:
        """A generator whose state the library keeps in another order."""

        def __init__(self) -> None:
            self.source, self.other = np.random.Philox(key=3), np.random.Philox(key=4)
            self.ctypes = self.other.ctypes

        @property
        def state(self):
            return self.source.state

        @state.setter
        def state(self, state) -> None:
            self.source.state = state

    assert raw_state(Elsewhere()) is None


@given(SEEDS, st.integers(0, 2**64 - 1))
@settings(max_examples=40)
def test_uniforms_lie_strictly_between_nothing_and_one(seed: int, run: int) -> None:
    uniforms = Streams(seed, [run]).uniform("u", ["A"], 500)
    assert uniforms.min() > 0.0
    assert uniforms.max() < 1.0


def test_a_draw_of_exactly_nothing_is_lifted_off_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        def random(self, out: np.ndarray) -> None:
            out[...] = 0.0

    monkeypatch.setattr(Streams, "_at", lambda *_: Nothing())
    monkeypatch.setattr("sim.scenario.sampling.random_streams.raw_state", lambda _: None)
    uniforms = Streams(1, [0]).uniform("u", ["A"], 3)
    assert np.all(uniforms == 2.0**-54)
    assert np.all(np.isfinite(stats.norm.ppf(uniforms)))


@pytest.mark.parametrize(("kind", "law"), [("uniform", "uniform"), ("normal", "norm")])
def test_draws_follow_their_distribution_along_runs_actors_and_time(kind: str, law: str) -> None:
    runs, actors = list(range(2_000)), [f"actor {k}" for k in range(10)]
    block = draw(kind, 20221118, runs, "growth", actors, 10)
    assert stats.kstest(block.ravel(), law).pvalue > 0.01
    for line in (block[:, 0, 0], block[:, 3, 9], block[:, :, 5].ravel()):
        assert stats.kstest(line, law).pvalue > 0.001


@pytest.mark.parametrize("kind", KINDS)
def test_neighbours_are_not_correlated(kind: str) -> None:
    actors = [f"actor {k}" for k in range(20)]
    block = draw(kind, 20221118, list(range(1_000)), "growth", actors, 20)
    other_stream = draw(kind, 20221118, list(range(1_000)), "closures", actors, 20)
    other_seed = draw(kind, 20221119, list(range(1_000)), "growth", actors, 20)
    pairs = {
        "runs": (block[:-1], block[1:]),
        "actors": (block[:, :-1], block[:, 1:]),
        "time": (block[..., :-1], block[..., 1:]),
        "streams": (block, other_stream),
        "seeds": (block, other_seed),
    }
    for name, (one, other) in pairs.items():
        correlation = np.corrcoef(one.ravel(), other.ravel())[0, 1]
        assert abs(correlation) < 4 / np.sqrt(one.size), name


def test_each_shape_is_runs_by_actors_by_draws() -> None:
    streams = Streams(1, range(3))
    assert streams.uniform("u", ["A", "B"], 4).shape == (3, 2, 4)
    assert streams.normal("u", [], 4).shape == (3, 0, 4)
    assert Streams(1, []).uniform("u", ["A"], 4).shape == (0, 1, 4)


@pytest.mark.parametrize(("seed", "run"), [(-1, 0), (2**64, 0), (0, -1), (0, 2**64)])
def test_a_seed_or_run_that_does_not_fit_its_word_is_refused(seed: int, run: int) -> None:
    with pytest.raises(OverflowError):
        Streams(seed, [run]).uniform("u", ["A"], 1)
