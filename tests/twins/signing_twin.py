"""A buyer's choice between offers, one run and one offer at a time, in plain numbers."""

from math import isnan


def _index(bought):
    total = sum(bought)
    return sum((b / total) ** 2 for b in bought) if total > 0 else 0.0


def _gain(table, view, run, pledge, bought):
    arcs, w = table.market_arcs, int(table.pledges.arc[pledge])
    c, seller, buyer = int(arcs.carrier[w]), int(arcs.tail[w]), int(arcs.head[w])
    then = list(bought)
    then[seller] += float(table.pledges.quantity[pledge])
    spread = max(_index(bought) - _index(then), 0.0)
    premium = view.security_weight[run] * spread * view.import_share[run, c, buyer]
    paid = view.price[run, c, buyer] * arcs.delivered_share[w] * arcs.price_share[w]
    carriage = (
        view.money[run, c] * arcs.gap[w]
        if isnan(arcs.cost[w])
        else view.cost_scale[run] * arcs.cost[w]
    )
    return paid * (1.0 + premium) - carriage - view.price[run, c, seller]


def plain_signatures(table, view, before, waiting, year):
    """Deals signed in every run once each buyer has taken the best offer that fits, in turn."""
    arcs, pledges = table.market_arcs, table.pledges
    signed = before.copy()
    ends = {p: (arcs.carrier[w], arcs.head[w]) for p, w in enumerate(pledges.arc)}
    for run in range(len(signed)):
        for carrier, buyer in sorted({ends[p] for p in waiting}):
            left = float(view.used[run, carrier, buyer])
            for p, end in ends.items():
                runs = pledges.first[p] // 4 <= year <= pledges.last[p] // 4
                if end == (carrier, buyer) and signed[run, p] and runs:
                    left -= float(pledges.quantity[p])
            bought = view.bought[run, carrier, :, buyer].tolist()
            while True:
                offers = [
                    (_gain(table, view, run, p, bought), -p)
                    for p in waiting
                    if ends[p] == (carrier, buyer)
                    and not signed[run, p]
                    and pledges.quantity[p] <= left + 1e-9
                ]
                if not offers or max(offers)[0] < 0:
                    break
                p = -max(offers)[1]
                signed[run, p] = True
                bought[int(arcs.tail[pledges.arc[p]])] += float(pledges.quantity[p])
                left -= float(pledges.quantity[p])
    return signed
