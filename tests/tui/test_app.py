"""The frame around the screens: size, colours, palette, and what happens when something breaks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from ncpconsole.ncp.identity import CallerIdentity
from ncpconsole.tui.app import ConsoleApp
from ncpconsole.tui.background import FLOW
from ncpconsole.tui.messages import SendFinished, Watched, WatchEnded
from ncpconsole.tui.palette import ConsoleCommands
from ncpconsole.tui.screens.base import TooSmallScreen
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.themes import CLEAR, DAY, NIGHT, over_ssh
from tests.core.records import NOON, intent
from tests.tui.console_driver import Accounts, HeldClient, open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend

CANARY = "canary-4b1d-secret"


@pytest.mark.parametrize("size", [(59, 24), (80, 15), (20, 5)])
async def test_a_terminal_that_is_too_small_says_so_and_takes_no_key(backend: Backend, size: tuple[int, int]) -> None:
    async with open_console(backend) as console:
        await console.pilot.resize_terminal(*size)
        await console.wait_for_screen(TooSmallScreen)
        assert f"{size[0]}×{size[1]}" in console.text
        await console.press("e", "exclamation_mark", "q", "space")
        assert isinstance(console.app.screen, TooSmallScreen)
        assert console.app.is_running
        await console.pilot.resize_terminal(60, 16)
        await console.wait_for(lambda: console.app.screen is console.servers)
        assert console.servers.model.marked == frozenset()


async def test_a_dialog_survives_a_terminal_that_is_too_small_for_a_while(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.open_dialog(backend.row().key)
        dialog = console.app.screen
        await console.pilot.resize_terminal(40, 10)
        await console.wait_for_screen(TooSmallScreen)
        await console.pilot.resize_terminal(80, 24)
        await console.wait_for(lambda: console.app.screen is dialog)


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 36), (200, 60)])
async def test_every_size_uses_its_lines(backend: Backend, size: tuple[int, int]) -> None:
    async with open_console(backend, size=size) as console:
        lines = console.text.splitlines()
        assert len(lines) == size[1]
        header, filter_line, titles, *rows, footer = lines
        assert "eligible" in header
        assert "press / to filter" in filter_line
        assert "NAME" in titles
        assert "? help" in footer
        assert sum(bool(row.strip()) for row in rows) == min(len(rows), len(backend.servers))
        assert all(len(line) <= size[0] for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("theme", [NIGHT.name, DAY.name, CLEAR.name, "textual-light", "ansi-dark", "ansi-light"])
async def test_themes(backend: Backend, theme: str) -> None:
    async with open_console(backend, theme=theme) as console:
        assert console.app.theme == theme
        assert console.app.current_theme.name == theme
        await console.press("question_mark", "q", "enter", "q", "slash", "escape")
        assert console.app.is_running


async def test_an_unknown_theme_leaves_the_default(backend: Backend) -> None:
    async with open_console(backend, theme="no-such-theme") as console:
        assert console.app.theme == NIGHT.name


async def test_no_color_takes_the_colours_away_and_leaves_the_words(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_console(backend) as console:
        assert console.app.no_color
        assert "● eligible" in console.text
        assert "○ not XEN: KVM" in console.text


async def test_ascii_marks_leave_no_other_character_where_marks_are(backend: Backend) -> None:
    async with open_console(backend, ascii_marks=True) as console:
        await console.press("space")
        table = [line for line in console.text.splitlines()[2:-1] if line.isascii()]
        assert any(line.startswith(">") for line in table)
        assert any("* eligible" in line for line in table)
        assert any("+" in line for line in table)
        assert console.text.splitlines()[0].isascii()
        assert not {"●", "○", "▲", "▌"} & set(console.text)


async def test_columns_are_the_operators(backend: Backend) -> None:
    async with open_console(backend, columns=("name", "status", "verdict")) as console:
        titles = console.text.splitlines()[2]
        assert "NUMBER" not in titles
        assert "STATUS" in titles


def test_over_ssh_nothing_is_animated(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not over_ssh({})
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 22 192.0.2.2 22")
    assert ConsoleApp(Accounts(backend)).animation_level == "none"
    monkeypatch.delenv("SSH_CONNECTION")
    assert ConsoleApp(Accounts(backend)).animation_level == "full"


@pytest.mark.parametrize(
    ("cosmetic", "line"),
    [
        ({"keymap": {"interrupt": "enter"}}, "The interrupt cannot be put on"),
        ({"keymap": {"interupt": "f9"}}, "The configured keys name the command"),
        ({"columns": ("nmae",)}, "The configured columns name"),
        ({"theme": "no-such-theme"}, "There is no theme"),
    ],
)
async def test_what_only_pleases_falls_back_with_a_line_and_locks_nobody_out(
    backend: Backend, cosmetic: dict[str, Any], line: str
) -> None:
    app = ConsoleApp(Accounts(backend), **cosmetic)
    assert [note for note in app.startup_notes if line in note]
    async with open_console(backend, **cosmetic) as console:
        await console.wait_for_text(line)
        await console.press("escape")
        await console.wait_for_text("VERDICT")


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_the_palette_runs_commands(backend: Backend, key: str) -> None:
    async with open_console(backend) as console:
        every = len(console.names)
        await console.press(key)
        await console.wait_for_screen(CommandPalette)
        await console.write("only what may")
        await console.wait_for_text("only what may be interrupted")
        await console.press("enter")
        await console.wait_for(lambda: len(console.names) < every)


async def test_the_palette_offers_only_what_is_possible(backend: Backend) -> None:
    async with open_console(Accounts(backend, held=asyncio.Event()), listed=False) as console:
        await console.wait_for_text("Opening")
        offered = {command.id for command in ConsoleCommands(console.servers).offered()}
        assert {"quit", "help", "profile"} <= offered
        assert not offered & {"interrupt", "copy_number", "history", "down"}


async def test_the_palette_does_not_open_over_a_dialog(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.open_dialog(backend.row().key)
        await console.press("ctrl+p")
        await console.wait_for_idle()
        assert isinstance(console.app.screen, ConfirmScreen)


@pytest.mark.parametrize("key", ["ctrl+p", "colon"])
async def test_over_a_dialog_the_palette_s_key_says_why_it_opens_nothing(backend: Backend, key: str) -> None:
    why = "The palette has commands of the list and its screens: close this first, with Esc."
    async with open_console(backend) as console:
        await console.press("h")
        await console.wait_for_screen(HistoryScreen)
        await console.press(key)
        await console.wait_for(lambda: why in " ".join(console.text.replace("│", " ").split()))
        await console.press("escape")
        await console.open_dialog(backend.row().key)
        await console.press(key)
        await console.wait_for_idle()
        # In a box the colon is a letter.
        assert ("The palette has" in console.text) == (key == "ctrl+p")
        assert isinstance(console.app.screen, ConfirmScreen)
        assert console.app.screen.confirmation.typed == ("" if key == "ctrl+p" else ":")


async def test_the_palette_copies_a_curl_line_without_secrets(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("colon")
        await console.write("curl")
        await console.wait_for_text("Copy curl line")
        await console.press("enter")
        await console.wait_for(lambda: "curl" in console.app.clipboard)
        assert backend.simulator.secret_key not in console.app.clipboard
        assert backend.simulator.access_key not in console.app.clipboard
        assert "getServerInstanceDetail" in console.app.clipboard


async def test_the_cursor_does_not_blink(backend: Backend) -> None:
    async with open_console(backend) as console:
        assert not any(box.cursor_blink for box in console.servers.query(Input))


# When something breaks


async def test_a_second_interrupt_key_never_cancels_the_first(backend: Backend) -> None:
    async with open_console(backend) as console:
        going, ended = asyncio.Event(), asyncio.Event()

        async def flow() -> None:
            going.set()
            await ended.wait()

        console.app.interrupt_commands.run(flow)
        await console.wait_for(going.is_set)
        await console.press("exclamation_mark")
        await console.wait_for_text("is being prepared already")
        flows = [worker for worker in console.app.workers if worker.group == FLOW]
        assert len(flows) == 1
        assert flows[0].is_running
        assert flows[0].node is console.app
        ended.set()
        await console.wait_for(lambda: flows[0].is_finished)


async def test_a_flow_that_breaks_is_said_and_the_program_goes_on(backend: Backend) -> None:
    async with open_console(backend) as console:

        async def flow() -> None:
            secret = CANARY
            raise ZeroDivisionError(f"a bug of {len(secret)}")

        console.app.interrupt_commands.run(flow)
        await console.wait_for_text("An internal error ended this dialog", "ZeroDivisionError")
        assert console.app.is_running
        assert CANARY not in console.text
        await console.press("j")


async def test_what_a_watch_sees_stands_above_the_footer(backend: Backend) -> None:
    from ncpconsole.core.records import Observation

    async with open_console(backend) as console:
        seen = Observation(NOON, "status", "RUN", "\x1b[31mNSTOP")
        watched = replace(intent(), observations=(seen,))
        console.app.post_message(Watched(watched, seen))
        await console.wait_for_text("STATE running → \\x1b[31mNSTOP")
        assert console.text.splitlines()[-2].strip().startswith(watched.draft.server_name)
        console.app.post_message(WatchEnded(watched, "the journal is full"))
        await console.wait_for_text("STATE running → \\x1b[31mNSTOP · the journal is full")  # not in its place
        console.app.post_message(SendFinished("1"))
        await console.wait_for_idle()


async def test_a_crash_keeps_no_traceback_for_the_terminal(backend: Backend) -> None:
    apps: list[ConsoleApp] = []

    async def break_it() -> None:
        async with open_console(backend) as console:
            apps.append(console.app)
            secret = CANARY
            console.app.call_later(lambda: len(secret) / 0)
            await console.wait_for(lambda: console.app.crash is not None)

    with pytest.raises(ZeroDivisionError):
        await break_it()
    assert apps[0]._exit_renderables == []
    assert isinstance(apps[0].crash, ZeroDivisionError)
    assert apps[0].return_code == 1


async def test_the_header_tells_whose_key_it_is_and_waits_for_nobody(backend: Backend) -> None:
    told = asyncio.Event()

    async def caller_identity(self: HeldClient) -> CallerIdentity:
        await told.wait()
        self.caller = CallerIdentity("mina", "team-alias", "Sub")
        return self.caller

    with patch.object(HeldClient, "caller_identity", caller_identity):
        async with open_console(backend, size=(140, 36)) as console:
            assert "as mina" not in console.text
            told.set()
            await console.wait_for_text("as mina@team-alias")


async def test_a_theme_that_there_is_not_is_said_and_costs_no_more(backend: Backend) -> None:
    async with open_console(backend, theme="nonsense\x1b]0;x\x07", listed=False) as console:
        await console.wait_for_text("There is no theme “nonsense")
        assert "\x1b" not in console.text
        await console.wait_for_list()
        assert console.app.theme in console.app.available_themes
