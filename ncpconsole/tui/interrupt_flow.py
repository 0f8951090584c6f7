"""One interrupt from the key to the watch: read again, confirm, send, show, watch.

Each step runs in a worker of the app, so that none dies with a screen. The server number and the session are
those of the key press: a switch of profile in between ends the flow instead of moving it to another account.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from textual.app import App

from ncpconsole.core.cautions import Finding, Surroundings
from ncpconsole.core.errors import ConsoleError, Refused
from ncpconsole.core.interrupter import NOTHING_SENT, SendPhase
from ncpconsole.core.inventory import Row
from ncpconsole.core.plan import Confirmation, Plan, Report
from ncpconsole.core.records import Intent
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.session import Session
from ncpconsole.core.watch import changes, is_back, is_sign_of_life, without_old_silence
from ncpconsole.core.wording import clock
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.errors import NcpError
from ncpconsole.ncp.results import SendResult
from ncpconsole.tui import screens
from ncpconsole.tui.account_controller import AccountController
from ncpconsole.tui.background import FLOW
from ncpconsole.tui.messages import SendFinished, Watched, WatchEnded, WatchShown, WatchWanted, WorkerBroke
from ncpconsole.tui.screens.confirm import ConfirmScreen
from ncpconsole.tui.screens.result import ResultScreen
from ncpconsole.tui.screens.review import Turn
from ncpconsole.tui.screens.small_dialogs import QuitConfirm
from ncpconsole.tui.text.interrupt import outcome_text, refusal_text
from ncpconsole.tui.widgets.dialog import Dialog

AnyDialog = TypeVar("AnyDialog", bound=Dialog[Any])

WATCHED = ("accepted", "unknown")
"""Outcomes after which the server is watched."""
SWITCHED = msgid("The profile or region was switched since this was confirmed, so it is not sent with another key.")
SELECT_AGAIN = msgid("Select the server again; nothing is carried over from one account to another.")
READ_AGAIN = msgid("The server's record must be read before it can be interrupted. Try again with !")
TURN_SWITCHED = msgid("the profile was switched")
HEAD_START = 0.15
"""Seconds that a send has before its screen is drawn: on a quiet network the first byte has left by then."""
LEAVES_WITHIN = 0.02
"""Seconds after SENDING by which the first byte has left, as the sender only looks for an answer that stands there."""


class InterruptFlow:
    """Takes servers through their interrupts. Run its coroutines in workers of the app.

    ``sending`` holds the interrupts under way, in words; who quits is asked because of them.
    """

    def __init__(self, app: App[Any], account: AccountController) -> None:
        self.app = app
        self.account = account
        self.sending: set[str] = set()
        self.watching: dict[str, tuple[Intent, str]] = {}
        """The servers that are watched and not back yet, by record, and what was seen last."""

    @property
    def is_open(self) -> bool:
        """Whether a dialog of this flow is open already: there is one at a time."""
        dialogs = (screens.ConfirmScreen, screens.LoadingDialog, screens.ResultScreen)
        return any(isinstance(screen, dialogs) for screen in self.app.screen_stack)

    async def interrupt(
        self,
        session: Session,
        region_code: str,
        server_no: str,
        surroundings: Surroundings,
        *,
        row: Row | None = None,
        position: str = "",
    ) -> Report | None:
        """Take one server through its interrupt; None when the operator confirmed nothing.

        ``surroundings`` are as in `Interrupter.plan`; ``row`` is what the list knows of the server (its
        private addresses are nowhere else); ``position`` says where a review stands, such as ``2 of 5``.
        Returns when the result was closed. Never raises for what network, disk or rules do: a screen says it.
        """
        if self.is_open:
            self.app.notify(tr("Finish the open dialog first."), severity="warning", markup=False)
            return None
        name, addresses = (row.name, row.private_ips) if row is not None else ("", ())
        try:
            while True:
                planning = session.interrupter.plan(region_code, server_no, surroundings)
                plan = await self._plan(planning, name, server_no)
                if not isinstance(plan, Plan):
                    return plan
                dialog = screens.ConfirmScreen(session, plan, addresses=addresses, position=position)
                sent = await self._confirm_and_send(session, plan, dialog)
                if sent is not None or not dialog.is_aged:
                    break
        finally:
            self.app.post_message(SendFinished(server_no))
        if sent is None:
            return None
        screen, report = sent
        if report.intent is not None and report.result.outcome in WATCHED:
            self.app.post_message(WatchWanted(session, report.intent, screen))
        await screen.closed.wait()
        return report

    def ask_anew(self) -> None:
        """Have an open dialog read again what it shows: it is older than it seems."""
        for screen in self.app.screen_stack:
            if isinstance(screen, screens.ConfirmScreen):
                screen.ask_anew()

    async def review(
        self, session: Session, rows: Sequence[Row], looked_for: Mapping[str, tuple[str, ...]] | None = None
    ) -> tuple[Turn, ...]:
        """Take the rows through their interrupts, in the order given; returns what became of each.

        ``looked_for`` is what the operator searched when each was marked, by row key. A row's surroundings are looked
        up when its turn comes, since the list may have been read again during the turns before. Ends with a summary on
        screen, unless nothing was done; ends early when the operator stops or the account is switched.
        """
        turns = [screens.Turn(row.name, row.number) for row in rows]
        for index, row in enumerate(rows):
            answer = await self.app.push_screen_wait(screens.ReviewScreen(turns, index))
            if answer == screens.STOP:
                break
            if answer == screens.SKIP:
                turns[index] = screens.Turn(row.name, row.number, tr("skipped"), " ")
                continue
            if self.account.session is not session:
                turns[index] = screens.Turn(row.name, row.number, tr(TURN_SWITCHED), "✗")
                break
            report = await self.interrupt(
                session,
                self.account.region_of(row),
                row.server.server_instance_no,
                self.account.surroundings_of(row, (looked_for or {}).get(row.key, ())),
                row=row,
                position=tr("{number} of {total}", number=index + 1, total=len(rows)),
            )
            turns[index] = turn_of(row, report)
        if any(turn.word for turn in turns):
            await self.app.push_screen_wait(screens.ReviewScreen(turns, None))
        return tuple(turns)

    async def watch(self, session: Session, intent: Intent, screen: WatchShown | None) -> None:
        """Tell every change of the server's record to the list and to the result, until the watch ends."""

        def tell(words: str) -> None:
            if screen is not None:
                screen.watching(words)

        if intent.id in self.watching:
            return
        self.watching[intent.id] = (intent, tr("nothing seen yet"))
        policy = session.policy
        until = clock(datetime.now(UTC) + timedelta(seconds=policy.watch_for))
        why = tr("it broke off")
        tell(
            tr(
                "watching every {seconds:g} s until {time}; closing this screen does not end it",
                seconds=policy.watch_every,
                time=until,
            )
        )
        try:
            async for seen in session.interrupter.watch(intent):
                intent = replace(intent, observations=(*intent.observations, seen))
                self.app.post_message(Watched(intent, seen))
                if screen is not None:
                    screen.observed(seen)
                if is_back(seen):
                    tell(still_watched(bool(session.vitals.off), until))
                if is_back(seen) or is_sign_of_life(seen):
                    self._watched(intent)
                    self.app.bell()
                elif intent.id in self.watching:
                    self.watching[intent.id] = (intent, last_change(intent))
            why = ""
        except ConsoleError as error:
            why = shown(error)
        finally:
            self._watched(intent)
            now = clock(datetime.now(UTC))
            tell(tr("the watch stopped: {why}", why=why) if why else tr("the watch ended at {time}", time=now))
            self.app.post_message(WatchEnded(intent, why))

    def _watched(self, intent: Intent) -> None:
        """A server need not be waited for any more; nor need anybody be asked because of it."""
        if self.watching.pop(intent.id, None) is not None and not self.watching and not self.sending:
            for question in self._quit_questions():
                question.dismiss(False)

    def farewell(self) -> list[str]:
        """A sentence for each watch that ends with the program."""
        return [
            tr(
                "The watch ended. {name} ({number}) was not seen back; last: {seen}. To go on: ncpconsole watch {id}",
                name=safe_text(intent.draft.server_name),
                number=safe_text(intent.draft.server_no),
                seen=seen,
                id=intent.id,
            )
            for intent, seen in self.watching.values()
        ]

    # The steps of one interrupt

    async def _plan(self, planning: Coroutine[None, None, Plan], name: str, server_no: str) -> Plan | Report | None:
        """Read the server again, with a screen that says so; None where the operator called that off.

        A report tells what a screen said: why it cannot go on.
        """
        reading = asyncio.create_task(planning)
        about = f"{name}  {server_no}".strip()
        try:
            async with self._on_screen(screens.LoadingDialog(name or server_no, reading.cancel)):
                return await reading
        except asyncio.CancelledError:
            if _is_ending():
                raise
            return None
        except Refused as refused:
            against: tuple[Finding, ...] = tuple(Finding("refused", reason) for reason in refused.reasons)
            refusal = screens.RefusalDialog(about, tuple(map(shown, refused.reasons)))
        except NcpError as error:
            against = ()
            refusal = screens.RefusalDialog(
                about, (shown(error),), word=tr("NOT READ"), said=tr("Nothing was sent:"), next_step=tr(READ_AGAIN)
            )
        except ConsoleError as error:
            against = ()
            refusal = screens.RefusalDialog(
                about, (shown(error),), word=tr("NOT POSSIBLE"), said=tr("Nothing was sent:")
            )
        await self.app.push_screen_wait(refusal)
        return Report(SendResult.not_sent(NOTHING_SENT), against=against)

    async def _confirm_and_send(
        self, session: Session, plan: Plan, dialog: ConfirmScreen
    ) -> tuple[ResultScreen, Report] | None:
        """Ask, and send what was confirmed; None when nothing was, or the account was switched meanwhile."""
        session.journal.announce("confirming", plan.gateway, plan.server_no)
        try:
            async with self._on_screen(dialog):
                confirmation = await dialog.answer
                if confirmation is None:
                    return None
                if self.account.session is session:
                    session.journal.announce("sending", plan.gateway, plan.server_no)
                    return await self._send(session, plan, confirmation, dialog)
        finally:
            session.journal.announce("")
        await self.app.push_screen_wait(
            screens.RefusalDialog(plan.server.server_name, (tr(SWITCHED),), next_step=tr(SELECT_AGAIN))
        )
        return None

    async def _send(
        self, session: Session, plan: Plan, confirmation: Confirmation, dialog: ConfirmScreen
    ) -> tuple[ResultScreen, Report]:
        """Send, and show what becomes of it in the dialog's place.

        Nothing is drawn until the first byte has left or it takes noticeably long.
        """
        words = {
            SendPhase.CLAIMING: tr("claim in the journal"),
            SendPhase.CHECKING: tr("the record, read once more"),
            SendPhase.CONNECTING: tr("connection to {gateway}", gateway=plan.gateway),
            SendPhase.SENDING: tr("request sent; its answer"),
        }
        place = tr(
            "{number}, region {region}, profile {profile}",
            number=plan.server_no,
            region=plan.region_code,
            profile=plan.profile,
        )
        screen = screens.ResultScreen(session, plan.server.server_name, place)
        byte_left = asyncio.Event()

        def on_phase(reached: SendPhase) -> None:
            if reached in words:
                screen.stage(words[reached], sent=reached is SendPhase.SENDING)
            if reached is SendPhase.SENDING:
                asyncio.get_running_loop().call_later(LEAVES_WITHIN, byte_left.set)

        sending = asyncio.create_task(session.interrupter.execute(plan, confirmation, on_phase))
        screen.cancel_send = sending.cancel
        with self._under_way(f"{safe_text(plan.server.server_name)} ({safe_text(plan.server_no)})"):
            try:
                await _first_of(sending, byte_left.wait(), HEAD_START)
                for question in self._quit_questions():
                    await _first_of(sending, question.gone.wait(), None)
                    question.dismiss(False)
                dialog.dismiss()
                await self.app.push_screen(screen)
                report = await sending
            except asyncio.CancelledError:
                if _is_ending():
                    sending.cancel()
                    raise
                report = session.interrupter.abandoned(plan)
            except Exception as error:  # noqa: BLE001 - told and logged; what became of the send is recorded
                self.app.post_message(WorkerBroke(FLOW, error))
                report = session.interrupter.abandoned(plan)
        if report.log_problem and not plan.log.problem:
            unread = tr("The activity log was not read before the send.")
            self.app.notify(f"{unread} {shown(report.log_problem)}", markup=False)
        if report.refused:
            await screen.show_refusal(report.against)
        else:
            await screen.show_result(report.result, report.intent)
        return screen, report

    @asynccontextmanager
    async def _on_screen(self, dialog: AnyDialog) -> AsyncIterator[AnyDialog]:
        """Open a dialog; it leaves in any case."""
        self.app.push_screen(dialog)
        try:
            yield dialog
        finally:
            dialog.dismiss()

    @contextmanager
    def _under_way(self, words: str) -> Iterator[None]:
        """Count a send as under way; when it is over, so is the question whether to quit meanwhile."""
        self.sending.add(words)
        try:
            yield
        finally:
            self.sending.discard(words)
            for question in self._quit_questions():
                question.dismiss(False)

    def _quit_questions(self) -> list[QuitConfirm]:
        return [screen for screen in self.app.screen_stack if isinstance(screen, screens.QuitConfirm)]


async def _first_of(task: asyncio.Task[Report], event: Coroutine[None, None, object], seconds: float | None) -> None:
    """Wait for the task or the event, whichever is first, or until the time is over (None: for ever)."""
    waiting = asyncio.ensure_future(event)
    try:
        await asyncio.wait({task, waiting}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


def _is_ending() -> bool:
    """Whether the running worker itself is being cancelled, as when the program ends."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def still_watched(without_signs: bool, until: str) -> str:
    """What a watch goes on for once the server is back."""
    if without_signs:
        return tr(
            "the server is back; its record is watched until {time}; closing this screen does not end it", time=until
        )
    return tr(
        "the server is back; watching for its guest's first metrics until {time}; closing this screen does not end it",
        time=until,
    )


def last_change(intent: Intent) -> str:
    """The newest change since an interrupt that is news, with its time; empty where nothing changed."""
    return "".join(f"{clock(change.time)}  {change}" for change in changes(without_old_silence(intent))[-1:])


def turn_of(row: Row, report: Report | None) -> Turn:
    """What became of one server, in a word."""
    if report is None:
        return screens.Turn(row.name, row.number, tr("skipped"), " ")
    words = refusal_text(()) if report.refused else outcome_text(report.result.outcome)
    ids = [tr("record {id}", id=report.intent.id)] if report.intent is not None else []
    ids += [tr("request id {id}", id=one) for one in report.result.request_ids]
    return screens.Turn(row.name, row.number, words.word.lower(), words.mark, ", ".join(ids))
