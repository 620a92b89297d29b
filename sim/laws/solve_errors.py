"""Failures a law can name: an equilibrium that was not found is never returned."""


class SolveError(RuntimeError):
    """An equilibrium was not reached; the message gives the numbers.

    Parameters
    ----------
    message : str
        What was asked, how close the solver came, what is wanted.
    runs : tuple of int
        Positions of the failing runs on the flattened run axis; empty for a single run.
    states : tuple of int
        Positions of the states furthest from equilibrium, worst first.
    residual : float
        The residual that was reached [1].
    """

    def __init__(
        self,
        message: str,
        *,
        runs: tuple[int, ...] = (),
        states: tuple[int, ...] = (),
        residual: float = float("nan"),
    ) -> None:
        super().__init__(message)
        self.runs = runs
        self.states = states
        self.residual = residual
