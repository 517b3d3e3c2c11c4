"""What may be corrected of a return, and what is odd beside a partner's own history."""

from __future__ import annotations


class UnableToCorrect(Exception):
    """The rows cannot be corrected here now; the sentence says where they can."""
