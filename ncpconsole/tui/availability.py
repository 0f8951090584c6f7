"""What is possible now, why not, and what a key would do: decided from a plain value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from ncpconsole.language import msgid, tr
from ncpconsole.tui.commands import BY_ID, FOOTER, MOVE, Command, Requirement, Scope
from ncpconsole.tui.keymap import Keys


class UiState(NamedTuple):
    """What the console shows right now, as far as commands depend on it.

    ``rows`` is the number of servers on show, ``marked`` the number marked for review; ``filter_wrong``: what stands
    in the filter's box is not a filter. While the operator is ``typing`` into a box, letters are letters and no
    command. ``opening``: an account is being opened; ``reading_signs``: the vital signs of every server on show are
    being read.
    """

    scope: Scope = Scope.SERVERS
    opening: bool = False
    account: bool = False
    listing: bool = False
    rows: int = 0
    server: bool = False
    marked: int = 0
    filtered: bool = False
    filter_wrong: bool = False
    eligible_only: bool = False
    problem: bool = False
    waiting: bool = False
    typing: bool = False
    reading_signs: bool = False


class Elsewhere(NamedTuple):
    """Where else a server could be: whether every region is on show already, and the names of other profiles."""

    all_regions: bool = True
    profiles: tuple[str, ...] = ()


class ConsoleHost(Protocol):
    """What a screen asks of the console around it."""

    keys: Keys

    def ui_state(self, scope: Scope) -> UiState:
        """What commands depend on, in a scope."""
        ...

    def permits(self, command: Command) -> bool | None:
        """False where the command does not exist, None when it is not possible now."""
        ...

    def change_language(self, code: str) -> None:
        """Speak another language from now on."""
        ...

    def elsewhere(self) -> Elsewhere:
        """Where a server could be that the list on show does not have."""
        ...


DEFAULT_KEYS = Keys()
TYPING_KEYS = (("enter", msgid("to the list")), ("escape", msgid("clear")), ("up", msgid("earlier filters")))
"""What the filter's box does with its own keys, for the footer; Enter keeps nothing that is not a filter."""

REASONS: Mapping[Requirement, str] = {
    Requirement.ACCOUNT: msgid("no account is open yet"),
    Requirement.LISTING: msgid("no server has been read yet"),
    Requirement.ROWS: msgid("no server is on show"),
    Requirement.SERVER: msgid("no server is selected"),
    Requirement.FILTER: msgid("no filter is set"),
    Requirement.PROBLEM: msgid("you are logged in; {profile} chooses another profile"),
    Requirement.WAITING: msgid("nothing waits"),
    Requirement.MARKS: msgid("no server is marked"),
}


def has(need: Requirement, situation: UiState) -> bool:
    return {
        Requirement.ACCOUNT: situation.account,
        Requirement.LISTING: situation.listing,
        Requirement.ROWS: situation.rows > 0,
        Requirement.SERVER: situation.server,
        Requirement.FILTER: situation.filtered,
        Requirement.PROBLEM: situation.problem,
        Requirement.WAITING: situation.waiting,
        Requirement.MARKS: situation.marked > 0,
    }[need]


def unavailable_reason(command: Command, situation: UiState, keys: Keys = DEFAULT_KEYS) -> str | None:
    """Why the command is not possible now, in words that may name one of the keys, or None when it is."""
    if command.id == "interrupt" and situation.marked and situation.account:
        return None
    if situation.opening and command.id in {"clear", "filter"}:
        return None  # it may be called off; and letters typed before it is open must not act as commands
    if situation.reading_signs and command.id == "clear":
        return None  # it stops that
    if command.group == MOVE and situation.scope is not Scope.SERVERS:
        return None  # there it scrolls a text
    lacking = next((need for need in command.needs if not has(need, situation)), None)
    return None if lacking is None else tr(REASONS[lacking], profile=keys.shown(BY_ID["profile"]))


def label(command: Command, situation: UiState) -> str:
    """The footer's word for the command, in this situation."""
    if command.id == "interrupt" and situation.marked and situation.scope is Scope.SERVERS:
        return tr("review {count} marked", count=situation.marked)
    if command.id == "eligible" and situation.eligible_only:
        return tr("show all")
    if command.id == "quit" and situation.scope is not Scope.SERVERS:
        return tr("back")
    if command.id == "refresh" and situation.problem and not situation.listing:
        return tr("try again")
    return tr(command.label)


def name_of(command: Command, situation: UiState) -> str:
    return tr("Cancel sign-in") if command.id == "clear" and situation.opening else tr(command.name)


def footer_commands(situation: UiState) -> Iterator[Command]:
    """What the footer offers, most needed first, without help; over an empty list the possible ones first."""
    here = [
        BY_ID[command_id]
        for command_id in FOOTER
        if situation.scope in BY_ID[command_id].scopes and (command_id != "login" or situation.problem)
    ]
    if situation.rows == 0 and situation.scope is Scope.SERVERS:
        here.sort(key=lambda command: unavailable_reason(command, situation) is not None)
    yield from here
