"""Progress on standard error: a bar on a terminal, nothing elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sim.cli.terminal import noted


@contextmanager
def progress(
    total: int, n_done: int = 0, *, with_pace: bool = False
) -> Iterator[Callable[[int], None]]:
    """Show the runs that are done, the time left and, if wanted, runs a second.

    Yields
    ------
    callable
        Takes the number of runs that have been done since it was called last.
    """
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Pace(ProgressColumn):
        """Runs a second."""

        def render(self, task: Task) -> Text:
            return Text(pace_in_words(task.speed or 0.0))

    screen = Console(stderr=True)
    with Progress(
        *Progress.get_default_columns()[:2],
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} runs"),
        *([Pace()] if with_pace else []),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
        speed_estimate_period=120.0 if with_pace else 30.0,
    ) as bar:
        task = bar.add_task("simulating", total=total, completed=n_done)
        yield noted(lambda n: bar.advance(task, n))


def pace_in_words(runs_per_second: float) -> str:
    """Runs a second; of slow ones a digit that is not 0.

    Examples
    --------
    >>> pace_in_words(1234.5), pace_in_words(2.34), pace_in_words(0.05)
    ('1,234 runs/s', '2.3 runs/s', '0.05 runs/s')
    """
    digits = 0 if runs_per_second >= 10 else 1 if runs_per_second >= 1 else 2
    return f"{runs_per_second:,.{digits}f} runs/s"
