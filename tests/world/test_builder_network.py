"""Networks of built worlds: estimated from geography, named by the analyst, or none."""

import pytest

from sim.laws.transport.great_circle import great_circle_km
from sim.world.builder import build_world, read_spec
from sim.world.builder.matrix import weights_of
from sim.world.builder.network_plan import NetworkPlan, estimated_plan, midpoint
from sim.world.builder.network_spec import plan_of
from sim.world.load import load_world
from sim.world.sources.countries import countries
from tests.builders import downloads

EAST = ["KEN", "UGA", "RWA", {"code": "EU", "name": "European Union", "members": "EU27"}]
NAMED = {
    "cities": [{"name": "Nairobi", "region": "KEN", "at": [-1.29, 36.82]}],
    "posts": [
        {"name": "Malaba", "between": ["KEN", "UGA"], "at": [0.64, 34.28], "hours": 12},
        {"name": "Gatuna", "between": ["UGA", "RWA"], "at": [-1.42, 30.01]},
    ],
    "ports": [
        {"name": "Mombasa", "region": "KEN", "at": [-4.06, 39.66], "dwell_days": 3.5},
        {"name": "Hamburg", "region": "EU", "at": [53.54, 9.98]},
        {"name": "Elsewhere", "region": "ROW", "at": [1.26, 103.8]},
    ],
    "links": [{"from": "Mombasa", "to": "Nairobi", "km": 485, "speed_kmh": 14}],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("networks")
    downloads.make(root / "downloads")
    incomes = f"country,year,gdp_musd,population_m\nRWA,{downloads.YEAR},11000,13\n"
    (root / "downloads" / "own.csv").write_text(incomes, encoding="utf-8")
    return root


def asked(folder, regions=EAST, **more):
    plain = {"base_year": downloads.YEAR, "regions": regions, "files": ["downloads"], **more}
    return read_spec(plain, folder)


def world_of(folder, name, **more):
    spec, faults = asked(folder, **more)
    assert not faults, faults
    place = folder / name
    place.mkdir()
    built = build_world(spec)
    for file, content in built.files.items():
        (place / file).write_bytes(content)
    return load_world(place), built


def plan(folder, regions) -> NetworkPlan:
    spec, faults = asked(folder, regions)
    assert not faults, faults
    even = weights_of(spec, float("nan") * countries().latitude)
    return plan_of(spec, even)


def test_an_estimated_network_has_posts_on_borders_and_ports_on_coasts(folder):
    world, built = world_of(folder, "estimated")
    network = world.network
    assert {"ken-uga", "uga-rwa"} <= set(network.nodes)
    assert "ken-rwa" not in network.nodes
    assert "ken-port" in network.nodes
    assert "uga-port" not in network.nodes
    assert set(network.link_flags) == {"estimated"}
    assert "No network is in the files" in built.files["REPORT.md"].decode()
    hours = {gate.gate: gate.border_hours for gate in world.gates}
    assert hours["ken-uga"] == hours["uga-rwa"] > 0
    assert hours["ken-port"] == 0


def test_a_landlocked_state_reaches_the_sea_over_its_neighbours(folder):
    found = plan(folder, ["RWA", "FRA"])
    nodes = {node.node: node for node in found.nodes}
    way = [node for node in found.nodes if node.kind == "city" and node.node != "rwa-city"]
    near = {n.node for n in way if n.regions == ("ROW",) and n.share == 0.0}
    assert near  # a neighbour of the rest of the world carries the cargo
    posts = [n for n in found.nodes if n.kind == "border-post" and "RWA" in n.regions]
    assert posts
    assert all(set(n.regions) == {"RWA", "ROW"} for n in posts)
    for link in found.links:
        least = great_circle_km(nodes[link.tail].at, nodes[link.head].at)
        assert link.km >= least


def test_every_gateway_of_every_pair_of_groups_can_be_reached(folder):
    for regions in (["KGZ", "TJK"], ["EAC", "EU27"], ["CENTRAL-ASIA", "USA"], ["JPN", "ISL"]):
        assert estimated_plan_is_whole(plan(folder, regions)), regions


def estimated_plan_is_whole(found: NetworkPlan) -> bool:
    """Nodes joined by links, by a plain search of its own."""
    reached = {found.nodes[0].node} if found.nodes else set()
    for _ in found.nodes:
        for link in found.links:
            if reached & {link.tail, link.head}:
                reached |= {link.tail, link.head}
    return bool(found.nodes) and reached == {node.node for node in found.nodes}


def test_many_regions_have_none_unless_they_are_named(folder):
    spec, _ = asked(folder, [*countries().codes[:41]])
    assert plan_of(spec, weights_of(spec, float("nan") * countries().latitude)).nodes == ()
    few, _ = asked(folder)
    assert estimated_plan(few, weights_of(few, float("nan") * countries().latitude)).nodes


def test_named_places_are_kept_and_the_rest_is_usual_and_flagged(folder):
    world, _ = world_of(folder, "named", network=NAMED)
    hours = {gate.gate: (gate.border_hours, gate.flag) for gate in world.gates}
    assert hours["malaba"] == (12.0, "seen")
    assert hours["gatuna"][1] == "estimated"
    links = dict(zip(world.network.links, range(len(world.network.links)), strict=True))
    own = links["mombasa-nairobi"]
    assert world.network.length_km[own] == 485
    assert world.network.speed_kmh[own] == 14
    assert world.network.link_flags[own] == "seen"
    assert "nairobi-malaba" in links  # joined, since no link touches the post
    assert "mombasa-hamburg-sea" in links


def test_without_a_network_nothing_has_one(folder):
    world, built = world_of(folder, "none", network="none")
    assert world.network.nodes == ()
    assert "No transport network" in built.files["REPORT.md"].decode()


def test_the_packaged_network_is_restricted_to_the_regions_asked_for(tmp_path):
    (tmp_path / "own.csv").write_text(
        "exporter,importer,good,trade_musd\nPAK,AFG,food,500\nAFG,PAK,food,300\nUZB,PAK,food,90\n"
        "PAK,UZB,food,80\nAFG,UZB,food,20\nUZB,AFG,food,400\n",
        encoding="utf-8",
    )
    (tmp_path / "gdp.csv").write_text(
        "country,year,gdp_musd,population_m\nPAK,2021,348000,230\nAFG,2021,14000,40\n"
        "UZB,2021,70000,35\nUSA,2021,23000000,332\n",
        encoding="utf-8",
    )
    plain = {"base_year": 2021, "regions": ["PAK", "AFG", "UZB"], "network": "packaged",
             "files": ["own.csv", "gdp.csv"]}  # fmt: skip
    spec, faults = read_spec(plain, tmp_path)
    assert not faults, faults
    place = tmp_path / "world"
    place.mkdir()
    for file, content in build_world(spec).files.items():
        (place / file).write_bytes(content)
    world, whole = load_world(place), load_world()
    assert {owner for gate in world.gates for owner in gate.owners} <= {"PAK", "AFG", "UZB", "ROW"}
    assert set(world.network.links) < set(whole.network.links)
    kept = whole.network.links.index(world.network.links[0])
    assert world.network.length_km[0] == whole.network.length_km[kept]
    _, faults = read_spec({**plain, "regions": ["PAK", "KEN"]}, tmp_path)
    assert "KEN has no place in the packaged network" in faults[0].what


FAULTS = {
    "posts: between of a stranger": (
        {"posts": [{"name": "X", "between": ["KEN", "UGX"], "at": [0, 34]}]},
        "did you mean 'UGA'?",
    ),
    "posts: one side": ({"posts": [{"name": "X", "between": ["KEN"], "at": [0, 34]}]}, "[A, B]"),
    "no place": ({"ports": [{"name": "X", "region": "KEN"}]}, "wanted at: [latitude, longitude]"),
    "off the earth": (
        {"ports": [{"name": "X", "region": "KEN", "at": [39.6, 400]}]}, "from -180 to 180",
    ),
    "below the great circle": (
        {"cities": NAMED["cities"], "posts": NAMED["posts"],
         "links": [{"from": "Nairobi", "to": "Malaba", "km": 120}]},
        "120 km is below the great circle",
    ),
    "far above it": (
        {"posts": NAMED["posts"], "links": [{"from": "KEN", "to": "Malaba", "km": 9000}]},
        "wanted a note that says why",
    ),
    "over a border without a post": (
        {"links": [{"from": "KEN", "to": "UGA", "km": 800}]}, "crosses a border",
    ),
    "unknown end": ({"posts": NAMED["posts"], "links": [{"from": "Malabba", "to": "KEN"}]},
                    "did you mean 'Malaba'?"),
    "unknown key": ({"post": []}, "did you mean 'posts'?"),
    "unknown mode": ({"posts": NAMED["posts"],
                      "links": [{"from": "Malaba", "to": "KEN", "mode": "raod"}]},
                     "did you mean 'road'?"),
    "hours out of range": (
        {"posts": [{"name": "X", "between": ["KEN", "UGA"], "at": [0, 34], "hours": -1}]},
        "wanted a number from 0 to 2160",
    ),
    "no list": ({"posts": {"name": "X"}}, "posts is no list"),
    "twice": ({"posts": [NAMED["posts"][0], NAMED["posts"][0]]}, "stands twice"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_mistake_in_a_network_is_told_with_its_path(folder, case):
    network, words = FAULTS[case]
    spec, faults = asked(folder, network=network)
    assert spec is None
    assert any(words in f"{fault.what}; {fault.wanted}" for fault in faults), faults
    assert all(fault.path[0] == "network" for fault in faults)


def test_a_word_for_no_kind_of_network_is_refused(folder):
    _, faults = asked(folder, network="guessed")
    assert faults[0].path == ("network",)


def test_the_midpoint_lies_between(folder):
    one, other = (-1.29, 36.82), (0.32, 32.58)
    half = great_circle_km(one, other) / 2
    assert great_circle_km(one, midpoint(one, other)) == pytest.approx(half, rel=1e-3)
