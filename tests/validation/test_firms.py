"""What is known of exporters holds for the world's own parameters."""

from sim.validation.firms import known_exporters


def test_every_known_answer_is_reproduced() -> None:
    rows = known_exporters()
    assert len(rows) > 12
    assert [row for row in rows if not row.ok] == []
