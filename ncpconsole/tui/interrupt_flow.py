"""One interrupt from the key to the watch: read again, confirm, send, show, watch.

Each step runs in a worker of the app, so that none dies with a screen. The server number and the session are
those of the key press: a switch of profile in between ends the flow instead of moving it to another account.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ncpconsole.core.wording import clock
from ncpconsole.tui.later import Later
from ncpconsole.tui.messages import SendFinished, SendStarted, Watched, WatchEnded

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence

    from ncpconsole.core.cautions import Surroundings
    from ncpconsole.core.interrupter import SendPhase
    from ncpconsole.core.inventory import Row
    from ncpconsole.core.plan import Confirmation, Plan, Report
    from ncpconsole.core.records import Intent
    from ncpconsole.core.session import Session
    from ncpconsole.tui.app import ConsoleApp
    from ncpconsole.tui.screens.confirm import ConfirmScreen
    from ncpconsole.tui.screens.result import ResultScreen
    from ncpconsole.tui.screens.review import Turn
    from ncpconsole.tui.screens.small_dialogs import QuitConfirm


WATCHED = ("accepted", "unknown")
"""Outcomes after which the server is watched."""
SWITCHED = "The profile or region was switched since this was confirmed, so it is not sent with another key."
SELECT_AGAIN = "Select the server again; nothing is carried over from one account to another."
READ_AGAIN = "The server's record must be read before it can be interrupted. Try again with !"
HEAD_START = 0.15
"""Seconds that a send has before its screen is drawn: on a quiet network the first byte has left by then."""
WATCH_EVERY = 5.0
"""Seconds between two looks at a server after its interrupt."""
WATCH_LASTING = 15 * 60.0
"""Seconds after which a watch ends by itself."""


async def interrupt_flow(
    app: ConsoleApp,
    session: Session,
    region_code: str,
    server_no: str,
    surroundings: Surroundings,
    *,
    row: Row | None = None,
    position: str = "",
) -> Report | None:
    """Take one server through its interrupt; None when nothing was confirmed.

    Call it in a worker of the app. ``surroundings`` are as in `Interrupter.plan`; ``row`` is what the list
    knows of the server (its private addresses are nowhere else); ``position`` says where a review stands,
    such as ``2 of 5``. Returns when the result was closed. Never raises for what network, disk or rules do: a
    screen says it.
    """
    if is_open(app):
        app.notify("Finish the open dialog first.", severity="warning", markup=False)
        return None
    from ncpconsole.tui.screens.confirm import ConfirmScreen

    app.post_message(SendStarted(server_no))
    report = None
    screen: ResultScreen | None = None
    try:
        planning = session.interrupter.plan(region_code, server_no, surroundings)
        plan = await _plan(app, planning, row.name if row is not None else "", server_no)
        if plan is None:
            return None
        addresses = row.private_ips if row is not None else ()
        asking = ConfirmScreen(session, plan, addresses=addresses, position=position)
        await app.push_screen(asking)
        try:
            confirmation = await asking.answer
            if confirmation is not None and app.session is session:
                screen, report = await _send(app, session, plan, confirmation, asking)
        finally:
            asking.dismiss()
        if confirmation is None:
            return None
        if report is None or screen is None:
            await _say_no(app, plan.server.server_name, (SWITCHED,), next_step=SELECT_AGAIN)
            return None
    finally:
        app.post_message(SendFinished(server_no, report))
    if report.intent is not None and report.result.outcome in WATCHED:
        follow(app, session, report.intent, screen)
    await screen.closed.wait()
    return report


def is_open(app: ConsoleApp) -> bool:
    """Whether a dialog of this flow is open already: there is one at a time."""
    from ncpconsole.tui.screens.confirm import ConfirmScreen
    from ncpconsole.tui.screens.result import ResultScreen
    from ncpconsole.tui.screens.small_dialogs import LoadingDialog

    return any(
        isinstance(screen, (ConfirmScreen, LoadingDialog, ResultScreen)) for screen in app.screen_stack
    )


def follow(app: ConsoleApp, session: Session, intent: Intent, screen: ResultScreen | None = None) -> None:
    """Watch a server after its interrupt, in the background of the app, until the time is over."""
    app.run_worker(
        Later(_watch, app, session, intent, screen),
        exit_on_error=False,
        name=f"watch {intent.draft.server_no}",
        group="watch",
        exclusive=False,
    )


async def _plan(
    app: ConsoleApp, planning: Coroutine[None, None, Plan], name: str, server_no: str
) -> Plan | None:
    """Read the server again, with a screen that says so; None after a screen said why it cannot go on."""
    from ncpconsole.core.errors import ConsoleError, Refused
    from ncpconsole.ncp.errors import NcpError
    from ncpconsole.tui.screens.small_dialogs import LoadingDialog

    reading = asyncio.create_task(planning)
    screen = LoadingDialog(name or server_no, reading.cancel)
    app.push_screen(screen)
    about = f"{name}  {server_no}".strip()
    try:
        return await reading
    except asyncio.CancelledError:
        if _is_ending():
            raise
        return None
    except Refused as refused:
        screen.dismiss()
        await _say_no(app, about, refused.reasons)
    except NcpError as error:
        screen.dismiss()
        await _say_no(
            app, about, (error.sentence,), word="NOT READ", said="Nothing was sent:", next_step=READ_AGAIN
        )
    except ConsoleError as error:
        screen.dismiss()
        await _say_no(app, about, (str(error),), word="NOT POSSIBLE", said="Nothing was sent:")
    finally:
        screen.dismiss()
    return None


async def _say_no(
    app: ConsoleApp,
    about: str,
    reasons: Iterable[str],
    *,
    word: str = "BLOCKED",
    said: str = "It is not interrupted, because:",
    next_step: str = "",
) -> None:
    from ncpconsole.tui.screens.small_dialogs import RefusalDialog

    await app.push_screen_wait(
        RefusalDialog(about, tuple(reasons), word=word, said=said, next_step=next_step)
    )


async def _send(
    app: ConsoleApp, session: Session, plan: Plan, confirmation: Confirmation, asking: ConfirmScreen
) -> tuple[ResultScreen, Report]:
    """Send, and show what becomes of it in the dialog's place.

    Nothing is drawn until the first byte has left or it takes noticeably long.
    """
    from ncpconsole.core.interrupter import SendPhase
    from ncpconsole.core.safe_text import safe_text
    from ncpconsole.tui.screens.result import ResultScreen

    words = {
        SendPhase.CLAIMING: "claim in the journal",
        SendPhase.CHECKING: "the record, read once more",
        SendPhase.CONNECTING: f"connection to {plan.gateway}",
        SendPhase.SENDING: "request sent; its answer",
    }
    place = f"{plan.server_no}, region {plan.region_code}, profile {plan.profile}"
    screen = ResultScreen(plan.server.server_name, place, deadline=session.policy.send_deadline)
    byte_left = asyncio.Event()

    def stage(reached: SendPhase) -> None:
        if reached in words:
            screen.stage(words[reached], sent=reached is SendPhase.SENDING)
        if reached is SendPhase.SENDING:
            byte_left.set()

    sending = asyncio.create_task(session.interrupter.execute(plan, confirmation, stage))
    screen.cancel_send = sending.cancel
    under_way = f"{safe_text(plan.server.server_name)} ({safe_text(plan.server_no)})"
    app.sending.add(under_way)
    try:
        await _first_of(sending, byte_left.wait(), HEAD_START)
        for guard in _quit_guards(app):
            await _first_of(sending, guard.gone.wait(), None)
            guard.dismiss(False)
        asking.dismiss()
        await app.push_screen(screen)
        report = await sending
    except asyncio.CancelledError:
        if _is_ending():
            sending.cancel()
            raise
        report = session.interrupter.abandoned(plan)
    except Exception as error:  # noqa: BLE001 - told and logged; what became of the send is recorded
        app.tell_of_error(error)
        report = session.interrupter.abandoned(plan)
    finally:
        app.sending.discard(under_way)
        for guard in _quit_guards(app):
            guard.dismiss(False)
    if report.refused:
        await screen.show_refusal(report.refused)
    else:
        await screen.show_result(report.result)
    return screen, report


def _quit_guards(app: ConsoleApp) -> list[QuitConfirm]:
    """The open questions whether to quit while something is on its way."""
    from ncpconsole.tui.screens.small_dialogs import QuitConfirm

    return [screen for screen in app.screen_stack if isinstance(screen, QuitConfirm)]


async def _first_of(
    task: asyncio.Task[Report], event: Coroutine[None, None, object], seconds: float | None
) -> None:
    """Wait for the task or the event, whichever is first, or until the time is over (None: for ever)."""
    waiting = asyncio.ensure_future(event)
    try:
        await asyncio.wait({task, waiting}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


async def _watch(app: ConsoleApp, session: Session, intent: Intent, screen: ResultScreen | None) -> None:
    """Tell every change of the server's record to the list and to the result, until the watch ends."""
    from ncpconsole.core.errors import ConsoleError
    from ncpconsole.core.safe_text import safe_text
    from ncpconsole.core.watch import is_back

    def tell(words: str) -> None:
        if screen is not None:
            screen.watching(words)

    until = clock(datetime.now(UTC) + timedelta(seconds=WATCH_LASTING))
    why = "it broke off"
    tell(f"watching every {WATCH_EVERY:g} s until {until}; closing this screen does not end it")
    try:
        async for seen in session.interrupter.watch(intent, every=WATCH_EVERY, lasting=WATCH_LASTING):
            app.post_message(Watched(intent, seen))
            if screen is not None:
                screen.observed(seen)
            if is_back(seen):
                app.bell()
                back = f"{safe_text(intent.draft.server_name)} is back: it runs, with a new start time."
                app.notify(back, title="The server is back", timeout=10, markup=False)
        why = ""
    except ConsoleError as error:
        why = str(error)
    finally:
        tell(f"the watch stopped: {why}" if why else f"the watch ended at {clock(datetime.now(UTC))}")
        app.post_message(WatchEnded(intent, why))


def _is_ending() -> bool:
    """Whether the running worker itself is being cancelled, as when the program ends."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


TURN_SWITCHED = "the profile was switched"


async def review(
    app: ConsoleApp,
    session: Session,
    rows: Sequence[Row],
    surroundings_of: Callable[[Row], Surroundings],
    *,
    region_of: Callable[[Row], str] = lambda row: row.server.region_code,
) -> tuple[Turn, ...]:
    """Take the rows through their interrupts, in the order given; returns what became of each.

    Call it in a worker of the app. A row's surroundings are asked for when its turn comes, since the list
    may have been read again during the turns before. Ends with a summary on screen; ends early when
    the operator stops or the account is switched.
    """
    from ncpconsole.tui.screens.review import SKIP, STOP, ReviewScreen, Turn

    turns = [Turn(row.name, row.number) for row in rows]
    for index, row in enumerate(rows):
        answer = await app.push_screen_wait(ReviewScreen(turns, index))
        if answer == STOP:
            break
        if answer == SKIP:
            turns[index] = Turn(row.name, row.number, "skipped", " ")
            continue
        if app.session is not session:
            turns[index] = Turn(row.name, row.number, TURN_SWITCHED, "✗")
            break
        report = await interrupt_flow(
            app,
            session,
            region_of(row),
            row.server.server_instance_no,
            surroundings_of(row),
            row=row,
            position=f"{index + 1} of {len(rows)}",
        )
        turns[index] = turn_of(row, report)
    await app.push_screen_wait(ReviewScreen(turns, None))
    return tuple(turns)


def turn_of(row: Row, report: Report | None) -> Turn:
    """What became of one server, in a word."""
    from ncpconsole.tui.screens.review import Turn
    from ncpconsole.tui.text.interrupt import REFUSED, outcome_text

    if report is None:
        return Turn(row.name, row.number, "not confirmed", " ")
    words = REFUSED if report.refused else outcome_text(report.result.outcome)
    return Turn(row.name, row.number, words.word.lower(), words.mark)
