"""No test touches the user's keyring, configuration, state or account."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import itertools
import os
import re
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import freezegun
import pytest
from hypothesis import HealthCheck, settings
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from tests.config.secret_service import EndlessPrompt, SecretService, require_secret_service
from tests.tui.console_driver import wait_for_idle

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

# Everything that could lead a test to something of the user's: keys, profiles, proxies, the session bus.
STRAY = ("NCLOUD_", "NCPCONSOLE_", "PYTHON_KEYRING", "DBUS_")
STRAY_NAMES = {"LINES", "COLUMNS", "NO_COLOR", "COLORTERM", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"}
STRAY_NAMES |= {"LC_ALL", "LC_MESSAGES", "LANGUAGE"}
STRAY_NAMES |= {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"}

SLOW_ROOMS = {"end_to_end", "team"}
SLOW_FIXTURES = {"secret_service", "endless_prompt"}
"""What starts programs: consoles, a PostgreSQL, a keyring, a bus."""

HOMES = itertools.count()

LONGEST_ID = 80
"""Characters of a value that may stand in the name of a test."""

HANGS_AFTER = float(os.environ.get("TESTS_HANG_AFTER", "400"))
"""Seconds after which a test hangs: none takes half of that on a slow machine."""


# A test whose time stands still takes its time all the same, and pytest tells how much.
freezegun.configure(extend_ignore_list=["_pytest"])

# An example that is slow on a busy machine is no fault. In CI the examples are the same in every run.
settings.register_profile(
    "tests", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")

# httpcore looks for it several times in each request, in every folder of the path: it is not there.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # what a failed import is to the import system

# A shell that runs the tests in its background hands down that Ctrl-C and Ctrl-\ are ignored, and so would every
# program that a test starts and ends by them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if sys.platform != "win32" and signal.getsignal(signal.SIGQUIT) is signal.SIG_IGN:
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
# With nohup it stays without effect here, while a program that is started gets it back.
if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)


def pytest_xdist_auto_num_workers() -> int:
    """Two processes for each processor: many tests wait. Eight terminals will do."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(2 * processors, 8)


TERMINAL = re.compile(r"end_to_end\.terminal\b|\bpexpect\b|\bopenpty\b|^import (?:pty|termios)", re.MULTILINE)
"""What a test file says that drives a real terminal."""
POSIX = re.compile(
    rf"{TERMINAL.pattern}|^(?:import|from) (?:fcntl|grp|pwd|resource)\b|os\.(?:fork|get\w*uid|mkfifo)"
    r"|SIG(?:KILL|STOP|HUP)|setpriv|drivers\.linux_driver|tools\.(?:signalled|kill_loop|monkey)",
    re.MULTILINE,
)
"""What a test file says that uses what Windows has not."""


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """On Windows, leave out what cannot even be imported there."""
    is_test = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    if sys.platform == "win32" and is_test and POSIX.search(collection_path.read_text(encoding="utf-8")):
        return True
    return None


def pytest_sessionstart(session: pytest.Session) -> None:
    """In a new working copy each process of a whole run compiles its share of the test files, for all.

    pytest keeps what it compiled. All processes read the files in one order, so that without this each would compile
    every file, at the same time as the others: 5 s of a processor for each.
    """
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    tests = Path(__file__).parent
    files = sorted(path for path in tests.rglob("test_*.py") if not pytest_ignore_collect(path))
    for path in files[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
        # A file that cannot be imported is told where it is collected.
        with contextlib.suppress(Exception):
            importlib.import_module(".".join(("tests", *path.relative_to(tests).with_suffix("").parts)))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole programs are slow; what drives a real terminal is marked too."""
    driving = {path for path in {item.path for item in items} if TERMINAL.search(path.read_text(encoding="utf-8"))}
    for item in items:
        if SLOW_ROOMS & {*item.path.parts} or SLOW_FIXTURES & {*getattr(item, "fixturenames", ())}:
            item.add_marker("slow")
        if item.path in driving:
            item.add_marker("terminal")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a test after the beginning of what is long: a megabyte in a name is in every report and variable."""
    if isinstance(val, str | bytes) and len(val) > LONGEST_ID:
        shown = val[: LONGEST_ID // 2]
        return f"{shown!a}... of {len(val)}"
    return None


def pytest_collection_finish() -> None:
    """What was loaded stays, so that nobody looks through it for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(autouse=True)
def private_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test an empty home of its own and none of the user's variables; returns that home."""
    for name in list(os.environ):
        if name.startswith(STRAY) or name.upper() in STRAY_NAMES:
            monkeypatch.delenv(name)
    # Counted here: pytest would read all the names that are there to find the next one, for each of thousands of tests.
    home = tmp_path_factory.mktemp(f"home{next(HOMES)}", numbered=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LANG", "C.UTF-8")  # a developer's own would have every program speak their language
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    return home


@pytest.fixture(scope="session", autouse=True)
def wait_for_rest() -> Iterator[None]:
    """After every key and pause tests look at a console at rest, however slow the machine is."""
    with pytest.MonkeyPatch.context() as patched:
        for place in ("textual.app", "textual.pilot"):
            patched.setattr(f"{place}.wait_for_idle", wait_for_idle)
        yield


@pytest.fixture(scope="session", autouse=True)
def style_sheets_read_once() -> Iterator[None]:
    """What a style sheet says is the same for every console: it is parsed for the first one of this process.

    Textual keeps the last 64 that it parsed, for one console; ours has more, in hundreds of tests.
    """
    parse = Stylesheet._parse_rules
    parsed: dict[object, list[RuleSet]] = {}

    def parse_once(sheet: Stylesheet, css: str, *where: Any, **more: Any) -> list[RuleSet]:
        key = (css, where, *sorted(more.items()), frozenset(sheet._variables.items()))
        if key not in parsed:
            parsed[key] = parse(sheet, css, *where, **more)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Stylesheet, "_parse_rules", parse_once)
        # Textual's own is the identity too, but a call of Python for each rule and each widget.
        patched.setattr(RuleSet, "__hash__", object.__hash__)
        yield


@pytest.fixture
def secret_service() -> Iterator[SecretService]:
    """GNOME Keyring, unlocked, on a bus of its own."""
    require_secret_service()
    with SecretService() as service:
        yield service


@pytest.fixture
def endless_prompt() -> Iterator[EndlessPrompt]:
    """A locked Secret Service whose prompt is never answered."""
    require_secret_service()
    with EndlessPrompt() as service:
        yield service


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """End the run when a test hangs, and show where: nobody else would before CI's own end."""
    capture = item.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        stderr = os.dup(2)
    faulthandler.dump_traceback_later(HANGS_AFTER, exit=True, file=stderr)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()
        os.close(stderr)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing is missing, so a skipped test is a failed one."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where every part must be there: {report.longrepr}"
    return report
