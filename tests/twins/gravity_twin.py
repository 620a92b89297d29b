"""The gravity law as printed: loops, one unknown after the other, no cleverness and no speed."""

import math

import numpy as np


def twin_equilibrium(
    trade,
    *,
    cost,
    elasticity,
    value_added,
    inputs,
    tariff_baseline,
    tariff,
    productivity,
    deficits,
    n_rounds=4_000,
):
    """Wages, unit costs, price indices and flows, each a nested list.

    trade, cost, tariffs [good][exporter][importer]; inputs [material][good][state]; value_added
    and productivity [good][state]. World output is the numeraire.
    """
    goods, states = range(len(trade)), range(len(trade[0]))
    gross = [
        [[trade[s][i][j] * (1 + tariff_baseline[s][i][j]) for j in states] for i in states]
        for s in goods
    ]
    spent = [[sum(gross[s][i][j] for i in states) for j in states] for s in goods]
    output = [[sum(trade[s][i]) for i in states] for s in goods]
    income = [sum(value_added[s][i] * output[s][i] for s in goods) for i in states]
    world = sum(map(sum, output))
    sold = [sum(output[s][i] for s in goods) for i in states]
    bought = [sum(trade[s][i][j] for s in goods for i in states) for j in states]
    revenue = [sum(spent[s][j] for s in goods) - bought[j] for j in states]
    deficit = [bought[j] - sold[j] for j in states]
    ratio = [(sold[j] + revenue[j] + deficit[j]) / (sold[j] + revenue[j]) for j in states]
    final = [
        [
            spent[s][j]
            - sum(inputs[s][k][j] * (1 - value_added[k][j]) * output[k][j] for k in goods)
            for j in states
        ]
        for s in goods
    ]
    alpha = [[final[s][j] / sum(final[k][j] for k in goods) for j in states] for s in goods]

    wage = [1.0 for _ in states]
    price = [[1.0 for _ in states] for _ in goods]
    spending = [row[:] for row in spent]
    for _ in range(n_rounds):
        unit = [
            [
                wage[i] ** value_added[s][i]
                * math.prod(
                    price[k][i] ** (inputs[k][s][i] * (1 - value_added[s][i])) for k in goods
                )
                / productivity[s][i]
                for i in states
            ]
            for s in goods
        ]
        power = [
            [
                [
                    gross[s][i][j]
                    / spent[s][j]
                    * (
                        cost[s][i][j]
                        * unit[s][i]
                        * (1 + tariff[s][i][j])
                        / (1 + tariff_baseline[s][i][j])
                    )
                    ** -elasticity[s]
                    for j in states
                ]
                for i in states
            ]
            for s in goods
        ]
        total = [[sum(power[s][i][j] for i in states) for j in states] for s in goods]
        price = [[total[s][j] ** (-1 / elasticity[s]) for j in states] for s in goods]
        flow = [
            [
                [
                    power[s][i][j] / total[s][j] * spending[s][j] / (1 + tariff[s][i][j])
                    for j in states
                ]
                for i in states
            ]
            for s in goods
        ]
        made = [[sum(flow[s][i]) for i in states] for s in goods]
        scale = world / sum(map(sum, made))
        taxed = [
            sum(flow[s][i][j] * tariff[s][i][j] for s in goods for i in states) for j in states
        ]
        turnover = [sum(made[s][j] for s in goods) + taxed[j] for j in states]
        xi = sum(turnover) / sum(ratio[j] * turnover[j] for j in states)
        extra = [
            deficit[j] if deficits == "additive" else (xi * ratio[j] - 1) * turnover[j]
            for j in states
        ]
        budget = [wage[j] * income[j] + taxed[j] + extra[j] for j in states]
        spending = [
            [
                scale
                * (
                    alpha[s][j] * budget[j]
                    + sum(inputs[s][k][j] * (1 - value_added[k][j]) * made[k][j] for k in goods)
                )
                for j in states
            ]
            for s in goods
        ]
        earned = [sum(value_added[s][i] * made[s][i] for s in goods) for i in states]
        wage = [
            scale * wage[i] * (earned[i] / (wage[i] * income[i])) ** (1 / (1 + max(elasticity)))
            for i in states
        ]
        price = [[scale * price[s][j] for j in states] for s in goods]
    return {
        "wage": np.array(wage),
        "cost": np.array(unit),
        "price": np.array(price),
        "trade": np.array(flow),
    }
