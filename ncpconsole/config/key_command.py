"""A key pair from a command of the user's, such as a password manager's: run once, in bounded time, shown nowhere."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from io import BytesIO
from subprocess import DEVNULL, PIPE, Popen

from ncpconsole.core.errors import CredentialsError
from ncpconsole.language import msgid, tr

SECONDS = 60.0
"""How long the command may take: a password manager may ask for a finger first."""
MOST_BYTES = 64 * 1024
FORM = msgid(
    'It must print {"accessKey": "…", "secretKey": "…"}, or the access key and the secret key on a line each, and end '
    "with 0."
)


async def pair_from(command: tuple[str, ...], seconds: float = SECONDS) -> tuple[str, str]:
    """What the command prints, as access key and secret key. No shell reads it, and it gets no input.

    Raises CredentialsError, which quotes neither the command nor what it printed. Where it takes too long, or is
    waited for no more, it and what it started are ended.
    """
    process = _started(command)
    try:
        async with asyncio.timeout(seconds):
            printed, code = await asyncio.to_thread(_finished, process)
    except TimeoutError:
        sentence = tr("The profile's key_command took longer than {seconds:g} seconds.", seconds=seconds)
        raise CredentialsError(sentence, tr(FORM)) from None
    finally:
        _end(process)
    if code:
        raise CredentialsError(tr("The profile's key_command ended with {code}.", code=code), tr(FORM))
    found = _pair_in(printed)
    if found is None:
        raise CredentialsError(tr("What the profile's key_command printed is no key pair."), tr(FORM))
    return found


def _started(command: tuple[str, ...]) -> Popen[bytes]:
    try:
        return Popen(  # noqa: S603 - the user named it, and no shell reads it
            command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, start_new_session=True
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or tr("it is no command")
        sentence = tr("The profile's key_command cannot be started: {why}.", why=why)
        raise CredentialsError(sentence, tr(FORM)) from None


def _finished(process: Popen[bytes]) -> tuple[bytes, int]:
    """What it printed and its exit code; of more than is taken, the beginning, and it is not waited for."""
    with process.stdout or BytesIO() as output:
        printed = output.read(MOST_BYTES + 1)
    return (printed, 0) if len(printed) > MOST_BYTES else (printed, process.wait())


def _end(process: Popen[bytes]) -> None:
    """End it with all that it started, if it runs yet."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _pair_in(printed: bytes) -> tuple[str, str] | None:
    if len(printed) > MOST_BYTES:
        return None
    try:
        text = printed.decode("utf-8")
        document = json.loads(text) if text.lstrip().startswith("{") else None
    except ValueError:
        return None
    if document is None:
        parts = text.split()
        return (parts[0], parts[1]) if len(parts) == 2 else None
    keys = [document.get(name) for name in ("accessKey", "secretKey")]
    return (keys[0], keys[1]) if all(isinstance(key, str) and key for key in keys) else None
