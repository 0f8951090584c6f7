"""Walking through marked servers one by one: each is read, confirmed and typed on its own.

There is no bulk send: between two servers stands this queue, and each has its own dialog.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.tui.interrupt_flow import interrupt_flow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ncpconsole.core.inventory import Row
    from ncpconsole.core.listing import Surroundings
    from ncpconsole.core.report import Report
    from ncpconsole.core.session import Session
    from ncpconsole.tui.app import ConsoleApp
    from ncpconsole.tui.screens.review import Turn

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
    from ncpconsole.tui.widgets.outcome_text import REFUSED, outcome_text

    if report is None:
        return Turn(row.name, row.number, "not confirmed", " ")
    words = REFUSED if report.refused else outcome_text(report.result.outcome)
    return Turn(row.name, row.number, words.word.lower(), words.mark)
