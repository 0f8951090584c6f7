"""What every dialog keeps to: it leaves once, and never takes another screen with it."""

from __future__ import annotations

import re

from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static

from ncpconsole.tui.screens.small_dialogs import RefusalDialog
from ncpconsole.tui.widgets.dialog import Body, Dialog
from tests.tui.console_driver import STYLES, DialogHost, screen_text, wait_for_idle


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


class Long(Dialog[None]):
    """A dialog of one long text and a line under it."""

    def compose(self) -> ComposeResult:
        with Body():
            yield Static("word " * 400, id="long")
            yield Static("end", id="end")


async def test_a_body_knows_what_of_it_was_in_sight() -> None:
    app = DialogHost()
    async with app.run_test(size=(40, 16)) as pilot:
        app.push_screen(Long())
        await pilot.pause()
        body, parts = app.screen.query_one(Body), list(app.screen.query(Static))

        def unread() -> list[str | None]:
            body.look(parts)
            return [part.id for part in body.unread(parts)]

        assert unread() == ["long", "end"]
        # Its first and its last lines are not all of it.
        body.scroll_end(animate=False)
        await wait_for_idle()
        assert parts[1].region.y < app.size.height
        assert unread() == ["long"]
        # Broken anew, its lines are others.
        await pilot.resize_terminal(44, 16)
        body.scroll_home(animate=False)
        await wait_for_idle()
        for left in (["long"], ["long"], ["long"], []):
            assert unread() == left
            await pilot.press("pagedown")
            await wait_for_idle()
        # What was read stays read, until its words are others.
        await pilot.resize_terminal(40, 16)
        await wait_for_idle()
        assert unread() == []
        body.forget(parts[0])
        assert unread() == ["long"]


async def test_what_is_covered_is_not_in_sight() -> None:
    app = DialogHost()
    async with app.run_test(size=(40, 16)) as pilot:
        app.push_screen(below := Long())
        app.push_screen(RefusalDialog("above", ["one"]))
        await pilot.pause()
        body, parts = below.query_one(Body), list(below.query("#long").results(Static))
        for _ in range(4):
            below.action_page_body(1)
            await pilot.pause()
            body.look(parts)
        assert body.unread(parts) == parts


def test_styles_name_no_colour_of_their_own() -> None:
    text = re.sub(r"/\*.*?\*/", "", STYLES.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"#[0-9a-fA-F]{3,8}\s*[;%]|rgb\(|hsl\(", text)
