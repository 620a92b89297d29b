"""Break-even of ports and energy routes: what is averaged, and what is shut."""

from dataclasses import replace

import numpy as np
import pytest

from sim.report.page.blocks import Fold, Paragraph
from sim.report.transport.gateway_section import gateway_section
from sim.study.break_even.energy_gaps import EnergyGap
from sim.study.break_even.gateways import Gateway
from sim.study.break_even.port_gaps import PortContest, PortGap


@pytest.fixture
def told(made_up):
    plain = made_up.inputs(made_up.scenario(), energy=False)

    def tell(cargo=(), energy=()):
        inland, coast = (plain.world.region_index(code) for code in ("KAZ", "PAK"))
        found = Gateway(inland, coast, (), tuple(cargo), tuple(energy))
        section = gateway_section(replace(plain, gateway=found))
        return plain.world, section.blocks

    return tell


def contest(world, middle: float) -> PortContest:
    coast, partner = world.region_index("PAK"), world.region_index("IND")
    port = next(n for n, owned in enumerate(world.network.owners[:, coast]) if owned)
    gap = middle + np.linspace(-4000.0, 4000.0, 41)
    own = PortGap(port, True, 5000.0, 30.0, 600.0, gap, gap / 500.0)
    return PortContest(world.region_index("KAZ"), partner, 100.0, 1e5, (own,))


def test_gaps_are_told_as_means_over_gateways_and_as_exactly_as_they_are_known(told, made_up):
    _, (verdict, table) = told(cargo=[contest(made_up.world(), 7621.0)])
    assert isinstance(verdict, Paragraph)
    assert "it pays once it is" in verdict.text
    assert isinstance(table, Fold)
    (row,) = table.blocks[0].rows
    assert row[4].text == "+7,600 (+4,000 to +11,200)"
    assert row[4].value == pytest.approx(7621.0)
    assert "a mean over those of the pair's gateways" in table.blocks[0].caption


def test_a_port_that_is_the_cheaper_need_not_become_it(told, made_up):
    _, (verdict, _) = told(cargo=[contest(made_up.world(), -7621.0)])
    assert "does best with" in verdict.text
    assert "7,600 (4,000 to 11,200) USD a container cheaper" in verdict.text


def test_no_support_is_told_for_a_route_that_is_shut(told):
    short, nothing = np.full(4, -62.0), np.zeros(4)
    shut = EnergyGap(0, np.full(4, 200.0), short, np.full(4, 500.0), nothing, 0.3, short)
    used = shut._replace(pays_volume=np.full(4, 0.3))
    _, (table,) = told(energy=[shut, used])
    first, second = table.blocks[0].rows
    assert first[0].endswith(": shut")
    assert first[2:] == ("–",) * 5
    assert "shut" not in second[0]
    assert second[4].value == pytest.approx(0.3)
