"""Paths are searched for once; what was kept of them is what a search finds."""

from dataclasses import replace

import pytest

from sim.simulation.transport import known_paths as module
from sim.simulation.transport.known_paths import paths_between
from sim.world.cache import cache_files
from sim.world.load import load_world


@pytest.fixture
def network(tmp_path, monkeypatch):
    """The packaged network, searched by nobody yet, and a place of its own for what is found."""
    monkeypatch.setattr(cache_files, "PLACE", tmp_path / "kept")
    forget()
    yield replace(load_world().network)
    forget()


@pytest.fixture
def searches(monkeypatch) -> list[set]:
    """Pairs of nodes that were searched for."""
    done: list[set] = []
    search = module.search_paths
    monkeypatch.setattr(
        module, "search_paths", lambda network, ods: done.append(set(ods)) or search(network, ods)
    )
    return done


def forget() -> None:
    module._known.cache_clear()
    module._key.cache_clear()


def pair_of(network, *pairs):
    found = {}
    for i, j in pairs:
        a, b = (int(network.gateways[region].argmax()) for region in (i, j))
        found[a, b] = (i, j)
    return found


def test_another_process_reads_what_was_found(network, searches) -> None:
    wanted = pair_of(network, (0, 1), (1, 2))
    found = paths_between(network, wanted)
    assert all(found.values())
    forget()
    assert paths_between(network, wanted) == found
    assert searches == [set(wanted)]


def test_only_what_is_not_known_is_searched_for(network, searches) -> None:
    first, both = pair_of(network, (0, 1)), pair_of(network, (0, 1), (1, 2))
    paths_between(network, first)
    forget()
    found = paths_between(network, both)
    assert searches == [set(first), set(both) - set(first)]
    forget()
    assert paths_between(network, both) == found
    assert len(searches) == 2


def test_another_network_is_searched_anew(network, searches) -> None:
    wanted = pair_of(network, (0, 1))
    paths_between(network, wanted)
    dearer = replace(network, handling_usd_per_feu=network.handling_usd_per_feu + 1.0)
    paths_between(dearer, wanted)
    assert len(searches) == 2
    assert module._key(network) != module._key(dearer)


def test_a_small_network_is_not_kept(tiny_world, network, tmp_path) -> None:
    small = replace(tiny_world.network)
    assert len(small.links) < module.WORTH_KEEPING < len(network.links)
    ends = pair_of(small, (0, 1))
    paths_between(small, ends)
    assert not (tmp_path / "kept").exists()
