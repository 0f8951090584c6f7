"""A program in a PTY, every chunk it wrote kept with the time it arrived; screens are worked out afterwards.

Unlike `tests.end_to_end.terminal`, nothing is parsed while the program runs: on a machine of two cores the
parsing would be measured too.
"""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar

import pyte

from tools.benchmarks.processes import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Found = TypeVar("Found")

PATIENCE = 120.0
"""Seconds after which a benchmark that waits for something has failed."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes as they were read at once; ``time`` is `time.monotonic`, which all processes share."""

    time: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """What the screen showed from ``time`` on, line by line."""

    time: float
    lines: tuple[str, ...]


class RecordedTerminal:
    """``command`` in a terminal of ``columns`` × ``lines``, started now; ``started`` is the time before."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, columns: int = 80, lines: int = 24
    ) -> None:
        self.chunks: list[Chunk] = []
        self._arrived = threading.Condition()
        self._ended = False
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._frames: list[Frame] = []
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        variables = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command, env={**environment, **variables}, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(10)
        os.close(self._master)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self.process.pid

    def press(self, keys: str) -> float:
        """Send keys as they come from a terminal; returns the time before that."""
        now = time.monotonic()
        os.write(self._master, keys.encode())
        return now

    def first_bytes(self, wanted: bytes) -> tuple[float, float]:
        """Wait until these bytes were written; returns when they came, and the program's CPU seconds then."""
        came = self._until(lambda: next((one.time for one in self.chunks if wanted in one.data), None), wanted)
        return came, cpu_seconds(self.pid)

    def shows(self, *words: str) -> Frame:
        """Wait until all ``words`` are on the screen."""
        return self.until(lambda text: all(word in text for word in words), repr(words))

    def until(self, true: Callable[[str], bool], what: str) -> Frame:
        """Wait until this holds for the screen's text; returns the first such frame from now on."""
        seen = max(0, len(self.frames()) - 1)

        def found() -> Frame | None:
            nonlocal seen
            frames = self.frames()
            for frame in frames[seen:]:
                if true("\n".join(frame.lines)):
                    return frame
            seen = max(0, len(frames) - 1)
            return None

        return self._until(found, what)

    def frames(self) -> list[Frame]:
        """The screen after every chunk so far."""
        for chunk in self.chunks[len(self._frames) :]:
            self._stream.feed(chunk.data)
            self._frames.append(Frame(chunk.time, tuple(self._screen.display)))
        return self._frames

    def _has_news(self, known: int) -> bool:
        return len(self.chunks) > known or self._ended

    def _until(self, find: Callable[[], Found | None], what: object) -> Found:
        deadline = time.monotonic() + PATIENCE
        while True:
            known = len(self.chunks)
            if (found := find()) is not None:
                return found
            with self._arrived:
                self._arrived.wait_for(partial(self._has_news, known), timeout=1)
            if (self._ended and len(self.chunks) == known) or time.monotonic() > deadline:
                shown = "\n".join(self.frames()[-1].lines) if self.chunks else "nothing"
                raise RuntimeError(f"waited in vain for {what}; the screen:\n{shown}")

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:  # how Linux tells that the program has closed its terminal
                data = b""
            with self._arrived:
                if data:
                    self.chunks.append(Chunk(time.monotonic(), data))
                else:
                    self._ended = True
                self._arrived.notify_all()
            if not data:
                return


def answer_times(
    frames: Sequence[Frame], pressed: Sequence[float], until: float, lines: slice = slice(None)
) -> list[float]:
    """Seconds from each key to the frame from which its lines show what they show when the next key comes.

    ``until`` ends the last key's time; ``lines`` are looked at. A key that changed nothing has no entry.
    """
    answers = []
    for key, end in zip(pressed, [*pressed[1:], until], strict=True):
        before = next((frame for frame in reversed(frames) if frame.time <= key), None)
        during = [frame for frame in frames if key < frame.time <= end]
        if not during:
            continue
        settled = during[-1].lines[lines]
        if before is not None and before.lines[lines] == settled:
            continue
        for frame in reversed(during):
            if frame.lines[lines] != settled:
                break
            answered = frame.time
        answers.append(answered - key)
    return answers
