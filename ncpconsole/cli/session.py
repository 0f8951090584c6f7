"""Joins a profile, its key, client, journal and rules to a session. Loaded at once, behind the first frame."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from tempfile import TemporaryFile
from threading import Thread
from typing import TYPE_CHECKING

from ncpconsole.config.kept_list import KeptList
from ncpconsole.config.paths import console_paths
from ncpconsole.core.eligibility import DEFAULT_RULES, rules_named
from ncpconsole.core.export import record_fields
from ncpconsole.core.interrupter import Interrupter
from ncpconsole.core.session import Identity, Session
from ncpconsole.core.vitals_reader import VitalsReader
from ncpconsole.language import Sentence
from ncpconsole.ncp.client import Client
from ncpconsole.ncp.sites import SITES

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from ncpconsole.cli.options import Options
    from ncpconsole.config.credentials import FoundPair, KeySource
    from ncpconsole.config.profiles import Profile
    from ncpconsole.core.eligibility import Rules
    from ncpconsole.core.journal.journal import Journal
    from ncpconsole.core.policy import Policy
    from ncpconsole.core.records import Intent

SECONDS = 30.0
HELPER = """ # no message: a program of its own, which writes to the log
import datetime, os, signal, subprocess, sys
seconds, log, *command = sys.argv[1:]
why = ""
try:
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    code = child.wait(float(seconds))
    if code:
        why = f"it ended with {code}"
except subprocess.TimeoutExpired:
    why = f"it took longer than {float(seconds):g} seconds and was ended"
    getattr(os, "killpg", os.kill)(child.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
except OSError as error:
    why = str(error.strerror)
if why and log:
    with open(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600), "a") as file:
        time = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        file.write(f"{time} WARNING on_record: the command {command[0]!r} failed: {why}\\n")
"""
"""Outlives the console, so that the command is ended in time also where the console is gone."""


def client_of(profile: Profile, pair: FoundPair) -> Client:
    """The client of a profile's gateway. What is none of NAVER Cloud's sites answers for its other services too."""
    elsewhere = None if profile.site in SITES else profile.base_url
    return Client(
        profile.base_url,
        pair.credentials,
        interrupt_method=pair.policy.interrupt_method,
        activity_url=elsewhere,
        identity_url=elsewhere,
    )


def rules_of(profile: Profile) -> Rules:
    """The rules of who may be interrupted. Raises UnknownRules for a name that none have."""
    return rules_named(profile.rules or DEFAULT_RULES)


async def session_of(
    profile: Profile,
    pair: FoundPair,
    client: Client,
    journal: Journal,
    rules: Rules,
    options: Options,
    *,
    lists: Path | None,
    reading: AbstractAsyncContextManager[None],
) -> Session:
    """The session of a profile. ``reading`` bounds what is read for it, ``lists`` is where its list may be kept."""
    policy = pair.policy
    async with reading:
        identity, _ = await asyncio.gather(_identity(profile, client, pair.source), journal.catch_up())
    incident = options.incident or ""
    vitals = VitalsReader(client, off=_signs_off(options, policy))
    kept = None
    if lists is not None and profile.keep_list:
        kept = KeptList(lists, identity.base_url, identity.key_fingerprint, identity.regions)
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
            profile=profile.name,
            incident=incident,
            vitals=vitals,
            on_record=OnRecord(profile.on_record, console_paths().log) if profile.on_record else None,
        ),
        vitals=vitals,
        incident=incident,
        notes=(*pair.notes, *filter(None, (journal.note, journal.team_trouble))),
        kept=kept,
    )


def _signs_off(options: Options, policy: Policy) -> str:
    """Why no vital signs are asked for, as a clause; empty where they are."""
    if options.no_signs:
        return Sentence("switched off by --no-signs.")
    return "" if policy.vitals else Sentence("switched off in the settings (vitals = false).")


async def _identity(profile: Profile, client: Client, key_source: KeySource) -> Identity:
    """The header's facts; asks the site for its regions where none or all were chosen."""
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


class OnRecord:
    """A command of the user's that is run when an outcome is recorded: for a chat, a ticket system, or anything else.

    It is detached. It gets the record as one JSON object on standard input, the fields of ``history --jsonl``, and has
    `SECONDS`. It can neither delay a send nor change its outcome; that it failed is a line in the log (see ``paths``).
    """

    def __init__(self, command: tuple[str, ...], log: Path | None, seconds: float = SECONDS) -> None:
        """Failures are written to ``log``, if there is one."""
        self._command = command
        self._log = log
        self._seconds = seconds

    def __call__(self, intent: Intent) -> None:
        """Start the command with this record; returns at once, and raises nothing."""
        arguments = [sys.executable, "-I", "-S", "-c", HELPER, str(self._seconds), str(self._log or ""), *self._command]
        try:
            with TemporaryFile() as record:
                record.write(json.dumps(record_fields(intent)).encode("ascii"))
                record.seek(0)
                process = subprocess.Popen(  # noqa: S603 - the user named it, and no shell reads it
                    arguments,
                    stdin=record,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
        except (OSError, ValueError) as error:
            logging.getLogger(__name__).warning("The on_record command could not be started: %s", type(error).__name__)
            return
        # Waited for so that none stays behind while the console lives; nobody waits for the thread.
        Thread(target=process.wait, name="ncpconsole-on-record", daemon=True).start()
