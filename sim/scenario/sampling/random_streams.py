"""Random numbers by key, not in turn.

Every number has an address: seed, run, stream (what it is for), actor (whose it is). The generator
at an address is Philox with the seed and the run as its key and the stream and the actor in its
counter (Salmon and others 2011), so a number depends on its address alone. Two scenarios with one
seed share their draws; another actor, stream, batch size or worker moves nobody's numbers.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.scenario.sampling.keyed_draws import draw_at, raw_state


def address(name: str) -> int:
    """64-bit number that stands for a stream's or an actor's name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


class Streams:
    """Arrays of draws for a block of runs.

    Parameters
    ----------
    seed : int
        Seed of the study, 0 to 2**64 - 1.
    runs : sequence of int
        Numbers of the runs in this block.
    """

    def __init__(self, seed: int, runs: Sequence[int]) -> None:
        self.seed = seed
        self.runs = tuple(runs)
        self._source = np.random.Philox(key=0)
        self._generator = np.random.Generator(self._source)
        self._counter = np.zeros(4, dtype=np.uint64)
        self._key = np.array([seed, 0], dtype=np.uint64)
        self._raw = raw_state(self._source)
        self._state: Any = {
            "bit_generator": "Philox",
            "state": {"counter": self._counter, "key": self._key},
            "buffer": np.zeros(4, dtype=np.uint64),
            "buffer_pos": 4,  # nothing is left of an earlier block of numbers
            "has_uint32": 0,
            "uinteger": 0,
        }

    def _at(self, run: int, stream: int, actor: int) -> np.random.Generator:
        # Setting the state costs a tenth of building a generator again.
        self._key[1] = run
        self._counter[:] = (0, 0, stream, actor)
        self._source.state = self._state
        return self._generator

    def uniform(self, stream: str, actors: Sequence[str], n: int) -> FloatArray:
        """Draws in (0, 1), shape `(n_runs, n_actors, n)`."""
        return self._draw("random", stream, actors, n)

    def normal(self, stream: str, actors: Sequence[str], n: int) -> FloatArray:
        """Standard normal draws, shape `(n_runs, n_actors, n)`."""
        return self._draw("standard_normal", stream, actors, n)

    def _draw(self, kind: str, stream: str, actors: Sequence[str], n: int) -> FloatArray:
        draws = np.empty((len(self.runs), len(actors), n))
        where = address(f"{kind}:{stream}")
        who = [address(actor) for actor in actors]
        if self._raw is not None:
            self._raw.key[0] = self.seed
            runs, actor_words = (np.array(each, dtype=np.uint64) for each in (self.runs, who))
            is_normal = kind == "standard_normal"
            draw_at(
                self._generator, self._raw, runs, np.uint64(where), actor_words, is_normal, draws
            )
        else:
            self._draw_slowly(kind, where, who, draws)
        if kind == "random":
            # The generator may return an exact 0, which inverse distributions cannot use.
            np.maximum(draws, 2.0**-54, out=draws)
        return draws

    def _draw_slowly(
        self, kind: str, stream: int, actors: Sequence[int], draws: FloatArray
    ) -> None:
        """Draw as the loop does, through what the array library promises."""
        for r, run in enumerate(self.runs):
            for a, actor in enumerate(actors):
                getattr(self._at(run, stream, actor), kind)(out=draws[r, a])
