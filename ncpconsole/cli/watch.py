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
from ncpconsole.core.watch import changes, is_back
from ncpconsole.core.wording import clock_and_zone

if TYPE_CHECKING:
    from ncpconsole.core.journal.journal import Journal
    from ncpconsole.core.records import Intent, Observation
    from ncpconsole.core.session import Session


@click.command()
@click.argument("which", metavar="SERVER|ID")
@click.option("--jsonl", is_flag=True, help="Print JSON Lines.")
@shared_options("profile", "region", "api_url")
def watch_command(options: Options, which: str, jsonl: bool) -> None:
    """Watch a server after its interrupt, until it is back or the time is over (exit code 1).

    SERVER is its name or number, ID the id of a record, as printed by history.
    """
    with errors_as_exits(), opened_journal() as journal:
        intent = _latest(journal, which)
    if intent is None:
        fail(f"No interrupt is recorded here that may have reached {which}.")
    options = replace(options, profile=options.profile or intent.draft.profile)
    back = next(filter(is_back, intent.observations), None)
    teller = _Teller(replace(intent, observations=()) if back is not None else intent, jsonl=jsonl)

    async def until_back(session: Session) -> Observation | None:
        async with aclosing(session.interrupter.watch(intent)) as changes:
            async for seen in changes:
                teller.tell(seen)
                if is_back(seen):
                    return seen
        return None

    if back is not None:
        teller.tell(back)
    elif in_session(options, until_back) is None:
        fail(f"{intent.draft.server_name}, number {intent.draft.server_no}, was not seen back.")


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


class _Teller:
    """Prints what is seen: in JSON Lines every observation, in words each change once."""

    def __init__(self, intent: Intent, *, jsonl: bool) -> None:
        self._intent = intent
        self._jsonl = jsonl
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
                say(f"{clock_and_zone(change.time)}  {change}")
