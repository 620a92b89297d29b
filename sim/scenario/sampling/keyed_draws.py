"""Philox draws at many addresses in one compiled loop, the same bits as one generator at a time.

The array library sets a generator to an address in four microseconds, more than most draws take.
Its state lies at an address that it tells (`ctypes.state_address`), but how it lies there is not
promised: it is compared with the state that the library tells, and where they differ there is no
loop.
"""

import ctypes
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.jit import compiled

Words = NDArray[np.uint64]
NOTHING_LEFT = 4
"""Numbers of a buffer that are used up, when nothing is left of an earlier block of numbers."""


class RawState(NamedTuple):
    """Views of the state of a Philox generator."""

    counter: Words
    """(4,)."""
    key: Words
    """(2,)."""
    used: NDArray[np.int32]
    """(1,) numbers used of the last block of four."""


def raw_state(source: np.random.Philox) -> RawState | None:
    """Views of the state of a generator; None where the library keeps it otherwise."""
    start: int = source.ctypes.state_address
    pointers = np.ctypeslib.as_array((ctypes.c_uint64 * 2).from_address(start))
    told = source.state
    source.state = {**told, "state": {"counter": _COUNTER, "key": _KEY}, "buffer_pos": 3}
    found = [
        np.ctypeslib.as_array((kind * n).from_address(int(place)))
        for kind, n, place in (
            (ctypes.c_uint64, 4, pointers[0]),
            (ctypes.c_uint64, 2, pointers[1]),
            (ctypes.c_int32, 1, start + pointers.nbytes),
        )
    ]
    wanted = (_COUNTER, _KEY, np.array([3]))
    is_as_thought = all(map(np.array_equal, found, wanted))
    source.state = told
    return RawState(*found) if is_as_thought else None


_COUNTER = np.array([11, 12, 13, 14], dtype=np.uint64)
_KEY = np.array([21, 22], dtype=np.uint64)


@compiled
def draw_at(
    generator: np.random.Generator,
    state: RawState,
    runs: Words,
    stream: np.uint64,
    actors: Words,
    is_normal: bool,
    draws: FloatArray,
) -> None:
    """Draws into an array, (n_runs, n_actors, n), each row from its address: normal or [0, 1)."""
    for r in range(runs.size):
        for a in range(actors.size):
            _go_to(state, runs[r], stream, actors[a])
            if is_normal:
                for k in range(draws.shape[2]):
                    draws[r, a, k] = generator.standard_normal()
            else:
                for k in range(draws.shape[2]):
                    draws[r, a, k] = generator.random()


@compiled
def _go_to(state: RawState, run: np.uint64, stream: np.uint64, actor: np.uint64) -> None:
    """Set a generator to an address; the seed is in its key already."""
    state.key[1] = run
    state.counter[0] = 0
    state.counter[1] = 0
    state.counter[2] = stream
    state.counter[3] = actor
    state.used[0] = NOTHING_LEFT
