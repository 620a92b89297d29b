"""Reports in plain words: nothing that readers stumbled over, short sentences, few of them."""

import re
from statistics import median

import pytest

from sim.report.contents import sections_of
from sim.report.page.blocks import Fold, Paragraph, unfolded
from sim.report.page.style import house_style
from sim.report.summary.first_page import first_page

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


@pytest.fixture(scope="module")
def sections(made_up):
    material = made_up.material(made_up.scenario(), energy=False)
    with house_style():
        return (*first_page(material), *sections_of(material))


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
