"""Whether the record is whole: its own chain, and what a second place remembers of it."""

from __future__ import annotations

from pathlib import Path

from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.core.journal.anchor import PATH_CHARACTERS, Anchor, AnchorKeeper, Mark, SystemLog
from ncpconsole.core.journal.database import JournalDatabase
from ncpconsole.language import said


class Integrity:
    """What speaks against trusting one open journal, and who is told how far it has come.

    The chain is checked again whenever another program wrote to the file, a console or not.
    """

    def __init__(
        self,
        path: Path,
        database: JournalDatabase,
        anchor: Anchor | None,
        system_log: SystemLog | None,
        refused: JournalUnavailable | None,
        *,
        is_shared: bool,
    ) -> None:
        self._refused = refused
        self._path = path
        self._database = database
        self._anchor = AnchorKeeper(anchor, path, is_shared=is_shared)
        self._system_log = system_log
        self._first = ""
        self._checked_version = -1

    def ask(self) -> None:
        """Begin to ask the anchor: what follows then need not wait for it."""
        self._anchor.ask()

    def objections(self) -> tuple[str, ...]:
        """Why nothing may be sent: sentences with their remedies. Waits for the anchor, though not for long."""
        if self._refused:
            return (said(self._refused),)
        try:
            with self._database.reading():
                if (version := self._database.foreign_version()) != self._checked_version:
                    self._database.check_chain()
                    self._checked_version = version
        except JournalUnavailable as error:
            return (said(error),)
        objection = self.checked_anchor().objection
        return (objection,) if objection else ()

    def checked_anchor(self) -> AnchorKeeper:
        """The anchor, held against the journal, unless that cannot be used; raises JournalUnavailable."""
        if not self._refused:
            with self._database.reading():
                self._anchor.check(self.mark(), self._database.hash_at)
        return self._anchor

    def accept(self) -> None:
        """Have the anchor take the journal as it is now. Raises AnchorUnavailable."""
        self._anchor.accept(self.mark())

    def mark(self) -> Mark | None:
        """How far the journal has come, None while it is empty."""
        self._first = self._first or self._database.hash_at(1)[:16]
        last = self._database.last_event()
        path = str(self._path)[-PATH_CHARACTERS:]
        return Mark(self._first, path, last.sequence, last.hash) if last else None

    def advance(self, mark: Mark | None) -> None:
        """Tell anchor and system log of what was committed; waits for neither."""
        self._anchor.advance(mark)
        if self._system_log and mark:
            self._system_log.tell(mark)

    def tell_system_log(self) -> bool:
        """Tell the system's log how far the journal has come; whether it took that."""
        with self._database.reading():
            mark = self.mark()
        return self._system_log is not None and (mark is None or self._system_log.tell(mark))

    def close(self) -> None:
        self._anchor.close()
        if self._system_log:
            self._system_log.close()
