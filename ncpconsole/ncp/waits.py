"""Tells when an answer is long in coming, to whoever asked to be told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import urlsplit

SECONDS = 5.0
"""After which an answer is long in coming: most are there within one."""

_TELL: ContextVar[Callable[[str], object] | None] = ContextVar("tell", default=None)


@contextmanager
def waits_told_to(tell: Callable[[str], object]) -> Iterator[None]:
    """Within this, and in what is begun within it, ``tell`` is called with an address, once for each.

    It is called in the event loop.
    """
    told: set[str] = set()

    def once(address: str) -> None:
        if address not in told:
            told.add(address)
            tell(address)

    token = _TELL.set(once)
    try:
        yield
    finally:
        _TELL.reset(token)


@contextmanager
def waiting_for(url: str) -> Iterator[None]:
    """Wait for an answer of this URL, with all its attempts."""
    tell = _TELL.get()
    if tell is None:
        yield
        return
    timer = asyncio.get_running_loop().call_later(SECONDS, tell, "{0.scheme}://{0.netloc}".format(urlsplit(url)))
    try:
        yield
    finally:
        timer.cancel()
