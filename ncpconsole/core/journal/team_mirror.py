"""What one console knows of its team's journal: every event, checked as it came, and the interrupts they amount to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from ncpconsole.core.errors import GuardUnavailable
from ncpconsole.core.journal.chain import (
    OF_NO_INTENT,
    ChainError,
    Document,
    Event,
    Kind,
    check_links,
    follow,
    intent_from,
    note_from,
)
from ncpconsole.core.records import Intent, Note
from ncpconsole.language import Sentence, said

SKEW = timedelta(seconds=2)
"""What a machine's clock may be off by before times of others are told by it."""


class TeamMirror:
    """The team's events as far as they were read. No database here: whoever reads them hands them in."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.clock_offset = timedelta(0)
        """The database's clock minus this machine's."""
        self._events: list[Event] = []
        self._told_before: dict[str, tuple[Document, Intent]] = {}
        self._altered = ""

    def __len__(self) -> int:
        return len(self._events)

    @property
    def last(self) -> Event | None:
        """The newest event that was read: where the next reading begins."""
        return self._events[-1] if self._events else None

    def take(self, events: list[Event], asked_from: Event | None) -> None:
        """Fold in what was read from this event on, with it.

        Raises GuardUnavailable, from then on, where it contradicts what was seen: a database that was put back to an
        earlier state lacks that event. What was taken meanwhile is passed over.
        """
        known = self.last
        try:
            _check_is_there(asked_from, events)
            new = [event for event in events if known is None or event.sequence > known.sequence]
            for event in check_links(new, known.sequence + 1 if known else 1):
                _check_continues(known, event)
                if event.kind not in OF_NO_INTENT:
                    self.documents[event.intent] = follow(self.documents.get(event.intent), event)
                self._events.append(event)
                known = event
        except (ChainError, KeyError, TypeError, ValueError) as broken:
            self._altered = said(broken) if isinstance(broken, ChainError) else str(broken)
        if self._altered:
            raise GuardUnavailable(
                Sentence(
                    "The team's journal was altered ({what}): run 'ncpconsole history --verify', and find out what was "
                    "sent. Nothing is sent until then.",
                    what=self._altered,
                )
            )

    def fault_of(self, events: list[Event]) -> str | None:
        """What is wrong with the whole chain, also by what was seen of it; None when it is whole."""
        try:
            for _ in check_links(events):
                pass
            _check_is_there(self.last, events)
        except ChainError as broken:
            return said(broken)
        return None

    def notes(self) -> Iterator[Note]:
        """Every note, oldest first."""
        return (note_from(event) for event in self._events if event.kind == Kind.NOTED)

    def told(self, document: Document) -> Intent:
        """The record of one interrupt, its times by this machine's clock. Made once: lists ask again and again."""
        before, intent = self._told_before.get(document["id"], (None, None))
        if intent is not None and before is document:
            return intent
        intent = self._by_own_clock(replace(intent_from(document), source="team"))
        self._told_before[intent.id] = (document, intent)
        return intent

    def _by_own_clock(self, intent: Intent) -> Intent:
        offset = self.clock_offset
        if abs(offset) < SKEW:
            return intent
        return replace(
            intent,
            time=intent.time - offset,
            sent=intent.sent - offset if intent.sent else None,
            finished=intent.finished - offset if intent.finished else None,
        )


def _check_is_there(known: Event | None, events: list[Event]) -> None:
    if known is not None and known not in events:
        raise ChainError(Sentence("event {number}, which this console saw, is gone", number=known.sequence))


def _check_continues(before: Event | None, event: Event) -> None:
    if before is not None and event.previous != before.hash:
        raise ChainError(
            Sentence("event {number} does not continue what this console saw before it", number=event.sequence)
        )
