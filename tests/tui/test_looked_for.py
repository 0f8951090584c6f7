"""The server whose dialog opens is the one that was looked for, or the dialog says that it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.review import ReviewScreen
from tests.tui.console_driver import Accounts, open_console

if TYPE_CHECKING:
    from ncpconsole.core.inventory import Inventory, Row
    from ncpconsole.core.plan import Plan
    from tests.tui.console_driver import Backend, ConsoleDriver


def pair(inventory: Inventory, *, eligible: bool) -> tuple[Row, Row]:
    """A server, and one that may be interrupted whose address begins with the whole address of the first."""
    for row in inventory.rows:
        for other in inventory.rows:
            begins = row.ip and other.ip != row.ip and other.ip.startswith(row.ip)
            if begins and other.verdict.word == "eligible" and row.verdict.eligible is eligible:
                return row, other
    raise AssertionError("the fleet has no such pair")


async def planned(console: ConsoleDriver) -> Plan:
    await console.press("exclamation_mark")
    await console.wait_for(lambda: isinstance(console.app.screen, ConfirmScreen))
    assert isinstance(console.app.screen, ConfirmScreen)
    return console.app.screen.plan


async def look_for(console: ConsoleDriver, text: str) -> None:
    await console.press("slash")
    await console.write(text)
    await console.press("enter")


async def test_an_address_typed_whole_opens_the_dialog_of_the_server_that_has_it(backend: Backend) -> None:
    async with open_console(Accounts(backend), size=(120, 36)) as console:
        inventory = console.app.account.snapshot.inventory
        assert inventory is not None
        row, other = pair(inventory, eligible=True)
        console.servers.table.select(other.number)
        await look_for(console, row.ip)
        assert "1 exact" in console.text
        (line,) = [line for line in console.text.splitlines() if f" {other.number} " in line]
        assert line.lstrip("▌ ").startswith("+"), line
        plan = await planned(console)
        assert plan.server_no == row.number
        assert "not-looked-for" not in [one.code for one in plan.warnings]
        assert row.ip in plan.looked_for
        assert f"{row.ip} ✓" in console.text


async def test_another_server_than_the_one_looked_for_is_a_caution(backend: Backend) -> None:
    async with open_console(Accounts(backend), size=(120, 36)) as console:
        inventory = console.app.account.snapshot.inventory
        assert inventory is not None
        row, other = pair(inventory, eligible=False)
        await look_for(console, row.ip)
        console.servers.table.select(other.number)
        plan = await planned(console)
        assert plan.server_no == other.number
        assert "not-looked-for" in [one.code for one in plan.warnings]
        assert plan.demands.what == "number"
        assert f"You looked for {row.ip}" in console.text
        assert f"{row.ip} (not this server's)" in console.text
        await console.write(other.name)
        await console.press("enter", "enter", "enter")
        assert backend.sends == 0


def listed(console: ConsoleDriver) -> Row:
    """A server that may be interrupted, with its private addresses."""
    inventory = console.app.account.snapshot.inventory
    assert inventory is not None
    return next(row for row in inventory.rows if row.verdict.word == "eligible" and row.private_ips)


async def test_an_address_that_moved_since_it_was_listed_is_a_caution(backend: Backend) -> None:
    """The listed addresses may be ten minutes old, and what failed hands its address to what stands in for it."""
    async with open_console(Accounts(backend), size=(120, 36)) as console:
        row = listed(console)
        await look_for(console, row.ip)
        console.servers.table.select(row.key)
        backend.simulator.state().change(row.number, private_ips=("10.99.0.1",))
        plan = await planned(console)
        assert plan.server_no == row.number
        assert "not-looked-for" in [one.code for one in plan.warnings]
        assert plan.demands.what == "number"
        assert f"{row.ip} (not this server's)" in console.text
        assert "10.99.0.1" in console.text


async def test_an_address_that_cannot_be_read_again_is_a_caution(backend: Backend) -> None:
    async with open_console(Accounts(backend), size=(120, 36)) as console:
        row = listed(console)
        await look_for(console, row.ip)
        console.servers.table.select(row.key)
        backend.simulator.faults.set("interfaces:permission-denied")
        plan = await planned(console)
        assert plan.demands.what == "number"
        assert "Whether this server still has the address" in " ".join(console.text.split())


@pytest.mark.parametrize("in_a_review", [False, True])
async def test_a_server_that_was_renamed_since_it_was_listed_is_not_interrupted_by_its_new_name(
    backend: Backend, *, in_a_review: bool
) -> None:
    """Who chose by name reads another one on the dialog, and would type what stands there."""
    async with open_console(backend) as console:
        row = backend.row()
        console.servers.table.select(row.key)
        if in_a_review:
            await console.press("space", "exclamation_mark")
            await console.wait_for_screen(ReviewScreen)
        backend.simulator.state().change(row.number, name="db-master")
        await console.press("enter" if in_a_review else "exclamation_mark")
        await console.wait_for_screen(ConfirmScreen)
        assert isinstance(console.app.screen, ConfirmScreen)
        plan = console.app.screen.plan
        assert (plan.server_no, plan.server.server_name) == (row.number, "db-master")
        assert plan.demands.what == "number"
        assert f"In the list its name was {row.name}, and now it is db-master" in " ".join(plan.cautions)
        await console.write("db-master")
        await console.press("enter", "enter", "enter")
        assert backend.sends == 0


async def test_a_review_knows_what_was_looked_for_when_each_server_was_marked(backend: Backend) -> None:
    async with open_console(Accounts(backend), size=(120, 36)) as console:
        inventory = console.app.account.snapshot.inventory
        assert inventory is not None
        row, other = pair(inventory, eligible=False)
        plain = backend.row()
        await look_for(console, row.ip)
        console.servers.table.select(other.number)
        await console.press("space")
        await console.press("escape")
        console.servers.table.select(plain.key)
        await console.press("space")
        await look_for(console, "is:marked")
        await console.press("exclamation_mark")
        plans: dict[str, Plan] = {}
        for _ in range(2):
            await console.wait_for_screen(ReviewScreen)
            await console.press("enter")
            await console.wait_for_screen(ConfirmScreen)
            assert isinstance(console.app.screen, ConfirmScreen)
            plans[console.app.screen.plan.server_no] = console.app.screen.plan
            await console.press("escape")
        assert [one.code for one in plans[other.number].warnings] == ["not-looked-for"]
        assert plans[plain.number].warnings == ()


@pytest.mark.parametrize("typed", ["is:slient", "we:b"])
async def test_a_filter_that_is_none_leads_to_no_list_and_to_no_dialog(backend: Backend, typed: str) -> None:
    """The list on show is not what was asked for: Enter does not leave the box, nor is what follows taken as keys."""
    async with open_console(backend) as console:
        await console.press("slash")
        await console.press(*typed, "enter", "exclamation_mark")
        await console.wait_for_text("not a filter")
        assert console.app.screen is console.servers
        assert console.app.focused is console.servers.filter_bar.box
        await console.press("down", "exclamation_mark")
        assert console.app.screen is console.servers
        assert console.app.focused is console.servers.filter_bar.box
        await console.press("escape")
        await console.wait_for(lambda: console.app.focused is console.servers.table)


async def test_from_a_list_that_was_not_asked_for_no_dialog_opens(backend: Backend) -> None:
    """As when the filter was typed before there was a list that could tell that it is none."""
    async with open_console(backend) as console:
        console.servers.filter_bar.box.value = "we:b"
        await console.wait_for_text("not a filter")
        assert console.app.focused is console.servers.table
        await console.press("exclamation_mark")
        await console.wait_for_text("this is not the list that was asked for")
        assert console.app.screen is console.servers
