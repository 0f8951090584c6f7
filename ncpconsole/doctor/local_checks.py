"""Checks of this machine: Python, the libraries, the terminal, the encoding."""

from __future__ import annotations

import importlib.metadata
import locale
import os
import platform
import re
import shutil
import sys
from typing import TYPE_CHECKING

from ncpconsole import __version__
from ncpconsole.doctor.findings import Finding, failure, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OLDEST_PYTHON = (3, 11)
SHOWN = ("textual", "httpx", "httpcore", "keyring", "msgspec", "truststore")
PINNED = re.compile(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.]*)$")
SMALLEST = (80, 24)


def machine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """All checks of this room."""
    yield python()
    yield versions()
    yield terminal(environ)
    yield encoding()


def python() -> Finding:
    """The interpreter and the system."""
    text = (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.platform(terse=True)}"
    )
    if sys.version_info < OLDEST_PYTHON:
        return failure("python", f"{text} is too old.", "Install Python 3.11 or newer.")
    return ok("python", text)


def versions() -> Finding:
    """The console's libraries; the one whose inner events the sender relies on must be the exact one."""
    found: list[str] = [f"ncpconsole {__version__}"]
    missing: list[str] = []
    for name in SHOWN:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return failure("versions", f"Missing: {', '.join(missing)}.", "Install ncpconsole again.")
    other = [f"{name} {have} instead of {want}" for name, want, have in _other_than_pinned()]
    if other:
        return failure(
            "versions", f"Found {', '.join(other)}.", "Install ncpconsole in an environment of its own."
        )
    return ok("versions", ", ".join(found))


def _other_than_pinned() -> Iterator[tuple[str, str, str]]:
    try:
        requirements = importlib.metadata.requires("ncpconsole") or []
    except importlib.metadata.PackageNotFoundError:
        requirements = []  # run from its source, where nothing is recorded
    for requirement in requirements:
        if pinned := PINNED.fullmatch(requirement.replace(" ", "")):
            name, want = pinned.groups()
            have = importlib.metadata.version(name)
            if have != want:
                yield name, want, have


def terminal(environ: Mapping[str, str]) -> Finding:
    """Whether the screen can be drawn here."""
    if not sys.stdout.isatty():
        return ok("terminal", "Output goes to no terminal; the plain commands work.")
    columns, lines = shutil.get_terminal_size()
    kind = environ.get("TERM", "")
    text = f"{kind or 'no TERM'}, {columns}x{lines}"
    if kind in {"", "dumb"} and os.name != "nt":
        return warning("terminal", f"{text}: no screen can be drawn.", "Set TERM, or use the plain commands.")
    if (columns, lines) < SMALLEST or lines < SMALLEST[1]:
        return warning("terminal", f"{text} is small.", "Use a window of 80 by 24 or larger.")
    return ok("terminal", text)


def encoding() -> Finding:
    """Whether Korean names can be printed."""
    output = (sys.stdout.encoding or "none").lower().replace("_", "-")
    text = f"locale {locale.setlocale(locale.LC_CTYPE)}, output in {output}"
    if output not in {"utf-8", "utf8"}:
        return warning(
            "encoding", f"{text}: Korean names are printed as escapes.", "Set LANG=C.UTF-8 or PYTHONUTF8=1."
        )
    return ok("encoding", text)
