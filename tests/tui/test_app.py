"""The frame around the screens: size, colours, palette, and what happens when something breaks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from ncpconsole.tui.app import ConsoleApp
from ncpconsole.tui.keymap import InvalidKeymap
from ncpconsole.tui.messages import SendFinished, Watched, WatchEnded
from ncpconsole.tui.palette import ConsoleCommands
from ncpconsole.tui.screens.base import TooSmallScreen
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.server_keys import FLOW
from ncpconsole.tui.themes import CLEAR, DAY, NIGHT, over_ssh
from tests.core.records import NOON, intent
from tests.tui.desk import Accounts, sit_down

if TYPE_CHECKING:
    from tests.tui.bench import Bench

CANARY = "canary-4b1d-secret"


@pytest.mark.parametrize("size", [(59, 24), (80, 15), (20, 5)])
async def test_a_terminal_that_is_too_small_says_so_and_takes_no_key(
    bench: Bench, size: tuple[int, int]
) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.pilot.resize_terminal(*size)
        await desk.until(lambda: isinstance(desk.app.screen, TooSmallScreen))
        assert f"{size[0]}×{size[1]}" in desk.text
        await desk.press("e", "exclamation_mark", "q", "space")
        assert isinstance(desk.app.screen, TooSmallScreen)
        assert desk.app.is_running
        await desk.pilot.resize_terminal(60, 16)
        await desk.until(lambda: desk.app.screen is desk.servers)
        assert desk.servers.marked == frozenset()


async def test_a_dialog_survives_a_terminal_that_is_too_small_for_a_while(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        desk.servers.table.select(bench.row().key)
        await desk.press("exclamation_mark")
        await desk.until(lambda: isinstance(desk.app.screen, ConfirmScreen))
        dialog = desk.app.screen
        await desk.pilot.resize_terminal(40, 10)
        await desk.until(lambda: isinstance(desk.app.screen, TooSmallScreen))
        await desk.pilot.resize_terminal(80, 24)
        await desk.until(lambda: desk.app.screen is dialog)


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 36), (200, 60)])
async def test_every_size_uses_its_lines(bench: Bench, size: tuple[int, int]) -> None:
    async with sit_down(Accounts(bench), size=size) as desk:
        lines = desk.text.splitlines()
        assert len(lines) == size[1]
        header, filter_line, titles, *rows, footer = lines
        assert "eligible" in header
        assert "press / to filter" in filter_line
        assert "NAME" in titles
        assert "? help" in footer
        assert sum(bool(row.strip()) for row in rows) == min(len(rows), len(bench.servers))
        assert all(len(line) <= size[0] for line in lines)


@pytest.mark.parametrize(
    "theme", [NIGHT.name, DAY.name, CLEAR.name, "textual-light", "ansi-dark", "ansi-light"]
)
async def test_themes(bench: Bench, theme: str) -> None:
    async with sit_down(Accounts(bench), theme=theme) as desk:
        assert desk.app.theme == theme
        assert desk.app.current_theme.name == theme
        await desk.press("question_mark", "q", "enter", "q", "slash", "escape")
        assert desk.app.is_running


async def test_an_unknown_theme_leaves_the_default(bench: Bench) -> None:
    async with sit_down(Accounts(bench), theme="no-such-theme") as desk:
        assert desk.app.theme == NIGHT.name


async def test_no_color_takes_the_colours_away_and_leaves_the_words(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with sit_down(Accounts(bench)) as desk:
        assert desk.app.no_color
        assert "● eligible" in desk.text
        assert "○ KVM" in desk.text


async def test_ascii_marks_leave_no_other_character_where_marks_are(bench: Bench) -> None:
    async with sit_down(Accounts(bench), ascii_marks=True) as desk:
        await desk.press("space")
        table = [line for line in desk.text.splitlines()[2:-1] if line.isascii()]
        assert any(line.startswith(">") for line in table)
        assert any("* eligible" in line for line in table)
        assert any("+" in line for line in table)
        assert desk.text.splitlines()[0].isascii()
        assert not {"●", "○", "▲", "▌"} & set(desk.text)


async def test_columns_are_the_operators(bench: Bench) -> None:
    async with sit_down(Accounts(bench), columns=("name", "status", "verdict")) as desk:
        titles = desk.text.splitlines()[2]
        assert "NUMBER" not in titles
        assert "STATUS" in titles


def test_over_ssh_nothing_is_animated(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not over_ssh({})
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 22 192.0.2.2 22")
    assert ConsoleApp(Accounts(bench)).animation_level == "none"
    monkeypatch.delenv("SSH_CONNECTION")
    assert ConsoleApp(Accounts(bench)).animation_level == "full"


def test_keys_that_cannot_be_are_refused_before_anything_opens(bench: Bench) -> None:
    with pytest.raises(InvalidKeymap):
        ConsoleApp(Accounts(bench), keymap={"interrupt": "enter"})


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_the_palette_runs_commands(bench: Bench, key: str) -> None:
    async with sit_down(Accounts(bench)) as desk:
        every = len(desk.names)
        await desk.press(key)
        await desk.until(lambda: isinstance(desk.app.screen, CommandPalette))
        await desk.write("only servers that may")
        await desk.until_shown("Show only servers that may be interrupted")
        await desk.press("enter")
        await desk.until(lambda: len(desk.names) < every)


async def test_the_palette_offers_only_what_is_possible(bench: Bench) -> None:
    async with sit_down(Accounts(bench, held=asyncio.Event()), listed=False) as desk:
        await desk.until_shown("Opening")
        offered = {command.id for command in ConsoleCommands(desk.servers).offered()}
        assert {"quit", "help", "profile"} <= offered
        assert not offered & {"interrupt", "copy_number", "history", "down"}


async def test_the_palette_does_not_open_over_a_dialog(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        desk.servers.table.select(bench.row().key)
        await desk.press("exclamation_mark")
        await desk.until(lambda: isinstance(desk.app.screen, ConfirmScreen))
        await desk.press("ctrl+p")
        await desk.pilot.pause()
        assert isinstance(desk.app.screen, ConfirmScreen)


async def test_the_palette_copies_a_curl_line_without_secrets(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.press("colon")
        await desk.write("curl")
        await desk.until_shown("Copy a curl line")
        await desk.press("enter")
        await desk.until(lambda: "curl" in desk.app.clipboard)
        assert bench.simulator.secret_key not in desk.app.clipboard
        assert bench.simulator.access_key not in desk.app.clipboard
        assert "getServerInstanceDetail" in desk.app.clipboard


async def test_the_cursor_does_not_blink(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        assert not any(box.cursor_blink for box in desk.servers.query(Input))


# When something breaks


async def test_a_second_interrupt_key_never_cancels_the_first(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        going, ended = asyncio.Event(), asyncio.Event()

        async def flow() -> None:
            going.set()
            await ended.wait()

        desk.app.run_flow(flow)
        await desk.until(going.is_set)
        await desk.press("exclamation_mark")
        await desk.until_shown("is being prepared already")
        flows = [worker for worker in desk.app.workers if worker.group == FLOW]
        assert len(flows) == 1
        assert flows[0].is_running
        assert flows[0].node is desk.app
        ended.set()
        await desk.until(lambda: flows[0].is_finished)


async def test_a_flow_that_breaks_is_said_and_the_program_goes_on(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:

        async def flow() -> None:
            secret = CANARY
            raise ZeroDivisionError(f"a bug of {len(secret)}")

        desk.app.run_flow(flow)
        await desk.until_shown("An internal error ended this dialog", "ZeroDivisionError")
        assert desk.app.is_running
        assert CANARY not in desk.text
        await desk.press("j")


async def test_what_a_watch_sees_stands_above_the_footer(bench: Bench) -> None:
    from ncpconsole.core.journal.records import Observation

    async with sit_down(Accounts(bench)) as desk:
        watched = intent()
        desk.app.post_message(Watched(watched, Observation(NOON, "status", "RUN", "\x1b[31mNSTOP")))
        await desk.until_shown("status: RUN running, now \\x1b[31mNSTOP")
        assert desk.text.splitlines()[-2].strip().startswith(watched.draft.server_name)
        desk.app.post_message(WatchEnded(watched, "the journal is full"))
        await desk.until_shown("the journal is full")
        desk.app.post_message(SendFinished("1", None))
        await desk.pilot.pause()


async def test_a_crash_keeps_no_traceback_for_the_terminal(bench: Bench) -> None:
    apps: list[ConsoleApp] = []

    async def break_it() -> None:
        async with sit_down(Accounts(bench)) as desk:
            apps.append(desk.app)
            secret = CANARY
            desk.app.call_later(lambda: len(secret) / 0)
            await desk.until(lambda: desk.app.crash is not None)

    with pytest.raises(ZeroDivisionError):
        await break_it()
    assert apps[0]._exit_renderables == []
    assert isinstance(apps[0].crash, ZeroDivisionError)
    assert apps[0].return_code == 1
