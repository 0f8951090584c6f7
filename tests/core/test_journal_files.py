"""The journal's file: private, its own, and in words why not when it cannot be used."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import stat
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.files import file_system, why_not_local
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.records import State
from ncpconsole.ncp.results import Outcome
from tests.core.fakes import ACCEPTED, ALICE, NOT_SENT, UNKNOWN, a_draft, locked_by_another_process
from tests.core.forbidden_calls import FILTERS, forbid

Open = Callable[..., Journal]
NOBODY = 65534


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_it_creates_is_private(journal_path: Path, open_journal: Open) -> None:
    before = os.umask(0)
    try:
        open_journal().claim(a_draft())
    finally:
        os.umask(before)
    assert mode(journal_path.parent) == 0o700
    assert mode(journal_path.parent / "owners") == 0o700
    files = [path for path in journal_path.parent.rglob("*") if path.is_file()]
    assert {"journal.db", "journal.db-wal", "journal.db-shm"} <= {path.name for path in files}
    assert {mode(path) for path in files} == {0o600}


def test_a_commit_is_flushed_to_disk(journal: Journal) -> None:
    """WAL with synchronous=FULL (2): a commit that returned survives SIGKILL and power loss."""
    database = journal._database._connection
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert database.execute("PRAGMA synchronous").fetchone() == (2,)


@pytest.mark.parametrize("others", [0o602, 0o620, 0o666])
def test_a_file_that_others_can_write_is_refused(journal_path: Path, open_journal: Open, others: int) -> None:
    open_journal().close()
    journal_path.chmod(others)
    with pytest.raises(JournalUnavailable, match=f"Other users can write to the journal.*chmod 600 {journal_path}"):
        open_journal()


def test_a_directory_that_others_can_write_is_refused(journal_path: Path, open_journal: Open) -> None:
    journal_path.parent.mkdir()
    journal_path.parent.chmod(0o777)
    with pytest.raises(JournalUnavailable, match=r"Other users can write to the directory.*chmod 700"):
        open_journal()
    assert not journal_path.exists()


def open_to_readers(journal_path: Path) -> list[Path]:
    """Let others read a journal that is in use, with its logs; gives its files."""
    journal_path.parent.chmod(0o755)
    files = [journal_path.with_name(journal_path.name + ending) for ending in ("", "-wal", "-shm")]
    for file in files:
        file.chmod(0o644)
    return files


def test_what_others_could_read_is_private_again(journal_path: Path, open_journal: Open) -> None:
    open_journal().claim(a_draft())
    files = open_to_readers(journal_path)
    assert len(open_journal().intents()) == 1
    assert mode(journal_path.parent) == 0o700
    assert [mode(file) for file in files] == [0o600] * 3


def test_a_directory_made_beforehand_becomes_private(journal_path: Path, open_journal: Open) -> None:
    journal_path.parent.mkdir()
    journal_path.parent.chmod(0o755)
    open_journal()
    assert mode(journal_path.parent) == 0o700
    assert mode(journal_path) == 0o600


def test_a_directory_with_other_things_in_it_keeps_its_mode(journal_path: Path, open_journal: Open) -> None:
    """A home directory, say: the console's own files are private, and the rest is none of its business."""
    open_journal().claim(a_draft())
    (journal_path.parent / "public_html").mkdir()
    files = open_to_readers(journal_path)
    open_journal()
    assert mode(journal_path.parent) == 0o755
    assert [mode(file) for file in files] == [0o600] * 3


def test_a_symbolic_link_is_refused(journal_path: Path, open_journal: Open, tmp_path: Path) -> None:
    journal_path.parent.mkdir(mode=0o700)
    target = tmp_path / "elsewhere.db"
    journal_path.symlink_to(target)
    for exists in (False, True):
        if exists:
            target.touch(mode=0o600)
        with pytest.raises(JournalUnavailable, match="is a symbolic link"):
            open_journal()
    assert target.read_bytes() == b""


def test_a_directory_in_its_place_is_refused(journal_path: Path, open_journal: Open) -> None:
    journal_path.mkdir(parents=True, mode=0o700)
    journal_path.parent.chmod(0o700)
    with pytest.raises(JournalUnavailable, match="is not a regular file"):
        open_journal()


def test_a_file_in_the_directorys_place_is_refused(journal_path: Path, open_journal: Open) -> None:
    journal_path.parent.touch()
    with pytest.raises(JournalUnavailable, match="No interrupt is sent"):
        open_journal()


def test_a_file_of_another_user_is_refused(
    journal_path: Path, open_journal: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_journal().close()
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    with pytest.raises(JournalUnavailable, match="belongs to another user"):
        open_journal()


def test_a_newer_journal_is_refused_and_left_as_it_is(journal_path: Path, open_journal: Open) -> None:
    open_journal().close()
    with sqlite3.connect(journal_path) as database:
        database.execute("PRAGMA user_version = 7")
    database.close()
    content = journal_path.read_bytes()
    with pytest.raises(JournalUnavailable, match=r"newer ncpconsole .schema 7; this one knows 2.: update"):
        open_journal()
    assert journal_path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_as_it_is(journal_path: Path, open_journal: Open) -> None:
    journal_path.parent.mkdir(mode=0o700)
    with sqlite3.connect(journal_path) as database:
        database.execute("CREATE TABLE bookmarks (url TEXT)")
    database.close()
    journal_path.chmod(0o600)
    content = journal_path.read_bytes()
    with pytest.raises(JournalUnavailable, match="database of another program"):
        open_journal()
    assert journal_path.read_bytes() == content


@pytest.mark.parametrize("content", [b"not a database, but long enough to be read as one" * 20, b"\0" * 4096])
def test_what_is_no_database_is_refused_and_left_as_it_is(
    journal_path: Path, open_journal: Open, content: bytes
) -> None:
    journal_path.parent.mkdir(mode=0o700)
    journal_path.write_bytes(content)
    journal_path.chmod(0o600)
    with pytest.raises(JournalUnavailable, match="is not a journal"):
        open_journal()
    assert journal_path.read_bytes() == content


def test_an_empty_file_left_by_a_crash_becomes_a_journal(journal_path: Path, open_journal: Open) -> None:
    journal_path.parent.mkdir(mode=0o700)
    journal_path.touch(mode=0o600)
    assert open_journal().claim(a_draft()).is_open


# Trouble while it is open. Each is made by the system itself, not by a stand-in.


@contextmanager
def full_disk(journal: Journal) -> Iterator[None]:
    """SQLite's own limit of pages, at what the file has now: the next page does not fit."""
    database = journal._database._connection
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")
    yield
    database.execute("PRAGMA max_page_count = 1000000")


def fill(journal: Journal) -> None:
    """Use up the room in the pages that the file has."""
    with pytest.raises(JournalUnavailable, match="is full"):
        deque((journal.claim(a_draft(f"{number}")) for number in range(1000)), maxlen=0)


def test_a_full_disk_takes_no_claim_and_says_so(journal: Journal) -> None:
    with full_disk(journal):
        fill(journal)
        with pytest.raises(JournalUnavailable, match=r"disk that holds the journal .* is full: free some space"):
            journal.claim(a_draft("one more"))
        assert journal.intents(server_no="one more") == []
    assert journal.verify().fault is None
    assert journal.claim(a_draft("one more")).is_open


def test_an_outcome_that_does_not_fit_is_written_with_the_next_step(journal: Journal) -> None:
    intent_id = journal.claim(a_draft()).id
    journal.mark_sending(intent_id)
    with full_disk(journal):
        fill(journal)
        with pytest.raises(JournalUnavailable, match="is full"):
            journal.finish(intent_id, ACCEPTED)
        found = journal.intent(intent_id)
        assert found is not None
        assert found.state is State.SENDING
    journal.claim(a_draft("unrelated"))
    found = journal.intent(intent_id)
    assert found is not None
    assert found.outcome is Outcome.ACCEPTED
    assert journal.verify().fault is None


def test_an_owed_outcome_is_written_on_closing(journal: Journal, open_journal: Open) -> None:
    intent_id = journal.claim(a_draft()).id
    journal.mark_sending(intent_id)
    with full_disk(journal):
        fill(journal)
        with pytest.raises(JournalUnavailable):
            journal.finish(intent_id, UNKNOWN)
    journal.close()
    found = open_journal().intent(intent_id)
    assert found is not None
    assert found.message == UNKNOWN.message


def in_child(action: Callable[[], None]) -> str:
    """Run in a process of its own that may be limited for good; gives what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing was raised"
        try:
            action()
        except JournalUnavailable as error:
            said = f"unavailable: {error}"
        except BaseException as error:  # noqa: BLE001 - a child of fork must never return into the test run
            said = f"other: {error!r}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def test_a_file_that_cannot_grow_takes_no_claim_and_says_so(journal_path: Path, open_journal: Open) -> None:
    """The limit of the operating system, as a quota would be: the write itself fails."""
    open_journal().close()

    def claim_within_limit() -> None:
        journal = Journal.open(journal_path, ALICE)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384))
        for number in range(1000):
            journal.claim(a_draft(f"{number}"))

    assert "check the disk" in in_child(claim_within_limit)
    survivor = open_journal()
    claimed = len(survivor.intents())
    assert [one.outcome for one in survivor.recover()] == [Outcome.NOT_SENT] * claimed
    assert survivor.verify().fault is None


@pytest.fixture
def nobodys_journal() -> Iterator[Path]:
    """A journal that belongs to a user to whom permissions apply, also when the tests run as root."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        path = Path(place) / "state" / "journal.db"
        Journal.open(path, ALICE).close()
        if os.geteuid() == 0:
            for one in (path.parent, *path.parent.rglob("*")):
                os.chown(one, NOBODY, NOBODY)
        yield path
        path.parent.chmod(0o700)


def as_nobody(path: Path) -> None:
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    Journal.open(path, ALICE).claim(a_draft())


def test_a_read_only_file_takes_no_claim_and_says_so(nobodys_journal: Path) -> None:
    nobodys_journal.chmod(0o400)
    said = in_child(lambda: as_nobody(nobodys_journal))
    assert said.startswith(f"unavailable: The journal {nobodys_journal} is read-only: make the file")


def test_a_read_only_directory_takes_no_claim_and_says_so(nobodys_journal: Path) -> None:
    nobodys_journal.parent.chmod(0o500)
    said = in_child(lambda: as_nobody(nobodys_journal))
    assert said.startswith(f"unavailable: The journal {nobodys_journal} is read-only: make the file")


def test_a_directory_of_another_user_is_refused(nobodys_journal: Path) -> None:
    if os.geteuid() != 0:
        nobodys_journal.parent.chmod(0o000)
    with pytest.raises(JournalUnavailable, match=r"belongs to another user|may not be opened"):
        Journal.open(nobodys_journal, ALICE)


def test_a_journal_locked_by_another_process_takes_no_step_and_says_so(journal: Journal, journal_path: Path) -> None:
    waiting = journal.claim(a_draft("1"))
    with locked_by_another_process(journal_path):
        with pytest.raises(JournalUnavailable, match="locked by another process"):
            journal.mark_sending(waiting.id)
        assert [one.state for one in journal.intents()] == [State.CLAIMED]
    journal.mark_sending(waiting.id)


def test_a_journal_that_was_removed_takes_no_step(journal: Journal, journal_path: Path) -> None:
    """SQLite would go on writing to the nameless file, and the send would be forgotten."""
    waiting = journal.claim(a_draft("1"))
    journal_path.rename(journal_path.with_suffix(".moved"))
    with pytest.raises(JournalUnavailable, match="No such file"):
        journal.mark_sending(waiting.id)
    journal_path.touch(mode=0o600)
    with pytest.raises(JournalUnavailable, match="was replaced while the console ran"):
        journal.mark_sending(waiting.id)


def test_a_closed_journal_takes_no_step(journal: Journal) -> None:
    journal.close()
    journal.close()
    with pytest.raises(JournalUnavailable, match="closed"):
        journal.intents()


def test_an_owner_lock_that_cannot_be_made_takes_no_claim(journal: Journal, journal_path: Path) -> None:
    (journal_path.parent / "owners").touch()
    with pytest.raises(JournalUnavailable):
        journal.claim(a_draft())
    assert journal.intents() == []


# A file system that cannot lock or map: NFS, 9p, SMB. The kernel refuses the calls, as it does there.


@pytest.mark.parametrize("what", FILTERS)
@pytest.mark.parametrize("begun", [False, True], ids=["new", "used"])
def test_a_file_system_that_cannot_lock_or_map_is_said_at_once_and_by_one_sentence(
    journal_path: Path, open_journal: Open, what: str, *, begun: bool
) -> None:
    if begun:
        with open_journal() as earlier:
            earlier.finish(earlier.claim(a_draft()).id, NOT_SENT)

    def claim() -> None:
        forbid(what)
        began = time.monotonic()
        try:
            Journal.open(journal_path, ALICE).claim(a_draft())
        finally:
            assert time.monotonic() - began < 1

    said = in_child(claim)
    assert "lies on a file system that cannot be relied on to lock and map files" in said
    assert "put the journal on a local disk, by setting NCPCONSOLE_STATE_DIR" in said


@pytest.mark.parametrize("what", FILTERS)
def test_a_journal_that_cannot_be_locked_can_still_be_read(journal_path: Path, open_journal: Open, what: str) -> None:
    with open_journal() as earlier:
        earlier.finish(earlier.claim(a_draft("4711")).id, NOT_SENT)

    def read() -> None:
        forbid(what)
        try:
            Journal.open(journal_path, ALICE)
        except JournalUnavailable as error:
            with Journal.open_for_reading(journal_path, ALICE, error) as journal:
                assert journal.is_readable
                assert journal.recover() == []
                assert [one.draft.server_no for one in journal.intents()] == ["4711"]
                assert "local disk" in journal.objections()[0]
                journal.claim(a_draft())

    assert "local disk" in in_child(read)


MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:50 / /home rw,relatime shared:5 - nfs4 server:/home rw,vers=4.2
31 30 0:51 / /home/a\040b rw - xfs /dev/sdb rw
32 22 0:52 / /mnt/c rw - 9p drvfs rw
33 22 0:53 / /mnt/win rw - cifs //server/share rw
34 22 8:2 / /over rw - ext4 /dev/sda2 rw
35 22 0:54 / /over rw - fuse.sshfs host: rw
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/var/lib/ncpconsole", "ext4"),
        ("/home/x/.local/state", "nfs4"),
        ("/homes", "ext4"),
        ("/home/a b/state", "xfs"),
        ("/mnt/c/Users", "9p"),
        ("/mnt/win/state", "cifs"),
        ("/over/state", "fuse.sshfs"),
    ],
)
def test_the_type_of_a_file_system_is_that_of_its_innermost_mount(place: str, kind: str) -> None:
    assert file_system(Path(place), MOUNTS.strip()) == kind


@pytest.mark.parametrize("place", ["/home/x/.local/state", "/mnt/win/state", "/over/state"])
def test_a_file_system_that_other_machines_share_is_refused_even_where_it_locks(place: str) -> None:
    """Their locks would have to hold on every machine; SQLite's index of the log is known to one alone."""
    assert why_not_local(Path(place), MOUNTS.strip()) != ""
    assert why_not_local(Path("/tmp"), MOUNTS.strip()) == ""
