"""What a page is made of: sections with a heading, each a row of blocks, whatever the study.

A section says what it shows and not how it looks; the templates know that. Text is plain text and
is escaped when it is filled in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.report.drawing import Drawing
from sim.report.facts import Amount, Facts


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    facts: Facts = field(default_factory=dict)
    """Numbers that it states, by what they are of."""


@dataclass(frozen=True)
class Note:
    """A paragraph in small grey type: how something is to be read."""

    text: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Subheading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True)
class Points:
    """A list with bullets."""

    points: tuple[str, ...]
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """Text of a file or a command, in a type of even width."""

    text: str


@dataclass(frozen=True)
class Reference:
    """A source that cells of tables can point to."""

    name: str
    text: str


@dataclass(frozen=True)
class References:
    """Numbered list of sources."""

    references: tuple[Reference, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    title: str
    """With the unit, unless the caption gives it."""
    is_number: bool = False
    """Set to the right, and sorted as a number."""


@dataclass(frozen=True)
class Cited:
    """A cell that points to a source."""

    source: str
    """Name of a `Reference`."""
    before: str = ""
    """Words before the name."""


TableCell = str | Amount | Cited


@dataclass(frozen=True)
class Table:
    """A table in words: cells are written as the reader sees them, rounded to what is known."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    caption: str
    """What it holds, with the units; empty where the heading says it all."""
    marked: frozenset[int] = frozenset()
    """Rows that stand out."""

    @property
    def is_sortable(self) -> bool:
        """Whether sorting can tell the reader anything."""
        return len(self.rows) > 2


Block = Text | Note | Subheading | Points | Listing | References | Table | Drawing


@dataclass(frozen=True)
class Section:
    """A part of the page under a heading."""

    name: str
    """Its anchor: lower case and hyphens, once a page."""
    heading: str
    blocks: tuple[Block, ...]
    is_titled: bool = False
    """Whether a figure shows the heading as its title: then only those who listen need it."""

    @property
    def drawings(self) -> tuple[Drawing, ...]:
        """Figures in the order in which they are read."""
        return tuple(block for block in self.blocks if isinstance(block, Drawing))


def texts(lines: Sequence[str]) -> tuple[Text, ...]:
    """A paragraph for each line."""
    return tuple(Text(line) for line in lines)


def words(*titles: str) -> tuple[Column, ...]:
    """Columns that hold words."""
    return tuple(Column(title) for title in titles)


def numbers(*titles: str) -> tuple[Column, ...]:
    """Columns that hold numbers."""
    return tuple(Column(title, is_number=True) for title in titles)
