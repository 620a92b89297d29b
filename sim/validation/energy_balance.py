"""Comparison of energy records of the base year with the results of that year's market.

The market is the one that every run starts from, with nothing uncertain and every gate open. Its
tables were balanced on these records, so a row tells how far the balance and the smoothing of the
market moved a figure, not how well the model forecasts.
"""

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.scenario.blocks.scenario import Scenario
from sim.simulation.energy.energy_domain import EnergySystem
from sim.simulation.uncertainty.draws import draw, simulated_quarters
from sim.validation.check import Check
from sim.validation.published_cases import EnergyRecord, energy_records
from sim.world.load import load_world
from sim.world.world import World


def known_energy_world() -> list[Check]:
    """Rows for everything on record of the packaged world's energy."""
    world = load_world()
    system = base_market(world)
    flow = system.initial().flow[0]
    case = f"energy on record, {world.base_year}"
    return [
        Check(
            case,
            record.record,
            record.value,
            market_value(world, system, flow, record),
            record.tolerance,
            record.unit,
            f"{record.source}; {record.basis}",
        )
        for record in energy_records()
    ]


def base_market(world: World) -> EnergySystem:
    """The energy of one run in which nothing is uncertain."""
    first, last = world.regions[:2]
    asked = Scenario.model_validate(
        {
            "version": 1,
            "title": "Energy of the base year",
            "question": "Does the market give what is on record?",
            "horizon": {"start": f"{world.base_year}Q1", "end": f"{world.base_year}Q4"},
            "seed": 1,
            "baseline": {"ledger": world.ledger},
            "targets": {
                "none": {
                    "pair": (first, last),
                    "trade_musd": 1.0,
                    "deadline": f"{world.base_year}Q4",
                }
            },
            "uncertainty_sources": {"parameters": False, "events": False, "residual_shocks": False},
        }
    )
    quarters = simulated_quarters(asked, world)
    draws = draw(asked, world, (0,), quarters.start, len(quarters))
    return EnergySystem(asked, world, draws)


def market_value(
    world: World, system: EnergySystem, flow: FloatArray, record: EnergyRecord
) -> float:
    """Value that the market gives for a record, in the record's unit.

    Parameters
    ----------
    world : World
    system : EnergySystem
        Whose routes the flows are of.
    flow : (w,) ndarray
        What enters each arc [unit/year].
    record : EnergyRecord
    """
    market_arcs, arcs = system.table.market_arcs, world.energy.arcs
    carrier = world.energy.carriers.index(record.carrier)
    region = world.region_index(record.region)
    # A contract runs on an arc of the tables and counts with it.
    listed = np.isin(np.array(arcs.names)[market_arcs.arc], record.market_arcs)
    given = flow * market_arcs.delivered_share
    sold = market_arcs.is_trade & (market_arcs.carrier == carrier) & (market_arcs.tail == region)
    bought = (
        market_arcs.is_trade & (market_arcs.carrier_out == carrier) & (market_arcs.head == region)
    )
    match record.measure:
        case "exports":
            return float(flow[sold].sum())
        case "imports":
            return float(given[bought].sum())
        case "flow":
            return float(flow[listed].sum())
        case "share_of_exports":
            return float(100 * flow[sold & listed].sum() / flow[sold].sum())
        case "share_of_imports":
            return float(100 * given[bought & listed].sum() / given[bought].sum())
    raise ValueError(f"energy_records.csv: {record.record}: no measure is called {record.measure}")
