"""The console itself in a real terminal, at 1,000 to 100,000 servers of a simulated account.

Keys are sent as a hand would, one after the other, and answered when the screen shows what it shows until the
next key comes; the header, which counts seconds, is left out. What a refresh costs is processor time of the
whole process: the request, decoding, building rows, comparing, and whatever it paints.
"""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.end_to_end.simulation import Simulation, separate_simulation
from tools.benchmarks.harness import Figure, main, milliseconds, percentile, ratio
from tools.benchmarks.processes import CONSOLE, cpu_seconds, private_environment, undisturbed
from tools.benchmarks.recorded_terminal import Frame, RecordedTerminal, answer_times

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COUNT = 10_000
FEW = 100
STREAMED = 10_240
LATENCY_MS = 50
BODY = slice(1, None)
"""The screen without its header."""
FILTER_LINE = slice(1, 2)
PAUSE = 0.2
"""Seconds between two keys: time to answer each, also at 100,000 servers."""
TYPING = 0.08
"""Seconds between two keys while the list comes in, which takes about a second."""
TYPED = "web-0" + "bdfhjlnprtvxz" * 4
"""What is typed while the list comes in: first what many servers match, then what none does."""
SELECTED = "▌"
BACKSPACE = "\x7f"
PAGE_DOWN = "\x1b[6~"
LINE = re.compile(rb"\x1b\[(\d+);\d+H")
"""How a frame says which line it writes next."""


@contextmanager
def opened_console(*options: str) -> Iterator[RecordedTerminal]:
    """The console on a simulator that was started with these options."""
    with (
        separate_simulation(*options) as gateway,
        private_environment() as environment,
        RecordedTerminal([CONSOLE], {**environment, **gateway.environment}) as terminal,
    ):
        yield terminal


def header(text: str) -> str:
    """The first line of a screen; while the list is read it tells its progress in place of its age."""
    return text.partition("\n")[0]


def wait_for_list(terminal: RecordedTerminal) -> None:
    """Wait until the whole list is on screen and nothing is being read."""
    until_read(terminal)
    time.sleep(0.5)


def until_read(terminal: RecordedTerminal) -> None:
    """Wait until the header tells the list's age, which it does once the whole list was read."""
    terminal.until(lambda text: " ago" in header(text), "the whole list")


def type_slowly(terminal: RecordedTerminal, keys: list[str], pause: float = PAUSE) -> list[float]:
    """Press the keys one by one; returns when each was pressed."""
    pressed = []
    for key in keys:
        pressed.append(terminal.press(key))
        time.sleep(pause)
    return pressed


def filter_keys(*words: str) -> list[str]:
    """Every word typed and taken back, letter by letter."""
    return [key for word in words for key in (*word, *BACKSPACE * len(word))]


def keystrokes(terminal: RecordedTerminal, *words: str) -> list[float]:
    """Seconds from each key in the filter to the painted table."""
    terminal.press("/")
    time.sleep(PAUSE)
    keys = filter_keys(*words)
    pressed = type_slowly(terminal, keys)
    times = answer_times(terminal.frames(), pressed, time.monotonic(), BODY)
    terminal.press("\r")
    time.sleep(PAUSE)
    if len(times) < len(keys) // 2:
        raise RuntimeError(f"only {len(times)} of {len(keys)} keys changed the screen")
    return times


def moves(terminal: RecordedTerminal, keys: list[str]) -> list[float]:
    """Seconds from each key in the table to the painted selection."""
    terminal.press("g")
    time.sleep(PAUSE)
    pressed = type_slowly(terminal, keys, 0.1)
    return answer_times(terminal.frames(), pressed, time.monotonic(), BODY)


def cost_of(terminal: RecordedTerminal, act: Callable[[], object]) -> float:
    """Processor seconds of the console from ``act`` on, until it is done."""
    before = cpu_seconds(terminal.pid)
    act()
    return cpu_seconds(terminal.pid) - before


def refresh(terminal: RecordedTerminal, rest: float = 0.3) -> tuple[float, set[int]]:
    """Processor seconds of one refresh, and the screen's lines that it wrote to (the header is line 1)."""
    before = len(terminal.chunks)

    def act() -> None:
        terminal.press("r")
        terminal.until(lambda text: " ago" not in header(text), "the refresh to begin")
        until_read(terminal)
        time.sleep(rest)

    spent = cost_of(terminal, act)
    written = b"".join(chunk.data for chunk in terminal.chunks[before:])
    return spent, {int(line) for line in LINE.findall(written)} - {1}


def refresh_figures(terminal: RecordedTerminal, count: int, rounds: int) -> list[Figure]:
    """What one refresh costs that changes nothing, and how many lines below the header it repaints."""
    refresh(terminal)
    looks = [refresh(terminal) for _ in range(rounds)]
    spent = median(cost for cost, _ in looks)
    repainted = max(len(lines) for _, lines in looks)
    title = f"refresh that changes nothing, {count:,}"
    return [
        Figure(f"{title}: of one core, every 10 s", 100 * spent / 10, "%", bar=10),
        Figure(f"{title}: lines repainted below the header", repainted, "lines", bar=0),
    ]


def streamed(gateway: Simulation, first: str, letters: str) -> tuple[list[Frame], list[float]]:
    """Open the console and press ``first``, then the letters until the list is complete; frames and times."""
    pressed: list[float] = []
    with (
        private_environment() as environment,
        RecordedTerminal([CONSOLE], {**environment, **gateway.environment}) as terminal,
    ):
        terminal.first_bytes(b"running")
        terminal.press(first)
        for letter in letters:
            if any(b" ago" in chunk.data for chunk in terminal.chunks):
                break
            pressed.append(terminal.press(letter))
            time.sleep(TYPING)
        time.sleep(0.5)
        return terminal.frames(), pressed


def streamed_letters(gateway: Simulation) -> list[float]:
    """Seconds until a letter stands in the filter while pages come in."""
    frames, pressed = streamed(gateway, "/", TYPED)
    return [
        next(frame.time for frame in frames if frame.lines[1].startswith(f" / {TYPED[:place]}")) - moment
        for place, moment in enumerate(pressed, 1)
    ]


def streamed_moves(gateway: Simulation) -> list[float]:
    """Seconds until another server is selected while pages come in."""
    frames, pressed = streamed(gateway, "g", "jjjkjjjk" * 4)
    answers = []
    for moment in pressed:
        before = selected([frame for frame in frames if frame.time <= moment][-1])
        answers.append(
            next(frame.time for frame in frames if frame.time > moment and selected(frame) != before) - moment
        )
    return answers


def selected(frame: Frame) -> str:
    """The name of the selected server."""
    return next((line[:15] for line in frame.lines[2:] if line.startswith(SELECTED)), "")


def streaming_figures(*, quick: bool) -> list[Figure]:
    """How soon keys are answered while servers stream in: moves in the list, and letters in the filter."""
    moved: list[float] = []
    typed: list[float] = []
    with separate_simulation("--latency", str(LATENCY_MS), "--servers", str(STREAMED)) as gateway:
        streamed_letters(gateway)  # the gateway keeps the pages that it encoded
        for _ in range(1 if quick else 10):
            moved += streamed_moves(gateway)
            typed += streamed_letters(gateway)
    title = f"key while {STREAMED:,} servers stream in"
    every = tuple(1000 * each for each in moved + typed)
    return [
        Figure(f"{title}, p95", percentile(every, 95), "ms", bar=50, samples=every),
        milliseconds(f"{title}, move in the list", moved),
        milliseconds(f"{title}, letter in the filter", typed),
    ]


def first_rows_figures(*, quick: bool) -> list[Figure]:
    """How soon the first start shows rows: after two round trips and what it loads, whatever the number of servers."""
    few, many = FEW, 2_000 if quick else COUNT
    shown: dict[int, list[float]] = {few: [], many: []}
    with (
        separate_simulation("--latency", str(LATENCY_MS), "--servers", str(few)) as small,
        separate_simulation("--latency", str(LATENCY_MS), "--servers", str(many)) as large,
    ):
        for turn in range(3 if quick else 12):
            for count, gateway in ((few, small), (many, large)):
                with (
                    private_environment() as environment,
                    RecordedTerminal([CONSOLE], {**environment, **gateway.environment}) as terminal,
                ):
                    opening, _ = terminal.first_bytes(b"Opening")
                    rows, _ = terminal.first_bytes(b"running")
                    if turn:  # in the first round the gateway encodes its pages
                        shown[count].append(rows - opening)
    title = f"first rows of {many:,} servers over {LATENCY_MS} ms latency, after the first frame"
    return [ratio(title, shown[many], shown[few], versus=f"{few} servers", bar=1.3), milliseconds(title, shown[many])]


def kept_figures(*, quick: bool) -> list[Figure]:
    """How soon the next start shows the list that an earlier console kept."""
    title = f"kept list on screen, {COUNT:,} servers"
    shown: list[float] = []
    with (
        separate_simulation("--latency", str(LATENCY_MS), "--servers", str(COUNT)) as gateway,
        private_environment() as environment,
    ):
        variables = {**environment, **gateway.environment}
        with RecordedTerminal([CONSOLE], variables) as terminal:
            wait_for_list(terminal)
            lists = Path(environment["XDG_STATE_HOME"]) / "ncpconsole" / "lists"
            terminal.until(lambda _: any(lists.glob("*.msgpack")), "the list to be kept")
        for _ in range(2 if quick else 7):
            with RecordedTerminal([CONSOLE], variables) as terminal:
                opening, _ = terminal.first_bytes(b"Opening")
                kept, _ = terminal.first_bytes(b"kept list")
                shown.append(kept - opening)
    return [milliseconds(f"{title}, after the first frame", shown, bar=150)]


def size_figures(count: int, rounds: int) -> dict[str, list[float]]:
    """Seconds per filter keystroke and per move of the selection, and the refresh figures' raw values."""
    words = ("web-0", "10.0.1", "is:eligible", "kr-2")[: max(1, rounds)]
    with opened_console("--servers", str(count)) as terminal:
        wait_for_list(terminal)
        keystrokes(terminal, "we")
        return {"keystroke": keystrokes(terminal, *words), "move": moves(terminal, ["j"] * 10 + [PAGE_DOWN] * 5)}


def figures(*, quick: bool = False) -> list[Figure]:
    """The figures of this module; takes about two minutes."""
    with undisturbed():
        return measure(quick=quick)


def measure(*, quick: bool) -> list[Figure]:
    """All figures of this module."""
    count = 2_000 if quick else COUNT
    words = ("web-0", "10.0.1.2", "결제-0", "is:eligible", "kr-2 !linux")[: 1 if quick else None]
    found: list[Figure] = []
    with opened_console("--servers", str(count)) as terminal:
        wait_for_list(terminal)
        found += refresh_figures(terminal, count, 2 if quick else 5)
        keystrokes(terminal, "we")
        times = keystrokes(terminal, *words)
        title = f"filter keystroke to painted, {count:,}"
        samples = tuple(1000 * each for each in times)
        found += [
            Figure(f"{title}, p95", percentile(samples, 95), "ms", bar=50, samples=samples),
            milliseconds(f"{title}, median", times),
        ]
    found += streaming_figures(quick=quick)
    found += first_rows_figures(quick=quick)
    found += kept_figures(quick=quick)
    if not quick:
        found += scaling_figures()
    return found


def scaling_figures() -> list[Figure]:
    """How answers grow from 1,000 to 100,000 servers."""
    small, large = size_figures(1_000, 4), size_figures(100_000, 4)
    return [
        ratio("move of the selection to painted, 100,000", large["move"], small["move"], versus="1,000"),
        milliseconds("move of the selection to painted, 100,000", large["move"]),
        ratio("filter keystroke, 100,000", large["keystroke"], small["keystroke"], versus="1,000"),
        milliseconds("filter keystroke to painted, 100,000", large["keystroke"]),
    ]


if __name__ == "__main__":
    main(figures)
