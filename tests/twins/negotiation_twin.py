"""The rules of negotiation as a plain agent-based model: one run, one object per State and treaty.

It reads the same scenario and world as the model proper, is told the same trade and open gates, and
shares no rule with it: every formula is written out again in plain Python on plain numbers. What is
the same in every run stands in `negotiation_facts`.
"""

import math

import mesa

from tests.builders.negotiation_facts import NEVER, Facts, is_open


class TwinState(mesa.Agent):
    """A State that says how much it wants a treaty and how much effort it spends on it."""

    most = 3.0
    """Beyond this no wish counts."""

    def __init__(self, model, place):
        super().__init__(model)
        self.place, self.effort, self.steady = place, 0.0, {}
        self.shares = model.facts.shares[place]
        self.pull = model.p["outside_pull"] * (1 - sum(self.shares[m] for m in model.asked))

    def observe(self):
        """What it wants and what it spends, by treaty that is negotiated."""
        own = [t for t in self.model.busy if self.place in t.members]
        self.wants = {t.name: self.interest(t) for t in own}
        weights = {name: math.exp(self.within(want)) for name, want in self.wants.items()}
        total = sum(weights.values()) + self.pull + self.model.outside_attention(self.place)
        self.spends = {name: w / total * (1 + self.pull) for name, w in weights.items()}
        self.effort = sum(weights.values()) / total if weights else 0.0

    def within(self, want):
        """A wish, cut off on both sides."""
        return max(-self.most, min(self.most, want))

    def interest(self, treaty):
        """How much it wants a treaty."""
        p, rules = self.model.p, self.model.facts.rules
        want = self.steady.get(treaty.name)
        if want is None:
            want = self.steady[treaty.name] = self.steady_interest(treaty)
        if rules.targets:
            want += p["target_weight"] * self.gap(treaty)
        if rules.domino:
            want += p["domino_weight"] * self.rivals(treaty)
        return want

    def steady_interest(self, treaty):
        """The part that never changes."""
        p, rules, gains = self.model.p, self.model.facts.rules, treaty.gains
        want = p["trade_gain_weight"] * float(gains.trade_gain[0, self.place])
        want += p["welfare_gain_weight"] * float(gains.welfare_gain[0, self.place])
        if rules.fiscal:
            want -= p["losses_weight"] * float(gains.losses[0, self.place])
        if rules.partner_diversification:
            crowd = sum(s * s for s in self.shares)
            inside = sum(self.shares[m] for m in treaty.members)
            want += p["diversification_weight"] * crowd * (1 - inside)
        return want

    def gap(self, treaty):
        """How far it is from a target of its trade with another member."""
        worst = 0.0
        for i, j, wanted in self.model.facts.targets:
            if self.place in (i, j) and {i, j} <= treaty.members:
                missing = math.log(wanted / self.model.seen.trade[i, j])
                worst = max(worst, min(1.0, missing))
        return worst

    def rivals(self, treaty):
        """How much of what the other members buy comes from rivals who have got ahead."""
        facts, deals, me = self.model.facts, self.model.deals, self.place
        covered = sold = 0.0
        for partner in treaty.members - {me}:
            sold += facts.flow[me][partner]
            if (partner, me) in deals:
                continue
            for rival in range(len(facts.flow)):
                if rival not in (me, partner) and (partner, rival) in deals:
                    part = facts.flow[rival][partner] / facts.bought[partner]
                    covered += facts.flow[me][partner] * part
        return covered / sold if sold else 0.0


class TwinTreaty(mesa.Agent):
    """An agreement that passes through its stages."""

    least, proven_after, entry_lag = staticmethod(min), 4, 1
    """The least keen member counts; others may join after a year; what is ratified is in force
    from the next quarter."""

    def __init__(self, model, name, limits):
        super().__init__(model)
        facts, agreement = model.facts, model.facts.agreements[name]
        self.name, self.limits, self.pressure = name, limits, 0.0
        self.members, self.gains = facts.members[name], facts.gains.get(name)
        self.is_open, self.is_deal = is_open(agreement), agreement.kind != "transit"
        since = agreement.timeline.negotiated.talks_since if self.is_open else None
        self.opened = int(since or NEVER)
        self.signed = int(agreement.timeline.signed or NEVER)
        self.in_force = int(agreement.timeline.in_force or NEVER)
        self.parent = name.split("+")[0] if "+" in name else None
        # Who joins an agreement is party to it for as long as it lasts.
        self.ends = int(facts.agreements[self.parent or name].timeline.ends or NEVER)
        self.closeness = facts.closeness(self.members)

    def works(self, quarter):
        """Whether it is in force."""
        return self.in_force <= quarter <= self.ends

    def standing(self, quarter, phase_in_years):
        """0 none, 1 signed, 2 in force, 3 fully phased in."""
        if quarter > self.ends or quarter < self.signed:
            return 0
        if quarter < self.in_force:
            return 1
        steps = 1 + (quarter - self.in_force) // 4
        return 3 if steps >= phase_in_years else 2

    def stage(self):
        """0 to open, 1 to sign, 2 to ratify; None where nothing is negotiated."""
        now = self.model.quarter
        if not self.is_open or self.in_force != NEVER or self.waits(now):
            return None
        if self.signed != NEVER:
            found = 2 if self.signed <= now else None
        elif self.opened != NEVER:
            found = 1 if self.opened <= now else None
        else:
            found = 0
        return None if self.is_over(now + 1 + (found == 2)) else found

    def waits(self, now):
        """Whether the agreement that it is to join has yet to prove itself."""
        if self.parent is None:
            return False
        first = next(t for t in self.model.treaties if t.name == self.parent)
        return now + 1 < first.in_force + self.proven_after

    def is_over(self, quarter):
        """Whether the agreement has ended before a quarter."""
        return quarter > self.ends

    def advance(self):
        """Pass one more quarter of the present stage."""
        hazard = self.typical() * (self.pace() if self.model.facts.rules.negotiation else 1.0)
        self.pressure += hazard
        self.comes = self.pressure >= self.limits[self.now]
        if self.comes:
            self.pressure = 0.0

    def typical(self):
        """Hazard of a typical negotiation in the present stage [1/quarter]."""
        names = ("opening_years", "joining_years" if self.parent else "talks_years", "entry_years")
        return math.log(2) / (4 * self.model.p[names[self.now]])

    def pace(self):
        """What speeds it up or slows it down."""
        model, p, rules = self.model, self.model.p, self.model.facts.rules
        states = [model.states[m] for m in self.members]
        least = self.least(s.wants[self.name] for s in states)
        pace = math.exp(states[0].within(least))
        pace *= math.exp(-p["members_weight"] * (len(self.members) - 2))
        if rules.effort:
            pace *= min(s.spends[self.name] for s in states)
        if rules.institutions:
            pace *= math.exp(p["institutions_weight"] * self.closeness)
        if rules.capacity and self.now == 2:
            pace *= self.capacity_pace()
        if rules.attention:
            pace *= math.exp(p["visit_pace"] * model.fresh_visit(self.members))
        if rules.bargaining and self.name in model.facts.refused:
            return 0.0
        return pace * (self.route_open() if rules.closed_border_delay else 1.0)

    def capacity_pace(self):
        """What the weakest member's capacity makes of entry into force."""
        facts, quarter = self.model.facts, self.model.quarter
        weakest = min(facts.capacity(m, quarter) for m in self.members)
        return (weakest / facts.usual_capacity) ** self.model.p["capacity_weight"]

    def route_open(self):
        """Open share of the best way of the pair of members that is worst off."""
        best = {}
        for pair, gates in self.model.facts.routes[self.name]:
            is_open_now = math.prod(self.model.seen.gate_open[gate] for gate in gates)
            best[pair] = max(best.get(pair, 0.0), is_open_now)
        return min([1.0, *best.values()])


class TwinModel(mesa.Model):
    """All negotiations of one run.

    Parameters
    ----------
    facts : Facts
    parameters : dict of str to float
        What is drawn of the world's parameters.
    limits : list of (float, float, float)
        Sums of hazards at which the stages of each agreement end.
    """

    def __init__(self, facts, parameters, limits):
        super().__init__(rng=0)
        self.facts, self.p = facts, parameters
        pairs = zip(facts.agreements, limits, strict=True)
        self.treaties = [TwinTreaty(self, name, own) for name, own in pairs]
        self.asked = {m for t in self.treaties if t.is_open for m in t.members}
        self.states = [TwinState(self, k) for k in range(len(facts.flow))]

    def outside_attention(self, place):
        """Weight of suitors in a State's attention."""
        return sum(
            c.effort
            for c in self.facts.scenario.diplomacy.outside_attention
            if self.facts.place[c.state] == place
            and int(c.since) <= self.quarter <= int(c.until or NEVER)
        )

    def fresh_visit(self, members):
        """What is left of the freshest visit between members."""
        left = 0.0
        for visit in self.facts.scenario.diplomacy.visits:
            age = self.quarter - int(visit.when)
            if (
                set(self.facts.places((visit.sending_state, visit.host_state))) <= members
                and age >= 0
            ):
                left = max(left, 1 - age / (4 * self.p["visit_fade_years"]))
        return left

    def made_deals(self):
        """Pairs of regions joined by a deal since the base year."""
        made = [t.members for t in self.treaties if t.is_deal and t.works(self.quarter)]
        for begins, over, inside in self.facts.on_record:
            if begins <= self.quarter < over:
                made.append(inside)
        return {(a, b) for inside in made for a in inside for b in inside}

    def step_with(self, seen):
        """One quarter: all States observe, then all treaties advance, then dates are set."""
        self.seen, self.quarter = seen, seen.quarter
        for treaty in self.treaties:
            treaty.now = treaty.stage()
        self.busy = [treaty for treaty in self.treaties if treaty.now is not None]
        self.deals = self.made_deals() if self.busy else set()
        for state in self.states:
            state.observe()
        for treaty in self.busy:
            treaty.advance()
        for treaty in self.busy:
            if treaty.comes:
                name = ("opened", "signed", "in_force")[treaty.now]
                lag = treaty.entry_lag if treaty.now == 2 else 0
                setattr(treaty, name, self.quarter + 1 + lag)


def twin_of(proper, run, facts):
    """Twin of one run of the model proper, with its draws."""
    parameters = {name: float(v[run]) for name, v in proper.draws.parameters.items()}
    return TwinModel(facts, parameters, proper.diplomacy.agenda.threshold[run].T.tolist())


def facts_of(proper):
    """What is the same for all twins of a model proper."""
    return Facts(proper.scenario, proper.world, proper.preview)
