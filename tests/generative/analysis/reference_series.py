"""Slow and obviously right: trends, discoveries, breaks, hours, cusums and Farrington's fit."""

from itertools import combinations, pairwise
from math import exp, log
from statistics import median


def mann_kendall(values):
    """S, its variance and Sen's slope, pair by pair."""
    there = [(at, value) for at, value in enumerate(values) if value is not None]
    score, slopes = 0, []
    for (first, a), (second, b) in combinations(there, 2):
        score += (b > a) - (b < a)
        slopes.append((b - a) / (second - first))
    n = len(there)
    variance = n * (n - 1) * (2 * n + 5)
    for value in {value for _, value in there}:
        t = sum(each == value for _, each in there)
        variance -= t * (t - 1) * (2 * t + 5)
    return score, variance / 18, median(slopes) if slopes else None


def false_discovery(p_values):
    """The smallest rate at which each is still a find: every threshold tried."""
    answer = []
    for p in p_values:
        rates = [
            len(p_values) * q / sum(each <= q for each in p_values) for q in p_values if q >= p
        ]
        answer.append(min(1.0, *rates))
    return answer


def cost(values):
    total = sum(values)
    return 0.0 if not total else -2 * (total * log(total / len(values)) - total)


def best_cuts(values, penalty, shortest):
    """Every way to cut the series; the cheapest cost."""
    n = len(values)
    best = float("inf")
    for number in range(n // shortest):
        for cuts in combinations(range(1, n), number):
            ends = [0, *cuts, n]
            pieces = [values[a:b] for a, b in pairwise(ends)]
            if min(map(len, pieces)) >= shortest:
                best = min(best, sum(map(cost, pieces)) + number * penalty)
    return best


def hours(events):
    """Minute by minute."""
    weight = [0.0] * 168
    for begin, end in events:
        if begin == end:
            weight[begin // 60 % 168] += 1
            continue
        for minute in range(begin, end):
            weight[minute // 60 % 168] += 1 / (end - begin)
    return weight


def poisson_fit(counts, blocks, times, weights, trended, rounds=60):
    """Newton's steps on the whole matrix, by Gaussian elimination, to convergence."""
    names = sorted(set(blocks))
    rows = [
        [float(block == name) for name in names] + ([time] if trended else [])
        for block, time in zip(blocks, times, strict=True)
    ]
    size = len(rows[0])
    mean = [count + 0.1 for count in counts]
    link = [log(each) for each in mean]
    solved = [0.0] * size
    for _ in range(rounds):
        matrix = [[0.0] * (size + 1) for _ in range(size)]
        for row, count, mu, eta, weight in zip(rows, counts, mean, link, weights, strict=True):
            z = eta + (count - mu) / mu
            for i in range(size):
                for j in range(size):
                    matrix[i][j] += weight * mu * row[i] * row[j]
                matrix[i][size] += weight * mu * row[i] * z
        solved = eliminated(matrix)
        link = [sum(a * b for a, b in zip(row, solved, strict=True)) for row in rows]
        mean = [exp(each) for each in link]
    return dict(zip(names, solved, strict=False)), solved[-1] if trended else 0.0, mean


def eliminated(matrix):
    size = len(matrix)
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(matrix[r][i]))
        matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
        matrix[i] = [each / matrix[i][i] for each in matrix[i]]
        for r in range(size):
            if r != i:
                matrix[r] = [
                    a - matrix[r][i] * b for a, b in zip(matrix[r], matrix[i], strict=True)
                ]
    return [row[size] for row in matrix]
