"""Slow and obviously right: neighbours, Gi*, permutations and classes, place by place."""

from math import sqrt
from random import Random


def neighbours_on_grid(rows, columns, reach):
    near = {}
    for row in range(rows):
        for column in range(columns):
            near[row, column] = [
                (r, c)
                for r in range(max(0, row - reach), min(rows, row + reach + 1))
                for c in range(max(0, column - reach), min(columns, column + reach + 1))
                if (r, c) != (row, column)
            ]
    return near


def gi_star(values, near):
    """The score of each place from the definition; None where the variance is nothing."""
    n = len(values)
    mean = sum(values.values()) / n
    variance = sum(value * value for value in values.values()) / n - mean * mean
    answer = {}
    for place, value in values.items():
        around = [other for other in near[place] if other in values]
        total = value + sum(values[other] for other in around)
        held = 1 + len(around)
        under = variance * (n * held - held * held) / (n - 1) if n > 1 else 0
        answer[place] = (total - held * mean) / sqrt(under) if under > 1e-12 else None
    return answer


def drawn_sums(values, drawn):
    """For each place the sum of the values that a draw of positions among the others picks."""
    answer = []
    for place in range(len(values)):
        others = values[:place] + values[place + 1 :]
        answer.append(sum(others[position] for position in drawn))
    return answer


def classify(steps, trend):
    """The class of one place from its steps (H hot, C cold, . neither) and its trend."""
    hot = [step == "H" for step in steps]
    often, n = sum(hot), len(steps)
    if often * 10 >= n * 9:
        if not hot[-1]:
            return "HISTORICAL"
        return {1: "INTENSIFYING", -1: "DIMINISHING", 0: "PERSISTENT"}[trend]
    if not hot[-1]:
        return "NONE"
    if "C" in steps[:-1]:
        return "OSCILLATING"
    if often == 1:
        return "NEW"
    first = hot.index(True)
    return "CONSECUTIVE" if all(hot[first:]) else "SPORADIC"


def permuted(values, near, *, draws, seed):
    """The share of draws as far out, each place with draws of its own."""
    chance = Random(seed)
    answer = {}
    for place in values:
        others = [values[other] for other in values if other != place]
        seen = sum(values[other] for other in near[place])
        low = high = 0
        for _ in range(draws):
            total = sum(chance.sample(others, len(near[place])))
            low += total <= seen + 1e-9
            high += total >= seen - 1e-9
        answer[place] = (min(low, high) + 1) / (draws + 1)
    return answer
