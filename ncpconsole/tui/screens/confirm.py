"""The dialog that confirms an interrupt: which server, where, what will happen, and the name to type."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from ncpconsole.core.activity_log import server_activities
from ncpconsole.core.journal.presence import Presence
from ncpconsole.core.plan import Confirmation, Plan
from ncpconsole.core.records import Intent
from ncpconsole.core.safe_text import cell_width, safe_text
from ncpconsole.core.session import Session
from ncpconsole.core.wording import flags, zone_name
from ncpconsole.language import msgid, shown, tr, tr_n
from ncpconsole.ncp.errors import NcpError
from ncpconsole.tui.background import background
from ncpconsole.tui.messages import JournalChanged
from ncpconsole.tui.text.record import earlier_text
from ncpconsole.tui.text.server import asked_of, consequences, dump_needs, plan_facts, status_text
from ncpconsole.tui.timing import Clocks
from ncpconsole.tui.widgets.dialog import Body, Dialog, fact, labelled, point
from ncpconsole.tui.widgets.enter_guard import GuardedButton
from ncpconsole.tui.widgets.inputs import ConfirmFieldRow
from ncpconsole.tui.widgets.panels import ActivityLines
from ncpconsole.tui.widgets.sparkline import SignsCharts, signs_sentence

ACTIVITY_SPAN = timedelta(days=1)
"""How far back the activity log is read."""
MOST_EARLIER = 5
COLLEAGUES = {
    "confirming": msgid("{who} is confirming this server too."),
    "sending": msgid("{who} is sending to this server too."),
}
"""What a colleague is doing, by its code."""


class ConfirmScreen(Dialog[None]):
    """Shows the plan and asks to type it.

    ``answer`` gets the confirmation once *Send* is pressed, or None. After *Send* the screen stays until it
    is dismissed: taking it away first would hold the send up for a frame or two, and keys pressed meanwhile
    would reach the list below.

    Enter in a box never sends: it goes to the next box that is not right yet, and to *Send* when all are. There it
    counts once *Send* could be seen; see `EnterGuard`. *Send* cannot take the focus before that, nor before every
    caution and the server's number were in sight, however small the terminal (the name stands in the head). Where no
    confirmation helps (read-only, or a lock) it never can, and the dialog says why while it still explains what an
    interrupt would do. ``position`` is where a review stands, such as ``2 of 5``.
    """

    def __init__(self, session: Session, plan: Plan, *, addresses: tuple[str, ...] = (), position: str = "") -> None:
        super().__init__()
        self.addresses = addresses if plan.addresses is None else plan.addresses
        self.session = session
        self.plan = plan
        self.position = position
        self.rows = [ConfirmFieldRow(asked) for asked in asked_of(plan)]
        self.clocks = Clocks()
        self.colleagues = ""
        """What is said of colleagues who are at this server too."""
        self.is_aged = False
        """Whether it left because what it showed is older than it seemed; then it is asked anew."""
        self.answer: asyncio.Future[Confirmation | None] = asyncio.get_running_loop().create_future()

    @property
    def answered(self) -> bool:
        """Whether there is an answer already: there is only one."""
        return self.answer.done()

    def compose(self) -> ComposeResult:
        plan = self.plan
        with Vertical(classes="box -danger" if self.session.policy.protected else "box -warning"):
            yield Static(self._head(), classes="verdict")
            with Body():
                yield Static(id="colleagues", classes="caution")
                for reason in (*plan.why_not, *plan.team_trouble, *plan.cautions):
                    yield point("!", safe_text(reason, 400), classes="caution")
                for label, text in plan_facts(plan, self.addresses, datetime.now(UTC)):
                    yield fact(tr(label), text, classes=label)
                yield fact(tr("vital signs"), signs_sentence(plan.vitals, plan.vitals.read_at), classes="signs")
                if plan.vitals.last_sign is not None:
                    yield labelled(tr("last 60 min"), SignsCharts(plan.vitals, plan.vitals.read_at))
                yield fact(tr("happens"), consequences(plan))
                yield fact(tr("full dump"), dump_needs(plan))
                yield from self._earlier()
            with Vertical(classes="form"):
                yield from self.rows
            with Horizontal(classes="buttons"):
                yield (send := GuardedButton(tr("Send the interrupt"), id="send", disabled=True))
                if self.locked_by is not None:
                    send.display = False  # its room is needed, and it cannot be reached
                    yield Button(tr("Resolve"), id="resolve", compact=True)
                yield Button(tr("Skip this server") if self.position else tr("Cancel"), id="cancel", compact=True)
                yield Static(id="why-not")
            yield from self.foot()

    def on_mount(self) -> None:
        # At once: what is typed as soon as the dialog shows belongs to the box.
        self.set_focus(self.rows[0].box if self.locked_by is None else self.query_one("#resolve"))
        self._draw()
        self._draw_colleagues()
        self._read_activities()
        self.set_interval(1.0, self._draw_age)
        self.watch(self.query_one(Body), "scroll_y", self._look_soon)

    def on_resize(self) -> None:
        self._look_soon()

    @property
    def confirmation(self) -> Confirmation:
        """What is typed now."""
        typed = {row.asked.id: row.typed for row in self.rows}
        return Confirmation(
            typed=typed.get("target", ""),
            profile_typed=typed.get("profile", ""),
            reason=typed.get("reason", "").strip(),
            without_team=typed.get("without_team", "").strip(),
        )

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to what is still missing, or to *Send*; nothing is sent from a box."""
        event.stop()
        if self._may_send():
            self.query_one("#send", Button).focus()
            return
        rows = [row for row in self.rows if not row.matches]
        if rows and rows[0].box is not event.input:
            rows[0].box.focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer once, and only while everything still matches."""
        event.stop()
        if event.button.id == "cancel":
            self.action_cancel()
        elif event.button.id == "resolve":
            self._resolve()
        elif self.clocks.are_apart:
            self.ask_anew()
        elif self._may_send():
            self.answer.set_result(self.confirmation)

    @property
    def locked_by(self) -> Intent | None:
        """The interrupt of unknown outcome that locks the server, if one does."""
        return next((intent for intent in self.plan.earlier if intent.is_unresolved), None)

    def _resolve(self) -> None:
        """Settle what locks the server; then this dialog, which was made of the lock, has nothing more to say."""
        from ncpconsole.tui.screens.resolve import ResolveScreen

        def over(settled: Intent | None) -> None:
            if settled is not None:
                self.app.post_message(JournalChanged())
                self.action_cancel()

        if self.locked_by is not None:
            self.app.push_screen(ResolveScreen(self.session, self.locked_by), over)

    def ask_anew(self) -> None:
        """Leave: the machine slept, or its clock was set, since this was shown."""
        self.is_aged = not self.answered
        self.action_cancel()

    def action_cancel(self) -> None:
        """Leave; nothing is sent."""
        if not self.answered:
            self.answer.set_result(None)
            self.dismiss(None)

    def on_unmount(self) -> None:
        """A dialog that is gone confirms nothing."""
        if not self.answered:
            self.answer.set_result(None)

    def on_descendant_focus(self) -> None:
        self._draw_hints()

    # What is asked of the core, and drawing.

    def _objections(self) -> tuple[str, ...]:
        return self.session.interrupter.objections(self.plan, self.confirmation)

    def _is_typed(self) -> bool:
        """Whether the boxes hold all that is asked for."""
        return all(row.matches for row in self.rows) and not self._objections()

    def _may_send(self) -> bool:
        return not self.answered and self._is_typed() and not self._unread()

    def _deciding(self) -> list[Widget]:
        """What must have been in sight before anything is sent: every caution, and the server's number."""
        return list(self.query(".caution, .number").results(Widget))

    def _unread(self) -> list[Widget]:
        return self.query_one(Body).unread(self._deciding())

    def _look_soon(self) -> None:
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        """Note what is in sight, and let *Send* be reached once it was enough."""
        if not self.query(Body):
            return  # closed before it was whole
        before = self._unread()
        self.query_one(Body).look(self._deciding())
        if before != self._unread():
            self._draw()

    def _draw(self) -> None:
        self.query_one("#send", Button).disabled = not self._may_send()
        self.query_one("#why-not", Static).update(Content(self._why_not()))
        self._draw_hints()

    def _draw_colleagues(self) -> None:
        """Say who of the team is at this server too; their claim or ours is held back, whoever is later."""
        here = [
            one for one in self.session.journal.colleagues(self.plan.gateway) if one.server_no == self.plan.server_no
        ]
        line = self.query_one("#colleagues", Static)
        line.display = bool(here)
        words = "\n".join(f" ! {colleague_words(one)}" for one in here)
        if words == self.colleagues:
            return
        self.colleagues = words
        line.update(Content(words))
        self.query_one(Body).forget(line)
        self._draw()
        self._look_soon()

    def _draw_age(self) -> None:
        self._draw_colleagues()
        self._look()
        status = self.query_one(".status .fact-value", Static)
        status.update(Content(status_text(self.plan, datetime.now(UTC))))

    def _why_not(self) -> str:
        """What *Send* waits for, in a few words."""
        if self.plan.why_not:
            return tr("cannot be sent: see above")
        missing = [row.asked.label.lower() for row in self.rows if not row.matches]
        if missing:
            whole = tr("first: {box}", box=missing[0])
            room = self.query_one("#why-not").content_size.width
            return missing[0] if 0 < room < cell_width(whole) else whole
        return tr("first: read on") if self._unread() else ""

    def on_guarded_button_ready_changed(self) -> None:
        self._draw_hints()

    def _draw_hints(self) -> None:
        if not self.query("#send"):
            return  # closed before it was whole
        send = self.query_one("#send", GuardedButton)
        scroll = self._reading_keys()
        cancel = ("esc", tr("skip") if self.position else tr("cancel"))
        if self.locked_by is not None:
            key = "enter" if self.query_one("#resolve").has_focus else "tab enter"  # no message: keys
            text = self.hint((key, tr("resolve the unknown outcome")), *scroll, cancel)
        elif self.plan.why_not:
            text = self.hint(*scroll, cancel)
        elif send.is_ready:
            text = self.hint(("enter", tr("SENDS the interrupt")), cancel, *scroll)
        elif send.has_focus:
            text = self.hint((tr("release Enter"), tr("and look once more; then Enter sends")), cancel)
        elif self._may_send():
            text = self.hint(("enter", tr("go to Send")), *scroll, cancel)
        elif self._is_typed():
            text = self.hint(*scroll, cancel)
        else:
            text = self.hint(("tab", tr("next box")), *scroll, cancel)
        self.query_one("#hints", Static).update(text)

    def _reading_keys(self) -> list[tuple[str, str]]:
        """The keys that read on, where there is more than is in sight; what *Send* waits for is asked for."""
        body = self.query_one(Body)
        if unread := self._unread():
            is_above = all(part.region.y < body.region.y for part in unread)
            return [("pgup" if is_above else "pgdn", tr("read on before Send"))]
        return [("↑↓ pgup pgdn", tr("read on"))] if body.max_scroll_y else []  # no message: keys

    def _head(self) -> Content:
        words, identity = " ".join(flags(self.session.policy)), self.session.identity
        return Content.assemble(
            (" " + tr("INTERRUPT") + " ", "bold reverse"),  # no message: a style
            "  ",
            (safe_text(self.plan.server.server_name), "bold"),
            f"  {self.position}" if self.position else "",
            f"   {safe_text(identity.profile, 30)} · {safe_text(identity.site, 20)} · {zone_name()}",
            (f"   {words}" if words else "", "bold"),
        )

    def _earlier(self) -> ComposeResult:
        earlier = self.plan.earlier[:MOST_EARLIER]
        lines = [earlier_text(intent) for intent in earlier] or [Content(tr("none in this console's journal"))]
        if len(self.plan.earlier) > len(earlier):
            more = len(self.plan.earlier) - len(earlier)
            lines.append(
                Content(tr_n("and 1 older one: see the history", "and {count} older ones: see the history", more))
            )
        yield fact(tr("before"), Content("\n").join(lines))
        yield ActivityLines()

    @background(msgid("activity log"), failed=lambda self, words: self.query_one(ActivityLines).fail(words))
    async def _read_activities(self) -> None:
        lines, since = self.query_one(ActivityLines), datetime.now(UTC) - ACTIVITY_SPAN
        number = self.plan.server.server_instance_no
        if self.plan.log.bug:
            raise self.plan.log.bug
        if self.plan.log.problem:
            lines.fail(shown(self.plan.log.problem))
            return
        try:
            lines.show(await server_activities(self.session.gateway, number, since))
        except NcpError as error:
            lines.fail(shown(error))
        self.call_after_refresh(self._draw_hints)


def colleague_words(colleague: Presence) -> str:
    """What a colleague of the team is doing with the same server, as a sentence."""
    who = f"{colleague.user}@{colleague.host}"
    return tr(COLLEAGUES[colleague.doing], who=who)
