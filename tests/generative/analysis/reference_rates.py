"""Slow and obviously right: standardised rates, smoothing, shares and effects."""

from fractions import Fraction
from itertools import product
from math import comb


def direct(counts, populations, standard):
    total = Fraction(0)
    for count, people, weight in zip(counts, populations, standard, strict=True):
        total += Fraction(weight) * count / people
    return total / sum(standard)


def empirical_bayes(counts, populations):
    """Marshall's estimates in fractions, step by step."""
    everyone, events = sum(populations), sum(counts)
    pooled = Fraction(events, everyone)
    spread = Fraction(0)
    for count, people in zip(counts, populations, strict=True):
        spread += people * (Fraction(count, people) - pooled) ** 2
    between = spread / everyone - pooled / Fraction(everyone, len(counts))
    answer = []
    for count, people in zip(counts, populations, strict=True):
        if between <= 0:
            answer.append(pooled)
            continue
        kept = between / (between + pooled / people)
        answer.append(kept * Fraction(count, people) + (1 - kept) * pooled)
    return answer


DIVISORS = {
    "Sainte-Laguë": lambda units: Fraction(2 * units + 1, 2),
    "D'Hondt": lambda units: Fraction(units + 1),
    "Adams": lambda units: Fraction(units),
}


def one_after_the_other(demands, units, method, floor):
    """Each unit in turn to the place with the most demand per divisor; earlier places win ties."""
    given = [floor] * len(demands)
    while sum(given) < units:
        best, winner = None, None
        for place, demand in enumerate(demands):
            divisor = DIVISORS[method](given[place])
            if not demand:
                continue
            claim = (1, demand) if divisor == 0 else (0, Fraction(demand) / divisor)
            if best is None or claim > best:
                best, winner = claim, place
        given[winner] += 1
    return given


def fisher_p(a, b, c, d):
    """The two-sided chance of a two by two table, every table with its margins weighed."""
    rows, first, whole = a + b, a + c, a + b + c + d

    def weight(k):
        return comb(rows, k) * comb(whole - rows, first - k)

    low, high = max(0, first - (whole - rows)), min(rows, first)
    own = weight(a)
    rare = sum(weight(k) for k in range(low, high + 1) if weight(k) <= own)
    return Fraction(rare, comb(whole, first))


def weighted(counts, weights):
    total = 0
    for category, weight in product(counts, weights):
        if category == weight:
            total += counts[category] * weights[weight]
    return total
