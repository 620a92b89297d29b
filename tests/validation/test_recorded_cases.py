"""Numbers of the folder of cases that no other test reads, each to its digits; none is left out."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from sim.laws import energy, gravity
from sim.laws.diplomacy import bargaining
from sim.laws.energy import Arcs, Contracts, Demand, Supply
from sim.validation import assignment, steady_queues
from sim.validation.published_cases import case_cards, read_one_good
from tests.validation.test_assignment import braess

NOWHERE = Arcs([], [])
TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def markets(cases: Path) -> dict:
    return json.loads((cases / "energy" / "small_exact.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def routes(cases: Path) -> dict:
    return json.loads((cases / "routes" / "small_exact.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def queues(cases: Path) -> dict:
    return json.loads((cases / "routes" / "queues.json").read_text(encoding="utf-8"))


def test_every_folder_of_cases_is_read_by_a_test(cases: Path) -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py"))
    said += (TESTS.parent / "sim" / "validation" / "known" / "gravity_cases.csv").read_text()
    names = [path.name for kind in ("gravity", "reports", "routes") for path in
             sorted((cases / kind).iterdir()) if path.is_dir()]  # fmt: skip
    names += [path.name for kind in ("data", "energy", "routes") for path in
              sorted((cases / kind).iterdir()) if path.is_file()]  # fmt: skip
    assert len(names) > 20
    assert [name for name in names if name not in said] == []


def exact(supply: Supply, demand: Demand, arcs: Arcs = NOWHERE, **more):
    return energy.equilibrium(supply, demand, arcs, smoothing=0, **more)


@pytest.mark.parametrize(
    ("name", "slope"),
    [("compecon_text_bd_2_3_1", [2.0, 3.0, 1.0]), ("compecon_code_bd_3_2_1", [3.0, 2.0, 1.0])],
)
def test_three_regions_alone_and_what_they_ship(markets: dict, name: str, slope: list) -> None:
    """Shipments are not unique (carriage adds up along the way): what each ships on balance is."""
    known = markets["miranda_fackler_three_countries"][name]
    supply = Supply.linear([0, 1, 2], intercept=[9.0, 3.0, 18.0], slope=[1.0, 2.0, 1.0])
    demand = Demand.linear([0, 1, 2], intercept=[42.0, 54.0, 51.0], slope=slope)
    arcs = Arcs([0, 0, 1, 1, 2, 2], [1, 2, 0, 2, 0, 1], cost=[3.0, 9.0, 3.0, 3.0, 6.0, 3.0])
    alone, found = exact(supply, demand), exact(supply, demand, arcs)
    np.testing.assert_allclose(alone.produced[0], known["autarky_q"], rtol=1e-8)
    np.testing.assert_allclose(alone.price[0], known["autarky_p"], rtol=1e-8)
    net = (found.produced - found.consumed)[0]
    np.testing.assert_allclose(net, known["net_exports"], atol=1e-8)
    shipped = np.array(known["X_from_to"]) * (1 - np.eye(3))
    np.testing.assert_allclose(shipped.sum(axis=1) - shipped.sum(axis=0), net, atol=1e-6)
    np.testing.assert_allclose(found.price[0], known["p_supply"], rtol=1e-8)


def test_tolls_in_a_row_and_what_each_state_takes(markets: dict) -> None:
    for n, known in markets["serial_toll_closed_form"].items():
        alone = bargaining.separate_tolls(40.0, 1.0, np.zeros(int(n)))
        assert float(alone.toll.sum()) == pytest.approx(known["total"], rel=1e-12)
        assert float(alone.volume) == pytest.approx(known["X"], rel=1e-12)
        taken = alone.toll * alone.volume
        assert taken.tolist() == pytest.approx([known["revenue_each"]] * int(n), rel=1e-12)


def test_what_is_bought_beside_a_contract_and_what_is_paid_for(markets: dict) -> None:
    contracts = Contracts(buyer=[0], quantity=100.0, price=10.0, take_or_pay=0.8)
    for name, known in markets["take_or_pay"].items():
        asked, spot = (float(part.split("=")[1]) for part in name.split(","))
        found = exact(
            Supply.steps([0], cost=spot, quantity=np.inf), Demand.fixed([0], asked),
            contracts=contracts,
        )  # fmt: skip
        taken = float(found.taken.ravel()[0])
        bought = float(found.supplied.ravel()[0])
        assert (taken, bought) == pytest.approx((known["take"], known["spot"]), abs=1e-7)
        paid = (float(found.cost.ravel()[0]) - spot * bought) / 10.0
        assert paid == pytest.approx(known["paid_qty"], abs=1e-7)


def test_plants_run_in_order_of_merit(markets: dict) -> None:
    supply = Supply.steps([0, 0, 0], cost=[10.0, 20.0, 40.0], quantity=[50.0, 40.0, 30.0])
    for name, offers in (
        ("base D=100", supply),
        ("with import 15@25", supply + Supply.steps([0], cost=25.0, quantity=15.0)),
    ):
        known = markets["merit_order"][name]
        found = exact(offers, Demand.fixed([0], [100.0]))
        np.testing.assert_allclose(found.supplied.ravel(), known["g"], atol=1e-7)


def test_braess_routes_cost_the_same_and_the_optimum_splits_them(routes: dict) -> None:
    known = routes["braess"]
    found = assignment.assign(braess(True), {(0, 1): 6.0}, choice="least_cost", relative_gap=1e-12)
    cost = found.link_cost
    by_route = [cost[0] + cost[2], cost[0] + cost[3] + cost[4], cost[1] + cost[4]]
    np.testing.assert_allclose(by_route, known["route_costs"], atol=1e-6)
    best = assignment.assign(
        braess(True), {(0, 1): 6.0}, choice="system_optimum", relative_gap=1e-12
    )
    outer = [best.link_volume[2], best.link_volume[1], best.link_volume[3]]
    np.testing.assert_allclose(outer, known["SO_routes"], atol=1e-5)


def test_simulated_queues_are_near_the_formula_where_they_are_busy(queues: dict) -> None:
    """Allen and Cunneen's formula is exact for M/M/c and an upper bound for regular arrivals."""
    known = queues["simulation_check"]
    for name in known.keys() - {"E2/E2/c"}:
        simulated, theory = known[name]
        servers, load = float(name[4:].split()[0]), float(name.split("=")[1])
        ours = float(steady_queues.mmc_wait(load * servers, 1.0, servers))
        assert ours == pytest.approx(theory, rel=1e-12)
        assert ours == pytest.approx(simulated, rel=0.06)
    for name, simulated in known["E2/E2/c"].items():
        servers, load = (float(part.split("=")[1]) for part in name.split(","))
        ours = float(steady_queues.allen_cunneen_wait(load * servers, 1.0, servers, 0.5, 0.5))
        assert simulated < ours
        if load == 0.9:
            assert ours == pytest.approx(simulated, rel=0.1)


def test_trade_with_each_bloc_is_that_of_the_paper(cases: Path) -> None:
    """Three more columns of the published table, which were never handed to the law."""
    card = next(card for card in case_cards() if card.kind == "costs")
    folder = cases / "gravity"
    case = read_one_good(folder, card)
    table = folder / card.case / "fragmentation_1.csv"
    with table.open(encoding="utf-8", newline="") as lines:
        published = {row["iso"]: row for row in csv.DictReader(lines)}
    found = gravity.equilibrium(
        case.trade,
        trade_cost_change=case.trade_cost_change[0],
        trade_elasticity=card.trade_elasticity,
        supply_elasticity=card.supply_elasticity,
        deficits=card.deficits,
    )
    abroad = ~np.eye(len(case.states), dtype=bool)
    numeraire = found.output_change.mean()
    bloc = np.array([published[state]["Bloc"] for state in case.states])
    for name in ("Eastern", "Western", "Neutral"):
        member = bloc == name
        with_it = [
            flows[:, member].sum(axis=1) + flows[member].sum(axis=0)
            for flows in (found.trade * abroad / numeraire, case.trade * abroad)
        ]
        ours = 100 * (with_it[0] / with_it[1] - 1)
        known = [float(published[state][name]) for state in case.states]
        np.testing.assert_allclose(ours, known, atol=1e-8)
