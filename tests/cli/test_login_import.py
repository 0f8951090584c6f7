"""Taking over the keys of NAVER Cloud's own tool; its file is never touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ncpconsole.simulator.accounts import SECOND_ACCESS_KEY, SECOND_SECRET_KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.operator import Operator
    from tests.config.secret_service import SecretService
    from tests.simulator.threaded import ThreadedSimulator

pytestmark = pytest.mark.secret_service


def write(service: SecretService, text: str) -> Path:
    path = service.home / ".ncloud" / "configure"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    path.chmod(0o400)
    return path


def pair(access_key: str, secret_key: str, url: str) -> str:
    lines = {"access_key_id": access_key, "secret_access_key": secret_key, "api_url": url}
    return "".join(f"ncloud_{name} = {value}\n" for name, value in lines.items())


def test_every_section_becomes_a_profile(
    operator: Operator, secret_service: SecretService, gateway: ThreadedSimulator
) -> None:
    text = f"[DEFAULT]\n{pair(gateway.access_key, gateway.secret_key, gateway.url)}"
    text += f"[second]\n{pair(SECOND_ACCESS_KEY, SECOND_SECRET_KEY, gateway.url + '/')}"
    path = write(secret_service, text)
    ran = operator.run("login", "--from-ncloud-cli")
    assert ran.code == 0, ran.err
    assert f"{path} was left as it is" in ran.out
    assert path.read_text(encoding="utf-8") == text
    assert path.stat().st_mode & 0o777 == 0o400
    assert [line["name"] for line in operator.run("profiles", "--json").json] == ["default", "second"]
    assert operator.run("servers", "--profile", "second").code == 0
    assert operator.run("servers").code == 0
    again = operator.run("login", "--from-ncloud-cli")
    assert again.code == 0
    assert "Profile default has a key and is left as it is" in again.err


def test_a_file_without_sections_is_the_default(
    operator: Operator, secret_service: SecretService, gateway: ThreadedSimulator
) -> None:
    write(secret_service, pair(gateway.access_key, gateway.secret_key, gateway.url))
    assert operator.run("login", "--from-ncloud-cli").code == 0
    assert operator.run("servers").code == 0


def test_one_that_fails_does_not_hold_up_the_others(
    operator: Operator, secret_service: SecretService, gateway: ThreadedSimulator
) -> None:
    text = f"[bad]\n{pair(gateway.access_key, 'canary-secret-of-nobody', gateway.url)}"
    text += f"[good]\n{pair(gateway.access_key, gateway.secret_key, gateway.url)}[empty]\n"
    write(secret_service, text)
    ran = operator.run("login", "--from-ncloud-cli")
    assert ran.code == 4
    assert "Profile bad was not kept" in ran.err
    assert "empty in" in ran.err
    assert "1 of 2 profiles were not kept" in ran.err
    assert "canary" not in ran.err + ran.out
    assert [line["name"] for line in operator.run("profiles", "--json").json] == ["good"]


def test_one_profile_can_be_named(
    operator: Operator, secret_service: SecretService, gateway: ThreadedSimulator
) -> None:
    text = f"[a]\n{pair(gateway.access_key, gateway.secret_key, gateway.url)}"
    text += f"[b]\n{pair(SECOND_ACCESS_KEY, SECOND_SECRET_KEY, gateway.url)}"
    write(secret_service, text)
    assert operator.run("login", "--from-ncloud-cli", "--profile", "b").code == 0
    assert [line["name"] for line in operator.run("profiles", "--json").json] == ["b"]
    assert operator.run("login", "--from-ncloud-cli", "--profile", "c").code == 1


def test_no_file_is_a_sentence(operator: Operator) -> None:
    ran = operator.run("login", "--from-ncloud-cli")
    assert ran.code == 1
    assert "configure" in ran.err
