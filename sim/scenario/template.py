"""The commented file that a new scenario starts from, made of the world's own names."""

import re
from collections.abc import Mapping, Sequence

from sim.laws.numerics.calendar import format_quarter
from sim.scenario.text.known_names import NamesLike, unions_of

USUAL_GOAL_MUSD = 1000.0
"""Target where nothing is known of a pair's trade [musd]."""
_TEMPLATE = """\
# yaml-language-server: $schema=scenario.schema.json
#
# A scenario is a question. Change what is below; everything that is left out keeps the value
# that stands in its comment. Quarters are written {later}, rates and shares as fractions (0.2 is
# 20 %), money in million USD (_musd). Check the file with: sim check {name}.yaml
# To change only part of another scenario, write `extends: other.yaml` and what differs.
version: 1
title: {title}
question: Does trade between {a} and {b} reach {goal} USD by {target_year}?
asks: trade                # or energy, income, revenue: what the first sentence is about

# First and last quarter simulated, both included.
horizon: {{start: {start}, end: {end}}}
runs: 160                  # runs of the ensemble, 1 to 1000000
seed: 1                    # fixes every draw; same seed, same answer

# Whose ledgers the starting point is held to: {ledgers}.
baseline: {{ledger: {ledger}}}

# Quarter up to which records of trade, closures and agreements count: last, or one such as {start}.
as_of: last

# Trade in both directions together, in the four quarters up to `deadline`.
targets:
  {target}: {{pair: [{a}, {b}], trade_musd: {goal_musd:g}, deadline: {deadline}}}

agreements:
"""

_PREFERENCE = """\
  preference:
    kind: preferential
    members: [{a}, {b}]
    timeline: {{signed: {signed}, in_force: {in_force}}}      # ends: the last quarter, if any
    concessions:
      # `cut` is the share of the tariff taken away: 0.5 halves it. goods: all, or a list of
      # {goods}.
      # duty_types (all if left out): {layers}.
      # Instead of dates: timeline: negotiated. may_join: [states that may join later].
      # Also: partners, excluded_share, quota_musd.
{why}\
      - {{grantor: {a}, goods: all, cut: 0.5, phase_in_years: 5{rule_a}}}
      - {{grantor: {b}, goods: [{good}], cut: 0.5, phase_in_years: 5{rule_b}}}
    origin_cost_ave: 0.02  # cost of proving origin; left out: the world's parameter
"""

_TRANSIT = """\
  transit:
    kind: transit
    members: [{a}, {b}]
    timeline: {{signed: {signed}, in_force: {in_force}}}
    # Ports: {ports}.
    # Routes: {routes}.
    opens: {{ports: [{port}], routes: [{route}]}}
    border_time_cut: 0.2   # share of the hours at the members' borders taken away
    fee_cut: 0.2           # share of the fees taken away
    joint_toll: false      # true: the members set one toll together
"""

_END = """\

# Closures, with dates, of: {gates}.
# Lines to be built; what is not named is never built. Projects: {projects}.
projects: {{}}
# projects: {{{project}: {{completes: by_hazard}}}}    # or a quarter such as {later}, or never

# Closures on record act by themselves (recorded_stops: false leaves them out); these are added.
recorded_stops: true
closures: {{}}
# closures: {{{gate}: [{{from: {year}-01-01, until: {year}-03-31}}]}}    # share: part that is shut
# Stops of commerce between two states: altogether, or by land.
bans: {{}}
# bans: {{mine: {{pair: [{a}, {b}], scope: all, from: {year}-01-01, until: {year}-03-31}}}}
# Gates that no longer shut by season, each with its first quarter.
open_all_year: {{}}
# open_all_year: {{{gate}: {later}}}

# Figures of your own instead of single ones of the world's tables, each with its source.
world: {{}}
# world:
#   trade: [{{exporter: {a}, importer: {b}, trade_musd: 100, source: customs of {a}}}]
#   tariffs: [{{importer: {b}, goods: [{good}], tariff_rate: 0.1, source: tariff of {b}}}]
#   gdp: [{{region: {a}, gdp_musd: 300000, source: statistics of {a}}}]    # also growth, by year

# Duties that an importer raises or sets (a tariff war), and agreements on record that end.
duties: {{}}
# duties:
#   retaliation: {{importer: {a}, exporters: [{b}], goods: all, add_rate: 0.25, from: {later}}}
# Costs of trading that the base year does not have: payment channels, insurance, visas.
trade_costs: {{}}
# trade_costs:
#   insurance:
#     {{pair: [{a}, {b}], cost_share: {{uniform: [0.002, 0.005]}}, from: {later}, source: NAME}}
ends: {{}}
# ends: {{NAME: [{{last_quarter: {later}, members: [{a}]}}]}}   # members: who leaves

# Diplomacy with dates, and reforms; left out: none.
diplomacy: {{}}
# diplomacy: {{visits: [{{sending_state: {a}, host_state: {b}, when: {later}}}]}}
reforms: {{}}
# Rules of behaviour, each true unless switched off: negotiation, targets, fiscal,
# partner_diversification, domino, institutions, capacity, closed_border_delay, effort, attention.
behaviour: {{}}

# Energy: projects of the tables that are built, deals with a volume, shocks; nothing by itself.
energy: {{}}
# energy:
#   projects: {{NAME: {{completes: by_hazard}}}}     # or a quarter
#   deals:
#     mine: {{exporter: {a}, importer: {b}, carrier: NAME, volume: 1.0, from: {in_force}}}

# Distributions that replace those of the world's parameters, by parameter:
# {parameters}.
# Forms: triangular: [lowest, mode, highest], uniform: [lowest, highest], normal: [mean, sd],
# lognormal: [median, log_sd], or a number.
uncertainty: {{}}

# A probability is shown only with all three.
uncertainty_sources: {{parameters: true, events: true, residual_shocks: true}}
adjustment: phase_in       # or immediate
model_closure: full        # or conditional, direct: how far trade adjusts
deficits: universal        # or additive

# What studies vary, by dotted path; a run takes no notice of it.
# levers: [agreements.{lever}]                            # sim explain
# sweep:
#   agreements.{varied}: [0, 0.25, 0.5]     # sim sweep; or {{from: 0, to: 0.5}}
# reach:
#   levers: {{agreements.{varied}: {{from: 0, to: 0.5, cost_musd: 10}}}}
"""


_PAIR = """\
# yaml-language-server: $schema=scenario.schema.json
#
# What the world already knows of {a} and {b}; it acts by itself and need not be written again:
{known}
version: 1
title: {title}
question: {question}
# Whatever is not written here is as in the folder's baseline.
extends: {base}

{goal}
agreements:
{proposal}"""

_PAIR_PREFERENCE = """\
  preference:
    kind: preferential
    members: [{a}, {b}]
    timeline: {{signed: {signed}, in_force: {in_force}}}
    concessions:
{why}\
      - {{grantor: {a}, goods: all, cut: 0.5, phase_in_years: 5{rule_a}}}
      - {{grantor: {b}, goods: all, cut: 0.5, phase_in_years: 5{rule_b}}}
"""

_INSIDE_UNION = """\
  # {a} and {b} are both in the customs union {union}: no duty is left between them to cut, and no
  # preference for others is theirs alone to grant. What the two can do is quicker, cheaper borders.
  borders:
    kind: transit
    members: [{a}, {b}]
    timeline: {{signed: {signed}, in_force: {in_force}}}
    border_time_cut: 0.2   # share of the hours at the members' borders taken away
    fee_cut: 0.2           # share of the fees taken away
# One of them by itself: hours at its own border for all that it imports.
# reforms:
#   steps:
#     border: {{state: {a}, measure: border_time, change: 0.2, start: {signed}, duration_years: 2,
#              cost_musd: 20}}
"""

_BOUND = """\
      # {state} is in the customs union {union}, which has one tariff: it cannot grant alone. With
      # `customs_union: union` all members grant the same ({members}; they need not be
      # listed above); `waiver` lets {state} grant alone with their leave. What it can do without
      # them is a transit agreement: kind: transit, border_time_cut: 0.2.
"""


_GOAL = """\
targets:
{dropped}  {target}: {{pair: [{a}, {b}], trade_musd: {goal_musd:g}, deadline: {deadline}}}
"""
_KEPT_GOAL = """\
# Targets are those of the baseline: {kept}. Another is set so:
# targets: {{{kept_name}: null, mine: {{pair: [{a}, {b}], trade_musd: 2000, deadline: {deadline}}}}}
"""


def pair_text(
    name: str, names: NamesLike, pair: tuple[str, str], base: str, targets: Mapping[str, str],
    known: Sequence[str], *, keeps_targets: bool = False, trade_musd: float = 0.0,
) -> str:  # fmt: skip
    """Text of a scenario about a pair that builds on a baseline and passes the check.

    Parameters
    ----------
    name : str
        Name of the new scenario, as in its file name.
    names : Names
        What the world calls things.
    pair : (str, str)
        The two regions.
    base : str
        File name of the baseline.
    targets : mapping of str to str
        Targets of the baseline by name, each in words.
    known : sequence of str
        Sentences on what the world knows of the pair.
    keeps_targets : bool
        Whether the targets of the baseline stay; else one of the pair's own replaces them.
    trade_musd : float
        Trade of the pair in the base year; a target that it has reached already is no question.
    """
    a, b = pair
    start = 4 * names.base_year + 3
    target = f"{a.lower()}-{b.lower()}"
    goal = doubled(trade_musd) if trade_musd >= USUAL_GOAL_MUSD else USUAL_GOAL_MUSD
    words = {"a": a, "b": b, "deadline": format_quarter(start + 4 * 8), "goal_musd": goal}
    if keeps_targets:
        kept = "; ".join(f"{old} ({told})" for old, told in targets.items())
        goals = _KEPT_GOAL.format(kept=kept, kept_name=next(iter(targets)), **words)
        question = f"Does a preferential agreement between {a} and {b} change their trade?"
    else:
        dropped = "".join(f"  {old}: null\n" for old in targets if old != target)
        goals = _GOAL.format(dropped=dropped, target=target, **words)
        year = names.base_year + 8
        question = f"Does trade between {a} and {b} reach {in_words(goal)} USD by {year}?"
    dates = {"signed": format_quarter(start + 17), "in_force": format_quarter(start + 20)}
    if keeps_targets and _shared_union(pair, names):
        question = f"Do quicker borders between {a} and {b} change their trade?"
    return _PAIR.format(
        a=a, b=b, base=base, title=_title(name), goal=goals, question=question,
        known="\n".join(f"# - {sentence}" for sentence in known),
        proposal=_proposal(_PAIR_PREFERENCE, pair, names, dates),
    )  # fmt: skip


def starter_text(
    name: str,
    names: NamesLike,
    pair: tuple[str, str] | None = None,
    trade_musd: float | None = None,
) -> str:
    """Text of a first scenario that passes the check as it stands.

    Parameters
    ----------
    name : str
        Name of the new scenario, as in its file name.
    names : Names
        What the world calls things.
    pair : (str, str), optional
        The pair asked about; the world's first two regions if left out.
    trade_musd : float, optional
        Trade of the pair in the base year, twice which is its target; 1 billion USD if left out.

    Returns
    -------
    str
        YAML text with comments that explain each key.
    """
    a, b = pair or names.regions[:2]
    start = 4 * names.base_year + 3
    goal = doubled(trade_musd) if trade_musd else USUAL_GOAL_MUSD
    words = {
        "target": "one-billion" if goal == USUAL_GOAL_MUSD else f"{a}-{b}".lower(),
        "goal": in_words(goal),
        "goal_musd": goal,
        "name": " ".join(name.split()),
        "title": _title(name),
        "a": a,
        "b": b,
        "start": format_quarter(start),
        "later": format_quarter(start + 13),
        "end": format_quarter(start + 4 * 13),
        "deadline": format_quarter(start + 4 * 8),
        "target_year": names.base_year + 8,
        "signed": format_quarter(start + 17),
        "in_force": format_quarter(start + 20),
        "year": names.base_year + 4,
        "ledger": names.ledgers[0],
        "good": names.goods[0],
        "port": (*names.ports, "")[0],
        "route": (*names.routes, "")[0],
        "gate": (*names.gates, "gate")[0],
        "project": (*names.projects, "project")[0],
        "lever": "preference",
        "varied": "preference.concessions.*.cut",
    }
    lists = ("ledgers", "goods", "layers", "ports", "routes", "gates", "parameters", "projects")
    words |= {key: _some(getattr(names, key)) for key in lists}
    proposal = _proposal(_PREFERENCE, (a, b), names, words)
    more = (_TRANSIT if names.ports and names.routes else "") + _END
    if _shared_union((a, b), names):  # `borders` is a transit agreement already
        more = _END
        words |= {"lever": "borders", "varied": "borders.border_time_cut"}
    return _TEMPLATE.format(**words) + proposal + more.format(**words)


def doubled(trade_musd: float) -> float:
    """Twice some trade, to one figure.

    Examples
    --------
    >>> doubled(1153.0), doubled(24.0)
    (2000.0, 50.0)
    """
    return float(f"{2.0 * trade_musd:.1g}")


def in_words(musd: float) -> str:
    """Amount in million USD as a question words it.

    Examples
    --------
    >>> in_words(1000.0), in_words(50.0)
    ('1 billion', '50 million')
    """
    return f"{musd / 1000:g} billion" if musd >= 1000.0 else f"{musd:g} million"


def _title(name: str) -> str:
    """A name as a title that needs no quotes."""
    words = re.sub(r"[^\w]+|_+", " ", name).strip()
    return f"Scenario {words}" if words else "Scenario"


def _proposal(
    preference: str, pair: tuple[str, str], names: NamesLike, words: Mapping[str, object]
) -> str:
    """An agreement that the two can make: a preference, or quicker borders inside a union."""
    a, b = pair
    if union := _shared_union(pair, names):
        return _INSIDE_UNION.format(**{**words, "a": a, "b": b, "union": union})
    why, rules = "", {}
    for key, granting, receiving in (("rule_a", a, b), ("rule_b", b, a)):
        bound = [u for u, members in unions_of(names).items()
                 if granting in members and receiving not in members]  # fmt: skip
        rules[key] = ", customs_union: union" if bound else ""
        if bound:
            members = _some(unions_of(names)[bound[0]])
            why += _BOUND.format(state=granting, union=bound[0], members=members)
    return preference.format(**{**words, **rules, "a": a, "b": b, "why": why})


def _shared_union(pair: tuple[str, str], names: NamesLike) -> str:
    """Customs union that both are in; empty if there is none."""
    both = set(pair)
    return next((u for u, members in unions_of(names).items() if both <= set(members)), "")


def _some(choices: object, most: int = 6) -> str:
    """The first few names as text."""
    shown = [str(choice) for choice in choices] if isinstance(choices, tuple | list) else []
    return ", ".join(shown[:most]) + (", …" if len(shown) > most else "")
