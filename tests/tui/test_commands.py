"""The registry of commands: what is possible when, which keys may be changed, and who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.binding import Binding

from ncpconsole.tui.app import ConsoleApp
from ncpconsole.tui.availability import UiState, footer_commands, label, unavailable_reason
from ncpconsole.tui.commands import (
    BY_ID,
    COMMANDS,
    FOOTER,
    TABLE_ACTIONS,
    Scope,
    bindings,
    key_table_markdown,
    key_text,
    split_keys,
    table_bindings,
)
from ncpconsole.tui.keymap import InvalidKeymap, Keys
from ncpconsole.tui.screens.detail import DetailScreen, RawScreen
from ncpconsole.tui.screens.help import HelpScreen
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.screens.machine import DoctorScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.review import ReviewScreen
from ncpconsole.tui.screens.servers import ServersScreen
from ncpconsole.tui.screens.small_dialogs import RefusalDialog, WaitingScreen
from ncpconsole.tui.widgets.dialog import Dialog

if TYPE_CHECKING:
    from textual.screen import Screen

LISTED = UiState(account=True, listing=True, rows=5, server=True)
SCREENS: dict[Scope, type[Screen[Any]]] = {
    Scope.SERVERS: ServersScreen,
    Scope.DETAILS: DetailScreen,
    Scope.RAW: RawScreen,
    Scope.HELP: HelpScreen,
    Scope.MACHINE: DoctorScreen,
    Scope.HISTORY: HistoryScreen,
    Scope.REVIEW: ReviewScreen,
    Scope.RESULT: ResultScreen,
    Scope.NOTICES: WaitingScreen,
    Scope.REFUSAL: RefusalDialog,
    Scope.DIALOG: Dialog,
}


@pytest.mark.parametrize(
    ("command", "situation", "why"),
    [
        ("interrupt", LISTED, None),
        ("interrupt", UiState(), "no account is open yet"),
        ("interrupt", UiState(account=True, listing=True, rows=5), "no server is selected"),
        ("interrupt", UiState(account=True, listing=True, rows=5, marked=2), None),
        ("filter", UiState(), "no account is open yet"),
        ("filter", UiState(opening=True), None),
        ("eligible", UiState(account=True), "no server has been read yet"),
        ("sort", UiState(account=True, listing=True), "no server is on show"),
        ("clear", LISTED, "no filter is set"),
        ("login", LISTED, "you are logged in; p chooses another profile"),
        ("login", UiState(problem=True), None),
        ("refresh", UiState(), None),
        ("quit", UiState(), None),
    ],
)
def test_a_command_says_what_it_lacks(command: str, situation: UiState, why: str | None) -> None:
    assert unavailable_reason(BY_ID[command], situation) == why


def test_where_a_reason_names_a_key_it_is_the_one_in_force() -> None:
    why = unavailable_reason(BY_ID["login"], LISTED, Keys({"profile": "P"}))
    assert why == "you are logged in; P chooses another profile"


def test_the_footer_names_what_the_key_would_do_now() -> None:
    marked = UiState(account=True, listing=True, rows=5, server=True, marked=3, eligible_only=True)
    assert label(BY_ID["interrupt"], marked) == "review 3 marked"
    assert label(BY_ID["eligible"], marked) == "show all"
    assert label(BY_ID["quit"], UiState(scope=Scope.DETAILS)) == "back"
    assert label(BY_ID["refresh"], UiState(problem=True)) == "try again"


def test_an_empty_list_puts_the_possible_keys_first() -> None:
    first = [command.id for command in footer_commands(UiState(problem=True))][:2]
    assert first == ["login", "quit"]


def test_ids_and_footer_are_consistent() -> None:
    assert len(BY_ID) == len(COMMANDS)
    assert set(FOOTER) <= set(BY_ID)
    assert all(BY_ID[command_id].label for command_id in FOOTER)


def test_every_command_has_its_action_where_it_exists() -> None:
    for command in COMMANDS:
        for place in command.scopes:
            everywhere = place is Scope.ANYWHERE or command.action.startswith("app.")
            owner: type = ConsoleApp if everywhere else SCREENS[place]
            assert hasattr(owner, f"action_{command.method}"), (command.id, place)


def test_every_screen_binds_exactly_its_commands() -> None:
    for place, screen in SCREENS.items():
        bound = {getattr(binding, "id", None) for binding in screen.BINDINGS} - {None}
        assert bound == {c.id for c in COMMANDS if place in c.scopes and c.keys}
        assert bound == {binding.id for binding in bindings(place)}


def test_the_list_binds_the_same_keys_as_the_registry() -> None:
    own = {str(binding.id): set(binding.key.split(",")) for binding in table_bindings()}
    assert own == {f"table.{name}": set(split_keys(BY_ID[name].keys)) for name in TABLE_ACTIONS}


@pytest.mark.parametrize("key", ["j", "down", "G", "enter", "space", "ctrl+d", "pagedown", "tab", "escape", "x,enter"])
def test_the_interrupt_cannot_be_put_on_a_key_that_is_pressed_without_thinking(key: str) -> None:
    with pytest.raises(InvalidKeymap, match="interrupt cannot be put on"):
        Keys({"interrupt": key})


def test_an_unknown_command_is_named_with_the_known_ones() -> None:
    with pytest.raises(InvalidKeymap, match=r"“interupt”.*does not exist.*interrupt, filter"):
        Keys({"interupt": "x"})


def test_a_dialogs_keys_stay_as_they_are() -> None:
    with pytest.raises(InvalidKeymap, match=r"“result.close”.*does not exist"):
        Keys({"result.close": "x"})


def test_every_key_that_a_screen_or_dialog_binds_is_in_the_registry() -> None:
    for scope, screen in SCREENS.items():
        registered = {key for c in COMMANDS if scope in c.scopes for key in split_keys(c.keys)}
        own = [binding for binding in screen.__dict__.get("BINDINGS", []) if isinstance(binding, Binding)]
        extra = {key for binding in own for key in split_keys(binding.key)} - registered
        assert not extra, (scope, extra)


def test_two_commands_on_one_key_are_named() -> None:
    with pytest.raises(InvalidKeymap, match=r"The key h is given to both .*history.* and .*refresh"):
        Keys({"refresh": "h"})


def test_keys_may_change_places() -> None:
    keys = Keys({"refresh": "h", "history": "r"})
    assert keys.shown(BY_ID["refresh"]) == "h"
    assert keys.command_for("r", Scope.SERVERS) is BY_ID["history"]


def test_a_command_without_a_key_is_refused() -> None:
    with pytest.raises(InvalidKeymap, match="is given no key"):
        Keys({"refresh": " , "})


def test_a_change_reaches_the_lists_own_bindings() -> None:
    assert Keys({"down": "b"}).for_textual() == {"down": "b", "table.down": "b"}


def test_keys_are_written_as_people_write_them() -> None:
    assert key_text("j,down") == "j ↓"
    assert key_text(":,ctrl+p") == ": Ctrl+P"
    assert key_text("exclamation_mark") == "!"


def test_a_pressed_key_is_found_by_either_spelling() -> None:
    keys = Keys()
    assert keys.command_for("exclamation_mark", Scope.SERVERS) is BY_ID["interrupt"]
    assert keys.command_for("!", Scope.SERVERS) is BY_ID["interrupt"]
    assert keys.command_for("slash", Scope.DETAILS) is None


def test_the_documents_table_has_every_command_and_key() -> None:
    table = key_table_markdown()
    for command in COMMANDS:
        assert f"| {command.description} | {'' if command.is_fixed else command.id} |" in table
        for key in split_keys(command.keys):
            assert f"`{key_text(key)}`" in table
