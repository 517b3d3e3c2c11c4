"""Text without what hides an identifier from the eye or from a pattern.

Invisible characters, wide or look-alike letters, digits of other scripts, odd spaces and dashes:
an office program puts them in by itself, and somebody may do so on purpose.
"""

from __future__ import annotations

import polars as pl

DISGUISED = r"[^ -~]|  "  # worth the work: no plain ASCII, or spaces in a row
_UNSEEN = r"[\p{Cf}\x{34f}\x{180b}-\x{180f}\x{fe00}-\x{fe0f}]"
_LOOKS_LIKE = {
    "AАΑ": "A", "BВΒ": "B", "CСϹ": "C", "EЕΕ": "E", "HНΗ": "H", "IІΙ": "I", "JЈ": "J", "KКΚ": "K",
    "MМΜ": "M", "NΝ": "N", "OОΟ": "O", "PРΡ": "P", "SЅ": "S", "TТΤ": "T", "XХΧ": "X", "YҮΥ": "Y",
    "ZΖ": "Z", "aа": "a", "cс": "c", "eе": "e", "iі": "i", "jј": "j", "oоο": "o", "pр": "p",
    "sѕ": "s", "xх": "x", "yу": "y", "hһ": "h", "dԁ": "d",
}  # fmt: skip
_ZEROS = "٠۰߀०০੦૦୦௦౦೦൦๐໐༠၀០᠐"
_SAME = {other: plain for alike, plain in _LOOKS_LIKE.items() for other in alike if other != plain}
_SAME |= {chr(ord(zero) + digit): str(digit) for zero in _ZEROS for digit in range(10)}


def undisguised(text: pl.Expr) -> pl.Expr:
    """The text as a person reads it, for patterns written in plain letters."""
    return (
        text.str.normalize("NFKC")
        .str.replace_all(_UNSEEN, "")
        .str.replace_all(r"[\s\p{Cc}]+", " ")
        .str.replace_all(r"\p{Pd}|\x{2212}", "-")
        .str.replace_many(list(_SAME), list(_SAME.values()))
    )
