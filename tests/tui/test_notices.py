"""Notices go by themselves, and none holds up the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets._toast import Toast

from tests.tui.desk import Accounts, sit_down

if TYPE_CHECKING:
    from tests.tui.bench import Bench


async def test_a_notice_whose_time_ends_while_it_is_drawn_goes(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        desk.app.say("too late")
        await desk.until_shown("too late")
        (notice,) = desk.app._notifications
        notice.raised_at -= 10
        assert notice.has_expired
        toast = Toast(notice)
        assert toast._timeout > 0  # less, and its timer would take the program's time for ever
        await desk.app.screen.mount(toast)
        await desk.until(lambda: not toast.is_attached)
