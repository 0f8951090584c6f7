"""The list that is kept for the next start: for its owner's eyes, whole or not at all, and never in the way."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from ncpconsole.config.kept_list import KeptList, forget_lists
from ncpconsole.ncp.models import KeptRegion, NetworkInterface
from tests.core.records import server

AT = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
REGION = KeptRegion(
    "KR", AT, (server(), server(name="결제-00031", number="142300031")), (NetworkInterface("1", "10.0.0.6"),)
)


@pytest.fixture
def kept(tmp_path: Path) -> KeptList:
    return KeptList(tmp_path / "lists", "https://gateway.example", "fp-1", ("KR",))


def test_what_is_written_is_read_again_and_nobody_else_may_read_it(kept: KeptList) -> None:
    assert kept.read() == ()
    kept.write([REGION])
    assert kept.read() == (REGION,)
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert kept.path.parent.stat().st_mode & 0o777 == 0o700
    kept.write([REGION, KeptRegion("SGN", AT)])
    assert [region.code for region in kept.read()] == ["KR", "SGN"]
    assert [path.name for path in kept.path.parent.iterdir()] == [kept.path.name]


def test_each_gateway_key_and_choice_of_regions_has_a_list_of_its_own(tmp_path: Path) -> None:
    whose: list[tuple[str, str, tuple[str, ...]]]
    whose = [("https://a.example", "fp-1", ("KR",)), ("https://b.example", "fp-1", ("KR",))]
    whose += [("https://a.example", "fp-2", ("KR",)), ("https://a.example", "fp-1", ("KR", "SGN"))]
    assert len({KeptList(tmp_path, *one).path for one in whose}) == len(whose)


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 100, b"\x91" * 100_000, b"no list", msgspec.msgpack.encode({"version": 1, "regions": 7})]
)
def test_a_file_that_is_no_list_counts_as_none(kept: KeptList, content: bytes) -> None:
    kept.write([REGION])
    kept.path.write_bytes(content)
    assert kept.read() == ()


def test_a_list_of_another_version_counts_as_none(kept: KeptList) -> None:
    kept.write([REGION])
    document = msgspec.msgpack.decode(kept.path.read_bytes())
    kept.path.write_bytes(msgspec.msgpack.encode(document | {"version": 2}))
    assert kept.read() == ()


def test_a_file_that_somebody_else_could_have_written_counts_as_none(kept: KeptList, tmp_path: Path) -> None:
    kept.write([REGION])
    kept.path.chmod(0o640)
    assert kept.read() == ()
    kept.path.chmod(0o600)
    moved = kept.path.rename(tmp_path / "elsewhere")
    kept.path.symlink_to(moved)
    assert kept.read() == ()
    kept.path.unlink()
    os.mkfifo(kept.path, 0o600)
    assert kept.read() == ()


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "lists").write_text("a file where the directory should be")
    kept = KeptList(tmp_path / "lists", "https://gateway.example", "fp-1", ("KR",))
    kept.write([REGION])
    assert kept.read() == ()


def test_forgotten_lists_are_gone(kept: KeptList) -> None:
    kept.write([REGION])
    forget_lists(kept.path.parent)
    assert not kept.path.parent.exists()
    forget_lists(kept.path.parent)
