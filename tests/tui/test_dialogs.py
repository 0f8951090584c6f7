"""What every dialog keeps to: it leaves once, and never takes another screen with it."""

from __future__ import annotations

import re

from textual.screen import ModalScreen

from ncpconsole.tui.screens.small_dialogs import RefusalDialog
from tests.tui.console_driver import STYLES, DialogHost, screen_text


async def test_a_second_escape_closes_no_second_screen() -> None:
    app = DialogHost()
    async with app.run_test() as pilot:
        below = RefusalDialog("below", ["one"])
        above = RefusalDialog("above", ["two"])
        app.push_screen(below)
        app.push_screen(above)
        await pilot.pause()
        above.action_cancel()
        above.action_cancel()
        await pilot.pause()
        assert app.screen is below


async def test_a_covered_dialog_waits_until_it_is_uncovered() -> None:
    app = DialogHost()
    answers: list[None] = []
    async with app.run_test() as pilot:
        dialog = RefusalDialog("covered", ["one"])
        cover: ModalScreen[None] = ModalScreen()
        app.push_screen(dialog, answers.append)
        app.push_screen(cover)
        await pilot.pause()
        dialog.dismiss()
        await pilot.pause()
        assert app.screen is cover
        assert answers == []
        cover.dismiss()
        await pilot.pause()
        await pilot.pause()
        assert dialog not in app.screen_stack
        assert answers == [None]


async def test_reasons_are_drawn_as_they_are() -> None:
    app = DialogHost()
    async with app.run_test() as pilot:
        app.push_screen(RefusalDialog("[b]x[/]", ["[@click=app.quit]no[/]", "\x1b[2J\u202e", ":skull:"]))
        await pilot.pause()
        shown = screen_text(app)
    for expected in ("[b]x[/]", "[@click=app.quit]no[/]", "\\x1b[2J\\u202e", ":skull:"):
        assert expected in shown


def test_styles_name_no_colour_of_their_own() -> None:
    text = re.sub(r"/\*.*?\*/", "", STYLES.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"#[0-9a-fA-F]{3,8}\s*[;%]|rgb\(|hsl\(", text)
