"""A real browser without a window, spoken to over a pair of pipes (Chrome DevTools protocol).

Nothing beside the standard library is wanted: with `--remote-debugging-pipe` Chromium reads
commands from its file 3 and writes answers to its file 4, each one JSON ended by a zero byte.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--no-default-browser-check", "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE_S = 60.0
CLEAR_OF_ALL = 20
LOCAL = ("file:", "data:", "about:")
"""Schemes of addresses that stay on this machine."""


def found_browser() -> str | None:
    """Path of a Chromium; None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One window; it collects errors of its console and every address that it asks for."""

    def __init__(self, program: str, folder: Path) -> None:
        """Start the program with an empty profile in a new folder."""
        self.errors: list[str] = []
        self.asked_for: list[str] = []
        self._n_sent, self._rest, self._session = 0, b"", ""
        self._events: list[dict[str, Any]] = []
        low_in, self._write = os.pipe()
        self._read, low_out = os.pipe()
        # Out of the way of 3 and 4, which may be among those that the system handed out.
        their_in, their_out = (
            fcntl.fcntl(end, fcntl.F_DUPFD, CLEAR_OF_ALL) for end in (low_in, low_out)
        )
        os.close(low_in)
        os.close(low_out)
        try:
            self._process = _started(program, folder, their_in, their_out)
        finally:
            os.close(their_in)
            os.close(their_out)
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for room in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.send(f"{room}.enable")

    def close(self) -> None:
        """End the program."""
        self._session = ""
        try:
            self.send("Browser.close")
            self._process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Do something and wait for what comes back.

        Raises
        ------
        RuntimeError
            If the browser says that it cannot.
        """
        self._n_sent += 1
        message: dict[str, Any] = {"id": self._n_sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._n_sent:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def open(
        self, page: Path, width: int = 1440, height: int = 900, *, script: bool = True
    ) -> None:
        """Open a file at a width, with or without its script, and wait until it has loaded."""
        self.errors.clear()
        self.asked_for.clear()
        self._events.clear()
        self.send("Emulation.setScriptExecutionDisabled", value=not script)
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip
        self.send("Emulation.setScrollbarsHidden", hidden=True)
        self.send("Page.navigate", url=page.absolute().as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._next()

    def value(self, expression: str) -> Any:
        """What a JavaScript expression comes to, as JSON would carry it."""
        got = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in got:
            raise RuntimeError(f"{expression}: {got['exceptionDetails']}")
        return got["result"].get("value")

    def click(self, x: float, y: float) -> None:
        """Press and release the left button at a point of the window [px]."""
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press and release a key by its name, such as Tab, Enter or ArrowRight."""
        codes = {"Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowRight": 39}
        typed = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=codes[key],
                      **(typed if kind == "keyDown" else {}))  # fmt: skip

    def pdf(self) -> bytes:
        """The page printed on the paper that its own style asks for."""
        printed = self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        return base64.b64decode(printed["data"])

    def picture(self) -> bytes:
        """PNG of the whole page, below the window's edge too."""
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    @property
    def abroad(self) -> list[str]:
        """Addresses asked for that do not stay on this machine."""
        return [url for url in self.asked_for if not url.startswith(LOCAL)]

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE_S
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], until - time.monotonic())
            if not ready:
                raise RuntimeError(f"the browser said nothing for {PATIENCE_S:.0f} s")
            got = os.read(self._read, 1 << 20)
            if not got:
                raise RuntimeError(f"the browser ended: {self._process.poll()}")
            self._rest += got
        text, self._rest = self._rest.split(b"\0", 1)
        answer: dict[str, Any] = json.loads(text)
        if "method" in answer:
            self._events.append(answer)
            self._note(answer["method"], answer["params"])
        return answer

    def _note(self, method: str, given: Mapping[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.asked_for.append(given["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(str(given["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and given["type"] in ("error", "assert"):
            self.errors.append(str(given["args"]))
        elif method == "Log.entryAdded" and given["entry"]["level"] in ("error", "warning"):
            self.errors.append(str(given["entry"]))


def _started(program: str, folder: Path, their_in: int, their_out: int) -> subprocess.Popen[bytes]:
    """The program with its commands at file 3 and its answers at file 4.

    A shell puts the pipes there: it is started with them under their own numbers and hands them on.
    """
    handed = f'exec "$@" 3<&{their_in} 4>&{their_out}'
    command = [program, *FLAGS, f"--user-data-dir={folder}"]
    return subprocess.Popen(
        ["bash", "-c", handed, "browser", *command],
        pass_fds=(their_in, their_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
