"""Every command of the screen, once: bindings, footer, help, palette and the README's key table read this.

A command names an action of the app or of a screen, the places where it exists and what it needs. Whether it
is possible now, and why not, is decided in `possible`; which keys it has in the end, in `keymap`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from textual.binding import Binding

if TYPE_CHECKING:
    from collections.abc import Mapping


SPECIAL = {
    "up": "↑", "down": "↓", "pagedown": "PgDn", "pageup": "PgUp", "enter": "Enter", "space": "Space",
    "escape": "Esc", "home": "Home", "end": "End", "tab": "Tab",
}  # fmt: skip
NAMED = {"!": "exclamation_mark", "/": "slash", "?": "question_mark", ":": "colon", " ": "space"}
UNNAMED = {name: character for character, name in NAMED.items()} | {"space": "space"}


def split_keys(keys: str) -> tuple[str, ...]:
    """The single keys of a comma-separated list, in Textual's spelling for printable characters or ours."""
    return tuple(UNNAMED.get(key.strip(), key.strip()) for key in keys.split(",") if key.strip())


def key_text(keys: str) -> str:
    """Keys as people write them: ``j ↓``, ``Ctrl+D``, ``!``."""
    return " ".join(one_key_text(key) for key in split_keys(keys))


def one_key_text(key: str) -> str:
    """One key as people write it."""
    if key in SPECIAL:
        return SPECIAL[key]
    if key.startswith("ctrl+"):
        return "Ctrl+" + key.removeprefix("ctrl+").upper()
    return key


class Scope(StrEnum):
    """A screen that commands can belong to. Dialogs have keys of their own."""

    SERVERS = "servers"
    DETAILS = "details"
    RAW = "raw"
    HELP = "help"
    DIALOG = "dialog"


class Requirement(StrEnum):
    """What must be there before a command makes sense."""

    ACCOUNT = "account"
    LISTING = "listing"
    ROWS = "rows"
    SERVER = "server"
    FILTER = "filter"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``keys`` are Textual key names or single characters, separated by commas.

    ``label`` is for the footer (empty: never there), ``shown`` is how the keys are written for people.
    """

    id: str
    keys: str
    action: str
    label: str
    description: str
    group: str
    places: frozenset[Scope] = frozenset({Scope.SERVERS})
    needs: tuple[Requirement, ...] = ()
    priority: bool = False

    @property
    def method(self) -> str:
        """The action's bare name, as `check_action` gets it."""
        return self.action.rpartition(".")[2].partition("(")[0]


SERVERS = frozenset({Scope.SERVERS})
LIST_AND_DETAIL = frozenset({Scope.SERVERS, Scope.DETAILS})
SERVER_SCREENS = frozenset({Scope.SERVERS, Scope.DETAILS, Scope.RAW})
ALL_SCREENS = frozenset({Scope.SERVERS, Scope.DETAILS, Scope.RAW, Scope.HELP})
MOVE, ACT, FIND, CONSOLE = "Move", "One server", "Find", "Console"

COMMANDS: tuple[Command, ...] = (
    Command(
        "interrupt",
        "!",
        "app.interrupt",
        "interrupt",
        "Interrupt the server, after typing its name",
        ACT,
        LIST_AND_DETAIL,
        (Requirement.ACCOUNT, Requirement.SERVER),
    ),
    Command(
        "filter",
        "/",
        "filter",
        "filter",
        "Filter by name, number, IP, or key:value",
        FIND,
        # A filter may be typed before the first page of the list has come, and while an account opens.
        needs=(Requirement.ACCOUNT,),
        # Taken before the list sees it: what is typed right behind it, perhaps in one burst over a slow line,
        # belongs to the box and must not act as commands.
        priority=True,
    ),
    Command(
        "eligible",
        "e",
        "eligible_only",
        "eligible",
        "Show only servers that may be interrupted, or all again",
        FIND,
        needs=(Requirement.LISTING,),
    ),
    Command(
        "details",
        "enter",
        "app.details",
        "details",
        "All about the server, and the next step",
        ACT,
        needs=(Requirement.SERVER,),
    ),
    Command(
        "mark",
        "space",
        "mark",
        "mark",
        "Mark for review: ! then walks the marked ones, one by one",
        ACT,
        needs=(Requirement.SERVER,),
    ),
    Command(
        "history",
        "h",
        "app.history",
        "history",
        "What this console has sent, and what became of it",
        CONSOLE,
        LIST_AND_DETAIL,
        (Requirement.ACCOUNT,),
    ),
    Command(
        "refresh",
        "r",
        "app.refresh",
        "refresh",
        "Read the list again now, or try again after a failure",
        CONSOLE,
        LIST_AND_DETAIL,
    ),
    Command(
        "login",
        "l",
        "app.login",
        "log in",
        "Log in with an access key",
        CONSOLE,
        needs=(Requirement.PROBLEM,),
    ),
    Command("sort", "s", "sort", "sort", "Sort by the next column", FIND, needs=(Requirement.ROWS,)),
    Command(
        "sort_reverse", "S", "sort_reverse", "", "Turn the sort order round", FIND, needs=(Requirement.ROWS,)
    ),
    Command(
        "clear",
        "escape",
        "app.clear_or_call_off",
        "",
        "Clear the filter, or call off the opening of an account",
        FIND,
        needs=(Requirement.FILTER,),
    ),
    Command(
        "copy_number",
        "y",
        "app.copy_number",
        "copy number",
        "Copy the server number, over SSH too (OSC 52)",
        ACT,
        SERVER_SCREENS,
        (Requirement.SERVER,),
    ),
    Command(
        "copy_name",
        "Y",
        "app.copy_name",
        "",
        "Copy the server name",
        ACT,
        SERVER_SCREENS,
        (Requirement.SERVER,),
    ),
    Command(
        "copy_curl",
        "",
        "app.copy_curl",
        "",
        "Copy a curl line that reads this server, without secrets",
        ACT,
        SERVER_SCREENS,
        (Requirement.ACCOUNT, Requirement.SERVER),
    ),
    Command(
        "raw",
        "J",
        "app.raw",
        "raw record",
        "The record as NCP sends it, every field",
        ACT,
        LIST_AND_DETAIL,
        (Requirement.ACCOUNT, Requirement.SERVER),
    ),
    Command(
        "region",
        "R",
        "app.region",
        "region",
        "Choose a region, or all of them",
        CONSOLE,
        needs=(Requirement.ACCOUNT,),
    ),
    Command("profile", "p", "app.profile", "profile", "Choose another profile (account)", CONSOLE),
    Command("down", "j,down", "move('down')", "", "Next server", MOVE, ALL_SCREENS, (Requirement.ROWS,)),
    Command("up", "k,up", "move('up')", "", "Previous server", MOVE, ALL_SCREENS, (Requirement.ROWS,)),
    Command("first", "g,home", "move('first')", "", "First server", MOVE, ALL_SCREENS, (Requirement.ROWS,)),
    Command("last", "G,end", "move('last')", "", "Last server", MOVE, ALL_SCREENS, (Requirement.ROWS,)),
    Command(
        "half_down",
        "ctrl+d",
        "move('half_down')",
        "",
        "Half a page down",
        MOVE,
        ALL_SCREENS,
        (Requirement.ROWS,),
    ),
    Command(
        "half_up", "ctrl+u", "move('half_up')", "", "Half a page up", MOVE, ALL_SCREENS, (Requirement.ROWS,)
    ),
    Command(
        "page_down",
        "pagedown",
        "move('page_down')",
        "",
        "One page down",
        MOVE,
        ALL_SCREENS,
        (Requirement.ROWS,),
    ),
    Command(
        "page_up", "pageup", "move('page_up')", "", "One page up", MOVE, ALL_SCREENS, (Requirement.ROWS,)
    ),
    Command("palette", ":,ctrl+p", "app.command_palette", "", "All commands by name", CONSOLE, ALL_SCREENS),
    Command("help", "?", "app.help", "help", "All keys, and the filter's words", CONSOLE, LIST_AND_DETAIL),
    Command("quit", "q", "app.back_or_quit", "quit", "Back, or quit from the list", CONSOLE, ALL_SCREENS),
)

BY_ID: Mapping[str, Command] = {command.id: command for command in COMMANDS}
BY_METHOD: Mapping[str, Command] = {command.method: command for command in COMMANDS}
FOOTER = (
    *("interrupt", "login", "filter", "eligible", "details", "history", "quit", "refresh", "mark"),
    *("raw", "sort", "copy_number", "region", "profile"),
)
"""The footer's order, most needed first; help always stays."""


def bindings(place: Scope) -> list[Binding]:
    """Textual bindings of the commands that exist at a place. Keys are replaced by `App.set_keymap`."""
    return [
        Binding(
            command.keys,
            command.action,
            command.label or command.description,
            show=bool(command.label),
            tooltip=command.description,
            id=command.id,
            priority=command.priority,
        )
        for command in COMMANDS
        if command.keys and place in command.places
    ]


def groups() -> dict[str, list[Command]]:
    """The commands by help group, in reading order."""
    grouped: dict[str, list[Command]] = {name: [] for name in (ACT, FIND, MOVE, CONSOLE)}
    for command in COMMANDS:
        grouped[command.group].append(command)
    return grouped


def key_table_markdown() -> str:
    """The key table of the README, as Markdown."""
    lines = ["| key | what it does | command |", "|---|---|---|"]
    for name, commands in groups().items():
        lines.append(f"| **{name}** | | |")
        for command in commands:
            keys = " ".join(f"`{one_key_text(key)}`" for key in split_keys(command.keys)) or "palette"
            lines.append(f"| {keys} | {command.description} | {command.id} |")
    return "\n".join(lines) + "\n"


class TableKey(NamedTuple):
    """One key binding: its id for remapping, keys, action and what it does in words."""

    id: str
    keys: str
    action: str
    description: str


TABLE_KEYS = (
    TableKey("table.down", "j,down", "move_down", "Next server"),
    TableKey("table.up", "k,up", "move_up", "Previous server"),
    TableKey("table.first", "g,home", "first", "First server"),
    TableKey("table.last", "G,end", "last", "Last server"),
    TableKey("table.half_down", "ctrl+d", "half_page_down", "Half a page down"),
    TableKey("table.half_up", "ctrl+u", "half_page_up", "Half a page up"),
    TableKey("table.page_down", "pagedown", "page_down", "A page down"),
    TableKey("table.page_up", "pageup", "page_up", "A page up"),
    TableKey("table.open", "enter", "open", "Details"),
    TableKey("table.mark", "space", "toggle_mark", "Mark for review"),
)
