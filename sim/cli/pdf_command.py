"""Command that prints a stored report as a PDF, through a browser that is there."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.terminal import FAILED, plain_errors, warn

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""Programs that print a page without a window, the first on the path is taken."""
PAGE, FIRST_PAGE = "report.html", "first-page"


def report(
    result: Annotated[Path, typer.Argument(help="Folder of a result.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="PDF to write; here, named for the result, if not."),
    ] = None,
    first_page: Annotated[
        bool, typer.Option("--first-page", help="The first page alone: one sheet of A4.")
    ] = False,
) -> None:
    """Print the report of a result as a PDF: A4, page numbers, contents with links.

    Needs Chromium or Chrome. Without one, open report.html in any browser and print it there.

    Example: sim report results/pta/0123456789ab --first-page
    """
    from sim.store import StoreError, write_new
    from sim.store.checksums import changed_files
    from sim.store.printing import printed_page
    from sim.store.stored_results import known_record

    with plain_errors():
        changed = changed_files(result, known_record(result))
        if changed:
            warn(f"{result}: changed since it was written: {', '.join(changed)}")
        page = result / PAGE
        if not page.is_file():
            raise StoreError(f"{result}: has no {PAGE}; `sim run` and the studies write one")
        browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
        if browser is None:
            typer.echo(
                f"No browser that prints is on the path ({', '.join(BROWSERS)}). Open "
                f"{page} in any browser and print it to a PDF there.",
                err=True,
            )
            raise typer.Exit(FAILED)
        content = printed_page(browser, page, FIRST_PAGE if first_page else "")
        stem = f"{result.resolve().parent.name}-{result.resolve().name}"
        named = f"{stem}{'-first-page' if first_page else ''}.pdf"
        path = write_new(output or Path(named), content)
    typer.echo(f"{path}: written, {len(content):,} bytes.")
