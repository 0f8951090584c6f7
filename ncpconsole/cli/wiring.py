"""Joins the parts: settings, key, client, journal and rules become a session. The only place that does."""

from __future__ import annotations

import asyncio
import gc
import math
from contextlib import asynccontextmanager, nullcontext, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Self

from ncpconsole.language import Sentence
from ncpconsole.ncp.errors import NotReached

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager

    from ncpconsole.cli.accounts import Accounts
    from ncpconsole.cli.options import Options
    from ncpconsole.core.journal.journal import Journal
    from ncpconsole.core.session import Examined, LoginForm, OnWait, ProfileSummary, Session
    from ncpconsole.ncp.client import Client


PARTS = ("ncpconsole.cli.session", "ncpconsole.cli.journal", "ncpconsole.config.credentials")
"""What opening an account needs; it takes 30 ms to load."""
REQUEST_PARTS = ("ncpconsole.ncp.reads", "ncpconsole.ncp.insight", "anyio._backends._asyncio")
"""What the first request needs, and a kept list does not; it takes 70 ms to load."""
LATER_PARTS = ("ncpconsole.ncp.interrupt", "filelock", "ulid")
"""What vital signs and a record need; it takes 20 ms to load, which is done while the first answer is waited for."""
SENT_WITHIN = 0.03
"""Seconds in which the first request has left."""


class ReadDeadline:
    """Ends what is read for one command, all of it together. Until it begins it ends nothing."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._end: float | None = None

    def begin(self, seconds: float) -> None:
        """Let everything be read within so many seconds from now."""
        self._seconds, self._end = seconds, asyncio.get_running_loop().time() + seconds

    @property
    def remaining(self) -> float:
        """Seconds that are left; without an end until it begins."""
        return math.inf if self._end is None else max(0.0, self._end - asyncio.get_running_loop().time())

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        """Read within what is left. Raises NotReached once that is over."""
        try:
            async with asyncio.timeout_at(self._end) as scope:
                yield
        except TimeoutError as error:
            if not scope.expired():
                raise
            raise NotReached(
                Sentence(
                    "What is read before a send was not there within {seconds:g} seconds (--timeout).",
                    seconds=self._seconds,
                )
            ) from error


class Wiring:
    """Opens sessions, and closes everything it opened. What the screens know as their console."""

    def __init__(self, options: Options, accounts: Accounts, *, deadline: ReadDeadline | None = None) -> None:
        self._options = options
        self._accounts = accounts
        self._deadline = deadline
        self._journal: Journal | None = None
        self._clients: list[Client] = []
        self._loading: asyncio.Task[None] | None = None
        self.notes = accounts.notes

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections and the journal."""
        for client in self._clients:
            await client.aclose()
        if self._journal is not None:
            self._journal.close()
        await self._accounts.aclose()

    async def open_session(
        self, profile: str | None = None, region: str | None = None, *, on_wait: OnWait | None = None
    ) -> Session:
        """Open a profile; see `core.session.Console.open_session`."""
        await asyncio.to_thread(_load, PARTS)
        from ncpconsole.cli.session import client_of, rules_of, session_of

        chosen = await self._accounts.profile(profile, region)
        rules = rules_of(chosen)
        pair = await self._accounts.pair(chosen, on_wait)
        journal = self.journal()
        client = client_of(chosen, pair)
        self._clients.append(client)
        return await session_of(
            chosen,
            pair,
            client,
            journal,
            rules,
            self._options,
            lists=self._accounts.lists,
            reading=self._reading(pair.policy.send_deadline),
        )

    async def load_rest(self) -> None:
        """Load what the first request needs, and a record soon after; see `core.session.Console.load_rest`."""
        await asyncio.to_thread(_load, REQUEST_PARTS)
        self._loading = asyncio.create_task(_load_later())

    def _reading(self, seconds: float) -> AbstractAsyncContextManager[None]:
        """Bound what is read where the command wants that, from now on: the wait for a keyring does not count."""
        if self._deadline is None:
            return nullcontext()
        self._deadline.begin(seconds)
        return self._deadline()

    def journal(self) -> Journal:
        """The journal, opened at the first call. One that cannot be used is opened for reading alone."""
        if self._journal is None:
            from ncpconsole.cli.journal import journal_at

            self._journal = journal_at(
                self._accounts.journal_place, anchor=self._accounts.anchor, tells_syslog=self._accounts.tells_syslog
            )
        return self._journal

    def profiles(self) -> Sequence[ProfileSummary]:
        return self._accounts.profiles()

    async def login(self, form: LoginForm, *, on_wait: OnWait | None = None, session_only: bool = False) -> str:
        """Test a key and keep it; see `core.session.Console.login`."""
        return await self._accounts.login(form, on_wait, session_only=session_only)

    def examine(self, profile: str | None) -> AsyncIterator[Examined]:
        """What the doctor finds; see `core.session.Console.examine`."""
        return self._accounts.examine(profile)

    def places(self) -> Sequence[tuple[str, str]]:
        """Where things are kept; see `core.session.Console.places`."""
        return self._accounts.places()

    async def keyring_note(self) -> str:
        """What to say before a key is typed; see `core.session.Console.keyring_note`."""
        return await self._accounts.keyring_note()


async def _load_later() -> None:
    await asyncio.sleep(SENT_WITHIN)
    await asyncio.to_thread(_load, LATER_PARTS)


def _load(parts: Iterable[str]) -> None:
    """Import them, on a thread, where a key waits for 45 ms at most.

    There is next to no garbage while they load, and what was loaded need not be looked at again.
    """
    gc.disable()
    try:
        for part in parts:
            with suppress(ImportError):  # told by whoever uses it: one of the names is the HTTP library's own
                import_module(part)
        gc.freeze()
    finally:
        gc.enable()
