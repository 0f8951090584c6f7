"""The list that is kept for the next start: for its owner's eyes, whole or not at all, and never in the way."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from ncpconsole.config import kept_list
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


def test_a_list_of_another_version_counts_as_none(kept: KeptList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_list, "VERSION", kept_list.VERSION + 1)
    kept.write([REGION])
    assert kept.read() == (REGION,)
    monkeypatch.undo()
    assert kept.read() == ()


def test_a_list_in_one_piece_as_it_was_once_kept_counts_as_none(kept: KeptList) -> None:
    kept.write([REGION])
    kept.path.write_bytes(msgspec.msgpack.encode({"version": 1, "regions": [REGION]}))
    assert kept.read() == kept.read(beginning=True) == ()


def several(monkeypatch: pytest.MonkeyPatch) -> tuple[KeptRegion, KeptRegion]:
    """Two regions of three and of one piece; two interfaces of one server, and one of a server that is not listed."""
    monkeypatch.setattr(kept_list, "PIECE", 2)
    servers = [server(name=f"web-{number}", number=str(number)) for number in range(6)]
    of_servers = [NetworkInterface(f"if-{number}", f"10.0.0.{number}", instance_no=str(number)) for number in range(5)]
    second = NetworkInterface("if-9", "10.0.0.9", instance_no="0")
    stray = NetworkInterface("if-7", "10.0.0.7", instance_no="700")
    korea = KeptRegion("KR", AT, tuple(servers[:5]), (of_servers[0], second, *of_servers[1:], stray))
    return korea, KeptRegion("SGN", AT, tuple(servers[5:]))


def test_the_beginning_of_a_long_list_can_be_read_alone(kept: KeptList, monkeypatch: pytest.MonkeyPatch) -> None:
    korea, singapore = several(monkeypatch)
    kept.write([korea, singapore])
    assert kept.read() == (korea, singapore)
    first = msgspec.structs.replace(korea, servers=korea.servers[:2], interfaces=korea.interfaces[:3], more=3)
    assert kept.read(beginning=True) == (first, singapore)


def test_an_empty_list_is_one(kept: KeptList) -> None:
    kept.write([KeptRegion("KR", AT)])
    assert kept.read() == kept.read(beginning=True) == (KeptRegion("KR", AT),)


def test_a_file_that_was_cut_or_grew_counts_as_none(kept: KeptList, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.write(several(monkeypatch))
    whole = kept.path.read_bytes()
    for content in [*(whole[:length] for length in range(0, len(whole), 29)), whole + b"\x00"]:
        kept.path.write_bytes(content)
        assert kept.read() == kept.read(beginning=True) == ()


def test_a_file_that_was_altered_counts_as_none_and_its_beginning_as_none_or_as_it_was(
    kept: KeptList, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.write(several(monkeypatch))
    whole, beginning = kept.path.read_bytes(), kept.read(beginning=True)
    for place in range(0, len(whole), 11):
        altered = bytes([whole[place] ^ (1 << place % 8)])
        kept.path.write_bytes(whole[:place] + altered + whole[place + 1 :])
        assert kept.read() == ()
        assert kept.read(beginning=True) in ((), beginning)


def test_a_file_whose_pieces_hold_fewer_servers_than_were_kept_counts_as_none(
    kept: KeptList, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.write(several(monkeypatch))
    parts = list(kept_list._parts(several(monkeypatch)))
    for left_out in range(1, len(parts)):
        monkeypatch.setattr(kept_list, "_parts", lambda _, out=left_out: iter([*parts[:out], *parts[out + 1 :]]))
        kept.write([])
        is_last = left_out == len(parts) - 1  # it holds interfaces alone
        assert bool(kept.read()) is is_last


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
