"""Closures, bans and shut borders: days united, trade stopped at once and back at once."""

from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws.numerics.calendar import parse_quarter
from sim.laws.numerics.spells import Days
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.checks.schema_errors import MODELS
from sim.simulation.closures.gate_openings import closed_by_day, dated_open_share
from sim.simulation.closures.shut_borders import (
    USUAL_KEPT_SHARE,
    RandomClosures,
    border_gates,
    pair_stops,
)
from sim.simulation.energy.arc_openings import EnergyOpenings
from sim.simulation.energy.drivers import path_inputs
from sim.simulation.energy.energy_setup import energy_table
from sim.simulation.model import TradeModel
from sim.simulation.uncertainty.draws import draw
from sim.world.csv_tables.records import Detour, RecordedBan, RecordedClosure
from sim.world.load import load_world
from sim.world.stops import recorded_closures, recorded_year_round

A, B, C = range(3)
CALM = {"parameters": False, "events": False, "residual_shocks": False}
START, N_QUARTERS = parse_quarter("2022Q4"), 17
QUARTERS = np.arange(START, START + N_QUARTERS)
RECORDED_MUSD = (120.0, 759.0)
"""Customs trade of the two neighbours in October to December 2025 and a year before."""


@pytest.fixture(scope="module")
def packaged():
    return load_world()


@pytest.fixture(scope="module")
def ask(tiny_scenario):
    """The tiny question without agreements, chance and indirect effects."""

    def build(**changes):
        content = tiny_scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
        content |= {
            "agreements": {},
            "horizon": {"start": "2022Q4", "end": "2026Q4"},
            "targets": {"goal": {"pair": ["AAA", "CCC"], "trade_musd": 3000, "deadline": "2026Q4"}},
            "uncertainty_sources": CALM,
            "model_closure": "direct",
            **changes,
        }
        return Scenario.model_validate(content, strict=False)

    return build


@pytest.fixture(scope="module")
def trade(tiny_world):
    """Trade of a pair by quarter, (n_quarters, n_goods), in the first of some runs."""

    def simulate(scenario, pair, world=tiny_world):
        model = TradeModel(scenario, world)
        found = {}
        while model.quarter < int(scenario.horizon.end):
            model.step()
            a, b = pair
            both = model.snapshot.trade[0][:, [a, b], [b, a]]
            found[model.quarter] = both.sum(axis=1)
        return found

    return simulate


def spell(first, last=None, **keys):
    return {"from": first, **({} if last is None else {"until": last}), **keys}


# --- the same days, written otherwise -------------------------------------------------------------

SAMPLES = {
    "pair": ["PAK", "AFG"],
    "exporter": "QAT",
    "carrier": "gas",
    "factor": 1.8,
    "share": 0.5,
    "cut": 0.4,
}
KEYS = {"closures": "torkham", "bans": "one"}
"""Names under which entries of mappings stand."""
DAYS = [("2023-02-10", "2023-05-03"), ("2024-11-20", "2025-02-11")]
AGAIN = [
    ("2024-12-24", "2025-02-11"),
    ("2023-02-10", "2023-03-31"),
    ("2024-11-20", "2025-01-05"),
    ("2023-03-15", "2023-05-03"),
    ("2023-02-10", "2023-03-31"),
]
"""The same days: split, overlapping, one twice, in another order."""


def dated_blocks():
    """Places of the schema at which spells of days stand, whatever blocks it has."""
    return sorted(
        {
            path: model
            for path, model in MODELS
            if {"from_date", "until"} <= set(model.model_fields)
        }.items()
    )


def entry(model, days):
    """A whole entry of a model for some days; a new field without a sample is a KeyError."""
    needed = {
        name: SAMPLES[name]
        for name, field in model.model_fields.items()
        if name not in ("from_date", "until") and (field.is_required() or name in SAMPLES)
    }
    return {**needed, "from": days[0], "until": days[1]}


def block_of(path, model, spells):
    """Content of a scenario with these spells at a place of the schema."""
    entries = [entry(model, days) for days in spells]
    if path[-2:] == ("*", "*"):
        content = {KEYS[path[0]]: entries}
    elif path[0] in KEYS:
        content = {f"{KEYS[path[0]]}-{k}": each for k, each in enumerate(entries)}
    else:
        content = entries
    for key in reversed([step for step in path if step != "*"]):
        content = {key: content}
    return content


def everything_dated(world, build, **content):
    """All numbers that dated spells move, in one mapping."""
    scenario = build(uncertainty_sources=CALM, **content)
    draws = draw(scenario, world, [0, 1], START, N_QUARTERS)
    table = energy_table(world, {})
    openings = EnergyOpenings(scenario, world, draws, table.market_arcs)
    path = path_inputs(scenario, world, draws)
    return {
        "gates": draws.gate_open_share,
        "banned": draws.pair_stops.banned,
        "stopped": draws.pair_stops.stopped,
        "energy": np.stack([openings.of_year(year) for year in (2022, 2023, 2024, 2025)]),
        "prices": path.money,
    }


@pytest.mark.parametrize(("path", "model"), dated_blocks(), ids=lambda x: str(x)[:40])
def test_how_days_are_written_changes_no_bit(packaged, scenario_with, path, model):
    """Every block of the schema that has days; one that no rule reads would move nothing."""
    plain = everything_dated(packaged, scenario_with, **block_of(path, model, DAYS))
    again = everything_dated(packaged, scenario_with, **block_of(path, model, AGAIN))
    for name, values in plain.items():
        assert_array_equal(again[name], values, name)
    nothing = everything_dated(packaged, scenario_with)
    assert any(
        values.shape != nothing[name].shape or np.any(values != nothing[name])
        for name, values in plain.items()
    )


def test_days_of_records_and_of_the_scenario_are_united(packaged, scenario_with):
    """What a scenario says again changes nothing, and what it says besides loses no record."""
    recorded = scenario_with(recorded_stops=True)
    again = scenario_with(
        recorded_stops=True, closures={"torkham": [spell("2025-02-25", "2025-03-10")]}
    )
    more = scenario_with(
        recorded_stops=True, closures={"torkham": [spell("2025-03-01", "2025-03-28")]}
    )
    gate = [gate.gate for gate in packaged.gates].index("torkham")
    at = parse_quarter("2025Q1") - START
    plain, same, longer = (dated_open_share(s, packaged, QUARTERS) for s in (recorded, again, more))
    assert_array_equal(same, plain)
    assert longer[gate, at] == pytest.approx(1 - 36 / 90)  # 21 February to 28 March
    for other in range(N_QUARTERS):
        assert other == at or longer[gate, other] == plain[gate, other]


def test_two_lists_of_the_same_days_give_the_same_trade(tiny_world, ask):
    lists = {
        "closures": {"pass": [spell("2024-04-10", "2024-05-20"), spell("2024-05-10", "2024-06-15")]}
    }
    whole = {"closures": {"pass": [spell("2024-04-10", "2024-06-15")]}}
    ends = [TradeModel(ask(**keys), tiny_world).run_to_end() for keys in (lists, whole)]
    assert_array_equal(ends[0].snapshot.trade, ends[1].snapshot.trade)
    pass_gate = [gate.gate for gate in tiny_world.gates].index("pass")
    at = parse_quarter("2024Q2") - START
    for end in ends:
        assert end.draws.gate_open_share[0, pass_gate, at] == pytest.approx(24 / 91, rel=1e-12)


# --- bans -----------------------------------------------------------------------------------------


def test_a_ban_of_everything_stops_all_goods_and_is_gone_the_day_it_ends(ask, trade):
    ban = {"stop": {"pair": ["CCC", "BBB"], **spell("2024-01-01", "2024-06-30")}}
    free, banned = trade(ask(), (B, C)), trade(ask(bans=ban), (B, C))
    for quarter, values in banned.items():
        if parse_quarter("2024Q1") <= quarter <= parse_quarter("2024Q2"):
            assert np.all(values == 0.0)
        else:
            assert_allclose(values, free[quarter], rtol=2e-3)
    back = parse_quarter("2024Q3")
    assert banned[back].sum() == pytest.approx(free[back].sum(), rel=2e-3)


@pytest.mark.parametrize(
    ("first", "last", "days"), [("2024-02-01", "2024-02-10", 10), ("2024-03-22", "2024-04-05", 10)]
)
def test_a_ban_takes_its_days_of_the_quarter(ask, trade, first, last, days):
    ban = {"stop": {"pair": ["BBB", "CCC"], "share": 0.8, **spell(first, last)}}
    at = parse_quarter("2024Q1")
    free, banned = trade(ask(), (B, C))[at], trade(ask(bans=ban), (B, C))[at]
    assert_allclose(banned, (1 - 0.8 * days / 91) * free, rtol=1e-6)


def test_a_ban_of_some_goods_leaves_the_others_and_energy_alone(tiny_world, ask, trade):
    first, *others = tiny_world.goods
    ban = {"stop": {"pair": ["BBB", "CCC"], "goods": [first], **spell("2024-01-01", "2024-03-31")}}
    at = parse_quarter("2024Q1")
    free, banned = trade(ask(), (B, C))[at], trade(ask(bans=ban), (B, C))[at]
    assert others
    assert banned[0] == 0.0
    assert_allclose(banned[1:], free[1:], rtol=1e-9)
    whole = {"stop": {"pair": ["BBB", "CCC"], **spell("2024-01-01", "2024-03-31")}}
    tick = at - START
    for bans, left in ((ban, 1.0), (whole, 0.0)):
        draws = draw(ask(bans=bans), tiny_world, [0], START, N_QUARTERS)
        energy = draws.pair_stops.energy_left(tick, 3)[0]
        assert energy[B, C] == energy[C, B] == left
        assert energy[A, B] == energy[A, C] == 1.0


def test_partners_of_a_banned_pair_take_its_place(ask, trade):
    ban = {"stop": {"pair": ["BBB", "CCC"], **spell("2024-01-01", "2024-12-31")}}
    at = parse_quarter("2024Q2")
    free, banned = (
        trade(ask(model_closure="full", **keys), (A, C))[at].sum() for keys in ({}, {"bans": ban})
    )
    assert banned > 1.001 * free


def test_a_ban_by_land_stops_what_a_shut_border_stops(ask, trade):
    keys = {"pair": ["AAA", "CCC"], "scope": "land"}
    ban = {"stop": {**keys, **spell("2024-01-01", "2024-03-31")}}
    at = parse_quarter("2024Q1")
    free, banned = trade(ask(), (A, C))[at], trade(ask(bans=ban), (A, C))[at]
    assert_allclose(banned, USUAL_KEPT_SHARE * free, rtol=1e-6)


def test_bans_on_record_act_unless_the_base_year_knows_them(tiny_world, ask, trade):
    def row(start, end):
        return RecordedBan(
            "b", ("BBB", "CCC"), "all", (), 1.0, start, end, "", "", "invented", "estimated"
        )

    at = parse_quarter("2023Q2")
    free = trade(ask(), (B, C))[at]
    asked = ask(recorded_stops=True)
    calm = replace(tiny_world, closures=())
    new = replace(calm, bans=(row("2023-04", "2023-07"),))
    old = replace(calm, bans=(row("2019", "2023-07"),))
    assert np.all(trade(asked, (B, C), new)[at] == 0.0)
    assert_allclose(trade(asked, (B, C), old)[at], free, rtol=1e-12)
    assert_allclose(trade(ask(), (B, C), new)[at], free, rtol=1e-12)


# --- shut borders ---------------------------------------------------------------------------------


def plain_stopped(days, closed, usual, own, shared, bans, kept):
    """Part of a quarter's trade that is stopped, day by day and case by case of chance."""
    total = 0.0
    for day in range(days):
        ban = bans[day]
        chance_shut = 0.0
        for border, *gates in product((False, True), repeat=1 + len(own)):
            weight = shared if border else 1.0 - shared
            for fell, rate in zip(gates, own, strict=True):
                weight *= rate if fell else 1.0 - rate
            shut = [border or fell or closed[g][day] for g, fell in enumerate(gates)]
            chance_shut += weight * all(shut)
        chance_shut *= not usual[day]
        total += (1.0 - chance_shut) * ban + chance_shut * max(ban, 1.0 - kept)
    return total / days


@pytest.mark.parametrize("seed", range(8))
def test_what_a_border_stops_is_the_sum_over_days_and_over_chance(tiny_world, ask, seed):
    """Two gates of one border, one with a season, dates, bans and chance, beside a plain twin."""
    rng = np.random.default_rng(seed)
    first = next(gate for gate in tiny_world.gates if gate.gate == "pass")
    gates = (
        *(g for g in tiny_world.gates if g.gate != "pass"),
        replace(first, closed_months=(4,) if seed % 2 else ()),
        replace(first, gate="other", closed_months=(4,) if seed % 4 == 3 else ()),
    )
    world = replace(tiny_world, gates=gates)
    quarter = Days.of_quarters([parse_quarter("2024Q2")])
    days = [date.fromordinal(quarter.first + k) for k in range(quarter.n_days)]

    def some():
        a, b = sorted(rng.integers(0, len(days), 2).tolist())
        return spell(days[a].isoformat(), days[b].isoformat())

    bans = {"x": {"pair": ["AAA", "CCC"], "share": 0.7, **some()}}
    scenario = ask(closures={"pass": [some(), some()], "other": [some()]}, bans=bans)
    own, shared = rng.random((1, len(gates), 1)) * 0.4, np.full((1, len(gates), 1), 0.2)
    chance = RandomClosures(own, shared, np.ones(own.shape, dtype=bool))
    kept = np.array([0.1])
    found = pair_stops(scenario, world, np.array([parse_quarter("2024Q2")]), chance, kept)
    closed = closed_by_day(scenario, world, quarter)[-2:] >= 1.0
    season = np.array([[day.month in gate.closed_months for day in days] for gate in gates[-2:]])
    banned = quarter.united([])
    lo, hi = (
        date.fromisoformat(bans["x"][k]).toordinal() - quarter.first for k in ("from", "until")
    )
    banned[lo : hi + 1] = 0.7
    twin = plain_stopped(
        len(days), closed, season.all(axis=0), own[0, -2:, 0], 0.2, banned, kept[0]
    )
    pair = [tuple(ends) for ends in found.ends.tolist()].index((A, C))
    assert found.stopped[0, pair, 0, 0] == pytest.approx(twin, rel=1e-12)
    assert found.banned[0, pair, 0, 0] == pytest.approx(banned.mean(), rel=1e-12)


def test_neighbours_with_a_shut_border_keep_a_tenth_at_most_or_what_is_on_record(
    tiny_world, ask, trade
):
    shut = ask(closures={"bridge": [spell("2024-01-01", "2024-03-31")]})
    at = parse_quarter("2024Q1")
    free = trade(ask(), (B, C))[at]
    kept = trade(shut, (B, C))[at] / free
    # Queues of the open border, which the shut one has not, cost its trade some millionths.
    assert_allclose(kept, USUAL_KEPT_SHARE, rtol=1e-4)
    assert USUAL_KEPT_SHARE <= 0.1
    row = Detour("BBB", "CCC", 0.6, "", "invented", "estimated")
    with_sea = trade(shut, (B, C), replace(tiny_world, detours=(row,)))[at] / free
    assert np.all(with_sea <= 0.6 * (1 + 1e-4))
    assert np.all(with_sea > kept)


def test_one_open_post_keeps_a_border_open_and_a_line_to_be_built_is_none(packaged, scenario_with):
    assert (packaged.region_index("KAZ"), packaged.region_index("RUS")) not in {
        tuple(sorted(pair)) for pair in border_gates(packaged)
    }
    pair = tuple(sorted(map(packaged.region_index, ("PAK", "AFG"))))
    whole = spell("2024-01-01", "2024-03-31")
    at = parse_quarter("2024Q1") - START
    for shut, is_stopped in ((["torkham"], False), (["torkham", "chaman"], True)):
        scenario = scenario_with(closures={g: [whole] for g in shut}, uncertainty_sources=CALM)
        stops = draw(scenario, packaged, [0], START, N_QUARTERS).pair_stops
        stopped = {tuple(e): stops.stopped[0, k, 0, at] for k, e in enumerate(stops.ends.tolist())}
        assert (stopped.get(pair, 0.0) >= 0.9) == is_stopped
    railway = {"projects": {"uap": {"completes": "2023Q4"}}}
    scenario = scenario_with(
        closures={g: [whole] for g in ("torkham", "chaman")}, uncertainty_sources=CALM, **railway
    )
    stops = draw(scenario, packaged, [0], START, N_QUARTERS).pair_stops
    assert not stops.stopped[..., at].any()


def test_a_border_that_is_shut_in_every_winter_stops_nothing_more(tiny_world, ask, trade):
    gates = tuple(
        replace(gate, closed_months=(1, 2, 3)) if gate.gate == "bridge" else gate
        for gate in tiny_world.gates
    )
    seasonal = replace(tiny_world, gates=gates)
    stops = draw(ask(), seasonal, [0], START, N_QUARTERS).pair_stops
    assert not stops.stopped.any()


# --- records --------------------------------------------------------------------------------------


def test_records_count_up_to_a_quarter_and_a_spell_of_the_base_year_does_not_act(packaged):
    assert not recorded_closures(packaged, parse_quarter("2022Q4")).get("torkham", [])[2:]
    known = recorded_closures(packaged, parse_quarter("2025Q4"))
    assert max(s.last for s in known["torkham"]) == date(2025, 12, 31).toordinal()
    everything = recorded_closures(packaged)
    assert max(s.last for s in everything["torkham"]) == date(2026, 2, 16).toordinal()
    assert "hormuz" not in known
    assert [s.share for s in everything["hormuz"]] == [1.0, 0.54]
    pandemic = date(2022, 6, 1).toordinal()
    assert not any(s.first <= pandemic <= s.last for s in everything.get("khunjerab", []))
    assert recorded_year_round(packaged)["khunjerab"] == date(2024, 12, 1).toordinal()
    assert "khunjerab" not in recorded_year_round(packaged, parse_quarter("2024Q3"))


def test_the_day_of_reopening_is_open_and_dates_cut_short_count_from_their_first_day(tiny_world):
    def row(start, end, seen=""):
        return RecordedClosure("pass", start, end, seen, 1.0, False, "", "invented", "estimated")

    rows = (
        row("2023-03-01", "2023-03-11"),
        row("2024", "2024-02"),
        row("2025-05", "", "2025-05-04"),
    )
    spells = recorded_closures(replace(tiny_world, closures=rows))["pass"]
    assert [s.last - s.first + 1 for s in spells] == [10, 31, 4]


def test_chance_begins_where_the_record_of_a_gate_ends(packaged, scenario_with):
    busy = tuple(
        replace(gate, closure_rate_per_year=50.0, mean_closure_days=2.0) for gate in packaged.gates
    )
    world = replace(packaged, gates=busy)
    layers = {"parameters": False, "events": True, "residual_shocks": False}
    asked = scenario_with(recorded_stops=True, uncertainty_sources=layers)
    draws = draw(asked, world, [0, 1], START, N_QUARTERS)
    torkham = [gate.gate for gate in packaged.gates].index("torkham")
    known = parse_quarter("2026Q1") - START
    dated, found = draws.dated_open_share, draws.gate_open_share
    assert_array_equal(found[:, torkham, : known + 1], [dated[torkham, : known + 1]] * 2)
    assert np.all(found[:, torkham, known + 1 :] < 1.0)
    assert np.all(found[:, torkham + 1 :, 1:].min(axis=1) < 1.0)


@pytest.fixture(scope="module")
def autumn(packaged, project_root):
    """Trade of Pakistan and Afghanistan by quarter in 16 runs of the shipped baseline."""
    from sim.scenario.scenario_file import load_scenario
    from sim.world.names import world_names

    scenario = load_scenario(project_root / "scenarios" / "baseline.yaml", world_names())
    model = TradeModel(scenario, packaged, runs=range(16))
    a, b = (packaged.region_index(code) for code in ("PAK", "AFG"))
    north = [packaged.region_index(code) for code in ("KAZ", "KGZ", "TJK", "TKM", "UZB")]
    found = {}
    while model.quarter < parse_quarter("2026Q1"):
        model.step()
        abroad = model.snapshot.trade_abroad[:, :, b]
        found[model.quarter] = np.stack([model.pair_trade(a, b), abroad[:, north].sum(axis=1)])
    return found


def test_the_closure_of_october_2025_comes_out_as_recorded(autumn):
    """Within a factor of 1.5 of customs, while half of the trade went on before."""
    shut, before = (autumn[parse_quarter(quarter)][0] for quarter in ("2025Q4", "2024Q4"))
    recorded = RECORDED_MUSD[0] / RECORDED_MUSD[1]
    simulated = float(np.median(shut / before))
    assert recorded / 1.5 < simulated < 1.5 * recorded
    # Ten of 92 days are the least that a quarter with ten open days can keep.
    assert np.all(shut > 10 / 92 * 0.8 * before)
    month = autumn[parse_quarter("2026Q1")][0] / autumn[parse_quarter("2025Q1")][0]
    assert np.median(month) < 0.11  # receipts of December 2025, of which some are late


def test_others_supply_the_shut_in_neighbour(autumn):
    """Recorded: its imports from Central Asia rose by 43 % in the year."""
    north = autumn[parse_quarter("2025Q4")][1] / autumn[parse_quarter("2025Q3")][1]
    assert np.median(north) > 1.03


# --- energy ---------------------------------------------------------------------------------------


def gate_number(world, name):
    return [gate.gate for gate in world.gates].index(name)


def openings(world, scenario, year):
    draws = draw(scenario, world, [0], START, N_QUARTERS)
    table = energy_table(world, {})
    found = EnergyOpenings(scenario, world, draws, table.market_arcs).of_year(year)[0]
    return dict(zip(table.market_arcs.names, found, strict=True))


def test_a_shut_strait_and_a_failing_supplier_on_the_same_days_count_once(packaged, scenario_with):
    strait = {"hormuz": [spell("2024-03-01", "2024-06-30")]}
    failure = {"exporter": "QAT", "carrier": "gas", **spell("2024-05-01", "2024-07-31")}
    asked = scenario_with(
        closures=strait, energy={"force_majeure": [failure]}, uncertainty_sources=CALM
    )
    found = openings(packaged, asked, 2024)
    arcs = packaged.energy.arcs
    seller, hormuz = packaged.region_index("QAT"), gate_number(packaged, "hormuz")
    lng = [n for a, n in enumerate(arcs.names) if arcs.tail[a] == seller and n.startswith("gas-")]
    lng = [n for n in lng if arcs.gates[arcs.names.index(n), hormuz]]
    assert lng
    first, last = date(2024, 3, 1), date(2024, 7, 31)
    for name in lng:
        assert found[name] == pytest.approx(1 - ((last - first).days + 1) / 366, rel=1e-12)


def test_a_strait_half_open_carries_half(packaged, scenario_with):
    asked = scenario_with(
        closures={"hormuz": [spell("2024-01-01", "2024-12-31", share=0.54)]},
        uncertainty_sources=CALM,
    )
    found = openings(packaged, asked, 2024)
    assert found["crude-sau-pak"] == pytest.approx(0.46, rel=1e-12)
    assert found["crude-fujairah-pak"] == 1.0


@pytest.mark.parametrize(("scope", "stops_pipes"), [("all", True), ("land", False)])
def test_a_ban_stops_the_energy_of_the_pair(packaged, scenario_with, scope, stops_pipes):
    keys = {"pair": ["UZB", "KAZ"], "scope": scope}
    ban = {"x": {**keys, **spell("2024-01-01", "2024-12-31")}}
    asked = scenario_with(bans=ban, uncertainty_sources=CALM)
    found = openings(packaged, asked, 2024)
    arcs = packaged.energy.arcs
    ends = {packaged.region_index(code) for code in ("UZB", "KAZ")}
    own = [a for a in range(len(arcs.names)) if {int(arcs.tail[a]), int(arcs.head[a])} == ends]
    by_land = {arcs.names[a]: arcs.modes[a] in ("road", "rail", "rail-road") for a in own}
    assert set(by_land.values()) == {True, False}
    for name, is_land in by_land.items():
        assert found[name] == (0.0 if is_land or stops_pipes else 1.0)
    assert found["crude-sau-pak"] == 1.0


def test_every_field_of_a_ban_on_record_is_read(tiny_world):
    """A guard for new columns: they are told here when they come."""
    names = [field.name for field in fields(RecordedBan)]
    assert names == [
        "ban", "states", "scope", "goods", "share", "start", "end", "last_seen", "note", "source",
        "flag",
    ]  # fmt: skip


def test_a_day_more_of_a_ban_is_a_day_less_of_trade(ask, trade):
    at, days = parse_quarter("2025Q3"), 92
    left = []
    for last in range(0, 92, 30):
        end = (date(2025, 7, 1) + timedelta(days=last)).isoformat()
        ban = {"x": {"pair": ["BBB", "CCC"], **spell("2025-07-01", end)}}
        left.append(trade(ask(bans=ban), (B, C))[at].sum())
    whole = trade(ask(), (B, C))[at].sum()
    assert_allclose(
        np.array(left) / whole, [1 - (n + 1) / days for n in range(0, 92, 30)], rtol=1e-6
    )
