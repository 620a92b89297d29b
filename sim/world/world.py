"""The world as it is in the base year: regions, trade, tariffs, agreements, corridors, parameters.

A `World` is loaded once, never changed, and its arrays are read-only. Axes of arrays are
`[good, exporter, importer]`; trade is in million US dollars a year.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.laws.growth.trade_growth import GrowthLaw
from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.error_points import ErrorPoints
from sim.world.accessions import AccessionRecord
from sim.world.csv_tables.records import (
    STATEMENT,
    AgreementRecord,
    Border,
    Corridor,
    Detour,
    Gate,
    LedgerEntry,
    LedgerError,
    MarginRecord,
    Membership,
    Parameter,
    PortRecord,
    PriceSpread,
    RecordedBan,
    RecordedClosure,
    Source,
)
from sim.world.energy.balances import EnergyWorld
from sim.world.history.forecast_errors import ForecastErrors
from sim.world.investments import Investment
from sim.world.official_targets import OfficialRecord
from sim.world.own_figures import OwnFigure
from sim.world.politics import Politics
from sim.world.products import Product
from sim.world.trade.base_tariffs import BaseTariffs
from sim.world.trade.baseline import CalibrationReport
from sim.world.transport.network import Network


@dataclass(frozen=True, eq=False)
class World:
    """State of the world: everything that a scenario does not ask about."""

    name: str
    base_year: int
    regions: tuple[str, ...]
    region_names: tuple[str, ...]
    goods: tuple[str, ...]
    """Goods without energy."""
    good_names: tuple[str, ...]
    gdp_musd: FloatArray
    """(n,) gross domestic product in the base year, current prices [musd]."""
    population_m: FloatArray
    """(n,) population in the base year [million]."""
    growth: FloatArray
    """(n, n_years) real growth by calendar year [1/year]."""
    growth_years: tuple[int, ...]
    trade: FloatArray
    """(m, n, n) baseline trade with domestic sales on the diagonal, energy left out [musd/year]."""
    energy_trade: FloatArray
    """(n, n) trade in energy goods, diagonal zero [musd/year]."""
    energy: EnergyWorld
    """Who makes, uses and carries energy; without carriers where the world has no such tables."""
    value_per_feu_usd: FloatArray
    """(m,) assumed value of a container load by good [USD/FEU]."""
    ledger: str
    """Which ledger the baseline is held to."""
    held: frozenset[tuple[int, int]]
    """Exporter and importer of the flows that this ledger holds; others come of all the records."""
    held_log_sd: FloatArray
    """(n, n) standard deviation of the log of each held flow, 0 where none is on record [1]."""
    ledgers: tuple[LedgerEntry, ...]
    ledger_errors: Mapping[str, LedgerError]
    """Measurement error by ledger."""
    tariffs: BaseTariffs
    """Rates of duty in the base year, without and with the agreements in force then."""
    agreements: tuple[AgreementRecord, ...]
    """All on record; `is_in_force` tells which apply on a date."""
    margins: tuple[MarginRecord, ...]
    """What they take off duties."""
    memberships: tuple[Membership, ...]
    customs_unions: Mapping[str, tuple[str, ...]]
    """Institution that is a customs union to its members in the base year."""
    corridors: tuple[Corridor, ...]
    gates: tuple[Gate, ...]
    borders: tuple[Border, ...]
    """Borders whose gates can close together."""
    closures: tuple[RecordedClosure, ...]
    """Closures on record."""
    bans: tuple[RecordedBan, ...]
    """Stops of commerce on record."""
    detours: tuple[Detour, ...]
    """What shut borders leave of the trade of their two states, where that is on record."""
    ports: tuple[PortRecord, ...]
    network: Network
    """Nodes and links cargo moves on; without any where the world has no such tables."""
    politics: Politics
    """Capacity of the regions and the institutions that tie them."""
    price_spreads: tuple[PriceSpread, ...]
    """How far world prices stray; empty where the world has no such table."""
    parameters: Mapping[str, Parameter]
    forecast_errors: ForecastErrors
    error_points: ErrorPoints
    """Points of the errors that residual shocks have."""
    growth_law: GrowthLaw | None
    """How trade of a pair is expected to grow; None where the world has no such table."""
    sources: Mapping[str, Source]
    flag_counts: Mapping[str, Mapping[str, int]]
    """Table to how many of its rows are seen, derived and estimated."""
    calibration: CalibrationReport
    content_hash: str
    """SHA-256 over the bytes of the tables, and over figures that replace some of them."""
    tables_hash: str
    """SHA-256 over the bytes of the tables alone."""
    official: OfficialRecord
    """Targets that governments announced, for the record beside the answer; no run reads them."""
    accessions: tuple[AccessionRecord, ...] = ()
    """States that joined agreements, or did not, for the same; no run reads them."""
    products: tuple[Product, ...] = ()
    """Products on record between two regions, for the same; no run reads them."""
    investments: tuple[Investment, ...] = ()
    """Costs of lines and plants on record, for the same; no run reads them."""
    warnings: tuple[str, ...] = ()
    """What its tables say that is rare and marked as meant."""
    own_figures: tuple[OwnFigure, ...] = ()
    """Figures of the analyst's own that replaced some of the tables."""

    @property
    def identity(self) -> tuple[str, str, bytes, bytes]:
        """Key of the world as it is simulated: its tables, its ledger, and trade and energy trade.

        Trade is that of the ledger, or made for a trial.
        """
        return self.content_hash, self.ledger, self.trade.tobytes(), self.energy_trade.tobytes()

    def has_own_flow(self, a: str, b: str) -> bool:
        """Return True if the analyst gives a flow of two regions, in either direction."""
        keys = {one.key for one in self.own_figures if one.table == "held_flows"}
        return bool(keys & {(a, b), (b, a)})

    @property
    def energy_pairs(self) -> frozenset[frozenset[str]]:
        """Pairs of regions that a route of energy joins."""
        arcs = self.energy.arcs
        ends = zip(arcs.tail.tolist(), arcs.head.tolist(), strict=True)
        return frozenset(frozenset((self.regions[a], self.regions[b])) for a, b in ends)

    @property
    def duty_types(self) -> tuple[str, ...]:
        """Kinds of duty, the layers that add to a tariff, in the order of the tables."""
        return self.tariffs.duty_types

    def region_index(self, region: str) -> int:
        """Place of a region on the exporter and importer axes."""
        return self.regions.index(region)

    def name_of(self, region: str) -> str:
        """Name of a region, given its code."""
        return self.region_names[self.region_index(region)]

    def stated(self, a: str, b: str) -> tuple[LedgerEntry, ...]:
        """Statements about the trade of two regions, in order of the table: told, never counted."""
        return tuple(
            entry
            for entry in self.ledgers
            if entry.basis == STATEMENT and {entry.region, entry.partner} == {a, b}
        )

    def pair_musd(self, exporter: str, importer: str) -> float:
        """Baseline flow between two regions, all goods and energy [musd/year]."""
        i, j = self.region_index(exporter), self.region_index(importer)
        return float(self.trade[:, i, j].sum() + self.energy_trade[i, j])
