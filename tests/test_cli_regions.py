"""Regions typed after a command: codes, whole names, and a word on groups of states."""

import pytest
import typer

from sim.cli.terminal import regions_of
from sim.world.names import world_names


@pytest.fixture(scope="module")
def names():
    return world_names()


def test_codes_and_whole_names_are_taken_whatever_their_case(names):
    assert regions_of(("pak", "Kazakhstan"), names) == ("PAK", "KAZ")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("EAEU", "its members here: KAZ, KGZ, RUS"),
        ("GCC", "its members here: ARE, SAU, QAT, OMN, KWT"),
        ("EU", "did you mean 'EUU'?"),
        ("FRA", "is part of EUU"),
        ("PAQ", "did you mean 'PAK'?"),
        ("KAZ", "twice"),
    ],
)
def test_what_is_no_region_is_explained(names, word, told):
    with pytest.raises(typer.BadParameter) as refused:
        regions_of((word, "KAZ"), names)
    assert told in str(refused.value)
