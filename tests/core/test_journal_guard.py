"""What happened before holds a server whatever happens to the file, and whatever the gateway is called."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import JournalUnavailable, ServerLocked
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.records import ResolvedAs
from ncpconsole.ncp.results import Outcome
from tests.core.fakes import ACCEPTED, ALICE, NOT_SENT, UNKNOWN, a_draft

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PUBLIC = "https://ncloud.apigw.ntruss.com"
GOV = "https://ncloud.apigw.gov-ntruss.com"


def left_unknown(journal: Journal, number: str = "300") -> str:
    """One interrupt whose outcome nobody knows; its id."""
    intent_id = journal.claim(a_draft(number)).id
    journal.mark_sending(intent_id)
    journal.finish(intent_id, UNKNOWN)
    return intent_id


# One server, however its gateway is spelled.


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("http://127.0.0.1:8123", "http://localhost:8123"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:9000"),
        ("https://bastion.example:8443", PUBLIC),
        (PUBLIC, "https://tunnel.example"),
        (PUBLIC, "HTTPS://NCLOUD.APIGW.NTRUSS.COM.:443/vserver/v2"),
        (GOV, "http://localhost:8123"),
    ],
)
def test_another_name_of_the_gateway_is_the_same_guard(journal: Journal, first: str, second: str) -> None:
    holder = journal.claim(a_draft(gateway=first))
    with pytest.raises(ServerLocked) as locked:
        journal.claim(a_draft(gateway=second, profile="other", key_fingerprint="key-other"))
    assert locked.value.intent.id == holder.id
    journal.finish(holder.id, NOT_SENT)
    assert journal.claim(a_draft(gateway=second)).is_open


def test_what_another_name_of_the_gateway_did_is_known(journal: Journal) -> None:
    done = journal.claim(a_draft(gateway="http://127.0.0.1:8123"))
    journal.mark_sending(done.id)
    journal.finish(done.id, ACCEPTED)
    for gateway in ("http://localhost:9000", PUBLIC):
        assert [one.id for one in journal.intents(gateway=gateway, server_no="300")] == [done.id]
        assert [one.id for one in journal.intents(gateway=gateway)] == [done.id]


def test_two_sites_give_the_same_number_to_two_servers(journal: Journal) -> None:
    assert journal.claim(a_draft(gateway=PUBLIC)).is_open
    assert journal.claim(a_draft(gateway=GOV)).is_open
    assert len(journal.intents(gateway=PUBLIC)) == len(journal.intents(gateway=GOV, server_no="300")) == 1


# A projection that was edited.

EDITS = {
    "gateway": "UPDATE intents SET gateway = 'https://other.test'",
    "number": "UPDATE intents SET server_no = '301'",
    "unlocked": "UPDATE intents SET is_locking = 0",
    "done": "UPDATE intents SET document = replace(document, '\"unknown\"', '\"rejected\"'), is_locking = 0",
    "removed": "DELETE FROM intents",
    "no index": "DROP INDEX one_interrupt_per_server",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_lock_follows_from_the_events_whatever_the_projection_says(
    journal: Journal, open_journal: Callable[..., Journal], journal_path: Path, edit: str
) -> None:
    intent_id = left_unknown(journal)
    with closing(sqlite3.connect(journal_path)) as database, database:
        database.execute(edit)
    for console in (journal, open_journal()):
        with pytest.raises(ServerLocked) as locked:
            console.claim(a_draft())
        assert locked.value.intent.id == intent_id
        assert [one.id for one in console.intents(server_no="300")] == [intent_id]
    journal.resolve(intent_id, ResolvedAs.ACCEPTED, "blue screen seen")
    assert journal.claim(a_draft()).is_open


def test_an_orphan_that_the_projection_lost_is_recovered_by_the_next_claim(
    open_journal: Callable[..., Journal], journal_path: Path
) -> None:
    dead = open_journal()
    orphan = dead.claim(a_draft()).id
    dead.close()
    with closing(sqlite3.connect(journal_path)) as database, database:
        database.execute("DELETE FROM intents")
    survivor = open_journal()
    assert survivor.claim(a_draft()).is_open
    found = survivor.intent(orphan)
    assert found is not None
    assert found.outcome is Outcome.NOT_SENT


EVENT_EDITS = {
    "an outcome": "UPDATE events SET body = replace(body, '\"unknown\"', '\"rejected\"')",
    "a number": "UPDATE events SET body = replace(body, '\"300\"', '\"999\"')",
    "a step": "DELETE FROM events WHERE sequence = 3",
    "an intent": "DELETE FROM events WHERE sequence <= 3",
    "the last event": "UPDATE events SET time = '2020-01-01T00:00:00.000000+00:00' WHERE sequence = 6",
    "the last link": "UPDATE events SET previous = hash WHERE sequence = 6",
}


@pytest.mark.parametrize("edit", EVENT_EDITS.values(), ids=EVENT_EDITS)
def test_no_claim_is_taken_on_events_that_were_altered(
    open_journal: Callable[..., Journal], journal_path: Path, edit: str
) -> None:
    first = open_journal()
    left_unknown(first)
    left_unknown(first, "301")
    first.close()
    with closing(sqlite3.connect(journal_path)) as database, database:
        database.execute("DROP TRIGGER events_are_not_changed")
        database.execute("DROP TRIGGER events_are_not_removed")
        database.execute(edit)
    with pytest.raises(JournalUnavailable, match=r"was altered .*history --verify.* No interrupt is sent"):
        open_journal().claim(a_draft())


@pytest.mark.parametrize("edit", EVENT_EDITS.values(), ids=EVENT_EDITS)
def test_no_claim_is_taken_on_events_that_were_altered_while_the_console_ran(
    journal: Journal, journal_path: Path, edit: str
) -> None:
    left_unknown(journal)
    left_unknown(journal, "301")
    assert not journal.objections()
    with closing(sqlite3.connect(journal_path)) as database, database:
        database.execute("DROP TRIGGER events_are_not_changed")
        database.execute("DROP TRIGGER events_are_not_removed")
        database.execute(edit)
    with pytest.raises(JournalUnavailable, match=r"was altered .*history --verify.* No interrupt is sent"):
        journal.claim(a_draft())


# A file that was taken away from under a console that waits.


@pytest.mark.parametrize("gone", ["-wal", "-shm", "-wal -shm", "directory"])
def test_a_log_that_is_removed_while_a_console_waits_is_noticed_before_anything_is_sent(
    journal: Journal, journal_path: Path, gone: str
) -> None:
    left_unknown(journal)
    waiting = journal.claim(a_draft("301"))
    if gone == "directory":
        journal_path.parent.rename(journal_path.parent.with_name("elsewhere"))
    else:
        for ending in gone.split():
            journal_path.with_name(journal_path.name + ending).unlink()
    for step in (lambda: journal.mark_sending(waiting.id), lambda: journal.claim(a_draft("302"))):
        with pytest.raises(JournalUnavailable):
            step()


def test_an_earlier_copy_that_is_put_back_while_a_console_waits_is_noticed(
    journal: Journal, journal_path: Path
) -> None:
    """Written over the file in place, as a restore does: the same file, with the events of an hour ago."""
    journal.claim(a_draft("301"))
    with closing(sqlite3.connect(journal_path)) as source, closing(sqlite3.connect(":memory:")) as copy:
        source.backup(copy)
        left_unknown(journal)
        copy.backup(source)
    with pytest.raises(JournalUnavailable, match=r"lost its event 4 while the console ran"):
        journal.claim(a_draft())


def test_a_journal_that_is_emptied_while_a_console_waits_is_noticed(journal: Journal, journal_path: Path) -> None:
    left_unknown(journal)
    with closing(sqlite3.connect(journal_path)) as database, database:
        database.execute("DROP TRIGGER events_are_not_removed")
        database.execute("DELETE FROM events")
        database.execute("DELETE FROM intents")
    with pytest.raises(JournalUnavailable, match=r"lost its event 3|was altered"):
        journal.claim(a_draft())


# The directories above.


@pytest.mark.parametrize(("mode", "refused"), [(0o777, True), (0o757, True), (0o1777, False), (0o755, False)])
def test_a_parent_that_others_can_write_is_refused_as_ssh_does(tmp_path: Path, *, mode: int, refused: bool) -> None:
    parent = tmp_path / "shared"
    (parent / "deeper" / "state").mkdir(parents=True, mode=0o700)
    (parent / "deeper" / "state").chmod(0o700)
    parent.chmod(mode)
    path = parent / "deeper" / "state" / "journal.db"
    if refused:
        with pytest.raises(JournalUnavailable, match=rf"Other users can write to {parent}, above the journal"):
            Journal.open(path, ALICE)
        assert not path.exists()
    else:
        Journal.open(path, ALICE).close()


def test_the_parents_of_a_directory_that_does_not_exist_yet_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o777)
    with pytest.raises(JournalUnavailable, match="Other users can write to"):
        Journal.open(tmp_path / "shared" / "new" / "state" / "journal.db", ALICE)


def test_a_parent_of_another_user_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "theirs" / "state"
    state.mkdir(parents=True, mode=0o700)
    state.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(tmp_path / "theirs", 4242, 4242)
        with pytest.raises(JournalUnavailable, match=r"theirs, above the journal, belongs to another user"):
            Journal.open(state / "journal.db", ALICE)
    shutil.rmtree(tmp_path / "theirs")
