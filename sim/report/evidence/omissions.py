"""Omissions of the model: the one place where the report states them."""

from typing import TYPE_CHECKING

from sim.laws.numerics.calendar import quarter_year
from sim.report.evidence.levers_left_out import LEVERS_LEFT_OUT
from sim.report.page.blocks import Fold, Points, Section
from sim.report.page.formatting import listed
from sim.report.page.report_inputs import ReportInputs

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

ENERGY_GIVEN = (
    "Energy is held at its recorded or derived value and grows with world output; no prices, "
    "pipelines, projects or contracts act on it."
)
ENERGY_MARKET = (
    "Energy is sold in a market of its own, once a year, without storage or seasons. Between "
    "regions that no route of energy on record joins, it is held at its recorded or derived value "
    "and grows with world output."
)
NO_NETWORK_IN_SHORT = "This world has no routes: duties alone change costs of trade."
NO_NETWORK = (
    "This world has no transport network: no border, port or route is on record. Trade costs "
    "change by duties alone; transit agreements, closures and new lines change nothing, and no "
    "queue forms."
)
GUESSED_NETWORK_IN_SHORT = "{part} are estimated from geography, not on record."
GUESSED_NETWORK = (
    "{part} of this world are estimated: main cities, common borders and coasts stand in for "
    "roads and ports, without railways and tolls, and hours at borders are those usual elsewhere. "
    "What transit agreements and closures do here rests on that; posts, ports and links that are "
    "named replace it."
)
NO_RATINGS = (
    "This world has no ratings of States and institutions: where States negotiate, all have the "
    "typical capacity, and no institution brings its members closer."
)
OF_THE_NETWORK = (
    "Cargo of pairs that no target or agreement touches is not followed: it stands still at the "
    "gates it shares. Congestion is modelled at posts and ports only.",
    "Cargo chooses its routes by a law whose sensitivity is the literature's; times and lengths "
    "are checked against journeys on record. How much trade with regions overseas goes by land is "
    "on no record: what outsiders gain from new routes is the least certain of all gains.",
)
OMISSIONS = (
    "Firms enter, learn and leave between the states of a target alone; all other trade follows "
    "its costs as fast as past agreements were phased in. Firms differ in nothing but size.",
    "No trade in services, no investment and no migration.",
    "Agreements come on the dates of the scenario, or, where it says so, as the States negotiate "
    "them; once in force they are kept. States do not decide on visits or reforms themselves.",
    "Exchange rates, payment channels and sanctions act as in the base year, unless a scenario "
    "states what they cost (`trade_costs`) or stop.",
    "Goods come in a few broad groups: single products that meet very high or very low duties "
    "are averaged away.",
)


GUESSED = {
    "trade_prior": "flows between regions",
    "tariffs": "duties",
    "growth": "rates of growth",
    "gdp": "incomes",
}
"""Tables whose estimated rows are counted, and what a row is."""


def omissions_section(inputs: ReportInputs) -> Section:
    """Section on what the model leaves out."""
    return omissions_of(inputs.world, inputs.scenario)


def omissions_of(world: "World", scenario: "Scenario") -> Section:
    """Omissions of the model in a world, up to the horizon of a scenario."""
    of_network = OF_THE_NETWORK if world.network.nodes else (NO_NETWORK,)
    estimated, every = world.network.n_from_geography, len(world.network.links)
    part = f"{estimated} of {every} links" if estimated < every else "The routes"
    first = (GUESSED_NETWORK.format(part=part),) if estimated else ()
    rated = any(world.flag_counts.get("state_capacity", {}).values())
    ratings = () if rated else (NO_RATINGS,)
    energy = ENERGY_MARKET if world.energy else ENERGY_GIVEN
    own = (*first, *_guessed(world), *_far_years(world, scenario), *ratings)
    points = Points((*own, energy, *of_network, *OMISSIONS))
    left_out = Fold("Levers without a defensible size are left out", (Points(LEVERS_LEFT_OUT),))
    return Section("omissions", "Limits of the model", (points, left_out))


def routes_in_short(world: "World") -> str:
    """Sentence on routes that are estimated or missing; empty where they are on record."""
    if not world.network.nodes:
        return NO_NETWORK_IN_SHORT
    estimated, every = world.network.n_from_geography, len(world.network.links)
    part = "Some routes" if estimated < every else "Routes"
    return GUESSED_NETWORK_IN_SHORT.format(part=part) if estimated else ""


def estimates_in_short(world: "World") -> str:
    """Sentence on what a world without energy or a network on record estimates; empty of others."""
    if world.energy and not routes_in_short(world):
        return ""
    counts = {what: world.flag_counts.get(table, {}) for table, what in GUESSED.items()}
    told = [f"{of['estimated']:,} of {sum(of.values()):,} {what}" for what, of in counts.items()
            if of.get("estimated") and what != GUESSED["growth"]]  # fmt: skip
    said = [f"Estimated: {listed(told)}."] if told else []
    return " ".join([*said, *([] if world.energy else ["Energy has no market here."])])


def _far_years(world: "World", scenario: "Scenario") -> tuple[str, ...]:
    """Sentence on years for which nobody has said how economies grow."""
    last, end = world.growth_years[-1], quarter_year(int(scenario.horizon.end))
    if end <= last:
        return ()
    return (
        f"Growth is known or assumed up to {last}; from then on to {end} each region goes on "
        f"growing as in {last}.",
    )


def _guessed(world: "World") -> tuple[str, ...]:
    """Sentence on what stands in no source and was estimated."""
    found = []
    for table, what in GUESSED.items():
        counts = world.flag_counts.get(table, {})
        estimated, every = counts.get("estimated", 0), sum(counts.values())
        if estimated:
            found.append(f"{estimated:,} of {every:,} {what}")
    if not found:
        return ()
    return (f"What no source has was estimated: {'; '.join(found)} in the tables of this world.",)
