"""A small vocabulary and a valid scenario that the tests of this folder start from."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.scenario.scenario_file import ScenarioCheck, check_scenario


@dataclass(frozen=True)
class SmallNames:
    """Names of a small world, independent of the tables."""

    regions: tuple[str, ...] = ("PAK", "KAZ", "UZB", "AFG", "IRN", "NO")
    goods: tuple[str, ...] = ("food", "textiles", "metals", "chemicals")
    layers: tuple[str, ...] = ("customs_duty", "additional_duties")
    ledgers: tuple[str, ...] = ("pakistan", "kazakhstan")
    gates: tuple[str, ...] = ("torkham", "chaman", "khunjerab", "hormuz")
    ports: tuple[str, ...] = ("karachi", "port-qasim", "gwadar")
    routes: tuple[str, ...] = ("trans-afghan", "karakoram")
    projects: tuple[str, ...] = ("uap", "torghundi-herat")
    parameters: tuple[str, ...] = ("trade_elasticity", "time_cost_per_day", "growth_sd")
    customs_unions: tuple[tuple[str, tuple[str, ...]], ...] = (("EAEU", ("KAZ", "RUS")),)
    land_borders: tuple[tuple[str, str], ...] = (("AFG", "PAK"), ("AFG", "UZB"))
    seasons: tuple[tuple[str, str], ...] = (("khunjerab", "2024-12-01"), ("chaman", ""))
    earliest_years: tuple[tuple[str, int], ...] = (("uap", 2029), ("torghundi-herat", 2028))
    earliest_energy_years: tuple[tuple[str, int], ...] = ()
    energy_prices: tuple[tuple[str, float, float], ...] = ()
    base_year: int = 2022
    last_record: str = "2025-12-31"
    last_growth_year: int = 2040
    records: tuple[object, ...] = ()
    incomes: tuple[tuple[str, float], ...] = (("KAZ", 225000.0),)


VALID = """\
version: 1
title: Both agreements
question: Is the target reached?
horizon: {start: 2022Q4, end: 2035Q4}
runs: 64
seed: 7
baseline: {ledger: pakistan}
targets:
  one-billion: {pair: [PAK, KAZ], trade_musd: 1000, deadline: 2030Q4, source: ministers}
agreements:
  pta:
    kind: preferential
    members: [PAK, KAZ]
    timeline: {signed: 2026Q4, in_force: 2027Q3, ends: 2034Q4}
    concessions:
      - {grantor: PAK, partners: [KAZ], goods: [food, metals], duty_types: [customs_duty], cut: 0.5}
      - {grantor: KAZ, goods: [textiles], cut: 0.4, phase_in_years: 5, customs_union: waiver}
    origin_cost_ave: 0.02
  corridor:
    kind: transit
    members: [PAK, AFG, UZB, KAZ]
    timeline: {signed: 2026Q1, in_force: 2027Q1}
    opens: {ports: [karachi, gwadar], routes: [trans-afghan]}
    border_time_cut: 0.4
    fee_cut: 0.5
    joint_toll: true
    tir: true
    lanes_added_share: 0.25
closures:
  torkham:
    - {from: 2025-10-11, until: 2026-12-31}
projects:
  uap: {completes: by_hazard, hazard_per_year: 0.1}
  torghundi-herat: {completes: 2031Q1}
uncertainty:
  trade_elasticity: {triangular: [3.8, 5.0, 7.0]}
  growth_sd: 0.02
uncertainty_sources: {parameters: true, events: true, residual_shocks: true}
adjustment: phase_in
model_closure: full
deficits: universal
"""


@pytest.fixture(scope="session")
def names() -> SmallNames:
    return SmallNames()


@pytest.fixture(scope="session")
def valid_text() -> str:
    return VALID


@pytest.fixture
def check(tmp_path: Path, names: SmallNames) -> Callable[..., ScenarioCheck]:
    """Write a file (and others beside it) and check it."""

    def checked(text: str | bytes, **others: str) -> ScenarioCheck:
        for name, content in others.items():
            (tmp_path / f"{name}.yaml").write_text(content, encoding="utf-8")
        file = tmp_path / "question.yaml"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return check_scenario(file, names)

    return checked
