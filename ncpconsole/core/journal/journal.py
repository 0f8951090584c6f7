"""The journal itself: one short transaction per step, each on disk before the call returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ncpconsole.core.errors import InvalidNote, JournalUnavailable, NotResolvable, Refused, ServerLocked
from ncpconsole.core.journal.anchor import Anchor, AnchorState, AnchorUnavailable, SystemLog
from ncpconsole.core.journal.chain import (
    GENESIS,
    Document,
    Kind,
    claim_body,
    intent_from,
    is_same_guard,
    is_unresolved,
    loss_body,
    may_finish,
    note_body,
    observations_body,
    replay,
    resolution_body,
    result_body,
    stamp,
    taken_over_body,
    without_known,
)
from ncpconsole.core.journal.database import JournalDatabase, foreign_events
from ncpconsole.core.journal.integrity import Integrity
from ncpconsole.core.journal.locks import ProcessLocks
from ncpconsole.core.journal.shared import FILE_MODE
from ncpconsole.core.records import (
    Draft,
    Intent,
    Note,
    Observation,
    Origin,
    ResolvedAs,
    State,
    Subject,
    Verification,
    died_before_sending,
    died_while_sending,
    new_id,
)
from ncpconsole.core.resolution import Evidence, why_not_recorded
from ncpconsole.core.wording import holder_sentence, why_not_resolvable
from ncpconsole.language import Sentence, said
from ncpconsole.ncp.results import SendResult

if TYPE_CHECKING:
    from ncpconsole.core.journal.presence import Presence


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


NOTE_CHARACTERS = 500
"""How long a note may be: two lines of a chat, which every screen can show."""


class _TakenBack(Exception):
    """Ends a transaction that was only tried."""


class Journal:
    """The write-ahead record of every interrupt, the guard against a second one, and the hash chain.

    The guard holds one server for one intent, from its claim until its outcome is known: a second claim is
    refused in this process, in any other process, and after a crash. It is keyed by site and server number,
    and behind a gateway of no known site by the number alone (see `chain.guard_site`): no other profile, key
    or spelling of the gateway gets past it.

    Calls are synchronous and short on purpose: made on the event loop, a commit cannot be cancelled half-way.
    Every call raises JournalUnavailable when the file cannot be read or written.
    """

    def __init__(
        self,
        path: Path,
        database: JournalDatabase,
        origin: Origin,
        clock: Callable[[], datetime] = utc_now,
        *,
        anchor: Anchor | None = None,
        system_log: SystemLog | None = None,
        refused: JournalUnavailable | None = None,
        is_shared: bool = False,
    ) -> None:
        self._path = path
        self._database = database
        self._origin = origin
        self._clock = clock
        self._integrity = Integrity(path, database, anchor, system_log, refused, is_shared=is_shared)
        self.refused = refused
        """Why nothing can be written, where the journal was opened for reading alone."""
        self.team_trouble = ""
        """Why the team's journal cannot be used now; always empty where there is no team."""
        self._locks = ProcessLocks(path, FILE_MODE if is_shared else 0o600)
        self._unwritten_outcomes: dict[str, tuple[SendResult, datetime]] = {}

    @classmethod
    def open(
        cls,
        path: Path,
        origin: Origin,
        clock: Callable[[], datetime] = utc_now,
        *,
        anchor: Anchor | None = None,
        system_log: SystemLog | None = None,
        is_shared: bool = False,
    ) -> Self:
        """Open the journal, creating it (file 0600, directory 0700) where there is none.

        Raises JournalUnavailable for a symbolic link, a file of another user, one that others can write to, a
        database of another program or of a newer console, and a file system that cannot lock. One that a group
        shares is not created; GuardUnavailable where its rights are not what they must be (see `shared`).
        """
        database = JournalDatabase(path, is_shared=is_shared)
        return cls(path, database, origin, clock, anchor=anchor, system_log=system_log, is_shared=is_shared)

    @classmethod
    def open_for_reading(cls, path: Path, origin: Origin, refused: JournalUnavailable) -> Self:
        """What can be read of a journal that `open` refused; every write raises that refusal."""
        return cls(path, JournalDatabase(path, refused), origin, refused=refused)

    @property
    def note(self) -> str:
        """Why nothing can be sent, and what is shown, where the journal was opened for reading alone; else empty."""
        if not self.refused:
            return ""
        earlier = Sentence("Earlier interrupts are not shown.")
        if self.is_readable:
            earlier = Sentence("Earlier interrupts may lack the newest.")
        return Sentence.joined(said(self.refused), earlier)

    @property
    def is_readable(self) -> bool:
        """Whether what is there can be read; if not, an empty journal stands for it."""
        return self._database.is_readable

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
        self._integrity.close()

    async def catch_up(self) -> None:
        """Learn what consoles on other machines did; nothing to do where none share the journal."""

    def follow(self, on_told: Callable[[bool], object]) -> None:
        """Call this, on any thread, when consoles on other machines did something; nothing to do without a team."""
        del on_told

    def announce(self, doing: str, gateway: str = "", server_no: str = "") -> None:
        """Tell the team what this console does now, or with an empty text that it does nothing; never waits."""
        del doing, gateway, server_no

    def colleagues(self, gateway: str) -> tuple[Presence, ...]:
        """What consoles of the team are doing behind this gateway now."""
        del gateway
        return ()

    def owed(self) -> list[Intent]:
        """What the team's journal does not have yet, oldest first; nothing where there is no team."""
        return []

    # The steps of one interrupt, in their order.

    def claim(self, draft: Draft) -> Intent:
        """Take the server for one interrupt.

        Raises ServerLocked when another interrupt of it is under way, or of unknown outcome and unresolved,
        and JournalUnavailable also when the journal was altered or a part of it is gone (see `objections`).
        That it returns is the proof that the journal can be written: the claim is on disk.
        """
        if objections := self.objections():
            raise JournalUnavailable(Sentence.joined(*objections))
        owner = self._locks.acquire()
        try:
            return self._claim(draft, owner)
        except ServerLocked as locked:
            if not locked.intent.is_open:
                raise
            holder = locked.intent.id
        # The holder may be a console that died; then its intent ends here, and only "unknown" still locks.
        self._recover(holder)
        return self._claim(draft, owner)

    def mark_sending(self, intent_id: str) -> None:
        """Commit that the request's first byte is about to leave; raises Refused when it must not."""
        with self._writing():
            document = self._database.document(intent_id)
            if document is None or document["state"] != State.CLAIMED:
                raise Refused(
                    Sentence("This interrupt is not waiting to be sent: it was sent, given up or never claimed.")
                )
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
            raise Refused(
                Sentence("The journal does not take this outcome: there is another one, or nothing was sent.")
            )
        return self._existing(intent_id)

    def observe(self, intent_id: str, *observations: Observation) -> None:
        """Add what was seen of the server after the interrupt.

        Several consoles may watch one server: what another of them saw and recorded before is left out.
        """
        with self._writing():
            document = self._database.document(intent_id)
            if document is None:
                raise Refused(Sentence("There is no interrupt {id} in this journal.", id=intent_id))
            if new := without_known(document, observations):
                self._append(intent_id, Kind.OBSERVED, observations_body(new), document)

    def resolve(self, intent_id: str, resolved_as: ResolvedAs, note: str, seen: Evidence | None = None) -> Intent:
        """Record what an operator found out about an unknown outcome, which unlocks the server.

        ``seen`` is what was seen of the server just before, and goes on record. Raises NotResolvable without
        a note, when there is no such intent, when its outcome is not unknown, and for "not received" when it
        cannot be known yet or ``seen`` does not bear it (see `core.resolution.why_not_yet`), as for "accepted" when
        ``seen`` speaks against it.
        """
        if not note.strip():
            raise NotResolvable(Sentence("Say in the note how it was found out."))
        with self._writing():
            document = self._database.document(intent_id)
            intent = _unresolved(intent_id, intent_from(document) if document else None)
            if why := why_not_recorded(resolved_as, intent, seen, self._clock()):
                raise NotResolvable(why)
            body = resolution_body(resolved_as, note, self._origin, seen.as_json() if seen else None)
            self._append(intent_id, Kind.RESOLVED, body, document)
        return self._existing(intent_id)

    def add_note(self, text: str, about: Subject) -> Note:
        """Add a note about a server, a record or an incident. Nothing is locked or unlocked by it.

        Raises InvalidNote when the text is empty or longer than `NOTE_CHARACTERS`, or ``about`` names nothing.
        """
        text = text.strip()
        if not text:
            raise InvalidNote(Sentence("The note is empty: say what was seen or done."))
        if len(text) > NOTE_CHARACTERS:
            raise InvalidNote(
                Sentence(
                    "The note has {count:,} characters; {most} are the most.", count=len(text), most=NOTE_CHARACTERS
                )
            )
        if not (about.server_no or about.record or about.incident):
            raise InvalidNote(Sentence("A note is about a server, a record or an incident: name one."))
        now = self._clock()
        with self._writing():
            self._append("", Kind.NOTED, note_body(text, about, self._origin), None, now)
        return Note(now, text, self._origin, about)

    def recover(self) -> list[Intent]:
        """Give every orphan the only honest outcome and return them, oldest first.

        An orphan is an open intent whose console has ended. One that was SENDING is unknown; one before that was not
        sent. What another living console has open is left alone. Where nothing can be written, nothing is recovered.
        """
        return [] if self.refused else self._recover()

    def unresolved_intent(self, intent_id: str) -> Intent:
        """The intent, if its outcome is unknown and unresolved; raises NotResolvable."""
        return _unresolved(intent_id, self.intent(intent_id))

    def _recover(self, *also: str) -> list[Intent]:
        """``also`` are intents to look at whatever the projection says of them."""
        orphans: list[str] = []
        living: set[str] = set()
        with self._writing():
            for document in map(self._database.document, dict.fromkeys((*self._database.open_intents(), *also))):
                if document is None or document["state"] == State.DONE:
                    continue
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
        with self._database.reading():
            document = self._database.document(intent_id)
        return intent_from(document) if document else None

    def intents(
        self,
        *,
        gateway: str | None = None,
        sent_through: str | None = None,
        server_no: str | None = None,
        incident: str | None = None,
        limit: int | None = None,
    ) -> list[Intent]:
        """The intents that match all that is given, newest first by their order in the journal.

        ``gateway`` selects what the guard takes for the same site (see `chain.guard_site`), ``sent_through`` what
        went through this very gateway (not together with a number). Those of one server are folded from their
        events; others are read from the projection.
        """
        if server_no is not None:
            with self._database.reading():
                found = [intent_from(one) for one in reversed(self._database.documents_of_server(server_no))]
            of_site = [one for one in found if gateway is None or is_same_guard(gateway, one.draft.gateway)]
            return [one for one in of_site if incident in (None, one.draft.incident)][:limit]
        with self._database.reading():
            return self._database.intents(gateway=gateway, sent_through=sent_through, incident=incident, limit=limit)

    def notes(self) -> list[Note]:
        """Every note, newest first."""
        with self._database.reading():
            return self._database.notes()[::-1]

    def unresolved(self, gateway: str | None = None) -> list[Intent]:
        """The intents of unknown outcome that nobody has resolved, newest first."""
        with self._database.reading():
            return self._database.unresolved(gateway)

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

    def team_report(self, now: datetime) -> dict[str, Any] | None:
        """How the team's journal stands, as plain values; None where there is no team."""
        del now
        return None

    def undelivered(self, intent_id: str) -> str:
        """A sentence where others must know of an outcome and cannot yet; empty otherwise."""
        del intent_id
        return ""

    def verify_team(self) -> Verification | None:
        """Check the chain of the team's journal as well; None where there is no team."""
        return None

    # Whether the record is whole.

    def ask_anchor(self) -> None:
        """Begin to ask the anchor: `objections` then need not wait for it."""
        self._integrity.ask()

    def objections(self) -> tuple[str, ...]:
        """Why nothing may be sent with this journal, whichever the server: sentences with their remedies.

        It cannot be written, was altered, or a part of it is gone. Waits for the anchor, though not for long.
        """
        return self._integrity.objections()

    def accept_loss(self, note: str) -> str:
        """Record that a part of the record is gone and why, and have the anchor take the journal as it is.

        Gives what is gone, in words. Raises NotResolvable when nothing is, without a note, or when the anchor
        cannot be reached.
        """
        if not note.strip():
            raise NotResolvable(Sentence("Say why a part of the record is gone."))
        lost = self._integrity.checked_anchor().lost
        if not lost:
            raise NotResolvable(Sentence("Nothing is known to be gone from the journal: there is no loss to accept."))
        with self._writing():
            self._append("", Kind.LOSS_ACCEPTED, loss_body(note, self._origin, lost), None)
        try:
            self._integrity.accept()
        except AnchorUnavailable as error:
            raise NotResolvable(Sentence("Recorded, but not at the second place: {why}", why=said(error))) from error
        return lost

    def take_over(self, source: Path) -> int:
        """Add the events of another journal to this one, once, and say so in an event; gives how many are new.

        The other journal is only read. Into an empty journal its chain goes as it is, hash by hash; behind other
        events each keeps its time and content. Raises JournalUnavailable where its chain is broken, where a console
        still works with it, and where an interrupt of unknown outcome there and one here hold the same server.
        """
        events = foreign_events(source)
        owners = {str(one["owner"]) for one in replay(events).values() if one["state"] != State.DONE}
        if any(map(ProcessLocks(source).is_held, owners)):
            raise JournalUnavailable(
                Sentence("A console still sends with the journal {path}: wait until it is done.", path=source)
            )
        with self._writing():
            here = self._database.fingerprints()
            new = [event for event in events if (event.time, event.intent, event.kind, event.body) not in here]
            if not new:
                return 0
            self._database.add_events(new)
            body = taken_over_body(str(source), len(events), events[-1].hash, self._origin)
            self._append("", Kind.TAKEN_OVER, body, None)
        self._recover()
        return len(new)

    def anchor_report(self) -> tuple[AnchorState, str]:
        """How the second place of the record stands, for an examination, with a sentence."""
        anchor = self._integrity.checked_anchor()
        return anchor.state, anchor.sentence

    def tell_system_log(self) -> bool:
        """Tell the system's log how far the journal has come; whether it took that."""
        return self._integrity.tell_system_log()

    def rehearse_claim(self) -> None:
        """Write a claim and take it back: raises JournalUnavailable where no interrupt can be recorded."""
        owner = self._locks.acquire()
        with suppress(_TakenBack), self._database.writing():
            self._database.check_last_link()
            body = {"draft": {"gateway": "", "server_no": "", "incident": ""}, "origin": {}, "owner": owner}
            self._append(owner, Kind.CLAIMED, body, None)
            raise _TakenBack

    # How it is kept.

    def _claim(self, draft: Draft, owner: str) -> Intent:
        now = self._clock()
        intent_id = new_id(now)
        with self._writing():
            self._database.check_last_link()
            for document in self._database.documents_of_server(draft.server_no):
                is_locking = document["state"] != State.DONE or is_unresolved(document)
                if is_locking and is_same_guard(draft.gateway, document["draft"]["gateway"]):
                    holder = intent_from(document)
                    raise ServerLocked(holder_sentence(holder), holder)
            self._append(intent_id, Kind.CLAIMED, claim_body(draft, self._origin, owner), None, now)
        return self._existing(intent_id)

    @contextmanager
    def _writing(self) -> Iterator[set[str]]:
        """One transaction that begins with the unwritten outcomes; gives the ids of their intents."""
        with self._database.writing():
            yield self._flush_outcomes()
            mark = self._integrity.mark()
        self._unwritten_outcomes.clear()
        self._integrity.advance(mark)

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

    def _existing(self, intent_id: str) -> Intent:
        intent = self.intent(intent_id)
        if intent is None:
            raise JournalUnavailable(
                Sentence("The journal {path} lost interrupt {id}: verify it.", path=self._path, id=intent_id)
            )
        return intent


def _unresolved(intent_id: str, intent: Intent | None) -> Intent:
    if intent is None:
        raise NotResolvable(Sentence("The journal has no interrupt {id}: see 'ncpconsole history'.", id=intent_id))
    if not intent.is_unresolved:
        raise NotResolvable(why_not_resolvable(intent))
    return intent
