"""Every key of the console, in one registry: help, palette, footer, bindings and the documents read this.

A command names an action of the app or of a screen, the scopes where it exists and what it needs. Whether it
is possible now, and why not, is decided in `availability`; which keys it has in the end, in `keymap`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from textual.binding import Binding

from ncpconsole.language import tr

SPECIAL = {
    "up": "↑", "down": "↓", "left": "←", "right": "→", "pagedown": "PgDn", "pageup": "PgUp", "enter": "Enter",
    "space": "Space", "escape": "Esc", "home": "Home", "end": "End", "tab": "Tab",
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
    if key in SPECIAL:
        return SPECIAL[key]
    if key.startswith("ctrl+"):
        return "Ctrl+" + key.removeprefix("ctrl+").upper()
    return key


class Scope(StrEnum):
    """Where a command exists: one of the console's own screens, or a dialog."""

    SERVERS = "servers"
    DETAILS = "details"
    RAW = "raw"
    HELP = "help"
    MACHINE = "machine"
    HISTORY = "history"
    REVIEW = "review"
    RESULT = "result"
    NOTICES = "notices"
    REFUSAL = "refusal"
    DIALOG = "dialog"
    ANYWHERE = "anywhere"


class Requirement(StrEnum):
    """What must be there before a command makes sense."""

    ACCOUNT = "account"
    LISTING = "listing"
    ROWS = "rows"
    SERVER = "server"
    FILTER = "filter"
    PROBLEM = "problem"
    WAITING = "waiting"
    MARKS = "marks"


class Command(NamedTuple):
    """One command; its texts are messages for `tr`, which the catalogue takes from `COMMANDS`.

    ``keys`` are Textual key names or single characters, separated by commas; ``{key}`` in the
    action stands for the one that was pressed.

    ``name`` is two or three plain words, ``description`` the rest of the sentence: what it does, for help, palette and
    documents (empty where the name says it). ``label`` is a word for the footer
    (empty: never there). ``priority`` takes the key before the widget with the focus sees it.
    """

    id: str
    keys: str
    action: str
    name: str
    description: str
    group: str
    scopes: frozenset[Scope] = frozenset({Scope.SERVERS})
    needs: tuple[Requirement, ...] = ()
    label: str = ""
    priority: bool = False

    @property
    def sentence(self) -> str:
        """Name and description together, in the language in force."""
        return f"{tr(self.name)}: {tr(self.description)}" if self.description else tr(self.name)

    @property
    def method(self) -> str:
        """The action's bare name, as `check_action` gets it."""
        return self.action.rpartition(".")[2].partition("(")[0]

    @property
    def is_fixed(self) -> bool:
        """Whether operators cannot give it another key: dialogs keep theirs, and so does what differs by key."""
        return not self.is_of_screens or self.differs_by_key

    @property
    def is_of_screens(self) -> bool:
        """Whether it exists on the console's own screens; dialogs decide about theirs themselves."""
        return bool(self.scopes & ALL_SCREENS)

    @property
    def differs_by_key(self) -> bool:
        """Whether each of its keys does something of its own."""
        return "{key}" in self.action


SERVERS = frozenset({Scope.SERVERS})
LIST_AND_DETAIL = frozenset({Scope.SERVERS, Scope.DETAILS})
SERVER_SCREENS = frozenset({Scope.SERVERS, Scope.DETAILS, Scope.RAW})
ALL_SCREENS = frozenset({Scope.SERVERS, Scope.DETAILS, Scope.RAW, Scope.HELP, Scope.MACHINE})
ANYWHERE = frozenset({Scope.ANYWHERE})
DIALOGS = frozenset(Scope) - ALL_SCREENS - ANYWHERE
HISTORY = frozenset({Scope.HISTORY})
REVIEW = frozenset({Scope.REVIEW})
ACT, FIND, MOVE, CONSOLE = "One server", "Find", "Move", "Console"
IN_HISTORY, IN_DIALOGS = "History", "Dialogs"
GROUPS = (ACT, FIND, MOVE, CONSOLE, IN_HISTORY, IN_DIALOGS)
ACCOUNT, LISTING, ROWS = (Requirement.ACCOUNT,), (Requirement.LISTING,), (Requirement.ROWS,)
SERVER, READ_SERVER = (Requirement.SERVER,), (Requirement.ACCOUNT, Requirement.SERVER)

COMMANDS: tuple[Command, ...] = (
    Command("interrupt", "!", "app.interrupt", "Interrupt", "send one, after typing the server's name", ACT,
            LIST_AND_DETAIL, READ_SERVER, "interrupt"),
    # A filter may be typed before the first page of the list has come, and while an account opens. Its key is
    # taken before the list sees it: what is typed right behind it, perhaps in one burst over a slow line,
    # belongs to the box and must not act as commands.
    Command("filter", "/", "filter", "Filter", "by name, number, IP, or key:value", FIND,
            SERVERS, ACCOUNT, "filter", priority=True),
    Command("eligible", "e", "eligible_only", "Eligible only", "only what may be interrupted, or all again",
            FIND, SERVERS, LISTING, "eligible"),
    Command("details", "enter", "app.details", "Details", "all about the server, and the next step", ACT,
            SERVERS, SERVER, "details"),
    Command("mark", "space", "mark", "Mark", "for review: ! walks the marked, one by one", ACT,
            SERVERS, SERVER, "mark"),
    Command("unmark", "U", "unmark", "Remove marks", "from every server", ACT, SERVERS, (Requirement.MARKS,)),
    Command("history", "h", "app.history", "History", "what was sent, and what became of it", CONSOLE,
            LIST_AND_DETAIL, ACCOUNT, "history"),
    Command("waiting", "w", "app.waiting", "What waits", "unknown outcomes, watches, notes of the start",
            CONSOLE, SERVERS, (Requirement.WAITING,), "what waits"),
    Command("refresh", "r", "app.refresh", "Refresh", "read the list now, or try again", CONSOLE,
            LIST_AND_DETAIL, label="refresh"),
    Command("login", "l", "app.login", "Log in", "with an access key", CONSOLE,
            SERVERS, (Requirement.PROBLEM,), "log in"),
    Command("sort", "s", "sort", "Sort", "by the next column", FIND, SERVERS, ROWS, "sort"),
    Command("sort_column", "1,2,3,4,5,6,7,8,9", "sort_column({key})",
            "Sort by column", "the n-th from the left; again: reversed", FIND, SERVERS, ROWS),
    Command("sort_reverse", "S", "sort_reverse", "Reverse order", "turn the sort order round", FIND, SERVERS, ROWS),
    Command("clear", "escape", "app.clear_or_call_off",
            "Clear filter", "show all again; while opening: cancel sign-in",
            FIND, SERVERS, (Requirement.FILTER,)),
    Command("signs", "v", "read_signs", "Vital signs", "of all on show; the longest silence first", FIND,
            SERVERS, LISTING, "signs"),
    Command("take_offered", "tab", "take_offered",
            "Take suggestion", "nothing found: one word alone, or all regions", FIND),
    Command("copy_number", "y", "app.copy_number", "Copy number", "the server's, over SSH too (OSC 52)", ACT,
            SERVER_SCREENS, SERVER, "copy number"),
    Command("copy_name", "Y", "app.copy_name", "Copy name", "the server's", ACT, SERVER_SCREENS, SERVER),
    Command("copy_curl", "", "app.copy_curl", "Copy curl line", "that reads this server, without secrets", ACT,
            SERVER_SCREENS, READ_SERVER),
    Command("note", "n", "app.note", "Write note", "about the server, into the record", ACT,
            LIST_AND_DETAIL, READ_SERVER, "note"),
    Command("web_console", "o", "app.web_console", "Web console", "open its page of servers, or copy its address", ACT,
            SERVER_SCREENS, READ_SERVER, "web console"),
    Command("raw", "J", "app.raw", "Raw record", "as NCP sends it, every field", ACT,
            LIST_AND_DETAIL, READ_SERVER, "raw record"),
    Command("region", "R", "app.region", "Choose region", "one, or all of them", CONSOLE, SERVERS, ACCOUNT,
            "region"),
    Command("profile", "p", "app.profile", "Choose profile", "another account", CONSOLE, label="profile"),
    Command("resolve", "", "app.resolve", "Resolve outcome", "settle the unknown outcome of an interrupt", CONSOLE,
            SERVERS, ACCOUNT),
    Command("export", "", "app.export", "Export records", "write this gateway's records to a file", CONSOLE,
            SERVERS, ACCOUNT),
    Command("doctor", "", "app.doctor", "Doctor", "check machine, keyring, network and key", CONSOLE),
    Command("paths", "", "app.paths", "Paths", "where configuration, record and log are kept", CONSOLE),
    Command("down", "j,down", "move('down')", "Next server", "", MOVE, ALL_SCREENS, ROWS),
    Command("up", "k,up", "move('up')", "Previous server", "", MOVE, ALL_SCREENS, ROWS),
    Command("first", "g,home", "move('first')", "First server", "", MOVE, ALL_SCREENS, ROWS),
    Command("last", "G,end", "move('last')", "Last server", "", MOVE, ALL_SCREENS, ROWS),
    Command("half_down", "ctrl+d", "move('half_down')", "Half page down", "", MOVE, ALL_SCREENS, ROWS),
    Command("half_up", "ctrl+u", "move('half_up')", "Half page up", "", MOVE, ALL_SCREENS, ROWS),
    Command("page_down", "pagedown", "move('page_down')", "Page down", "", MOVE, ALL_SCREENS, ROWS),
    Command("page_up", "pageup", "move('page_up')", "Page up", "", MOVE, ALL_SCREENS, ROWS),
    Command("palette", ":,ctrl+p", "app.command_palette", "Command palette", "all commands by name", CONSOLE,
            ALL_SCREENS),
    Command("help", "?", "app.help", "Help", "all keys, and the filter's words", CONSOLE, LIST_AND_DETAIL,
            label="help"),
    Command("quit", "q", "app.back_or_quit", "Quit", "from the list; from elsewhere: back", CONSOLE, ALL_SCREENS,
            label="quit"),
    Command("quit_now", "ctrl+q", "quit", "Quit now", "from dialogs too", CONSOLE, ANYWHERE, priority=True),
    Command("suspend", "ctrl+z", "suspend_process", "Suspend", "the console; fg brings it back", CONSOLE,
            ANYWHERE, priority=True),
    Command("history.filter", "/", "filter", "Filter records", "by words", IN_HISTORY, HISTORY,
            label="filter"),
    Command("history.resolve", "v", "resolve", "Resolve outcome", "settle an unknown one", IN_HISTORY, HISTORY,
            label="resolve"),
    Command("history.everywhere", "a", "everywhere", "All gateways", "the records of all, or of this one", IN_HISTORY,
            HISTORY, label="all gateways"),
    Command("history.export", "x", "export", "Export records", "write those on show to a file", IN_HISTORY, HISTORY,
            label="export"),
    Command("history.note", "n", "note", "Write note", "about the record", IN_HISTORY, HISTORY,
            label="note"),
    Command("history.copy", "y", "copy", "Copy record", "in five lines, to hand on", IN_HISTORY, HISTORY,
            label="copy"),
    Command("history.down", "j", "move(1)", "Next record", "", IN_HISTORY, HISTORY),
    Command("history.up", "k", "move(-1)", "Previous record", "", IN_HISTORY, HISTORY),
    Command("history.first", "g", "edge(False)", "Newest record", "", IN_HISTORY, HISTORY),
    Command("history.last", "G", "edge(True)", "Oldest record", "", IN_HISTORY, HISTORY),
    Command("history.back", "q,h", "cancel", "Back", "", IN_HISTORY, HISTORY),
    Command("review.look", "enter", "answer('go on')", "Look at server", "review: the next marked one",
            IN_DIALOGS, REVIEW,
            label="look at it"),
    Command("review.skip", "s", "answer('skip')", "Skip server", "review: leave it out", IN_DIALOGS, REVIEW,
            label="skip it"),
    Command("review.copy", "y", "copy", "Copy summary", "review: once it is over", IN_DIALOGS, REVIEW),
    Command("review.stop", "q", "cancel", "Stop review", "what was sent stays sent", IN_DIALOGS, REVIEW),
    Command("result.close", "enter", "close_read", "Close", "result: once it could be read", IN_DIALOGS,
            frozenset({Scope.RESULT}), label="close"),
    Command("result.history", "h", "history", "History", "result: and back", IN_DIALOGS,
            frozenset({Scope.RESULT}), label="history"),
    Command("result.resolve", "v", "resolve", "Resolve outcome", "result: settle an unknown one", IN_DIALOGS,
            frozenset({Scope.RESULT}), label="resolve"),
    Command("result.copy", "y", "copy", "Copy record", "result: in five lines, to hand on", IN_DIALOGS,
            frozenset({Scope.RESULT}), label="copy"),
    Command("refusal.close", "enter", "cancel", "Close", "refusal", IN_DIALOGS, frozenset({Scope.REFUSAL})),
    Command("notices.go_on", "enter", "cancel", "Close", "what waits", IN_DIALOGS,
            frozenset({Scope.NOTICES}), label="close"),
    Command("notices.history", "h", "history", "History", "what waits: and back", IN_DIALOGS,
            frozenset({Scope.NOTICES}), label="history"),
    Command("dialog.cancel", "escape", "cancel", "Cancel", "leave the dialog without an answer", IN_DIALOGS, DIALOGS,
            label="cancel"),
    Command("dialog.up", "up", "scroll_body(-1)", "Scroll up", "by a line", IN_DIALOGS, DIALOGS),
    Command("dialog.down", "down", "scroll_body(1)", "Scroll down", "by a line", IN_DIALOGS, DIALOGS),
    Command("dialog.page_up", "pageup", "page_body(-1)", "Page up", "of the dialog's text", IN_DIALOGS, DIALOGS),
    Command("dialog.page_down", "pagedown", "page_body(1)", "Page down", "of the dialog's text", IN_DIALOGS, DIALOGS),
)  # fmt: skip

BY_ID: Mapping[str, Command] = {command.id: command for command in COMMANDS}
BY_METHOD: Mapping[str, Command] = {command.method: command for command in COMMANDS if command.is_of_screens}
"""The commands of the console's own screens by action."""
FOOTER = (
    *("interrupt", "login", "filter", "eligible", "details", "history", "quit", "signs", "refresh", "mark"),
    *("raw", "sort", "copy_number", "region", "profile"),
)
"""The footer's order, most needed first; help always stays."""
TABLE_ACTIONS: Mapping[str, str] = {
    "down": "move_down", "up": "move_up", "first": "first", "last": "last", "half_down": "half_page_down",
    "half_up": "half_page_up", "page_down": "page_down", "page_up": "page_up", "details": "open",
    "mark": "toggle_mark",
}  # fmt: skip
"""Command id to action of the list: it binds these itself, to come first while it has the focus."""


def bindings(scope: Scope) -> list[Binding]:
    """Textual bindings of the commands that exist in a scope. Keys are replaced by `App.set_keymap`."""
    return [
        Binding(
            keys,
            command.action.format(key=keys) if command.differs_by_key else command.action,
            command.label or command.name,
            show=bool(command.label),
            tooltip=command.sentence,
            id=command.id,
            priority=command.priority,
        )
        for command in COMMANDS
        if command.keys and scope in command.scopes
        for keys in (split_keys(command.keys) if command.differs_by_key else (command.keys,))
    ]


def table_bindings() -> list[Binding]:
    """The list's own bindings; their ids are those of the commands with ``table.`` before."""
    return [
        Binding(BY_ID[name].keys, action, BY_ID[name].name, id=f"table.{name}", show=False)
        for name, action in TABLE_ACTIONS.items()
    ]


def groups() -> dict[str, list[Command]]:
    """The commands by help group, in reading order."""
    return {name: [command for command in COMMANDS if command.group == name] for name in GROUPS}


def key_table_markdown() -> str:
    """The key table of docs/keys-and-filter.md, as Markdown; the keys of commands without an id there are fixed."""
    lines = ["| key | name | what it does | command |", "|---|---|---|---|"]
    for name, commands in groups().items():
        lines.append(f"| **{name}** | | | |")
        for command in commands:
            keys = " ".join(f"`{one_key_text(key)}`" for key in split_keys(command.keys)) or "palette"
            lines.append(
                f"| {keys} | {command.name} | {command.description} | {'' if command.is_fixed else command.id} |"
            )
    return "\n".join(lines) + "\n"
