"""The journal itself: one short transaction per step, each on disk before the call returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from ulid import ULID

from ncpconsole.core.errors import JournalUnavailable, NotResolvable, Refused, ServerLocked
from ncpconsole.core.journal.chain import (
    GENESIS,
    Document,
    Kind,
    claim_body,
    guard_key,
    intent_from,
    is_unresolved,
    may_finish,
    observations_body,
    result_body,
    stamp,
    storable,
)
from ncpconsole.core.journal.database import JournalDatabase
from ncpconsole.core.journal.files import ProcessLocks
from ncpconsole.core.records import Draft, Intent, Observation, Origin, ResolvedAs, State, Verification
from ncpconsole.core.wording import died_before_sending, died_while_sending, holder_sentence, why_not_resolvable
from ncpconsole.ncp.results import SendResult


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


class Journal:
    """The write-ahead record of every interrupt, the guard against a second one, and the hash chain.

    The guard holds one server for one intent, from its claim until its outcome is known: a second claim is
    refused in this process, in any other process, and after a crash. It is keyed by gateway and server number
    and not by access key: two keys of one account reach the same server, and must not be able to send twice.

    Calls are synchronous and short on purpose: made on the event loop, a commit cannot be cancelled half-way.
    Every call raises JournalUnavailable when the file cannot be read or written.
    """

    def __init__(self, path: Path, database: JournalDatabase, origin: Origin, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._database = database
        self._origin = origin
        self._clock = clock
        self._locks = ProcessLocks(path)
        self._unwritten_outcomes: dict[str, tuple[SendResult, datetime]] = {}

    @classmethod
    def open(cls, path: Path, origin: Origin, clock: Callable[[], datetime] = utc_now) -> Self:
        """Open the journal, creating it (file 0600, directory 0700) where there is none.

        Raises JournalUnavailable for a symbolic link, a file of another user, one that others can write to, a
        database of another program or of a newer console.
        """
        return cls(path, JournalDatabase(path), origin, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write the outcomes that are not written yet, if that is possible now, and close the file."""
        if self._unwritten_outcomes:
            # What still cannot be written stays SENDING on disk, and is unknown at the next start.
            with suppress(JournalUnavailable), self._writing():
                pass
        self._locks.release()
        self._database.close()

    # The steps of one interrupt, in their order.

    def claim(self, draft: Draft) -> Intent:
        """Take the server for one interrupt.

        Raises ServerLocked when another interrupt of it is under way, or of unknown outcome and unresolved.
        That it returns is the proof that the journal can be written: the claim is on disk.
        """
        owner = self._locks.acquire()
        try:
            return self._claim(draft, owner)
        except ServerLocked as locked:
            if not locked.intent.is_open:
                raise
        # The holder may be a console that died; then its intent ends here, and only "unknown" still locks.
        self.recover()
        return self._claim(draft, owner)

    def mark_sending(self, intent_id: str) -> None:
        """Commit that the request's first byte is about to leave; raises Refused when it must not."""
        with self._writing():
            document = self._database.document(intent_id)
            if document is None or document["state"] != State.CLAIMED:
                raise Refused("This interrupt is not waiting to be sent: it was sent, given up or never claimed.")
            self._append(intent_id, Kind.SENDING, {}, document)

    def finish(self, intent_id: str, result: SendResult) -> Intent:
        """Commit the outcome.

        When that fails, JournalUnavailable is raised and the outcome is kept in memory: the next call that
        can write writes it first. Until then the server stays locked. Raises Refused for an outcome that
        cannot follow: a second one, or an answer to a request that was never marked as sending.
        """
        self._unwritten_outcomes[intent_id] = (result, self._clock())
        with self._writing() as written:
            pass
        if intent_id not in written:
            raise Refused("The journal does not take this outcome: there is another one, or nothing was sent.")
        return self._existing(intent_id)

    def observe(self, intent_id: str, *observations: Observation) -> None:
        """Add what was seen of the server after the interrupt."""
        with self._writing():
            document = self._database.document(intent_id)
            if document is None:
                raise Refused(f"There is no interrupt {intent_id} in this journal.")
            if observations:
                self._append(intent_id, Kind.OBSERVED, observations_body(observations), document)

    def resolve(self, intent_id: str, resolved_as: ResolvedAs, note: str) -> Intent:
        """Record what an operator found out about an unknown outcome, which unlocks the server.

        Raises NotResolvable without a note, or when there is no such intent or its outcome is not unknown.
        """
        if not note.strip():
            raise NotResolvable("Say in the note how it was found out.")
        with self._writing():
            document = self._database.document(intent_id)
            if document is None:
                raise NotResolvable(f"The journal has no interrupt {intent_id}: see 'ncpconsole history'.")
            if not is_unresolved(document):
                raise NotResolvable(why_not_resolvable(intent_from(document)))
            body = {"resolved_as": resolved_as.value, "note": note, "user": self._origin.user}
            self._append(intent_id, Kind.RESOLVED, body, document)
        return self._existing(intent_id)

    def recover(self) -> list[Intent]:
        """Give every orphan the only honest outcome and return them, oldest first.

        An orphan is an open intent whose console has ended. One that was SENDING is unknown; one before that
        was not sent. What another living console has open is left alone.
        """
        orphans: list[str] = []
        living: set[str] = set()
        with self._writing():
            for document in self._database.documents("WHERE is_open = 1 ORDER BY sequence"):
                if document["owner"] in living or self._locks.is_alive(document["owner"]):
                    living.add(document["owner"])
                    continue
                was_sending = document["state"] == State.SENDING
                result = died_while_sending() if was_sending else died_before_sending()
                self._append(document["id"], Kind.FINISHED, result_body(result), document)
                orphans.append(document["id"])
        self._locks.clean_up(still_needed=living)
        return [self._existing(intent_id) for intent_id in orphans]

    # Questions.

    def intent(self, intent_id: str) -> Intent | None:
        """One intent, or None."""
        return next(iter(self._found("WHERE id = ?", storable(intent_id))), None)

    def intents(
        self,
        *,
        gateway: str | None = None,
        server_no: str | None = None,
        incident: str | None = None,
        limit: int | None = None,
    ) -> list[Intent]:
        """The intents that match all that is given, newest first by their order in the journal."""
        wanted = {
            "gateway = ?": None if gateway is None else guard_key(gateway),
            "server_no = ?": None if server_no is None else storable(server_no),
            "incident = ?": None if incident is None else storable(incident),
        }
        terms = [term for term, value in wanted.items() if value is not None]
        values = [value for value in wanted.values() if value is not None]
        where = f"WHERE {' AND '.join(terms)} " if terms else ""
        return self._found(f"{where}ORDER BY sequence DESC LIMIT ?", *values, -1 if limit is None else limit)

    def unresolved(self, gateway: str | None = None) -> list[Intent]:
        """The intents of unknown outcome that nobody has resolved, newest first."""
        of_gateway = () if gateway is None else (guard_key(gateway),)
        where = "WHERE is_locking = 1 AND is_open = 0" + " AND gateway = ?" * len(of_gateway)
        return self._found(f"{where} ORDER BY sequence DESC", *of_gateway)

    def head(self) -> str:
        """The hash of the last event. Noted elsewhere, it later shows whether the end was cut off."""
        with self._database.reading():
            last = self._database.last_event()
        return last.hash if last else GENESIS

    def verify(self, expect_head: str | None = None) -> Verification:
        """Check every hash and link, that no event is missing, and that the intents follow from the events.

        ``expect_head`` is a head printed earlier: it must be in the chain. The journal is tamper-evident: see
        the module ``chain`` for what that covers.
        """
        with self._database.reading():
            return self._database.verification(expect_head)

    # How it is kept.

    def _claim(self, draft: Draft, owner: str) -> Intent:
        now = self._clock()
        intent_id = str(ULID.from_datetime(now))
        where = "WHERE is_locking = 1 AND gateway = ? AND server_no = ?"
        with self._writing():
            for holder in self._database.intents(where, guard_key(draft.gateway), storable(draft.server_no)):
                raise ServerLocked(holder_sentence(holder), holder)
            self._append(intent_id, Kind.CLAIMED, claim_body(draft, self._origin, owner), None, now)
        return self._existing(intent_id)

    @contextmanager
    def _writing(self) -> Iterator[set[str]]:
        """One transaction that begins with the unwritten outcomes; gives the ids of their intents."""
        with self._database.writing():
            yield self._flush_outcomes()
        self._unwritten_outcomes.clear()

    def _flush_outcomes(self) -> set[str]:
        written = set()
        for intent_id, (result, time) in self._unwritten_outcomes.items():
            document = self._database.document(intent_id)
            if document is not None and may_finish(document["state"], result.outcome):
                self._append(intent_id, Kind.FINISHED, result_body(result), document, time)
                written.add(intent_id)
        return written

    def _append(
        self, intent_id: str, kind: Kind, body: Any, document: Document | None, time: datetime | None = None
    ) -> None:
        self._database.append(intent_id, kind, body, document, stamp(time or self._clock()))

    def _found(self, tail: str, *values: str | int) -> list[Intent]:
        with self._database.reading():
            return self._database.intents(tail, *values)

    def _existing(self, intent_id: str) -> Intent:
        intent = self.intent(intent_id)
        if intent is None:
            raise JournalUnavailable(f"The journal {self._path} lost interrupt {intent_id}: verify it.")
        return intent
