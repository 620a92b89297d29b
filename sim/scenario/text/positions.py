"""The text of a file with its places, and the YAML parser's complaints in plain words."""

import re
from typing import Protocol

import yaml

from sim.scenario.text.problems import Place, Problem

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class Mark(Protocol):
    """Position of the YAML parser; line and column count from 0."""

    line: int
    column: int


class UnreadableText(Exception):  # noqa: N818 - not an error of the program but the end of a reading
    """The text cannot be read beyond a place."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class SourceText:
    """A file's text and the places in it."""

    def __init__(self, file: str, content: str) -> None:
        self.file = file
        self.content = content
        self.lines = _BREAK.split(content)

    def place(self, line: int, column: int) -> Place:
        """Place of a line and column counted from 0."""
        source = self.lines[line] if line < len(self.lines) else ""
        return Place(self.file, line + 1, column + 1, source)

    def place_at(self, index: int) -> Place:
        """Place of a character counted from the start of the text."""
        before = _BREAK.split(self.content[:index])
        return self.place(len(before) - 1, len(before[-1]))

    def of(self, mark: Mark | None) -> Place:
        """Place of a mark of the YAML parser."""
        return self.place(mark.line, mark.column) if mark is not None else self.place(0, 0)


_REMEDIES = (
    ("mapping values are not allowed", "a colon stands where none is expected",
     "wanted one key: value per line, lined up with those above; text that holds ': ' in quotes"),
    ("could not find expected ':'", "a key has no colon",
     "wanted key: value, with a space after the colon"),
    ("expected ',' or ']'", "the list that begins here is not closed",
     "wanted commas between its items and a ] at its end"),
    ("expected ',' or '}'", "the mapping that begins here is not closed",
     "wanted commas between its entries and a } at its end"),
    ("found unexpected end of stream", "the quote that begins here is never closed",
     "wanted its closing partner"),
    ("found unexpected document separator", "the quote that begins here is never closed",
     "wanted its closing partner"),
    ("found character '\\t'", "a tab stands between words", "wanted spaces"),
    ("found character", "this character cannot begin a value", "wanted the text in quotes"),
    ("expected <block end>", "this line does not line up with those above",
     "wanted the same indentation as its neighbours"),
    ("found unknown escape", "this escape is not known", "wanted \\\\ for a backslash"),
    ("expected the node content", "a value is missing here", "wanted a value"),
)  # fmt: skip
_POINTS_AT_BEGINNING = "begins here"


def syntax_problem(text: SourceText, error: yaml.MarkedYAMLError) -> Problem:
    """The parser's complaint in plain words, at its place."""
    complaint = f"{error.problem or ''} {error.context or ''}"
    for part, what, wanted in _REMEDIES:
        if part in complaint:
            at_beginning = _POINTS_AT_BEGINNING in what and error.context_mark is not None
            mark = error.context_mark if at_beginning else error.problem_mark
            return Problem.at(text.of(mark), what, wanted)
    words = " ".join(complaint.split())
    mark = error.problem_mark or error.context_mark
    return Problem.at(text.of(mark), f"this is not YAML: {words}", "wanted key: value lines")
