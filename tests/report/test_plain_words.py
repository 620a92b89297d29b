"""Reports in plain words: nothing that readers stumbled over, short sentences, few of them."""

import ast
import re
from pathlib import Path
from statistics import median

import pytest

from sim.report.page.blocks import Fold, Paragraph, unfolded
from tests.builders.source_trees import MODULES, nodes_of

STUMBLED_OVER = (
    "as asked",
    "in medians of its own",
    "books, base year",
    "What would have to be true",
    "it would have to trade",
    "too few to say what sets",
    "own twin",
    "its twin",
    ", phased in from",
    "may be followed by one below",
    "Ways used",
    "Ways of cargo",
    "middle of all parameters",
    "Gates shut by season",
    "only shows as a part of itself",
    "steps in for whom",
    "over the path's",
    "above the path",
    "Duty on imports from everybody",
    "claims the new preference",
    "Created or diverted",
    "Surprises of each pair",
    "misses of the growth outlook",
    "Keenness",
    "Reluctance",
    "nothing here calls on them",
    "Where the runs part",
    "do not crowd",
    "with other runs",
    "(ledger:",
)
"""Words of earlier reports that their readers did not understand."""
LONGEST, USUAL = 35, 20
SHORTEST = 3
"""Words that a piece of a sentence must have to be looked for by itself."""
ROOT = Path(__file__).resolve().parents[2]
READERS = ROOT.parent / "shared" / "READERS.md"


@pytest.fixture(scope="module")
def html(both_told) -> str:
    return both_told["report.html"].decode()


def test_no_words_that_readers_stumbled_over(html, words):
    told = words.on_page(html, is_folded=True) + " ".join(re.findall(r'alt="([^"]*)"', html))
    assert [odd for odd in STUMBLED_OVER if odd in told] == []


def test_the_page_is_short_and_all_of_it_can_be_reached(html, words):
    shown = words.on_page(html, is_folded=False)
    assert len(shown.split()) <= words.MAX
    assert len(words.on_page(html, is_folded=True).split()) > len(shown.split())


def fragments(listed: str) -> list[str]:
    """Pieces of a sentence that readers stumbled over, any number standing for any other."""
    pieces = [piece.strip(" .…`") for piece in re.split(r" / |; |: |…", listed)]
    long = [piece for piece in pieces if len(piece.split()) >= SHORTEST]
    return [re.sub(r"\d[\d.,]*", r"\\d[\\d.,]*", re.escape(piece)) for piece in long]


def read_list() -> list[str]:
    """Sentences of the readers' list."""
    if not READERS.is_file():
        pytest.skip(f"{READERS.name} is not here")
    part = READERS.read_text().partition("## 5.")[2].partition("## 6.")[0]
    table, _, rest = part.partition("Also: ")
    rows = [row.strip("|").split("|")[0].strip() for row in table.splitlines() if "|" in row]
    return [*rows[2:], *re.findall(r'"([^"]+)"', rest)]


def printed_texts() -> str:
    """What commands and documents say: texts in the code but for its own comments, and the docs."""
    said: list[str] = []
    for path in MODULES:
        nodes = [node for node in nodes_of(path) if isinstance(node, ast.Constant)]
        notes = {id(node.value) for node in nodes_of(path) if isinstance(node, ast.Expr)}
        said += [str(n.value) for n in nodes if isinstance(n.value, str) and id(n) not in notes]
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return " ".join([*said, *(page.read_text() for page in pages)])


def test_no_sentence_of_the_readers_list_is_left(html, words):
    listed = read_list()
    assert len(listed) >= 30
    told = " ".join([words.on_page(html, is_folded=True), printed_texts()])
    told = " ".join(told.split())
    found = [
        piece for one in listed for piece in fragments(one) if re.search(piece, told, re.IGNORECASE)
    ]
    assert found == []


@pytest.fixture(scope="module")
def sections(both_made):
    return (*both_made.header.sections, *both_made.sections)


def test_sentences_are_short(sections):
    texts = [
        block.text for section in sections for block in section.blocks
        if isinstance(block, Paragraph)
    ]  # fmt: skip
    sentences = [s for text in texts for s in re.split(r"(?<=[.!?])\s+(?=[A-Z0-9])", text)]
    lengths = [len(sentence.split()) for sentence in sentences]
    assert [s for s in sentences if len(s.split()) > LONGEST] == []
    assert median(lengths) <= USUAL


def test_a_fold_says_what_it_holds(sections):
    folds = [b for section in sections for b in section.blocks if isinstance(b, Fold)]
    assert folds
    for fold in folds:
        assert fold.line
        assert unfolded((fold,)) == unfolded(fold.blocks) != ()
