"""Known answers of routes and queues, and the reader of the test networks."""

from pathlib import Path

import numpy as np
import pytest

from sim.validation import assignment
from sim.validation.assignment.tntp import read_flow, read_network, read_trips
from sim.validation.check import Check, SkippedCheck
from sim.validation.networks import known_routes

NETWORK = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 3
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 3
<ORIGINAL HEADER>~ Init node Term node Capacity
<END OF METADATA>

~ \tinit\tterm\tcapacity\tlength\ttime\tb\tpower\tspeed\ttoll\ttype\t;
\t1\t3\t10.5\t2\t1.5\t0.15\t4\t0\t7\t1\t;
\t3\t2\t1e1\t1\t2\t0\t0\t0\t0\t1;
\t1\t2\t9\t4\t3\t0.15\t4\t0\t0\t1
"""
TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 6.5
<END OF METADATA>

Origin  1
    1 :   0.5;   2 :  4.0;
Origin 2
    1 :   2.0;
"""
FLOW = "From \tTo \tVolume \tCost \n1 \t2 \t1.5 \t3 \n1 \t3 \t2.5 \t1 \n3 \t2 \t2.5 \t2 \n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("net", NETWORK), ("trips", TRIPS), ("flow", FLOW)):
        (tmp_path / f"{name}.tntp").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def route_cases(cases: Path) -> Path:
    folder = cases / "routes"
    if not (folder / "sioux_falls").is_dir():
        pytest.skip(f"sioux_falls is not in {folder}")
    return folder


def test_closed_forms_hold_and_absent_networks_are_named(tmp_path):
    for folder in (None, tmp_path):
        rows = known_routes(folder)
        assert [row.case for row in rows if isinstance(row, SkippedCheck)] == ["Sioux Falls"]
        checks = [row for row in rows if isinstance(row, Check)]
        assert len(checks) > 20
        assert not [row for row in checks if not row.ok]


def test_every_published_number_is_reproduced(route_cases):
    rows = known_routes(route_cases)
    assert not [row for row in rows if isinstance(row, SkippedCheck) or not row.ok]


def test_sioux_falls_has_the_published_volumes(route_cases):
    folder = route_cases / "sioux_falls"
    network = read_network(folder / "SiouxFalls_net.tntp")
    trips = read_trips(folder / "SiouxFalls_trips.tntp")
    published = read_flow(folder / "SiouxFalls_flow.tntp", network)
    assert trips.sum() == 360_600.0
    assert abs(assignment.relative_gap(network, trips, published)) < 1e-12
    found = assignment.assign(network, trips, choice="least_cost", relative_gap=1e-12)
    assert found.link_volume == pytest.approx(published, rel=1e-5)
    assert found.relative_gap <= 1e-12


def test_the_braess_file_is_the_braess_network(route_cases):
    network = read_network(route_cases / "braess" / "Braess_net.tntp")
    trips = read_trips(route_cases / "braess" / "Braess_trips.tntp")
    found = assignment.assign(network, trips, choice="least_cost", relative_gap=1e-12)
    assert found.cost[0, 1] == pytest.approx(92.0, abs=1e-6)


def test_files_are_read_as_they_stand(folder):
    network = read_network(folder / "net.tntp", toll_weight=0.5, length_weight=0.25)
    assert np.asarray(network.tail).tolist() == [0, 2, 0]
    assert np.asarray(network.head).tolist() == [2, 1, 1]
    assert np.asarray(network.capacity).tolist() == [10.5, 10.0, 9.0]
    assert np.asarray(network.fixed_cost).tolist() == [4.0, 0.25, 1.0]
    assert np.asarray(network.bpr_factor).tolist() == [0.15, 0.0, 0.15]
    assert (network.first_through_node, network.n_nodes) == (2, 3)
    assert read_trips(folder / "trips.tntp").tolist() == [[0.5, 4.0], [2.0, 0.0]]
    assert read_flow(folder / "flow.tntp", network).tolist() == [2.5, 2.5, 1.5]


def read_all(folder: Path) -> None:
    network = read_network(folder / "net.tntp")
    read_trips(folder / "trips.tntp")
    read_flow(folder / "flow.tntp", network)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("net", "10.5", "ten", r"net.tntp:9: 'ten' is not a number"),
        ("net", "LINKS> 3", "LINKS> 4", "NUMBER OF LINKS is 4, but there are 3 rows"),
        ("net", "<FIRST THRU NODE> 3", "", r"<FIRST THRU NODE> is None; wanted a whole number"),
        ("net", "10.5", "-1", r"link 0 \(node 0 to node 2\): capacity is -1"),
        ("net", "\t0.15\t4\t0\t7\t1\t;", "", r"net.tntp:9: 5 columns; wanted 10"),
        (
            "trips",
            "2 :  4.0",
            "3 :  4.0",
            r"trips.tntp:6: trips from zone 1 to zone 3; wanted zones 1",
        ),
        ("flow", "1 \t3 \t2.5 \t1 \n", "", "no row from node 1 to node 3"),
    ],
)
def test_faulty_files_are_refused_with_file_and_line(folder, name, old, new, message):
    path = folder / f"{name}.tntp"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_all(folder)
