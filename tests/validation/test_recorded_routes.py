"""Routes on record beside the model's."""

import pytest

from sim.validation.published_cases import route_records
from sim.validation.recorded_routes import known_routes_in_use, routes_in_use

YEAR_LATER = 4 * 2025


@pytest.mark.slow
def test_cargo_on_record_by_route_and_port_lies_within_its_tolerance_or_is_known_to_miss():
    rows = known_routes_in_use()
    assert len(rows) == len(route_records())
    assert not all(record.is_fitted for record in route_records())
    for row in rows:
        wanted = "MISS" if row.is_known_miss else "ok"
        assert row.verdict == wanted, (row.quantity, row.published, row.ours)


def test_shares_are_told_beside_the_records(world, outsider, union_member):
    found = routes_in_use(world, outsider, union_member, YEAR_LATER)
    assert len(found) > 3
    for total in (
        sum(route.recorded for route in found),
        sum(route.modelled for route in found),
        sum(route.now for route in found),
    ):
        assert abs(total - 1.0) < 1e-6
    for route in found:
        assert abs(route.modelled - route.recorded) < 2e-3
    assert routes_in_use(world, "RUS", "USA", YEAR_LATER) == ()
