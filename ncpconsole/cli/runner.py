"""Run a command's work in a session and turn what goes wrong into one sentence and an exit code."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from ncpconsole.cli.exits import CommandFailed, ExitCode, fail
from ncpconsole.cli.loop import run_loop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from ncpconsole.cli.options import Options
    from ncpconsole.core.journal.records import Intent
    from ncpconsole.core.session import Session

Result = TypeVar("Result")


def in_session(
    options: Options,
    work: Callable[[Session], Awaitable[Result]],
    *,
    unrecordable: ExitCode = ExitCode.FAILURE,
) -> Result:
    """Open the chosen profile, do the work, close what was opened. Ends the command where that fails.

    ``unrecordable`` is the exit code when the journal cannot be used.
    """
    from ncpconsole.cli.accounts import UserSource
    from ncpconsole.cli.output import say
    from ncpconsole.cli.wiring import Wiring

    async def run() -> Result:
        async with Wiring(options, UserSource(options)) as wiring:
            session = await wiring.open_session(on_wait=_tell_of_the_keyring)
            for note in (*wiring.notes, *session.notes, *map(recovered_sentence, session.journal.recover())):
                say(note, error=True)
            return await work(session)

    with errors_as_exits(unrecordable):
        return run_loop(run())


@contextmanager
def errors_as_exits(unrecordable: ExitCode = ExitCode.FAILURE) -> Iterator[None]:
    """Translate the errors of every package into the documented exit codes."""
    from ncpconsole.core.errors import (
        ConsoleError,
        CredentialsError,
        JournalUnavailable,
        Refused,
        UnknownProfile,
        UnknownRules,
    )
    from ncpconsole.ncp.errors import ApiError, InvalidBaseUrl, NcpError, NotReached

    try:
        yield
    except CredentialsError as error:
        mistyped = isinstance(error, UnknownProfile)
        fail(f"{error} {error.remedy}".strip(), ExitCode.USAGE if mistyped else ExitCode.NO_CREDENTIALS)
    except Refused as error:
        fail(str(error), ExitCode.REFUSED)
    except JournalUnavailable as error:
        fail(str(error), unrecordable)
    except UnknownRules as error:
        fail(str(error), ExitCode.USAGE)
    except ConsoleError as error:
        fail(str(error), ExitCode.FAILURE)
    except InvalidBaseUrl as error:
        fail(error.sentence, ExitCode.USAGE)
    except NcpError as error:
        code = ExitCode.FAILURE
        if isinstance(error, NotReached):
            code = ExitCode.NOT_SENT
        elif isinstance(error, ApiError):
            code = ExitCode.REJECTED
        raise CommandFailed(error.sentence, code, ncp_code=error.code, request_id=error.request_id) from error


def recovered_sentence(intent: Intent) -> str:
    """What an earlier console left behind, and what it was found to be."""
    whom = f"{intent.draft.server_name} ({intent.draft.server_no})"
    if intent.is_unresolved:
        return (
            f"An earlier console ended while it sent an interrupt to {whom}: the outcome is unknown and the "
            f"server is locked. When you know what happened: ncpconsole resolve {intent.id} "
            "--as accepted|not-received --note TEXT"
        )
    return f"An earlier console ended before it sent an interrupt to {whom}: it was not sent."


def earlier_sentence(intent: Intent) -> str:
    """When, by whom and from where a server was interrupted before, and what became of it."""
    outcome = intent.outcome.value.replace("_", " ") if intent.outcome else "under way"
    who = f"{intent.origin.user}@{intent.origin.host}"
    where = f" ({intent.origin.terminal})" if intent.origin.terminal else ""
    became = f"{outcome}. {intent.message}"
    if intent.resolution:
        became = f"{outcome}, resolved as {intent.resolution.resolved_as.value}: {intent.resolution.note}"
    return f"{intent.time:%Y-%m-%d %H:%M:%S} UTC by {who}{where}: {became}".strip()


def _tell_of_the_keyring() -> None:
    from ncpconsole.cli.output import say

    say("Waiting for the OS keyring; unlock it if it asks. Ctrl-C ends the wait.", error=True)
