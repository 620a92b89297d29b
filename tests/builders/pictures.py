"""Reports whose pictures are left out: saving them takes longer than all the rest of a small run.

Tests of what a command says or writes need the data of its figures alone. Pictures themselves are
the matter of tests/report, and one test of each command saves them. Without pictures nothing is
drawn a second time for phones either, which is a quarter of a small run.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import pytest

from sim.report.page.figure import Drawing, csv_bytes, drawing_files, with_narrow
from sim.report.page.style import house_style, svg_bytes

Save = Callable[[Drawing], dict[str, bytes]]

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50" viewBox="0 0 100 50">'
    b"<title>left out</title></svg>"
)
PNG = b"\x89PNG\r\n\x1a\n"


def vectors_alone(drawing: Drawing) -> dict[str, bytes]:
    """Files of a figure with its pictures for the page, and none of dots."""
    files = files_without_picture(drawing)
    with house_style():
        files[f"figures/{drawing.name}.svg"] = svg_bytes(drawing.figure, drawing.title)
        if drawing.narrow is not None:
            narrow = svg_bytes(drawing.narrow, drawing.title)
            files[f"figures/{drawing.name}-narrow.svg"] = narrow
    return files


def files_without_picture(drawing: Drawing) -> dict[str, bytes]:
    """Files of a figure with an empty picture and its data."""
    stem = f"figures/{drawing.name}"
    table = csv_bytes(drawing.columns, drawing.rows)
    files = {f"{stem}.svg": SVG, f"{stem}.png": PNG, f"{stem}.csv": table}
    if drawing.narrow is not None:
        files[f"{stem}-narrow.svg"] = SVG
    return files


@contextmanager
def pictures_left_out(
    saved: Save = files_without_picture, *, narrow: bool | Collection[str] = False
) -> Iterator[None]:
    """Span in which this process saves figures as their data alone, or in another short way.

    Parameters
    ----------
    saved : callable
        Files of a drawing.
    narrow : bool or collection of str
        Figures drawn for phones as well: all, none, or those named.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.report.page.figure.drawing_files", saved)

        def again(drawing: Drawing | None, draw: Callable[[], Drawing]) -> Drawing | None:
            known = isinstance(narrow, bool) or drawing is None or drawing.name in narrow
            return with_narrow(drawing, draw) if narrow and known else drawing

        patch.setattr("sim.report.page.figure.with_narrow", again)
        yield


def drawn_once(drawing: Drawing | None, draw: object) -> Drawing | None:
    """The drawing without its narrow figure, in place of `with_narrow`."""
    return drawing


def pictures_of(*names: str) -> Save:
    """Saves pictures of the named figures, and of others their data alone."""
    return lambda drawing: (
        drawing_files(drawing) if drawing.name in names else files_without_picture(drawing)
    )
