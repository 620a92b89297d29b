"""Energy of the packaged world: balanced, near what is recorded, and refused where it is not."""

import shutil

import numpy as np
import pytest

from sim.world.csv_tables.reader import PACKAGED
from sim.world.csv_tables.table_errors import WorldError
from sim.world.describe.energy_overview import describe_energy
from sim.world.energy.energy_arrays import STANDARD_ERROR, reconcile
from sim.world.load import load_world


@pytest.fixture(scope="module")
def packaged():
    return load_world()


def balances(world):
    energy, arcs = world.energy, world.energy.arcs
    left = energy.production - energy.consumption
    np.subtract.at(left, (arcs.carrier, arcs.tail), arcs.flow)
    np.add.at(left, (arcs.carrier_out, arcs.head), arcs.flow * arcs.delivered_share)
    return left


def test_every_node_balances(packaged):
    assert np.abs(balances(packaged)).max() < 1e-8


def test_quantities_read_in_a_source_move_little(packaged):
    balanced = ("production", "consumption", "flow")
    seen = [m for m in packaged.energy.misses if m.flag == "seen" and m.what in balanced]
    assert seen
    most = max(abs(m.difference) / m.recorded for m in seen)
    assert most < 3 * STANDARD_ERROR["seen"]


@pytest.mark.parametrize(
    ("what", "place", "carrier", "value", "within"),
    [
        ("exports", "KAZ", "crude", 64.3, 0.02),
        ("imports", "PAK", "gas", 9.5, 0.02),
        ("imports", "PAK", "coal", 16.2, 0.03),
        ("flow", "refineries-pak", "crude", 11.5, 0.02),
    ],
)
def test_recorded_trade_of_the_pair_is_met(packaged, what, place, carrier, value, within):
    (miss,) = (
        m for m in packaged.energy.misses if (m.what, m.place, m.carrier) == (what, place, carrier)
    )
    assert miss.balanced == pytest.approx(value, rel=within)


def test_the_caspian_pipeline_carries_four_fifths_of_kazakh_crude(packaged):
    arcs, region = packaged.energy.arcs, packaged.region_index("KAZ")
    crude = packaged.energy.carriers.index("crude")
    sold = (arcs.carrier == crude) & (arcs.tail == region) & arcs.is_trade
    by_cpc = np.array(["cpc" in name for name in arcs.names])
    assert arcs.flow[sold & by_cpc].sum() / arcs.flow[sold].sum() == pytest.approx(0.8, abs=0.02)


def test_arrays_are_read_only(packaged):
    with pytest.raises(ValueError, match="read-only"):
        packaged.energy.arcs.flow[0] = 1.0


def test_a_world_without_the_tables_has_no_energy_market(project_root):
    tiny = load_world(project_root / "tests" / "worlds" / "tiny")
    assert not tiny.energy
    assert tiny.energy.carriers == ()


def test_the_listing_shows_every_recorded_figure_beside_the_modelled_one(packaged):
    sections = {section.title.split(" ")[0]: section for section in describe_energy(packaged)}
    for section in sections.values():
        assert section.rows
        assert {len(row) for row in section.rows} == {len(section.columns)}
    recorded = [miss for miss in packaged.energy.misses if miss.recorded > 0]
    assert len(sections["Recorded"].rows) == len(recorded)
    # What is made, bought and given by plants is used or sold, row by row.
    for row in sections["Balances;"].rows:
        made, bought, plants, used, sold = (float(c.replace(",", "") or 0) for c in row[2:7])
        assert made + bought + plants == pytest.approx(used + sold, abs=0.03)


def test_a_world_without_energy_says_so(project_root):
    tiny = load_world(project_root / "tests" / "worlds" / "tiny")
    (section,) = describe_energy(tiny)
    assert "no tables of energy" in section.rows[0][0]


def test_reconciling_weighs_by_error_and_leaves_what_may_not_move():
    found = reconcile(
        np.array([10.0, 12.0, 5.0]), np.array([0.0, 1.0, 2.0]), np.array([[1.0, -1.0, 1.0]])
    )
    assert found[0] == 10.0
    assert found[0] - found[1] + found[2] == pytest.approx(0.0)
    assert (found[2] - 5.0) / (found[1] - 12.0) == pytest.approx(-4.0)


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("energy_arcs", "gas-qat-pak,gas,,QAT,PAK,sea,8,,", "gas-qat-pak,gas,,QAT,PAK,sea,8,3,",
         "capacity: 3 is below the flow 8"),
        ("energy_arcs", "gas-qat-pak,gas,,QAT,PAK", "gas-qat-pak,gas,,QAT,QAT", "is the tail too"),
        ("energy_arcs", "iran-pakistan,gas,,IRN,PAK,pipeline,,7.75,0,1,80,,,planned,iran-pakistan",
         "iran-pakistan,gas,,IRN,PAK,pipeline,,7.75,0,1,80,,,planned,", "names its project"),
        ("energy_contracts", "gas-qat-pak", "iran-pakistan", "carried nothing in the base year"),
        ("energy_balances", "QAT,gas,", "QAT,gaz,", "did you mean 'gas'"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_named_where_it_is_wrong(tmp_path, table, old, new, message):
    folder = shutil.copytree(PACKAGED, tmp_path / "world")
    file = folder / f"{table}.csv"
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(WorldError, match=message):
        load_world(folder)
