"""The same firms in plain Python: one market, whole shares instead of departures, no arrays."""

from math import exp, expm1, floor, log, log1p

STEP, HOPE = 0.25, 2.5
LEARN, STAY, LEAVE = 0.4, 0.85, 0.025
TRIAL, SUNK, CUSTOMERS = 0.05, 0.25, 0.5


def strata_reached(size, slope):
    whole = floor(size / STEP)
    part = expm1((1 - slope) * (size - STEP * whole)) / expm1((1 - slope) * STEP)
    return whole + part


def sales_of(edge, top, slope):
    """Mean sales of firms of log size `edge` to `edge + STEP`, or of all above it."""
    margin = 1 - slope
    within = 1 / margin if edge == top else expm1(-margin * STEP) / expm1(-STEP) / margin
    return within * exp(slope * edge)


class Stratum:
    """Firms of one size: how many, what each sells, and the share of them in each status."""

    def __init__(self, edge, top, number, rates):
        self.edge, self.number = edge, number
        _, slope, notice = rates
        self.each = sales_of(edge, top, slope)
        unaware = 1 / (1 + notice / LEARN + notice * STAY / LEAVE)
        pays, tries = edge >= 0, edge >= -HOPE
        self.hopeful = notice / (notice + LEARN) if tries and not pays else 0.0
        self.tentative = notice * unaware / LEARN if pays else 0.0
        self.established = LEARN * STAY * self.tentative / LEAVE
        self.paid = self.ever_paid = 1.0 if pays else 0.0

    def covered(self, reached):
        return min(max(reached + self.edge / STEP + 1, 0.0), 1.0)

    def sales(self):
        return (
            self.number * self.each * (TRIAL * (self.hopeful + self.tentative) + self.established)
        )

    def quarter(self, paying, trying, staying, notice):
        pays, tries, stays = (self.covered(reached) for reached in (paying, trying, staying))
        if pays > self.paid:
            share = (pays - self.paid) / max(tries - self.paid, pays - self.paid)
            moved = share * self.hopeful
        else:
            moved = -(1 - pays / self.paid) * self.tentative if self.paid else 0.0
        self.hopeful, self.tentative, self.paid = self.hopeful - moved, self.tentative + moved, pays
        if stays < self.ever_paid:
            self.established -= LEARN * (1 - stays / self.ever_paid) * self.established
        self.ever_paid = max(self.ever_paid, pays)
        noticed = notice * max(pays - self.tentative - self.established, 0.0)
        tried = notice * max(tries - pays - self.hopeful, 0.0)
        self.established = (1 - LEAVE) * self.established + LEARN * STAY * self.tentative
        self.tentative = (1 - LEARN) * self.tentative + noticed
        self.hopeful = (1 - LEARN) * self.hopeful + tried


def log_sales_path(rates, edges, numbers, levels, notices, entry_costs):
    """Log sales over the baseline, quarter by quarter."""
    impact, slope, notice = rates
    strata = [Stratum(e, edges[-1], n, rates) for e, n in zip(edges, numbers, strict=True)]
    at_rest = sum(s.sales() for s in strata)
    customers, path = 0.0, []
    for level, factor, cost in zip(levels, notices, entry_costs, strict=True):
        there = sum(s.sales() for s in strata) / at_rest
        path.append(impact * level + customers + log(factor) + log(there))
        paying = strata_reached(level - log1p(SUNK * (cost - 1)) / slope, slope)
        trying = strata_reached(level + HOPE, slope)
        staying = strata_reached(level - log1p(-SUNK) / slope, slope)
        for stratum in strata:
            stratum.quarter(paying, trying, staying, notice * factor)
        customers += CUSTOMERS * ((slope - impact) * level - customers)
    return path
