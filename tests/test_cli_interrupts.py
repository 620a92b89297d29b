"""Ctrl-C at any moment: an interrupt, never a crash and never a failure that is none."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import pytest
import typer
from pydantic import BaseModel, PlainSerializer

from sim.cli.interrupts import harmless_interrupts

PATIENCE_S = 10

compiler_at_work: dict = {"__name__": "numba.core.typing", "signal": signal}
exec(  # a call that stands in the compiler's own module, as its callbacks do
    "def compile_with(then):\n    signal.raise_signal(signal.SIGINT)\n    then()", compiler_at_work
)


def wait() -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        time.sleep(0.001)


def test_an_interrupt_is_one() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), harmless_interrupts():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_the_compiler_is_not_interrupted_but_what_comes_after_it_is() -> None:
    done = []

    def compile_and_wait() -> None:
        compiler_at_work["compile_with"](lambda: done.append("compiled"))
        wait()
        done.append("waited in vain")

    with pytest.raises(KeyboardInterrupt), harmless_interrupts():
        compile_and_wait()
    assert done == ["compiled"]


class Written(BaseModel):
    """A choice of forms, whose writer tries the next where one raises anything at all."""

    form: Annotated[
        str, PlainSerializer(lambda text: (signal.raise_signal(signal.SIGINT), text)[1])
    ] | int = "as it is"  # fmt: skip


def test_an_interrupt_is_not_lost_where_a_data_model_is_written() -> None:
    def write_and_wait() -> None:
        Written().model_dump()
        wait()

    with pytest.raises(KeyboardInterrupt), harmless_interrupts():
        write_and_wait()


def end_interrupted_in(end: BaseException) -> None:
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise end from None


def test_a_failure_of_compiled_code_after_an_interrupt_is_the_interrupt() -> None:
    failure = SystemError("returned a result with an exception set")
    with pytest.raises(KeyboardInterrupt), harmless_interrupts(), harmless_interrupts():
        end_interrupted_in(failure)
    with pytest.raises(SystemError), harmless_interrupts():
        raise failure


def test_the_exit_code_of_an_interrupted_command_passes() -> None:
    with pytest.raises(typer.Exit), harmless_interrupts():
        end_interrupted_in(typer.Exit(130))


INTERRUPTED_IN_A_TEXT = """
import signal
from sim.cli.interrupts import harmless_interrupts
try:
    with harmless_interrupts():
        exec("signal.raise_signal(signal.SIGINT)")
except KeyboardInterrupt:
    raise SystemExit(130) from None
"""


def test_the_exit_code_stands_wherever_the_interrupt_struck(tmp_path: Path) -> None:
    """Also within a text that is executed, as when a data class is made."""
    (tmp_path / "command.py").write_text(INTERRUPTED_IN_A_TEXT)
    ended = subprocess.run([sys.executable, "-m", "command"], cwd=tmp_path, check=False)
    assert ended.returncode == 130


def test_nothing_is_changed_where_somebody_else_listens() -> None:
    heard = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append(True))
    try:
        with harmless_interrupts():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [True]
