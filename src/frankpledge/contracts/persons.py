"""Names of persons in text: a title, words such as "name is", or a given name with what follows.

A street, a ward, a school or a station named after somebody is told apart by the word that ends it
or begins it. The lists of names are in the folder `names`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import polars as pl


@cache
def _listed(name: str) -> tuple[str, ...]:
    text = (files(__package__) / "names" / f"{name}.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return tuple(word for line in lines for word in line.split())


def _either(words: tuple[str, ...]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_B = r"(?-u:\b)"
_CAPITAL = r"[A-ZÀ-Þ][A-Za-zÀ-ÿ'’-]+"
_FIRST = _either(_listed("forenames"))
_FIRST_WRITTEN = f"{_FIRST}|{_FIRST.upper()}"
_LAST = _either(_listed("surnames"))
# Where a run of words ends in one of these, it is a place.
STREETS = (
    "street|st|road|rd|avenue|ave|lane|close|drive|way|court|crescent|cres|place|gardens?|grove|"
    "terrace|square|hill|rise|walk|mews|park|row|green|view|gate|parade|quay|wharf|path|alley|"
    "passage|boulevard|mount|meadows?|field|fields|farm|wood|bridge|bank|cottages?|villas?|"
    "buildings?|heights|circus|broadway|approach|link|loop|end|yard|croft|dene|vale|mead|"
    "orchard|common|corner|side|chase|island|roundabout|junction|estate|subway|steps|esplanade|"
    "promenade|corniche|undercliff|embankment|lodge|house|towers?|mansions|flats|acre|reach|"
    "ride|spinney|copse|glade|glebe|garth|fold|drove|twitten|wynd|heath|cross|point|marina|harbour"
)
_ALSO_SURNAMES = {"hill", "wood", "green", "cross", "dene", "farm", "rose"}
_NO_SURNAME = (
    "|".join(each for each in STREETS.split("|") if each not in _ALSO_SURNAMES)
    + "|port|causeway|glen|valley|leys|dell|plain|railway|police|station|hospital|school|college|"
    "academy|university|church|chapel|cathedral|ward|"
    "north|south|east|west|central|centre|council|county|district|borough|town|village|city|"
    "airport|line|stadium|arms|hotel|inn|pub|bus|theatre|library|museum|arena|hall|market|"
    "shopping|retail|industrial|trading|business|memorial|leisure|medical|health|surgery|"
    "clinic|and|or|of|the|in|at|on|was|is|has|who|cup|day|trust|foundation|january|february|"
    "march|april|june|july|august|september|october|november|december|monday|tuesday|wednesday|"
    "thursday|friday|saturday|sunday|martens|bay|beach|cliff|downs|dock|docks|pier|tunnel|parkway"
)  # fmt: skip
_BEFORE_A_PLACE = (
    "st|saint|king|queen|prince|princess|duke|duchess|lord|lady|earl|sir|dame|the|"
    "clos|llys|ffordd|heol|maes|cwrt|rhodfa|rhos|mount|bryn|stryd"
)
_NOBODY = "unknown|withheld|redacted|removed|not|none|known|n/?a|the|a|an|same|given|as|on|to|no"
_SOMETHING = (
    "road|street|shop|pub|store|school|business|company|file|place|area|ward|district|station|"
    "team|brand|trade|site|building|event|user|host|domain|column|field|product|model|op|operation"
)

_SIR = (
    rf"{_B}(?i-u:sir|dame|dr|doctor|rev|revd|reverend|cllr|councillor|prof|professor|lord|lady|sgt|"
    rf"sergeant|canon)\.?\s+{_CAPITAL}(?:\s+{_CAPITAL}){{0,3}}"
)
_CALLED = (
    rf"(?:{_B}[A-Za-z]+\s+)?{_B}(?:"
    rf"(?i-u:known as|aka|called|named|names)\s+{_CAPITAL}(?:\s+{_CAPITAL}){{0,3}}"
    rf"|(?i-u:(?:sur|fore|first |last |full |given |family |maiden )?name(?: is| was| ?[:=]))\s*"
    rf"[A-Za-zÀ-ÿ'’-]{{2,}}(?:\s+{_CAPITAL}){{0,3}})"
)
_PART = (
    rf"{_B}(?i-u:victim|suspect|offender|witness|complainant|informant|caller|neighbour|resident|"
    rf"tenant|patient|pupil|driver|passenger|occupant|partner|husband|wife|son|daughter|mother|"
    rf"father|brother|sister|boyfriend|girlfriend|ex)(?: is| was| called| named|[,:])?\s+"
)
_ROLE = rf"{_PART}(?:{_FIRST_WRITTEN}){_B}(?:\s+{_CAPITAL}){{0,3}}"
_BEFORE = (
    rf"(?:{_B}(?i-u:on or near)(?:\s+{_CAPITAL}){{0,2}}?\s+)?"
    rf"(?:{_B}(?i-u:{_BEFORE_A_PLACE})\.?\s+)*"
)
_FULL = (
    rf"{_BEFORE}{_B}(?:"
    rf"(?:{_FIRST_WRITTEN}){_B}(?:\s+[A-Z]{_B}\.?)?(?:\s+{_CAPITAL}){{1,4}}"
    rf"|(?i-u:(?:{_FIRST})\s+(?:{_LAST})){_B}(?:['’][sS]{_B})?(?:\s+[A-Za-z]+)?"
    rf"|(?i-u:(?:{_LAST}),\s?(?:{_FIRST})){_B}(?:\s+[A-Za-z]+)?"
    rf"|(?:[A-Z]\.\s?){{1,3}}(?:{_LAST}){_B}(?:\s+[A-Za-z]+)?)"
)
_CERTAIN = (
    rf"{_B}(?:(?i-u:mr|mrs|mister)\.?\s+[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’-]+"
    rf"|(?:Ms|Mx|Miss)\.?\s+{_CAPITAL}"
    rf"|(?i-u:ms|mx|miss|pc|dc|ps|ds|di|wpc|pcso|insp)\.?\s+"
    rf"(?i-u:{_LAST}){_B})"
)
# Whatever may be a person, in fewer words: the lists of names only once.
HINT = (
    f"{_CERTAIN}|{_SIR}|{_CALLED}|{_PART}[A-Z]"
    rf"|{_B}(?i-u:{_FIRST}){_B}\s+(?:[A-ZÀ-Þ]|(?i-u:{_LAST}){_B})"
    rf"|(?:,\s?|{_B}[A-Z]\.\s?)(?i-u:{_FIRST}|{_LAST}){_B}"
)

_WORD = r"[^\s,]+[\s,]+"
_PLACE = (
    rf"(?i)^(?:(?:on or near\s+)?(?:{_BEFORE_A_PLACE})\.?\s.*"
    rf"|(?:on or near\s+)?{_WORD}(?:{_NO_SURNAME}){_B}.*"
    rf"|(?:on or near\s+)?(?:{_WORD}){{2}}(?:{STREETS}){_B}.*"
    rf"|on or near\s+(?:{_WORD}){{1,3}}(?:{STREETS}|shaw|leys)$)"
)
_LONG_PLACE = rf"(?i)^(?:on or near\s+)?(?:{_WORD}){{3}}(?:{STREETS}){_B}"
_LISTED = rf"(?i-u:^(?:{_FIRST})\s+(?:{_LAST})\s)"  # a person, and then a place
_NOT_A_PERSON = (
    rf"(?i)(?:^(?:{_SOMETHING})\s"
    rf"|(?:names?(?: is| was)?|known as|aka|called|named)[\s:=-]+(?:{_NOBODY}){_B}"
    rf"|^(?:sir|dame|dr|lord|lady|canon|rev)\.?\s+(?:martens|who|pepper|shaw|leys"
    rf"|.*{_B}(?:{STREETS}){_B})"
    rf"|\s(?:{STREETS}|school|college|academy|hospital|hall|stadium|centre)$)"
)
_CALLED_ALONE = r"(?i)^(?:\w+\s+)?(?:called|named|names)\s"
_CALLED_BY_NAME = rf"(?i-u:called|named|names)\s+(?:{_FIRST_WRITTEN}){_B}"


def is_named(text: pl.Expr) -> pl.Expr:
    """Whether the text names a person."""
    found = pl.element().str
    spoken = ~found.contains(_NOT_A_PERSON) & (
        ~found.contains(_CALLED_ALONE) | found.contains(_CALLED_BY_NAME)
    )
    full = ~found.contains(_LONG_PLACE) | found.contains(_LISTED)
    return (
        text.str.contains(_CERTAIN)
        | _some(text, f"{_SIR}|{_CALLED}|{_ROLE}", spoken)
        | _some(text, _FULL, ~found.contains(_PLACE) & full)
    )


def _some(text: pl.Expr, pattern: str, keep: pl.Expr) -> pl.Expr:
    """Whether any match of the pattern in the text is kept."""
    return text.str.extract_all(pattern).list.eval(keep).list.any()
