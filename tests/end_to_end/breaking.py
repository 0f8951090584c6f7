"""The program with one of its parts broken: ``python -m tests.end_to_end.breaking PART ARGUMENTS...``.

The part raises an error while the secret key, and a text typed by nobody else, are in its local variables.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import NoReturn

from ncpconsole.cli import main

PARTS = {
    "key": ("ncpconsole.tui.app", "ConsoleApp", "action_details"),
    "common key": ("ncpconsole.tui.app", "ConsoleApp", "action_interrupt"),
    "screen": ("ncpconsole.tui.screens.help", "HelpScreen", "compose"),
    "painting": ("ncpconsole.tui.widgets.server_table", "ServerTable", "render_line"),
    "reading": ("ncpconsole.core.listing", "InventoryLoader", "read"),
    "start": ("ncpconsole.tui.screens.servers", "ServersScreen", "on_mount"),
    "keyboard": ("ncpconsole.tui.textual_fixes.terminal_driver", "PasteFilter", "__call__"),
    "login": ("ncpconsole.tui.screens.login", "LoginScreen", "on_button_pressed"),
    "waiting": ("ncpconsole.tui.screens.result", "ResultScreen", "_tick"),
    "sending": ("ncpconsole.ncp.client", "Client", "interrupt"),
    "recording": ("ncpconsole.core.journal.journal", "Journal", "finish"),
    "listing": ("ncpconsole.core.inventory", "Inventory", "build"),
    "journal": ("ncpconsole.core.journal.journal", "Journal", "intents"),
}


SECRET = os.environ.get("NCLOUD_SECRET_KEY", "")
"""As the program was started with it, which takes it out of the environment."""


class PartBroken(Exception):
    """What a bug could raise."""


def breaks(*arguments: object, **more: object) -> NoReturn:
    """Raise, with what must not be told in reach: as a local variable, and quoted in the message."""
    secret = SECRET
    raise PartBroken(f"a bug near {secret!r}")


if __name__ == "__main__":
    module, owner, method = PARTS[sys.argv.pop(1)]
    setattr(getattr(importlib.import_module(module), owner), method, breaks)
    main()
