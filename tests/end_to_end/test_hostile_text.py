"""Hostile text on the screen: whatever names, messages and pasted text hold, a terminal only draws it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.hostile import SEQUENCES, hostile_names
from tests.end_to_end.output import taken_apart, unfit
from tests.end_to_end.terminal import Terminal
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.simulator.threaded import ThreadedSimulator

NUMBER = re.compile(r" (1\d{8}) (?:10\.| {10})")
SEED = 20_26
LINES = 220
ROWS = LINES - 4
"""Lines of a page: all but header, filter, headings and keys."""
PASTED = "\x1b[2J\x9b31m\u202ereversed\u2066\u200b\x07\x1b]52;c;eA==\x07 end"


@contextmanager
def gateway_of(names: list[str], **more: str) -> Iterator[ThreadedSimulator]:
    """A gateway whose servers have these names and, in turn, the other texts that a server has."""
    with running_simulator(servers=len(names)) as gateway:
        state = gateway.simulator.state()
        for number, name in zip(gateway.fleet.slice(gateway.region, 0, len(names)), names, strict=True):
            state.change(number, name=name, description=name, **more)
        yield gateway


def keys_of(gateway: ThreadedSimulator) -> dict[str, str]:
    return {**gateway.environment, "NCLOUD_REGION": gateway.region}


def assert_only_drawn(terminal: Terminal) -> str:
    """Nothing was written but text fit for a terminal and what the screen itself has a use for."""
    output = taken_apart(bytes(terminal.raw))
    assert unfit(output.drawn, "\r\n") == set()
    return output.drawn


def numbers_in(text: str) -> list[int]:
    return [int(number) for number in NUMBER.findall(text)]


def whole_page(first: int) -> Callable[[str], bool]:
    """Whether a page that holds this number is painted to its end: its numbers follow one another."""

    def condition(text: str) -> bool:
        shown = numbers_in(text)
        return first in shown and shown == list(range(shown[0], shown[0] + ROWS))

    return condition


@pytest.fixture(scope="module")
def crowd() -> Iterator[ThreadedSimulator]:
    """A gateway with ten thousand names."""
    with gateway_of(hostile_names(10_000, SEED)) as gateway:
        yield gateway


def test_ten_thousand_names_pass_the_screen(crowd: ThreadedSimulator) -> None:
    with Terminal(environment=keys_of(crowd), columns=119, lines=LINES) as terminal:
        terminal.shows("10,000 servers")
        terminal.press("s")
        terminal.shows("NUMBER ▲")
        terminal.press("g")
        first = 142_300_001
        shown = numbers_in(terminal.until(whole_page(first), "the first page"))
        passed = set(shown)
        while max(shown) < 142_310_000:
            first = max(shown) + 1
            terminal.press("pgdn")
            shown = numbers_in(terminal.until(whole_page(first), f"a page with {first}"))
            passed.update(shown)
        assert passed == set(range(142_300_001, 142_310_001))
        terminal.press("q")
        assert terminal.ended() == 0
    assert_only_drawn(terminal)
    assert taken_apart(bytes(terminal.raw)).copied == ()


def test_hostile_text_on_every_screen_of_an_interrupt(tmp_path: Path) -> None:
    names = ["plain-1", *(f"web-{sequence}-{number}" for number, sequence in enumerate(SEQUENCES))]
    eligible = {"hypervisor": "XEN", "platform": "WND64", "image": "WND64", "status": "RUN", "operation": "NULL"}
    odd = {"zone": "KR-1\u202e\x1b[7m", "status_name": "run\x9b31mning"}
    with (
        gateway_of(names, **eligible, **odd) as gateway,
        Terminal(environment=keys_of(gateway), columns=100, lines=40, directory=tmp_path) as terminal,
    ):
        terminal.shows(f"{len(names)} eligible", "plain-1")
        terminal.press("/")
        terminal.shows("Enter to the list")
        terminal.type("web\u202e\u200b\u0085")
        terminal.shows(f"{len(names) - 1} of {len(names)}")
        terminal.paste(PASTED)
        terminal.shows("reversed", f"0 of {len(names)}")
        terminal.press("esc")
        terminal.hides("reversed")
        terminal.find("142300004")
        terminal.shows("▌", "altered name")
        terminal.press("y")
        terminal.shows("Copied the number")
        terminal.press("Y")
        terminal.shows("Copied the name")
        terminal.press("enter")
        terminal.shows("Identity")
        terminal.press("J")
        terminal.shows("Raw record", '"serverName"', '"serverDescription"')
        terminal.press("q")
        terminal.hides("Raw record")
        terminal.press("!")
        terminal.shows("Type the number")
        terminal.paste(PASTED)
        terminal.shows("type it, not paste")
        terminal.type("14230\u202e0004")
        terminal.shows("matches")
        terminal.press_and_see("tab")
        terminal.paste(PASTED)
        terminal.shows("reversed")
        terminal.press("enter")
        terminal.shows("enter SENDS")
        terminal.press("enter")
        terminal.shows("ACCEPTED")
        terminal.press("esc")
        terminal.hides("ACCEPTED")
        terminal.press("h")
        terminal.shows("History of", "reversed")
        terminal.press("x")
        terminal.shows("Markdown timeline")
        terminal.press("enter")
        terminal.shows("Written:")
        terminal.press("esc")
        terminal.hides("History of")
        gateway.faults.set(f"refused-saying=no\u202e{''.join(SEQUENCES)}")
        terminal.press("r")
        terminal.shows("STALE", "\\u202e")
        terminal.press("q")
        terminal.shows("STALE. Next try", "52;c;eA==")
        assert terminal.leave() == 0
    drawn = assert_only_drawn(terminal)
    assert "\\x1b[?1049l" in drawn
    assert taken_apart(bytes(terminal.raw)).copied == ("142300004", "web-\\x1b[?1049l-2")
    assert [one.server_no for one in gateway.interrupts] == ["142300004"]
    (export,) = tmp_path.glob("*.md")
    assert unfit(export.read_text("utf-8")) == set()
    assert "reversed" in export.read_text("utf-8")
