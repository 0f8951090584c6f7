"""A key pair from a command of the user's: taken as it is printed, in bounded time, and shown nowhere."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from ncpconsole.config.key_command import MOST_BYTES, pair_from
from ncpconsole.core.errors import CredentialsError
from tests.cli.operator import Operator
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.simulator.threaded import ThreadedSimulator

SECRET = "never-to-be-shown"


def printing(text: str, code: int = 0) -> tuple[str, ...]:
    """A command that prints this, and something on standard error, and ends so."""
    program = f"import sys; sys.stdout.write({text!r}); sys.stderr.write({SECRET!r}); sys.exit({code})"
    return sys.executable, "-c", program


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"accessKey": "AKEY", "secretKey": "SKEY"}),
        json.dumps({"accessKey": "AKEY", "secretKey": "SKEY", "note": 1}, indent=2) + "\n",
        "AKEY\nSKEY\n",
        "AKEY\r\nSKEY\r\n",
    ],
)
async def test_json_or_two_lines_are_a_pair(text: str) -> None:
    assert await pair_from(printing(text)) == ("AKEY", "SKEY")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (printing("AKEY\n"), "is no key pair"),
        (printing(f"AKEY {SECRET} third"), "is no key pair"),
        (printing(json.dumps({"accessKey": "AKEY"})), "is no key pair"),
        (printing("{" + SECRET), "is no key pair"),
        (printing("AKEY\n" + "x" * (MOST_BYTES + 1)), "is no key pair"),
        (printing(f"AKEY\n{SECRET}", code=3), "ended with 3"),
        (("/nonexistent/helper", SECRET), "cannot be started"),
        (("a\0b",), "cannot be started"),
    ],
)
async def test_what_gives_no_pair_is_said_without_a_word_of_it(command: tuple[str, ...], why: str) -> None:
    with pytest.raises(CredentialsError, match=why) as caught:
        await pair_from(command)
    assert SECRET not in f"{caught.value} {caught.value.remedy} {caught.value.__cause__}"


SLEEPS = "import sys, time; held = open(sys.argv[1], 'w'); time.sleep(3600)"
"""A program that opens a pipe, whose reader then sees when it ends."""


async def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="took longer than"):
        await pair_from((sys.executable, "-c", SLEEPS, str(tmp_path / "file")), seconds=0.1)


async def test_who_waits_no_more_leaves_nothing_behind(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPS!r}, sys.argv[1]])"
    waiting = asyncio.create_task(pair_from((sys.executable, "-c", child, str(pipe))))
    reader = await asyncio.to_thread(pipe.open)  # until the grandchild has opened it
    with reader:
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await asyncio.to_thread(reader.read) == ""  # it has ended


@pytest.fixture
def gateway() -> Iterator[ThreadedSimulator]:
    with running_simulator(servers=8) as running:
        yield running


def with_command(gateway: ThreadedSimulator, home: Path, secret: str) -> Operator:
    text = json.dumps({"accessKey": gateway.access_key, "secretKey": secret})
    config = home / "config.toml"
    command = json.dumps(list(printing(text)))
    config.write_text(
        f'default_profile = "prod"\n[profiles.prod]\napi_url = "{gateway.url}"\nkey_command = {command}\n', "utf-8"
    )
    config.chmod(0o600)
    return Operator(dict(os.environ) | {"NCPCONSOLE_CONFIG": str(config)})


@pytest.mark.slow
def test_commands_use_the_command_s_key_and_show_none_of_it(gateway: ThreadedSimulator, tmp_path: Path) -> None:
    ours = with_command(gateway, tmp_path, gateway.secret_key)
    assert ours.run("servers", "--all").code == 0
    examined = ours.run("doctor", "--json")
    assert next(one for one in examined.json if one["check"] == "key")["message"].startswith(
        "key from the profile's key_command, key-"
    )
    profiles = ours.run("profiles")
    assert "a command of yours (key_command)" in profiles.out
    shown = ours.run("config", "show")
    assert "key_command" in shown.out
    wrong = with_command(gateway, tmp_path, "X" * len(gateway.secret_key))
    assert wrong.run("servers").code == 4
    assert not [said for said in (*ours.said, *wrong.said) if gateway.secret_key in said]


def test_the_environment_comes_first(gateway: ThreadedSimulator, tmp_path: Path) -> None:
    broken = with_command(gateway, tmp_path, "")
    assert broken.run("servers").code == 7
    keys = {"NCLOUD_ACCESS_KEY": gateway.access_key, "NCLOUD_SECRET_KEY": gateway.secret_key}
    assert broken.run("servers", "--all", **keys).code == 0
