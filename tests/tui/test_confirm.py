"""The dialog before a send: what it shows, what it asks, and that nothing else than the right text sends."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual import events
from textual.widgets import Button, Input

from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.models import Activity, Server
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.small_dialogs import RefusalDialog
from ncpconsole.tui.text.server import ConfirmField
from ncpconsole.tui.widgets.panels import moment_text
from tests.core.fakes import NOTHING_AROUND
from tests.tui.bench import Bench, Table, open_bench, sit_down

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ncpconsole.core.eligibility import Verdict


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A simulator and a journal."""
    async with open_bench(tmp_path) as opened:
        yield opened


def busy(server: Server, judged: Verdict) -> bool:
    """A server with a caution: an operation is in progress."""
    return judged.eligible and bool(judged.cautions)


async def leave(table: Table) -> None:
    """Close whatever is open."""
    while not table.app.screen.is_current or table.app.screen is not table.app.servers:
        await table.press("escape")
        await table.pilot.pause(0.01)


async def test_typing_the_name_then_enter_twice_sends_once(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await table.interrupt(row)
        await table.write(row.name)
        await table.press("enter")
        assert table.focus == "send"
        assert bench.sends == 0
        await table.press("enter")
        await table.until_on(ResultScreen)
        await table.until(lambda: "ACCEPTED" in table.text)
        assert [sent.server_no for sent in bench.simulator.interrupts] == [row.number]


async def test_keys_that_come_too_often_send_no_second_time(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await table.interrupt(row)
        await table.write(row.name)
        await table.press("enter", "enter", "enter", "enter", "space", "enter")
        await table.until(lambda: "ACCEPTED" in table.text)
        assert bench.sends == 1
        assert len(bench.intents()) == 1


async def test_two_clicks_on_send_send_once(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await table.interrupt(row)
        await table.write(row.name)
        button = table.app.screen.query_one("#send", Button)
        table.app.screen.post_message(Button.Pressed(button))
        table.app.screen.post_message(Button.Pressed(button))
        await table.until(lambda: "ACCEPTED" in table.text)
        assert bench.sends == 1


async def test_enter_alone_sends_nothing_wherever_the_focus_goes(bench: Bench) -> None:
    async with sit_down(bench) as table:
        await table.interrupt(bench.row())
        await table.press("enter", "enter", "enter")
        assert table.is_on(ConfirmScreen)
        await table.press("tab", "enter", "enter")
        await table.press("tab", "tab", "enter", "enter")
        await leave(table)
        assert bench.sends == 0
        assert bench.intents() == []


async def test_a_wrong_name_leaves_send_out_of_reach_and_says_so(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await table.interrupt(row)
        await table.write(row.name[:-1])
        assert "does not match yet" in table.text
        await table.write("x")
        assert "does not match" in table.text
        send = table.app.screen.query_one("#send", Button)
        assert send.disabled
        await table.press("enter", "tab", "tab", "enter")
        await table.until(lambda: bench.sends == 0)
        assert bench.intents() == []


async def test_the_words_follow_the_typing(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await table.interrupt(row)
        assert "nothing typed yet" in table.text
        await table.write(row.name.upper())
        assert "case differs" in table.text
        await table.press(*["backspace"] * len(row.name))
        await table.write(row.name)
        assert "✓ matches" in table.text
        await table.press("backspace")
        assert "✓ matches" not in table.text
        assert table.app.screen.query_one("#send", Button).disabled


@pytest.mark.parametrize(
    ("typed", "says", "enough"),
    [
        ("", "nothing typed yet", False),
        ("web", "does not match yet", False),
        ("web-1x", "does not match", False),
        ("WEB-1", "case differs", False),
        ("web-1", "matches", True),
        (" web-1 ", "matches", True),
    ],
)
def test_how_a_box_stands(typed: str, says: str, enough: bool) -> None:
    asked = ConfirmField("target", "Type the name", "web-1")
    assert (asked.status_text(typed), asked.matches(typed)) == (says, enough)


async def test_the_box_is_empty_suggests_nothing_and_takes_every_letter(bench: Bench) -> None:
    async with sit_down(bench) as table:
        await table.interrupt(bench.row())
        box = table.app.screen.query_one("#target", Input)
        assert (box.value, box.placeholder, box.suggester) == ("", "", None)
        await table.write("qh?e!")
        assert box.value == "qh?e!"
        assert table.is_on(ConfirmScreen)


@pytest.mark.parametrize("stage", ["empty", "typed", "at send", "in reason"])
async def test_escape_cancels_at_every_stage(bench: Bench, stage: str) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await table.interrupt(row)
        if stage != "empty":
            await table.write(row.name)
        if stage == "at send":
            await table.press("enter")
            assert table.focus == "send"
        if stage == "in reason":
            await table.press("tab")
            assert table.focus == "reason"
        await table.press("escape")
        await table.until(lambda: table.reports == [None])
        assert bench.sends == 0
        assert bench.intents() == []


async def test_pasting_the_name_is_refused_in_words(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await table.interrupt(row)
        box = table.app.screen.query_one("#target", Input)
        box.post_message(events.Paste(row.name))
        await table.until(lambda: "type it, not paste" in table.text)
        table.app.copy_to_clipboard(row.name)
        await table.press("ctrl+v")
        assert box.value == ""
        assert table.app.screen.query_one("#send", Button).disabled


async def test_a_name_that_not_every_keyboard_can_write_may_be_pasted(bench: Bench) -> None:
    names = [server.server_name for server in bench.servers]
    row = bench.row(
        lambda server, judged: (
            judged.state == "eligible"
            and not server.server_name.isascii()
            and names.count(server.server_name) == 1
        )
    )
    async with sit_down(bench) as table:
        await table.interrupt(row)
        table.app.screen.query_one("#target", Input).post_message(events.Paste(row.server.server_name))
        await table.until(lambda: "✓ matches" in table.text)


async def test_a_pasted_reason_loses_what_a_terminal_would_obey(bench: Bench) -> None:
    async with sit_down(bench) as table:
        await table.interrupt(bench.row())
        box = table.app.screen.query_one("#reason", Input)
        box.post_message(events.Paste("INC-7\x1b]52;c;AAAA\x07 \u202etxt\u200b\nsecond"))
        await table.until(lambda: box.value)
        assert box.value == "INC-7]52;c;AAAA txt"


async def test_a_caution_asks_for_the_number(bench: Bench) -> None:
    row = bench.row(busy)
    async with sit_down(bench) as table:
        await table.interrupt(row)
        assert "Type the number" in table.text
        await table.write(row.server.server_name)
        await table.press("enter")
        assert table.app.screen.query_one("#send", Button).disabled
        await table.press("ctrl+u")
        await table.write(row.number)
        await table.press("enter")
        assert table.focus == "send"


async def test_a_protected_profile_asks_for_its_name_too(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench, bench.session(protected=True)) as table:
        await table.interrupt(row)
        assert "PROTECTED" in table.text
        await table.write(row.name)
        await table.press("enter")
        assert table.focus == "profile"
        assert table.app.screen.query_one("#send", Button).disabled
        await table.write("prod")
        await table.press("enter")
        assert table.focus == "send"
        await table.press("enter")
        await table.until(lambda: "ACCEPTED" in table.text)
        assert bench.sends == 1


async def test_a_required_reason_is_asked_for_and_recorded(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench, bench.session(require_reason=True)) as table:
        await table.interrupt(row)
        assert "required" in table.text
        await table.write(row.name)
        await table.press("enter")
        assert table.focus == "reason"
        await table.write("   ")
        assert table.app.screen.query_one("#send", Button).disabled
        await table.write("INC-7 hangs")
        await table.press("enter", "enter")
        await table.until(lambda: "ACCEPTED" in table.text)
        assert bench.intents()[0].draft.reason == "INC-7 hangs"


async def test_read_only_explains_and_cannot_send(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench, bench.session(read_only=True, read_only_because="--read-only")) as table:
        await table.interrupt(row)
        assert "READ-ONLY" in table.text
        assert "--read-only" in table.text
        assert "What will happen" in table.text
        await table.write(row.name)
        assert "✓ matches" in table.text
        assert "cannot be sent" in table.text
        button = table.app.screen.query_one("#send", Button)
        assert button.disabled
        table.app.screen.post_message(Button.Pressed(button))
        await table.press("enter", "tab", "tab", "enter")
        await leave(table)
        assert bench.sends == 0
        assert bench.intents() == []


async def test_it_names_everything_an_operator_decides_by(bench: Bench) -> None:
    row = replace(bench.row(), private_ips=("10.9.8.7",))
    async with sit_down(bench, size=(120, 60)) as table:
        await table.interrupt(row)
        shown = table.text
        for expected in (row.name, row.number, row.region, row.zone, "prod", "10.9.8.7", "RUN running"):
            assert expected in shown
        for expected in ("bug check 0x80", "in memory", "Complete memory dump", "page file", "overwriting"):
            assert expected in shown
        assert "Automatically restart" in shown


async def test_earlier_interrupts_are_in_view_when_the_number_is_asked(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench) as table:
        await table.interrupt(row)
        await table.write(row.name)
        await table.press("enter", "enter")
        await table.until(lambda: "ACCEPTED" in table.text)
        await table.press("escape")
        client = bench.clients[-1]
        await table.until(lambda: len(table.reports) == 1)
        await table.until(lambda: any(seen.field == "server" for seen in bench.intents()[0].observations))
        client.log = []
        await table.interrupt(row)
        shown = table.text
        assert "Type the number" in shown
        assert "accepted" in shown
        assert "mina on bastion-1" in shown


async def test_the_activity_log_comes_late_and_its_absence_is_said(bench: Bench) -> None:
    row = bench.row()
    async with sit_down(bench, size=(120, 60)) as table:
        client = bench.clients[-1]
        client.log = [
            Activity(
                event_time=1_700_000_000_000,
                resource_id=row.number,
                action_display_name="Restart [bold]",
                action_result_type="SUCCESS",
                action_user_type="CUSTOMER",
                source_ip="192.0.2.7",
            ),
            Activity(event_time=10**18, resource_id=row.number, action_display_name="Odd"),
            Activity(event_time=1_700_000_000_000, resource_id="1", action_display_name="Another server"),
        ]
        await table.interrupt(row)
        await table.until(lambda: "Restart [bold]" in table.text)
        when = moment_text(datetime.fromtimestamp(1_700_000_000, UTC))
        assert f"{when}  Restart [bold]  SUCCESS  by CUSTOMER  from 192.0.2.7" in table.text
        assert "at an unreadable time  Odd" in table.text
        assert "Another server" not in table.text
        await table.press("escape")
        await table.until(lambda: len(table.reports) == 1)
        client.log = NotReached("The activity tracer is not reached.")
        await table.interrupt(row)
        await table.until(
            lambda: "activity log: unavailable (The activity tracer is not reached.)" in table.text
        )
        await table.write(row.name)
        assert not table.app.screen.query_one("#send", Button).disabled


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (120, 36)])
async def test_boxes_and_buttons_are_in_view_whatever_is_said_above(
    bench: Bench, size: tuple[int, int]
) -> None:
    row = bench.row(busy)
    async with sit_down(bench, bench.session(protected=True, require_reason=True), size=size) as table:
        await table.interrupt(row)
        screen = table.app.screen
        for box in ("#target", "#profile", "#reason", "#send", "#cancel", "#hints"):
            region = screen.query_one(box).region
            assert region.height > 0
            assert region.width > 4
            assert screen.region.contains_region(region)
        text = table.text
        await table.press("pagedown")
        assert table.text != text or size == (120, 36)


async def test_a_hostile_name_is_drawn_as_it_is(bench: Bench) -> None:
    server = bench.row().server
    hostile = msgspec.structs.replace(server, server_name="[@click=app.quit]x[/] \x1b]0;t\x07\u202e")
    async with sit_down(bench, size=(120, 36)) as table:
        plan = await table.session.interrupter.plan(bench.region, server.server_instance_no, NOTHING_AROUND)
        screen = ConfirmScreen(table.session, replace(plan, server=hostile))
        table.app.push_screen(screen)
        await table.until_on(ConfirmScreen)
        assert "[@click=app.quit]x[/] \\x1b]0;t\\x07\\u202e" in table.text
        assert not any(ord(character) < 32 and character != "\n" for character in table.text)


async def test_a_blocked_server_gets_every_reason_and_no_box(bench: Bench) -> None:
    row = bench.row(lambda server, judged: len(judged.reasons) >= 2)
    async with sit_down(bench, size=(120, 36)) as table:
        await table.interrupt(row)
        assert table.is_on(RefusalDialog)
        shown = " ".join(table.text.split())
        for reason in row.verdict.reasons:
            assert all(word in shown for word in reason.split())
        assert not table.app.screen.query(Input)
        await table.press("enter")
        await table.until(lambda: table.reports == [None])
        assert bench.sends == 0


# Letters come from everything but the last character of the name, so nothing typed can ever be right.
MOVES = ["enter", "tab", "shift+tab", "left", "right", "home", "end", "up", "down", "pageup", "pagedown"]
EDITS = ["space", "backspace", "delete", "ctrl+u", "ctrl+w", "ctrl+v", "ctrl+x", "ctrl+a"]
KEYS = [*MOVES, *EDITS, "minus", "exclamation_mark", "a"]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_no_keys_but_the_right_name_ever_send(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with open_bench(Path(directory), servers=24) as bench:
            row = bench.row()
            alphabet = KEYS + sorted(
                {character for character in row.name if character.isalnum()} - {row.name[-1]}
            )
            keys = data.draw(st.lists(st.sampled_from(alphabet), max_size=40))
            async with sit_down(bench) as table:
                await table.interrupt(row)
                await table.write(row.name[:-1])
                for key in keys:
                    if not table.is_on(ConfirmScreen):
                        break
                    await table.press(key)
                await table.pilot.pause()
                assert bench.sends == 0
                assert bench.intents() == []


async def test_earlier_interrupts_are_in_view_at_eighty_by_twenty_four_with_every_box(bench: Bench) -> None:
    async with sit_down(bench, bench.session(protected=True, require_reason=True)) as table:
        await table.interrupt(bench.row())
        assert "none in this console's journal" in table.text
