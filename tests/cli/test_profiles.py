"""The list of profiles: everything an operator must know of an account, and nothing secret."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cli.operator import Operator

SETTINGS = """\
default_profile = "결제"
theme = 1

[profiles."결제"]
site = "gov"
regions = ["KR", "KRS"]
protected = true
read_only = true
key_fingerprint = "key-12345678"
key_store = "Secret Service"

[profiles.lab]
api_url = "http://127.0.0.1:8080"
region = "all"
secret_key = "canary-secret"
"""


def somebody(home: Path) -> Operator:
    directory = home / "config" / "ncpconsole"
    directory.mkdir(parents=True)
    (directory / "config.toml").write_text(SETTINGS, encoding="utf-8")
    return Operator(dict(os.environ))


def test_the_list_lines_up_and_notes_what_it_ignored(private_environment: Path) -> None:
    ran = somebody(private_environment).run("profiles")
    assert ran.code == 0
    assert ran.out == (
        "PROFILE  SITE       REGIONS  FLAGS                 KEY           STORED\n"
        "결제 *   gov        KR, KRS  READ-ONLY, PROTECTED  key-12345678  OS keyring (Secret Service)\n"
        "lab      127.0.0.1  all      -                     -             no key kept\n"
    )
    assert "theme is not a setting" in ran.err
    assert "profiles.lab.secret_key is ignored" in ran.err
    assert "canary" not in ran.out + ran.err


def test_json_has_every_field(private_environment: Path) -> None:
    ran = somebody(private_environment).run("profiles", "--json", "--profile", "lab")
    assert ran.json[0] == {
        "name": "결제",
        "site": "gov",
        "base_url": "https://ncloud.apigw.gov-ntruss.com",
        "regions": ["KR", "KRS"],
        "read_only": True,
        "protected": True,
        "key_fingerprint": "key-12345678",
        "stored": "OS keyring (Secret Service)",
        "is_current": False,
        "require_reason": False,
    }
    assert ran.json[1]["is_current"] is True


def test_a_key_in_the_environment_is_mentioned_and_half_a_pair_too(private_environment: Path) -> None:
    operator = somebody(private_environment)
    whole = operator.run("profiles", NCLOUD_ACCESS_KEY="CANARYACCESS", NCLOUD_SECRET_KEY="canary-secret")
    assert "The key in the environment (key-" in whole.err
    half = operator.run("profiles", NCLOUD_SECRET_KEY="canary-secret")
    assert half.code == 0
    assert "NCLOUD_ACCESS_KEY is not set" in half.err
    assert "canary" not in "".join(operator.said).lower()


def test_a_broken_file_is_one_sentence_with_line_and_column(private_environment: Path) -> None:
    operator = somebody(private_environment)
    path = private_environment / "config" / "ncpconsole" / "config.toml"
    path.write_text("[profiles.prod]\nread_only = yes\n")
    ran = operator.run("profiles")
    assert (ran.code, ran.out) == (1, "")
    assert f"{path}, line 2, column 13: " in ran.err


def test_nothing_is_written_by_looking(private_environment: Path) -> None:
    before = set(private_environment.rglob("*"))
    ran = Operator(dict(os.environ)).run("profiles")
    assert ran.out.splitlines()[1].startswith("default *  public")
    assert set(private_environment.rglob("*")) == before


def test_a_mistyped_profile_is_a_mistake_of_usage(operator: Operator) -> None:
    """With a key in the environment and without one; a name in a file without profiles is none."""
    key = {"NCLOUD_ACCESS_KEY": "CANARYACCESS", "NCLOUD_SECRET_KEY": "canary-secret"}
    assert operator.run("--profile", "lap", "servers").code == 7
    settings = Path(operator.run("paths", "--json").json["config"])
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(SETTINGS, encoding="utf-8")
    for variables in ({}, key):
        ran = operator.run("--profile", "lap", "servers", **variables)
        assert ran.code == 2, ran.err
        assert "There is no profile lap; the profiles are 결제, lab." in ran.err
        assert "ncpconsole login --profile lap" in ran.err
