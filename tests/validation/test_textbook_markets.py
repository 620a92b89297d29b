"""The known answers of the energy law hold, and are the ones in the folder of cases."""

import json
from pathlib import Path

import pytest

from sim.validation.check import Check
from sim.validation.textbook_markets import known_energy


@pytest.fixture(scope="module")
def rows() -> list[Check]:
    return [row for row in known_energy() if isinstance(row, Check)]


@pytest.fixture(scope="module")
def published(cases: Path) -> dict[str, dict]:
    path = cases / "energy" / "small_exact.json"
    if not path.is_file():
        pytest.skip(f"published answers are not at {path}")
    return json.loads(path.read_text(encoding="utf-8"))


def ours(rows: list[Check], case: str, quantity: str) -> list[float]:
    found = [r.ours for r in rows if r.case == case and r.quantity.startswith(quantity)]
    assert found, f"no row for {case}, {quantity}"
    return found


def test_every_known_answer_is_reproduced(rows: list[Check]) -> None:
    assert len(rows) > 80
    assert [row for row in rows if not row.ok] == []


def test_transport(rows: list[Check], published: dict[str, dict]) -> None:
    known = published["dantzig_trnsport"]
    case = "transport of two plants and three markets"
    assert ours(rows, case, "cost") == pytest.approx([known["objective"]], abs=1e-9)
    duals = list(known["demand_duals"].values())
    assert ours(rows, case, "price") == pytest.approx(duals, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("compecon_text_bd_2_3_1", "three regions, text"),
        ("compecon_code_bd_3_2_1", "three regions, variant with demand slopes 3, 2, 1"),
    ],
)
def test_three_regions(rows: list[Check], published: dict[str, dict], name: str, case: str) -> None:
    known = published["miranda_fackler_three_countries"][name]
    for quantity, key in (
        ("price alone", "autarky_p"),
        ("produced", "supply"),
        ("consumed", "demand"),
    ):
        assert ours(rows, case, quantity) == pytest.approx(known[key], abs=1e-8)
    assert ours(rows, case, "price")[3:] == pytest.approx(known["p_demand"], abs=1e-8)
    assert ours(rows, case, "surplus") == pytest.approx([known["nsp"]], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("autarky", "closed"),
        ("free", "free"),
        ("tariff_8", "tariff of 8"),
        ("pipe_cap_20", "capacity of 20"),
        ("toll_20", "toll of 20"),
    ],
)
def test_pipeline(rows: list[Check], published: dict[str, dict], name: str, case: str) -> None:
    known, case = published["two_region_pipeline"][name], f"two regions and a pipeline, {case}"
    assert ours(rows, case, "flow") == pytest.approx([known["X"]], abs=1e-8)
    assert ours(rows, case, "price") == pytest.approx([known["P1"], known["P2"]], abs=1e-8)
    assert ours(rows, case, "surplus") == pytest.approx([known["payoff"]], abs=1e-8)


def test_power_flow(rows: list[Check], published: dict[str, dict]) -> None:
    known, case = published["dc_three_bus"], "three buses, direct-current flow"
    assert ours(rows, case, "flow") == pytest.approx(list(known["flows"].values()))
    assert ours(rows, case, "generation") == pytest.approx(known["g"])
    assert ours(rows, case, "price") == pytest.approx(known["lmp"])
    assert ours(rows, case, "cost") == pytest.approx([known["cost"]])


def test_contracts(rows: list[Check], published: dict[str, dict]) -> None:
    for name, known in published["take_or_pay"].items():
        demand, spot = (part.split("=")[1] for part in name.split(","))
        case = f"take or pay, demand {demand}, spot {spot}"
        assert ours(rows, case, "cost") == pytest.approx([known["cost"]])
        assert ours(rows, case, "taken") == pytest.approx([known["take"]])


def test_merit_order(rows: list[Check], published: dict[str, dict]) -> None:
    for name, case in (("base D=100", "plants alone"), ("with import 15@25", "with imports")):
        known = published["merit_order"][name]
        assert ours(rows, f"merit order, {case}", "cost") == pytest.approx([known["cost"]])
        assert ours(rows, f"merit order, {case}", "price") == pytest.approx([known["price"]])


def test_tolls_sellers_and_partners(rows: list[Check], published: dict[str, dict]) -> None:
    for n, known in published["serial_toll_game"].items():
        case = f"tolls of {n} transit states, each alone"
        assert ours(rows, case, "toll") == pytest.approx(known["tolls"])
        assert ours(rows, case, "volume") == pytest.approx([known["X"]])
    for n, known in published["cournot"].items():
        case = f"{n} sellers on a linear market"
        assert ours(rows, case, "quantity") == pytest.approx([known["q"]])
        assert ours(rows, case, "price") == pytest.approx([known["P"]])
    for key, where in (
        ("shapley_serial_A_T1_T2", "in a row"),
        ("shapley_parallel_A_T1orT2", "side by side"),
    ):
        case = f"seller and two transit states {where}"
        assert ours(rows, case, "Shapley") == pytest.approx(list(published[key].values()))
