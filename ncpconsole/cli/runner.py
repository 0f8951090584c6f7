"""Run a command's work: in a session, on an event loop, with errors as exit codes and a log file."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import stat
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from ncpconsole.cli.exit_codes import ExitCode
from ncpconsole.cli.options import Options
from ncpconsole.cli.output import CommandFailed, fail, outlasting_readers, warn, write
from ncpconsole.cli.process import SIGNALS, Ended
from ncpconsole.cli.wiring import ReadDeadline, Wiring
from ncpconsole.config.paths import console_paths
from ncpconsole.core.crash import crash_report
from ncpconsole.core.errors import (
    ConfigError,
    ConsoleError,
    CredentialsError,
    GuardUnavailable,
    InvalidNote,
    JournalUnavailable,
    Refused,
    UnknownProfile,
    UnknownRules,
)
from ncpconsole.core.safe_text import safe_block
from ncpconsole.core.wording import RESOLVED_WORDS, in_both_zones, left_behind, outcome_word, who
from ncpconsole.language import shown, tr
from ncpconsole.ncp.errors import ApiError, InvalidBaseUrl, NcpError, NotReached
from ncpconsole.ncp.waits import waits_told_to

if TYPE_CHECKING:
    from ncpconsole.core.records import Intent
    from ncpconsole.core.session import Session

Result = TypeVar("Result")
Given = ParamSpec("Given")

LOG_NAME = "ncpconsole"
REQUESTS = "ncpconsole.requests"
"""The logger of `ncp.transport`, by its name: that file loads httpx."""
LOG_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
LOG_BYTES = 1_000_000
"""Size at which the log file is put aside; one earlier file is kept."""


def run_loop(work: Coroutine[None, None, Result], *, stop: Callable[[], bool] | None = None) -> Result:
    """Do the work to its end, as `asyncio.run` does, and wait for no thread.

    A signal that ends programs calls ``stop``, which must end the work soon; where there is none, or where it
    returns False, the work is cancelled. Raises `Ended` where the work ends by that.
    """

    async def stoppable() -> Result:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def end() -> None:
            if task is not None and not (stop and stop()):
                task.cancel()

        with SIGNALS.cancelling(lambda: loop.call_soon_threadsafe(end)):
            return await work

    try:
        with asyncio.Runner() as runner:
            runner.get_loop().set_default_executor(DaemonThreads())
            return runner.run(stoppable())
    except asyncio.CancelledError:
        if SIGNALS.number:
            raise Ended(SIGNALS.number) from None
        raise


class DaemonThreads(ThreadPoolExecutor):
    """Runs every call on a daemon thread of its own, for which nobody waits when the program ends.

    asyncio resolves names on such threads, and a resolver that gets no answer returns after minutes; a
    keyring that asks for its password may never return.
    """

    def submit(self, fn: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs) -> Future[Result]:
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
    deadline: ReadDeadline | None = None,
) -> Result:
    """Open the chosen profile, do the work, close what was opened. Ends the command where that fails.

    ``unrecordable`` is the exit code when the journal cannot be used; ``deadline`` begins once the key is known.
    """

    from ncpconsole.cli.accounts import UserAccounts

    def tell_of_keyring() -> None:
        warn(tr("Waiting for the OS keyring; unlock it if it asks. Ctrl-C ends the wait."))

    async def run() -> Result:
        async with Wiring(options, UserAccounts(options), deadline=deadline) as wiring:
            session = await wiring.open_session(on_wait=tell_of_keyring)
            for note in (*wiring.notes, *session.notes, *map(recovered_sentence, session.journal.recover())):
                warn(shown(note))
            return await work(session)

    with errors_as_exits(unrecordable), telling_of_waits():
        return run_loop(run())


def telling_of_waits() -> AbstractContextManager[None]:
    """Say on standard error, where somebody looks at it, whose answer is long in coming."""
    if sys.stderr is None or not sys.stderr.isatty():
        return nullcontext()
    return waits_told_to(lambda address: warn(tr("Still waiting for an answer from {address}.", address=address)))


@contextmanager
def errors_as_exits(unrecordable: ExitCode = ExitCode.FAILURE) -> Iterator[None]:
    """Translate the errors of every package into the documented exit codes."""
    try:
        yield
    except CredentialsError as error:
        mistyped = isinstance(error, UnknownProfile)
        fail(f"{shown(error)} {shown(error.remedy)}".strip(), ExitCode.USAGE if mistyped else ExitCode.NO_CREDENTIALS)
    except Refused as error:
        fail(shown(error), ExitCode.REFUSED)
    except GuardUnavailable as error:
        fail(shown(error), ExitCode.REFUSED)
    except JournalUnavailable as error:
        fail(shown(error), unrecordable)
    except (UnknownRules, InvalidNote) as error:
        fail(shown(error), ExitCode.USAGE)
    except ConsoleError as error:
        fail(shown(error), ExitCode.FAILURE)
    except InvalidBaseUrl as error:
        fail(shown(error), ExitCode.USAGE)
    except NcpError as error:
        code = ExitCode.FAILURE
        if isinstance(error, NotReached):
            code = ExitCode.NOT_SENT
        elif isinstance(error, ApiError):
            code = ExitCode.REJECTED
        raise CommandFailed(shown(error), code, ncp_code=error.code, request_ids=error.request_ids) from error


def recovered_sentence(intent: Intent) -> str:
    """What an earlier console left behind, and what to do about it."""
    if not intent.is_unresolved:
        return left_behind(intent)
    what_then = tr(
        "When you know what happened: ncpconsole resolve {id} --as accepted|not-received --note TEXT", id=intent.id
    )
    return f"{left_behind(intent)} {what_then}"


def earlier_sentence(intent: Intent) -> str:
    """When, by whom and from where a server was interrupted before, and what became of it."""
    facts = {
        "when": in_both_zones(intent.time),
        "who": who(intent.origin),
        "outcome": outcome_word(intent.outcome) if intent.outcome else tr("under way"),
    }
    if intent.resolution:
        found = tr(RESOLVED_WORDS[intent.resolution.resolved_as.value])
        note = intent.resolution.note
        return tr("{when} by {who}: {outcome}, resolved as {found}: {note}", **facts, found=found, note=note)
    became = tr("{when} by {who}: {outcome}.", **facts)
    return f"{became} {shown(intent.message)}".rstrip()


def user_log() -> Path | None:
    """Where the user's log is, or None on a machine that gives no place for it."""
    try:
        return console_paths().log
    except ConfigError:
        return None


def log_requests() -> None:
    """From the next `keep_log` on, have each request told in a line: what was asked, and what came; no secret."""
    logging.getLogger(REQUESTS).setLevel(logging.DEBUG)


def keep_log(path: Path | None) -> None:
    """From now on warnings of this program and its libraries go to this file, and never to the terminal.

    With None they are dropped: one that no handler takes would be printed, with the error's words.
    """
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if handler.name == LOG_NAME]:
        root.removeHandler(old)
    handler = logging.NullHandler() if path is None else LogFile(path)
    handler.name = LOG_NAME
    root.addHandler(handler)


def report_crash(error: BaseException, log: Path | None) -> None:
    """Print the report, and keep it in the log, if there is one; the report names its place."""
    kept_in = None
    if log is not None:
        file = LogFile(log)
        what = (type(error), error, error.__traceback__)
        why = "The program failed."  # no message: for the log
        file.emit(logging.LogRecord(LOG_NAME, logging.CRITICAL, "", 0, why, (), what))
        kept_in = log if file.is_written else None
    with outlasting_readers():
        write(crash_report(error, kept_in), error=True, nl=False)


class LogFile(RotatingFileHandler):
    """Writes records from WARNING on, and with ``--debug`` a line for each request.

    Of an error only what `crash_report` tells, no source line.

    The file is opened for each record, since other consoles write and rotate the same one, and is for its
    owner alone. A log that cannot be written must not break what it tells of.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(
            path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace", delay=True
        )
        self.setLevel(logging.DEBUG if logging.getLogger(REQUESTS).isEnabledFor(logging.DEBUG) else logging.WARNING)
        self.is_written = True

    def _open(self) -> TextIOWrapper:
        """The file, if it is ours alone: where others could put a link or a pipe, nothing is written."""
        from ncpconsole.core.journal.files import check_directory

        file = Path(self.baseFilename)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_directory(file.parent)
        stream = os.fdopen(os.open(file, LOG_FLAGS, 0o600), "a", encoding=self.encoding, errors=self.errors)
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            stream.close()
            raise OSError(errno.EPERM, "not a file of its own")  # no message: `emit` drops it
        if hasattr(os, "fchmod"):
            os.fchmod(stream.fileno(), 0o600)
        return stream

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger and message as a line or two, then the report of an error."""
        time = datetime.fromtimestamp(record.created, UTC)
        error = record.exc_info[1] if record.exc_info else None
        report = f"\n{crash_report(error)}" if error is not None else ""
        text = f"{record.levelname} {record.name}: {safe_block(record.getMessage())}{report}"
        return f"{time:%Y-%m-%d %H:%M:%S} UTC\n{text}"

    def emit(self, record: logging.LogRecord) -> None:
        """Append one record; ``is_written`` then tells whether that succeeded."""
        self.is_written = True
        super().emit(record)
        self.close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Remember it, and say nothing."""
        del record
        self.is_written = False
