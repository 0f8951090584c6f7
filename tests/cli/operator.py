"""Somebody who runs the program, each command in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ncpconsole.core.session import LoginForm

if TYPE_CHECKING:
    from tests.simulator.threaded import ThreadedSimulator

PATIENCE = 60.0
"""Seconds before a command is given up: a guard, not a measure."""


@dataclass(frozen=True)
class Ran:
    """What became of one command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


@dataclass
class Operator:
    """Runs commands in one environment; ``said`` is everything they printed."""

    environment: dict[str, str]
    said: list[str] = field(default_factory=list)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start a command and do not wait for it."""
        return subprocess.Popen(
            [sys.executable, "-m", "ncpconsole", *arguments],
            env=self.environment | variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def finish(self, process: subprocess.Popen[str], typed: str = "") -> Ran:
        """Give a command its input and wait for its end."""
        out, err = process.communicate(typed, timeout=PATIENCE)
        self.said += [out, err]
        assert "Traceback" not in err
        return Ran(process.returncode, out, err)

    def run(self, *arguments: str, typed: str = "", **variables: str) -> Ran:
        """Run a command to its end."""
        return self.finish(self.start(*arguments, **variables), typed)

    def log_in(self, access_key: str, secret_key: str, *options: str, **variables: str) -> Ran:
        """Log in with two lines of input."""
        typed = f"{access_key}\n{secret_key}\n"
        return self.run("login", "--stdin", *options, typed=typed, **variables)


def form(gateway: ThreadedSimulator, **changes: str) -> LoginForm:
    """A filled form of a login to the gateway."""
    values = {
        "profile": "prod",
        "site": "",
        "api_url": gateway.url,
        "access_key": gateway.access_key,
        "secret_key": gateway.secret_key,
    }
    return LoginForm(**(values | changes))
