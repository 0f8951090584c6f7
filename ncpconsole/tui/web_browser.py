"""Opening an address in the operator's browser, where there is one beside the terminal."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from subprocess import DEVNULL
from threading import Thread

IN_TERMINALS = frozenset({"browsh", "carbonyl", "elinks", "links", "links2", "lynx", "w3m", "www-browser"})
"""Browsers that would draw over the console."""


def has_window(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a browser's window would open before the operator's eyes: on this machine, with a display."""
    if any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")):
        return False
    return platform in {"darwin", "win32"} or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def is_of_terminals(command: str) -> bool:
    """Whether a browser's command is that of one that draws in the terminal."""
    try:
        words = shlex.split(command)
    except ValueError:
        return True
    return not words or Path(words[0]).name.casefold() in IN_TERMINALS


def opened(url: str) -> bool:
    """Open an address in a window, and give whether that was begun. Nothing of the browser reaches the terminal."""
    if not has_window(os.environ):
        return False
    try:
        if is_of_terminals(getattr(webbrowser.get(), "name", "window")):
            return False
        command = [sys.executable, "-m", "webbrowser", "-t", url]
        begun = subprocess.Popen(command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True)  # noqa: S603 - an address of ours
        Thread(target=begun.wait, name="web-browser", daemon=True).start()
    except (OSError, webbrowser.Error):
        return False
    return True
