"""Signs of a person in free text. Each pattern is narrow, so that a street name never trips it.

`ANY` matches whatever any of them may match: one look at a value clears nearly all of them.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

POSTCODE = (
    r"(?i)\b(?:gir ?0aa|[a-pr-uwyz](?:[0-9]{1,2}|[a-hk-y][0-9]|[a-hk-y][0-9]{2}|[0-9][a-hjkpstuw]"
    r"|[a-hk-y][0-9][abehmnprvwxy]) ?[0-9][abd-hjlnp-uw-z]{2})\b"
)
E_MAIL = r"(?i)[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"
TELEPHONE = r"(?:\+44[ -]?(?:\(0\))?|\b0|\(0)[1-37](?:[ ()-]{0,2}[0-9]){8,9}\b"
NATIONAL_INSURANCE = (
    r"(?i)\b[a-ceghj-prstw-z][a-ceghj-nprstw-z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-d]\b"
)
DATE_OF_BIRTH = r"(?i)\b(?:d\.?o\.?b\.?|date of birth|born(?: on)?)\b[ :]*[0-9]"
_NHS = r"\b([0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4})\b"


ANY = "|".join(
    f"(?:{each})" for each in (POSTCODE, E_MAIL, TELEPHONE, NATIONAL_INSURANCE, DATE_OF_BIRTH, _NHS)
)


def _nhs_number(text: pl.Expr) -> pl.Expr:
    """Ten digits whose last is the check digit (modulus 11), so that few other numbers match."""
    digits = text.str.extract(_NHS, 1).str.replace_all(r"[ -]", "")
    each = [digits.str.slice(i, 1).cast(pl.Int32, strict=False) for i in range(10)]
    check = 11 - pl.sum_horizontal(each[i] * (10 - i) for i in range(9)) % 11
    return digits.is_not_null() & (pl.when(check == 11).then(0).otherwise(check) == each[9])


SIGNS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "postcode": lambda text: text.str.contains(POSTCODE),
    "e-mail": lambda text: text.str.contains(E_MAIL),
    "telephone": lambda text: text.str.contains(TELEPHONE),
    "nhs-number": _nhs_number,
    "national-insurance": lambda text: text.str.contains(NATIONAL_INSURANCE),
    "date-of-birth": lambda text: text.str.contains(DATE_OF_BIRTH),
}
