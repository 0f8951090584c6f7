"""``ncpconsole watch``: tell what becomes of a server after its interrupt, as the console does."""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ncpconsole.cli.history import opened_journal
from ncpconsole.cli.options import Options, shared_options
from ncpconsole.cli.output import fail, say, write
from ncpconsole.cli.runner import errors_as_exits, in_session
from ncpconsole.core.export import observation_fields
from ncpconsole.core.vitals import LifeState
from ncpconsole.core.watch import changes, is_back, is_sign_of_life
from ncpconsole.core.wording import clock_and_zone
from ncpconsole.language import msgid, tr

if TYPE_CHECKING:
    from ncpconsole.core.journal.journal import Journal
    from ncpconsole.core.records import Intent, Observation
    from ncpconsole.core.session import Session


NOT_BACK = msgid("{name}, number {number}, was not seen back.")


@click.command(
    help=tr(
        "Watch a server after its interrupt, until it is back or the time is over (exit code 1).\n\n"
        "Where an agent in the guest sends its metrics, it is back with the first of them.\n\n"
        "SERVER is its name or number, ID the id of a record, as printed by history."
    )
)
@click.argument("which", metavar="SERVER|ID")
@click.option("--jsonl", is_flag=True, help=tr("Print JSON Lines."))
@shared_options("profile", "region", "api_url", "no_signs")
def watch_command(options: Options, which: str, jsonl: bool) -> None:
    """Watch a server after its interrupt, until it is back or the time is over."""
    with errors_as_exits(), opened_journal() as journal:
        intent = _latest(journal, which)
    if intent is None:
        fail(tr("No interrupt is recorded here that may have reached {server}.", server=which))
    options = replace(options, profile=options.profile or intent.draft.profile)
    back = next((one for one in reversed(intent.observations) if is_sign_of_life(one) or is_back(one)), None)
    teller = Teller(replace(intent, observations=()) if back is not None else intent, jsonl=jsonl)

    async def until_back(session: Session) -> bool:
        return await watched(session, intent, teller)

    if back is not None:
        teller.tell(back)
    elif not in_session(options, until_back):
        fail(tr(NOT_BACK, name=intent.draft.server_name, number=intent.draft.server_no))


async def watched(session: Session, intent: Intent, teller: Teller) -> bool:
    """Tell what is seen until the server is back or the time is over; whether it was seen back.

    A guest whose agent is known is waited for until its first sign of life: that proves more than a new start.
    """
    number, back = intent.draft.server_no, False
    signs = (await session.vitals.read([number]))[number]
    has_agent = signs.state in (LifeState.ALIVE, LifeState.SILENT)
    async with aclosing(session.interrupter.watch(intent)) as observations:
        async for seen in observations:
            teller.tell(seen)
            back = back or is_back(seen) or is_sign_of_life(seen)
            if is_sign_of_life(seen) or (back and not has_agent):
                return True
    return back


def _latest(journal: Journal, which: str) -> Intent | None:
    """The newest interrupt of this server, or of this id, that may have reached it."""
    return next(
        (
            intent
            for intent in journal.intents()
            if which in {intent.id, intent.draft.server_no, intent.draft.server_name} and intent.may_have_reached
        ),
        None,
    )


class Teller:
    """Prints what is seen: in JSON Lines every observation, in words each change once; ``error`` says where to."""

    def __init__(self, intent: Intent, *, jsonl: bool = False, error: bool = False) -> None:
        self._intent = intent
        self._jsonl = jsonl
        self._error = error
        self._told = set(changes(intent))

    def tell(self, seen: Observation) -> None:
        """Print one more observation."""
        if self._jsonl:
            write(json.dumps(observation_fields(seen), ensure_ascii=True))
            return
        self._intent = replace(self._intent, observations=(*self._intent.observations, seen))
        for change in changes(self._intent):
            if change not in self._told:
                self._told.add(change)
                say(f"{clock_and_zone(change.time)}  {change}", error=self._error)
