"""Notices go by themselves, and none holds up the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets._toast import Toast

from ncpconsole.tui.textual_fixes.app import Notice
from tests.tui.console_driver import open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend


async def test_a_notice_whose_time_ends_while_it_is_drawn_goes(backend: Backend) -> None:
    async with open_console(backend) as console:
        Notice("too late", "", "information", 4, markup=False).show(console.app)
        await console.wait_for_text("too late")
        (notice,) = console.app._notifications
        notice.raised_at -= 10
        assert notice.has_expired
        toast = Toast(notice)
        assert toast._timeout > 0  # less, and its timer would take the program's time for ever
        await console.app.screen.mount(toast)
        await console.wait_for(lambda: not toast.is_attached)
