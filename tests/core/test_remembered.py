"""The remembered view: 0600, small, and whatever else stands in its place costs a line and never the start."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.remembered import LARGEST_FILE, MOST_FILTERS, Remembered, read_view, worth_keeping, write_view

if TYPE_CHECKING:
    from pathlib import Path

VIEW = Remembered("uptime", descending=True, theme="day", regions={"prod": "JPN", "결제": "all"}, filters=("web", "db"))


def test_what_is_written_is_read_again_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "view.json"
    assert read_view(path) == (Remembered(), "")
    write_view(path, VIEW)
    assert read_view(path) == (VIEW, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    write_view(path, Remembered())
    assert read_view(path) == (Remembered(), "")
    assert [each.name for each in path.parent.iterdir()] == ["view.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 50_000,
        b"[]",
        b'{"version": 2}',
        b'{"version": 1, "regions": []}',
        b'{"version": 1, "filters": "web"}',
        b'{"version": 1, "sort": 3}',
        b'{"version": 1}' + b" " * LARGEST_FILE,
    ],
)
def test_another_content_costs_a_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "view.json"
    path.write_bytes(content)
    remembered, said = read_view(path)
    assert remembered == Remembered()
    if content.endswith(b" "):
        return  # what is beyond is blank: it may be read
    assert said.endswith(str(path))


def test_a_directory_a_link_or_a_pipe_in_its_place_costs_a_line(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    write_view(tmp_path / "kept.json", VIEW)
    (tmp_path / "link").symlink_to(tmp_path / "kept.json")
    os.mkfifo(tmp_path / "pipe")
    for name in ("directory", "link", "pipe"):
        assert read_view(tmp_path / name)[0] == Remembered()
        assert read_view(tmp_path / name)[1]


def test_values_that_cannot_be_are_left_out_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "view.json"
    document = {
        "version": 1,
        "sort": "rm -rf /",
        "theme": "\x1b[31m",
        "descending": "yes",
        "regions": {"prod": "KR", "bad": "../..", "worse": 3, "\x1b]0;x\x07": "KR"},
        "filters": ["web", 7, "a\x1b[2Jb", ""],
    }
    path.write_text(json.dumps(document))
    remembered, said = read_view(path)
    assert said == ""
    assert (remembered.sort, remembered.theme, remembered.descending) == ("", "", False)
    assert remembered.regions == {"prod": "KR", "\\x1b]0;x\\x07": "KR"}
    assert remembered.filters == ("web", "a\\x1b[2Jb")


def test_neither_marks_nor_what_looks_like_a_key_is_kept() -> None:
    kept = ["web", "is:eligible db", "host-with-a-rather-long-name-00012", "142300066 10.0.0.1"]
    left = ["is:marked", "web IS:MARKED", "!is:m", "A1b2C3d4E5f6G7h8I9j0", "web ncp_iam_BPAMKR3aFDuLm2pQ8x7Z"]
    assert worth_keeping([*left, *kept]) == tuple(kept)
    assert len(worth_keeping([f"web-{n}" for n in range(200)])) == MOST_FILTERS


def test_what_cannot_be_written_is_let_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    write_view(tmp_path / "file" / "view.json", VIEW)
    assert (tmp_path / "file").read_text() == ""
