"""A real Secret Service on a bus of its own, and a false one whose prompt never ends.

The bus has no activation: what a test ends stays ended, and no prompt of the user's desktop can appear.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGES = {"dbus-daemon": "dbus", "gnome-keyring-daemon": "gnome-keyring"}
SECRETS = "org.freedesktop.secrets"
PASSWORD = "keyring-password"
PATIENCE = 20.0
"""Seconds before a wait is given up: a guard, not a measure."""
BUS_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def require_secret_service() -> None:
    """Skip with the packages' names where a program is missing; in CI that is a failure."""
    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if missing:
        reason = f"needs a Secret Service: install the Debian packages {' '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


class Bus:
    """A session bus in a directory of its own, with a private home; ``environment`` is for programs on it."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="nc-bus-")
        self.home = Path(self._directory.name)
        self.address = f"unix:path={self.home / 'bus'}"
        self._running: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        config = self.home / "bus.conf"
        config.write_text(BUS_CONFIG.format(socket=self.home / "bus"))
        for name in ("config", "state", "data", "cache", "run"):
            (self.home / name).mkdir(mode=0o700)
        daemon = self.start(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address=1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert daemon.stdout is not None
        assert daemon.stdout.readline(), "dbus-daemon did not start"
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running):
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
        self._directory.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a program that lives in this home and on this bus, and nowhere else."""
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            "DBUS_SESSION_BUS_ADDRESS": self.address,
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_RUNTIME_DIR": str(self.home / "run"),
        }

    def start(self, command: list[str], **streams: int) -> subprocess.Popen[str]:
        """Start a program that ends with the bus."""
        process = subprocess.Popen(command, env=self.environment, text=True, **streams)  # type: ignore[call-overload]  # streams are pipes
        self._running.append(process)
        return process  # type: ignore[no-any-return]  # as the overload above

    def await_owner(self, wanted: bool) -> None:
        """Wait until the Secret Service's name has an owner, or has none."""
        from jeepney import DBus, MatchRule
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import Proxy, open_dbus_connection

        with closing(open_dbus_connection(bus=self.address)) as connection:
            bus = Proxy(message_bus, connection)
            rule = MatchRule(type="signal", sender=DBus().bus_name, member="NameOwnerChanged")
            rule.add_arg_condition(0, SECRETS)
            bus.AddMatch(rule)
            with connection.filter(rule) as changes:
                while bool(bus.NameHasOwner(SECRETS)[0]) != wanted:
                    connection.recv_until_filtered(changes, timeout=PATIENCE)


class SecretService(Bus):
    """GNOME Keyring on a bus of its own, with one unlocked collection."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.keyring = self.start(
            [
                "gnome-keyring-daemon",
                "--foreground",
                "--unlock",
                "--components=secrets",
                f"--control-directory={self.home / 'run' / 'keyring'}",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self.keyring.stdin is not None
        self.keyring.stdin.write(PASSWORD)
        self.keyring.stdin.close()
        self.await_owner(wanted=True)
        return self

    def lock(self) -> None:
        """Lock the collection, as a desktop does when its session is locked."""
        import secretstorage
        from jeepney.io.blocking import open_dbus_connection

        with closing(open_dbus_connection(bus=self.address)) as connection:
            secretstorage.get_default_collection(connection).lock()

    def items(self) -> list[dict[str, str]]:
        """Label and attributes of every item; readable while the collection is locked.

        Without the schema's name: the daemon adds it by itself when it gets round to writing its file.
        """
        import secretstorage
        from jeepney.io.blocking import open_dbus_connection

        with closing(open_dbus_connection(bus=self.address)) as connection:
            found = secretstorage.get_default_collection(connection).get_all_items()
            return [
                {"label": item.get_label()}
                | {name: text for name, text in item.get_attributes().items() if name != "xdg:schema"}
                for item in found
            ]

    def end(self) -> None:
        """Kill the daemon and wait until the bus has noticed."""
        self.keyring.kill()
        self.keyring.wait()
        self.await_owner(wanted=False)

    def prompt_nobody(self) -> None:
        """From now on the keyring asks a desktop that never reacts."""
        prompter = self.start(
            [sys.executable, "-u", str(Path(__file__).with_name("silent_prompter.py"))], stdout=subprocess.PIPE
        )
        assert prompter.stdout is not None
        assert prompter.stdout.readline() == "ready\n"


class EndlessPrompt(Bus):
    """A Secret Service whose collection is locked and whose prompt is never answered."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.service = self.start(
            [sys.executable, str(Path(__file__).with_name("endless_prompt.py"))], stdout=subprocess.PIPE
        )
        self.await_owner(wanted=True)
        return self

    def await_call(self, method: str) -> None:
        """Wait until a client has called the method."""
        assert self.service.stdout is not None
        for line in self.service.stdout:
            if line.strip() == method:
                return
        pytest.fail(f"the service ended before {method} was called")


def files_below(directory: Path) -> Iterable[Path]:
    """Every regular file below a directory."""
    return (path for path in directory.rglob("*") if path.is_file())
