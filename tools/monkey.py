"""Random keys at the console: ``python -m tools.monkey --seconds 120 [--seed N]``.

The terminal is a real one, the gateway a separately started ``ncpconsole simulate``. Whatever is pressed, the
console must live, answer and send no interrupt: that takes a server's name, and nobody types one by luck.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from tests.end_to_end.simulation import Simulation, separate_simulation
from tests.end_to_end.terminal import CONSOLE, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 :/!?.,-_=+*~^\"'()[]{}<>|\\@#$%&;`"
COMMANDS = "!!!!/esSh rRpyYJ?:qjkgGxfsoml "
FOREIGN = "결제서버é́ßñ漢字あ🙂\u200d\u202e"
NAMED = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pgup": "\x1b[5~",
    "pgdn": "\x1b[6~",
    "delete": "\x1b[3~",
    "insert": "\x1b[2~",
    "shift+up": "\x1b[1;2A",
    "ctrl+right": "\x1b[1;5C",
    "alt+down": "\x1b[1;3B",
    "alt+x": "\x1bx",
    "f1": "\x1bOP",
    "f5": "\x1b[15~",
    "f12": "\x1b[24~",
    "ctrl+enter": "\x1b[13;5u",
    "focus out": "\x1b[O",
    "focus in": "\x1b[I",
    "torn escape": "\x1b[1;",
    "mouse, old": "\x1b[M !!",
}
CONTROLS = {f"ctrl+{chr(96 + code)}": chr(code) for code in range(27)}
PASTES = (
    "is:eligible zone:KR-1",
    "web-00012x",
    "'\"[/]" * 40,
    "\x1b[31m red \x1b]52;c;aGk=\x07",
    "one\ntwo\r\nthree",
    "결제-99999",
    "a" * 3000,
    "is:what status:",
)
OPTIONS = ((), ("--ascii",), ("--read-only",), ("--region", "all"), ("--theme", "ansi-dark"), ("--incident", "INC-1"))
SCREENS = ("INTERRUPT", "History", "Raw record", "Identity", "Review", "Keys", "Export", "too-small", "of 128")
FAILED = ("stopped on an internal error", "internal error ended this dialog", "Traceback")
SIZES = ((80, 24), (80, 24), (120, 36), (60, 16), (59, 15), (200, 60), (10, 3), (1, 1), (132, 12))
ANSWER_EVERY = 150
GO_ON = "\x11"
"""Ctrl+Q: a terminal that was given back and stopped by a Ctrl+S takes what the console still has to say."""


def given_back(console: Terminal) -> bool:
    """Whether the console has left the screen, so that keys are the terminal's again."""
    return console.raw.rfind(b"\x1b[?1049l") > console.raw.rfind(b"\x1b[?1049h")


@dataclass
class Monkey:
    """Somebody who knows no key and presses all of them, as ``seed`` and the time it takes decide."""

    seed: int
    gateway: Simulation
    home: Path
    program: tuple[str, ...] = (CONSOLE,)
    acts: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    is_small: bool = False
    last: deque[str] = field(default_factory=lambda: deque(maxlen=80))

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def play(self, seconds: float) -> Self:
        """Press keys for so long, opening the console again whenever it was quit; raises what is found."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.live(end)
        assert self.gateway.interrupts == 0, f"an interrupt was sent: {self}"
        return self

    def live(self, end: float) -> None:
        """One console, from its start until it is quit or time is over."""
        self.starts += 1
        self.is_small = False
        options = self.random.choice(OPTIONS)
        self.last.append(f"<start {' '.join(options)}>")
        with Terminal(
            *self.program[1:],
            *options,
            program=self.program[0],
            environment=self.environment,
            inherit=False,
            directory=self.home,
            patience=60,
        ) as console:
            console.until(lambda text: " eligible" in text and "NAME" in text, f"the list; {self}")
            while time.monotonic() < end:
                for _ in range(ANSWER_EVERY):
                    self.act(console)
                    if not console.read(self.random.choice((0, 0, 0.01, 0.05))):
                        self.check_end(console)
                        return
                    self.look(console)
                    if time.monotonic() > end:
                        break
                if not self.answers(console):
                    self.check_end(console)
                    return

    def act(self, console: Terminal) -> None:
        """Do one thing at random."""
        kinds: list[tuple[float, Callable[[Terminal], str]]] = [
            (30, self.command),
            (20, self.letter),
            (25, self.named),
            (5, self.control),
            (4, self.paste),
            (5, self.click),
            (3, self.burst),
            (1.5, self.resize),
            (1, self.rubbish),
        ]
        if self.is_small and self.random.random() < 0.2:
            console.resize(80, 24)
            self.is_small = False
        kind = self.random.choices([do for _, do in kinds], [weight for weight, _ in kinds])[0]
        self.last.append(kind(console))
        self.acts[kind.__name__] += 1

    def command(self, console: Terminal) -> str:
        """A letter that means something on some screen."""
        key = self.random.choice(COMMANDS)
        console.child.send(key)
        return key

    def letter(self, console: Terminal) -> str:
        """Any character."""
        key = self.random.choice(PLAIN + FOREIGN)
        console.child.send(key)
        return key

    def named(self, console: Terminal) -> str:
        """A key with a name; those that answer dialogs more often."""
        key = self.random.choice([*NAMED, *["enter", "esc", "tab", "down"] * 6])
        console.child.send(NAMED[key])
        return f"<{key}>"

    def control(self, console: Terminal) -> str:
        """A letter with Ctrl."""
        key = self.random.choice(list(CONTROLS))
        console.child.send(CONTROLS[key])
        return f"<{key}>"

    def paste(self, console: Terminal) -> str:
        """A text from a clipboard."""
        text = self.random.choice(PASTES)
        console.paste(text)
        return f"<paste {text[:20]!r}>"

    def click(self, console: Terminal) -> str:
        """The mouse: a click, the wheel, or only its way across."""
        button = self.random.choice((0, 0, 0, 2, 35, 64, 65))
        x, y = self.random.randint(1, 130), self.random.randint(1, 40)
        console.child.send(f"\x1b[<{button};{x};{y}M")
        if button < 3:
            console.child.send(f"\x1b[<{button};{x};{y}m")
        return f"<mouse {button} at {x},{y}>"

    def burst(self, console: Terminal) -> str:
        """Many keys at once, as over a slow line."""
        keys = "".join(
            self.random.choice([*PLAIN, *NAMED.values(), "!", "\r", "\x1b"]) for _ in range(self.random.randint(5, 40))
        )
        console.child.send(keys)
        return f"<burst {keys!r}>"

    def resize(self, console: Terminal) -> str:
        """Another size, perhaps far too small."""
        columns, lines = self.random.choice(SIZES)
        console.resize(columns, lines)
        self.is_small = columns < 60
        return f"<{columns}x{lines}>"

    def rubbish(self, console: Terminal) -> str:
        """Bytes that are no text."""
        some = bytes(self.random.randrange(0x80, 0x100) for _ in range(6))
        console.child.send(some)
        return f"<{some!r}>"

    def look(self, console: Terminal) -> None:
        """Note which screens come up; a failure that is said is a failure."""
        text = console.text
        self.seen.update(word for word in SCREENS if word in text)
        for word in FAILED:
            assert word not in text, f"{word}: {self}\n{text}"

    def answers(self, console: Terminal) -> bool:
        """A console that lives draws itself anew in a terminal of another size; False when it was quit."""
        for columns, lines in ((81, 25), (80, 24)):
            for _ in range(10):
                if not self.draws(console):
                    break
            before = len(console.raw)
            console.resize(columns, lines)
            deadline = time.monotonic() + console.patience
            while len(console.raw) == before:
                if not console.read(0.05):
                    return False
                if given_back(console):
                    console.child.send(GO_ON)
                assert time.monotonic() < deadline, f"no answer: {self}\n{console.text}\n{self.last_words(console)}"
        return True

    def draws(self, console: Terminal) -> bool:
        """Whether something is being drawn."""
        before = len(console.raw)
        return console.read(0.2) and len(console.raw) > before

    def check_end(self, console: Terminal) -> None:
        """The console ended; it must have been quit. Once the terminal is given back, Ctrl+C is a signal."""
        try:
            code = console.ended()
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self}\n{self.last_words(console)}") from None
        logs = "".join(file.read_text("utf-8") for file in self.home.rglob("debug.log"))
        assert code == 0 or (code in {-signal.SIGINT, 130} and given_back(console)), (
            f"exit code {code}: {self}\n{console.text}\n{logs}"
        )
        assert "Error" not in logs, f"{logs}\n{self}"

    def last_words(self, console: Terminal) -> str:
        """End a console that hangs; with the fault handler it tells where its threads were."""
        state = Path(f"/proc/{console.child.pid}/status")
        told = state.read_text("utf-8") if state.exists() else ""
        written = len(console.raw)
        console.child.send(GO_ON)
        for signum in (signal.SIGABRT, signal.SIGCONT):
            console.child.kill(signum)
        while console.read(5) and len(console.raw) < written + 20_000:
            pass
        return told + console.raw[written:].decode("utf-8", "replace")

    @property
    def environment(self) -> dict[str, str]:
        """A home of its own, keys of the simulator, and no way out to anywhere else."""
        nowhere = "http://127.0.0.1:9"
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "PYTHONFAULTHANDLER": "1",
            **{f"XDG_{name}_HOME": str(self.home / name.lower()) for name in ("CONFIG", "STATE", "DATA", "CACHE")},
            "HTTPS_PROXY": nowhere,
            "HTTP_PROXY": nowhere,
            "NO_PROXY": "127.0.0.1",
            **self.gateway.environment,
        }

    def __str__(self) -> str:
        return f"seed {self.seed}; the last keys: {' '.join(self.last)}"


def main() -> int:
    """Play, and say what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    with separate_simulation("--servers", "128", "--latency", "20") as gateway, TemporaryDirectory() as home:
        monkey = Monkey(seed, gateway, Path(home)).play(given.seconds)
        print(f"{monkey.acts.total()} acts in {monkey.starts} consoles: {dict(monkey.acts)}")
        print(f"screens seen: {dict(monkey.seen)}")
        print(f"requests: {gateway.counts()['requests']}, interrupts: {gateway.interrupts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
