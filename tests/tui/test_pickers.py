"""Choosing a profile or a region."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.core.session import ProfileSummary
from ncpconsole.ncp.errors import NotReached
from ncpconsole.ncp.models import Region
from ncpconsole.tui.screens.pickers import ALL_REGIONS, PickerScreen, ProfilePicker, RegionPicker
from tests.tui.console_driver import DialogHost, open_backend, screen_text

if TYPE_CHECKING:
    from pathlib import Path

    from ncpconsole.core.gateway import Gateway


def profile(name: str, **changes: Any) -> ProfileSummary:
    """One profile of the list."""
    values: dict[str, Any] = {
        "site": "public",
        "base_url": "https://gateway.test",
        "regions": ("KR",),
        "read_only": False,
        "protected": False,
        "key_fingerprint": "key-12345678",
        "stored": "keyring",
    }
    return ProfileSummary(name=name, **{**values, **changes})


PROFILES = [
    profile("prod", protected=True, is_current=True),
    profile("test", read_only=True, site="gov", regions=("KR", "KRS")),
    profile("[@click=app.quit]개발\x1b[2J"),
]


async def answer(screen: PickerScreen, *keys: str) -> tuple[list[str | None], str]:
    """Press keys on a picker; returns its answers and what it showed before."""
    answers: list[str | None] = []
    app = DialogHost()
    async with app.run_test() as pilot:
        app.push_screen(screen, answers.append)
        await pilot.pause()
        shown = screen_text(app)
        await pilot.press(*keys)
        await pilot.pause()
    return answers, shown


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [(("enter",), "prod"), (("down", "enter"), "test"), (("escape",), None), (("end", "enter"), PROFILES[2].name)],
)
async def test_a_profile_is_chosen_by_name(keys: tuple[str, ...], chosen: str | None) -> None:
    answers, shown = await answer(ProfilePicker(PROFILES), *keys)
    assert answers == [chosen]
    for expected in ("PROTECTED", "READ-ONLY", "current", "gov", "[@click=app.quit]"):
        assert expected in shown
    assert "\x1b" not in shown


async def test_without_profiles_the_way_to_the_first_is_said() -> None:
    answers, shown = await answer(ProfilePicker([]), "enter", "escape")
    assert "l to log in" in shown
    assert answers == [None]


class SlowGateway:
    """Answers with its regions, or its error, when told to."""

    def __init__(self, said: list[Region] | Exception) -> None:
        self.said = said
        self.may_answer = asyncio.Event()

    async def regions(self) -> list[Region]:
        """The regions, after a while."""
        await self.may_answer.wait()
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def slow(said: list[Region] | Exception) -> Any:
    """As much of a gateway as the picker asks."""
    return SlowGateway(said)


async def test_regions_come_late_and_all_regions_is_there_at_once() -> None:
    gateway = slow([Region("KR", "한국"), Region("JPN", "[b]Japan")])
    app = DialogHost()
    answers: list[str | None] = []
    async with app.run_test() as pilot:
        app.push_screen(RegionPicker(gateway, ("JPN",)), answers.append)
        await pilot.pause()
        assert "reading the regions" in screen_text(app)
        assert "all regions" in screen_text(app)
        gateway.may_answer.set()
        while "한국" not in screen_text(app):
            await pilot.pause(0.01)
        assert "[b]Japan" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
    assert answers == ["JPN"]


async def test_regions_that_cannot_be_read_leave_all_regions() -> None:
    gateway = slow(NotReached("The gateway is not reached."))
    gateway.may_answer.set()
    app = DialogHost()
    answers: list[str | None] = []
    async with app.run_test() as pilot:
        app.push_screen(RegionPicker(gateway, ("KR",)), answers.append)
        while "The gateway is not reached." not in screen_text(app):
            await pilot.pause(0.01)
        await pilot.press("enter")
        await pilot.pause()
        assert answers == []
        await pilot.press("down", "enter")
        await pilot.pause()
    assert answers == [ALL_REGIONS]


async def test_several_open_regions_are_all_marked_and_enter_keeps_them() -> None:
    gateway = slow([Region("KR", "Korea"), Region("SGN", "Singapore"), Region("JPN", "Japan")])
    gateway.may_answer.set()
    app = DialogHost()
    answers: list[str | None] = []
    async with app.run_test() as pilot:
        app.push_screen(RegionPicker(gateway, ("SGN", "JPN")), answers.append)
        while "Singapore" not in screen_text(app):
            await pilot.pause(0.01)
        shown = screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
    assert "● SGN,JPN" in shown
    assert [code for code in ("KR", "SGN", "JPN") if f"● {code}  " in shown] == ["SGN", "JPN"]
    assert answers == [None]


async def test_the_simulators_regions_can_be_chosen(tmp_path: Path) -> None:
    async with open_backend(tmp_path, servers=8) as backend:
        gateway: Gateway = backend.session().gateway
        expected = [region.region_code for region in await gateway.regions()]
        screen = RegionPicker(gateway, ())
        app = DialogHost()
        async with app.run_test() as pilot:
            app.push_screen(screen)
            while len(screen.values) < len(expected) + 1:
                await pilot.pause(0.01)
        assert screen.values == [*expected, ALL_REGIONS]
