"""Protections belong to a key, not to a name: whoever uses it, by whatever way, is held back.

Every test sends for real, or tries to: the gateway's count is what decides.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ncpconsole.cli import root, run
from ncpconsole.config import settings_reader
from ncpconsole.ncp.signing import fingerprint
from tests.cli.operator import Operator, Ran
from tests.end_to_end.terminal import Terminal
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.simulator.threaded import ThreadedSimulator

pytestmark = pytest.mark.slow

NUMBER, NAME = "142300001", "web-00001"
SEND = ("interrupt", NUMBER, "--confirm", NAME, "--json")
MAIN = """
import sys
from pathlib import Path
from ncpconsole.config import settings_reader
settings_reader.SYSTEM_FILE, settings_reader.SYSTEM_OWNER = Path(sys.argv.pop(1)), int(sys.argv.pop(1))
from ncpconsole.cli import main
main()
"""
PROFILES = """
[profiles.prod]
api_url = "{url}"
key_fingerprint = "{mark}"
{protection}

[profiles.lab]
api_url = "{url}"
"""


@pytest.fixture
def gateway() -> Iterator[ThreadedSimulator]:
    with running_simulator(servers=8) as running:
        yield running


@dataclass
class Desk:
    """An operator with the key in the environment, and the two files that may say something about it."""

    gateway: ThreadedSimulator
    config: Path
    system: Path
    environment: dict[str, str]

    def write(self, path: Path, text: str, **values: str) -> None:
        path.parent.mkdir(mode=0o755, exist_ok=True, parents=True)
        mark = fingerprint(self.gateway.access_key)
        path.write_text(text.format(url=self.gateway.url, mark=mark, **values), "utf-8")
        path.chmod(0o600)

    def run(self, *words: str, owner: int = os.getuid(), variables: dict[str, str] | None = None) -> Ran:
        ran = subprocess.run(
            [*(sys.executable, "-c", MAIN, str(self.system)), *(str(owner), *words)],
            env=self.environment | (variables or {}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in ran.stderr
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def run_here(
        self, *words: str, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], variables: dict[str, str]
    ) -> Ran:
        """As `run`, in this process: for what is asked many times and has nothing to do with how a program starts."""
        for name in [name for name in os.environ if name.startswith(("NC", "XDG"))]:
            patch.delenv(name)
        for name, value in (self.environment | variables).items():
            patch.setenv(name, value)
        patch.setattr(settings_reader, "SYSTEM_FILE", self.system)
        patch.setattr(settings_reader, "SYSTEM_OWNER", os.getuid())
        patch.setattr(sys, "argv", ["ncpconsole", *words])
        code = run(root)
        return Ran(code, *capture.readouterr())

    @property
    def sent(self) -> int:
        return len(self.gateway.interrupts)


@pytest.fixture
def desk(gateway: ThreadedSimulator, tmp_path: Path) -> Desk:
    config = tmp_path / "config" / "config.toml"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NC", "XDG"))}
    environment |= {
        "HOME": str(tmp_path),
        "NCPCONSOLE_CONFIG": str(config),
        "NCPCONSOLE_STATE_DIR": str(tmp_path / "state"),
        **gateway.environment,
    }
    return Desk(gateway, config, tmp_path / "etc" / "config.toml", environment)


WAYS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "no profile is named": ((), {}),
    "--profile default": (("--profile", "default"), {}),
    "NCLOUD_PROFILE=default": ((), {"NCLOUD_PROFILE": "default"}),
    "another profile of the gateway": (("--profile", "lab"), {}),
    "another file by NCPCONSOLE_CONFIG": ((), {"NCPCONSOLE_CONFIG": "{tmp}/other.toml"}),
    "another file by XDG_CONFIG_HOME": ((), {"NCPCONSOLE_CONFIG": "", "XDG_CONFIG_HOME": "{tmp}/other"}),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "protection", ["read_only = true", "protected = true", "require_reason = true", "cooldown = 90"]
)
def test_the_same_key_is_held_back_by_whatever_name(
    desk: Desk,
    tmp_path: Path,
    way: str,
    protection: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    words, variables = WAYS[way]
    variables = {name: value.format(tmp=tmp_path) for name, value in variables.items()}
    desk.write(desk.config, PROFILES, protection=protection)
    if "NCPCONSOLE_CONFIG" in variables:
        # Whoever can choose the file can choose an empty one: only root's file is out of reach.
        desk.write(desk.system, PROFILES, protection=protection)
    if protection == "cooldown = 90":
        dry = ("interrupt", NUMBER, "--dry-run", "--confirm", NAME)
        ran = desk.run_here(*dry, *words, patch=monkeypatch, capture=capfd, variables=variables)
        held = "There is no profile" in ran.err or "a cooldown of 90 minutes" in ran.err
    else:
        ran = desk.run_here(*SEND, *words, patch=monkeypatch, capture=capfd, variables=variables)
        held = ran.code in {2, 3}
    assert held, (ran.code, ran.out, ran.err)
    assert desk.sent == 0


def test_what_holds_through_another_profile_is_said(desk: Desk) -> None:
    desk.write(desk.config, PROFILES, protection="protected = true\nrequire_reason = true\ncooldown = 45")
    ran = desk.run(*SEND, "--profile", "lab")
    assert ran.code == 3
    held = "whose protections hold here as well: PROTECTED, a reason, a cooldown of 45 minutes."
    assert f"This is the key of profile prod too, {held}" in ran.err
    assert desk.sent == 0
    asked = ("--confirm-profile", "lab", "--reason", "hung")
    assert desk.run(*SEND, "--profile", "lab", *asked).code == 0
    assert desk.sent == 1


@pytest.mark.parametrize("source", ["environment", "key_command"])
def test_a_profile_that_names_no_key_says_how_its_protections_hold_for_its_key(desk: Desk, source: str) -> None:
    """Only login writes the key's mark into the profile, and neither of these needs one."""
    profiles = PROFILES.replace('key_fingerprint = "{mark}"', "")
    pair = json.dumps({"accessKey": desk.gateway.access_key, "secretKey": desk.gateway.secret_key})
    command = f"key_command = ['printf', '%s', '{pair}']" if source == "key_command" else ""
    desk.write(desk.config, profiles, protection=f"protected = true\n{command}")
    keys = {"NCLOUD_ACCESS_KEY": "", "NCLOUD_SECRET_KEY": ""} if command else {}
    ran = desk.run(*SEND, "--profile", "prod", variables=keys)
    line = f'key_fingerprint = "{fingerprint(desk.gateway.access_key)}"'
    assert "The protections of profile prod hold under this name alone." in ran.err
    assert line in ran.err
    desk.config.write_text(desk.config.read_text("utf-8").replace("protected = true", f"protected = true\n{line}"))
    assert "under this name alone" not in desk.run(*SEND, "--profile", "prod", variables=keys).err
    assert desk.run(*SEND, "--profile", "lab").code == 3
    assert desk.sent == 0


@pytest.mark.parametrize("place", ["config", "system"])
def test_the_console_says_the_strictest_in_its_header(desk: Desk, place: str) -> None:
    protection = "read_only = true\nprotected = true\nrequire_reason = true"
    desk.write(desk.config, PROFILES, protection=protection if place == "config" else "")
    if place == "system":
        desk.write(desk.system, PROFILES, protection=protection)
    words = ("-c", MAIN, str(desk.system), str(os.getuid()), "--profile", "lab")
    with Terminal(*words, program=sys.executable, environment=desk.environment, inherit=False) as terminal:
        terminal.shows(NAME)
        assert "READ-ONLY  PROTECTED  REASON" in terminal.text.splitlines()[0]
        terminal.leave()


def test_another_key_of_the_gateway_is_not_protected_by_it(desk: Desk) -> None:
    desk.write(desk.config, PROFILES.replace("{mark}", "key-00000000"), protection="read_only = true")
    assert desk.run(*SEND, "--profile", "lab").code == 0
    assert desk.sent == 1


def test_the_key_at_another_address_of_its_gateway_is_still_the_key(desk: Desk) -> None:
    desk.write(desk.config, PROFILES, protection="read_only = true")
    elsewhere = desk.gateway.url.replace("127.0.0.1", "localhost")
    assert desk.run(*SEND, "--profile", "lab", "--api-url", elsewhere).code == 3
    assert desk.sent == 0


def test_the_systems_file_may_name_a_gateway_and_so_every_key_of_it(desk: Desk) -> None:
    desk.write(desk.system, '[profiles.all]\napi_url = "{url}"\nread_only = true\n')
    ran = desk.run(*SEND)
    assert ran.code == 3
    assert str(desk.system) in ran.out + ran.err
    desk.write(desk.system, '[profiles.all]\nsite = "gov"\nread_only = true\n')
    assert desk.run(*SEND).code == 0
    assert desk.sent == 1


def test_the_systems_file_takes_nothing_back(desk: Desk) -> None:
    desk.write(desk.config, PROFILES, protection="read_only = true\ncooldown = 90")
    desk.write(
        desk.system, PROFILES, protection="read_only = false\ncooldown = 0\nregion = 'SGN'\ninterrupt_method = 'GET'"
    )
    ran = desk.run(*SEND, "--profile", "prod")
    assert ran.code == 3
    assert "region" in ran.err
    assert "only adds protections" in ran.err
    assert desk.sent == 0


@pytest.mark.parametrize("trouble", ["writable", "directory", "owner", "broken", "no file"])
def test_a_systems_file_that_others_could_have_written_is_refused(desk: Desk, trouble: str) -> None:
    desk.write(desk.system, "[profiles.all]\nread_only = true\n" if trouble != "broken" else "[[[")
    if trouble == "writable":
        desk.system.chmod(0o664)
    elif trouble == "directory":
        desk.system.parent.chmod(0o777)
    elif trouble == "no file":
        desk.system.unlink()
        desk.system.mkdir()
    owner = os.getuid() + (trouble == "owner")
    ran = desk.run(*SEND, owner=owner)
    assert (ran.code, desk.sent) == (5, 0)
    assert str(desk.system) in ran.out + ran.err


def test_a_profile_that_was_logged_in_with_another_key_refuses_the_environments(desk: Desk) -> None:
    desk.write(desk.config, PROFILES.replace("{mark}", "key-00000000"), protection="")
    ran = desk.run(*SEND, "--profile", "prod")
    assert (ran.code, desk.sent) == (7, 0)
    told = ran.out + ran.err
    assert "profile prod was logged in with key-00000000" in told
    assert fingerprint(desk.gateway.access_key) in told


def test_profiles_tell_what_holds_for_their_key(desk: Desk) -> None:
    text = PROFILES.replace('[profiles.lab]\napi_url = "{url}"', '[profiles.lab]\nkey_fingerprint = "{mark}"')
    desk.write(desk.config, text, protection="read_only = true\nprotected = true")
    ran = desk.run("profiles", "--json", "--profile", "prod")
    assert [(one["read_only"], one["protected"]) for one in ran.json] == [(True, True), (True, True)]


def test_the_operators_words_are_the_same_without_a_systems_file(desk: Desk) -> None:
    ran = Operator(desk.environment).run(*SEND)
    assert (ran.code, desk.sent) == (0, 1)
