"""The dialog before a send: what it shows, what it asks, and that nothing else than the right text sends."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual import events
from textual.widgets import Button, Input, Static

from ncpconsole.core.inventory import Addresses
from ncpconsole.core.journal.anchor import Mark, text_of
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.safe_text import cell_width
from ncpconsole.core.wording import day_and_clock
from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.models import Activity, Server
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.small_dialogs import RefusalDialog
from ncpconsole.tui.text.server import ConfirmField
from ncpconsole.tui.widgets.dialog import Body
from tests.core.fakes import NOTHING_AROUND
from tests.core.test_journal_anchor import MemoryAnchor
from tests.tui.console_driver import ORIGIN, Accounts, Backend, ConsoleDriver, open_backend, open_console

if TYPE_CHECKING:
    from ncpconsole.core.eligibility import Verdict


def busy(server: Server, judged: Verdict) -> bool:
    """A server with a caution: an operation is in progress."""
    return judged.eligible and bool(judged.cautions)


async def leave(console: ConsoleDriver) -> None:
    """Close whatever is open."""
    while not console.app.screen.is_current or console.app.screen is not console.app.servers:
        await console.press("escape")
        await console.pilot.pause(0.01)


async def test_typing_the_name_then_enter_twice_sends_once(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.confirm(row)
        assert console.focus == "send"
        assert backend.sends == 0
        await console.press("enter")
        await console.wait_for_screen(ResultScreen)
        await console.wait_for_text("ACCEPTED")
        assert [sent.server_no for sent in backend.simulator.interrupts] == [row.number]


async def test_keys_that_come_too_often_send_no_second_time(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.interrupt(row)
        await console.write(row.name)
        await console.press("enter", "enter", "enter", "enter", "space", "enter")
        # Its result may be closed by the last of them.
        await console.wait_for(lambda: backend.intents() and backend.intents()[0].outcome)
        assert backend.sends == 1
        assert len(backend.intents()) == 1


async def test_two_clicks_on_send_send_once(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.interrupt(row)
        await console.write(row.name)
        button = console.app.screen.query_one("#send", Button)
        console.app.screen.post_message(Button.Pressed(button))
        console.app.screen.post_message(Button.Pressed(button))
        await console.wait_for_text("ACCEPTED")
        assert backend.sends == 1


async def test_enter_alone_sends_nothing_wherever_the_focus_goes(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.interrupt(backend.row())
        await console.press("enter", "enter", "enter")
        assert console.is_on(ConfirmScreen)
        await console.press("tab", "enter", "enter")
        await console.press("tab", "tab", "enter", "enter")
        await leave(console)
        assert backend.sends == 0
        assert backend.intents() == []


async def test_a_wrong_name_leaves_send_out_of_reach_and_says_so(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.interrupt(row)
        await console.write(row.name[:-1])
        assert "does not match yet" in console.text
        await console.write("x")
        assert "does not match" in console.text
        send = console.app.screen.query_one("#send", Button)
        assert send.disabled
        await console.press("enter", "tab", "tab", "enter")
        await console.wait_for(lambda: backend.sends == 0)
        assert backend.intents() == []


async def test_the_words_follow_the_typing(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.interrupt(row)
        assert "nothing typed yet" in console.text
        await console.write(row.name.upper())
        assert "case differs" in console.text
        await console.press(*["backspace"] * len(row.name))
        await console.write(row.name)
        assert "✓ matches" in console.text
        await console.press("backspace")
        assert "✓ matches" not in console.text
        assert console.app.screen.query_one("#send", Button).disabled


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


async def test_the_box_is_empty_suggests_nothing_and_takes_every_letter(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.interrupt(backend.row())
        box = console.app.screen.query_one("#target", Input)
        assert (box.value, box.placeholder, box.suggester) == ("", "", None)
        await console.write("qh?e!")
        assert box.value == "qh?e!"
        assert console.is_on(ConfirmScreen)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["empty", "typed", "at send", "in reason"])
async def test_escape_cancels_at_every_stage(backend: Backend, stage: str) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.interrupt(row)
        if stage != "empty":
            await console.write(row.name)
        if stage == "at send":
            await console.press("enter")
            assert console.focus == "send"
        if stage == "in reason":
            await console.press("tab")
            assert console.focus == "reason"
        await console.press("escape")
        await console.wait_for(lambda: console.reports == [None])
        assert backend.sends == 0
        assert backend.intents() == []


async def test_pasting_the_name_is_refused_in_words(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.interrupt(row)
        box = console.app.screen.query_one("#target", Input)
        box.post_message(events.Paste(row.name))
        await console.wait_for_text("type it, not paste")
        console.app.copy_to_clipboard(row.name)
        await console.press("ctrl+v")
        assert box.value == ""
        assert console.app.screen.query_one("#send", Button).disabled


async def test_a_name_that_not_every_keyboard_can_write_may_be_pasted(backend: Backend) -> None:
    names = [server.server_name for server in backend.servers]
    row = backend.row(
        lambda server, judged: (
            judged.state == "eligible" and not server.server_name.isascii() and names.count(server.server_name) == 1
        )
    )
    async with open_console(backend) as console:
        await console.interrupt(row)
        console.app.screen.query_one("#target", Input).post_message(events.Paste(row.server.server_name))
        await console.wait_for_text("✓ matches")


async def test_a_pasted_reason_loses_what_a_terminal_would_obey(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.interrupt(backend.row())
        box = console.app.screen.query_one("#reason", Input)
        box.post_message(events.Paste("INC-7\x1b]52;c;AAAA\x07 \u202etxt\u200b\nsecond"))
        await console.wait_for(lambda: box.value)
        assert box.value == "INC-7]52;c;AAAA txt"


async def test_a_caution_asks_for_the_number(backend: Backend) -> None:
    row = backend.row(busy)
    async with open_console(backend) as console:
        await console.interrupt(row)
        assert "Type the number" in console.text
        await console.write(row.server.server_name)
        await console.press("enter")
        assert console.app.screen.query_one("#send", Button).disabled
        await console.press("ctrl+u")
        await console.write(row.number)
        await console.press("enter")
        assert console.focus == "send"


def frame_of(console: ConsoleDriver) -> str:
    """The colour of the dialog's frame."""
    _, colour = console.app.screen.query_one(".box").styles.border_top
    return colour.hex.lower()


async def test_only_the_frame_of_a_protected_profile_is_that_of_danger(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.interrupt(backend.row())
        assert frame_of(console) == console.app.theme_variables["warning"].lower()


async def test_a_protected_profile_asks_for_its_name_too(backend: Backend) -> None:
    row = backend.row()
    async with open_console(Accounts(backend, policies={"prod": {"protected": True}})) as console:
        await console.interrupt(row)
        assert "PROTECTED" in console.text
        assert frame_of(console) == console.app.theme_variables["error"].lower()
        await console.write(row.name)
        await console.press("enter")
        assert console.focus == "profile"
        assert console.app.screen.query_one("#send", Button).disabled
        await console.write("prod")
        await console.press("enter")
        assert console.focus == "send"
        await console.press("enter")
        await console.wait_for_text("ACCEPTED")
        assert backend.sends == 1


async def test_a_required_reason_is_asked_for_and_recorded(backend: Backend) -> None:
    row = backend.row()
    async with open_console(Accounts(backend, policies={"prod": {"require_reason": True}})) as console:
        await console.interrupt(row)
        assert "required" in console.text
        await console.write(row.name)
        await console.press("enter")
        assert console.focus == "reason"
        await console.write("   ")
        assert console.app.screen.query_one("#send", Button).disabled
        await console.write("INC-7 hangs")
        await console.press("enter", "enter")
        await console.wait_for_text("ACCEPTED")
        assert backend.intents()[0].draft.reason == "INC-7 hangs"


async def test_read_only_explains_and_cannot_send(backend: Backend) -> None:
    row = backend.row()
    async with open_console(
        Accounts(backend, policies={"prod": {"read_only": True, "read_only_because": "--read-only"}})
    ) as console:
        await console.interrupt(row)
        assert "READ-ONLY" in console.text
        assert "--read-only" in console.text
        assert "unsaved memory is lost" in console.text
        await console.write(row.name)
        assert "✓ matches" in console.text
        assert "cannot be sent" in console.text
        button = console.app.screen.query_one("#send", Button)
        assert button.disabled
        console.app.screen.post_message(Button.Pressed(button))
        await console.press("enter", "tab", "tab", "enter")
        await leave(console)
        assert backend.sends == 0
        assert backend.intents() == []


async def test_it_names_everything_an_operator_decides_by(backend: Backend) -> None:
    row = replace(backend.row(), addresses=Addresses(("10.9.8.7",)))
    async with open_console(backend, size=(120, 60)) as console:
        await console.interrupt(row)
        shown = console.text
        for expected in (row.name, row.number, row.region, row.zone, "prod", "10.9.8.7", "running, up"):
            assert expected in shown
        for expected in ("0x80", "unsaved memory", "Complete memory dump", "page file", "overwriting"):
            assert expected in shown
        assert "automatic restart" in shown


async def test_earlier_interrupts_are_in_view_when_the_number_is_asked(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        await console.send(row)
        await console.wait_for_text("ACCEPTED")
        await console.press("escape")
        client = backend.clients[-1]
        await console.wait_for(lambda: len(console.reports) == 1)
        await console.wait_for(lambda: any(seen.field == "server" for seen in backend.intents()[0].observations))
        client.log = []
        await console.interrupt(row)
        shown = console.text
        assert "Type the number" in shown
        assert "accepted" in shown
        assert "mina@bastion-1" in shown


async def test_the_activity_log_comes_late_and_its_absence_is_said(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend, size=(120, 60)) as console:
        client = backend.clients[-1]
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
        await console.interrupt(row)
        await console.wait_for_text("Restart [bold]")
        when = day_and_clock(datetime.fromtimestamp(1_700_000_000, UTC), to_second=True)
        assert f"{when}  Restart [bold]  SUCCESS  by CUSTOMER  from 192.0.2.7" in console.text
        assert "at an unreadable time  Odd" in console.text
        assert "Another server" not in console.text
        await console.press("escape")
        await console.wait_for(lambda: len(console.reports) == 1)
        client.log = NotReached("The activity tracer is not reached.")
        await console.interrupt(row)
        await console.wait_for(
            lambda: "activity log: unavailable (The activity tracer is not reached.)" in console.text
        )
        await console.write(row.name)
        assert not console.app.screen.query_one("#send", Button).disabled


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (60, 16), (120, 36)])
async def test_boxes_and_buttons_are_in_view_whatever_is_said_above(backend: Backend, size: tuple[int, int]) -> None:
    row = backend.row(busy)
    async with open_console(
        Accounts(backend, policies={"prod": {"protected": True, "require_reason": True}}), size=size
    ) as console:
        await console.interrupt(row)
        screen = console.app.screen
        why = console.app.screen.query_one("#why-not", Static)
        assert cell_width(str(why.render())) <= why.content_size.width
        for box in ("#target", "#profile", "#reason", "#send", "#cancel", "#hints"):
            region = screen.query_one(box).region
            assert region.height > 0
            assert region.width > 4
            assert screen.region.contains_region(region)
        text = console.text
        await console.press("pagedown")
        assert console.text != text or not screen.query_one(Body).max_scroll_y


async def test_a_hostile_name_is_drawn_as_it_is(backend: Backend) -> None:
    server = backend.row().server
    hostile = msgspec.structs.replace(server, server_name="[@click=app.quit]x[/] \x1b]0;t\x07\u202e")
    async with open_console(backend, size=(120, 36)) as console:
        plan = await console.session.interrupter.plan(backend.region, server.server_instance_no, NOTHING_AROUND)
        screen = ConfirmScreen(console.session, replace(plan, server=hostile))
        console.app.push_screen(screen)
        await console.wait_for_screen(ConfirmScreen)
        assert "[@click=app.quit]x[/] \\x1b]0;t\\x07\\u202e" in console.text
        assert not any(ord(character) < 32 and character != "\n" for character in console.text)


async def test_a_blocked_server_gets_every_reason_and_no_box(backend: Backend) -> None:
    row = backend.row(lambda server, judged: len(judged.reasons) >= 2)
    async with open_console(backend, size=(120, 36)) as console:
        await console.interrupt(row)
        assert console.is_on(RefusalDialog)
        shown = " ".join(console.text.split())
        for reason in row.verdict.reasons:
            assert all(word in shown for word in reason.split())
        assert not console.app.screen.query(Input)
        await console.press("enter")
        await console.wait_for(lambda: console.reports)
        (report,) = console.reports
        assert report is not None
        assert report.intent is None
        assert report.refused == row.verdict.reasons
        assert backend.sends == 0


# Letters come from everything but the last character of the name, so nothing typed can ever be right.
MOVES = ["enter", "tab", "shift+tab", "left", "right", "home", "end", "up", "down", "pageup", "pagedown"]
EDITS = ["space", "backspace", "delete", "ctrl+u", "ctrl+w", "ctrl+v", "ctrl+x", "ctrl+a"]
KEYS = [*MOVES, *EDITS, "minus", "exclamation_mark", "a"]


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_no_keys_but_the_right_name_ever_send(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with open_backend(Path(directory), servers=24) as backend:
            row = backend.row()
            alphabet = KEYS + sorted({character for character in row.name if character.isalnum()} - {row.name[-1]})
            keys = data.draw(st.lists(st.sampled_from(alphabet), max_size=40))
            async with open_console(backend) as console:
                await console.interrupt(row)
                await console.write(row.name[:-1])
                for key in keys:
                    if not console.is_on(ConfirmScreen):
                        break
                    await console.press(key)
                await console.wait_for_idle()
                assert backend.sends == 0
                assert backend.intents() == []


async def test_earlier_interrupts_are_in_view_at_eighty_by_twenty_four_with_every_box(backend: Backend) -> None:
    async with open_console(
        Accounts(backend, policies={"prod": {"protected": True, "require_reason": True}})
    ) as console:
        await console.interrupt(backend.row())
        assert "none in this console's journal" in console.text


async def test_a_record_that_is_gone_names_the_way_out_in_the_dialog(tmp_path: Path) -> None:
    """However long the paths are, the command to accept the loss stands in sight at 80×24, whole."""
    gone = Mark("0" * 16, f"/{'long-lost-directory/' * 9}journal.db", 14, "1" * 64)
    async with open_backend(tmp_path / ("x" * 60)) as backend:
        anchor = MemoryAnchor(text=text_of([gone]))
        with Journal.open(backend.journal_path, ORIGIN, anchor=anchor) as journal:
            backend.journal.close()
            backend.journal = journal
            async with open_console(backend) as console:
                await console.interrupt(backend.row())
                shown = " ".join(console.text.replace("│", " ").split())
                assert "A part of the record of interrupts is gone" in shown
                assert "'ncpconsole history --accept-loss REASON'" in shown
                assert console.app.screen.query_one("#send", Button).disabled
    assert backend.sends == 0


async def test_what_somebody_else_did_is_said_first_and_demands_the_number(backend: Backend) -> None:
    row = backend.row()
    async with open_console(backend) as console:
        entry = Activity(
            event_time=int((time.time() - 330) * 1000),  # half a minute from the next
            resource_id=row.number,
            action_display_name="Interrupt Server Instance",
            action_result_type="SUCCESS",
            action_sub_account_no="70412",
            source_ip="198.51.100.23",
        )
        backend.clients[-1].log = [entry]
        await console.interrupt(row)
        shown = " ".join(console.text.replace("│", " ").split())
        assert "! Someone interrupted this server 5 min ago, by the activity log" in shown
        assert "Type the number" in shown
        await console.write(row.name)
        assert console.app.screen.query_one("#send", Button).disabled
    assert backend.sends == 0
