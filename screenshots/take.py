"""Draw every scene of the console into this folder: ``python screenshots/take.py [NAME …]``.

The console is the one that the command opens, on the built-in simulator. Time stands still and chance is
fixed, so the same console draws the same pictures; a test compares them with the ones kept here.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import anyio
import ulid
from freezegun import freeze_time

from ncpconsole.cli.demo import DemoAccount
from ncpconsole.cli.options import Options
from ncpconsole.cli.wiring import Wiring
from ncpconsole.config.profiles import Profile
from ncpconsole.core import vitals_reader
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import Origin
from ncpconsole.language import ENGLISH, KOREAN, language, tr, use
from ncpconsole.ncp.transport import SignatureV2
from ncpconsole.simulator.simulator import Simulator
from ncpconsole.tui.app import ConsoleApp
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.timing import Clocks
from ncpconsole.tui.widgets.enter_guard import EnterGuard
from ncpconsole.tui.widgets.inputs import TypedInput
from screenshots.moving import Frame, moving
from tests.tui.console_driver import wait_for_idle

HERE = Path(__file__).parent
MOMENT = datetime(2026, 11, 23, 18, 4, 5, tzinfo=UTC)
"""Four minutes past three in the morning in Seoul."""
ORIGIN = Origin(user="mina", host="bastion-1", terminal="/dev/pts/3 from 192.0.2.7 over SSH", version="0.1.0")
WAIT_LIMIT = 60.0
ADDRESS = "http://127.0.0.1:18765"
"""Always the same, since some screens name the gateway's address. Where the simulator listens is another matter."""
REQUEST_ID = uuid.UUID("6f1d2c3b-4a59-4687-9b0c-1d2e3f405162")
"""What the simulator calls every answer: how many came before it differs from run to run."""
SEEN = ("STATE    running → setting up", "silent since")
"""What the watch sees of a server that took the interrupt. It is on show before the picture is drawn."""
SILENT = ("142300008", "batch-00008")
"""A server that looks hung: its guest fell silent six minutes ago."""
IN_KOREAN = {
    "eligible": "대상",
    " s ago": "초 전",
    "142300044": "142300044",
    "silent for 6 minutes": "6분 동안 무응답",
    "memory": "메모리",
    "esc or enter": "esc/enter",
    "STATE    running → setting up": "운영중 → 설정중",
    "silent since": "부터 무응답",
    "the longest silence comes first": "오래된 무응답부터",
    "VERDICT": "판정",
    "SENDS": "지금 인터럽트를 보냅니다",
}
"""What a scene waits for and is no whole message, in Korean."""
ALIVE = "142300012"
"""One whose guest sends its metrics."""
CELL = 12.2
"""Width of a cell in a picture."""
LEADING_BLANKS = re.compile(
    r'x="(?P<x>[\d.]+)"(?P<between> y="[\d.]+" textLength=")(?P<length>[\d.]+)"(?P<clip>[^>]*)>'
    r"(?P<blanks>(?:&#160;)+)(?!<)"
)
Steps = Callable[["Sitting"], Awaitable[None]]


class SceneSource(DemoAccount):
    """The demo, under the name of a production profile and with a clock that stands still."""

    def __init__(self, options: Options, faults: tuple[str, ...], profile: dict[str, Any]) -> None:
        super().__init__(options, servers=128)
        self._faults = faults
        self._profile = profile

    async def profile(self, name: str | None, region: str | None) -> Profile:
        """A profile whose every request the simulator answers."""
        del name
        if self._started is None:
            simulator = Simulator(
                servers=self._servers, faults=self._faults, clock=lambda: datetime.now(UTC).timestamp(), agents=True
            )
            self._simulator = await self._stack.enter_async_context(simulator)
            connect = anyio.connect_tcp

            async def connect_to_simulator(**asked: Any) -> Any:
                return await connect(**asked | {"remote_port": simulator.port})

            self._stack.enter_context(patch("anyio.connect_tcp", connect_to_simulator))
            fixed = {"name": "prod", "site": "simulator", "base_url_from": "a picture", **self._profile}
            self._started = Profile(base_url=ADDRESS, regions=(region or simulator.region,), **fixed)
        return self._started

    def fails(self, fault: str) -> None:
        """Have the gateway do something wrong from now on."""
        assert self._simulator is not None
        self._simulator.faults.set(fault)


class SceneApp(ConsoleApp):
    """The console, which closes what was opened for it when it ends."""

    wiring: Wiring
    source: SceneSource

    async def on_unmount(self) -> None:
        """Stop the simulator and remove the record."""
        await self.wiring.aclose()


@dataclass
class Sitting:
    """Somebody before the console, who presses keys and looks."""

    app: SceneApp
    pilot: Any
    moment: Any = None
    """What moves the time on; None where it stands still."""
    frames: list[Frame] = field(default_factory=list)

    async def shows(self, seconds: float) -> None:
        """Take what is on screen as a frame of a moving picture."""
        await wait_for_idle()
        self.frames.append(Frame(steady(self.app.export_screenshot()), seconds))

    @property
    def text(self) -> str:
        """What is on screen, as plain lines."""
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    async def sees(self, *words: str) -> None:
        """Wait until all words are on screen, each in the language of the scene if it is one of its messages."""
        words = tuple(IN_KOREAN.get(word, tr(word)) if language() == KOREAN else word for word in words)
        await self.until(lambda: all(word in self.text for word in words), f"{words} are not on screen")

    async def until(self, true: Callable[[], object], what: str) -> None:
        """Wait until something is so, and the console at rest."""
        try:
            async with asyncio.timeout(WAIT_LIMIT):
                while not true():
                    await self.pilot.pause(0.01)
        except TimeoutError:
            raise AssertionError(f"{what}:\n{self.text}") from None
        await wait_for_idle()

    async def has_list(self) -> None:
        """Wait until the whole list is read."""
        account = self.app.account
        await self.until(lambda: account.read_at is not None and not account.is_reading, "no whole list came")

    async def knows_signs(self) -> None:
        """Read the vital signs of all servers: which of them the list asks for itself depends on the pace."""
        servers = self.app.servers
        if (reading := servers.signs_reading) is not None and servers.model.view is not None:
            numbers = reading.signs.numbers_of(servers.model.view.rows)
            await reading.signs.read(numbers, arrived=reading.arrived, progress=lambda *_: None)
        await wait_for_idle()

    def fails(self, fault: str) -> None:
        """Have the gateway do something wrong from now on."""
        self.app.source.fails(fault)

    async def press(self, *keys: str) -> None:
        """Press keys by their names."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type a text into the box that has the focus."""
        for character in text:
            await self.pilot.press(character)

    async def selects(self, number: str) -> None:
        """Move to a server."""
        self.app.servers.table.select(number)
        await wait_for_idle()

    async def asks_for(self, number: str) -> None:
        """Open the dialog for a server."""
        await self.selects(number)
        await self.press("exclamation_mark")
        await self.sees("Send the interrupt")
        await self.until(lambda: tr("activity log: reading ...") not in self.text, "the activity log never came")

    async def interrupts(self, number: str, name: str) -> None:
        """Confirm by name and send."""
        await self.asks_for(number)
        await self.type(name)
        await self.sees("matches")
        await self.press("enter")
        await self.sees("SENDS")
        await self.press("enter")
        async with asyncio.timeout(WAIT_LIMIT):
            while not (isinstance(self.app.screen, ResultScreen) and not self.app.flow.sending):
                await self.pilot.pause(0.01)


@dataclass(frozen=True)
class Scene:
    """One picture: the console's size and options, and what is done before it is drawn."""

    name: str
    steps: Steps
    size: tuple[int, int] = (100, 30)
    options: Options = field(default_factory=Options)
    faults: tuple[str, ...] = ()
    app: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    language: str = ENGLISH


async def see_list(sitting: Sitting) -> None:
    """The list, on a server that may be interrupted."""
    await sitting.selects("142300012")


async def see_longest_silence(sitting: Sitting) -> None:
    """The list with the longest silence first."""
    await sitting.press("v")
    await sitting.sees("the longest silence comes first")
    await sitting.press("g")


async def see_filter(sitting: Sitting) -> None:
    """A filter being typed."""
    await sitting.press("slash")
    await sitting.type("is:eligible zone:KR-1 !batch web")


async def see_details(sitting: Sitting) -> None:
    """Everything about a server that must be confirmed by its number."""
    await sitting.selects("142300044")
    await sitting.press("enter")
    await sitting.sees("142300044", "memory")


async def see_silent(sitting: Sitting) -> None:
    """Everything about a server that looks hung."""
    await sitting.selects(SILENT[0])
    await sitting.press("enter")
    await sitting.sees("silent for 6 minutes", "memory")


async def see_confirm(sitting: Sitting) -> None:
    """The dialog of a server that looks hung, before anything is typed."""
    await sitting.asks_for(SILENT[0])


async def see_alive(sitting: Sitting) -> None:
    """The dialog of a server that does not: it wants the number."""
    await sitting.asks_for(ALIVE)


async def see_mismatch(sitting: Sitting) -> None:
    """The dialog with a name that is not the server's."""
    await sitting.asks_for(SILENT[0])
    await sitting.type("batch-00080")
    await sitting.sees("does not match")


async def see_caution(sitting: Sitting) -> None:
    """The dialog that asks for the number, because two servers bear one name."""
    await sitting.asks_for("142300020")


async def see_accepted(sitting: Sitting) -> None:
    """The result."""
    await sitting.interrupts(*SILENT)
    await sitting.sees("ACCEPTED", "esc or enter", *SEEN)


async def see_unknown(sitting: Sitting) -> None:
    """The result when no answer came."""
    await sitting.interrupts(*SILENT)
    await sitting.sees("UNKNOWN", "esc or enter", *SEEN)


async def see_rejected(sitting: Sitting) -> None:
    """The result when NAVER Cloud said no."""
    await sitting.interrupts(*SILENT)
    await sitting.sees("REJECTED", "esc or enter")


async def see_not_sent(sitting: Sitting) -> None:
    """The result when the server could not be read again right before the send."""
    await sitting.asks_for(SILENT[0])
    sitting.fails("detail:permission-denied")
    await sitting.type(SILENT[1])
    await sitting.sees("matches")
    await sitting.press("enter")
    await sitting.sees("SENDS")
    await sitting.press("enter")
    await sitting.sees("NOT SENT", "esc or enter")


async def see_review(sitting: Sitting) -> None:
    """Two marked servers, of which the first was looked at and left out."""
    for number in (SILENT[0], "142300028"):
        await sitting.selects(number)
        await sitting.press("space")
    await sitting.press("exclamation_mark")
    await sitting.sees("esc")
    await sitting.press("s")
    await sitting.sees("skipped")


async def see_history(sitting: Sitting) -> None:
    """Two interrupts on record."""
    for number, typed in (SILENT, ("142300031", "142300031")):
        await sitting.interrupts(number, typed)
        await sitting.sees(*SEEN)
        await sitting.press("escape")
        await sitting.sees("VERDICT")
    await sitting.press("h")
    await sitting.sees(SILENT[1], "결제-00031")


async def see_login(sitting: Sitting) -> None:
    """The login, with a secret typed."""
    sitting.app.action_login()
    await sitting.sees("ccess key")
    await sitting.type("ABCDEFGHIJ0123456789")
    await sitting.press("tab")
    await sitting.type("never-drawn-in-a-picture")


async def see_help(sitting: Sitting) -> None:
    """All keys."""
    await sitting.press("question_mark")
    await sitting.sees("Keys", "Find")


async def see_korean(sitting: Sitting) -> None:
    """Korean names, aligned."""
    await sitting.press("slash")
    await sitting.type("결제")
    await sitting.press("enter")


async def see_nothing(sitting: Sitting) -> None:
    """A line of a ticket that no server matches as a whole: which words match alone."""
    await sitting.press("slash")
    await sitting.type("INC-77 142300012 hangs")
    await sitting.sees("Tab keeps it alone")


async def see_interrupt(sitting: Sitting) -> None:
    """One whole interrupt: the list, the silent server, its dialog, the name, the send, and the server back."""
    number, name = SILENT
    await sitting.shows(1.5)
    await sitting.press("slash")
    for word in ("is:", "silent"):
        await sitting.type(word)
        await sitting.shows(0.7)
    await sitting.press("enter")
    await sitting.selects(number)
    await sitting.shows(2)
    await sitting.press("exclamation_mark")
    await sitting.sees("Send the interrupt")
    await sitting.shows(3)
    for part in (name[:3], name[3:6], name[6:9], name[9:]):
        await sitting.type(part)
        await sitting.shows(0.35)
    await sitting.sees("matches")
    await sitting.press("enter")
    await sitting.sees("SENDS")
    await sitting.shows(1.5)
    await sitting.press("enter")
    await sitting.sees("ACCEPTED", "esc or enter", *SEEN)
    await sitting.shows(2.5)
    sitting.moment.tick(10)
    await sitting.sees("back: ")
    await sitting.shows(4)
    await sitting.press("escape")
    await sitting.sees("may dump")
    await sitting.shows(2.5)


SCENES: tuple[Scene, ...] = (
    Scene("list", see_list, size=(120, 30)),
    Scene("filter", see_filter, size=(80, 24)),
    Scene("nothing", see_nothing, size=(80, 24)),
    Scene("details", see_details),
    Scene("silent", see_silent),
    Scene("confirm", see_confirm),
    Scene("alive", see_alive),
    Scene("mismatch", see_mismatch, size=(80, 24)),
    Scene("caution", see_caution),
    Scene("accepted", see_accepted),
    Scene("unknown", see_unknown, faults=("interrupt:answer-closed",)),
    Scene("rejected", see_rejected, faults=("interrupt:refused-saying=The server is being migrated.",)),
    Scene("not-sent", see_not_sent),
    Scene("review", see_review),
    Scene("history", see_history, options=Options(incident="INC-2041")),
    Scene("login", see_login, size=(80, 24)),
    Scene("help", see_help, size=(100, 54)),
    Scene("narrow", see_list, size=(60, 16)),
    Scene("light", see_list, size=(80, 24), app={"theme": "textual-light"}),
    Scene("ascii", see_list, size=(80, 24), app={"ascii_marks": True}),
    Scene("korean", see_korean, size=(80, 24), profile={"policy": Policy(protected=True)}),
    Scene("list-ko", see_longest_silence, size=(80, 24), language=KOREAN),
    Scene("details-ko", see_silent, size=(80, 24), language=KOREAN),
    Scene("confirm-ko", see_confirm, size=(80, 24), language=KOREAN),
    Scene("alive-ko", see_alive, size=(80, 24), language=KOREAN),
    Scene("accepted-ko", see_accepted, size=(80, 24), language=KOREAN),
    Scene("history-ko", see_history, size=(80, 24), options=Options(incident="INC-2041"), language=KOREAN),
)


MOVING = Scene("interrupt", see_interrupt, size=(80, 24))
"""The scene that is drawn as one moving picture."""
STANDS_FOR_ALL = -2
"""Its frame that is shown to those who want no motion: the server is back."""
ABOUT = "One interrupt in the demo: a silent server is found, confirmed by its name, interrupted once, and comes back"


def console_for(scene: Scene) -> SceneApp:
    """The console of a scene, not yet running, in the language of the scene."""
    use(scene.language)
    source = SceneSource(scene.options, scene.faults, scene.profile)
    wiring = Wiring(scene.options, source)
    app = SceneApp(wiring, **scene.app)
    app.wiring, app.source = wiring, source
    app.account.clocks = Clocks(lambda: 0.0, lambda: 0.0)
    app.animation_level = "none"
    return app


async def perform(scene: Scene, pilot: Any, moment: Any = None) -> Sitting:
    """Wait for the list, then do what the scene says; cursors stop blinking."""
    sitting = Sitting(pilot.app, pilot, moment)
    await sitting.has_list()
    await sitting.sees("eligible", " s ago")
    await sitting.knows_signs()
    await scene.steps(sitting)
    for box in pilot.app.screen.query("Input"):
        box.cursor_blink = False
    await wait_for_idle()
    return sitting


@contextmanager
def standing_still() -> Iterator[Any]:
    """Fix the time, the zone, whoever acts, and chance. Gives what moves the time on."""
    # A count for each size: who draws a number of another size, and when, differs from run to run.
    numbers: defaultdict[int, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
    zone = os.environ.get("TZ")
    os.environ["TZ"] = "Asia/Seoul"
    time.tzset()
    try:
        with (
            freeze_time(MOMENT, real_asyncio=True, ignore=["textual", "ncpconsole.core.records"]) as moment,
            # Its clock was chosen when the module was loaded, perhaps before time stood still.
            patch.object(SignatureV2.__init__, "__defaults__", (MOMENT.timestamp,)),
            patch("ncpconsole.cli.journal.origin", lambda: ORIGIN),
            patch("uuid.uuid4", lambda: REQUEST_ID),
            # It counts on from the last one of the same moment.
            patch("ulid.default_generator", ulid.ULIDGenerator()),
            # Keys are pressed here as fast as the console takes them.
            patch.object(EnterGuard, "SECONDS", 0.0),
            patch.object(TypedInput, "FASTEST", 0.0),
            # A machine that does much else has time here too.
            patch.object(vitals_reader, "WAIT", WAIT_LIMIT),
            patch("os.urandom", lambda size: next(numbers[size]).to_bytes(size, "big")),
        ):
            yield moment
    finally:
        use(ENGLISH)
        if zone is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = zone
        time.tzset()


@asynccontextmanager
async def performed(scene: Scene) -> AsyncIterator[SceneApp]:
    """The console with the scene on screen."""
    app = console_for(scene)
    async with app.run_test(size=scene.size) as pilot:
        await perform(scene, pilot)
        yield app


async def drawn(scene: Scene) -> str:
    """The scene as SVG."""
    async with performed(scene) as app:
        return steady(app.export_screenshot(title=f"ncpconsole · {scene.name}"))


def steady(svg: str) -> str:
    """The same picture with a fixed prefix where the renderer numbers its classes.

    Blanks at the start of a text become a place further right: not every viewer draws them.
    """
    return LEADING_BLANKS.sub(moved, re.sub(r"terminal-\d+", "terminal", svg))


def moved(text: re.Match[str]) -> str:
    """The same text, beginning with what can be seen."""
    blank = text["blanks"].count("&#160;") * CELL
    x, length = float(text["x"]) + blank, float(text["length"]) - blank
    return f'x="{x:g}"{text["between"]}{length:g}"{text["clip"]}>'


async def drawn_moving(moment: Any) -> str:
    """The moving scene as SVG; ``moment`` moves the time on."""
    app = console_for(MOVING)
    async with app.run_test(size=MOVING.size) as pilot:
        sitting = await perform(MOVING, pilot, moment)
    still = len(sitting.frames) + STANDS_FOR_ALL
    return moving(sitting.frames, still, *MOVING.size, ABOUT)


def main(names: list[str]) -> int:
    """Draw the scenes named, or all."""
    known = {scene.name: scene for scene in (*SCENES, MOVING)}
    if unknown := sorted(set(names) - set(known)):
        print(f"There is no scene {', '.join(unknown)}; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    for name in names or known:
        with standing_still() as moment:
            svg = asyncio.run(drawn_moving(moment) if name == MOVING.name else drawn(known[name]))
        (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
