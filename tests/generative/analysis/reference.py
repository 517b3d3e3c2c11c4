"""Slow and obviously right: loops and dictionaries, no numpy, no engine."""

from itertools import product
from statistics import fmean


def summed(rows, *, by, months, accepted, places):
    """Count by count: every row put where it belongs, gaps left out."""
    keys = {"area": set(), "category": set(), "month": list(months)}
    for area, _, category, _ in rows:
        keys["area"].add(place_of(area, places))
        keys["category"].add(category)
    answer = {}
    for key in product(*(sorted(keys[k]) if k != "month" else keys[k] for k in by)):
        chosen = dict(zip(by, key, strict=True))
        if chosen.get("month", accepted[0] if accepted else "") not in accepted:
            answer[key] = None
            continue
        total = 0
        for area, month, category, count in rows:
            row = {"area": place_of(area, places), "month": month, "category": category}
            if month in months and all(row[k] == v for k, v in chosen.items()):
                total += count
        answer[key] = total
    if "month" not in by and not set(months) & set(accepted):
        return dict.fromkeys(answer)
    return answer


def place_of(area, places):
    if area is None or area == "":
        return ""
    return area if places is None else places.get(area, "elsewhere")


def units(links):
    """Joins sets that touch, again and again, until none do."""
    groups = [{old, new} for old, new, _ in links]
    while True:
        for one, other in product(groups, groups):
            if one is not other and one & other:
                groups.remove(other)
                one |= other
                break
        else:
            return {frozenset(group) for group in groups}


def rolling(values, months):
    answer = []
    for end in range(1, len(values) + 1):
        window = values[max(0, end - months) : end]
        answer.append(sum(window) if len(window) == months and None not in window else None)
    return tuple(answer)


def xmr(values):
    """Mean, reach and the positions of each rule, by looking at every window."""
    present = [v for v in values if v is not None]
    steps = [
        abs(values[i] - values[i - 1])
        for i in range(1, len(values))
        if values[i] is not None and values[i - 1] is not None
    ]
    if len(present) < 8 or len(steps) < 7:
        return None
    mean, reach = fmean(present), 2.66 * fmean(steps)
    outside = {i for i, v in enumerate(values) if v is not None and abs(v - mean) > reach + 1e-7}
    run, trend = set(), set()
    for start in range(len(values)):
        eight = values[start : start + 8]
        if len(eight) == 8 and None not in eight:
            high = all(v > mean + 1e-7 for v in eight)
            low = all(v < mean - 1e-7 for v in eight)
            if high or low:
                run |= set(range(start, start + 8))
        six = values[start : start + 6]
        if len(six) == 6 and None not in six:
            up = all(six[k] < six[k + 1] for k in range(5))
            down = all(six[k] > six[k + 1] for k in range(5))
            if up or down:
                trend |= set(range(start, start + 6))
    return mean, reach, outside, run, trend


def fewest_areas(counts):
    """Tries one area, then two, and so on, always the largest."""
    total = sum(counts)
    for areas in range(1, len(counts) + 1):
        if 2 * sum(sorted(counts)[-areas:]) >= total:
            return areas
    return None
