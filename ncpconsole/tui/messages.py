"""What workers and screens tell the app. Workers change nothing on screen: they post one of these.

None is compared with another or printed; without the methods for that, their classes are made in a third of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from textual.message import Message

if TYPE_CHECKING:
    from ncpconsole.core.records import Intent, Observation
    from ncpconsole.core.session import Session
    from ncpconsole.tui.account_controller import AccountEvent


class WatchShown(Protocol):
    """Where a watch is shown; it may have been closed meanwhile."""

    def watching(self, words: str) -> None:
        """Say how the watch stands."""

    def observed(self, observation: Observation) -> None:
        """Show one change of the server's record."""


class ListReady(Message):
    """The list's screen is whole and painted: the account may be opened."""


class UiStateChanged(Message):
    """What commands depend on changed on a screen: the footer may offer other keys."""


class SelectionChanged(Message):
    """Another server, or none, is selected in the list.

    The table's own message does not reach the app where a screen's method made the table post it.
    """


class EligibleOnlyChanged(Message):
    """The list was limited to what may be interrupted, or shows everything again."""


@dataclass
class AccountChanged(Message):
    """Something became of the account; see `AccountController`."""

    event: AccountEvent


class JournalChanged(Message):
    """A dialog changed what the journal knows, or may have: the list has to show it."""


@dataclass
class TeamTold(Message):
    """Consoles on other machines did something: ``is_event`` where the journal has it, else who is where."""

    is_event: bool


@dataclass
class SendFinished(Message):
    """The interrupt flow of one server is over, whether it was sent or not."""

    server_no: str


@dataclass
class WatchWanted(Message):
    """A server may have been interrupted: it is to be watched. ``screen`` shows what is seen, while open."""

    session: Session
    intent: Intent
    screen: WatchShown | None = None


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


@dataclass
class WorkerBroke(Message):
    """Work in the background met an error that nobody expected; ``what`` names it."""

    what: str
    error: BaseException


@dataclass
class EveryRegionWanted(Message):
    """What was looked for is not in this list: every region is to be read."""


@dataclass
class SignsChanged(Message):
    """Vital signs of servers in the list came."""
