"""A canary goes through login, list, doctor, failure and logout; it is found nowhere but in the keyring."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from ncpconsole.simulator.accounts import Account, Key
from tests.config.secret_service import files_below
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    import subprocess

    from tests.cli.operator import Operator, Ran
    from tests.config.secret_service import SecretService
    from tests.simulator.threaded import ThreadedSimulator

pytestmark = pytest.mark.secret_service

ACCESS_KEY = "CANARYACCESSKEY00001"
SECRET_KEY = "canary=100%\"결제'secret-key-of-no-account"
LATENCY_MS = 150
"""Keeps each command waiting for an answer while its entries in /proc are read."""


def spellings(secret: str) -> set[bytes]:
    """The secret as it could turn up in a file: plain, escaped, quoted, encoded."""
    texts = {secret, repr(secret)[1:-1], ascii(secret)[1:-1], quote(secret), secret.replace('"', '\\"')}
    return {*(text.encode() for text in texts), secret.encode("utf-16-le"), base64.b64encode(secret.encode())[:-4]}


def seen_from_outside(process: subprocess.Popen[str]) -> bytes:
    """What other users of the machine may read of a running process, and what its own user may."""
    return b"".join(Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "environ"))


class Watched:
    """An operator whose every command is looked at while it runs."""

    def __init__(self, operator: Operator, gateway: ThreadedSimulator) -> None:
        self.operator = operator
        self.gateway = gateway
        self.seen = b""

    def run(self, *arguments: str, typed: str = "") -> Ran:
        before = self.gateway.counts()["requests"]
        process = self.operator.start(*arguments)
        if typed:
            assert process.stdin is not None
            process.stdin.write(typed)
            process.stdin.flush()
        while process.poll() is None and self.gateway.counts()["requests"] == before:
            # It may end between the question and the reading.
            with contextlib.suppress(ProcessLookupError):
                self.seen += seen_from_outside(process)
        return self.operator.finish(process)


def test_the_canary_stays_in_the_keyring(operator: Operator, secret_service: SecretService) -> None:
    account = Account("canary", (Key(ACCESS_KEY, SECRET_KEY),), servers=8)
    typed = f"{ACCESS_KEY}\n{SECRET_KEY}\n"
    with running_simulator(accounts=(account,), latency_ms=LATENCY_MS) as gateway:
        console = Watched(operator, gateway)
        where = ("--api-url", gateway.url)
        assert console.run("login", "--stdin", "--profile", "prod", *where, typed=typed).code == 0
        for arguments in (
            ("servers", "--all", "--json"),
            ("profiles",),
            ("profiles", "--json"),
            ("doctor",),
            ("doctor", "--json"),
        ):
            assert console.run(*arguments).code == 0
        gateway.faults.set("authentication-failed")
        assert console.run("servers").code == 4
        assert console.run("doctor").code == 1
        assert console.run("login", "--stdin", *where, typed=typed).code == 4
        gateway.faults.set("html-error")
        assert console.run("servers").code != 0
        secret_service.lock()
        assert console.run("servers").code == 7
        assert console.run("logout").code == 7
    printed = "".join(operator.said).encode()
    assert b"prod" in printed
    assert b"ncpconsole" in console.seen
    files = {path: path.read_bytes() for path in files_below(secret_service.home)}
    assert any(b"key_fingerprint" in content for content in files.values())
    for secret in (SECRET_KEY, ACCESS_KEY):
        for spelling in spellings(secret):
            assert spelling not in printed
            assert spelling not in console.seen
            assert [path for path, content in files.items() if spelling in content] == []
