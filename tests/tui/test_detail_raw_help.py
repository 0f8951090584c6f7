"""Details, the raw record and the help: everything is there, readable, and harmless."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from textual.content import Content

from ncpconsole.core.eligibility import rules_named
from ncpconsole.core.filters import SYNTAX_HELP
from ncpconsole.core.inventory import Inventory
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import Observation, ResolvedAs, State
from ncpconsole.core.safe_text import cell_width
from ncpconsole.language import tr, use
from ncpconsole.ncp.results import Outcome
from ncpconsole.tui.commands import COMMANDS
from ncpconsole.tui.screens.detail import DetailScreen, RawScreen, highlighted
from ncpconsole.tui.screens.help import HelpScreen, Lines
from ncpconsole.tui.text.record import of_server, row_annotation, row_annotations
from ncpconsole.tui.text.server import ServerDetails, detail_text, next_step
from tests.core.records import NOON, intent, interface, server
from tests.tui.console_driver import open_backend, open_console

if TYPE_CHECKING:
    from pathlib import Path

    from ncpconsole.core.inventory import Row
    from ncpconsole.core.records import Intent
    from ncpconsole.ncp.models import Server
    from tests.tui.console_driver import Backend

RULES = rules_named("xen-windows")
HOSTILE = "web[/]01 [red]x[/red] \x1b]52;c;aGk=\x07\u202e:skull:"


def row_of(record: Server, *intents: Intent) -> Row:
    """The record as the list shows it."""
    addresses = [interface(record.server_instance_no, "10.0.0.9")]
    return Inventory.build([record], addresses, RULES, now=NOON, cooldown=1800, intents=intents).rows[0]


def server_details_of(record: Server, *intents: Intent, **policy: Any) -> ServerDetails:
    """The record as the details show it."""
    return ServerDetails(row_of(record, *intents), intents, Policy(**policy), RULES.name, NOON)


def shown(subject: ServerDetails, width: int = 60) -> str:
    """The details as text."""
    return detail_text(subject, width).plain


def test_details_give_every_reason_and_caution() -> None:
    text = shown(server_details_of(server(hypervisor="KVM", platform="LNX64", status="NSTOP", operation="START")))
    verdict = row_of(server(hypervisor="KVM", platform="LNX64", status="NSTOP", operation="START")).verdict
    said = " ".join(text.split())
    assert len(verdict.reasons) >= 2
    for sentence in (*verdict.reasons, *verdict.cautions):
        assert sentence in said
    assert "blocked by the rules “xen-windows”" in text


def test_details_name_what_identifies_the_server() -> None:
    text = shown(server_details_of(server(public_ip="203.0.113.9", protected=True)))
    for words in ("web-1", "number 30000001", "10.0.0.9", "203.0.113.9", "KR KR-1", "XEN", "Windows", "protected"):
        assert words in text


def test_details_say_which_interfaces_log_their_traffic() -> None:
    details = server_details_of(server())
    assert "flow log" not in shown(details)
    logged = details.row.addresses._replace(logged=("10.0.0.9",))
    lines = shown(replace(details, row=replace(details.row, addresses=logged))).splitlines()
    assert any(line.split() == ["flow", "log", "10.0.0.9"] for line in lines)


@pytest.mark.parametrize("width", [30, 41, 60, 100])
def test_no_line_is_wider_than_the_panel(width: int) -> None:
    record = server(name="긴-이름-" * 5, operation="SHTDN", image="SW.VSVR.OS.WND64.WND.SVR2019EN.B100")
    lines = detail_text(server_details_of(record, intent(record.server_instance_no)), width).split("\n")
    assert max(line.cell_length for line in lines) <= max(width, 42)


def test_hostile_text_is_shown_as_it_is_and_acts_on_nothing() -> None:
    text = shown(server_details_of(server(name=HOSTILE)), 100)
    assert "web[/]01 [red]x[/red]" in text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


@pytest.mark.parametrize(
    ("record", "intents", "policy", "words"),
    [
        (server(), (), {}, "! asks for the server's name"),
        (server(), (), {"protected": True}, "the profile's name"),
        (server(), (), {"read_only": True}, "read-only"),
        (server(operation="SHTDN"), (), {}, "asks for the server number"),
        (server(status="NSTOP"), (), {}, "web console"),
        (server(), (intent(),), {}, "a short while ago"),
        (server(), (intent(outcome=Outcome.UNKNOWN),), {}, "Locked"),
        (server(), (replace(intent(outcome=None), state=State.SENDING),), {}, "on its way"),
        (server(status="NSTOP"), (intent(outcome=Outcome.UNKNOWN),), {}, "Locked"),
    ],
)
def test_the_next_step_is_said_in_words(
    record: Server, intents: tuple[Intent, ...], policy: dict[str, Any], words: str
) -> None:
    assert words in next_step(row_of(record, *intents), intents, Policy(**policy))


@pytest.mark.parametrize(
    ("known", "words", "tone"),
    [
        (replace(intent(outcome=None), state=State.CLAIMED), "sending", "busy"),
        (intent(outcome=Outcome.UNKNOWN, minutes_ago=1e5), "unknown: locked", "bad"),
        (intent(), "may dump: ", "caution"),
        (intent(outcome=Outcome.REJECTED), "rejected ", "bad"),
        (intent(outcome=Outcome.UNKNOWN, resolved=ResolvedAs.ACCEPTED), "may dump: ", "caution"),
    ],
)
def test_the_list_says_what_became_of_an_interrupt(known: Intent, words: str, tone: str) -> None:
    note = row_annotation(known, NOON, 1800)
    assert note is not None
    assert note[1].startswith(words)
    assert note[2] == tone


def test_once_the_guest_shows_life_nothing_is_said_to_be_writing() -> None:
    sign = Observation(NOON, "signOfLife", "", NOON.isoformat())
    known = replace(intent(minutes_ago=12), observations=(sign,))
    note = row_annotation(known, NOON, 1800)
    shown = None if note is None else note.at(NOON)
    assert shown is not None
    assert (shown.word, shown.long, shown.tone) == ("NMI 12m ago", "interrupted 12 min ago", "caution")
    assert note is not None
    assert note.at(NOON + timedelta(minutes=18)) is None


@pytest.mark.parametrize(
    "known",
    [
        intent(minutes_ago=31),
        intent(outcome=Outcome.NOT_SENT),
        intent(outcome=Outcome.UNKNOWN, resolved=ResolvedAs.NOT_RECEIVED),
    ],
)
def test_what_is_over_leaves_no_mark(known: Intent) -> None:
    assert row_annotation(known, NOON, 1800) is None


def test_a_lock_is_said_whatever_came_after() -> None:
    locked = intent(outcome=Outcome.UNKNOWN, minutes_ago=20)
    later = intent(outcome=Outcome.REJECTED, minutes_ago=1)
    rows = Inventory.build([server()], (), RULES, now=NOON, cooldown=1800)
    assert row_annotations(rows, [later, locked], NOON, 1800)["30000001"][1] == "unknown: locked"


def test_an_interrupt_of_the_same_number_in_another_region_is_another_servers() -> None:
    elsewhere = intent()
    other = replace(elsewhere, draft=replace(elsewhere.draft, region_code="SGN"))
    assert of_server(row_of(server()), [other, elsewhere]) == [elsewhere]


async def test_details_follow_the_server_and_say_when_it_is_gone(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("enter")
        await console.wait_for_screen(DetailScreen)
        backend.simulator.faults.set("empty-account")
        await console.press("r")
        await console.wait_for_text("This server is not in the list any more.")
        backend.simulator.faults.clear()
        await console.press("r")
        await console.wait_for(lambda: "any more" not in console.text)


async def test_reading_screens_scroll_with_the_keys_of_the_list(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("question_mark")
        await console.wait_for_screen(HelpScreen)
        body = console.app.screen.body()  # type: ignore[attr-defined]  # a reading screen
        for key, at in (("j", 1), ("j", 2), ("k", 1), ("g", 0)):
            await console.press(key)
            assert body.scroll_offset.y == at
        await console.press("G")
        assert body.scroll_offset.y == body.max_scroll_y > 0
        await console.press("escape")
        assert console.app.screen is console.servers


async def test_the_help_names_every_command_with_its_keys_and_the_filters_words(backend: Backend) -> None:
    async with open_console(backend, size=(120, 100)) as console:
        await console.press("question_mark")
        await console.wait_for_screen(HelpScreen)
        text = " ".join(console.text.split())
        for command in COMMANDS:
            assert command.name in text
            assert command.description in text
        assert "is:eligible" in text
        assert "j ↓" in text


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_at_eighty_columns_every_key_has_its_line_in_the_help_and_in_the_palette(lang: str) -> None:
    use(lang)
    said = {command.id: tr(command.description) for command in COMMANDS if command.description}
    use("en")
    assert [words for words in said.values() if cell_width(words) > 46] == []


@pytest.mark.parametrize("width", [54, 74])
def test_in_the_help_what_is_longer_than_a_line_goes_on_under_itself(width: int) -> None:
    terms = [(Content(term), meaning) for term, meaning in SYNTAX_HELP]
    lines = [line.plain for line in Lines([("Filter", terms)], 34, classes="")._lines(width)]
    left = min(34, width // 2)
    assert max(map(cell_width, lines)) <= width
    assert all(line[left - 1] == " " for line in lines[1:] if len(line) > left)
    told = " ".join(" ".join(line[left:] for line in lines[1:]).split())
    assert all(meaning in told for _, meaning in SYNTAX_HELP)


async def test_the_raw_record_is_what_the_gateway_sends(backend: Backend) -> None:
    async with open_console(backend, size=(100, 60)) as console:
        number = console.selected
        await console.press("J")
        await console.wait_for_screen(RawScreen)
        await console.wait_for_text("Raw record", f'"serverInstanceNo": "{number}"', '"platformType": {')
        await console.press("y")
        assert console.app.clipboard == number
        await console.press("q")
        assert console.app.screen is console.servers


async def test_a_record_that_cannot_be_read_is_said(backend: Backend) -> None:
    async with open_console(backend) as console:
        backend.simulator.faults.set("detail:permission-denied")
        await console.press("J")
        await console.wait_for_text("does not permit")


def test_json_is_told_apart_and_made_safe() -> None:
    content = highlighted({"name": "a\x1b[31m:b\u202e", "n": -1.5e3, "ok": True, "none": None, "이름": "결제"})
    assert '"name": "a' in content.plain
    assert not {"\x1b", "\u202e"} & set(content.plain)
    styled = {content.plain[span.start : span.end]: span.style for span in content.spans}
    assert styled['"이름"'] == "$text-primary"
    assert styled['"결제"'] == "$text-success"
    assert styled["-1500.0"] == "$text-accent"
    assert styled["true"] == styled["null"] == "$text-warning"


async def test_copies_are_what_is_shown_and_are_said(backend: Backend) -> None:
    async with open_console(backend) as console:
        row = console.servers.row
        assert row is not None
        await console.press("y")
        assert console.app.clipboard == row.number
        await console.wait_for_text(f"Copied the number {row.number}.")
        await console.press("Y")
        assert console.app.clipboard == row.name


async def test_a_hostile_name_reaches_clipboard_and_notice_harmless(tmp_path: Path) -> None:
    async with open_backend(tmp_path, servers=128) as backend, open_console(backend) as console:
        altered = next(row for row in console.servers.table.rows if "\\x1b" in row.name)
        console.servers.table.select(altered.key)
        await console.press("Y")
        assert "\x1b" not in console.app.clipboard
        await console.wait_for_text("Copied the name")
        assert "\x1b" not in console.text
