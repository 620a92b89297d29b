"""Problems of a scenario file, their places, and their display.

A problem reads ``file:line:column: what is wrong; what is wanted; did you mean 'x'?``, followed
by the line of the file and a caret under the place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 120
"""Most characters of a source line that are shown."""

MESSAGE_WIDTH = 400
"""Most characters of what is wrong; a name can be as long as the file."""

MAX_SAID = 50
"""Problems that are said one by one; the rest is counted."""

NO_BREAK = frozenset("\u00a0\u2007\u202f\u2060\ufeff\u200b\u3000")
"""Blanks that look like a space, or like nothing, and are neither."""

VALUE_WIDTH = 60
"""Most characters of a value that are quoted in a message."""


@dataclass(frozen=True)
class Place:
    """A position in a text; line and column count from 1, line 0 means the file as a whole."""

    file: str
    line: int
    column: int
    source_line: str


@dataclass(frozen=True)
class Problem:
    """One mistake (or one warning), with its place and its remedy."""

    file: str
    line: int
    column: int
    message: str
    wanted: str = ""
    nearest: str | None = None
    source_line: str = ""

    @classmethod
    def at(
        cls, place: Place, message: str, wanted: str = "", nearest: str | None = None
    ) -> "Problem":
        """Problem at a place."""
        if len(message) > MESSAGE_WIDTH:
            message = f"{message[: MESSAGE_WIDTH // 2]} … {message[-MESSAGE_WIDTH // 2 :]}"
        return cls(
            place.file, place.line, place.column, message, wanted, nearest, place.source_line
        )

    def __str__(self) -> str:
        return format_problem(self)


class ScenarioError(ValueError):
    """A scenario that cannot be run, with every problem found.

    Attributes
    ----------
    problems : tuple of Problem
        All mistakes, in the order of the files and lines.
    warnings : tuple of Problem
        What is allowed but probably not meant.
    """

    def __init__(self, problems: Sequence[Problem], warnings: Sequence[Problem] = ()) -> None:
        self.problems = tuple(problems)
        self.warnings = tuple(warnings)
        super().__init__(format_problems(self.problems))

    def __reduce__(self) -> tuple[type["ScenarioError"], tuple[object, ...]]:
        return ScenarioError, (self.problems, self.warnings)


def format_problems(problems: Iterable[Problem]) -> str:
    """All problems as text, one after the other; of very many the first, and a count."""
    listed = [*problems]
    said = [format_problem(problem) for problem in listed[:MAX_SAID]]
    if len(listed) > MAX_SAID:
        said.append(f"and {len(listed) - MAX_SAID:,} more")
    return "\n".join(said)


def format_problem(problem: Problem) -> str:
    """One problem as text: the message, then the source line and a caret under the place."""
    where = f"{problem.file}:"
    if problem.line:
        where += f"{problem.line}:{problem.column}:"
    parts = [problem.message]
    if problem.wanted:
        parts.append(problem.wanted)
    if problem.nearest is not None:
        parts.append(f"did you mean {quoted(problem.nearest)}?")
    text = printable(f"{where} {'; '.join(parts)}")
    if not problem.line or not problem.source_line.strip():
        return text
    shown, caret = _window(problem.source_line, problem.column - 1)
    return f"{text}\n    {shown}\n    {' ' * caret}^"


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a line around a column that fits on the screen, and the caret's place in it."""
    line = line.expandtabs(1).rstrip()
    if len(line) > 4 * WIDTH:  # a line can be as long as the file
        cut = max(0, column - 2 * WIDTH)
        line, column = line[cut : cut + 4 * WIDTH], column - cut
    line = printable(line)
    column = min(column, len(line))
    if len(line) <= WIDTH:
        return line, column
    start = max(0, min(column - WIDTH // 2, len(line) - WIDTH))
    shown = line[start : start + WIDTH]
    if start:
        shown = "…" + shown[1:]
    if start + WIDTH < len(line):
        shown = shown[:-1] + "…"
    return shown, column - start


def printable(text: str) -> str:
    """Text without characters that could move the cursor or hide other text."""
    return "".join(char if char.isprintable() else "?" for char in text)


def quoted(value: object) -> str:
    """A value as it is shown in a message: text in quotes, other things in YAML's words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, str):
        text = printable(value)
        return f"'{text if len(text) <= VALUE_WIDTH else text[:VALUE_WIDTH] + '…'}'"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = repr(value)
    return text if len(text) <= VALUE_WIDTH else text[:VALUE_WIDTH] + "…"
