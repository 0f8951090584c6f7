"""What the kernel says of a process (Linux), and programs kept away from everything of the user's."""

from __future__ import annotations

import compileall
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import ncpconsole
from tools.benchmarks.harness import may_go_first

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHON = sys.executable
CONSOLE = str(Path(sys.executable).with_name("ncpconsole"))


def cpu_seconds(pid: int) -> float:
    """Processor time of the process so far, with that of threads that have ended, in steps of 10 ms."""
    after_the_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = after_the_name[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Resident memory in MB (10⁶ bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(pid)


def open_descriptors(pid: int) -> int:
    """How many file descriptors are open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


@contextmanager
def undisturbed() -> Iterator[None]:
    """Go before other programs, with all that is started meanwhile, if the system lets us (Linux, root).

    What else the machine does is no cost of what is measured by the clock. Nothing is gained on a machine
    that is idle, and where it is not allowed the figures are those of a machine that is shared.
    """
    if not may_go_first():
        yield
        return
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


@contextmanager
def private_environment() -> Iterator[dict[str, str]]:
    """The variables for a program: an empty home of its own, and no account of the user's."""
    strays = ("NCLOUD_", "NCPCONSOLE_", "PYTHON_KEYRING", "DBUS_")
    proxies = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_COLOR"}
    proxies |= {"SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"}
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(strays) and name.upper() not in proxies
    }
    # As an installation leaves it, also where the environment lets Python write no byte code.
    compileall.compile_dir(Path(ncpconsole.__file__).parent, quiet=1)
    with TemporaryDirectory(prefix="ncpconsole-bench-") as home:
        kinds = ("CONFIG", "STATE", "DATA", "CACHE")
        folders = {f"XDG_{name}_HOME": f"{home}/{name.lower()}" for name in kinds}
        yield {**kept, **folders, "HOME": home}
