"""What a loaded world must be true of, in the invented and in the packaged world."""

import dataclasses
import pickle
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.world.csv_tables.reader import PACKAGED, read_tables
from sim.world.describe.overview import describe_world
from sim.world.load import load_world
from sim.world.stops import recorded_closures
from sim.world.trade.calibration import CalibrationError
from sim.world.trade.records_from_rows import agreements
from sim.world.world import World


@pytest.fixture(scope="module")
def packaged() -> World:
    return load_world()


@pytest.fixture(params=["packaged", "tiny"])
def place(request: pytest.FixtureRequest, tiny: Path) -> Path:
    return PACKAGED if request.param == "packaged" else tiny


def arrays_of(world: World) -> list[np.ndarray]:
    values = [getattr(world, field.name) for field in dataclasses.fields(world)]
    values += [
        *world.tariffs.mfn_rate_by_type.values(),
        *world.tariffs.applied_rate_by_type.values(),
    ]
    return [value for value in values if isinstance(value, np.ndarray)]


PASSED = date(2025, 10, 20).toordinal()
"""The day on which Chaman let containers through while Torkham stayed shut."""


def abroad(world: World) -> np.ndarray:
    return np.where(np.eye(len(world.regions), dtype=bool), 0.0, world.trade)


def test_arrays_have_their_shapes_and_cannot_be_written(place: Path) -> None:
    world = load_world(place)
    n, m, years = len(world.regions), len(world.goods), len(world.growth_years)
    assert world.trade.shape == (m, n, n)
    assert world.energy_trade.shape == (n, n)
    assert world.gdp_musd.shape == world.population_m.shape == (n,)
    assert world.growth.shape == (n, years)
    assert world.tariffs.applied_rate.shape == (m, n, n)
    assert all(rate.shape == (m, n) for rate in world.tariffs.mfn_rate_by_type.values())
    for array in arrays_of(world):
        assert not array.flags.writeable
        assert np.isfinite(array).all()
    with pytest.raises(dataclasses.FrozenInstanceError):
        world.name = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        world.tariffs.mfn_rate_by_type["x"] = world.trade  # type: ignore[index]


def test_goods_and_energy_make_up_the_totals_and_nothing_is_counted_twice(place: Path) -> None:
    tables = read_tables(place)
    for ledger in tables["ledgers"].column("ledger"):
        world = load_world(place, ledger=ledger)
        pairs = abroad(world).sum(axis=0) + world.energy_trade
        exports = [row.number("exports_musd") for row in tables["trade_totals"]]
        imports = [row.number("imports_musd") for row in tables["trade_totals"]]
        np.testing.assert_allclose(pairs.sum(axis=1), exports, rtol=1e-9)
        np.testing.assert_allclose(pairs.sum(axis=0), imports, rtol=1e-9)
        assert world.calibration.residual <= 1e-9
        assert not np.diagonal(world.energy_trade).any()


def test_held_flows_are_exact_under_their_ledger(place: Path) -> None:
    tables = read_tables(place)
    for ledger in tables["ledgers"].column("ledger"):
        world = load_world(place, ledger=ledger)
        for row in tables["held_flows"]:
            if row.text("ledger") in ("all", ledger):
                flow = world.pair_musd(row.text("exporter"), row.text("importer"))
                assert flow == pytest.approx(row.number("trade_musd"), rel=1e-12)


def test_every_good_is_sold_at_home_and_no_flow_is_negative(place: Path) -> None:
    world = load_world(place)
    assert np.all(np.einsum("kii->ki", world.trade) > 0)
    assert world.trade.min() >= 0
    assert world.energy_trade.min() >= 0


def test_missing_is_not_zero_and_a_recorded_zero_stays(place: Path) -> None:
    world = load_world(place)
    gaps = {(gap.exporter, gap.importer) for gap in world.calibration.gaps}
    for row in read_tables(place)["trade_prior"]:
        pair = row.text("exporter"), row.text("importer")
        blank = row.text("trade_musd") == ""
        assert (pair in gaps) == blank
        if blank:
            assert world.pair_musd(*pair) > 0
        elif row.number("trade_musd") == 0:
            assert world.pair_musd(*pair) == 0


def test_a_recorded_zero_is_not_estimated(spoiled) -> None:
    spoiled.put("trade_prior", 6, "trade_musd", "0")
    spoiled.put("held_flows", 5, "trade_musd", "300")  # the other ledgers have to fit too
    spoiled.put("trade_totals", 2, "imports_musd", "300")
    spoiled.put("trade_totals", 3, "imports_musd", "1100")
    world = load_world(spoiled.path)
    assert world.calibration.gaps == ()
    assert world.pair_musd("CCC", "AAA") == 0


def test_a_region_nothing_is_known_of_is_refused(spoiled) -> None:
    spoiled.put("trade_prior", 7, "trade_musd", "")
    with pytest.raises(
        CalibrationError, match=r"prior.csv:6:trade_musd: 'CCC' has missing exports"
    ):
        load_world(spoiled.path)


def test_growth_covers_every_year_from_the_base_to_2040(place: Path) -> None:
    world = load_world(place)
    assert world.growth_years == tuple(range(world.base_year + 1, 2041))


def test_the_same_tables_give_the_same_world(place: Path) -> None:
    first, second = load_world(place), load_world(place)
    assert first.content_hash == second.content_hash
    for one, other in zip(arrays_of(first), arrays_of(second), strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_world_can_be_sent_to_another_process(tiny: Path) -> None:
    world = load_world(tiny)
    copy = pickle.loads(pickle.dumps(world))
    assert copy.trade.tobytes() == world.trade.tobytes()
    assert dict(copy.parameters) == dict(world.parameters)
    assert dict(copy.customs_unions) == dict(world.customs_unions)


def test_preferences_take_the_margins_in_force_and_no_others(tiny: Path) -> None:
    world = load_world(tiny)
    a, b, c = (world.region_index(code) for code in ("AAA", "BBB", "CCC"))
    food, metals = (world.goods.index(good) for good in ("food", "metals"))
    assert world.tariffs.applied_rate[:, a, c].tolist() == [0.0, 0.0]
    assert world.tariffs.applied_rate[food, c, b] == pytest.approx(0.2 * 0.5 + 0.08)
    assert world.tariffs.applied_rate[metals, c, b] == pytest.approx(0.1 + 0.08)
    assert world.tariffs.applied_rate[food, a, b] == pytest.approx(0.28)
    assert world.tariffs.applied_rate[:, b, b].tolist() == [0.0, 0.0]


def test_customs_unions_have_the_full_members_of_the_base_year(tiny: Path) -> None:
    assert dict(load_world(tiny).customs_unions) == {"UNION": ("AAA", "CCC")}


def test_agreements_apply_from_their_first_day_to_their_last(tiny: Path) -> None:
    old = next(a for a in agreements(read_tables(tiny)) if a.agreement == "b-c-old")
    days = ("2000-12-31", "2001-01-01", "2019-12-31", "2020-01-01")
    assert [old.is_in_force(day) for day in days] == [False, True, True, False]


def test_corridors_are_what_their_links_pass(tiny: Path) -> None:
    route, rail, coast, tunnel = load_world(tiny).corridors
    assert route.gates == ("pass", "bridge")
    assert route.transit == ("CCC",)
    assert coast.gates == ("harbour", "narrows")
    assert [r.status for r in (route, rail, tunnel)] == ["open", "needs-agreement", "planned"]


def test_forecast_errors_stand_at_their_size_and_horizon(tiny: Path) -> None:
    errors = load_world(tiny).forecast_errors
    assert errors.size_high_musd.tolist() == [100.0, np.inf]
    assert errors.rmsle.shape == (1, 2, 2)
    assert errors.rmsle[0, 0].tolist() == pytest.approx([0.7, 0.4])


def test_every_section_of_the_description_is_a_full_table(place: Path) -> None:
    world = load_world(place)
    sections = describe_world(world)
    assert len({section.title for section in sections}) == len(sections)
    for section in sections:
        assert all(len(row) == len(section.columns) for row in section.rows)
        assert all(isinstance(cell, str) for row in section.rows for cell in row)
    text = str(sections)
    assert all(f"'{code}'" in text for code in world.regions)
    assert all(name in text for name in world.parameters)


# The packaged world ------------------------------------------------------------------------------


def test_the_focus_pair_has_the_value_of_each_ledger_in_its_goods() -> None:
    for ledger, total in (("pakistan", 95.9 + 6.3), ("kazakhstan", 73.5)):
        world = load_world(ledger=ledger)
        both = world.pair_musd("PAK", "KAZ") + world.pair_musd("KAZ", "PAK")
        assert both == pytest.approx(total, rel=1e-12)
        i, j = world.region_index("PAK"), world.region_index("KAZ")
        assert world.energy_trade[i, j] == world.energy_trade[j, i] == 0
        assert world.trade[:, i, j].sum() + world.trade[:, j, i].sum() == pytest.approx(total)


def test_the_reconciled_books_lie_between_customs_and_what_is_stated() -> None:
    world = load_world(ledger="reconciled")
    both = world.pair_musd("PAK", "KAZ") + world.pair_musd("KAZ", "PAK")
    (stated,) = (e for e in world.stated("PAK", "KAZ") if e.ledger == "pakistan")
    assert 73.5 < both < stated.trade_musd


def test_a_ledger_moves_little_but_what_it_holds(packaged: World) -> None:
    """Other flows make room for the held ones in proportion, since totals stay."""
    other = load_world(ledger="kazakhstan")
    pairs = [abroad(world).sum(axis=0) + world.energy_trade for world in (packaged, other)]
    change = np.abs(pairs[1] - pairs[0])
    held = np.zeros(change.shape, dtype=bool)
    for i, j in packaged.held | other.held:
        held[i, j] = True
    moved = np.where(held, change, 0.0)
    room = np.where(held, 0.0, pairs[0])
    exported, imported = (moved.sum(axis=axis) / room.sum(axis=axis) for axis in (1, 0))
    share = np.where(held, 0.0, change / np.maximum(pairs[0], 1.0))
    second_round = 0.0025
    assert np.all(share <= 1.1 * (exported[:, None] + imported) + second_round)
    assert share.max() < 0.02


def test_average_duties_are_those_that_were_read(packaged: World) -> None:
    i = packaged.region_index("PAK")
    duty = packaged.tariffs.mfn_rate_by_type["customs_duty"][:, i].mean()
    assert duty == pytest.approx(0.1193, abs=5e-4)
    total = sum(rate[:, i].mean() for rate in packaged.tariffs.mfn_rate_by_type.values())
    assert total == pytest.approx(0.2019, abs=5e-4)
    union = [packaged.region_index(code) for code in packaged.customs_unions["EAEU"]]
    duties = packaged.tariffs.mfn_rate_by_type["customs_duty"][:, union]
    assert np.all(duties == duties[:, :1])
    assert np.all(packaged.tariffs.applied_rate[:, union][:, :, union] == 0)


def test_magnitudes_are_plausible(packaged: World) -> None:
    assert packaged.gdp_musd.sum() == pytest.approx(101_225_000, rel=1e-3)
    assert packaged.population_m.sum() == pytest.approx(7_990, rel=2e-3)
    energy = packaged.energy_trade.sum()
    assert 0.1 < energy / (energy + abroad(packaged).sum()) < 0.25
    i = packaged.region_index("PAK")
    assert 15_000 < packaged.energy_trade[:, i].sum() < 27_000  # recorded: about 18,000 in FY23


def test_every_pair_with_corridors_has_one_that_is_open(packaged: World) -> None:
    ends = {route.ends for route in packaged.corridors}
    assert ends == {route.ends for route in packaged.corridors if route.status == "open"}


def test_counted_closures_stand_behind_the_hazards_of_gate_and_border(packaged: World) -> None:
    """Three years from February 2023: days on which all posts were shut are the border's."""
    first, last = date(2023, 2, 16).toordinal(), date(2026, 2, 15).toordinal()
    gate = next(gate for gate in packaged.gates if gate.gate == "torkham")
    (border,) = (border for border in packaged.borders if border.has(gate))
    spells = recorded_closures(packaged)
    known = {
        name: [s for s in spells[name] if first <= s.first <= last]
        for name in ("torkham", "chaman")
    }
    shut = {name: {d for s in of for d in range(s.first, s.last + 1)} for name, of in known.items()}
    whole = shut["torkham"] & shut["chaman"]
    shared = [s for s in known["torkham"] if set(range(s.first, s.last + 1)) <= whole | {PASSED}]
    own = [s for s in known["torkham"] if s not in shared]
    assert border.closure_rate_per_year == pytest.approx(len(shared) / 3, abs=0.01)
    assert border.mean_closure_days == pytest.approx(len(whole) / len(shared), abs=1.5)
    assert gate.closure_rate_per_year == pytest.approx(len(own) / 3, abs=0.01)
    days = sum(s.last - s.first + 1 for s in own)
    assert gate.mean_closure_days == pytest.approx(days / len(own), abs=0.1)


def test_a_ledger_holds_its_own_flows_alone(tiny):
    world = load_world(tiny)
    a, b = world.region_index("AAA"), world.region_index("BBB")
    assert world.held == {(a, b), (b, a)}
    assert load_world(tiny, ledger="free").held == frozenset()
