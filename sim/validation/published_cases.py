"""Published examples: their inputs from a folder of cases, their answers from small tables.

Three layouts are read, named by what they hold: `costs` (one good, a table of flows, trade
cost changes and answers by state), `panel` (one good, a panel of flows, members of an
agreement) and `sectors` (many goods with inputs and tariffs, as text matrices). What the
cases are called, who the members are and what was printed is data in `known/`, and so is what
is on record of the packaged world's energy.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.world.csv_tables.reader import Row

KNOWN = Path(__file__).parent / "known"


@dataclass(frozen=True)
class CaseCard:
    """Assumptions of a published example; empty entries do not apply."""

    case: str
    kind: str
    """costs, panel or sectors: the layout of its folder."""
    trade_elasticity: float
    supply_elasticity: float
    deficits: str
    year: int
    log_trade_gain: float
    """Partial effect of the agreement on the log of members' trade."""
    members: tuple[str, ...]
    states: tuple[str, ...]
    shown: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class PublishedValue:
    """One printed number."""

    case: str
    quantity: str
    state: str
    value: float
    tolerance: float
    unit: str


@dataclass(frozen=True)
class EnergyRecord:
    """A figure on record of a region's energy in the base year, or in the year nearest to it."""

    record: str
    measure: str
    """exports, imports, flow (of the routes), share_of_exports, share_of_imports (by the
    routes)."""
    carrier: str
    region: str
    market_arcs: tuple[str, ...]
    value: float
    tolerance: float
    unit: str
    basis: str
    """Where the tolerance comes from."""
    source: str
    flag: str


@dataclass(frozen=True)
class OneGoodCase:
    """Flows of one good, trade cost changes, and answers by state in percent."""

    states: tuple[str, ...]
    trade: FloatArray
    """(exporter, importer) baseline value."""
    trade_cost_change: FloatArray
    """(scenario, exporter, importer)."""
    answers: dict[str, FloatArray]
    """column of the published table -> (state,), percent."""


@dataclass(frozen=True)
class SectorCase:
    """Flows of many goods with inputs and tariffs."""

    states: tuple[str, ...]
    trade: FloatArray
    """(good, exporter, importer), domestic sales on the diagonal."""
    n_traded: int
    """Goods before this number cross borders; the others are services."""
    tariff_rate_baseline: FloatArray
    tariff_rate: FloatArray
    """New rates: the later year's among members, the baseline's elsewhere."""
    value_added_share: FloatArray
    input_share: FloatArray
    """(material, good, state)."""
    trade_elasticity: FloatArray


def case_cards() -> tuple[CaseCard, ...]:
    """Cards of the published gravity examples."""
    may_be_blank = ("trade_elasticity", "supply_elasticity", "log_trade_gain")

    def card(row: Row) -> CaseCard:
        numbers = {name: float(row.text(name) or "nan") for name in may_be_blank}
        return row.record(CaseCard, **numbers)

    return tuple(map(card, _known_rows("gravity_cases")))


def published_values() -> tuple[PublishedValue, ...]:
    """Numbers as printed in the papers."""
    return tuple(
        row.record(PublishedValue, value=row.number("published"))
        for row in _known_rows("gravity_answers")
    )


def energy_records() -> tuple[EnergyRecord, ...]:
    """Figures on record of the packaged world's energy."""
    return tuple(
        row.record(EnergyRecord, market_arcs=row.names("ways"))
        for row in _known_rows("energy_records")
    )


@dataclass(frozen=True)
class JourneyRecord:
    """A journey that somebody made, and how long it was or took."""

    journey: str
    places: tuple[str, ...]
    """Nodes it went by, from one end to the other."""
    modes: tuple[str, ...]
    measure: str
    """km or days."""
    value: float
    low: float
    high: float
    """Band that the world's tables give for it."""
    basis: str
    source: str
    flag: str


def journey_records() -> tuple[JourneyRecord, ...]:
    """Journeys on record through the packaged world's network."""
    return tuple(row.record(JourneyRecord) for row in _known_rows("journey_records"))


@dataclass(frozen=True)
class RouteRecord:
    """Cargo on record of a route between some regions and some partners in a year."""

    record: str
    regions: tuple[str, ...]
    partners: tuple[str, ...]
    routes: tuple[str, ...]
    """Names in the table of route shares."""
    year: int
    value: float
    tolerance: float
    unit: str
    is_fitted: bool
    """Whether the table of route shares was made with it; else it tests the model."""
    is_known_miss: bool
    """Whether the model is known to lie beyond the tolerance; `basis` says why."""
    basis: str
    source: str
    flag: str


def route_records() -> tuple[RouteRecord, ...]:
    """Cargo on record of routes of the packaged world."""
    return tuple(
        row.record(
            RouteRecord,
            routes=tuple(row.text("route").split("|")),
            is_fitted=row.yes("fitted"),
            is_known_miss=row.yes("known_miss"),
        )
        for row in _known_rows("route_records")
    )


def _known_rows(table: str) -> list[Row]:
    """Rows of a table of what is known."""
    rows = _rows(KNOWN / f"{table}.csv", ",")
    return [Row(line, row) for line, row in enumerate(rows, start=2)]


def read_one_good(folder: Path, card: CaseCard) -> OneGoodCase:
    """Read a `costs` or `panel` case from its folder under `folder`.

    Raises
    ------
    FileNotFoundError
        If the folder or one of its tables is absent.
    """
    place = folder / card.case
    return _costs(place, card) if card.kind == "costs" else _panel(place, card)


def read_sectors(folder: Path, card: CaseCard) -> SectorCase:
    """Read a `sectors` case; missing domestic sales are gross output less exports.

    Raises
    ------
    FileNotFoundError
        If the folder or one of its tables is absent.
    """
    place = folder / card.case
    n_states = len(card.states)
    elasticity = _matrix(place / "T.txt")
    n_traded = elasticity.size
    share = _matrix(place / "B.txt")
    n_goods = share.shape[0]

    def bilateral(name: str) -> FloatArray:
        """(good, exporter, importer) from rows stacked by good and importer."""
        block = _matrix(place / name).reshape(n_traded, n_states, n_states)
        full = np.zeros((n_goods, n_states, n_states))
        full[:n_traded] = block.swapaxes(1, 2)
        return full

    trade = 1000 * bilateral("xbilat1993.txt")
    exports = trade.sum(axis=2)
    output = np.maximum(_matrix(place / "GO.txt"), exports)
    own = np.arange(n_states)
    trade[:, own, own] = output - exports
    before, after = bilateral("tariffs1993.txt") / 100, bilateral("tariffs2005.txt") / 100
    member = np.isin(np.array(card.states), card.members)
    among = member[:, None] & member
    inputs = _matrix(place / "IO.txt").reshape(n_states, n_goods, n_goods).transpose(1, 2, 0)
    total = inputs.sum(axis=0)
    services = np.full(n_goods - n_traded, 8.22)
    return SectorCase(
        states=card.states,
        trade=trade,
        n_traded=n_traded,
        tariff_rate_baseline=before,
        tariff_rate=np.where(among, after, before),
        value_added_share=share,
        input_share=inputs / np.where(total > 0, total, 1.0),
        trade_elasticity=np.concatenate([elasticity, services]),
    )


def _costs(place: Path, card: CaseCard) -> OneGoodCase:
    flows = _rows(place / f"trade_{card.year}.csv", ";")
    states = tuple(sorted({row["iso_o"] for row in flows}))
    changes = _rows(place / "tau_hat.csv", ",")
    scenarios = [name for name in changes[0] if name.startswith("tau_hat")]
    answers = {row["iso"]: row for row in _rows(place / "fragmentation_1.csv", ",")}
    columns = ("Output", "Welfare", "Trade")
    return OneGoodCase(
        states=states,
        trade=_square(flows, "trade", states),
        trade_cost_change=np.stack([_square(changes, name, states) for name in scenarios]),
        answers=_by_column(answers, columns, states),
    )


def _panel(place: Path, card: CaseCard) -> OneGoodCase:
    from pandas import read_stata

    panel = read_stata(place / "ge_gravity2_example_data.dta")
    panel = panel[panel["year"] == card.year]
    flows = [
        {"iso_o": str(o), "iso_d": str(d), "flow": str(value)}
        for o, d, value in zip(panel["iso_o"], panel["iso_d"], panel["flow"], strict=True)
    ]
    states = tuple(sorted({row["iso_o"] for row in flows}))
    member = np.isin(np.array(states), card.members)
    among = member[:, None] & member & ~np.eye(len(states), dtype=bool)
    cost = np.where(among, np.exp(-card.log_trade_gain / card.trade_elasticity), 1.0)
    answers = {row[""]: row for row in _rows(place / "ex1_nafta_all_countries_recomputed.csv", ",")}
    columns = [name for name in next(iter(answers.values())) if name]
    return OneGoodCase(
        states=states,
        trade=_square(flows, "flow", states),
        trade_cost_change=cost[None],
        answers=_by_column(answers, columns, states),
    )


def _by_column(
    answers: Mapping[str, Mapping[str, str]], columns: Iterable[str], states: Iterable[str]
) -> dict[str, FloatArray]:
    """Columns of answers, each (n_states,), from rows by state."""
    rows = [answers[state] for state in states]
    found: dict[str, FloatArray] = {}
    for name in columns:
        found[name] = np.array([float(row[name]) for row in rows])
    return found


def _matrix(path: Path) -> FloatArray:
    return np.asarray(np.loadtxt(path), dtype=np.float64)


def _rows(path: Path, delimiter: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter=delimiter))


def _square(rows: list[dict[str, str]], column: str, states: tuple[str, ...]) -> FloatArray:
    """(exporter, importer) matrix of one column; blank and missing cells are zero."""
    place = {state: number for number, state in enumerate(states)}
    square = np.zeros((len(states), len(states)))
    for row in rows:
        square[place[row["iso_o"]], place[row["iso_d"]]] = float(row[column] or 0)
    return square
