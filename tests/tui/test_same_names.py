"""The dialog knows the other servers' names as the list and the command do, and says where it cannot know."""

from __future__ import annotations

import unicodedata
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from ncpconsole.cli import root
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.signing import Credentials, Secret
from ncpconsole.simulator.simulator import Simulator
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.review import ReviewScreen
from tests.simulator.threaded import running_simulator
from tests.tui.console_driver import Accounts, open_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ncpconsole.core.plan import Plan
    from ncpconsole.ncp.models import Server
    from ncpconsole.simulator.account_state import AccountState
    from tests.tui.console_driver import Backend, ConsoleDriver

pytestmark = pytest.mark.slow

HERE, ELSEWHERE = "KR", "SGN"
SAME = "the same name"
LONE = "lone-1"
LACKING = f"The servers of {ELSEWHERE} could not all be listed"
NAMES = {
    "hangul": ("결제-1", unicodedata.normalize("NFD", "결제-1")),
    "accent": ("café-1", unicodedata.normalize("NFD", "café-1")),
    "case": ("Bill-1", "bILL-1"),
    "letters that look different in the other case": ("Ν-1", "ν-1"),  # GREEK NU, which is an N and a v
}


def name_alike(state: AccountState, number: str, elsewhere: str, names: tuple[str, str]) -> None:
    """Give one name to a server here and the other to one elsewhere; the first may be interrupted."""
    state.change(number, name=names[0], hypervisor="XEN", platform="WND64", status="RUN", operation="NULL")
    state.change(elsewhere, name=names[1])


def lone(backend: Backend) -> str:
    """The number of a server that may be interrupted by its name, `LONE`, which no other bears."""
    number = backend.row().number
    backend.simulator.state().change(number, name=LONE)
    return number


async def asked_about(console: ConsoleDriver, number: str) -> Plan:
    """Press the key on a server of the list and wait for its dialog."""
    return (await console.open_dialog(number)).plan


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
async def test_list_and_dialog_agree_on_a_name_that_is_spelled_otherwise_elsewhere(
    backend: Backend, names: tuple[str, str]
) -> None:
    number = backend.row().number
    fleet = backend.simulator.fleet
    name_alike(backend.simulator.state(), number, fleet.number(ELSEWHERE, 1), names)
    async with open_console(Accounts(backend, regions=(HERE, ELSEWHERE)), size=(120, 36)) as console:
        inventory = console.app.account.snapshot.inventory
        assert inventory is not None
        assert inventory.by_key[number].verdict.word == "same name"
        plan = await asked_about(console, number)
        assert (plan.demands.what, plan.same_name_count) == ("number", 1)
        other = f"number {fleet.number(ELSEWHERE, 1)}, region {ELSEWHERE}"
        assert f"Another server has {SAME}: {other}." in plan.cautions
        assert f"Another server has {SAME}: {other}." in inventory.by_key[number].verdict.cautions
        assert SAME in console.text


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_the_command_agrees_with_them(names: tuple[str, str]) -> None:
    with running_simulator(servers=64) as gateway:
        number = gateway.fleet.number(HERE, 12)
        name_alike(gateway.simulator.state(), number, gateway.fleet.number(ELSEWHERE, 1), names)
        environment = {**gateway.environment}
        words = ("--region", "all", "interrupt", number, "--dry-run", "--confirm")
        by_name = CliRunner().invoke(root, [*words, names[0]], env=environment)
        assert by_name.exit_code == 3
        assert SAME in by_name.stderr
        assert CliRunner().invoke(root, [*words, number], env=environment).exit_code == 3
        assert CliRunner().invoke(root, [*words, number, "--despite", "same-name"], env=environment).exit_code == 0


async def test_a_review_knows_the_same(backend: Backend) -> None:
    number = backend.row().number
    names = NAMES["hangul"]
    name_alike(backend.simulator.state(), number, backend.simulator.fleet.number(ELSEWHERE, 1), names)
    async with open_console(Accounts(backend, regions=(HERE, ELSEWHERE)), size=(120, 36)) as console:
        console.servers.table.select(number)
        await console.press("space", "exclamation_mark")
        await console.wait_for_screen(ReviewScreen)
        await console.press("enter")
        await console.wait_for_screen(ConfirmScreen)
        assert isinstance(console.app.screen, ConfirmScreen)
        assert console.app.screen.plan.demands.what == "number"


async def test_a_server_renamed_since_the_list_was_read_is_compared_by_its_new_name(backend: Backend) -> None:
    number = backend.row().number
    state, elsewhere = backend.simulator.state(), backend.simulator.fleet.number(ELSEWHERE, 1)
    name_alike(state, number, elsewhere, ("one-1", "other-1"))
    async with open_console(Accounts(backend, regions=(HERE, ELSEWHERE))) as console:
        state.change(number, name="OTHER-1")
        assert (await asked_about(console, number)).same_name_count == 1


@asynccontextmanager
async def elsewhere_meets(fault: str, patch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Let the lists of one region, and these alone, come from a gateway with a fault."""
    listed = Client.servers
    async with Simulator(servers=64, faults=[fault]) as faulty:
        keys = Credentials(faulty.access_key, Secret(faulty.secret_key))
        client = Client(faulty.url, keys, attempts=1)

        async def servers(self: Client, region_code: str, **more: Any) -> list[Server]:
            return await listed(client if region_code == ELSEWHERE else self, region_code, **more)

        patch.setattr(Client, "servers", servers)
        try:
            yield
        finally:
            patch.undo()
            await client.aclose()


FAULTS = ["list:error-500", "list:authentication-failed", "list:permission-denied", "list:short-pages=10"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_region_that_was_not_wholly_listed_is_a_caution_on_the_dialog(
    backend: Backend, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = lone(backend)
    accounts = Accounts(backend, regions=(HERE, ELSEWHERE))
    async with elsewhere_meets(fault, monkeypatch), open_console(accounts, size=(120, 36)) as console:
        plan = await asked_about(console, number)
        assert [caution for caution in plan.cautions if caution.startswith(LACKING)]
        assert plan.demands.what == "number"
        assert LACKING in " ".join(console.text.replace("│", " ").split())
        await console.write(LONE)
        await console.press("enter", "enter", "enter")
        assert backend.sends == 0


async def test_a_region_that_has_not_come_yet_is_a_caution_on_the_dialog(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = lone(backend)
    accounts = Accounts(backend, regions=(HERE, ELSEWHERE))
    async with (
        elsewhere_meets("list:hang", monkeypatch),
        open_console(accounts, size=(120, 36), listed=False) as console,
    ):
        await console.wait_for(lambda: LONE in console.names and is_whole(console, HERE))
        plan = await asked_about(console, number)
        (caution,) = plan.cautions
        assert caution.startswith(LACKING)
        assert "has not come yet" in caution
        assert plan.demands.what == "number"


def is_whole(console: ConsoleDriver, code: str) -> bool:
    """Whether the app was told that a region's last page came."""
    return any(region.code == code and region.read_at for region in console.app.account.snapshot.regions)


async def test_a_refresh_that_failed_altogether_is_a_caution_on_the_dialog(backend: Backend) -> None:
    number = lone(backend)
    async with open_console(Accounts(backend, regions=(HERE, ELSEWHERE)), size=(120, 36)) as console:
        backend.simulator.faults.set("list:permission-denied")
        await console.press("r")
        await console.wait_for(lambda: console.app.account.schedule.failures)
        backend.simulator.faults.set()
        plan = await asked_about(console, number)
        assert [caution for caution in plan.cautions if caution.startswith(LACKING)]
        assert plan.demands.what == "number"


async def test_whole_lists_are_no_caution(backend: Backend) -> None:
    number = lone(backend)
    async with open_console(Accounts(backend, regions=(HERE, ELSEWHERE))) as console:
        plan = await asked_about(console, number)
        assert (plan.cautions, plan.demands.what) == ((), "name")
