"""Opening, switching and leaving accounts: nothing is carried over, and what is open is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.core.errors import MissingCredentials
from ncpconsole.core.journal.records import Draft, State
from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.history import HistoryScreen
from ncpconsole.tui.screens.login import LoginScreen
from ncpconsole.tui.screens.pickers import ProfilePicker, RegionPicker
from ncpconsole.tui.screens.small_dialogs import QuitConfirm, StartupNotices
from tests.tui.desk import Accounts, sit_down

if TYPE_CHECKING:
    from tests.tui.bench import Bench


def draft(bench: Bench, number: str, name: str = "web-1") -> Draft:
    """An interrupt of a server of the simulator."""
    return Draft(
        gateway=bench.simulator.url,
        profile="prod",
        key_fingerprint="key-1",
        region_code=bench.region,
        server_no=number,
        server_name=name,
        snapshot={},
        rule_set="xen-windows",
        reason="",
        incident="",
        typed=name,
        method="POST",
        path="/vserver/v2/interruptServerInstance",
    )


async def test_the_header_tells_where_one_is_and_what_is_allowed(bench: Bench) -> None:
    accounts = Accounts(bench, policies={"prod": {"read_only": True, "protected": True}}, incident="INC-7")
    async with sit_down(accounts, size=(140, 30)) as desk:
        first = desk.text.splitlines()[0]
        for words in ("prod · public · KR", "READ-ONLY", "PROTECTED", "incident INC-7", "key from the OS"):
            assert words in first


async def test_a_switch_of_profile_clears_selection_and_marks(bench: Bench) -> None:
    accounts = Accounts(bench, policies={"prod": {}, "test": {"read_only": True}})
    async with sit_down(accounts) as desk:
        await desk.press("space", "p")
        await desk.until(lambda: desk.app.screen is not desk.servers)
        await desk.press("down", "enter")
        await desk.until(lambda: desk.app.session is not None and desk.app.session is accounts.sessions[-1])
        await desk.until_listed()
        await desk.until_shown("test · public", "READ-ONLY")
        assert desk.selected is None
        assert desk.servers.marked == frozenset()
        await desk.press("exclamation_mark")
        await desk.until_shown("no server is selected")
        assert bench.sends == 0


async def test_choosing_the_open_profile_changes_nothing(bench: Bench) -> None:
    accounts = Accounts(bench)
    async with sit_down(accounts) as desk:
        desk.app.profile_chosen("prod")
        desk.app.profile_chosen(None)
        assert len(accounts.opened) == 1


async def test_after_a_switch_the_open_profile_is_the_current_one(bench: Bench) -> None:
    accounts = Accounts(bench, policies={"prod": {}, "test": {}})
    async with sit_down(accounts) as desk:
        desk.app.profile_chosen("test")
        await desk.until_listed()
        await desk.until_shown("test · public")
        await desk.press("p")
        await desk.until(lambda: isinstance(desk.app.screen, ProfilePicker))
        assert "● test" in desk.text
        assert "● prod" not in desk.text
        await desk.press("enter")
        await desk.until(lambda: desk.app.screen is desk.servers)
        assert accounts.opened == [(None, None), ("test", None)]


async def test_choosing_the_open_region_changes_nothing(bench: Bench) -> None:
    accounts = Accounts(bench)
    async with sit_down(accounts) as desk:
        desk.app.region_chosen(bench.region)
        assert len(accounts.opened) == 1


async def test_the_login_form_begins_with_the_profile_that_could_not_be_opened(bench: Bench) -> None:
    accounts = Accounts(bench, policies={"gov-prod": {}}, troubles=[MissingCredentials("No key.")])
    async with sit_down(accounts, listed=False) as desk:
        await desk.until_shown("No access key yet")
        await desk.press("l")
        await desk.until(lambda: isinstance(desk.app.screen, LoginScreen))
        await desk.until_shown("profile name          gov-prod", "(●) public")


async def test_all_regions_stand_side_by_side(bench: Bench) -> None:
    accounts = Accounts(bench)
    async with sit_down(accounts, size=(120, 36)) as desk:
        await desk.press("R")
        await desk.until(lambda: isinstance(desk.app.screen, RegionPicker))
        await desk.until_shown("SGN")
        await desk.press("end", "enter")
        await desk.until(lambda: accounts.opened[-1] == (None, "all"))
        await desk.until_listed()
        assert {row.region for row in desk.servers.table.rows} == set(bench.simulator.regions)
        assert "all regions" in desk.text


async def test_what_is_unresolved_is_said_before_anything_else(bench: Bench) -> None:
    row = bench.row()
    intent = bench.journal.claim(draft(bench, row.number, row.name))
    bench.journal.mark_sending(intent.id)
    bench.journal.finish(intent.id, SendResult(outcome=Outcome.UNKNOWN, message="No answer came."))
    async with sit_down(Accounts(bench), startup_notes=("The settings name an unknown key.",)) as desk:
        await desk.until(lambda: isinstance(desk.app.screen, StartupNotices))
        await desk.until_shown("Before you begin", "unknown key", "Unknown and unresolved", row.number)
        await desk.press("h")
        await desk.until(lambda: isinstance(desk.app.screen, HistoryScreen))
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is desk.servers)
        desk.servers.table.select(row.key)
        await desk.until_shown("unknown: locked")


async def test_what_an_ended_program_left_behind_is_said(bench: Bench) -> None:
    row = bench.row()
    intent = bench.journal.claim(draft(bench, row.number, row.name))
    bench.journal.mark_sending(intent.id)
    left = bench.journal.intent(intent.id)
    assert left is not None
    assert left.state is State.SENDING
    accounts = Accounts(bench)
    bench.journal.recover = lambda: [bench.journal.finish(intent.id, died())]  # type: ignore[method-assign]
    async with sit_down(accounts) as desk:
        await desk.until_shown(
            "Left behind by a program that ended", row.name, "nobody knows whether it arrived"
        )
        assert "Unknown and unresolved" not in desk.text
        await desk.press("enter")
        await desk.until(lambda: desk.app.screen is desk.servers)


def died() -> SendResult:
    """The outcome of a send whose program ended."""
    return SendResult(outcome=Outcome.UNKNOWN, message="The program ended.")


async def test_nothing_is_said_when_there_is_nothing_to_say(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        assert desk.app.screen is desk.servers


async def test_after_an_interrupt_the_list_says_what_became_of_it(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        row = bench.row()
        desk.servers.table.select(row.key)
        await desk.press("exclamation_mark")
        await desk.until(lambda: isinstance(desk.app.screen, ConfirmScreen))
        await desk.write(row.name)
        await desk.press("enter", "enter")
        await desk.until_shown("ACCEPTED")
        assert bench.sends == 1
        await desk.until(lambda: (desk.pilot.app.screen is desk.servers) or not desk.app.sending)
        while desk.app.screen is not desk.servers:
            await desk.press("escape")
            await desk.pilot.pause(0.05)
        await desk.until_shown("● accepted ")
        assert row.key in desk.servers.table.annotations
        await desk.press("slash")
        await desk.write("is:recent")
        assert [shown.key for shown in desk.servers.table.rows] == [row.key]
        await desk.press("enter", "enter")
        await desk.until_shown("Interrupts from this machine", "accepted")


async def test_q_leaves_at_once_when_nothing_is_under_way(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.press("q")
        await desk.until(lambda: not desk.app.is_running)
        assert desk.app.return_code == 0


async def test_leaving_while_an_interrupt_is_under_way_asks_first(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        desk.app.sending.add("web-1 (300)")
        await desk.press("q")
        await desk.until(lambda: isinstance(desk.app.screen, QuitConfirm))
        await desk.press("ctrl+q")
        assert len([s for s in desk.app.screen_stack if isinstance(s, QuitConfirm)]) == 1
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is desk.servers)
        assert desk.app.is_running
        await desk.press("ctrl+q")
        await desk.until(lambda: isinstance(desk.app.screen, QuitConfirm))


async def test_ctrl_c_says_how_to_leave(bench: Bench) -> None:
    async with sit_down(Accounts(bench)) as desk:
        await desk.press("ctrl+c")
        await desk.until_shown("q on the list quits")
        assert desk.app.is_running
