"""What was sent and noted on this machine and what became of it: list, filter, details, resolve, note, export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from heapq import merge
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.handover import hand_over, note_sentence, notes_of_intent
from ncpconsole.core.records import Intent, Note, Subject
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.session import Session
from ncpconsole.core.wording import zone_name
from ncpconsole.language import shown, tr, tr_n
from ncpconsole.tui.commands import Scope, bindings
from ncpconsole.tui.text.record import (
    COPIED,
    detail_facts,
    haystack,
    list_line,
    note_haystack,
    note_line,
    record_sentence,
    timeline,
)
from ncpconsole.tui.textual_fixes.dialogs import PagedList
from ncpconsole.tui.widgets.dialog import Body, Dialog, fact, heading, named
from ncpconsole.tui.widgets.inputs import SafeInput
from ncpconsole.tui.widgets.panels import MessageLine

NEWEST = 1000
"""So many records are read; the plain command ``history`` gives all."""


class RecordList(PagedList):
    """The records. Textual's list takes the page keys for itself; here they turn the details' pages."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "screen.page_body(-1)", show=False),
        Binding("pagedown", "screen.page_body(1)", show=False),
    ]


class HistoryScreen(Dialog[None]):
    """The journal, newest first. Letters act here only while the filter's box has no focus."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Scope.HISTORY))

    def __init__(self, session: Session, words: str = "") -> None:
        super().__init__()
        self.session = session
        self.words = words
        """The filter to begin with."""
        self.everywhere = False
        self.read: list[Intent] = []
        self.notes: list[Note] = []
        self.shown: list[Intent] = []
        self.entries: list[Intent | Note] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -full"):
            yield Static(id="head", classes="section -first")
            yield SafeInput(id="filter", placeholder=tr("words of name, number, user, incident, reason, outcome"))
            with Vertical(id="panes"):
                yield RecordList(id="intents", markup=False)
                yield Body(id="details")
            yield MessageLine(id="note")
            yield from self.foot()

    def on_mount(self) -> None:
        box = self.query_one("#filter", Input)
        box.display, box.value = bool(self.words), self.words
        self.reload()
        self.query_one(OptionList).focus()

    def reload(self) -> None:
        """Read the journal again; the cursor stays on its record."""
        journal = self.session.journal
        note = safe_text(shown(journal.note), 400)
        try:
            gateway = None if self.everywhere else self.session.gateway.base_url
            self.read = journal.intents(sent_through=gateway, limit=NEWEST)
            here = {gateway, "", None} if gateway else None
            self.notes = [one for one in journal.notes() if here is None or one.about.gateway in here][:NEWEST]
        except ConsoleError as error:
            self.read, self.notes, note = [], [], safe_text(shown(error), 400)
        self.query_one("#note", MessageLine).say(note, "warning")
        self._show()

    @property
    def entry(self) -> Intent | Note | None:
        """What is under the cursor."""
        index = self.query_one(OptionList).highlighted
        return None if index is None or index >= len(self.entries) else self.entries[index]

    @property
    def selected(self) -> Intent | None:
        """The intent under the cursor."""
        entry = self.entry
        return entry if isinstance(entry, Intent) else None

    # What the operator does.

    def action_filter(self) -> None:
        box = self.query_one("#filter", Input)
        box.display = True
        box.focus()

    def action_cancel(self) -> None:
        box = self.query_one("#filter", Input)
        if box.display:
            box.value = ""
            box.display = False
            self.query_one(OptionList).focus()
        else:
            self.dismiss(None)

    def action_everywhere(self) -> None:
        self.everywhere = not self.everywhere
        self.reload()

    def action_move(self, step: int) -> None:
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_edge(self, last: bool) -> None:
        options = self.query_one(OptionList)
        if last:
            options.action_last()
        else:
            options.action_first()

    def action_resolve(self) -> None:
        intent = self.selected
        if intent is None:
            return
        if not intent.is_unresolved:
            self.query_one("#note", MessageLine).say(tr("Only an interrupt of unknown outcome can be resolved."))
            return
        from ncpconsole.tui.screens.resolve import ResolveScreen

        self.app.push_screen(ResolveScreen(self.session, intent), self._resolved)

    def action_copy(self) -> None:
        if (intent := self.selected) is not None:
            notes = notes_of_intent(self.notes, intent)
            self.app.copy_to_clipboard(hand_over(intent, notes, cooldown=self.session.policy.cooldown))
            self.query_one("#note", MessageLine).say(tr(COPIED), "success")

    def action_note(self) -> None:
        """Note something about the record; a note is answered by another about the same."""
        entry = self.entry
        if entry is None:
            return
        from ncpconsole.tui.screens.small_dialogs import NoteScreen

        about = subject_of(entry) if isinstance(entry, Intent) else entry.about
        self.app.push_screen(NoteScreen(self.session.journal, about), self._noted)

    def action_export(self) -> None:
        if not self.entries:
            self.query_one("#note", MessageLine).say(tr("There is no record to export."))
            return
        from ncpconsole.tui.screens.export import ExportScreen

        notes = [one for one in self.entries if isinstance(one, Note)]
        self.app.push_screen(ExportScreen(self.shown, notes), self._exported)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(OptionList).focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_details()

    def _resolved(self, changed: Intent | None) -> None:
        if changed is not None:
            self.reload()

    def _noted(self, note: Note | None) -> None:
        if note is not None:
            self.reload()
            self.query_one("#note", MessageLine).say(tr("Noted."), "success")

    def _exported(self, path: Path | None) -> None:
        """Say where the file is in a line of its own: a notice would cover the keys."""
        if path is not None:
            self.query_one("#note", MessageLine).say(safe_text(tr("Written: {path}", path=path), 1000))

    # Drawing.

    def _show(self) -> None:
        kept = self.entry
        words = self.query_one("#filter", Input).value.casefold().split()
        self.shown = [intent for intent in self.read if all(word in haystack(intent) for word in words)]
        notes = [note for note in self.notes if all(word in note_haystack(note) for word in words)]
        both: tuple[Sequence[Intent | Note], ...] = (self.shown, notes)
        self.entries = list(merge(*both, key=time_of, reverse=True))
        options = self.query_one(OptionList)
        options.clear_options()
        lines = (list_line(one) if isinstance(one, Intent) else note_line(one) for one in self.entries)
        options.add_options([Option(line) for line in lines])
        if self.entries:
            keys = [key_of(one) for one in self.entries]
            options.highlighted = keys.index(key_of(kept)) if kept is not None and key_of(kept) in keys else 0
        self._draw_head()
        self._show_details()

    def _draw_head(self) -> None:
        identity = self.session.identity
        unresolved = sum(intent.is_unresolved for intent in self.read)
        if self.everywhere:
            parts = [tr("History of all gateways")]
        else:
            parts = [tr("History of {site}", site=safe_text(identity.site, 60))]
        if self.session.incident:
            parts.append(tr("incident {incident}", incident=safe_text(self.session.incident, 30)))
        parts.append(tr("{count} of {total}", count=len(self.entries), total=len(self.read) + len(self.notes)))
        parts += [tr_n("1 unresolved", "{count} unresolved", unresolved)] if unresolved else []
        parts.append(tr("times in {zone}", zone=zone_name()))
        self.query_one("#head", Static).update(Content(" · ".join(parts)))

    def _show_details(self) -> None:
        entry, intent = self.entry, self.selected
        pane = self.query_one("#details", Body)
        pane.remove_children()
        if isinstance(entry, Note):
            pane.mount(Static(Content(note_sentence(entry))))
        elif intent is None:
            pane.mount(Static(Content(tr("No match.") if self.read else tr("No interrupt is recorded here yet."))))
        else:
            noted = notes_of_intent(self.notes, intent)
            pane.mount(Static(Content(record_sentence(intent))))
            pane.mount_all([heading(tr("Timeline")), *(Static(line) for line in timeline(intent, noted))])
            pane.mount_all([heading(tr("Record")), *(fact(tr(label), text) for label, text in detail_facts(intent))])
        pane.scroll_home(animate=False)
        keys = [named("history.resolve")] if intent is not None and intent.is_unresolved else []
        keys += [named("history.filter")]
        keys += [named("history.copy")] if intent is not None else []
        keys += [named("history.note"), named("history.export")] if self.entries else []
        keys += [("esc", tr("back")), named("history.everywhere", tr("here") if self.everywhere else tr("all"))]
        keys += [("pgdn", tr("more"))]
        hints = self.query_one("#hints", Static)
        while 0 < hints.content_size.width < self.hint(*keys).cell_length:
            keys.pop()  # a key is named whole or not at all
        hints.update(self.hint(*keys))


def subject_of(intent: Intent) -> Subject:
    """The record of an interrupt, as what a note is about."""
    draft = intent.draft
    return Subject(draft.gateway, draft.server_no, draft.server_name, intent.id, draft.incident)


def time_of(entry: Intent | Note) -> datetime:
    return entry.time


def key_of(entry: Intent | Note) -> object:
    """What tells one entry from another when the journal is read again."""
    return entry.id if isinstance(entry, Intent) else entry
