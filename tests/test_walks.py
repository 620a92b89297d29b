"""Walks through the code: the files that a reader opens who follows one number of a scenario.

A file is on the walk of a number if its code names it: a name, an attribute, a parameter or a text
is one of the forms in which the number is carried from the scenario file to the report. Files that
say the same word of something else, or that read the number for an end of their own and hand
nothing on, are named below with the reason. Rooms that `sim run` does not pass are left out.
"""

import ast
from pathlib import Path

from tests.builders.source_trees import MODULES, SIM, nodes_of

LEFT_OUT = (
    *("cli/", "lab/", "store/", "validation/"),
    *("world/builder/", "world/sources/", "world/updates/", "world/describe/", "world/history/"),
    *("study/hindcasts/", "study/workers/", "study/jobs/", "study/break_even/", "report/studies/"),
)
"""Rooms beside the way of `sim run`; modules of `study` itself are studies of many scenarios."""
RATE = {
    *("tariff_rate", "mfn_rate_by_type", "applied_rate_by_type"),
    *("layer_rates", "baseline_rate", "base_rate", "applied_rate", "outside_applied_rate"),
    *("log_duty", "outside_log_duty", "rate_over"),
    *("tariff_rate_baseline", "tariff_baseline", "tariff"),
    *("tariff_revenue", "flow_duty"),
}
"""Forms of a duty: of the tables, in a quarter, as trade has adjusted to it, in the equilibrium,
and what is collected."""
BESIDE_RATE = {
    "report/trade/products_section.py": "duties of the tables beside products on record",
    "simulation/diplomacy/preview.py": "what an agreement would cost a treasury, for its talks",
    "simulation/uncertainty/pair_growth.py": "an equilibrium of its own, without agreements",
}
CUT = {"cut", "cuts", "duty_cuts", "concession", "concessions", "concession_table"}
"""Forms of a concession until it is a duty."""
BESIDE_CUT = {
    "report/evidence/other_changes.py": "exports that fail",
    "report/page/page.py": "a text that is cut short",
    "scenario/blocks/energy.py": "exports that fail",
    "scenario/checks/empty_values.py": "a number that a comma cuts",
    "scenario/text/problems.py": "a line that is cut short",
    "simulation/diplomacy/visits_and_reforms.py": "hours at borders",
    "simulation/energy/arc_openings.py": "exports that fail",
    "simulation/transport/path_costs.py": "hours at borders",
    "simulation/transport/transit_terms.py": "hours at borders",
    "simulation/uncertainty/shocks.py": "trade that a political break cuts",
    "study/one_at_a_time/spoilers.py": "cuts that others may refuse or take back",
    "world/csv_tables/checks.py": "cuts of agreements on record",
    "world/csv_tables/shocks_schema.py": "cuts of agreements on record",
    "world/trade/base_tariffs.py": "margins of the base year",
}
BEFORE_CUTS = {"simulation/tariffs/duty_schedule.py"}
"""Files on the walk of a rate that a cut does not pass."""
MAX_RATE, MAX_CUT = 20, 26


def names_of(path: Path) -> set[str]:
    """Names and texts of a module's code that may stand for a number."""
    found: set[str] = set()
    for node in nodes_of(path):
        for field in ("id", "attr", "arg", "value"):
            value = getattr(node, field, None)
            if isinstance(value, str) and not isinstance(node, ast.JoinedStr):
                found.add(value)
    return found


def files_with(forms: set[str], beside: dict[str, str]) -> set[str]:
    """Files on a walk; those beside it must name the number too, or they are listed for nothing."""
    found = set()
    for path in MODULES:
        file = path.relative_to(SIM).as_posix()
        is_study = file.count("/") == 1 and file.startswith("study/")
        if not is_study and not file.startswith(LEFT_OUT) and names_of(path) & forms:
            found.add(file)
    assert beside.keys() <= found, sorted(beside.keys() - found)
    return found - beside.keys()


def test_a_duty_is_followed_through_few_files() -> None:
    files = files_with(RATE, BESIDE_RATE)
    assert len(files) <= MAX_RATE, "\n".join(sorted(files))


def test_a_cut_is_followed_through_few_files() -> None:
    own = files_with(CUT, BESIDE_CUT)
    later = {
        file
        for file in files_with(RATE, BESIDE_RATE) - BEFORE_CUTS
        if not file.startswith(("world/", "scenario/"))
    }
    files = own | later
    assert len(files) <= MAX_CUT, f"{len(files)}\n" + "\n".join(sorted(files))
