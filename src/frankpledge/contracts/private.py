"""Signs of a person, in free text or in any column: ten kinds, each explained and never repeated.

Each pattern is narrow, so that a street name never trips it. `look` searches a whole
table; `find` says what it found as sentences. An identifier is only ever shown as its first
character and its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from frankpledge.contracts import persons
from frankpledge.contracts.disguises import DISGUISED, undisguised

_B = r"(?-u:\b)"
_GAP = r"[ \x{a0}]{0,2}"
POSTCODE = (
    rf"(?i){_B}(?:gir ?0aa|[a-pr-uwyz](?:[0-9]{{1,2}}|[a-hk-y][0-9]|[a-hk-y][0-9]{{2}}"
    rf"|[0-9][a-hjkpstuw]"
    rf"|[a-hk-y][0-9][abehmnprvwxy]){_GAP}[0-9][abd-hjlnp-uw-z]{{2}}){_B}"
)
_DOT = r"(?:\.| \. | ?[(\[]dot[)\]] ?| dot )"
E_MAIL = (
    r"(?i)(?:[a-z0-9._%+'-]+ ?(?:@|[(\[]at[)\]]) ?"
    rf"[a-z0-9-]+(?:{_DOT}[a-z0-9-]+)*{_DOT}[a-z]{{2,}}"
    r"|[a-z0-9._%+'-]+ at [a-z0-9-]+(?: dot [a-z0-9-]+)* dot (?:com|org|net|uk|info|eu)(?-u:\b))"
)
_NO_DIGIT = r"(?:^|[^0-9A-Za-z_.]|[^0-9]\.)"  # nor the decimals of a number
_NO_NUMBER = r"(?:^|[^0-9A-Za-z.]|[^0-9]\.|(?i:tel|phone|mob|mobile|call|ring) ?)"
TELEPHONE = (
    rf"(?:(?:\+44|{_B}00 ?44[ .-]?\(0\)|{_B}00[ -]?44[ .-])[ .-]?(?:\(0\))?[ .-]?[1-37]"
    rf"(?:[ ().-]{{0,2}}[0-9]){{8,9}}{_B}|{_B}0044[1-37][0-9]{{8,9}}{_B}"
    rf"|{_NO_NUMBER}\(?0[1-37](?:[ ()]{{0,2}}[0-9]){{8,9}}{_B}"
    rf"|{_NO_NUMBER}\(?0[1-37](?:[0-9]\)?[ ./-]{{1,2}}[0-9]{{4}}[ ./-]?[0-9]{{4}}"
    r"|[0-9]{2}\)?[ ./-]{1,2}[0-9]{3}[ ./-]?[0-9]{4}"
    r"|[0-9]{3}\)?[ ./-]{1,2}[0-9]{3}[ ./-]?[0-9]{2,3}"
    r"|[0-9]{4}\)?[ ./-]{1,2}[0-9]{4,5})(?-u:\b))"
)
NATIONAL_INSURANCE = (
    rf"(?i){_B}[a-ceghj-prstw-z][a-ceghj-nprstw-z][ ./-]?[0-9]{{2}}[ ./-]?[0-9]{{2}}"
    rf"[ ./-]?[0-9]{{2}}[ ./-]?[a-d]{_B}"
)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
DATE_OF_BIRTH = (
    rf"(?i){_B}(?:(?:d\.o\.b\.?|dob|d/o/b|date of birth|birth ?date|birthday)"
    rf"(?: is| was| of|[ :=.,(-]){{0,4}}(?:the )?(?:[0-9]|(?:{_MONTHS})[a-z]* [0-9])"
    rf"|born[ :]*(?:on )?(?:the )?(?:[0-9]|(?:{_MONTHS})[a-z]* [0-9]))"
)
NHS = rf"(?:{_NO_DIGIT}[0-9]{{3}}[ ./-]?[0-9]{{3}}[ ./-]?[0-9]{{4}}|(?i:nhs)_?[0-9]{{10}}){_B}"
_MARK = "[A-HJ-PR-Z]"
VEHICLE = (
    rf"{_B}(?:[A-HJ-PR-Y]{{2}}[0-9]{{2}} ?{_MARK}{{3}}"
    rf"|(?i:[a-hj-pr-y]{{2}}[0-9]{{2}}[a-hj-pr-z]{{3}})"
    rf"|[A-HJ-NPR-TV-Y][0-9]{{1,3}}{_MARK}{{3}}|{_MARK}{{3}}[0-9]{{1,3}}[A-HJ-NPR-TV-Y]){_B}"
)
VEHICLE_TOLD = (
    rf"(?i){_B}(?:reg(?:istration)?|vrm|vrn|index|number ?plate|plate)"
    rf"(?: (?:no|number|mark|plate)| is| was|[ .:#=(-]){{1,4}}"
    rf"(?:[a-z]{{2}}[0-9]{{2}} ?[a-z]{{3}}|[a-z][0-9]{{1,3}} ?[a-z]{{3}}"
    rf"|[a-z]{{3}} ?[0-9]{{1,4}} ?[a-z]?"
    rf"|[0-9]{{1,4}} ?[a-z]{{1,3}}){_B}"
)
CARD = (
    rf"{_NO_DIGIT}(?:[2456][0-9]{{3}}(?:[ -]?[0-9]{{4}}){{3}}"
    rf"|3[47][0-9]{{2}}[ -]?[0-9]{{6}}[ -]?[0-9]{{5}}){_B}"
)
ACCOUNT = (
    rf"(?i)(?:{_B}gb[0-9]{{2}} ?[a-z]{{4}}(?: ?[0-9]{{4}}){{3}} ?[0-9]{{2}}{_B}"
    rf"|{_B}sort ?code[^0-9a-z]{{0,4}}(?:is )?[0-9]{{2}}[ -]?[0-9]{{2}}[ -]?[0-9]{{2}}{_B}"
    rf"|{_B}(?:account|acct|acc|a/c)(?: ?(?:no|number|num)| is"
    rf"|[ .:#=-]){{1,4}}[0-9]{{2,4}}[ -]?[0-9]{{4,6}}{_B}"
    rf"|{_B}[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}[ ,;/]{{1,3}}[0-9]{{8}}{_B})"
)
_ROADS = (
    "street|st|road|rd|avenue|ave|lane|ln|close|drive|way|court|crescent|cres|gardens?"
    "|grove|terrace|"
    "square|hill|rise|walk|mews|row|green|view|gate|parade|quay|wharf|place|park|cottages?|house|"
    "buildings|mansions|heights|vale|villas?"
)
ADDRESS = (
    rf"(?:{_B}[A-Za-z]+ )?{_B}(?:[0-9]{{1,4}}[A-Za-z]?(?:[-/][0-9]{{1,4}}[A-Za-z]?)?,? +"
    rf"(?:[A-Z][A-Za-z.'’-]*,? +){{1,3}}(?i:{_ROADS})"
    rf"|(?i:[0-9]{{1,4}}[a-z]?,? +(?:[a-z'’-]+ +){{1,2}}(?:street|road|rd|avenue|ave|lane"
    rf"|crescent|close|drive)))"
    rf"{_B}"
)
_NO_HOUSE = (
    r"(?i)^(?:junction|jct|junc|exit|j|route|bus|grade|stage|phase|section|class|m|a|b"
    r"|top|number of|"
    r"between|over|under|about|approximately|around) [0-9]"
)
_NO_STREET = (
    r"(?i)[0-9][a-z]?,? (?:.* )?(?:men|man|women|males?|females?|people|persons?|youths?"
    r"|boys?|girls?|"
    r"in|on|at|near|of|the|from|to|by|and|with|down|along|into|off|mph|miles?|metres?|hours?|"
    r"minutes?|days?|weeks?|months?|years?|cars?|vehicles?|bus|lane|lanes|way|times?|jan"
    r"|january|feb|february|mar|march|apr|april|may|june|july|"
    r"aug|august|sept?|september|oct|october|nov|november|dec|december|crown|county|magistrates|"
    r"crimes?|incidents?|reports?|x) "
)
_WORDS = r" (?:AND|THE|FOR|WAS|HAS|HIS|HER|OUT|OFF|ARE|BUT|NOT|ALL|BUS|CAR|VAN|MAN|WHO|SHE|THEY)$"

_MARKS = "|".join(
    f"(?:{each})"
    for each in (
        POSTCODE, E_MAIL, TELEPHONE, NATIONAL_INSURANCE, DATE_OF_BIRTH, NHS, VEHICLE, VEHICLE_TOLD,
        CARD, ACCOUNT, ADDRESS,
    )
)  # fmt: skip


def may_point(text: pl.Expr) -> pl.Expr:
    """Whether the text may hold any of the signs."""
    text = undisguised(text)
    return text.str.contains(_MARKS) | text.str.contains(persons.HINT)


def worth_a_look(text: pl.Expr) -> pl.Expr:
    """Whether a sign may be there, disguised or not: one look clears nearly every value."""
    marked = text.str.contains(_MARKS) | text.str.contains(persons.HINT)
    return marked | text.str.contains(DISGUISED)


# So many bare numbers in a column, and so few of them right, is chance: they are references.
_MANY, _BY_CHANCE = 20, 0.3


def _digit(number: pl.Expr, at: int) -> pl.Expr:
    return number.str.slice(at, 1).cast(pl.Int32, strict=False).fill_null(0)


def _digits(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"[^0-9]", "")


def _nhs_right(text: pl.Expr) -> pl.Expr:
    """Ten digits whose last is the check digit (modulus 11), and not ten times the same."""
    number = _digits(text)
    check = 11 - pl.sum_horizontal(_digit(number, i) * (10 - i) for i in range(9)) % 11
    same = number.str.contains("^(?:0*|1*|2*|3*|4*|5*|6*|7*|8*|9*)$")
    return (pl.when(check == 11).then(0).otherwise(check) == _digit(number, 9)) & ~same


def _card_right(text: pl.Expr) -> pl.Expr:
    """The check digit of payment cards (Luhn), counted from the right."""
    number = _digits(text).str.pad_start(16, "0")
    twice = [_digit(number, i) * 2 for i in range(0, 16, 2)]
    once = [_digit(number, i) for i in range(1, 16, 2)]
    total = pl.sum_horizontal(
        *(each - pl.when(each > 9).then(9).otherwise(0) for each in twice), *once
    )
    return total % 10 == 0


def _checked(
    text: pl.Expr, pattern: str, bare: str, right: Callable[[pl.Expr], pl.Expr]
) -> pl.Expr:
    """A match whose check digit is right, unless the column is of numbers right only by chance."""
    found = text.str.extract_all(pattern).list.eval(right(pl.element())).list.any()
    plain = text.str.contains(bare)
    by_chance = (plain.sum() >= _MANY) & ((plain & found).sum() < plain.sum() * _BY_CHANCE)
    return text.str.contains(pattern) & found & ~(plain & by_chance)


def _vehicle(text: pl.Expr) -> pl.Expr:
    words = pl.element().str.contains(_WORDS)
    return (
        text.str.contains(VEHICLE_TOLD) | text.str.extract_all(VEHICLE).list.eval(~words).list.any()
    )


def _address(text: pl.Expr) -> pl.Expr:
    found = pl.element().str
    house = ~found.contains(_NO_HOUSE) & ~found.contains(_NO_STREET)
    return text.str.extract_all(ADDRESS).list.eval(house).list.any()


def _national_insurance(text: pl.Expr) -> pl.Expr:
    never = pl.element().str.contains("(?i)^(?:bg|gb|nk|kn|tn|nt|zz)")
    return text.str.extract_all(NATIONAL_INSURANCE).list.eval(~never).list.any()


_PLAIN_SIGNS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "postcode": lambda text: text.str.contains(POSTCODE),
    "e-mail": lambda text: text.str.contains(E_MAIL),
    "telephone": lambda text: text.str.contains(TELEPHONE),
    "nhs-number": lambda text: _checked(text, NHS, "^[0-9]{10}$", _nhs_right),
    "national-insurance": _national_insurance,
    "date-of-birth": lambda text: text.str.contains(DATE_OF_BIRTH),
    "vehicle": _vehicle,
    "bank": lambda text: (
        text.str.contains(ACCOUNT) | _checked(text, CARD, "^[0-9]{15,16}$", _card_right)
    ),
    "address": _address,
    "name": persons.is_named,
}


def _seen_through(sign: Callable[[pl.Expr], pl.Expr]) -> Callable[[pl.Expr], pl.Expr]:
    return lambda text: sign(undisguised(text))


SIGNS = {kind: _seen_through(sign) for kind, sign in _PLAIN_SIGNS.items()}
# What must match somewhere before a sign is worth looking for.
HINTS = {kind: f"{persons.HINT if kind == 'name' else _MARKS}|{DISGUISED}" for kind in _PLAIN_SIGNS}
_PIECES: dict[str, str] = {
    "postcode": POSTCODE,
    "e-mail": E_MAIL,
    "telephone": r"[+(]?[0-9][0-9 ().-]{8,}",
    "nhs-number": NHS,
    "national-insurance": NATIONAL_INSURANCE,
    "date-of-birth": DATE_OF_BIRTH,
    "vehicle": f"(?:{VEHICLE_TOLD})|(?:{VEHICLE})",
    "bank": f"(?:{ACCOUNT})|(?:{CARD})",
    "address": ADDRESS,
    "name": persons.HINT,
}


@dataclass(frozen=True)
class Kind:
    """One kind of identifier, in words: what it is, and what to do about it."""

    what: str
    remedy: str


DIGEST = "^[0-9a-f]{32,}$"  # what stands in place of a reference points to nobody
NOT_SHOWN = "(not shown)"
PERSONAL = "personal-data"  # the rule that every column keeps, whatever its contract says
_REMOVE = "Remove it. Nothing that points to a person may be sent."
KINDS: dict[str, Kind] = {
    "postcode": Kind("a full postcode", "Remove it, or keep only the first half, such as CT10."),
    "e-mail": Kind("an e-mail address", _REMOVE),
    "telephone": Kind("a telephone number", _REMOVE),
    "nhs-number": Kind("an NHS number", _REMOVE),
    "national-insurance": Kind("a National Insurance number", _REMOVE),
    "date-of-birth": Kind("a date of birth", "Remove it, or send an age band, such as 25-34."),
    "vehicle": Kind("a vehicle registration", _REMOVE),
    "bank": Kind("the number of a bank card or account", _REMOVE),
    "address": Kind("the address of a house", "Remove the house number, or send the area's code."),
    "name": Kind(
        "a person's name", "Remove it, or write what part the person had, such as caller."
    ),
}
_WHOSE = (
    "(?:the )?(?:(?:victim|suspect|offender|witness|complainant|informant|caller|patient|pupil|"
    "student|child|person|client|customer|driver|owner|keeper|resident|tenant|nominal"
    "|subject|staff|"
    "officer|nhs|contact|home|work|personal|primary|of|s) ){0,3}"
)
# What a column is called, and what its values are then like.
HEADERS: dict[str, tuple[str, str]] = {
    "name": (
        "(?:sur|fore|first|last|middle|family|given|full|maiden|known as|birth|nick)[ ]?names?"
        "|name|names|person name|initials and name",
        "[A-Za-zÀ-ÿ]{2}",
    ),
    "date-of-birth": (
        "d ?o ?b|date of birth|birth ?date|birthday|born",
        r"[0-9]{1,4}[-/. ][0-9A-Za-z]{1,9}[-/. ,]+[0-9]{1,4}|^[0-9]{5}$|^[0-9]{8}$",
    ),
    "nhs-number": ("nhs(?: ?(?:no|number|num|id))?", "[0-9](?:[ -]?[0-9]){8,}"),
    "national-insurance": (
        "n ?i ?n ?o?|ni (?:no|number)|national insurance(?: (?:no|number))?", "[0-9]{2}",
    ),
    "e-mail": ("e ?mail(?: address)?", "@"),
    "telephone": (
        "(?:tele)?phone(?: (?:no|number))?|(?:mobile|landline)(?: (?:no|number|phone))?|tel(?: no)?"
        "|cell(?:phone)?|contact (?:no|number)",
        "[0-9](?:[ ().+-]{0,2}[0-9]){5,}",
    ),
    "vehicle": (
        "(?:vehicle )?(?:reg(?:istration)?(?: (?:no|number|mark|plate))?|vrm|vrn"
        "|number plate|index)",
        "^[A-Za-z0-9 ]{2,9}$",
    ),
    "bank": (
        "(?:bank )?(?:account|acct|a c)(?: (?:no|number))?|sort ?code|(?:credit |debit |bank )?card"
        "(?: (?:no|number))?|iban|pan",
        "[0-9](?:[ -]?[0-9]){5,}",
    ),
    "address": (
        "(?:full |street |postal |house )?address(?: line)?(?: ?1)?|house(?: (?:no|number|name))?|"
        "flat(?: (?:no|number))?|property(?: (?:no|number|name))?|door number|addr(?: ?1)?",
        "[0-9A-Za-z]",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """One identifier: its kind, where it is, what to say and what to do. Never the thing itself."""

    kind: str
    column: str
    row: int
    sentence: str
    remedy: str


HITS = pl.Schema(
    {"kind": pl.String(), "column": pl.String(), "row": pl.UInt32(), "shown": pl.String()}
)


def told_by(header: str) -> str:
    """The kind of identifier that a column's name says it holds, or nothing."""
    plain = re.sub(r"[^a-z0-9]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header).lower()).strip()
    if plain in ("no", "number", "num"):
        return ""
    for kind, (pattern, _) in HEADERS.items():
        if re.fullmatch(f"{_WHOSE}(?:{pattern})", plain):
            return kind
    return ""


def masked(text: pl.Expr) -> pl.Expr:
    """The first character of an identifier and its length."""
    text = text.str.strip_chars()
    return pl.format("{}… ({} characters)", text.str.head(1), text.str.len_chars())


def look(
    frame: pl.DataFrame, *, columns: Iterable[str] | None = None, rows: pl.Series | None = None
) -> pl.DataFrame:
    """Every identifier of a table of text: kind, column, row, and how it may be shown.

    A row that holds several kinds has a line for each. Rows are numbered from 2, as under a line of
    column names, unless `rows` numbers them.
    """
    if rows is None:
        rows = pl.int_range(2, frame.height + 2, dtype=pl.UInt32, eager=True)
    chosen = list(frame.columns if columns is None else columns)
    found = [
        hits
        for column in chosen
        if frame.schema[column] == pl.String
        for hits in _in_column(frame[column], rows.alias("row"))
    ]
    return pl.concat([pl.DataFrame(schema=HITS), *found]).sort("row", maintain_order=True)


def _in_column(column: pl.Series, rows: pl.Series) -> Iterable[pl.DataFrame]:
    """Told by the column's name, or found by its distinct values."""
    text = pl.col("text")
    values = column.drop_nulls().unique(maintain_order=True).alias("text").to_frame()
    kind = told_by(column.name)
    if kind:
        told = values.filter(text.str.contains(HEADERS[kind][1]))
        yield _lines(kind, column, rows, told.with_columns(masked(text).alias("shown")))
    values = values.filter(worth_a_look(text)).filter(may_point(text))
    if values.is_empty():
        return
    hinted = {hint for hint in HINTS.values() if values["text"].str.contains(hint).any()}
    for each, sign in SIGNS.items():
        if each == kind or HINTS[each] not in hinted:
            continue
        piece = undisguised(text).str.extract(f"({_PIECES[each]})", 1)
        seen = values.filter(sign(text).fill_null(False))
        shown = masked(pl.coalesce(piece, text)).alias("shown")
        yield _lines(each, column, rows, seen.with_columns(shown))


def _lines(kind: str, column: pl.Series, rows: pl.Series, seen: pl.DataFrame) -> pl.DataFrame:
    if seen.is_empty():
        return pl.DataFrame(schema=HITS)
    table = pl.DataFrame({"text": column, "row": rows})
    return (
        table.join(seen, on="text", how="inner", maintain_order="left")
        .select(pl.lit(kind).alias("kind"), pl.lit(column.name).alias("column"), "row", "shown")
        .cast(HITS)
    )


def find(
    frame: pl.DataFrame, *, columns: Iterable[str] | None = None, rows: pl.Series | None = None
) -> tuple[Found, ...]:
    """Every identifier of a table of text, each with a sentence and a remedy."""
    return tuple(
        Found(
            kind,
            column,
            row,
            f"Row {row:,}, {column}: there is {KINDS[kind].what}, {shown}.",
            KINDS[kind].remedy,
        )
        for kind, column, row, shown in look(frame, columns=columns, rows=rows).iter_rows()
    )
