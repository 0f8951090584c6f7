"""A secret key goes through everything that the program does, and is found nowhere but in the keyring."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest

from ncpconsole.simulator.accounts import Account, Key
from tests.end_to_end.terminal import CONSOLE, Terminal
from tests.end_to_end.traces import Watcher, files_with, found_in
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from tests.config.secret_service import SecretService
    from tests.simulator.threaded import ThreadedSimulator

pytestmark = pytest.mark.secret_service

ACCESS_KEY = "CANARYACCESSKEY77Q01"
SECRET_KEY = "canary=Q7%\"결제'&<zebra>\\umbrella-0x5f"
SERVERS = 64
AGREED = ("--despite", "recent", "--despite", "operation")


class Operator:
    """Somebody with a keyring and one key. Everything printed is kept, and every process watched."""

    def __init__(self, keyring: SecretService, directory: Path) -> None:
        self.keyring = keyring
        self.cwd = directory / "cwd"
        self.temporary = directory / "tmp"
        self.cwd.mkdir()
        self.temporary.mkdir()
        self.environment = keyring.environment | {"TMPDIR": str(self.temporary), "LC_ALL": "C.UTF-8"}
        self.printed = b""
        self.watcher = Watcher()

    @property
    def places(self) -> tuple[Path, ...]:
        """Every directory that something may have been written to."""
        return (self.keyring.home, self.cwd, self.temporary)

    def terminal(self, *words: str, program: str = CONSOLE, **variables: str) -> Terminal:
        """The program in a terminal with nothing but this operator's environment."""
        return Terminal(
            *words,
            program=program,
            environment=self.environment | variables,
            directory=self.cwd,
            columns=100,
            lines=40,
            inherit=False,
        )

    def run(
        self, *words: str, code: int = 0, typed: str = "", program: tuple[str, ...] = (CONSOLE,), **variables: str
    ) -> str:
        """Run a command to its end; returns what it printed."""
        with subprocess.Popen(
            [*program, *words],
            env=self.environment | variables,
            cwd=self.cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            if variables:
                out, err = process.communicate(typed.encode(), timeout=60)
            else:
                with self.watcher.watching(process.pid):
                    out, err = process.communicate(typed.encode(), timeout=60)
        self.printed += out + err
        assert process.returncode == code, (words, out, err)
        return out.decode()


@pytest.fixture
def operator(secret_service: SecretService, tmp_path: Path) -> Operator:
    return Operator(secret_service, tmp_path)


def test_the_canary_stays_in_the_keyring(operator: Operator) -> None:
    account = Account("canary", (Key(ACCESS_KEY, SECRET_KEY),), servers=SERVERS)
    with running_simulator(accounts=(account,)) as gateway:
        screen = log_in_on_screen(operator, gateway)
        server = next(
            one for one in json.loads(operator.run("servers", "--filter", "name:web-", "--json")) if not one["cautions"]
        )
        screen += work_on_screen(operator, server["serverName"], server["serverInstanceNo"])
        run_commands(operator, gateway)
        fail(operator, gateway, server["serverInstanceNo"])
        crash(operator, gateway)
        operator.run("logout")
        operator.run("servers", code=7)
        log_in_by_command(operator, gateway)
    # The gateway is gone now.
    operator.run("servers", code=5)
    operator.run("doctor", code=1)
    operator.keyring.lock()
    operator.run("servers", code=7)
    operator.run("logout", code=7)

    (picture,) = operator.cwd.rglob("*.svg")
    assert server["serverInstanceNo"] in picture.read_text("utf-8")
    assert len(list(operator.cwd.glob("ncpconsole-history-*"))) == 2
    assert "PartBroken" in (operator.keyring.home / "state/ncpconsole/debug.log").read_text()
    assert b"ncpconsole" in operator.watcher.command_lines
    assert b"DBUS_SESSION_BUS_ADDRESS" in operator.watcher.environments
    assert operator.watcher.command_lines.count(b"\n") > 10

    written = operator.printed + operator.watcher.command_lines + operator.watcher.environments
    assert found_in(written + screen, SECRET_KEY) == []
    assert files_with(operator.places, SECRET_KEY) == []
    # The access key is shown where it is typed, and nowhere else.
    assert found_in(written, ACCESS_KEY) == []
    assert files_with(operator.places, ACCESS_KEY) == []


def log_in_on_screen(operator: Operator, gateway: ThreadedSimulator) -> bytes:
    """Log in with a wrong secret, then with the right one."""
    with operator.terminal() as terminal, operator.watcher.watching(terminal.child.pid):
        terminal.shows("No access key yet")
        terminal.press("l")
        terminal.shows("Log in with an API key")
        terminal.press_and_see("shift+tab")
        for _ in range(3):
            terminal.press_and_see("right")
        terminal.shows("gateway URL")
        terminal.press_and_see("tab")
        terminal.type(gateway.url)
        terminal.shows(gateway.url)
        terminal.press_and_see("enter")
        terminal.type(ACCESS_KEY)
        terminal.shows(ACCESS_KEY)
        terminal.press_and_see("enter")
        wrong = SECRET_KEY[::-1]
        terminal.paste(wrong)
        terminal.shows("•" * len(wrong))
        terminal.press_to("enter", "Test and save")
        focused = terminal.look("Test and save")
        terminal.press("enter")
        terminal.shows("does not accept the pair", "tab next")
        terminal.until(lambda _: terminal.look("Test and save") == focused, "the button to have the focus")
        terminal.press_to("shift+tab", "Test and save")
        terminal.press_and_see("ctrl+a")
        terminal.press_and_see("ctrl+k")
        terminal.hides("••")
        terminal.type(SECRET_KEY)
        terminal.shows("•" * len(SECRET_KEY))
        # The palette, which could take a picture, does not open over a dialog.
        terminal.press("ctrl+p")
        terminal.press_to("enter", "Test and save")
        terminal.press("enter")
        terminal.shows(f"{SERVERS} servers")
        terminal.press("q")
        assert terminal.ended() == 0
    return bytes(terminal.raw)


def take_a_picture(terminal: Terminal) -> None:
    """Save the screen as the palette offers it."""
    terminal.press("ctrl+p")
    terminal.shows("Search for commands", "Choose profile")
    terminal.type("save screenshot")
    terminal.hides("Choose profile")
    terminal.shows("Save screenshot")
    terminal.press("enter")
    terminal.shows("Picture written")


def work_on_screen(operator: Operator, name: str, number: str) -> bytes:
    """List, interrupt, history, export, and a picture of the list."""
    with operator.terminal() as terminal, operator.watcher.watching(terminal.child.pid):
        terminal.shows(f"{SERVERS} servers")
        terminal.find(number)
        terminal.shows("▌", number)
        take_a_picture(terminal)
        terminal.press("J")
        terminal.shows("Raw record", '"serverName"')
        terminal.press("q")
        terminal.hides("Raw record")
        terminal.confirm(name)
        terminal.press("enter")
        terminal.shows("ACCEPTED")
        terminal.press("esc")
        terminal.hides("ACCEPTED")
        terminal.press("h")
        terminal.shows("History of", name)
        for keys in (("enter",), ("tab", "enter")):
            terminal.press("x")
            terminal.shows("Markdown timeline")
            for key in keys[:-1]:
                terminal.press_and_see(key)
            terminal.press(keys[-1])
            terminal.shows("Written:")
            terminal.hides("Markdown timeline")
        terminal.press("esc")
        terminal.hides("History of")
        assert terminal.leave() == 0
    return bytes(terminal.raw)


def run_commands(operator: Operator, gateway: ThreadedSimulator) -> None:
    """All that reads the key, and what reads the record."""
    for words in (
        ("servers", "--all"),
        ("show", "142300001", "--json"),
        ("interrupt", "142300001", "--confirm", "142300001", *AGREED, "--dry-run"),
        ("history",),
        ("history", "--jsonl"),
        ("history", "--markdown"),
        ("history", "--verify"),
        ("profiles", "--json"),
        ("doctor",),
        ("doctor", "--json"),
        ("paths",),
    ):
        operator.run(*words)


def fail(operator: Operator, gateway: ThreadedSimulator, number: str) -> None:
    """A signature that is refused, an answer that is none, a network that is down."""
    for fault, code in (("authentication-failed", 4), ("html-error", 4), ("reset-after-request", 5)):
        gateway.faults.set(fault)
        operator.run("servers", code=code)
        refused = 4 if fault == "authentication-failed" else 5
        operator.run("interrupt", number, "--confirm", number, "--json", code=refused)
        operator.run("doctor", code=1)
    gateway.faults.clear()
    operator.run("servers", "--api-url", "http://127.0.0.1:9", code=7)


def log_in_by_command(operator: Operator, gateway: ThreadedSimulator) -> None:
    """Log in with two lines of input: refused, and then kept."""
    words, typed = ("login", "--stdin", "--api-url", gateway.url), f"{ACCESS_KEY}\n{SECRET_KEY}\n"
    gateway.faults.set("authentication-failed")
    operator.run(*words, typed=typed, code=4)
    gateway.faults.clear()
    operator.run(*words, typed=typed)
    operator.run("servers", "--all", "--json")


def crash(operator: Operator, gateway: ThreadedSimulator) -> None:
    """An internal error with the key in reach. It is in this process's environment, where the test put it."""
    keys = {
        "NCLOUD_API_GW": gateway.url,
        "NCLOUD_ACCESS_KEY": ACCESS_KEY,
        "NCLOUD_SECRET_KEY": SECRET_KEY,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    breaking = (sys.executable, "-m", "tests.end_to_end.breaking")
    operator.run("listing", "servers", code=1, program=breaking, **keys)
    with operator.terminal("-m", *breaking[2:], "painting", program=sys.executable, **keys) as terminal:
        assert terminal.ended() == 1
    operator.printed += bytes(terminal.raw)


@pytest.mark.parametrize(
    "trace",
    [
        SECRET_KEY,
        json.dumps({"key": SECRET_KEY}),
        json.dumps({"key": SECRET_KEY}, ensure_ascii=False),
        f"https://gateway.invalid/?key={quote(SECRET_KEY)}",
        repr({"key": SECRET_KEY}),
        base64.b64encode(f"x{SECRET_KEY}y".encode()).decode(),
        base64.urlsafe_b64encode(f"{ACCESS_KEY}:{SECRET_KEY}".encode()).decode(),
        f"<text>{escape(SECRET_KEY)}</text>",
        f"a part: {SECRET_KEY[5:17]}",
    ],
)
def test_the_search_finds_a_trace(trace: str, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "trace").write_text(trace, "utf-8")
    assert files_with([tmp_path], SECRET_KEY)
    assert found_in(trace.encode(), SECRET_KEY)
    assert found_in(b"nothing of that kind", SECRET_KEY) == []


def test_the_watcher_sees_what_a_child_was_given() -> None:
    watcher = Watcher()
    with (
        subprocess.Popen(["/bin/sh", "-c", f"cat; : {ACCESS_KEY}"], stdin=subprocess.PIPE) as process,
        watcher.watching(process.pid),
    ):
        while b"cat" not in watcher.command_lines.split(b"\n") or not found_in(watcher.command_lines, ACCESS_KEY):
            time.sleep(0.01)
        process.communicate()
    assert found_in(watcher.command_lines, ACCESS_KEY)
