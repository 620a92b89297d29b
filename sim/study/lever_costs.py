"""Costs of levers as a scenario has them set, from the costs that its `reach` block states."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario


def costs_of(scenario: "Scenario", levers: Sequence[str]) -> dict[str, float]:
    """Cost of each lever whose terms have a cost [million USD].

    A range costs the part of the way that the scenario's own value lies at, a switch its whole
    cost. Levers without a stated cost are left out.
    """
    if scenario.reach is None:
        return {}
    content = scenario.model_dump(mode="json", by_alias=True)
    costs: dict[str, float] = {}
    for lever in levers:
        for path, term in scenario.reach.levers.items():
            if path != lever and not path.startswith(f"{lever}."):
                continue
            part = 1.0
            if term.low is not None and term.high is not None:
                values = [float(v) for v in _values(content, path.split("."))]
                if not values:
                    continue
                part = (sum(values) / len(values) - term.low) / (term.high - term.low)
            costs[lever] = costs.get(lever, 0.0) + term.cost(min(max(part, 0.0), 1.0))
    return costs


def lever_example(scenario: "Scenario") -> str:
    """A lever that the scenario could have."""
    for name, agreement in scenario.agreements.items():
        if agreement.changes.duty_cuts:
            return f"agreements.{name}.concessions.*.cut: {{from: 0, to: 1, cost_musd: 10}}"
    name = next(iter(scenario.agreements), "treaty")
    return f"agreements.{name}: {{cost_musd: 10}}"


def _values(node: Any, steps: Sequence[str]) -> Iterator[float]:
    """Numbers at the end of a dotted path, `*` being any key or place."""
    if not steps:
        if isinstance(node, int | float):
            yield node
        return
    step, *rest = steps
    if isinstance(node, dict):
        for key in node if step == "*" else {step} & set(node):
            yield from _values(node[key], rest)
    elif isinstance(node, list):
        places = range(len(node)) if step == "*" else [int(step) - 1] if step.isdigit() else []
        for k in places:
            if k < len(node):
                yield from _values(node[k], rest)
