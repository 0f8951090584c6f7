"""Run a command's work in a session and turn what goes wrong into one sentence and an exit code."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from ncpconsole.cli.output import CommandFailed, ExitCode, fail

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator
    from pathlib import Path

    from ncpconsole.cli.options import Options
    from ncpconsole.core.journal.records import Intent
    from ncpconsole.core.session import Session


Result = TypeVar("Result")
Given = ParamSpec("Given")


def run_loop(work: Coroutine[None, None, Result]) -> Result:
    """Do the work to its end, as `asyncio.run` does, and wait for no thread."""
    with asyncio.Runner() as runner:
        runner.get_loop().set_default_executor(DaemonThreads())
        return runner.run(work)


class DaemonThreads(ThreadPoolExecutor):
    """Runs every call on a daemon thread of its own, for which nobody waits when the program ends.

    asyncio resolves names on such threads, and a resolver that gets no answer returns after minutes.
    """

    def submit(
        self, fn: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Future[Result]:
        """Begin a call."""
        future: Future[Result] = Future()

        def call() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits, whatever it is
                future.set_exception(error)
            else:
                future.set_result(result)

        Thread(target=call, name="ncpconsole-call", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for nothing: what still runs ends with the program."""


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


def write_report(log: Path, report: str) -> bool:
    """Append the report with its time; False where that fails, so that one crash does not hide another."""
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(file, "a", encoding="utf-8", errors="backslashreplace") as lines:
            lines.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n{report}\n")
    except OSError:
        return False
    return True


def user_log() -> Path | None:
    """Where the user's log is, or None on a machine that gives no place for it."""
    from ncpconsole.config.paths import console_paths
    from ncpconsole.config.settings import ConfigError

    try:
        return console_paths().log
    except ConfigError:
        return None


def no_log() -> Path | None:
    """The demo's: nothing of the user's is touched."""
    return None


def tell_of_crash(error: BaseException, log: Path | None) -> None:
    """Print the report, and keep it in the log, if there is one; the report names its place."""
    from ncpconsole.core.crash import crash_report

    kept = log is not None and write_report(log, crash_report(error))
    sys.stderr.write(crash_report(error, log if kept else None))


def keep_logs(place: Callable[[], Path | None] = user_log) -> None:
    """From now on warnings of this program and its libraries go to the log, and never to the terminal.

    ``place`` says where the log is when there is something to write. Where it says None, it is dropped: a
    message that no handler takes would be printed, with the error's words.
    """
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, LogFile)]:
        root.removeHandler(old)
    root.addHandler(LogFile(place))


class LogFile(logging.Handler):
    """Writes records from WARNING on; of an error only what `crash_report` tells, no source line."""

    def __init__(self, place: Callable[[], Path | None]) -> None:
        super().__init__(logging.WARNING)
        self._place = place

    def emit(self, record: logging.LogRecord) -> None:
        """Append one record; a log that cannot be written must not break what it tells of."""
        log = self._place()
        if log is None:
            return
        from ncpconsole.core.crash import crash_report
        from ncpconsole.core.safe_text import safe_block

        error = record.exc_info[1] if record.exc_info else None
        text = f"{record.levelname} {record.name}: {safe_block(record.getMessage())}"
        write_report(log, f"{text}\n{crash_report(error)}" if error is not None else text)
