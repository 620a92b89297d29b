"""Parts of a page: sections with a heading, each a row of blocks, whatever the study.

A section says what it shows and not how it looks; the templates know that. Text is plain text and
is escaped when it is filled in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.report.page.amounts import Amount, Facts
from sim.report.page.figure import Drawing


@dataclass(frozen=True)
class Paragraph:
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
class Verbatim:
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
class TableColumn:
    """A column of a table."""

    title: str
    """With the unit, unless the caption gives it."""
    is_number: bool = False
    """Set to the right, and sorted as a number."""


@dataclass(frozen=True)
class Citation:
    """A cell that points to a source."""

    source: str
    """Name of a `Reference`."""
    before: str = ""
    """Words before the name."""


TableCell = str | Amount | Citation


@dataclass(frozen=True)
class TableBlock:
    """A table in words: cells are written as the reader sees them, rounded to what is known."""

    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    caption: str
    """What it holds, with the units; empty where the heading says it all."""
    marked: frozenset[int] = frozenset()
    """Rows that stand out."""

    @property
    def is_sortable(self) -> bool:
        """True if sorting can tell the reader anything."""
        return len(self.rows) > 2


@dataclass(frozen=True)
class Fold:
    """Blocks behind a line that says what they hold; opened by a click or a key."""

    line: str
    blocks: tuple["Block", ...]
    is_printed: bool = False
    """Whether paper shows them too; without it paper has the line alone."""


Block = Paragraph | Note | Subheading | Points | Verbatim | References | TableBlock | Drawing | Fold


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
        return tuple(block for block in unfolded(self.blocks) if isinstance(block, Drawing))


def unfolded(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Blocks in the order in which they are read, those of folds in place of the folds."""
    every: list[Block] = []
    for block in blocks:
        every += unfolded(block.blocks) if isinstance(block, Fold) else (block,)
    return tuple(every)


def texts(lines: Sequence[str]) -> tuple[Paragraph, ...]:
    """A paragraph for each line."""
    return tuple(Paragraph(line) for line in lines)


def words(*titles: str) -> tuple[TableColumn, ...]:
    """Columns that hold words."""
    return tuple(TableColumn(title) for title in titles)


def numbers(*titles: str) -> tuple[TableColumn, ...]:
    """Columns that hold numbers."""
    return tuple(TableColumn(title, is_number=True) for title in titles)
