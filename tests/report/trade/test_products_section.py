"""Goods and products with most to gain: closed forms, rivals' duties and what is on record."""

from dataclasses import replace

import numpy as np
import pytest

from sim.report.page.blocks import Fold, TableBlock
from sim.report.page.formatting import per_cent
from sim.report.trade.products_section import (
    SHOWN_PRODUCTS,
    SMALLEST_MUSD,
    fit_of_exports,
    products_section,
    sales_at_zero_duty,
)


@pytest.fixture(scope="module")
def inputs(made_up):
    return made_up.inputs(made_up.scenario(), energy=False)


@pytest.fixture(scope="module")
def blocks(inputs):
    return products_section(inputs, inputs.findings[0]).blocks


def table_of(blocks) -> TableBlock:
    return next(block for block in blocks if isinstance(block, TableBlock))


def products_of(blocks) -> TableBlock:
    (fold,) = [block for block in blocks if isinstance(block, Fold)]
    return fold.blocks[0]


def test_the_same_mix_fits_wholly_and_no_good_in_common_not_at_all():
    imports = np.array([3.0, 1.0, 0.0])
    exports = np.array([[6.0, 2.0, 0.0], [0.0, 0.0, 5.0], [1.0, 1.0, 0.0]])
    assert fit_of_exports(exports, imports) == pytest.approx([1.0, 0.0, 0.75])


def test_zero_duty_undoes_the_duty_factor_at_the_elasticity():
    elasticity = np.array([2.0, 5.03, 7.0])
    assert 1.0 + sales_at_zero_duty(0.1, elasticity) == pytest.approx(1.1**elasticity)
    assert not sales_at_zero_duty(0.0, elasticity).any()


def test_goods_stand_by_what_the_agreements_add(inputs, blocks):
    table = table_of(blocks)
    added = [row[2].value for row in table.rows]
    assert added == sorted(added, reverse=True)
    assert all(max(row[1].value, row[2].value) >= SMALLEST_MUSD for row in table.rows)
    world = inputs.world
    names = {
        f"{world.good_names[g]}, {world.region_names[a]} to {world.region_names[b]}": (g, a, b)
        for g in range(len(world.goods))
        for a in range(len(world.regions))
        for b in range(len(world.regions))
    }
    for row in table.rows:
        g, a, b = names[row[0]]
        assert row[1].value == pytest.approx(world.trade[g, a, b])
        assert row[3].value == pytest.approx(world.tariffs.applied_rate[g, a, b])
        assert row[4].low <= row[4].value <= row[4].high


def test_rivals_are_the_largest_other_suppliers_with_the_duty_they_pay(inputs, blocks):
    world = inputs.world
    place = {code: world.region_index(code) for code in ("PAK", "KAZ", "RUS")}
    food = world.goods.index("food")
    sold = world.trade[food, :, place["KAZ"]].copy()
    sold[place["KAZ"]] = 0.0
    row = next(
        row for row in table_of(blocks).rows if row[0].startswith("Food") and "to Kaz" in row[0]
    )
    share = sold[place["RUS"]] / sold.sum()
    assert row[-1].startswith(f"Russia {per_cent(float(share))}, {per_cent(0.0)}")
    assert "Pakistan" not in row[-1]


def test_products_on_record_come_before_those_sold_elsewhere(inputs, blocks):
    rows = products_of(blocks).rows
    elsewhere = [row[1].startswith("sold elsewhere") for row in rows]
    assert elsewhere == sorted(elsewhere)
    n = sum({one.exporter, one.importer} == {"PAK", "KAZ"} for one in inputs.world.products)
    assert n == 40  # as many as the ministers spoke of
    assert len(rows) == SHOWN_PRODUCTS
    assert (
        f"{n - SHOWN_PRODUCTS} more products of the pair are there" in products_of(blocks).caption
    )
    for part in (False, True):
        risen = [
            row[-1].value for row, is_out in zip(rows, elsewhere, strict=True) if is_out is part
        ]
        assert risen == sorted(risen, reverse=True)


def test_a_product_without_a_duty_of_its_own_has_that_of_its_group(inputs, blocks):
    world = inputs.world
    row = next(row for row in products_of(blocks).rows if row[0].startswith("Rolled metal"))
    duty = world.tariffs.applied_rate[
        world.goods.index("metals"), world.region_index("KAZ"), world.region_index("PAK")
    ]
    assert (row[2].value, row[3]) == (pytest.approx(duty), "group")


def test_every_product_has_a_source_and_a_duty_of_the_importer_s_tariff_or_its_group_s(inputs):
    pair = [p for p in inputs.world.products if {p.exporter, p.importer} == {"PAK", "KAZ"}]
    assert len({(one.exporter, one.product) for one in pair}) == len(pair)
    for one in pair:
        assert one.source
        assert (one.duty_rate is None) == (not one.duty_of) == (not one.duty_source), one.title
        assert one.record or one.note or one.flag == "estimated", one.title


def test_a_world_without_products_on_record_has_the_goods_alone(inputs):
    bare = replace(inputs, world=replace(inputs.world, products=()))
    blocks = products_section(bare, bare.findings[0]).blocks
    assert not any(isinstance(block, Fold) for block in blocks)
    assert table_of(blocks).rows
