# ruff: noqa: E501 - a row of the tables stays on one line
"""One mistake at a time: each is found at its line and column, with its remedy and nearest name.

Every row takes the valid scenario, replaces one piece of it, and marks with `¦` the place where
the caret must stand.
"""

from collections.abc import Callable

import pytest

from sim.scenario.scenario_file import ScenarioCheck
from sim.scenario.text.problems import Problem, format_problem

MARK = "¦"

Mistake = tuple[str, str, str, str, str | None]
"""Name, piece of the valid text, piece with the mistake, words of the message, nearest name."""

# fmt: off
KEYS: list[Mistake] = [
    ("top-level key", "runs: 64", "¦rums: 64", "unknown key 'rums'", "runs"),
    ("key with its unit left out", "trade_musd: 1000", "¦trade: 1000", "unknown key 'trade' under targets.one-billion", "trade_musd"),
    ("key of the horizon", "start: 2022Q4", "¦strat: 2022Q4", "unknown key 'strat' under horizon", "start"),
    ("key of a concession", "phase_in_years: 5", "¦phase_in: 5", "unknown key 'phase_in'", "phase_in_years"),
    ("key of a timeline", "ends: 2034Q4", "¦end: 2034Q4", "unknown key 'end' under agreements.pta.timeline", "ends"),
    ("key of opens", "routes: [trans", "¦route: [trans", "unknown key 'route' under agreements.corridor.opens", "routes"),
    ("key of a transit agreement", "border_time_cut: 0.4", "¦border_cut: 0.4", "unknown key 'border_cut'", "border_time_cut"),
    ("key of a preferential agreement", "origin_cost_ave:", "¦origin_cost:", "unknown key 'origin_cost'", "origin_cost_ave"),
    ("key of a closure", "from: 2025-10-11, until: 2026-12-31", "from: 2025-10-11, ¦untill: 2026-12-31", "unknown key 'untill' under closures.torkham.1", "until"),
    ("key of the layers", "events: true", "¦evnts: true", "unknown key 'evnts'", "events"),
    ("distribution", "{triangular:", "{¦trianglar:", "unknown key 'trianglar' under uncertainty.trade_elasticity", "triangular"),
    ("key of another kind of agreement", "    border_time_cut: 0.4", "    border_time_cut: 0.4\n    ¦concessions: []", "concessions belongs to agreements of kind preferential", None),
    ("key of two other kinds of agreement", "    origin_cost_ave:", "    ¦border_time_cut: 0.4\n    origin_cost_ave:", "border_time_cut belongs to agreements of kind transit or customs", None),
    ("key of another place", "seed: 7", "seed: 7\n¦ledger: pakistan", "ledger belongs under baseline", None),
    ("key given twice", "seed: 7", "seed: 7\n¦seed: 8", "'seed' is given twice (first on line 6)", None),
    ("inner key given twice", "fee_cut: 0.5", "fee_cut: 0.5\n    ¦fee_cut: 0.6", "'fee_cut' is given twice (first on line 25)", None),
    ("agreement given twice", "  corridor:", "  ¦pta:", "'pta' is given twice", None),
    ("key absent at the top", "question: Is the target reached?\n", "", "the scenario has no key 'question'", None),
    ("key absent inside", "trade_musd: 1000, ", "", "targets.one-billion has no key 'trade_musd'", None),
    ("kind absent", "    kind: transit\n", "", "agreements.corridor does not say its kind", "transit"),
    ("kind mistyped", "kind: transit", "kind: ¦transti", "agreements.corridor.kind is the text 'transti'", "transit"),
    ("target's name with a space", "  one-billion:", "  ¦one billion:", "'one billion' is not a name that a path can hold", "one-billion"),
    ("agreement's name with a dot", "  corridor:", "  ¦my.corridor:", "'my.corridor' is not a name", "my-corridor"),
    ("merge key", "seed: 7", "seed: 7\n¦<<: {runs: 3}", "merge keys (<<) are not read", None),
    ("list as key", "seed: 7", "seed: 7\n¦[a, b]: 3", "a list stands where a key is due", None),
]

KINDS: list[Mistake] = [
    ("version of the future", "version: 1", "version: ¦2", "version is the number 2; wanted 1", None),
    ("version as text", "version: 1", "version: ¦'1'", "version is the text '1'; wanted 1", None),
    ("as_of before the base year's end", "seed: 7", "seed: 7\nas_of: ¦2022Q3", "before the end of the base year; wanted 2022Q4 or later", None),
    ("as_of as another word", "seed: 7", "seed: 7\nas_of: ¦lats", "as_of is the text 'lats'; wanted a quarter such as 2025Q4, or last", "last"),
    ("number for text", "title: Both agreements", "title: ¦2026", "title is the number 2026; wanted text, in quotes", None),
    ("boolean for text", "title: Both agreements", "title: ¦true", "title is true; wanted text", None),
    ("text for a number", "cut: 0.5}", "cut: ¦half}", "cut is the text 'half'; wanted a share from 0 to 1", None),
    ("boolean for a number", "runs: 64", "runs: ¦true", "runs is true; wanted a whole number", None),
    ("fraction of a run", "runs: 64", "runs: ¦64.5", "runs is 64.5, not a whole number", None),
    ("comma in a number", "trade_musd: 1000", "trade_musd: ¦'1,000'", "is the text '1,000'", None),
    ("underscore in a number", "trade_musd: 1000", "trade_musd: ¦1_000", "million USD, above 0 and at most 1e8: write 1000", None),
    ("leading zero", "seed: 7", "seed: ¦007", "seed is the text '007'; wanted a whole number from 0 to 2^53: write 7", None),
    ("hexadecimal", "seed: 7", "seed: ¦0x1F", "seed is the text '0x1F'", None),
    ("clock time for a number", "phase_in_years: 5", "phase_in_years: ¦1:30", "phase_in_years is the text '1:30'; wanted years", None),
    ("yes for a boolean", "joint_toll: true", "joint_toll: ¦yes", "joint_toll is the text 'yes'; wanted true or false", "true"),
    ("NO for a boolean", "joint_toll: true", "joint_toll: ¦NO", "joint_toll is the text 'NO'; wanted true or false", "false"),
    ("off for a boolean", "residual_shocks: true", "residual: ¦off", "uncertainty_sources.residual_shocks is the text 'off'", "false"),
    ("number for a boolean", "joint_toll: true", "joint_toll: ¦1", "joint_toll is the number 1; wanted true or false", None),
    ("text for a list", "members: [PAK, KAZ]", "members: ¦PAK", "members is the text 'PAK'; wanted a list in brackets", None),
    ("text for a list of goods", "goods: [textiles]", "goods: ¦textiles", "goods is the text 'textiles'; wanted all, or a list", "[textiles]"),
    ("mapping for a list", "members: [PAK, KAZ]", "members: ¦{PAK: 1}", "members is a mapping; wanted a list", None),
    ("list for a mapping", "horizon: {start: 2022Q4, end: 2035Q4}", "horizon: ¦[2022Q4, 2035Q4]", "horizon is a list; wanted keys with values", None),
    ("text for a mapping", "baseline: {ledger: pakistan}", "baseline: ¦pakistan", "baseline is the text 'pakistan'; wanted keys with values", None),
    ("list of agreements", "closures:\n  torkham:\n    - {from", "closures:\n  torkham:\n    - ¦[from]\n    - {from", "closures.torkham.1 is a list; wanted keys", None),
    ("mapping for a list of closures", "    - {from: 2025-10-11, until: 2026-12-31}", "    ¦first: {from: 2025-10-11, until: 2026-12-31}", "closures.torkham is a mapping; wanted a list in brackets", None),
    ("mapping for a list of concessions", "      - {grantor: PAK, partners: [KAZ], goods: [food, metals], duty_types: [customs_duty], cut: 0.5}\n      - {grantor: KAZ", "      ¦first: {grantor: PAK}\n      second: {grantor: KAZ", "agreements.pta.concessions is a mapping; wanted a list", None),
    ("no value", "seed: 7", "¦seed:", "seed has no value", None),
    ("no value in a list", "members: [PAK, KAZ]", "members:\n    - PAK\n    - KAZ\n    -¦", "agreements.pta.members.3 has no value", None),
    ("null", "seed: 7", "seed: ¦null", "seed is empty; wanted a whole number", None),
    ("tag", "seed: 7", "seed: ¦!!int 7", "the tag 'tag:yaml.org,2002:int' is not read", None),
    ("python tag", "seed: 7", "seed: ¦!!python/name:os.system x", "is not read", None),
]

RANGES: list[Mistake] = [
    ("percent for a share", "cut: 0.5}", "cut: ¦50}", "wanted a share from 0 to 1: is this percent? write 0.5", None),
    ("percent sign", "cut: 0.5}", "cut: ¦50%}", "cut is the text '50%'; wanted a share from 0 to 1: is this percent? write 0.5", None),
    ("percent for a rate", "origin_cost_ave: 0.02", "origin_cost_ave: ¦2", "wanted a rate from 0 to 1 (0.2 is 20 %): is this percent? write 0.02", None),
    ("negative share", "fee_cut: 0.5", "fee_cut: ¦-0.5", "fee_cut is -0.5; wanted a share from 0 to 1", None),
    ("NaN", "fee_cut: 0.5", "fee_cut: ¦.nan", "fee_cut is nan, not a finite number", None),
    ("infinity", "trade_musd: 1000", "trade_musd: ¦.inf", "trade_musd is inf, not a finite number", None),
    ("number too large to hold", "trade_musd: 1000", "trade_musd: ¦1e999", "is inf, not a finite number", None),
    ("USD for million USD", "trade_musd: 1000", "trade_musd: ¦1e9", "is this in USD? write 1000", None),
    ("target of nothing", "trade_musd: 1000", "trade_musd: ¦0", "trade_musd is 0; wanted million USD, above 0", None),
    ("no runs", "runs: 64", "runs: ¦0", "runs is 0; wanted a whole number from 1 to 1000000", None),
    ("too many runs", "runs: 64", "runs: ¦1e9", "runs is 1000000000; wanted a whole number from 1 to 1000000", None),
    ("negative seed", "seed: 7", "seed: ¦-7", "seed is -7; wanted a whole number from 0", None),
    ("phase-in of a century", "phase_in_years: 5", "phase_in_years: ¦100", "phase_in_years is 100; wanted years from 0 to 50", None),
    ("no targets", "targets:\n  one-billion: {pair: [PAK, KAZ], trade_musd: 1000, deadline: 2030Q4, source: ministers}", "targets: ¦{}", "targets has none; wanted at least 1 entry", None),
    ("no goods", "goods: [textiles]", "goods: ¦[]", "goods has none; wanted at least 1 entry", None),
    ("one member", "members: [PAK, KAZ]", "members: ¦[PAK]", "members has only 1; wanted at least 2 entries", None),
    ("half a pair", "pair: [PAK, KAZ]", "pair: ¦[PAK]", "pair has only 1 entry; wanted pair: the two states", None),
    ("three in a pair", "pair: [PAK, KAZ]", "pair: ¦[PAK, KAZ, UZB]", "pair has 3 entries; wanted 2", None),
    ("triangle out of order", "[3.8, 5.0, 7.0]", "¦[3.8, 7.0, 5.0]", "[3.8, 7, 5] is out of order; wanted [lowest, most likely, highest]", None),
    ("triangle with two corners", "[3.8, 5.0, 7.0]", "¦[3.8, 7.0]", "triangular has only 2 entries; wanted triangular: [lowest, most likely, highest]", None),
    ("swapped bounds", "triangular: [3.8, 5.0, 7.0]", "uniform: ¦[7, 3]", "[7, 3] is out of order; wanted [lowest, highest]", None),
    ("no spread", "triangular: [3.8, 5.0, 7.0]", "normal: ¦[5, 0]", "has the spread 0; wanted a standard deviation above 0", None),
    ("negative median", "triangular: [3.8, 5.0, 7.0]", "lognormal: ¦[-5, 1]", "has the median -5; wanted a median above 0", None),
    ("two distributions", "{triangular: [3.8, 5.0, 7.0]}", "¦{uniform: [3, 7], normal: [5, 1]}", "has 2 entries (uniform, normal); wanted a number, or one of", None),
    ("text for a distribution", "{triangular: [3.8, 5.0, 7.0]}", "¦about five", "is the text 'about five'; wanted a number, or one of", None),
    ("unknown adjustment", "adjustment: phase_in", "adjustment: ¦phased_in", "adjustment is 'phased_in'; wanted one of phase_in, immediate", "phase_in"),
    ("unknown closure", "closure: full", "closure: ¦ful", "closure is 'ful'; wanted one of full, conditional, direct", "full"),
    ("unknown deficits", "deficits: universal", "deficits: ¦universe", "wanted one of universal, additive", "universal"),
    ("unknown rule", "customs_union: waiver", "customs_union: ¦waver", "wanted one of refuse, waiver, union", "waiver"),
]

DATES: list[Mistake] = [
    ("quarter with a dash", "deadline: 2030Q4", "deadline: ¦2030-Q4", "deadline is '2030-Q4', not a quarter; wanted a year and quarter such as 2026Q1", "2030Q4"),
    ("quarter turned round", "deadline: 2030Q4", "deadline: ¦Q4/2030", "not a quarter", "2030Q4"),
    ("year for a quarter", "deadline: 2030Q4", "deadline: ¦2030", "deadline is the number 2030; wanted a year and quarter", "2030Q1"),
    ("month for a quarter", "deadline: 2030Q4", "deadline: ¦2030-11", "not a quarter", "2030Q4"),
    ("date for a quarter", "deadline: 2030Q4", "deadline: ¦2030-05-17", "not a quarter", "2030Q2"),
    ("fifth quarter", "deadline: 2030Q4", "deadline: ¦2030Q5", "deadline is '2030Q5', not a quarter", None),
    ("quarter of antiquity", "start: 2022Q4", "start: ¦0022Q4", "horizon.start is '0022Q4'; wanted a year from 1900 to 2200", None),
    ("start before the tables", "start: 2022Q4", "start: ¦2015Q1", "horizon.start is 2015Q1, before the world's tables begin; wanted a quarter from 2022Q1 on", None),
    ("end before start", "end: 2035Q4", "end: ¦2022Q3", "horizon.end 2022Q3 is before horizon.start 2022Q4", None),
    ("horizon of a century", "end: 2035Q4", "end: ¦2122Q4", "the horizon has 401 quarters; wanted at most 200: an end no later than 2072Q3", None),
    ("target after the end", "deadline: 2030Q4", "deadline: ¦2036Q1", "targets.one-billion.deadline is 2036Q1, outside the horizon; wanted a quarter from 2022Q4 to 2035Q4", None),
    ("target in the first year", "deadline: 2030Q4", "deadline: ¦2023Q2", "deadline is 2023Q2, within a year of the horizon's start; wanted 2023Q3 or later", None),
    ("parameter no law can read", "growth_sd: 0.02", "growth_sd: ¦-0.02", "uncertainty.growth_sd holds -0.02; wanted numbers from 0 to 0.5", None),
    ("end of a distribution", "{triangular: [3.8, 5.0, 7.0]}", "{uniform: [¦0, 7.0]}", "uncertainty.trade_elasticity holds 0; wanted numbers from 1.1 to 30", None),
    ("middle of a distribution", "{triangular: [3.8, 5.0, 7.0]}", "{normal: [¦-3, 0.01]}", "uncertainty.trade_elasticity holds -3; wanted", None),
    ("target before the start", "deadline: 2030Q4", "deadline: ¦2022Q3", "deadline is 2022Q3, outside the horizon", None),
    ("in force before signature", "in_force: 2027Q3", "in_force: ¦2026Q3", "agreements.pta.timeline.in_force 2026Q3 is before signed 2026Q4; wanted signed, in_force, ends in this order", None),
    ("end before entry into force", "ends: 2034Q4", "ends: ¦2027Q2", "agreements.pta.timeline.ends 2027Q2 is before in_force 2027Q3", None),
    ("negotiated, mistyped", "{signed: 2026Q1, in_force: 2027Q1}", "¦negotiatd", "is the text 'negotiatd'; wanted dates, such as {signed: 2026Q4, in_force: 2027Q3}, or negotiated", "negotiated"),
    ("negotiated with a date", "{signed: 2026Q1, in_force: 2027Q1}", "¦{negotiated: {}, in_force: 2027Q1}", "is negotiated and has the date in_force as well", None),
    ("key of a negotiation", "{signed: 2026Q1, in_force: 2027Q1}", "{negotiated: {¦talks: 2026Q1}}", "unknown key 'talks' under agreements.corridor.timeline.negotiated", "talks_since"),
    ("talks after the signature", "{signed: 2026Q1, in_force: 2027Q1}", "{negotiated: {talks_since: 2027Q1, signed: ¦2026Q1}}", "signed 2026Q1 is before talks_since 2027Q1", None),
    ("courting that ends before it begins", "seed: 7", "seed: 7\ndiplomacy: {outside_attention: [{power: IRN, state: KAZ, effort: 0.5, since: 2027Q1, until: ¦2026Q1}]}", "diplomacy.outside_attention.1.until 2026Q1 is before since 2027Q1", None),
    ("ban of a state with itself", "closures:\n", "bans:\n  x: {pair: [PAK, ¦PAK], from: 2026-01-01}\nclosures:\n", "bans.x.pair names 'PAK' twice", None),
    ("ban by land of states that do not meet", "closures:\n", "bans:\n  x: {pair: [PAK, ¦KAZ], scope: land, from: 2026-01-01}\nclosures:\n", "bans.x is by land, but the tables know no border of PAK and KAZ", None),
    ("ban that ends before it begins", "closures:\n", "bans:\n  x: {pair: [PAK, KAZ], from: 2026-01-01, until: ¦2025-01-01}\nclosures:\n", "bans.x.until 2025-01-01 is before from 2026-01-01", None),
    ("scope of a ban", "closures:\n", "bans:\n  x: {pair: [PAK, AFG], scope: ¦lend, from: 2026-01-01}\nclosures:\n", "bans.x.scope is 'lend'; wanted one of land, all", "land"),
    ("closure that ends before it begins", "from: 2025-10-11, until: 2026-12-31", "from: 2025-10-11, until: ¦2025-10-10", "closures.torkham.1.until 2025-10-10 is before from 2025-10-11", None),
    ("day that does not exist", "from: 2025-10-11", "from: ¦2025-02-30", "from is '2025-02-30', a day that does not exist", None),
    ("month without zero", "from: 2025-10-11", "from: ¦2025-9-1", "from is '2025-9-1', not a date", "2025-09-01"),
    ("quarter for a date", "from: 2025-10-11", "from: ¦2025Q4", "from is '2025Q4', not a date; wanted a date such as 2025-10-11", None),
]

NAMES: list[Mistake] = [
    ("state", "members: [PAK, KAZ]", "members: [PAK, ¦KAS]", "agreements.pta.members.2: 'KAS' is not a state; wanted one of PAK, KAZ", "KAZ"),
    ("state by its name", "pair: [PAK, KAZ]", "pair: [PAK, ¦Uzbekistan]", "'Uzbekistan' is not a state", "UZB"),
    ("state in small letters", "pair: [PAK, KAZ]", "pair: [¦pak, KAZ]", "'pak' is not a state", "PAK"),
    ("number for a state", "pair: [PAK, KAZ]", "pair: [PAK, ¦398]", "pair.2 is the number 398; wanted the name of a state", None),
    ("good", "goods: [textiles]", "goods: [¦textile]", "'textile' is not a good; wanted one of food, textiles, metals, chemicals", "textiles"),
    ("layer", "duty_types: [customs_duty]", "duty_types: [¦custom_duty]", "'custom_duty' is not a kind of duty", "customs_duty"),
    ("ledger", "ledger: pakistan", "ledger: ¦pakstan", "baseline.ledger: 'pakstan' is not a ledger; wanted one of pakistan, kazakhstan", "pakistan"),
    ("gate", "  torkham:", "  ¦torkam:", "closures: 'torkam' is not a gate", "torkham"),
    ("port", "ports: [karachi, gwadar]", "ports: [karachi, ¦gwader]", "'gwader' is not a port", "gwadar"),
    ("route", "routes: [trans-afghan]", "routes: [¦transafghan]", "'transafghan' is not a route", "trans-afghan"),
    ("parameter", "  trade_elasticity:", "  ¦elasticity:", "uncertainty: 'elasticity' is not a parameter", "trade_elasticity"),
]

CONDUCT: list[Mistake] = [
    ("member that may join", "    fee_cut: 0.5", "    fee_cut: 0.5\n    may_join: [¦UZB]", "may_join names 'UZB', which is a member already", None),
    ("visit to oneself", "seed: 7", "seed: 7\ndiplomacy: {visits: [{sending_state: KAZ, host_state: ¦KAZ, when: 2026Q1}]}", "diplomacy.visits.1: 'KAZ' goes to itself", None),
    ("conversion in percent", "seed: 7", "seed: 7\ndiplomacy: {memoranda: {a: {pair: [PAK, KAZ], count: 3, when: 2026Q1, conversion_rate: ¦9}}}", "conversion_rate holds 9; wanted shares from 0 to 1: is this percent? write 0.09", None),
    ("conversion not named", "seed: 7", "seed: 7\ndiplomacy: {memoranda: {¦a: {pair: [PAK, KAZ], count: 3, when: 2026Q1}}}", "diplomacy.memoranda.a has no key 'conversion_rate'", None),
    ("memoranda with oneself", "seed: 7", "seed: 7\ndiplomacy: {memoranda: {a: {pair: [PAK, ¦PAK], count: 3, when: 2026Q1, conversion_rate: 0.5}}}", "pair names 'PAK' twice", None),
    ("no memoranda", "seed: 7", "seed: 7\ndiplomacy: {memoranda: {a: {pair: [PAK, KAZ], count: ¦0, when: 2026Q1, conversion_rate: 0.5}}}", "count is 0; wanted a whole number from 1 to 10000", None),
    ("reform of nothing known", "seed: 7", "seed: 7\nreforms: {steps: {a: {state: PAK, measure: ¦rule, change: 0.2, start: 2024Q1, duration_years: 2, cost_musd: 5}}}", "reforms.steps.a.measure is 'rule'", "rule_of_law"),
    ("rule of behaviour", "seed: 7", "seed: 7\nbehaviour: {¦multivector: false}", "unknown key 'multivector' under behaviour", "partner_diversification"),
]

HINTS: list[Mistake] = [
    ("spread beyond all bounds", "  trade_elasticity: {triangular:", "  growth_sd: {normal: [0.02, ¦5]}\n  trade_elasticity: {triangular:", "uncertainty.growth_sd has the spread 5; wanted less than the 0.5 between 0 and 0.5", None),
    ("budget of nothing", "seed: 7", "seed: 7\nreforms: {budget_musd: {PAK: ¦0}}", "wanted million USD, above 0 and at most 1e8", None),
]

DEALINGS: list[Mistake] = [
    ("target of a state with itself", "pair: [PAK, KAZ]", "pair: [PAK, ¦PAK]", "targets.one-billion.pair names 'PAK' twice; wanted two different states", None),
    ("agreement of a state with itself", "members: [PAK, KAZ]", "members: [PAK, ¦PAK]", "agreements.pta is an agreement of 'PAK' with itself", None),
    ("concession by an outsider", "{grantor: PAK, partners: ", "{grantor: ¦IRN, partners: ", "agreements.pta.concessions.1.grantor: 'IRN' is not a member of the agreement; wanted one of PAK, KAZ", None),
    ("concession to an outsider", "partners: [KAZ]", "partners: [¦IRN]", "agreements.pta.concessions.1.partners: 'IRN' is not a member", None),
    ("concession to oneself", "partners: [KAZ]", "partners: [¦PAK]", "agreements.pta.concessions.1.partners: 'PAK' grants a concession to itself", None),
]

SYNTAX: list[Mistake] = [
    ("colon lost", "runs: 64\n", "runs 64\n", "a key has no colon", None),
    ("colon in text", "title: Both agreements", "title: Both¦: agreements", "a colon stands where none is expected; wanted one key: value per line", None),
    ("bracket never closed", "members: [PAK, KAZ]\n", "members: ¦[PAK, KAZ\n", "the list that begins here is not closed", None),
    ("brace never closed", "{ledger: pakistan}", "¦{ledger: pakistan", "the mapping that begins here is not closed", None),
    ("quote never closed", "title: Both", "title: ¦'Both", "the quote that begins here is never closed", None),
    ("line pushed in", "seed: 7", " seed¦: 7", "a colon stands where none is expected; wanted one key: value per line, lined up with those above", None),
    ("line pulled out", "    fee_cut: 0.5", "   ¦fee_cut: 0.5", "this line does not line up with those above; wanted the same indentation", None),
    ("tab", "    fee_cut: 0.5", "¦\tfee_cut: 0.5", "a tab indents this line; wanted spaces", None),
    ("tab after the colon", "seed: 7", "seed:¦\t7 # x", "a tab stands between words; wanted spaces", None),
    ("unknown alias", "seed: 7", "seed: ¦*number", "the alias *number has no anchor before it", None),
    ("alias that contains itself", "partners: [KAZ]", "partners: &me [KAZ, ¦*me]", "the alias *me contains itself", None),
    ("percent sign first", "title: Both", "title: ¦%Both", "this character cannot begin a value; wanted the text in quotes", None),
    ("at sign first", "title: Both", "title: ¦@Both", "this character cannot begin a value", None),
    ("bell character", "title: Both", "title: B¦\aoth", "the character U+0007 cannot stand in a text file", None),
    ("half a character", "title: Both agreements", 'title: ¦"\\ud800"', "an escape here is half a character", None),
    ("impossible escape", "title: Both agreements", 'title: "\\UFFFFFFFF"', "an escape or directive here has an impossible number", None),
    ("second document", "deficits: universal\n", "deficits: universal\n¦---\nversion: 1\n", "a second document begins here; wanted one scenario per file", None),
    ("nested too deep", "title: Both agreements", "title: " + "[" * 40 + "]" * 40, "values are nested too deep; wanted at most 20 levels", None),
]
# fmt: on

ALL = [*KEYS, *KINDS, *RANGES, *DATES, *NAMES, *DEALINGS, *HINTS, *CONDUCT, *SYNTAX]


def planted(valid: str, mistake: Mistake) -> tuple[str, tuple[int, int] | None]:
    """Text with a mistake in it, and the line and column where it must be found."""
    _, old, new, _, _ = mistake
    assert valid.count(old) >= 1, old
    marked = valid.replace(old, new, 1)
    if MARK not in marked:
        return marked, None
    before = marked[: marked.index(MARK)].split("\n")
    return marked.replace(MARK, ""), (len(before), len(before[-1]) + 1)


OLD = (
    ("deadline: ", "by: "), ("grantor: ", "by: "), ("partners: ", "to: "),
    ("duty_types: ", "layers: "), ("2025-10-11, until: ", "2025-10-11, to: "),
    ("uap: {completes: by_hazard", "uap: {complete: by-hazard"), ("herat: {completes", "herat: {complete"),
    ("uncertainty_sources: ", "uncertainty_sources: "), ("events: ", "chance: "),
    ("residual_shocks: ", "residual: "), ("model_closure: ", "closure: "),
    ("conversion_rate: ", "conversion: "), ("sending_state: ", "by: "), ("host_state: ", "to: "),
    ("{state: PAK, measure: ", "{by: PAK, what: "), ("duration_years: ", "takes_years: "),
    ("outside_attention: [{power: IRN, state", "courting: [{by: IRN, to"),
)  # fmt: skip


def in_old_spellings(text: str) -> str:
    """Part of a file of this module in the words of before."""
    for now, old in OLD:
        text = text.replace(now, old)
    return text


def olden(mistake: Mistake) -> Mistake:
    """A mistake that is made in an old-spelled file."""
    name, old, new, words, near = mistake
    return name, in_old_spellings(old), in_old_spellings(new), words, near


def found(problems: tuple[Problem, ...], mistake: Mistake, place: tuple[int, int] | None) -> bool:
    _, _, _, words, near = mistake
    return any(
        words in format_problem(problem).split("\n")[0]
        and place in (None, (problem.line, problem.column))
        and problem.nearest == near
        for problem in problems
    )


def test_the_valid_scenario_is_valid(check: Callable[..., ScenarioCheck], valid_text: str) -> None:
    checked = check(valid_text)
    assert not checked.problems
    assert not checked.warnings
    assert checked.scenario is not None


def test_there_are_enough_mistakes_and_no_two_alike() -> None:
    assert len({(old, new) for _, old, new, _, _ in ALL}) == len(ALL) >= 110


@pytest.mark.parametrize("mistake", ALL, ids=[row[0].replace(" ", "-") for row in ALL])
def test_a_mistake_is_found_where_it_is(
    check: Callable[..., ScenarioCheck], valid_text: str, mistake: Mistake
) -> None:
    text, place = planted(valid_text, mistake)
    checked = check(text)
    shown = "\n".join(map(format_problem, checked.problems))
    assert checked.scenario is None, "the mistake was not seen"
    assert found(checked.problems, mistake, place), f"wanted {place} in:\n{shown}"
    assert len(checked.problems) <= 2, f"one mistake, many complaints:\n{shown}"


@pytest.mark.parametrize("mistake", ALL, ids=[row[0].replace(" ", "-") for row in ALL])
def test_it_is_found_where_it_is_in_old_spellings_too(
    check: Callable[..., ScenarioCheck], valid_text: str, mistake: Mistake
) -> None:
    text, place = planted(in_old_spellings(valid_text), olden(mistake))
    checked = check(text)
    shown = "\n".join(map(format_problem, checked.problems))
    assert checked.scenario is None, "the mistake was not seen"
    places = {(p.line, p.column) for p in checked.problems}
    assert place is None or place in places, f"wanted {place} in:\n{shown}"
    assert len(checked.problems) <= 2, f"one mistake, many complaints:\n{shown}"


@pytest.mark.parametrize("mistake", ALL, ids=[row[0].replace(" ", "-") for row in ALL])
def test_messages_are_in_plain_words(
    check: Callable[..., ScenarioCheck], valid_text: str, mistake: Mistake
) -> None:
    text, _ = planted(valid_text, mistake)
    for problem in check(text).problems:
        shown = format_problem(problem)
        for jargon in ("pydantic", "http", "type=", "input_value", "Input should", "<unicode"):
            assert jargon not in shown
        assert problem.wanted, shown
        assert problem.line >= 1, shown
        lines = text.splitlines()
        assert problem.source_line.split() == lines[problem.line - 1].split()


def test_many_mistakes_in_one_file_are_all_reported(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    chosen = [
        row
        for row in ALL
        if row[0]
        in {
            "top-level key", "key given twice", "number for text", "NaN", "state by its name", "good", "port",
            "percent for a share", "yes for a boolean", "in force before signature", "gate",
            "end before start", "unknown adjustment", "ledger", "key of a timeline",
            "quarter with a dash", "day that does not exist", "kind mistyped", "unknown rule",
            "key of a transit agreement", "no spread",
        }
    ]  # fmt: skip
    assert len(chosen) == 21
    text = valid_text
    for _, old, new, _, _ in chosen:
        assert old in text, old
        text = text.replace(old, new.replace(MARK, ""), 1)
    problems = check(text).problems
    for row in chosen:
        # Two of them change the same line, so the places are those of the single files no more.
        assert found(problems, row, None), row[0]


def test_a_problem_is_printed_with_its_line_and_a_caret(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    problem = check(valid_text.replace("ledger: pakistan", "ledger: pakstan")).problems[0]
    first, source, caret = format_problem(problem).split("\n")
    assert first.endswith(
        "question.yaml:7:20: baseline.ledger: 'pakstan' is not a ledger; "
        "wanted one of pakistan, kazakhstan; did you mean 'pakistan'?"
    )
    assert source == "    baseline: {ledger: pakstan}"
    assert source[caret.index("^") :] == "pakstan}"


def test_a_long_line_is_cut_around_the_place(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    goods = "food, " * 200
    problem = check(valid_text.replace("goods: [textiles]", f"goods: [{goods}textile]"))
    last = next(p for p in problem.problems if "'textile'" in p.message)
    _, source, caret = format_problem(last).split("\n")
    assert len(source) < 130
    assert source[caret.index("^") :].startswith("textile]")


def test_what_a_merge_key_brings_is_not_called_missing(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    text = valid_text.replace("  corridor:\n", "  corridor: &corridor\n")
    again = "  again: {<<: *corridor, fee_cut: 0.2}\nclosures:"
    (problem,) = check(text.replace("closures:", again)).problems
    assert problem.message == "merge keys (<<) are not read"


def test_as_of_after_the_last_record_is_told(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    found = check(valid_text.replace("seed: 7", "seed: 7\nas_of: 2031Q1"))
    assert not found.problems
    (warning,) = [w for w in found.warnings if "as_of" in str(w)]
    assert "it means the same as 2025Q4" in str(warning)
    assert not [w for w in check(valid_text).warnings if "as_of" in str(w)]
