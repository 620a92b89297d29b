"""Pages printed as a PDF by a browser that is on this machine."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from sim.store import UnwrittenError

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--no-pdf-header-footer",
)
PATIENCE_S = 120
"""Time after which a browser that does not end is given up [s]."""


def printed_page(browser: str, page: Path, anchor: str = "") -> bytes:
    """Print a page as a PDF through a browser without a window.

    Parameters
    ----------
    browser : str
        Path of Chromium or Chrome.
    page : Path
        The page, on this disk.
    anchor : str
        Part of the page that it is opened at, which its style may print alone.

    Raises
    ------
    UnwrittenError
        If the browser does not print it, or not in time.
    """
    with TemporaryDirectory(prefix="sim-report-") as folder:
        made = Path(folder) / "report.pdf"
        command = [
            browser,
            *FLAGS,
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={made}",
            page.resolve().as_uri() + (f"#{anchor}" if anchor else ""),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=PATIENCE_S
            )
        except subprocess.TimeoutExpired:
            raise UnwrittenError(f"{browser} did not print {page} in {PATIENCE_S} s") from None
        if not made.is_file():
            raise UnwrittenError(f"{browser} did not print {page}: {done.stderr.strip()[-300:]}")
        return made.read_bytes()
