"""Loops compiled by the extra numba; imported by kernels only, and only where it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The loop as machine code, kept on disk; it lets other threads run.

    Threads are the caller's own: numba's would end the process where two requests use them at once.
    """
    try:
        made = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # nowhere to write: compiled again in each process
        made = numba.njit(nogil=True)(function)
    return cast(Function, made)
