"""The bargain over a joint toll beside a plain twin, on invented routes."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.scenario.scenario_file import load_scenario
from sim.simulation.diplomacy.toll_bargain import toll_bargain
from tests.twins.toll_twin import plain_bargain

CODES = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG")


def invented(dice):
    """An agreement, and a world with two to six routes between one or two pairs of its members."""
    routes, tolls = [], []
    for k in range(dice.integers(2, 7)):
        ends = CODES[0], CODES[dice.choice([1, 2], p=[0.7, 0.3])]
        others = [code for code in CODES if code not in ends]
        transit = tuple(dice.permutation(others)[: dice.integers(0, 4)].tolist())
        status = "planned" if dice.random() < 0.1 else "open"
        routes.append(SimpleNamespace(corridor=str(k), ends=ends, transit=transit, status=status))
        tolls.append(dice.uniform(50.0, 400.0) * len(transit))
    network = SimpleNamespace(
        corridor_links=tuple((str(k), (k,)) for k in range(len(routes))),
        link_usd_per_feu=dice.uniform(1000.0, 1600.0, len(routes)),
        tolls=lambda origin, destination: np.array(tolls),
    )
    world = SimpleNamespace(
        regions=CODES, region_index=CODES.index, corridors=tuple(routes), network=network
    )
    more = dice.permutation(CODES[3:])[: dice.integers(1, 5)].tolist()
    return SimpleNamespace(members=(*CODES[:3], *more)), world


def test_shares_and_tolls_alone_are_those_of_the_plain_twin():
    dice, refused = np.random.default_rng(1), []
    for _ in range(300):
        agreement, world = invented(dice)
        found, plain = toll_bargain(agreement, world), plain_bargain(agreement, world)
        for k, code in enumerate(CODES):
            assert found.share[k] == pytest.approx(plain.share.get(code, 0.0), rel=1e-9, abs=1e-6)
            assert found.alone[k] == pytest.approx(plain.alone.get(code, 0.0), rel=1e-9, abs=1e-6)
        assert found.is_accepted is not plain.is_refused
        refused.append(plain.is_refused)
    assert 10 < sum(refused) < 290


def test_the_plain_twin_agrees_about_the_agreement_of_the_world_as_it_is(
    world, project_root, names
):
    scenario = load_scenario(project_root / "scenarios" / "negotiated.yaml", names)
    agreement = scenario.agreements["transit"]
    found, plain = toll_bargain(agreement, world), plain_bargain(agreement, world)
    for k, code in enumerate(world.regions):
        assert found.share[k] == pytest.approx(plain.share.get(code, 0.0), rel=1e-9)
        assert found.alone[k] == pytest.approx(plain.alone.get(code, 0.0), rel=1e-9)
    assert found.share.any()
