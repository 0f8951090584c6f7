"""The Korean input method is on: its keys are commands, never the interrupt, and text in a box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ncpconsole.tui import screens
from ncpconsole.tui.keymap import latin_key
from tests.tui.console_driver import open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend

IS_ON = "The Korean input method is on"


async def test_the_keys_of_the_list_do_what_they_do_in_latin_letters(backend: Backend) -> None:
    async with open_console(backend) as console:
        first = console.selected
        await console.press("ㅓ")
        assert console.selected != first
        await console.press("ㅏ")
        assert console.selected == first
        every = len(console.names)
        await console.press("ㄷ")
        await console.wait_for(lambda: len(console.names) < every)
        await console.press("ㄷ")
        await console.wait_for(lambda: len(console.names) == every)
        order = console.names
        await console.press("ㄴ")
        await console.wait_for(lambda: console.names != order)
        await console.press("ㅔ")
        await console.wait_for_screen(screens.ProfilePicker)
        await console.press("escape")
        await console.press("ㅗ")
        await console.wait_for_screen(screens.HistoryScreen)
        await console.press("ㅁ")
        await console.wait_for_text("all gateways")
        await console.press("ㅂ")
        await console.wait_for(lambda: console.app.screen is console.servers)
        await console.press("ㅂ")
        await console.wait_for(lambda: not console.app.is_running)


async def test_it_never_interrupts_and_says_why(backend: Backend) -> None:
    async with open_console(backend, keymap={"interrupt": "x"}) as console:
        for key in ("ㅌ", "！", "가"):
            await console.press(key)
            assert console.app.screen is console.servers
        await console.wait_for_text(IS_ON)
        assert backend.sends == 0


@pytest.mark.parametrize("key", ["！", "ｊ", "／"])
async def test_full_width_letters_are_no_command_and_it_is_said(backend: Backend, key: str) -> None:
    async with open_console(backend) as console:
        before = console.selected
        await console.press(key)
        await console.wait_for_text("full-width")
        assert console.app.screen is console.servers
        assert console.selected == before
        await console.press("h")
        await console.wait_for_screen(screens.HistoryScreen)
        await console.wait_for(lambda: "full-width" not in console.text)
        await console.press(key)
        await console.wait_for_text("full-width")


async def test_in_the_filter_it_is_text(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("slash", "ㄷ", "ㅓ")
        assert console.servers.model.filter_text == "ㄷㅓ"


async def test_in_the_name_s_box_it_is_text_and_said(backend: Backend) -> None:
    async with open_console(backend) as console:
        dialog = await console.open_dialog(backend.row().key)
        await console.press("ㅈ", "ㄷ")
        await console.wait_for_text("Korean input is on")
        assert dialog.confirmation.typed == "ㅈㄷ"


async def test_the_number_does_as_well_as_the_name(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.open_dialog(row.key)
        await console.write(row.number)
        await console.wait_for_text("✓ matches")
        await console.press("enter")
        await console.wait_for_text("enter SENDS")
        await console.press("enter")
        await console.wait_for_text("ACCEPTED")
    (intent,) = backend.intents()
    assert intent.draft.typed == row.number


@pytest.mark.parametrize(("key", "latin"), [("ㅓ", "j"), ("ㅆ", "T"), ("ctrl+ㅇ", "ctrl+d"), ("！", None), ("j", None)])
def test_the_layout(key: str, latin: str | None) -> None:
    assert latin_key(key) == latin
