"""Joins the parts: settings, key, client, journal and rules become a session. The only place that does."""

from __future__ import annotations

import asyncio
import gc
import math
import os
import socket
import sys
from contextlib import asynccontextmanager, nullcontext, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ncpconsole import __version__
from ncpconsole.config.paths import console_paths
from ncpconsole.core.errors import JournalUnavailable
from ncpconsole.language import Sentence
from ncpconsole.ncp.errors import NotReached

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from ncpconsole.cli.accounts import Accounts
    from ncpconsole.cli.options import Options
    from ncpconsole.config.credentials import KeySource
    from ncpconsole.config.kept_list import KeptList
    from ncpconsole.config.paths import JournalPlace
    from ncpconsole.config.profiles import Profile
    from ncpconsole.core.journal.anchor import Anchor
    from ncpconsole.core.journal.journal import Journal
    from ncpconsole.core.policy import Policy
    from ncpconsole.core.records import Origin
    from ncpconsole.core.session import Examined, Identity, LoginForm, OnWait, ProfileSummary, Session
    from ncpconsole.ncp.client import Client


WHO = ("LOGNAME", "USER", "LNAME", "USERNAME")
LOGIN_UID = Path("/proc/self/loginuid")
NO_LOGIN = 2**32 - 1
"""What the kernel says of a process that no login started."""


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
        await asyncio.to_thread(_load_parts)
        from ncpconsole.cli.on_record import OnRecord
        from ncpconsole.core.eligibility import DEFAULT_RULES, rules_named
        from ncpconsole.core.interrupter import Interrupter
        from ncpconsole.core.session import Session
        from ncpconsole.core.vitals_reader import VitalsReader
        from ncpconsole.ncp.client import Client
        from ncpconsole.ncp.sites import SITES

        chosen = await self._accounts.profile(profile, region)
        rules = rules_named(chosen.rules or DEFAULT_RULES)
        pair = await self._accounts.pair(chosen, on_wait)
        journal = self.journal()
        client = Client(
            chosen.base_url,
            pair.credentials,
            interrupt_method=pair.policy.interrupt_method,
            activity_url=None if chosen.site in SITES else chosen.base_url,
            identity_url=None if chosen.site in SITES else chosen.base_url,
        )
        self._clients.append(client)
        policy = pair.policy
        incident = self._options.incident or ""
        async with self._reading(policy.send_deadline):
            identity, _ = await asyncio.gather(_identity(chosen, client, pair.source), journal.catch_up())
        vitals = VitalsReader(client, off=_signs_off(self._options, policy))
        return Session(
            identity=identity,
            policy=policy,
            rules=rules,
            gateway=client,
            journal=journal,
            interrupter=Interrupter(
                client,
                journal,
                rules,
                policy,
                profile=chosen.name,
                incident=incident,
                vitals=vitals,
                on_record=OnRecord(chosen.on_record, console_paths().log) if chosen.on_record else None,
            ),
            vitals=vitals,
            incident=incident,
            notes=(*pair.notes, *filter(None, (journal.note, journal.team_trouble))),
            kept=self._kept(chosen, identity),
        )

    def _reading(self, seconds: float) -> AbstractAsyncContextManager[None]:
        """Bound what is read where the command wants that, from now on: the wait for a keyring does not count."""
        if self._deadline is None:
            return nullcontext()
        self._deadline.begin(seconds)
        return self._deadline()

    def _kept(self, profile: Profile, identity: Identity) -> KeptList | None:
        from ncpconsole.config.kept_list import KeptList

        if self._accounts.lists is None or not profile.keep_list:
            return None
        return KeptList(self._accounts.lists, identity.base_url, identity.key_fingerprint, identity.regions)

    def journal(self) -> Journal:
        """The journal, opened at the first call. One that cannot be used is opened for reading alone."""
        if self._journal is None:
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


def journal_at(place: JournalPlace, *, anchor: Anchor | None = None, tells_syslog: bool = False) -> Journal:
    """The journal at this place, the team's beside it where there is one.

    One that cannot be used is opened for reading alone.
    """
    from ncpconsole.core.journal.anchor import SystemLog
    from ncpconsole.core.journal.journal import Journal

    log = SystemLog() if tells_syslog else None
    try:
        if place.team:
            from ncpconsole.config.keyring_store import team_password
            from ncpconsole.core.journal.team import open_team_journal

            return open_team_journal(
                place.path,
                place.team,
                origin(),
                ask_password=team_password,
                anchor=anchor,
                system_log=log,
                is_shared=place.is_shared,
            )
        return Journal.open(place.path, origin(), anchor=anchor, system_log=log, is_shared=place.is_shared)
    except JournalUnavailable as error:
        return Journal.open_for_reading(place.path, origin(), error)


def _load_parts() -> None:
    """Import what a session needs. It takes 100 ms; on a thread a key waits for 45 of them at most.

    There is next to no garbage while it loads, and what was loaded need not be looked at again.
    """
    parts = ("core.interrupter", "core.journal.journal", "core.vitals_reader", "config.credentials", "ncp.client")
    gc.disable()
    try:
        for part in parts:
            import_module(f"ncpconsole.{part}")
        gc.freeze()
    finally:
        gc.enable()


def _signs_off(options: Options, policy: Policy) -> str:
    """Why no vital signs are asked for, as a clause; empty where they are."""
    if options.no_signs:
        return Sentence("switched off by --no-signs.")
    return "" if policy.vitals else Sentence("switched off in the settings (vitals = false).")


async def _identity(profile: Profile, client: Client, key_source: KeySource) -> Identity:
    """The header's facts; asks the site for its regions where none or all were chosen."""
    from ncpconsole.core.session import Identity

    regions = profile.regions
    if not regions:
        known = tuple(region.region_code for region in await client.regions())
        regions = known if profile.all_regions else known[:1]
    return Identity(
        profile=profile.name,
        site=profile.site,
        base_url=profile.base_url,
        key_fingerprint=client.key_fingerprint,
        key_source=str(key_source),
        key_source_short=key_source.short,
        regions=regions,
        all_regions=profile.all_regions,
    )


def origin(environ: Mapping[str, str] = os.environ) -> Origin:
    """Who acts, by the operating system; what variables say stands beside it and proves nothing.

    The login uid is that of the session, and stays through su and sudo (``/proc/self/loginuid``).
    """
    from ncpconsole.core.records import Origin

    uid = os.getuid() if hasattr(os, "getuid") else None
    name = _user_name(uid)
    ssh_client = next(iter(environ.get("SSH_CONNECTION", "").split()), "")
    return Origin(
        user=name or ("unknown" if uid is None else str(uid)),  # a container may run as a bare number
        host=socket.gethostname(),
        terminal=f"{_terminal()} from {ssh_client} over SSH" if ssh_client else _terminal(),  # no message: stored
        version=__version__,
        uid=uid,
        uid_name=name,
        login_uid=_login_uid(),
        sudo_user=environ.get("SUDO_USER", ""),
        ssh_client=ssh_client,
        variables={name: environ[name] for name in WHO if environ.get(name)},
    )


def _user_name(uid: int | None) -> str:
    if uid is None or sys.platform == "win32":
        with suppress(OSError):
            return os.getlogin()  # Windows says it itself, and asks no variable
        return ""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def _login_uid() -> int | None:
    try:
        found = int(LOGIN_UID.read_text("ascii"))
    except (OSError, ValueError):
        return None
    return None if found == NO_LOGIN else found


def _terminal() -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        return "no terminal"  # no message: stored
    return os.ttyname(sys.stdin.fileno()) if hasattr(os, "ttyname") else "console"
