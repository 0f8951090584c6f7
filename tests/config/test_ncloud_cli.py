"""The file of NAVER Cloud's own tool, in both its dialects."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ncpconsole.config.ncloud_cli import CliFile, ncloud_cli_path, read_ncloud_cli
from ncpconsole.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

SECTIONS = """\
# made by the tool
[DEFAULT]
ncloud_access_key_id = AKDEFAULT
ncloud_secret_access_key = a=b==%(x)s%%d"';#e
ncloud_api_url = https://ncloud.apigw.ntruss.com

[gov prod]
ncloud_access_key_id=AKGOV
ncloud_secret_access_key=%s=
ncloud_api_url=https://ncloud.apigw.gov-ntruss.com

[half]
ncloud_access_key_id = AKHALF
"""
PLAIN = """\
ncloud_access_key_id = AKPLAIN
ncloud_secret_access_key = 50%=결제
"""


def read(tmp_path: Path, text: str) -> CliFile:
    path = tmp_path / "configure"
    path.write_text(text, encoding="utf-8")
    return read_ncloud_cli(path)


def pairs(found: CliFile) -> list[tuple[str, str, str, str]]:
    return [
        (each.name, each.credentials.access_key, each.credentials.secret_key.reveal(), each.api_url)
        for each in found.profiles
    ]


def test_with_sections_nothing_is_interpolated_and_nothing_inherited(tmp_path: Path) -> None:
    found = read(tmp_path, SECTIONS)
    assert pairs(found) == [
        ("DEFAULT", "AKDEFAULT", "a=b==%(x)s%%d\"';#e", "https://ncloud.apigw.ntruss.com"),
        ("gov prod", "AKGOV", "%s=", "https://ncloud.apigw.gov-ntruss.com"),
    ]
    assert found.notes == (f"half in {found.path} is left out: it has no ncloud_secret_access_key.",)


def test_without_sections_it_is_default(tmp_path: Path) -> None:
    assert pairs(read(tmp_path, PLAIN)) == [("DEFAULT", "AKPLAIN", "50%=결제", "")]
    assert pairs(read(tmp_path, "\ufeff" + PLAIN.replace("\n", "\r\n"))) == [("DEFAULT", "AKPLAIN", "50%=결제", "")]


def test_a_section_without_a_pair_gets_none_from_default(tmp_path: Path) -> None:
    found = read(tmp_path, PLAIN + "[other]\nncloud_api_url = https://x.example\n")
    assert [each.name for each in found.profiles] == ["DEFAULT"]
    assert "other" in found.notes[0]


def test_an_empty_file_has_no_profile_and_no_complaint(tmp_path: Path) -> None:
    assert read(tmp_path, "\n# nothing\n") == CliFile(tmp_path / "configure", ())


def test_a_line_that_cannot_be_read_is_numbered_and_not_quoted(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"line 2: not of the form") as caught:
        read(tmp_path, "ncloud_access_key_id = AK\ncanary-secret\n")
    error: BaseException | None = caught.value
    while error is not None:
        assert "canary" not in f"{error!r} {error.args}"
        error = error.__cause__ or error.__context__


def test_reading_alters_nothing(tmp_path: Path) -> None:
    path = tmp_path / "configure"
    path.write_text(SECTIONS)
    path.chmod(0o400)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    read_ncloud_cli(path)
    assert path.read_text() == SECTIONS
    assert (path.stat().st_mtime, path.stat().st_mode & 0o777) == (1_000_000_000, 0o400)


def test_no_file_is_a_sentence_with_the_next_step(private_environment: Path) -> None:
    assert ncloud_cli_path() == private_environment / ".ncloud" / "configure"
    with pytest.raises(ConfigError, match="without --from-ncloud-cli"):
        read_ncloud_cli(ncloud_cli_path())
