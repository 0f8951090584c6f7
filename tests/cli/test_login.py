"""login, logout and what lies between: a key is tested, kept, used by another process, and removed."""

from __future__ import annotations

import stat
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.ncp.signing import fingerprint
from ncpconsole.simulator.accounts import (
    RESTRICTED_ACCESS_KEY,
    RESTRICTED_SECRET_KEY,
    SECOND_ACCESS_KEY,
    SECOND_SECRET_KEY,
    Account,
    Key,
)
from tests.cli.operator import Operator
from tests.config.test_credentials import HARD_SECRET
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.secret_service import SecretService
    from tests.simulator.threaded import ThreadedSimulator

pytestmark = pytest.mark.secret_service


def config_of(service: SecretService) -> Path:
    return service.home / "config" / "ncpconsole" / "config.toml"


def kept(service: SecretService) -> Any:
    return tomllib.loads(config_of(service).read_text(encoding="utf-8"))


def test_log_in_restart_list_switch_log_out(
    operator: Operator, secret_service: SecretService, gateway: ThreadedSimulator
) -> None:
    one = operator.log_in(gateway.access_key, gateway.secret_key, "--profile", "prod", "--api-url", gateway.url)
    assert (one.code, one.err) == (0, "")
    assert "The key of profile prod works" in one.out
    two = operator.log_in(SECOND_ACCESS_KEY, SECOND_SECRET_KEY, "--profile", "시험", "--api-url", gateway.url)
    assert two.code == 0
    assert len(secret_service.items()) == 2

    listed = operator.run("profiles", "--json").json
    assert [(line["name"], line["key_fingerprint"], line["is_current"]) for line in listed] == [
        ("prod", fingerprint(gateway.access_key), True),
        ("시험", fingerprint(SECOND_ACCESS_KEY), False),
    ]
    assert {line["stored"] for line in listed} == {"OS keyring (Secret Service)"}

    first = operator.run("servers", "--all", "--json")
    assert first.code == 0, first.err
    second = operator.run("servers", "--all", "--json", "--profile", "시험")
    assert second.code == 0, second.err
    names = [{server["serverName"] for server in ran.json} for ran in (first, second)]
    assert names[0]
    assert names[1]
    assert all(name.startswith("test-") for name in names[1])
    assert not names[0] & names[1]

    out = operator.run("logout", "--profile", "prod")
    assert (out.code, out.out) == (0, "The key of profile prod was removed.\n")
    assert operator.run("logout", "--profile", "prod").out == "Profile prod had no key in the keyring.\n"
    assert len(secret_service.items()) == 1
    gone = operator.run("servers")
    assert gone.code == 7
    assert "ncpconsole login --profile prod" in gone.err
    assert operator.run("servers", "--profile", "시험").code == 0


def test_the_settings_file_notes_the_profile_and_nothing_secret(
    operator: Operator, secret_service: SecretService, gateway: ThreadedSimulator
) -> None:
    operator.log_in(gateway.access_key, gateway.secret_key, "--profile", "prod", "--api-url", gateway.url)
    assert kept(secret_service) == {
        "default_profile": "prod",
        "profiles": {
            "prod": {
                "api_url": gateway.url,
                "key_fingerprint": fingerprint(gateway.access_key),
                "key_store": "Secret Service",
            }
        },
    }
    assert stat.S_IMODE(config_of(secret_service).stat().st_mode) == 0o600
    operator.run("logout")
    assert kept(secret_service)["profiles"] == {"prod": {"api_url": gateway.url}}
    operator.run("logout", "--forget")
    assert "prod" not in config_of(secret_service).read_text(encoding="utf-8")


def test_a_hard_secret_signs_after_a_restart(operator: Operator) -> None:
    account = Account("hard", (Key("HARDACCESSKEY", HARD_SECRET),), servers=4)
    with running_simulator(accounts=(account,)) as gateway:
        assert operator.log_in("HARDACCESSKEY", HARD_SECRET, "--api-url", gateway.url).code == 0
        again = operator.run("servers", "--all", "--json")
    assert again.code == 0, again.err
    assert len(again.json) == 4


@pytest.mark.parametrize(
    ("access_key", "secret_key", "faults", "code", "sentence"),
    [
        (None, "not-the-secret-of-this-key-at-all-really", (), 4, "or the secret key does not belong to it"),
        ("NOSUCHACCESSKEY00000", None, (), 4, "NCP does not accept the pair: the access key is unknown"),
        (RESTRICTED_ACCESS_KEY, RESTRICTED_SECRET_KEY, (), 4, "but not from this network address. Add the address"),
        (None, None, ("permission-denied",), 4, "its account lacks the permission, or is restricted to other IP"),
        (None, None, ("clock-skew=11",), 4, "clock is 11 minutes behind NCP's"),
        (None, None, ("clock-skew=-7",), 4, "clock is 7 minutes ahead of NCP's"),
        (None, None, ("html-error",), 5, "The pair could not be tested. "),
        (None, None, ("error-404",), 4, "The pair could not be used. "),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(
    operator: Operator,
    secret_service: SecretService,
    access_key: str | None,
    secret_key: str | None,
    faults: tuple[str, ...],
    code: int,
    sentence: str,
) -> None:
    with running_simulator(servers=1, faults=faults) as gateway:
        ran = operator.log_in(
            access_key or gateway.access_key, secret_key or gateway.secret_key, "--api-url", gateway.url
        )
    assert (ran.code, ran.out) == (code, "")
    assert sentence in ran.err
    assert len(ran.err.splitlines()) == 1
    assert secret_service.items() == []
    assert not config_of(secret_service).exists()


def test_no_network_is_told_and_nothing_is_kept(operator: Operator, secret_service: SecretService) -> None:
    with running_simulator(servers=1) as gateway:
        closed = gateway.url
    ran = operator.log_in("ACCESS", "secret-key", "--api-url", closed)
    assert ran.code == 5
    assert "could not be tested" in ran.err
    assert "refused" in ran.err
    assert secret_service.items() == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "The access key is empty."),
        ("ACCESS\n", "The secret key is empty."),
        ("ACCESS KEY\nsecret\n", "The access key holds a space"),
        ("ACCESS\nsec\x07ret\n", "The secret key holds a control character"),
    ],
)
def test_input_that_is_no_pair_is_a_sentence(operator: Operator, typed: str, sentence: str) -> None:
    ran = operator.run("login", "--stdin", typed=typed)
    assert ran.code == 7
    assert sentence in ran.err


def test_lines_from_windows_are_read(operator: Operator, gateway: ThreadedSimulator) -> None:
    typed = f"\ufeff{gateway.access_key}\r\n{gateway.secret_key}\r\nmore\r\n"
    assert operator.run("login", "--stdin", "--api-url", gateway.url, typed=typed).code == 0


def test_keys_are_never_taken_from_the_command_line(operator: Operator) -> None:
    for arguments in (("AK", "SK"), ("--access-key", "AK"), ("--secret-key=SK",)):
        assert operator.run("login", *arguments).code == 2
    without_terminal = operator.run("login")
    assert without_terminal.code == 2
    assert "--stdin" in without_terminal.err


@pytest.mark.parametrize(
    "arguments",
    [("--site", "gov", "--api-url", "https://x.example"), ("--stdin", "--from-ncloud-cli"), ("--site", "mars")],
)
def test_contradictions_are_usage_errors(operator: Operator, arguments: tuple[str, ...]) -> None:
    assert operator.run("login", *arguments).code == 2


def test_plain_http_to_another_machine_is_refused_before_anything_is_sent(operator: Operator) -> None:
    ran = operator.log_in("ACCESS", "secret", "--api-url", "http://gateway.example")
    assert ran.code == 2
    assert "https" in ran.err


def test_a_profile_keeps_its_gateway_whatever_the_environment_says(
    operator: Operator, gateway: ThreadedSimulator
) -> None:
    pinned = operator.log_in(gateway.access_key, gateway.secret_key, NCLOUD_API_GW=gateway.url)
    assert pinned.code == 0
    with running_simulator(servers=1) as other:
        assert operator.run("servers", NCLOUD_API_GW=other.url).code == 0
        assert other.counts()["requests"] == 0
        diverted = operator.run("servers", "--api-url", other.url)
        assert diverted.code == 7
        assert f"meant for {gateway.url}, but --api-url names {other.url}" in diverted.err
        assert other.counts()["requests"] == 0


def test_the_environments_key_comes_first_and_that_is_said(operator: Operator, gateway: ThreadedSimulator) -> None:
    environment = {"NCLOUD_ACCESS_KEY": SECOND_ACCESS_KEY, "NCLOUD_SECRET_KEY": SECOND_SECRET_KEY}
    said = operator.log_in(gateway.access_key, gateway.secret_key, "--api-url", gateway.url, **environment)
    assert said.code == 0
    assert "The environment holds a key too" in said.err
    ran = operator.run("servers", "--all", "--json", **environment)
    assert ran.code == 7
    assert "profile default was logged in with key-" in ran.json["error"]["message"]
    half = operator.run("servers", NCLOUD_ACCESS_KEY="AK")
    assert half.code == 7
    assert "NCLOUD_SECRET_KEY is not set" in half.err


def test_a_broken_settings_file_keeps_login_from_sending_anything(
    operator: Operator, secret_service: SecretService, gateway: ThreadedSimulator
) -> None:
    config_of(secret_service).parent.mkdir(parents=True)
    config_of(secret_service).write_text("[profiles\n")
    ran = operator.log_in(gateway.access_key, gateway.secret_key, "--api-url", gateway.url)
    assert ran.code == 1
    assert "line 1, column 10" in ran.err
    assert gateway.counts()["requests"] == 0
    assert secret_service.items() == []


@pytest.mark.parametrize(
    ("backend", "name"),
    [
        ("", "keyrings.alt.file.PlaintextKeyring"),
        ("keyring.backends.null.Keyring", "keyring.backends.null.Keyring"),
        ("keyring.backends.fail.Keyring", "keyring.backends.fail.Keyring"),
    ],
)
def test_without_a_keyring_nothing_is_sent_and_nothing_stored(
    private_environment: Path, gateway: ThreadedSimulator, backend: str, name: str
) -> None:
    pytest.importorskip("keyrings.alt", reason="keyrings.alt is a dev dependency")
    import os

    operator = Operator(dict(os.environ) | ({"PYTHON_KEYRING_BACKEND": backend} if backend else {}))
    ran = operator.log_in(gateway.access_key, gateway.secret_key, "--api-url", gateway.url)
    assert ran.code == 7
    assert f"{name} is refused" in ran.err
    assert "set NCLOUD_ACCESS_KEY" in ran.err
    assert gateway.counts()["requests"] == 0
    assert [path for path in private_environment.rglob("*") if path.is_file()] == []


def test_a_locked_keyring_is_told_to_who_wants_to_list(
    operator: Operator, secret_service: SecretService, gateway: ThreadedSimulator
) -> None:
    operator.log_in(gateway.access_key, gateway.secret_key, "--api-url", gateway.url)
    secret_service.lock()
    ran = operator.run("servers")
    assert ran.code == 7
    assert "Secret Service is locked and was not unlocked" in ran.err
    assert operator.run("profiles").code == 0


def test_a_keyring_that_has_ended_is_told_to_who_wants_to_list(
    operator: Operator, secret_service: SecretService, gateway: ThreadedSimulator
) -> None:
    operator.log_in(gateway.access_key, gateway.secret_key, "--api-url", gateway.url)
    secret_service.end()
    ran = operator.run("servers")
    assert ran.code == 7
    assert "is refused" in ran.err
