"""A journal that is gone, cut off or another one is noticed by what a second place remembers."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import JournalUnavailable, NotResolvable
from ncpconsole.core.journal.anchor import AnchorState, AnchorUnavailable, FileAnchor, SystemLog, marks_from
from tests.core.fakes import ACCEPTED, BOB, NOT_SENT, UNKNOWN, a_draft
from tests.marked import marked_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ncpconsole.core.journal.journal import Journal


@dataclass
class MemoryAnchor:
    """A place in memory. ``broken`` is what it says instead; it answers once ``open`` is set."""

    name: str = "the OS keyring"
    text: str = ""
    broken: str = ""
    open: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.open.set()

    def read(self) -> str:
        self.open.wait()
        if self.broken:
            raise AnchorUnavailable(self.broken)
        return self.text

    def write(self, text: str) -> None:
        self.open.wait()
        if self.broken:
            raise AnchorUnavailable(self.broken)
        self.text = text


@pytest.fixture
def anchor() -> MemoryAnchor:
    return MemoryAnchor()


def sent(journal: Journal, number: str = "300", *, unknown: bool = False) -> str:
    intent_id = journal.claim(a_draft(number)).id
    journal.mark_sending(intent_id)
    journal.finish(intent_id, UNKNOWN if unknown else ACCEPTED)
    return intent_id


def remove(path: Path) -> None:
    shutil.rmtree(path.parent)


def empty(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TRIGGER events_are_not_removed")
        database.execute("DELETE FROM events")
        database.execute("DELETE FROM intents")


def cut(path: Path) -> None:
    """Take the last interrupt away and leave a journal that is whole in itself."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TRIGGER events_are_not_removed")
        database.execute("DELETE FROM events WHERE sequence > 3")
        database.execute("DELETE FROM intents WHERE sequence > 3")


DAMAGE = {"removed": remove, "emptied": empty, "cut": cut}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_record_that_is_gone_refuses_until_it_is_accepted_in_words(
    open_journal: Callable[..., Journal], journal_path: Path, anchor: MemoryAnchor, damage: Callable[[Path], None]
) -> None:
    with open_journal(anchor=anchor) as first:
        sent(first, "299")
        sent(first, unknown=True)
    damage(journal_path)
    again = open_journal(anchor=anchor, origin=BOB)
    (objection,) = again.objections()
    assert "A part of the record of interrupts is gone: one may have been forgotten" in objection
    assert "By what the OS keyring remembers, " in objection
    assert " 6 events" in objection
    assert "ncpconsole history --accept-loss REASON" in objection
    with pytest.raises(JournalUnavailable, match="A part of the record of interrupts is gone"):
        again.claim(a_draft())
    with pytest.raises(NotResolvable):
        again.accept_loss(" ")
    assert "6 events" in again.accept_loss("the disk of bastion-1 was replaced")
    assert again.objections() == ()
    assert again.claim(a_draft()).is_open
    again.close()
    checked = open_journal(anchor=anchor).verify()
    assert checked.fault is None
    assert "bob accepted that a part of the record is gone: the disk of bastion-1 was" in checked.notes[0]
    assert open_journal(anchor=anchor).objections() == ()


def test_an_earlier_copy_is_noticed(
    open_journal: Callable[..., Journal], journal_path: Path, anchor: MemoryAnchor, tmp_path: Path
) -> None:
    with open_journal(anchor=anchor) as first:
        sent(first)
    shutil.copytree(journal_path.parent, tmp_path / "copy")
    with open_journal(anchor=anchor) as first:
        sent(first, unknown=True)
    shutil.rmtree(journal_path.parent)
    shutil.copytree(tmp_path / "copy", journal_path.parent)
    with pytest.raises(JournalUnavailable, match=r"had 6 events, and the journal .* holds 3"):
        open_journal(anchor=anchor).claim(a_draft())


def test_another_state_directory_is_noticed(
    open_journal: Callable[..., Journal], anchor: MemoryAnchor, tmp_path: Path
) -> None:
    with open_journal(anchor=anchor) as first:
        sent(first, unknown=True)
    other = tmp_path / "elsewhere" / "journal.db"
    with pytest.raises(JournalUnavailable, match=r"the record of 3 events, last kept in .*state/journal.db"):
        open_journal(path=other, anchor=anchor).claim(a_draft())
    # The first one is as good as before, and both are once somebody said that there are two.
    with open_journal(anchor=anchor) as first:
        assert first.objections() == ()
    with open_journal(path=other, anchor=anchor) as second:
        second.accept_loss("a journal of its own for the drill")
    for path in ({}, {"path": other}):
        assert open_journal(anchor=anchor, **path).objections() == ()


def test_a_first_journal_and_one_from_before_there_was_an_anchor_are_taken_as_they_are(
    open_journal: Callable[..., Journal], anchor: MemoryAnchor
) -> None:
    with open_journal(anchor=anchor) as first:
        assert first.objections() == ()
        sent(first)
    anchor.text = ""
    with open_journal(anchor=anchor) as later:
        assert later.objections() == ()
    assert [mark.events for mark in marks_from(anchor.text)] == [3]


def test_a_journal_that_moved_with_its_events_is_the_same(
    open_journal: Callable[..., Journal], journal_path: Path, anchor: MemoryAnchor, tmp_path: Path
) -> None:
    with open_journal(anchor=anchor) as first:
        sent(first)
    journal_path.parent.rename(tmp_path / "moved")
    assert open_journal(path=tmp_path / "moved" / "journal.db", anchor=anchor).claim(a_draft()).is_open


def test_the_anchor_follows_every_console_and_never_goes_back(
    open_journal: Callable[..., Journal], anchor: MemoryAnchor
) -> None:
    one, two = open_journal(anchor=anchor), open_journal(anchor=anchor)
    for console, number in ((one, "1"), (two, "2"), (one, "3"), (two, "4")):
        assert console.objections() == ()
        sent(console, number)
    one.close()
    two.close()
    assert [mark.events for mark in marks_from(anchor.text)] == [12]


BAD_TYPES = '{"journals": [{"first": "x", "path": "p", "events": "many", "head": null}]}'


@pytest.mark.parametrize("text", ["", "not JSON", '{"journals": 7}', '{"journals": [{"first": "x"}]}', BAD_TYPES])
def test_an_anchor_that_cannot_be_reached_or_read_refuses_nothing(
    open_journal: Callable[..., Journal], text: str
) -> None:
    anchor = MemoryAnchor(text=text, broken="" if text else "It is locked.")
    journal = open_journal(anchor=anchor)
    assert journal.objections() == ()
    sent(journal)
    assert "is kept at no second place, as the OS keyring cannot be used: " in journal.anchor_report()[1]
    journal.close()
    assert anchor.text == text


def test_an_anchor_that_can_be_reached_later_is_asked_again(open_journal: Callable[..., Journal]) -> None:
    anchor = MemoryAnchor(broken="It is locked.")
    journal = open_journal(anchor=anchor)
    sent(journal)
    anchor.broken = ""
    sent(journal, "301")
    journal.close()
    assert [mark.events for mark in marks_from(anchor.text)] == [6]


def test_an_anchor_remembers_as_many_journals_as_fit_and_forgets_the_oldest_first(
    open_journal: Callable[..., Journal], anchor: MemoryAnchor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("ncpconsole.core.journal.anchor.MOST_CHARACTERS", 1280)
    for number in range(12):
        with open_journal(path=tmp_path / f"{number}" / "journal.db", anchor=anchor) as journal:
            if journal.objections():
                journal.accept_loss("a journal for each drill")
            sent(journal)
    paths = [mark.path for mark in marks_from(anchor.text)]
    assert len(anchor.text) <= 1280
    assert len(paths) >= 3
    assert paths == [str(tmp_path / f"{number}" / "journal.db") for number in range(12 - len(paths), 12)]


def test_an_anchor_that_does_not_answer_holds_a_send_up_for_a_moment_at_most(
    open_journal: Callable[..., Journal], anchor: MemoryAnchor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("READ_SECONDS", "WRITE_SECONDS"):
        monkeypatch.setattr(f"ncpconsole.core.journal.anchor.{limit}", 0.2)
    anchor.open.clear()
    journal = open_journal(anchor=anchor)
    began = time.monotonic()
    sent(journal)
    journal.close()
    assert time.monotonic() - began < 2
    anchor.open.set()


def test_an_anchor_that_answers_late_is_heard_before_the_next_send(
    open_journal: Callable[..., Journal], anchor: MemoryAnchor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with open_journal(anchor=anchor) as first:
        sent(first)
    monkeypatch.setattr("ncpconsole.core.journal.anchor.READ_SECONDS", 0.05)
    anchor.open.clear()
    other = open_journal(path=tmp_path / "elsewhere" / "journal.db", anchor=anchor)
    assert other.objections() == ()
    anchor.open.set()
    other._integrity._anchor._answered.wait()  # the thread that waited for it is done then
    assert "is gone" in other.objections()[0]


# A file where no variable leads, for machines without a keyring.


def test_a_file_apart_notices_what_a_keyring_would(
    open_journal: Callable[..., Journal], journal_path: Path, tmp_path: Path
) -> None:
    anchors = tmp_path / "anchors"
    anchors.mkdir()
    anchors.chmod(0o1733)
    with open_journal(anchor=FileAnchor(anchors)) as first:
        sent(first, unknown=True)
    (file,) = anchors.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == (f"{os.geteuid()}.json", 0o600)
    shutil.rmtree(journal_path.parent)
    with pytest.raises(JournalUnavailable, match="the record of 3 events"):
        open_journal(anchor=FileAnchor(anchors)).claim(a_draft())


@pytest.mark.parametrize("trap", ["directory of all", "file of all", "symbolic link", "no directory"])
def test_a_file_apart_that_others_could_have_written_counts_as_out_of_reach(
    open_journal: Callable[..., Journal], tmp_path: Path, trap: str
) -> None:
    anchors = tmp_path / "anchors"
    anchors.mkdir(mode=0o700)
    file = anchors / f"{os.geteuid()}.json"
    if trap == "directory of all":
        anchors.chmod(0o777)
    elif trap == "file of all":
        file.touch()
        file.chmod(0o622)
    elif trap == "symbolic link":
        (tmp_path / "target").touch()
        file.symlink_to(tmp_path / "target")
    else:
        anchors.rmdir()
    journal = open_journal(anchor=FileAnchor(anchors))
    sent(journal)
    state, sentence = journal.anchor_report()
    if trap == "no directory":
        assert state is AnchorState.AGREES
    else:
        assert state is AnchorState.UNAVAILABLE
        assert f"as {anchors} cannot be used: " in sentence
    journal.close()
    assert not file.exists() or file.read_text() == ""


# The system's log, which is root's.


@pytest.fixture
def system_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A log's socket, and nothing behind it but the test."""
    address = str(tmp_path / "log")
    monkeypatch.setattr("ncpconsole.core.journal.anchor.SYSTEM_LOGS", ("/nowhere", address))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(address)
        log.settimeout(10)
        yield log


def test_the_systems_log_is_told_of_every_commit(
    open_journal: Callable[..., Journal], journal_path: Path, system_log: socket.socket
) -> None:
    journal = open_journal(system_log=SystemLog())
    with marked_language():
        sent(journal)
    told = [system_log.recv(4096).decode() for _ in range(3)]
    assert [line.partition("events")[0] for line in told] == [
        f"<85>ncpconsole[{os.getpid()}]: journal '{journal_path}': {number} " for number in (1, 2, 3)
    ]
    sent(journal, "301")
    noted = [system_log.recv(4096).decode() for _ in range(3)][-1].rpartition(" ")[2]
    assert noted == journal.head()
    assert journal.verify(expect_head=noted).fault is None
    journal.close()
    cut(journal_path)
    checked = open_journal().verify(expect_head=noted)
    assert "expected head is not in the chain" in (checked.fault or "")
    assert open_journal().verify().fault is None


def test_a_system_log_that_is_stuck_or_gone_holds_nothing_up(
    open_journal: Callable[..., Journal], system_log: socket.socket
) -> None:
    journal = open_journal(system_log=SystemLog())
    for number in range(300):  # more than the socket takes, and nobody reads it
        journal.finish(journal.claim(a_draft(f"{number}")).id, NOT_SENT)
    assert not journal.tell_system_log()
    system_log.close()
    sent(journal)
    assert not journal.tell_system_log()


def test_no_loss_is_accepted_where_nothing_is_gone(open_journal: Callable[..., Journal], anchor: MemoryAnchor) -> None:
    for journal in (open_journal(), open_journal(anchor=anchor)):
        with pytest.raises(NotResolvable, match="no loss to accept"):
            journal.accept_loss("just so")
        assert journal.verify().events == 0
