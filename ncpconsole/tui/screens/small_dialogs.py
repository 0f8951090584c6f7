"""Small dialogs: a refusal with its reasons, a list that is read again, quitting, what waits at the start, a note."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.records import Intent, Note, Subject
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.wording import day_and_clock, left_behind
from ncpconsole.language import shown, tr, tr_n
from ncpconsole.tui.commands import Scope, bindings
from ncpconsole.tui.text.server_list import Waiting
from ncpconsole.tui.widgets.dialog import Body, Dialog, heading, named, point
from ncpconsole.tui.widgets.enter_guard import GuardedButton
from ncpconsole.tui.widgets.inputs import SafeInput


def with_bold(sentence: str, name: str) -> Content:
    """The sentence with the name that stands in it in bold."""
    start = sentence.find(name)
    return Content(sentence).stylize("bold", start, start + len(name))


class RefusalDialog(Dialog[None]):
    """Tells why nothing is sent. ``about`` names the server or the matter; ``word`` is the short verdict.

    All texts are made safe here; ``next_step`` is the one thing the operator can do, or empty.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Scope.REFUSAL))

    def __init__(
        self, about: str, reasons: Sequence[str], *, word: str = "", said: str = "", next_step: str = ""
    ) -> None:
        super().__init__()
        self.about = about
        self.reasons = tuple(reasons)
        self.word = word or tr("BLOCKED")
        self.said = said or tr("It is not interrupted, because:")
        self.next_step = next_step

    def compose(self) -> ComposeResult:
        """Draw the word, the reasons and the way back."""
        with Vertical(classes="box -small"):
            word = (f" ✗ {self.word} ", "bold reverse")  # no message: a style
            yield Static(Content.assemble(word, "  ", (safe_text(self.about), "bold")), classes="verdict -warning")
            with Body():
                yield heading(self.said, first=True)
                for reason in self.reasons:
                    yield point("✗", safe_text(shown(reason), 400))
                if self.next_step:
                    yield heading(tr("What to do"))
                    yield point("→", safe_text(shown(self.next_step), 400))
            yield from self.foot(("esc", tr("close")))


class LoadingDialog(Dialog[None]):
    """Says what is being read, and takes the keys that would otherwise act on the list; Esc turns back."""

    def __init__(self, name: str, cancel: Callable[[], object]) -> None:
        super().__init__()
        self.server = safe_text(name)
        self.cancel_reading = cancel

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -small"):
            yield Static(
                with_bold(tr("Reading {server} again, and its vital signs ...", server=self.server), self.server)
            )
            yield from self.foot(("esc", tr("turn back")))

    def action_cancel(self) -> None:
        """Stop reading; whoever reads takes the screen away."""
        self.cancel_reading()


class QuitConfirm(Dialog[bool]):
    """Asks whether to quit while a send is under way or a server is not back; answers True to quit.

    ``sending`` and ``watching`` name the servers. Staying is the default. ``gone`` is set when the screen has left.
    """

    def __init__(self, sending: Collection[str] = (), watching: Collection[str] = ()) -> None:
        super().__init__()
        self.sending = tuple(sending)
        self.watching = tuple(watching)
        self.gone = asyncio.Event()

    def compose(self) -> ComposeResult:
        """What is going on, what quitting does to it, and the two answers."""
        servers = ", ".join(safe_text(name) for name in self.sending or self.watching)
        if self.sending or not self.watching:
            case = (
                tr("The interrupt of {servers} is on its way, and its answer has not come.", servers=servers)
                if servers
                else tr("The interrupt is on its way, and its answer has not come.")
            )
            means = tr(
                "If you quit now, the outcome is recorded as unknown and the server stays locked until "
                "somebody resolves it. The request itself cannot be called back."
            )
            stay, leave, esc = tr("Wait for the answer"), tr("Quit, leave it unknown"), tr("wait")
        else:
            case = tr_n(
                "{servers} is not back yet, and watched.",
                "{servers} are not back yet, and watched.",
                len(self.watching),
                servers=servers,
            )
            means = tr(
                "If you quit now, nobody watches. The next start goes on with what is younger than 15 minutes, "
                "and so does: ncpconsole watch"
            )
            stay, leave, esc = tr("Keep watching"), tr("Quit, end the watch"), tr("keep watching")
        with Vertical(classes="box -small"):
            yield Static(Content(case), classes="section -first")
            yield Static(Content(means))
            with Horizontal(classes="buttons"):
                yield Button(stay, id="wait", compact=True)
                yield GuardedButton(leave, id="quit")
            yield from self.foot(("tab", tr("choose")), ("enter", tr("confirm")), ("esc", esc))

    def on_mount(self) -> None:
        """Waiting is what Enter does."""
        self.query_one("#wait", Button).focus()

    def on_unmount(self) -> None:
        """Tell whoever waits that the question is answered or moot."""
        self.gone.set()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "quit")

    def action_cancel(self) -> None:
        self.dismiss(False)


MOST = 8


def whom(intent: Intent) -> str:
    """Server and time of an interrupt."""
    name, number = safe_text(intent.draft.server_name, 40), safe_text(intent.draft.server_no, 20)
    return tr("{name} (number {number}), {when}", name=name, number=number, when=day_and_clock(intent.time))


class WaitingScreen(Dialog[bool]):
    """Says what waits in full, and answers True when the operator wants the history next."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Scope.NOTICES))

    def __init__(self, waiting: Waiting) -> None:
        super().__init__()
        self.notes = waiting.notes
        self.surfaced = waiting.surfaced
        known = {intent.id for intent in waiting.surfaced}
        self.unresolved = [intent for intent in waiting.unresolved if intent.id not in known]
        self.watched = waiting.watched
        self.owed = waiting.owed

    def compose(self) -> ComposeResult:
        """The notes, what was left behind, what is unresolved, and the keys."""
        with Vertical(classes="box"):
            yield Static(Content(tr("What waits")), classes="section -first")
            with Body():
                for note in self.notes:
                    yield point("–", safe_text(shown(note), 600))
                if self.surfaced:
                    yield heading(tr("Left behind by a program that ended"))
                    yield from (point("!", left_behind(intent)) for intent in self.surfaced[:MOST])
                if self.unresolved:
                    yield heading(tr("Unknown and unresolved: these servers are locked"))
                    yield from (point("!", whom(intent)) for intent in self.unresolved[:MOST])
                    yield point(" ", tr("The history (h) has what was seen since; v resolves one there."))
                if self.watched:
                    yield heading(tr("Watched again: these servers are not back yet"))
                    yield from (point("◌", whom(intent)) for intent in self.watched[:MOST])
                if self.owed:
                    yield heading(tr("Owed to the team's journal, which takes it once it can be reached"))
                    yield from (point("–", whom(intent)) for intent in self.owed[:MOST])
                more = max(0, len(self.surfaced) - MOST) + max(0, len(self.unresolved) - MOST)
                if more:
                    yield point(" ", tr("and {count} more in the history", count=more))
            yield from self.foot((tr("esc or enter"), tr("close")), named("notices.history"))

    def action_history(self) -> None:
        self.dismiss(True)


class NoteScreen(Dialog[Note]):
    """Writes one line of text into the journal; answers with the note, or None."""

    def __init__(self, journal: Journal, about: Subject) -> None:
        super().__init__()
        self.journal = journal
        self.about = about

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -small"):
            yield Static(Content(self._title()), classes="section -first")
            yield Static(
                Content(tr("It goes on record with your name and the time. It locks and unlocks nothing.")),
                classes="muted",
            )
            yield SafeInput(id="note-text", placeholder=tr("what was seen or done"))
            yield Static(id="problem", classes="note")
            yield from self.foot(("enter", tr("write it down")), ("esc", tr("cancel")))

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            self.dismiss(self.journal.add_note(event.value, self.about))
        except ConsoleError as error:
            self.query_one("#problem", Static).update(Content(safe_text(shown(error), 400)))

    def _title(self) -> str:
        about = self.about
        server = safe_text(f"{about.server_name} ({about.server_no})", 60) if about.server_no else ""
        incident = safe_text(about.incident, 40)
        if server and incident:
            return tr("Note about {server}, incident {incident}", server=server, incident=incident)
        if server:
            return tr("Note about {server}", server=server)
        if incident:
            return tr("Note about incident {incident}", incident=incident)
        return tr("Note about record {record}", record=safe_text(str(about.record), 40))
