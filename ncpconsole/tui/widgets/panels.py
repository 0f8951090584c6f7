"""The panels of text: one server, a problem, a line of news, a watch, the activity log. They draw values."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from ncpconsole.core.records import Intent
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.watch import changes
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.models import Activity
from ncpconsole.tui.text.problem import Problem, problem_text
from ncpconsole.tui.text.record import activity_text, change_text
from ncpconsole.tui.text.server import ServerDetails, detail_text


class DetailPanel(VerticalScroll, can_focus=False):
    """The text beside the table, or alone on a screen. It takes no focus: the list keeps the keys."""

    DEFAULT_CSS = """
    DetailPanel {
        padding: 0 1 0 2; scrollbar-size-vertical: 1; scrollbar-gutter: stable; background: $surface;
        & > Static { height: auto; width: 100%; }
    }
    """
    EMPTY = msgid("Select a server to see all about it.")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.details: ServerDetails | None = None

    def compose(self) -> ComposeResult:
        yield Static(Content.styled(tr(self.EMPTY), "$foreground-muted"))

    def show(self, details: ServerDetails | None) -> None:
        """Show a server, or that none is selected; another server starts at its top."""
        other = details is None or self.details is None or details.row.key != self.details.row.key
        self.details = details
        self.draw()
        if other:
            self.scroll_home(animate=False)

    def on_resize(self) -> None:
        self.draw()

    def draw(self) -> None:
        text = self.query_one(Static)
        if self.details is None:
            text.update(Content.styled(tr(self.EMPTY), "$foreground-muted"))
        elif width := self.scrollable_content_region.width:
            text.update(detail_text(self.details, max(20, width)))


class ProblemPanel(VerticalScroll, can_focus=False):
    """A calm page in the list's place, its lines at most ``LINE`` cells long."""

    LINE = 76

    DEFAULT_CSS = """
    ProblemPanel {
        display: none; height: 1fr; background: $surface; padding: 1 2; scrollbar-size-vertical: 1;
        &.-shown { display: block; }
        & > Static { width: 100%; height: auto; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[Problem, str] | None = None

    def compose(self) -> ComposeResult:
        yield Static(Content(""))

    def show(self, problem: Problem | None, waiting: str = "") -> None:
        """Say it, or go away."""
        self.shown = None if problem is None else (problem, waiting)
        self.set_class(problem is not None, "-shown")
        self.draw()

    def on_resize(self) -> None:
        self.draw()

    def draw(self) -> None:
        if self.shown is not None:
            width = min(self.LINE, self.scrollable_content_region.width or self.LINE)
            self.query_one(Static).update(problem_text(self.shown[0], width, self.shown[1]))


class MessageLine(Static):
    """One line, or a few, that takes no room while it is empty. ``tone`` is one of `TONES` or empty."""

    DEFAULT_CSS = """
    MessageLine {
        height: auto; max-height: 3; padding: 0 1; display: none; background: $surface;
        &.-said { display: block; }
        &.-warning { color: $text-warning; }
        &.-error { color: $text-error; }
        &.-success { color: $text-success; }
    }
    """
    TONES = ("warning", "error", "success")

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(Content(""), id=id)
        self.words = ""

    def say(self, words: str, tone: str = "") -> None:
        """Show the words, or go away when there are none. They must be safe already."""
        if words == self.words and (not tone or self.has_class(f"-{tone}")):
            return
        self.words = words
        for other in self.TONES:
            self.set_class(other == tone, f"-{other}")
        self.set_class(bool(words), "-said")
        self.update(Content(words))


class StatusLine(MessageLine):
    """The line above a screen's keys for what is told for a moment: it covers nothing, and goes by itself."""

    DEFAULT_CSS = "StatusLine { max-height: 5; }"

    def __init__(self) -> None:
        super().__init__(id="status")
        self._timer: Timer | None = None

    def say_for(self, words: str, tone: str, seconds: float) -> None:
        """Show the words, in place of those before, for so many seconds. They must be safe already."""
        if self._timer is not None:
            self._timer.stop()
        self.say(words, tone if tone in self.TONES else "")
        self._timer = self.set_timer(seconds, lambda: self.say(""))


class WatchLog(Static):
    """The changes seen so far, under a line that says how the watch stands."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(Content(""), id=id, classes="watch")
        self.status = ""
        self.intent: Intent | None = None

    def say(self, status: str) -> None:
        """Tell how the watch stands: going on, over, or given up and why."""
        self.status = safe_text(status)
        self._draw()

    def show(self, intent: Intent) -> None:
        """Show what was seen since this interrupt, each change with the time since."""
        self.intent = intent
        self._draw()

    def _draw(self) -> None:
        first = [Content.styled(self.status, "$foreground-muted")] if self.status else []
        intent = self.intent
        lines = [] if intent is None else [change_text(change, intent.time) for change in changes(intent)]
        self.update(Content("\n").join([*lines, *first]))


MOST_LINES = 8


class ActivityLines(Static):
    """What the activity log has about one server. It says that it is being read until it is told more."""

    def __init__(self) -> None:
        super().__init__(Content.styled(tr("activity log: reading ..."), "$foreground-muted"), classes="activity")

    def show(self, found: Sequence[Activity]) -> None:
        """Show the server's entries, in the order given."""
        if not found:
            self.update(Content(tr("activity log: nothing yet; entries can come late")))
            return
        left = len(found) - MOST_LINES
        more = [Content(tr("... and {count} more", count=left))] if left > 0 else []
        lines = map(activity_text, found[:MOST_LINES])
        self.update(Content("\n").join([Content(tr("activity log:")), *lines, *more]))

    def fail(self, sentence: str) -> None:
        """Say why there is nothing to show."""
        self.update(Content(tr("activity log: unavailable ({why})", why=safe_text(shown(sentence), 300))))
