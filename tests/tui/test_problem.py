"""What is said when there is nothing to list: the case, and what to do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import (
    ConsoleError,
    CredentialsError,
    JournalUnavailable,
    MissingCredentials,
    UnknownProfile,
)
from ncpconsole.ncp.errors import (
    ApiError,
    AuthenticationFailed,
    GatewayFailure,
    InvalidBaseUrl,
    NotReached,
    PermissionDenied,
    Throttled,
    UnreadableAnswer,
)
from ncpconsole.tui.screens.login import LoginScreen
from ncpconsole.tui.screens.pickers import ProfilePicker
from ncpconsole.tui.text.problem import problem_for, problem_text
from tests.tui.console_driver import Accounts, open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend


@pytest.mark.parametrize(
    ("error", "title", "step", "login"),
    [
        (MissingCredentials("No key.", "x"), "No access key yet", "Press l to log in", True),
        (UnknownProfile("No profile x.", "y"), "There is no such profile", "Press p to choose", True),
        (CredentialsError("Locked.", "Unlock it."), "The access key cannot be read", "Unlock it.", True),
        (JournalUnavailable("Full."), "The journal cannot be opened", "ncpconsole paths", False),
        (NotReached("No answer."), "The gateway is not reached", "reaches https://gw", False),
        (AuthenticationFailed("No."), "NCP does not accept this access key", "belong together", True),
        (PermissionDenied("No."), "This key may not list servers", "NCP_VPC_SERVER_VIEWER", False),
        (Throttled("Slow."), "NCP asks to slow down", "by itself", False),
        (GatewayFailure("503."), "NCP's gateway is in trouble", "by itself", False),
        (UnreadableAnswer("HTML."), "The answer is not NCP's", "login page", False),
        (InvalidBaseUrl("http?"), "The API address cannot be used", "--api-url", False),
        (ApiError("Other."), "NCP refused", "own words above", False),
        (ConsoleError("Odd."), "This did not work", "doctor", False),
    ],
)
def test_each_trouble_has_its_case_and_its_steps(error: Exception, title: str, step: str, login: bool) -> None:
    trouble = problem_for(error, base_url="https://gw")
    assert (trouble.title, trouble.login) == (title, login)
    assert trouble.case == str(error)
    assert step in "\n".join(trouble.steps)
    assert ("Press l to log in" in "\n".join(trouble.steps)) == login  # the way in is named where it is one


@pytest.mark.parametrize(
    ("offset", "said"), [(720, "12 minutes behind"), (-660, "11 minutes ahead"), (300, "5 minutes behind")]
)
def test_a_wrong_clock_is_told_in_minutes_and_direction(offset: float, said: str) -> None:
    trouble = problem_for(AuthenticationFailed("No.", clock_offset=offset))
    assert trouble.title == "This machine's clock is wrong"
    assert said in trouble.case


def test_a_clock_that_is_off_a_little_is_not_blamed() -> None:
    assert "clock" not in problem_for(AuthenticationFailed("No.", clock_offset=299)).title


def test_a_request_id_is_kept_for_support() -> None:
    assert "abc-1" in "\n".join(problem_for(PermissionDenied("No.", request_ids=("abc-1",))).steps)


def test_what_came_from_outside_is_shown_as_it_is_and_safe() -> None:
    hostile = "[red]x[/red] \x1b]0;t\x07 \u202e :skull:"
    shown = problem_text(problem_for(GatewayFailure(hostile)), 70).plain
    assert "[red]x[/red]" in shown
    assert ":skull:" in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


async def test_without_a_key_the_login_is_one_press_away_and_opens_the_account(backend: Backend) -> None:
    accounts = Accounts(backend, troubles=[MissingCredentials("There is no key for “default”.")])
    async with open_console(accounts, listed=False) as console:
        await console.wait_for_text("No access key yet", "There is no key for “default”.", "l log in", "r try again")
        await console.press("l")
        await console.wait_for_screen(LoginScreen)
        console.app.screen.dismiss("prod")
        await console.wait_for_list()
        assert accounts.opened[-1] == ("prod", None)
        assert "No access key" not in console.text


async def test_another_profile_can_be_chosen_from_a_trouble(backend: Backend) -> None:
    accounts = Accounts(
        backend, policies={"prod": {}, "test": {}}, troubles=[CredentialsError("The keyring is locked.")]
    )
    async with open_console(accounts, listed=False) as console:
        await console.wait_for_text("The keyring is locked.")
        await console.press("p")
        await console.wait_for_screen(ProfilePicker)
        await console.press("down", "enter")
        await console.wait_for_list()
        assert accounts.opened[-1] == ("test", None)


async def test_a_first_list_that_fails_is_tried_again_by_itself(backend: Backend) -> None:
    backend.simulator.faults.set("list:permission-denied")
    async with open_console(backend, listed=False, refresh_every=30) as console:
        await console.wait_for_text("This key may not list servers", "Next try in 30 s; r tries now.")
        await console.pass_time(10)
        await console.wait_for_text("Next try in 20 s")
        backend.simulator.faults.clear()
        await console.pass_time(20)
        await console.wait_for_list()
        assert "may not list" not in console.text
        assert console.app.focused is console.servers.table


async def test_a_clock_that_is_off_is_found_on_the_real_wire(backend: Backend) -> None:
    backend.simulator.faults.set("clock-skew=11")
    async with open_console(backend, listed=False) as console:
        await console.wait_for_text("This machine's clock is wrong", "11 minutes behind")


async def test_an_empty_account_says_what_else_there_is(backend: Backend) -> None:
    backend.simulator.faults.set("empty-account")
    async with open_console(backend) as console:
        await console.wait_for_text("No servers here", "in KR", "Press R", "Press p")
        assert "R region" in console.text.splitlines()[-1]


async def test_with_nothing_eligible_the_list_says_what_stands_in_the_way(backend: Backend) -> None:
    backend.simulator.faults.set("no-eligible")
    async with open_console(backend) as console:
        assert "0 eligible" in console.text
        await console.press("e")
        await console.wait_for_text("No server may be interrupted", "“xen-windows”", "Press e to see all")
        await console.press("e")
        await console.wait_for(lambda: "No server may be" not in console.text)
        assert console.names


async def test_an_account_that_takes_long_can_be_left(backend: Backend) -> None:
    async with open_console(Accounts(backend, held=asyncio.Event()), listed=False) as console:
        await console.wait_for_text("Opening")
        await console.press("q")
        await console.wait_for(lambda: not console.app.is_running)
