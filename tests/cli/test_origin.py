"""Who interrupted a server is what the operating system says, and no variable."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from ncpconsole.cli import journal
from tests.end_to_end.simulation import simulation
from tests.end_to_end.terminal import CONSOLE

LIES = {"LOGNAME": "alice", "USER": "bob", "LNAME": "carol", "USERNAME": "dave"}


def recorded(*before: str, **variables: str) -> dict[str, Any]:
    """The record of an interrupt that a process with these variables sent."""
    with simulation("--servers", "64") as gateway:
        environment = dict(os.environ) | gateway.environment | variables
        for words in (("interrupt", "142300012", "--confirm", "web-00012"), ("history", "--jsonl")):
            ran = subprocess.run(
                [*before, CONSOLE, *words], env=environment, capture_output=True, text=True, check=False, timeout=60
            )
            assert ran.returncode == 0, ran.stderr
    record: dict[str, Any] = json.loads(ran.stdout)
    return record


def test_the_user_is_the_uid_s_and_the_variables_stand_beside_it() -> None:
    record = recorded(**LIES, SUDO_USER="erin", SSH_CONNECTION="192.0.2.7 50000 10.0.0.1 22")
    me = pwd.getpwuid(os.getuid()).pw_name
    assert (record["user"], record["uid"], record["uidName"]) == (me, os.getuid(), me)
    assert record["variables"] == LIES
    assert (record["sudoUser"], record["sshClient"]) == ("erin", "192.0.2.7")
    assert record["terminal"] == "no terminal from 192.0.2.7 over SSH"


def test_a_uid_without_a_name_is_the_number() -> None:
    with TemporaryDirectory() as home:
        os.chown(home, 54321, 54321)
        places = {"NCPCONSOLE_STATE_DIR": f"{home}/state", "HOME": home, "XDG_CONFIG_HOME": home}
        record = recorded("setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", **LIES, **places)
    assert (record["user"], record["uid"], record["uidName"]) == ("54321", 54321, "")


@pytest.mark.parametrize(("text", "uid"), [("1000", 1000), ("4294967295", None), ("", None)])
def test_the_login_s_uid_stays_through_su_and_sudo(
    text: str, uid: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "loginuid"
    file.write_text(text)
    monkeypatch.setattr(journal, "LOGIN_UID", file)
    assert journal.origin({}).login_uid == uid


def test_a_system_without_login_uids_says_nothing_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LOGIN_UID", tmp_path / "none")
    assert journal.origin({}).login_uid is None
