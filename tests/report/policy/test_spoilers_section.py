"""Who may spoil it: the costliest first, with the record beside it and small ones folded."""

from dataclasses import replace

import numpy as np
import pytest

from sim.report.page.blocks import Fold, Paragraph, Points, TableBlock, unfolded
from sim.report.policy.spoilers_section import spoilers_section
from sim.study.one_at_a_time.spoilers import (
    BORDER,
    IN_TRANSIT,
    RISE,
    RIVAL,
    UNION,
    WITHDRAWAL,
    SpoilerEffect,
)

ASKED = np.linspace(200.0, 300.0, 16)


def effect(kind, who, times, market=""):
    return SpoilerEffect(kind, who, market, ASKED, ASKED * times)


@pytest.fixture(scope="module")
def inputs(made_up):
    plain = made_up.inputs(made_up.scenario(), energy=False)
    found = (
        effect(RISE, "PAK", 0.98),
        effect(UNION, "EAEU", 0.8),
        effect(BORDER, "AFG+PAK", 0.7),
        effect(IN_TRANSIT, "hormuz", 0.9999),
        effect(WITHDRAWAL, "PAK", 0.95),
        effect(RIVAL, "eaeu-irn", 1.03, "KAZ"),
    )
    return replace(plain, spoilers=found)


@pytest.fixture(scope="module")
def section(inputs):
    return spoilers_section(inputs)


def test_the_costliest_stands_first_and_in_the_sentence(section):
    first, table, *_ = section.blocks
    assert isinstance(first, Paragraph)
    assert "Border Afghanistan–Pakistan stays shut" in first.text
    shares = [row[2].value for row in table.rows]
    assert shares == sorted(shares)
    assert table.rows[0][1].value == pytest.approx(-0.3 * np.median(ASKED))
    assert table.rows[0][1].low < table.rows[0][1].value < table.rows[0][1].high


def test_a_rival_is_told_by_what_it_takes_now(section):
    table = next(block for block in section.blocks if isinstance(block, TableBlock))
    (row,) = [row for row in table.rows if row[0].startswith("Rivals in Kazakhstan")]
    assert row[2].value == pytest.approx(-0.03)
    assert "EAEU-Iran free trade agreement" in row[0]
    assert "2025" in row[3]


def test_the_record_stands_beside_what_may_happen(section):
    table = next(block for block in section.blocks if isinstance(block, TableBlock))
    told = {row[0]: row[3] for row in table.rows}
    assert "2025-10-11" in told["Border Afghanistan–Pakistan stays shut"]
    assert "2015" in told["EAEU refuses its member's cuts"]
    assert told["Pakistan takes its cuts back"] == ""


def test_what_does_little_is_folded_and_nothing_is_lost(inputs, section):
    (fold,) = [block for block in section.blocks if isinstance(block, Fold)]
    assert fold.line.startswith("1 smaller one")
    tables = [b for b in unfolded(section.blocks) if isinstance(b, TableBlock)]
    assert sum(len(table.rows) for table in tables) == len(inputs.spoilers)


def test_others_with_preferences_are_told_once_they_are_in_force(section):
    (points,) = [b for b in unfolded(section.blocks) if isinstance(b, Points)]
    told = " ".join(points.points)
    assert "EAEU-Iran free trade agreement" in told
    assert "EAEU-Iran interim agreement" not in told  # ended before
    assert "China-Pakistan free trade agreement, phase II (China)" in told


def test_without_anything_tried_the_preferences_of_others_remain(inputs):
    bare = spoilers_section(replace(inputs, spoilers=()))
    assert [type(block) for block in bare.blocks] == [Fold]
