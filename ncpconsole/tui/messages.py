"""What workers and screens tell the app. Workers change nothing on screen: they post one of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from datetime import datetime

    from ncpconsole.core.listing import AccountSnapshot
    from ncpconsole.core.plan import Report
    from ncpconsole.core.records import Intent, Observation
    from ncpconsole.core.session import Session


class ListReady(Message):
    """The list's screen is whole and painted: the account may be opened."""


class UiStateChanged(Message):
    """What commands depend on changed on a screen: the footer may offer other keys."""


class EligibleOnlyChanged(Message):
    """The list was limited to what may be interrupted, or shows everything again."""


@dataclass
class SessionOpened(Message):
    """An account is open; ``surfaced`` are interrupts that an ended program left behind."""

    session: Session
    surfaced: tuple[Intent, ...] = ()


@dataclass
class SessionFailed(Message):
    """No account could be opened. ``error`` is a ConsoleError or an NcpError."""

    error: Exception


@dataclass
class ListingProgress(Message):
    """Pages are coming in: servers read so far, and expected in all."""

    session: Session
    arrived: int
    expected: int


@dataclass
class InventoryChanged(Message):
    """The list was read. ``changed`` holds the keys of rows that differ from the ones before.

    ``complete`` is False while pages are still coming in. ``read_at`` is UTC.
    """

    session: Session
    reading: AccountSnapshot
    read_at: datetime
    changed: frozenset[str] = frozenset()
    complete: bool = True


@dataclass
class RefreshFailed(Message):
    """No region could be read; what is on show grows old."""

    session: Session
    error: Exception


@dataclass
class SendStarted(Message):
    """An operator asked to interrupt a server; the dialog is open."""

    server_no: str


@dataclass
class SendFinished(Message):
    """The interrupt flow of one server ended. ``report`` is None when the operator turned back."""

    server_no: str
    report: Report | None


@dataclass
class Watched(Message):
    """A record changed after an interrupt."""

    intent: Intent
    observation: Observation


@dataclass
class WatchEnded(Message):
    """A watch is over, by time or with an error said in ``why``."""

    intent: Intent
    why: str = ""
