"""Logging in from the screen: what is asked, what is kept, and that no secret stays behind."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button, Input

from ncpconsole.core.errors import CredentialsError, KeyNotKept
from ncpconsole.ncp.errors import NotReached
from ncpconsole.tui.screens.login import LoginScreen
from tests.tui.console_driver import WAIT_LIMIT, DialogHost, screen_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from textual.pilot import Pilot

    from ncpconsole.core.session import Examined, LoginForm, OnWait, ProfileSummary, Session

ACCESS, SECRET = "AKTEST0123456789ABCD", "CANARY/secret+value=%"


@dataclass
class Keyring:
    """A program around the screen that keeps what it is given, or says no, or never answers."""

    refusal: Exception | None = None
    held: asyncio.Event | None = None
    forms: list[LoginForm] = field(default_factory=list)
    kept: list[LoginForm] = field(default_factory=list)
    for_session: list[LoginForm] = field(default_factory=list)
    looked: asyncio.Event | None = None
    cancelled: bool = False
    note: str = ""

    async def login(self, form: LoginForm, *, on_wait: OnWait | None = None, session_only: bool = False) -> str:
        """Test and keep the pair."""
        self.forms.append(form)
        if session_only:
            self.for_session.append(form)
            return f"The key of {form.profile} works, and is kept nowhere."
        if self.held is not None:
            if on_wait is not None:
                on_wait()
            try:
                await self.held.wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise
        if self.refusal is not None:
            raise self.refusal
        self.kept.append(form)
        return f"The key of {form.profile} works and is kept in the keyring."

    async def examine(self, profile: str | None) -> AsyncIterator[Examined]:
        """The doctor is not asked here."""
        raise AssertionError(profile)
        yield

    def places(self) -> list[tuple[str, str]]:
        """Where the record is."""
        raise AssertionError

    async def keyring_note(self) -> str:
        """What is said before anything is typed."""
        if self.looked is not None:
            await self.looked.wait()
        return self.note

    async def open_session(
        self, profile: str | None = None, region: str | None = None, *, on_wait: OnWait | None = None
    ) -> Session:
        """Not here."""
        raise NotImplementedError

    async def load_rest(self) -> None:
        """Everything is loaded."""

    def profiles(self) -> Sequence[ProfileSummary]:
        """None."""
        return []


@dataclass
class Form:
    """The screen, its program, and its answers."""

    app: DialogHost
    pilot: Pilot[None]
    screen: LoginScreen
    keyring: Keyring
    answers: list[str | None]

    async def fill(self, access: str = ACCESS, secret: str = SECRET) -> None:
        """Fill in the pair and go to the button."""
        self.screen.query_one("#access", Input).value = access
        self.screen.query_one("#secret", Input).value = secret
        self.screen.query_one("#save", Button).focus()
        await self.pilot.pause()

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(WAIT_LIMIT):
            while not true():
                await self.pilot.pause(0.01)

    @property
    def text(self) -> str:
        """What is on screen, in one line."""
        return " ".join(screen_text(self.app).replace("│", " ").split())


@asynccontextmanager
async def a_form(keyring: Keyring, *, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Form]:
    """The screen on a terminal."""
    app = DialogHost()
    answers: list[str | None] = []
    async with app.run_test(size=size) as pilot:
        screen = LoginScreen(keyring, profile="prod")
        app.push_screen(screen, answers.append)
        await pilot.pause()
        yield Form(app, pilot, screen, keyring, answers)


async def test_a_pair_that_works_is_kept_and_the_boxes_are_emptied() -> None:
    async with a_form(Keyring()) as form:
        boxes = list(form.screen.query(Input))
        await form.fill()
        await form.pilot.press("enter")
        await form.until(lambda: form.answers)
        assert form.answers == ["prod"]
        assert all(box.value == "" for box in boxes)
    (kept,) = form.keyring.kept
    assert (kept.profile, kept.site, kept.api_url) == ("prod", "public", "")
    assert (kept.access_key, kept.secret_key) == (ACCESS, SECRET)


@pytest.mark.parametrize(("steps", "site"), [(1, "gov"), (2, "fin")])
async def test_the_site_is_chosen_with_the_arrows(steps: int, site: str) -> None:
    async with a_form(Keyring()) as form:
        form.screen.query_one("#site").focus()
        await form.pilot.press(*["right"] * steps)
        await form.fill()
        await form.pilot.press("enter")
        await form.until(lambda: form.answers)
        assert form.keyring.kept[0].site == site


async def test_another_gateway_wants_its_url() -> None:
    async with a_form(Keyring()) as form:
        assert not form.screen.query_one("#url-row").display
        form.screen.query_one("#site").focus()
        await form.pilot.press("left")
        assert form.screen.query_one("#url-row").display
        await form.fill()
        await form.pilot.press("enter")
        await form.until(lambda: "the gateway's URL" in form.text)
        assert form.keyring.forms == []
        form.screen.query_one("#url", Input).value = "https://neurocloud.test"
        await form.until(lambda: not form.screen.query_one("#save").has_class("-active"))
        await form.pilot.press("enter")
        await form.until(lambda: form.answers)
        assert (form.keyring.kept[0].site, form.keyring.kept[0].api_url) == ("", "https://neurocloud.test")


@pytest.mark.parametrize(
    "refusal",
    [
        CredentialsError("The secret key does not belong to this access key.", "Copy the secret again."),
        CredentialsError("This machine's clock is 12 minutes off."),
        NotReached("The gateway is not reached: connection refused."),
    ],
)
async def test_what_went_wrong_is_said_and_nothing_is_kept(refusal: Exception) -> None:
    async with a_form(Keyring(refusal=refusal)) as form:
        await form.fill()
        await form.pilot.press("enter")
        await form.until(lambda: str(refusal) in form.text)
        assert form.keyring.kept == []
        assert form.answers == []
        assert not form.screen.query_one("#save", Button).disabled
        assert form.screen.query_one("#secret", Input).value == SECRET


async def test_what_is_missing_is_said_without_asking_anybody() -> None:
    async with a_form(Keyring()) as form:
        await form.fill(secret="  ")
        await form.pilot.press("enter")
        await form.until(lambda: "Type the secret key first." in form.text)
        assert form.keyring.forms == []


async def test_waiting_is_said_and_escape_calls_it_off() -> None:
    async with a_form(Keyring(held=asyncio.Event())) as form:
        await form.fill()
        await form.pilot.press("enter")
        await form.until(lambda: "Waiting for the OS keyring" in form.text)
        await form.pilot.press("enter", "enter")
        assert len(form.keyring.forms) == 1
        await form.pilot.press("escape")
        await form.until(lambda: "Called off. Nothing was saved." in form.text)
        assert form.keyring.cancelled
        assert form.answers == []
        await form.pilot.press("escape")
        await form.until(lambda: form.answers == [None])


async def test_leaving_the_program_ends_the_attempt() -> None:
    async with a_form(Keyring(held=asyncio.Event())) as form:
        await form.fill()
        await form.pilot.press("enter")
        await form.until(lambda: form.keyring.forms)
    assert form.keyring.cancelled


async def test_the_secret_is_neither_on_screen_nor_in_a_screenshot_nor_copied() -> None:
    async with a_form(Keyring()) as form:
        await form.fill()
        form.screen.query_one("#secret", Input).focus()
        await form.pilot.press("ctrl+shift+a", "ctrl+c", "ctrl+x")
        assert SECRET not in form.text
        assert "CANARY" not in form.app.export_screenshot()
        assert form.app.clipboard == ""
        assert SECRET not in repr(form.screen._form())


async def test_enter_in_the_boxes_saves_nothing() -> None:
    async with a_form(Keyring()) as form:
        await form.pilot.press(*"AK", "enter", *"SK")
        assert form.keyring.forms == []
        await form.pilot.press("enter")
        assert form.app.focused is form.screen.query_one("#save", Button)
        assert form.keyring.forms == []


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
async def test_everything_is_in_view(size: tuple[int, int]) -> None:
    async with a_form(Keyring(), size=size) as form:
        for box in ("#profile", "#site", "#access", "#secret", "#save", "#cancel", "#hints"):
            region = form.screen.query_one(box).region
            assert region.height > 0
            assert form.screen.region.contains_region(region)
        assert "( ) other" in form.text


async def test_without_a_keyring_it_is_said_before_the_first_letter() -> None:
    async with a_form(Keyring(note="No keyring here: the pair is kept nowhere.")) as form:
        await form.until(lambda: "the pair is kept nowhere" in form.text)
        assert form.screen.query_one("#access", Input).value == ""
        assert "then kept in the keyring" not in form.text
        assert "Test and use" in form.text
        await form.fill()
        await form.pilot.press("enter")
        await form.until(lambda: form.answers)
        assert form.answers == ["prod"]


async def test_where_a_key_is_kept_is_said_once_it_is_known_and_before_what_may_come() -> None:
    """Nobody types a letter without having been told that it may be for this session alone."""
    looked = asyncio.Event()
    async with a_form(Keyring(looked=looked, note="No keyring here: kept nowhere.")) as form:
        assert "Looking for the keyring" in form.text
        assert "used until this console ends, and kept nowhere" in form.text
        looked.set()
        await form.until(lambda: "No keyring here: kept nowhere." in form.text)
        assert "Test and use" in form.text
    async with a_form(Keyring()) as form:
        await form.until(lambda: "then kept in the keyring" in form.text)
        assert "Use for this session" not in form.text


async def test_a_pair_that_works_is_not_thrown_away_with_a_keyring_that_refuses_it() -> None:
    refusal = KeyNotKept("The pair works, but it was not kept: Secret Service is locked.", "Unlock it and try again.")
    async with a_form(Keyring(refusal=refusal)) as form:
        await form.fill()
        await form.pilot.press("enter")
        await form.until(lambda: "The pair can be used until this console ends" in form.text)
        assert "Secret Service is locked. Unlock it and try again." in form.text
        assert form.screen.query_one("#access", Input).value == ACCESS
        await form.until(lambda: form.screen.query_one("#session").has_focus)
        await form.pilot.press("enter")
        await form.until(lambda: form.answers)
        assert form.answers == ["prod"]
    (used,) = form.keyring.for_session
    assert (used.access_key, used.secret_key) == (ACCESS, SECRET)
    assert form.keyring.kept == []


async def test_a_wait_for_the_keyring_that_is_called_off_leaves_the_pair_to_this_session() -> None:
    async with a_form(Keyring(held=asyncio.Event())) as form:
        await form.fill()
        await form.pilot.press("enter")
        await form.until(lambda: "The pair works. Waiting for the OS keyring" in form.text)
        await form.pilot.press("escape")
        await form.until(lambda: "Called off. Nothing was saved. The pair can be used" in form.text)
        await form.until(lambda: form.screen.query_one("#session").has_focus)
        await form.pilot.press("enter")
        await form.until(lambda: form.answers)
    assert len(form.keyring.for_session) == 1


async def test_a_pair_that_was_not_accepted_is_not_offered() -> None:
    async with a_form(Keyring(refusal=CredentialsError("NCP does not know the access key."))) as form:
        await form.fill()
        await form.pilot.press("enter")
        await form.until(lambda: "does not know the access key" in form.text)
        assert not form.screen.query_one("#session").display
