"""Capacity that binds because of what is agreed, in one sentence for the first screen."""

from itertools import combinations

from sim.report.page.formatting import listed, per_cent, year_to
from sim.report.page.report_inputs import ReportInputs
from sim.study.ensemble.binding_gates import BindingGate, binding_gates, yearly_use
from sim.study.ensemble.findings import Finding

MEASURES = ("gate_utilisation", "gate_delay_hours", "party_imports")


def capacity_sentence(inputs: ReportInputs, finding: Finding) -> str:
    """Gate, year and losing members where a capacity on record binds; empty where none does.

    Parameters
    ----------
    inputs : ReportInputs
    finding : Finding
        The target's own year of four quarters is looked at; of the gates that bind in it, that
        with the longest further wait is told.
    """
    without = inputs.without
    if without is None or not inputs.has(*MEASURES):
        return ""
    if any(measure not in without for measure in MEASURES):
        return ""
    parties = {str(code) for code in inputs.asked["party"].to_numpy()}
    pairs = sorted(
        {
            f"{a}-{b}"
            for agreement in inputs.scenario.agreements.values()
            for a, b in combinations(agreement.members, 2)
            if parties & {a, b}
        }
    )
    year_ends = (finding.by,)
    if not pairs or not inputs.asked.sizes.get("gate"):
        return ""
    gates = [str(gate) for gate in inputs.asked["gate"].to_numpy()]
    uses = (yearly_use(result, year_ends, pairs) for result in (inputs.asked, without))
    found = binding_gates(gates, pairs, year_ends, *uses)
    return _in_words(inputs, found[0]) if found else ""


def _in_words(inputs: ReportInputs, binding: BindingGate) -> str:
    names = dict(zip(inputs.world.regions, inputs.world.region_names, strict=True))
    gate = next(one.name for one in inputs.world.gates if one.gate == binding.gate)
    losers = []
    for pair, change in binding.losers:
        a, b = pair.split("-")
        losers.append(f"{names[a]}–{names[b]} by {per_cent(-change)}")
    return (
        f"{gate} is full for a quarter or more of {year_to(binding.year_end)} in "
        f"{per_cent(binding.full_share)} of the runs, and members of the agreements trade less "
        f"with each other than they would without them: {listed(losers)}."
    )
