"""What the program leaves to nobody: its memory, the keys of its environment, and what is typed."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import CONSOLE, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

KEYS = ("NCLOUD_ACCESS_KEY", "NCLOUD_SECRET_KEY", "NCLOUD_ACCESS_KEY_ID", "NCLOUD_SECRET_ACCESS_KEY")


@pytest.fixture
def waiting() -> Iterator[tuple[subprocess.Popen[str], Simulation]]:
    """A command with a key in its environment, and with room for core dumps, that waits for an answer."""
    with simulation("--servers", "8", "--fault", "list:slow=60") as gateway:
        before = gateway.requests
        process = subprocess.Popen(
            ["bash", "-c", f"ulimit -c unlimited 2>/dev/null; exec {CONSOLE} servers --json"],
            env=dict(os.environ) | gateway.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            gateway.await_request(after=before)
            yield process, gateway
            process.kill()


MAPPED_BLOCKS = """
import ctypes
class Info(ctypes.Structure):  # mallinfo2
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd a b c d e".split()]
libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Info
{prepare}
large = bytearray(8 << 20)
del large  # glibc by itself takes the next one of this size from its heap, and keeps that
before = libc.mallinfo2().hblks
large = bytearray(4 << 20)
print(libc.mallinfo2().hblks - before)
"""


@pytest.mark.parametrize(("prepare", "blocks"), [("", 0), ("from ncpconsole.cli.process import prepare; prepare()", 1)])
def test_a_large_block_goes_back_to_the_system_when_it_is_free(prepare: str, blocks: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", MAPPED_BLOCKS.format(prepare=prepare)], capture_output=True, text=True, check=True
    )
    assert int(ran.stdout) == blocks


def test_no_core_dump_can_be_written(waiting: tuple[subprocess.Popen[str], Simulation]) -> None:
    process, _ = waiting
    assert resource.prlimit(process.pid, resource.RLIMIT_CORE) == (0, 0)


def test_others_of_the_same_user_cannot_look_into_the_process() -> None:
    """The system gives what is not dumpable to root: nobody else attaches to it, or reads its environment."""
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    with subprocess.Popen([*nobody, CONSOLE, "simulate"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "NCLOUD_API_GW" in process.stdout.readline()
        reading = [*nobody, "cat", f"/proc/{process.pid}/environ"]
        ran = subprocess.run(reading, capture_output=True, text=True, check=False, timeout=60)
        process.terminate()
        process.stdout.read()
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "Permission denied" in ran.stderr


@pytest.mark.parametrize("words", [("servers",), ("interrupt", "142300012", "--confirm", "web-00012", "--dry-run")])
def test_no_child_inherits_a_key(words: tuple[str, ...], tmp_path: Path) -> None:
    """A library that starts a program, such as a keyring's helper, hands it what ``os.environ`` holds."""
    seen = tmp_path / "seen.json"
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        "import atexit, json, os\n"
        f"atexit.register(lambda: open({str(seen)!r}, 'w').write(json.dumps(dict(os.environ))))\n",
        encoding="utf-8",
    )
    path = os.pathsep.join((str(hook), os.environ.get("PYTHONPATH", "")))
    with simulation("--servers", "64") as gateway:
        ran = subprocess.run(
            [CONSOLE, *words],
            env=dict(os.environ) | gateway.environment | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert ran.returncode == 0, ran.stderr
    inherited = json.loads(seen.read_text(encoding="utf-8"))
    assert "NCLOUD_API_GW" in inherited
    assert not set(KEYS) & set(inherited)


def test_textual_writes_nothing_and_presses_nothing(tmp_path: Path) -> None:
    """Its own variables make it log every key and paste, save pictures, and press keys by itself."""
    log, secret = tmp_path / "textual.log", "pasted-secret-of-nobody-0123456789"
    variables = {
        "TEXTUAL": "debug,devtools",
        "TEXTUAL_LOG": str(log),
        "TEXTUAL_DEVTOOLS_HOST": "127.0.0.1",
        "TEXTUAL_PRESS": "q",
        "TEXTUAL_SCREENSHOT": "0",
        "TEXTUAL_SCREENSHOT_LOCATION": str(tmp_path),
    }
    with Terminal("demo", environment=variables) as terminal:
        terminal.shows("128 servers")
        terminal.press("/")
        terminal.shows("Enter to the list")
        terminal.paste(secret)
        terminal.shows(secret[:10])
        terminal.press("esc")
        terminal.hides(secret[:10])
        terminal.child.kill(signal.SIGTERM)
        assert terminal.ended() == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", ["", "demo"])
@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{console} </dev/null", "Standard input is no terminal"),
        ("{console} | cat; exit ${{PIPESTATUS[0]}}", "Standard output is no terminal"),
        ("{console} 2>{file}", "Standard error is no terminal"),
        ("TERM=dumb {console}", "TERM is dumb"),
    ],
)
def test_without_a_terminal_the_plain_commands_are_named(words: str, line: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "error"
    line = line.format(console=f"{CONSOLE} {words}", file=file)
    with Terminal("-c", line, program="/bin/bash", columns=200) as terminal:
        assert terminal.ended() == 2
        said = terminal.text + (file.read_text(encoding="utf-8") if file.exists() else "")
    assert why in said
    assert "ncpconsole servers, show, interrupt, history" in said
    assert b"\x1b[?1049h" not in terminal.raw


@pytest.mark.parametrize("variables", [{"TERM": "linux"}, {"PYTHONIOENCODING": "latin-1"}])
def test_what_the_terminal_cannot_draw_is_ascii_by_itself(variables: dict[str, str]) -> None:
    with Terminal("demo", environment=variables) as terminal:
        text = terminal.shows("128 servers")
        # But for a server's name that is told beside its look-alike.
        text = "\n".join(line for line in text.splitlines() if "! like " not in line)
        assert text.isascii(), {char for char in text if not char.isascii()}
        assert "\\u" not in text
        terminal.press("q")
        assert terminal.ended() == 0


ENDS = """
import _imp, gc, threading
from ncpconsole.cli.process import end

class Last:
    def __del__(self):
        import colorsys

def hang():
    _imp.acquire_lock()  # as within an import
    held.set()
    threading.Event().wait()

held, last = threading.Event(), Last()
last.itself = last
del last  # left to the garbage of the end
threading.Thread(target=hang, daemon=True).start()
held.wait()
print("said")
end(3)
"""


def test_a_thread_that_stands_in_an_import_does_not_hold_the_end() -> None:
    """The program waits for no thread, and its end is no exception; signals would not end it any more."""
    ran = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "said\n", "")


def test_what_is_to_be_done_at_the_end_is_done() -> None:
    program = "import atexit; from ncpconsole.cli.process import end; atexit.register(print, 'last words'); end(0)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "last words\n", "")
