"""Opening, switching and leaving accounts: nothing is carried over, and what is open is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.core.errors import MissingCredentials
from ncpconsole.core.records import Draft, State
from ncpconsole.ncp.results import Outcome, SendResult
from ncpconsole.tui.screens.login import LoginScreen
from ncpconsole.tui.screens.pickers import ProfilePicker, RegionPicker
from ncpconsole.tui.screens.small_dialogs import QuitConfirm
from tests.tui.console_driver import Accounts, open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend


def draft(backend: Backend, number: str, name: str = "web-1") -> Draft:
    """An interrupt of a server of the simulator."""
    return Draft(
        gateway=backend.simulator.url,
        profile="prod",
        key_fingerprint="key-1",
        region_code=backend.region,
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


async def test_the_header_tells_where_one_is_and_what_is_allowed(backend: Backend) -> None:
    accounts = Accounts(backend, policies={"prod": {"read_only": True, "protected": True}}, incident="INC-7")
    async with open_console(accounts, size=(140, 30)) as console:
        first = console.text.splitlines()[0]
        for words in ("prod · public · KR", "READ-ONLY", "PROTECTED", "incident INC-7", "key from the OS"):
            assert words in first


async def test_a_switch_of_profile_clears_selection_and_marks(backend: Backend) -> None:
    accounts = Accounts(backend, policies={"prod": {}, "test": {"read_only": True}})
    async with open_console(accounts) as console:
        await console.press("space", "p")
        await console.wait_for(lambda: console.app.screen is not console.servers)
        await console.press("down", "enter")
        await console.wait_for(
            lambda: console.app.account.session is not None and console.app.account.session is accounts.sessions[-1]
        )
        await console.wait_for_list()
        await console.wait_for_text("test · public", "READ-ONLY")
        assert console.selected is None
        assert console.servers.model.marked == frozenset()
        await console.press("exclamation_mark")
        await console.wait_for_text("no server is selected")
        assert backend.sends == 0


async def test_choosing_the_open_profile_changes_nothing(backend: Backend) -> None:
    accounts = Accounts(backend)
    async with open_console(accounts) as console:
        console.app.account_flow.profile_chosen("prod")
        console.app.account_flow.profile_chosen(None)
        assert len(accounts.opened) == 1


async def test_after_a_switch_the_open_profile_is_the_current_one(backend: Backend) -> None:
    accounts = Accounts(backend, policies={"prod": {}, "test": {}})
    async with open_console(accounts) as console:
        console.app.account_flow.profile_chosen("test")
        await console.wait_for_list()
        await console.wait_for_text("test · public")
        await console.press("p")
        await console.wait_for_screen(ProfilePicker)
        assert "● test" in console.text
        assert "● prod" not in console.text
        await console.press("enter")
        await console.wait_for(lambda: console.app.screen is console.servers)
        assert accounts.opened == [(None, None), ("test", None)]


async def test_choosing_the_open_region_changes_nothing(backend: Backend) -> None:
    accounts = Accounts(backend)
    async with open_console(accounts) as console:
        console.app.account_flow.region_chosen(backend.region)
        assert len(accounts.opened) == 1


async def test_the_login_form_begins_with_the_profile_that_could_not_be_opened(backend: Backend) -> None:
    accounts = Accounts(backend, policies={"gov-prod": {}}, troubles=[MissingCredentials("No key.")])
    async with open_console(accounts, listed=False) as console:
        await console.wait_for_text("No access key yet")
        await console.press("l")
        await console.wait_for_screen(LoginScreen)
        await console.wait_for_text("profile name          gov-prod", "(●) public")


async def test_all_regions_stand_side_by_side(backend: Backend) -> None:
    accounts = Accounts(backend)
    async with open_console(accounts, size=(120, 36)) as console:
        await console.press("R")
        await console.wait_for_screen(RegionPicker)
        await console.wait_for_text("SGN")
        await console.press("end", "enter")
        await console.wait_for(lambda: accounts.opened[-1] == (None, "all"))
        await console.wait_for_list()
        assert {row.region for row in console.servers.table.rows} == set(backend.simulator.regions)
        assert "all regions" in console.text


async def test_what_an_ended_program_left_behind_is_said(backend: Backend) -> None:
    row = backend.row()
    intent = backend.journal.claim(draft(backend, row.number, row.name))
    backend.journal.mark_sending(intent.id)
    left = backend.journal.intent(intent.id)
    assert left is not None
    assert left.state is State.SENDING
    accounts = Accounts(backend)
    backend.journal.recover = lambda: [backend.journal.finish(intent.id, died())]  # type: ignore[method-assign]
    async with open_console(accounts) as console:
        await console.wait_for_text(f"! {row.name} is locked since", "outcome unknown", "w tells all")
        await console.press("w")
        await console.wait_for_text("Left behind by a program that ended", row.name, "the outcome is unknown")
        assert "Unknown and unresolved" not in console.text
        await console.press("enter")
        await console.wait_for(lambda: console.app.screen is console.servers)


def died() -> SendResult:
    """The outcome of a send whose program ended."""
    return SendResult(outcome=Outcome.UNKNOWN, message="The program ended.")


async def test_nothing_is_said_when_there_is_nothing_to_say(backend: Backend) -> None:
    async with open_console(backend) as console:
        assert console.app.screen is console.servers


async def test_after_an_interrupt_the_list_says_what_became_of_it(backend: Backend) -> None:
    async with open_console(backend) as console:
        row = backend.row()
        await console.open_dialog(row.key)
        await console.write(row.name)
        await console.press("enter", "enter")
        await console.wait_for_text("ACCEPTED")
        assert backend.sends == 1
        await console.wait_for(lambda: (console.pilot.app.screen is console.servers) or not console.app.flow.sending)
        while console.app.screen is not console.servers:
            await console.press("escape")
            await console.pilot.pause(0.05)
        await console.wait_for_text("may dump: ")
        assert row.key in console.servers.table.annotations
        await console.press("slash")
        await console.write("is:recent")
        assert [shown.key for shown in console.servers.table.rows] == [row.key]
        await console.press("enter", "enter")
        await console.wait_for_text("Interrupts from this machine", "accepted")


async def test_q_leaves_at_once_when_nothing_is_under_way(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("q")
        await console.wait_for(lambda: not console.app.is_running)
        assert console.app.return_code == 0


async def test_leaving_while_an_interrupt_is_under_way_asks_first(backend: Backend) -> None:
    async with open_console(backend) as console:
        console.app.flow.sending.add("web-1 (300)")
        await console.press("q")
        await console.wait_for_screen(QuitConfirm)
        await console.press("ctrl+q")
        assert len([s for s in console.app.screen_stack if isinstance(s, QuitConfirm)]) == 1
        await console.press("escape")
        await console.wait_for(lambda: console.app.screen is console.servers)
        assert console.app.is_running
        await console.press("ctrl+q")
        await console.wait_for_screen(QuitConfirm)


async def test_ctrl_c_says_how_to_leave(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("ctrl+c")
        await console.wait_for_text("q on the list quits")
        assert console.app.is_running


async def test_marks_that_go_with_the_region_are_told(backend: Backend) -> None:
    async with open_console(backend, size=(120, 36)) as console:
        await console.press("space", "space")
        console.app.account_flow.region_chosen("all")
        await console.wait_for_text("The 2 marks were removed.")
        assert not console.servers.model.marked
