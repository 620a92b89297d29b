"""The rules of negotiation as a plain agent-based model: one run, one object per State and treaty.

It reads the same scenario, world, draws and snapshots as the model proper and shares no rule with
it: every formula is written out again in plain Python on plain numbers.
"""

import math

import mesa

NEVER = 40_000


class TwinState(mesa.Agent):
    """A State that says how much it wants a treaty and how much effort it spends on it."""

    def __init__(self, model, place):
        super().__init__(model)
        self.place = place

    def observe(self):
        """What it wants and what it spends, by treaty."""
        model, snap, run = self.model, self.model.seen, self.model.run
        own = [t for t in model.treaties if self.place in t.members]
        self.wants, self.spends = {}, {}
        for treaty in own:
            self.wants[treaty.name] = self._interest(treaty, snap, run)
        busy = {t.name: math.exp(max(-3, min(3, self.wants[t.name]))) for t in own if t.is_busy}
        pull = self._pull()
        total = sum(busy.values()) + pull + model.courting(self.place)
        for name, weight in busy.items():
            self.spends[name] = weight / total * (1 + pull)

    def _interest(self, treaty, snap, run):
        p, rules, gains = self.model.p, self.model.rules, treaty.gains
        want = p["trade_gain_weight"] * gains.trade_gain[0, self.place]
        want += p["welfare_gain_weight"] * gains.welfare_gain[0, self.place]
        if rules.fiscal:
            want -= p["losses_weight"] * gains.losses[0, self.place]
        if rules.targets:
            want += p["target_weight"] * self._gap(treaty, snap, run)
        shares = self._partner_shares()
        if rules.multi_vector:
            crowd = sum(s * s for s in shares)
            inside = sum(shares[m] for m in treaty.members)
            want += p["diversification_weight"] * crowd * (1 - inside)
        if rules.domino and treaty.is_open:
            want += p["domino_weight"] * self._rivals(treaty)
        return want

    def _gap(self, treaty, snap, run):
        worst = 0.0
        for i, j, wanted in self.model.targets:
            if self.place not in (i, j) or not {i, j} <= treaty.members:
                continue
            trade = 0.0
            for a, b in ((i, j), (j, i)):
                flow = sum(snap.trade[run, good, a, b] for good in range(snap.trade.shape[1]))
                trade += (flow + snap.energy_trade[run, a, b]) * snap.surprise[run, a, b]
            worst = max(worst, min(1.0, max(0.0, math.log(wanted / trade))))
        return worst

    def _partner_shares(self):
        flow, n = self.model.flow, len(self.model.flow)
        trade = [
            0.0 if k == self.place else flow[self.place][k] + flow[k][self.place] for k in range(n)
        ]
        return [t / sum(trade) for t in trade]

    def _pull(self):
        asked = {m for t in self.model.treaties if t.is_open for m in t.members}
        shares = self._partner_shares()
        return self.model.p["outside_pull"] * (1 - sum(shares[m] for m in asked))

    def _rivals(self, treaty):
        flow, n, me = self.model.flow, len(self.model.flow), self.place
        covered = sold = 0.0
        for partner in treaty.members - {me}:
            bought = sum(flow[k][partner] for k in range(n) if k != partner)
            part = 0.0
            for rival in range(n):
                if rival in (me, partner) or self.model.has_deal(partner, me):
                    continue
                if self.model.has_deal(partner, rival):
                    part += flow[rival][partner] / bought
            covered += flow[me][partner] * part
            sold += flow[me][partner]
        return covered / sold if sold else 0.0


class TwinTreaty(mesa.Agent):
    """An agreement that passes through its stages."""

    def __init__(self, model, name, agreement, gains, limits):
        super().__init__(model)
        self.name, self.gains, self.limits = name, gains, limits
        self.members = {model.world.regions.index(code) for code in agreement.members}
        self.is_open = agreement.timeline.in_force is None
        known = agreement.timeline.negotiated if self.is_open else None
        self.opened = int(known.talks_since) if known and known.talks_since else NEVER
        self.signed = int(agreement.timeline.signed or NEVER)
        self.in_force = int(agreement.timeline.in_force or NEVER)
        self.parent = name.split("+")[0] if "+" in name else None
        self.transit_only = agreement.kind == "transit"
        self.pressure = 0.0

    @property
    def stage(self):
        """0 to open, 1 to sign, 2 to ratify; None where nothing is negotiated."""
        now = self.model.quarter
        if not self.is_open or self.in_force != NEVER:
            return None
        if self.parent:
            first = next(t for t in self.model.treaties if t.name == self.parent)
            if now + 1 - first.in_force < 4:
                return None
        if self.signed != NEVER:
            return 2 if self.signed <= now else None
        if self.opened != NEVER:
            return 1 if self.opened <= now else None
        return 0

    @property
    def is_busy(self):
        return self.stage is not None

    def advance(self):
        """Pass one more quarter of the present stage."""
        model, stage = self.model, self.stage_seen
        if stage is None:
            return
        hazard = self._typical(stage)
        states = [s for s in model.states if s.place in self.members]
        if model.rules.negotiation:
            hazard *= self._pace(stage, states)
        if self.pressure + hazard < self.limits[stage]:
            self.pressure += hazard
            return
        self.pressure = 0.0
        self.coming = stage

    def _typical(self, stage):
        p = self.model.p
        names = ("opening_years", "joining_years" if self.parent else "talks_years", "entry_years")
        return math.log(2) / (4 * p[names[stage]])

    def _pace(self, stage, states):
        model, p, rules = self.model, self.model.p, self.model.rules
        least = min(s.wants[self.name] for s in states)
        pace = math.exp(max(-3, min(3, least)))
        pace *= math.exp(-p["members_weight"] * (len(self.members) - 2))
        if rules.effort:
            pace *= min(s.spends[self.name] for s in states)
        if rules.institutions:
            apart = 1.0
            politics = model.world.politics
            for k, tie in enumerate(politics.ties):
                counts = rules.disputed_institutions or not politics.disputed[k]
                if counts and all(politics.belongs[m, k] for m in self.members):
                    apart *= 1 - tie
            pace *= math.exp(p["institutions_weight"] * (1 - apart))
        if rules.capacity and stage == 2:
            law, works = model.world.politics.rule_of_law, model.world.politics.infrastructure
            products = sorted(a * b for a, b in zip(law, works, strict=True))
            half = len(products) // 2
            middle = products[half] if len(products) % 2 else sum(products[half - 1 : half + 1]) / 2
            weakest = min(law[m] * works[m] for m in self.members)
            pace *= (weakest / middle) ** p["capacity_weight"]
        if rules.attention:
            pace *= math.exp(p["visit_pace"] * model.fresh_visit(self.members))
        return pace * (self._way_open() if rules.border_stall else 1.0)

    def _way_open(self):
        world, seen, run = self.model.world, self.model.seen, self.model.run
        best = {}
        for way in world.corridors:
            needs = {*way.ends, *(way.transit if self.transit_only else ())}
            if (
                way.status == "planned"
                or not {world.regions.index(c) for c in needs} <= self.members
            ):
                continue
            is_open = 1.0
            for g, gate in enumerate(world.gates):
                if gate.gate in way.gates:
                    is_open *= seen.gate_open_share[run, g]
            pair = frozenset(way.ends)
            best[pair] = max(best.get(pair, 0.0), is_open)
        return min([1.0, *best.values()])


class TwinModel(mesa.Model):
    """All negotiations of one run."""

    def __init__(self, proper, run):
        super().__init__(rng=0)
        self.run, self.world, self.rules = run, proper.world, proper.scenario.behaviour
        self.p = {name: float(v[run]) for name, v in proper.draws.parameters.items()}
        flow = proper.world.trade.sum(axis=0) + proper.world.energy_trade
        n = len(flow)
        self.flow = [[0.0 if i == j else float(flow[i, j]) for j in range(n)] for i in range(n)]
        place = proper.world.regions.index
        self.targets = [
            (place(t.pair[0]), place(t.pair[1]), t.trade_musd)
            for t in proper.scenario.targets.values()
        ]
        self.scenario = proper.scenario
        self.treaties = [
            TwinTreaty(
                self, name, agreement, proper.preview(name), proper.agenda.threshold[run, :, a]
            )
            for a, (name, agreement) in enumerate(proper.scenario.agreements.items())
        ]
        self.states = [TwinState(self, k) for k in range(n)]
        self.on_record = self._deals_on_record()

    def _deals_on_record(self):
        """First quarter and members of deals on record that are younger than the base year."""
        deals = []
        for record in self.world.agreements:
            if record.kind in ("unilateral", "transit") or not record.in_force:
                continue
            year, month = int(record.in_force[:4]), int(record.in_force[5:7] or 1)
            if year > self.world.base_year:
                inside = {self.world.regions.index(code) for code in record.members}
                deals.append((4 * year + (month - 1) // 3, inside))
        return deals

    def courting(self, place):
        """Weight of suitors in a State's attention."""
        return sum(
            c.effort
            for c in self.scenario.diplomacy.courting
            if self.world.regions.index(c.to) == place
            and int(c.since) <= self.quarter <= int(c.until or NEVER)
        )

    def fresh_visit(self, members):
        """What is left of the freshest visit between members."""
        left = 0.0
        for visit in self.scenario.diplomacy.visits:
            ends = {self.world.regions.index(visit.by), self.world.regions.index(visit.to)}
            age = self.quarter - int(visit.when)
            if ends <= members and age >= 0:
                left = max(left, 1 - age / (4 * self.p["visit_fade_years"]))
        return left

    def has_deal(self, a, b):
        """Whether two regions are joined by a deal since the base year."""
        for treaty in self.treaties:
            if {a, b} <= treaty.members and treaty.in_force <= self.quarter:
                return True
        for begins, inside in self.on_record:
            if begins <= self.quarter and a in inside and b in inside:
                return True
        return False

    def step_with(self, seen):
        """One quarter: all States observe, then all treaties advance, then dates are set."""
        self.seen, self.quarter = seen, seen.quarter
        for state in self.states:
            state.observe()
        for treaty in self.treaties:
            treaty.stage_seen, treaty.coming = treaty.stage, None
        for treaty in self.treaties:
            treaty.advance()
        for treaty in self.treaties:
            if treaty.coming == 0:
                treaty.opened = self.quarter + 1
            elif treaty.coming == 1:
                treaty.signed = self.quarter + 1
            elif treaty.coming == 2:
                treaty.in_force = self.quarter + 2
