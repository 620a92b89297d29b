"""A finished figure: what is drawn, what it says to those who cannot see it, the data behind it."""

import pickle
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeVar

from matplotlib.figure import Figure

from sim.report.page.fonts import set_fonts, without_font
from sim.report.page.inline import picture_address
from sim.report.page.style import house_style, narrow_figures, png_bytes, svg_bytes
from sim.store.spreadsheet_cells import csv_of

Cell = str | int | float


@dataclass(frozen=True)
class Drawing:
    """A figure of the report."""

    name: str
    """Stem of its files."""
    title: str
    alt: str
    """What it shows, in words and numbers."""
    caption: str
    """What to bear in mind when reading it."""
    figure: Figure
    columns: tuple[str, ...]
    """Columns of the data behind it, units in the names."""
    rows: tuple[tuple[Cell, ...], ...]
    answer_periods: tuple[str, ...] = ()
    """Years or quarters whose numbers go into the answer, all of them if none is named."""
    unit: str = ""
    """Of the numbers whose column and row name none."""
    narrow: Figure | None = None
    """The same drawn for a phone; None where the figure is shown as it is."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Columns and cells of the data as the page puts them: what stands for a path or a name."""


P = ParamSpec("P")
D = TypeVar("D", Drawing, Drawing | None)


def reflowed(draw: Callable[P, D]) -> Callable[P, D]:
    """Decorator of a function that draws: the same is drawn again for a phone, as `narrow`.

    Inside the function `full_width_in` and `is_narrow` say which of the two is due.
    """

    @wraps(draw)
    def both(*args: P.args, **given: P.kwargs) -> D:
        return with_narrow(draw(*args, **given), lambda: draw(*args, **given))

    return both


def with_narrow(drawing: D, draw: Callable[[], D]) -> D:
    """The drawing with its narrow figure, drawn again by `draw`."""
    with narrow_figures():
        again = draw() if drawing else None
    return replace(drawing, narrow=again.figure) if drawing and again else drawing


def csv_bytes(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """A table as comma-separated text, numbers to ten digits."""
    return csv_of([columns, *(tuple(map(_to_ten_digits, row)) for row in rows)])


def _to_ten_digits(cell: Cell) -> Cell:
    return f"{cell:.10g}" if isinstance(cell, float) else cell


def drawing_files(drawing: Drawing) -> dict[str, bytes]:
    """Files of one figure by path: SVG, PNG and CSV, and SVG for a phone where it has one."""
    stem = f"figures/{drawing.name}"
    with house_style():
        for figure in filter(None, [drawing.figure, drawing.narrow]):
            set_fonts(figure)
            _fix_empty_labels(figure)
        files = {
            f"{stem}.svg": svg_bytes(drawing.figure, drawing.title),
            f"{stem}.png": png_bytes(drawing.figure),
            f"{stem}.csv": csv_bytes(drawing.columns, drawing.rows),
        }
        if drawing.narrow is not None:
            files[f"{stem}-narrow.svg"] = svg_bytes(drawing.narrow, drawing.title)
    return files


class SavedFigure(NamedTuple):
    """Content that the page needs of a figure."""

    files: dict[str, bytes]
    """By relative path."""
    pictures: dict[str, str]
    """Addresses that hold it: for a page and, where it has one, for a phone."""
    missing: str
    """Characters in it that no font of this machine has."""


def begin_saving(drawing: Drawing, executor: Executor | None) -> Callable[[], SavedFigure]:
    """Begin to save a figure; what is returned waits for it."""
    if executor is None:
        saved = save_figure(drawing)
        return lambda: saved
    # As it is now: an executor would look at it later, from another thread.
    return executor.submit(_save_sent, pickle.dumps(drawing, pickle.HIGHEST_PROTOCOL)).result


def _save_sent(sent: bytes) -> SavedFigure:
    drawing: Drawing = pickle.loads(sent)
    return save_figure(drawing)


def _fix_empty_labels(figure: Figure) -> None:
    """Give axis labels without words a place: else all numbers of the axis are measured for one."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():
                axis.set_label_coords(0.0, 0.0)


def save_figure(drawing: Drawing) -> SavedFigure:
    """Save a figure in all its forms.

    Each picture is one of its own, so that names inside it cannot clash with the page.
    """
    missing = without_font([drawing.figure])
    files = drawing_files(drawing)
    names = [name for name in (drawing.name, f"{drawing.name}-narrow")
             if f"figures/{name}.svg" in files]  # fmt: skip
    pictures = {name: picture_address(files[f"figures/{name}.svg"]) for name in names}
    return SavedFigure(files, pictures, missing)
