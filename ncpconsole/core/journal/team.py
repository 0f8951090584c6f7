"""The journal of a console that belongs to a team: its own, and beside it the one that all machines share.

The own journal is the first write, the team's decides. Claim, SENDING and outcome go to both, in this order. What the
team's could not take is owed: it is in the own journal, and is paid at the next chance, by this console or a later one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ncpconsole.core.errors import GuardUnavailable, JournalUnavailable, NotResolvable, Refused, ServerLocked
from ncpconsole.core.journal.chain import (
    GENESIS,
    Document,
    Event,
    Kind,
    canonical,
    claim_body,
    gateway_key,
    guard_site,
    is_same_guard,
    is_same_site,
    is_unresolved,
    note_body,
    observations_body,
    resolution_body,
    result_body,
    storable,
)
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.journal.presence import Presence, PresenceLine
from ncpconsole.core.journal.team_database import AskPassword, TeamDatabase
from ncpconsole.core.journal.team_mirror import TeamMirror
from ncpconsole.core.journal.team_schema import VERSION
from ncpconsole.core.records import Draft, Intent, Note, Observation, Origin, ResolvedAs, State, Subject, Verification
from ncpconsole.core.resolution import Evidence, why_not_recorded
from ncpconsole.core.wording import holder_sentence
from ncpconsole.language import Sentence, said
from ncpconsole.ncp.results import Outcome, SendResult

LATEST_OWN = 500
"""How many of the own interrupts are looked through for what is owed."""
UNREACHED = "unreached"
"""The id of a team whose database this console never reached."""


class TeamJournal(Journal):
    """An own journal that a team's journal stands beside. What is asked of it is answered from both.

    What others did is as new as the last `catch_up`. Every write that the team must know of first waits for it, at most
    seconds; where it cannot be reached nothing is claimed, but for a draft that says why it goes past the team.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._mirror = TeamMirror()
        self._keys: dict[str, int] = {}
        self._presence: PresenceLine | None = None
        self._untold: set[str] = set()
        self._is_paid = False

    def beside(self, team: TeamDatabase) -> None:
        """Say which team's journal stands beside; once, before anything else."""
        self._team = team

    def close(self) -> None:
        """Pay what is owed, if that is possible now, and close both."""
        if not self.refused and not self.team_trouble and self.owed():
            with suppress(JournalUnavailable):
                self.pay()
        self._team.close()
        if self._presence is not None:
            self._presence.close()
        super().close()

    # What others did.

    async def catch_up(self) -> None:
        """Learn what is new in the team's journal, and pay what is owed; never raises.

        What keeps it from that is in ``team_trouble`` afterwards.
        """
        try:
            last = self._mirror.last
            self._take(await asyncio.to_thread(self._team.events_from, last.sequence if last else 0), last)
            self.pay()
        except JournalUnavailable as error:
            self.team_trouble = said(error)

    def read_team(self) -> None:
        """The same at once, for commands; raises GuardUnavailable."""
        try:
            last = self._mirror.last
            self._take(self._team.events_from(last.sequence if last else 0), last)
        except GuardUnavailable as error:
            self.team_trouble = said(error)
            raise

    def _take(self, events: list[Event], asked_from: Event | None) -> None:
        self._mirror.clock_offset = timedelta(seconds=self._team.clock_offset)
        self._mirror.take(events, asked_from)
        self.team_trouble = ""
        self._take_resolutions()

    def _take_resolutions(self) -> None:
        """What colleagues found out of our own unknown outcomes unlocks them here too."""
        if self.refused:
            return
        for intent in super().unresolved():
            theirs = self._mirror.documents.get(intent.id)
            if theirs is not None and theirs["resolution"] is not None:
                body = {name: value for name, value in theirs["resolution"].items() if name != "time"}
                with self._writing():
                    document = self._database.document(intent.id)
                    if document is not None and is_unresolved(document):
                        self._append(intent.id, Kind.RESOLVED, body, document)

    def follow(self, on_told: Callable[[bool], object]) -> None:
        """Listen from now on; a second call takes the place of the first."""
        if self._presence is not None:
            self._presence.close()
        self._presence = PresenceLine(self._team.url, self._origin, on_told, self._team.ask_password)

    def announce(self, doing: str, gateway: str = "", server_no: str = "") -> None:
        if self._presence is not None:
            self._presence.announce(doing, guard_site(gateway) if gateway else "", server_no)

    def colleagues(self, gateway: str) -> tuple[Presence, ...]:
        present = self._presence.colleagues() if self._presence is not None else ()
        return tuple(one for one in present if is_same_site(one.site, guard_site(gateway)))

    # What is owed.

    def owed(self) -> list[Intent]:
        """Own interrupts with an outcome or a finding that the team's journal does not have, oldest first."""
        return [intent for intent in reversed(super().intents(limit=LATEST_OWN)) if self._is_owed(intent)]

    def _is_owed(self, own: Intent) -> bool:
        if own.outcome is None or own.draft.team not in (self._team.team, UNREACHED):
            return False
        theirs = self._mirror.documents.get(own.id)
        if theirs is None:
            # One that the team never took was not sent, or went past it; or it was not read since.
            return own.id in self._untold or (own.outcome is not Outcome.NOT_SENT and bool(own.draft.without_team))
        if theirs["state"] != State.DONE:
            return True
        if theirs["outcome"] == Outcome.UNKNOWN and own.outcome is not Outcome.UNKNOWN:
            return True
        return own.resolution is not None and is_unresolved(theirs)

    def pay(self) -> None:
        """Deliver what is owed; raises GuardUnavailable. Said twice, it counts once."""
        owed = self.owed()
        for own in owed:
            events = self._own_events(own.id)
            theirs = self._mirror.documents.get(own.id)
            if theirs is None:
                if not own.draft.without_team:
                    continue
                steps = [[event.kind, event.body, event.time] for event in events]
                draft = own.draft
                self._team.deliver(own.id, guard_site(draft.gateway), storable(draft.server_no), json.dumps(steps))
                continue
            for event in events:
                if event.kind == Kind.FINISHED:
                    self._team.finish(own.id, event.body)
                elif event.kind == Kind.RESOLVED:
                    self._team.resolve(own.id, event.body)
        self._untold.clear()
        self._is_paid = True
        if owed:
            self.read_team()

    def _owe(self, intent_id: str) -> None:
        self._untold.add(intent_id)
        self._is_paid = False

    def undelivered(self, intent_id: str) -> str:
        """A sentence where the team's journal lacks an outcome; empty where it has it."""
        if intent_id not in self._untold:
            return ""
        return Sentence("The team's journal does not have this outcome yet: it is delivered at the next chance.")

    def _own_events(self, intent_id: str) -> list[Event]:
        with self._database.reading():
            return self._database.events_of(intent_id)

    # The steps of one interrupt, in their order.

    def claim(self, draft: Draft) -> Intent:
        """Take the server here, then in the team's journal, which decides.

        Raises GuardUnavailable where that cannot be reached, unless the draft says why it goes past the team. It may
        have come back since that was said: then it decides, as a colleague may be at the server.
        """
        try:
            self.read_team()
        except GuardUnavailable:
            if not draft.without_team:
                raise
            self._is_paid = False
            return super().claim(replace(draft, team=self._team.team or UNREACHED))
        if draft.without_team:
            draft = replace(draft, reason=draft.reason or draft.without_team, without_team="")
        if not self._is_paid:
            self.pay()
        intent = super().claim(replace(draft, team=self._team.team))
        body = canonical(claim_body(intent.draft, self._origin, f"team-{self._team.key}"))
        try:
            holder = self._team.claim(intent.id, body, guard_site(draft.gateway), storable(draft.server_no))
        except GuardUnavailable as error:
            self.team_trouble = said(error)
            super().finish(intent.id, self._not_taken(error))
            self._owe(intent.id)  # it may be there nevertheless
            raise
        if holder:
            with suppress(GuardUnavailable):
                self.read_team()
            locked = self._locked_by(holder)
            super().finish(intent.id, self._not_taken(locked))
            raise locked
        self._keys[intent.id] = self._team.key
        return intent

    def _not_taken(self, why: Refused | GuardUnavailable) -> SendResult:
        """The outcome of a claim that the team's journal did not take."""
        message = Sentence.joined(Sentence("The team's journal did not take the claim."), said(why))
        return SendResult.not_sent(message, others_may_be_behind=True)

    def _locked_by(self, holder: str) -> Refused:
        document = self._mirror.documents.get(holder)
        if document is None:
            return Refused(Sentence("Another interrupt of this server is under way, by the team's journal."))
        intent = self._mirror.told(document)
        return ServerLocked(holder_sentence(intent), intent)

    def mark_sending(self, intent_id: str) -> None:
        """Commit it here, then in the team's journal; raises where either says that the request must not leave."""
        super().mark_sending(intent_id)
        key = self._keys.get(intent_id)
        if key is None:
            return  # it goes past the team, and says why
        try:
            may_leave = self._team.sending(intent_id, key)
        except GuardUnavailable as error:
            self.team_trouble = said(error)
            raise
        if not may_leave:
            raise Refused(
                Sentence(
                    "The team's journal gave the claim up meanwhile, as the connection to it was lost: nothing may "
                    "leave. Look at the server and confirm it again."
                )
            )

    def finish(self, intent_id: str, result: SendResult) -> Intent:
        """Commit the outcome here, then there; what the team's journal cannot take now is owed."""
        try:
            return super().finish(intent_id, result)
        finally:
            if intent_id in self._keys and not self._told_team(
                lambda: self._team.finish(intent_id, canonical(result_body(result)))
            ):
                self._owe(intent_id)

    def observe(self, intent_id: str, *observations: Observation) -> None:
        if super().intent(intent_id) is not None:
            super().observe(intent_id, *observations)
        if observations and intent_id in self._mirror.documents:
            body = canonical(observations_body(observations))
            self._told_team(lambda: self._team.add(intent_id, Kind.OBSERVED, body))

    def add_note(self, text: str, about: Subject) -> Note:
        note = super().add_note(text, about)
        body = canonical(note_body(note.text, about, self._origin))
        self._told_team(lambda: self._team.add("", Kind.NOTED, body))
        return note

    def _told_team(self, tell: Callable[[], object]) -> bool:
        """Whether the team's journal took it; that it is read afterwards is no part of that."""
        try:
            tell()
        except GuardUnavailable as error:
            self.team_trouble = said(error)
            return False
        with suppress(GuardUnavailable):
            self.read_team()
        return True

    def resolve(self, intent_id: str, resolved_as: ResolvedAs, note: str, seen: Evidence | None = None) -> Intent:
        """Settle an unknown outcome for everybody, unless a colleague was quicker.

        One of a colleague's needs the team's journal. An own one can be settled while that cannot be reached; the
        finding of a colleague, where there is one, then stands.
        """
        with suppress(GuardUnavailable):
            self.read_team()
        own = super().intent(intent_id)
        if own is not None and own.is_unresolved:
            resolved = super().resolve(intent_id, resolved_as, note, seen)
            if own.draft.team:
                self._is_paid = False
                self._told_team(self.pay)
            return resolved
        if not note.strip():
            raise NotResolvable(Sentence("Say in the note how it was found out."))
        self.read_team()
        intent = self.unresolved_intent(intent_id)
        if why := why_not_recorded(resolved_as, intent, seen, self._clock()):
            raise NotResolvable(why)
        body = canonical(resolution_body(resolved_as, note, self._origin, seen.as_json() if seen else None))
        if not self._team.resolve(intent_id, body):
            raise NotResolvable(Sentence("Somebody settled it meanwhile: see 'ncpconsole history'."))
        self.read_team()
        return self._mirror.told(self._mirror.documents[intent_id])

    def recover(self) -> list[Intent]:
        """As the own journal does it, then what consoles of the team left that are gone."""
        recovered = super().recover()
        if self.refused or self.team_trouble:
            return recovered
        try:
            self.read_team()
            self.pay()
            ended = self._team.recover()
            self.read_team()
        except GuardUnavailable as error:
            self.team_trouble = said(error)
            return recovered
        return [
            *recovered,
            *(self._mirror.told(self._mirror.documents[one]) for one in ended if one in self._mirror.documents),
        ]

    # Questions.

    def intent(self, intent_id: str) -> Intent | None:
        return self._merged(super().intent(intent_id), self._mirror.documents.get(intent_id))

    def intents(
        self,
        *,
        gateway: str | None = None,
        sent_through: str | None = None,
        server_no: str | None = None,
        incident: str | None = None,
        limit: int | None = None,
    ) -> list[Intent]:
        """The interrupts that match all that is given, own and colleagues', newest first."""
        asked = {"gateway": gateway, "sent_through": sent_through, "server_no": server_no, "incident": incident}
        own = {one.id: one for one in super().intents(**asked, limit=limit)}
        found = dict(own)
        for document in self._mirror.documents.values():
            draft = document["draft"]
            if (
                (server_no in (None, draft["server_no"]))
                and (incident in (None, draft["incident"]))
                and (gateway is None or is_same_guard(gateway, draft["gateway"]))
                and (sent_through is None or gateway_key(sent_through) == gateway_key(draft["gateway"]))
            ):
                merged = self._merged(own.get(document["id"]), document)
                if merged is not None:
                    found[merged.id] = merged
        return sorted(found.values(), key=lambda one: (one.time, one.id), reverse=True)[:limit]

    def unresolved(self, gateway: str | None = None) -> list[Intent]:
        return [one for one in self.intents(gateway=gateway) if one.is_unresolved]

    def notes(self) -> list[Note]:
        """Own and colleagues' notes, newest first, each once."""
        theirs = list(self._mirror.notes())
        mine = [one for one in super().notes() if not any(is_same_note(one, other) for other in theirs)]
        return sorted((*theirs, *mine), key=lambda one: one.time, reverse=True)

    def team_report(self, now: datetime) -> dict[str, Any] | None:
        """Whether it is reachable, its versions and events, and what is owed: how many, and for how many seconds."""
        owed = self.owed()
        oldest = max(((now - (one.finished or one.time)).total_seconds() for one in owed), default=None)
        report: dict[str, Any] = {
            "reachable": not self.team_trouble,
            "events": len(self._mirror),
            "version": VERSION,
            "server": None,
            "clockOffset": round(self._team.clock_offset, 3),
            "owed": len(owed),
            "oldestOwed": oldest,
        }
        with suppress(GuardUnavailable):
            report["server"] = None if self.team_trouble else self._team.server_version()
        return report

    def verify_team(self) -> Verification:
        """Check the team's chain as a whole; raises GuardUnavailable where it cannot be read."""
        events = self._team.events_from(0)
        return Verification(len(events), events[-1].hash if events else GENESIS, self._mirror.fault_of(events))

    def _merged(self, own: Intent | None, theirs: Document | None) -> Intent | None:
        """An own interrupt as the own journal has it, but for a finding in the team's, which took the first of two."""
        if theirs is None:
            return own
        if own is None:
            return self._mirror.told(theirs)
        return replace(own, resolution=self._mirror.told(theirs).resolution) if theirs["resolution"] else own


def is_same_note(one: Note, other: Note) -> bool:
    """Whether two journals tell of the same note: each dates it by its own clock."""
    return (one.text, one.about, one.origin) == (other.text, other.about, other.origin)


def open_team_journal(
    path: Path, url: str, origin: Origin, *, ask_password: AskPassword | None = None, **named: Any
) -> TeamJournal:
    """An own journal with a team's beside it, whose database is connected to when it is first asked.

    ``named`` goes to `Journal.open`, which says what is raised.
    """
    journal = TeamJournal.open(path, origin, **named)
    journal.beside(TeamDatabase(url, ask_password))
    return journal
