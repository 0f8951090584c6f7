"""Keys in the keyring of the operating system: one item per profile. The only module that imports keyring.

Calls run on the event loop's threads, because a locked keyring may ask its user and wait without limit; the
loop of `cli.runner` waits for none of them when the program ends. Errors are translated outside the
``except`` that caught them: a keyring library's frames hold secrets in their locals.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import threading
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from ncpconsole.core.errors import CredentialsError
from ncpconsole.core.journal.anchor import MACHINE_ANCHORS, Anchor, AnchorUnavailable, FileAnchor
from ncpconsole.language import Sentence, msgid, tr
from ncpconsole.ncp.errors import InvalidKey
from ncpconsole.ncp.signing import Credentials, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyring.backend import KeyringBackend


T = TypeVar("T")

PROBE_SECONDS = 5.0
"""How long a keyring may take to say that it is there."""
UNLOCK_SECONDS = 120.0
"""How long a user may take to unlock it."""
NOTICE_SECONDS = 1.0
"""After this long, whoever waits is told what for."""


@dataclass(frozen=True, slots=True)
class CallTimeout:
    """How long to wait, in seconds, and what to call once when the wait becomes noticeable."""

    seconds: float = UNLOCK_SECONDS
    notice: Callable[[], None] | None = None
    notice_after: float = NOTICE_SECONDS


async def call(work: Callable[[], T], wait: CallTimeout) -> T:
    """Run ``work`` on a thread; raises what it raises, or TimeoutError. Cancelling it returns at once.

    A thread that nobody waits for any more goes on; what it returns later is dropped.
    """
    notice = None
    if wait.notice is not None:
        notice = asyncio.get_running_loop().call_later(wait.notice_after, wait.notice)
    try:
        async with asyncio.timeout(wait.seconds):
            return await asyncio.to_thread(work)
    finally:
        if notice is not None:
            notice.cancel()


SERVICE = "ncpconsole"
ITEM_BYTES = 2560
"""The most that Windows keeps in one item, as UTF-16; the limit everywhere, so that a pair fits anywhere."""

ACCEPTED = {
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.libsecret.Keyring": "libsecret",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.kwallet.DBusKeyringKWallet4": "KWallet",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Locker",
    "keyring.backends.macOS.Keyring": "macOS Keychain",
}
SILENT = frozenset({"Windows Credential Locker", "macOS Keychain"})
"""Keyrings that let the program that stored an item read it again without a word."""
CHAINER = "keyring.backends.chainer.ChainerBackend"
WHY_REFUSED = {
    "keyring.backends.fail.Keyring": msgid("it means that no keyring was found"),
    "keyring.backends.null.Keyring": msgid("it stores nothing"),
}
NOT_OF_THE_SYSTEM = msgid("it is not a keyring of the operating system, so keys are not entrusted to it")
THE_KEYRING = msgid("The OS keyring")
BACKEND_VARIABLE = "PYTHON_KEYRING_BACKEND"
START_ONE = msgid(
    "Start the keyring of your desktop (GNOME Keyring or KWallet; on a machine without a desktop: "
    "dbus-run-session and gnome-keyring-daemon --unlock), remove PYTHON_KEYRING_BACKEND and keyringrc.cfg "
    "where they name another, or set NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY in the environment."
)
UNLOCK_IT = msgid("Unlock it and try again, or set NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY in the environment.")
LOCKED = frozenset({"KeyringLocked", "LockedException", "PromptDismissedException"})


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A profile's item: the pair, and the gateway it was tested with and is meant for."""

    credentials: Credentials
    base_url: str


@dataclass(frozen=True, slots=True)
class OsKeyring:
    """An accepted keyring; ``name`` is what users call it. ``given_up`` is set when nobody waits any more."""

    name: str
    backend: KeyringBackend
    given_up: threading.Event = field(default_factory=threading.Event)

    def unlocked_item(self, user: str) -> str | None:
        """The item's text. Unlocks, and so may wait long; raises when its caller has gone meanwhile.

        Comes before every change: what was called off must not happen when the prompt is answered at last.
        """
        text = self.backend.get_password(SERVICE, user)
        if self.given_up.is_set():
            raise CredentialsError(tr("This was called off."))
        return text


async def load(profile: str, wait: CallTimeout | None = None) -> StoredPair | None:
    """The profile's pair, or None where the keyring has none. Raises CredentialsError."""

    def work(found: OsKeyring) -> StoredPair | None:
        text = found.unlocked_item(_user(f"profile {profile}"))
        return None if text is None else _decoded(text, profile)

    return await _run(work, wait)


async def keep(profile: str, pair: StoredPair, wait: CallTimeout | None = None) -> str:
    """Store the pair in place of the profile's earlier one; returns the keyring's name.

    Cancelled while the keyring waits to be unlocked, nothing is stored. Raises CredentialsError.
    """

    def work(found: OsKeyring) -> str:
        user, text = _user(f"profile {profile}"), _encoded(pair)
        if len(text.encode("utf-16-le")) > ITEM_BYTES:
            raise CredentialsError(
                tr("The pair is too long: an item of a keyring holds {bytes} bytes.", bytes=ITEM_BYTES),
                tr("Check the two keys."),
            )
        found.unlocked_item(user)
        found.backend.set_password(SERVICE, user, text)
        if found.backend.get_password(SERVICE, user) != text:
            sentence = tr("{keyring} did not keep what was stored in it.", keyring=found.name)
            raise CredentialsError(sentence, tr(START_ONE))
        return found.name

    return await _run(work, wait)


async def forget(profile: str, wait: CallTimeout | None = None) -> bool:
    """Remove the profile's pair; False where there was none. Raises CredentialsError."""

    def work(found: OsKeyring) -> bool:
        user = _user(f"profile {profile}")
        if found.unlocked_item(user) is None:
            return False
        found.backend.delete_password(SERVICE, user)
        return True

    return await _run(work, wait)


async def keyring_name() -> str:
    """The name of the keyring that would be used; asks for no unlocking. Raises CredentialsError."""
    return await _run(lambda found: found.name, CallTimeout(PROBE_SECONDS))


async def round_trip(text: str, wait: CallTimeout) -> bool:
    """Store ``text`` in an item apart, read it back, remove it; whether it came back whole.

    Raises CredentialsError.
    """

    def work(found: OsKeyring) -> bool:
        user = _user("round trip")  # no message: a name of an item
        found.unlocked_item(user)
        found.backend.set_password(SERVICE, user, text)
        try:
            return found.backend.get_password(SERVICE, user) == text
        finally:
            found.backend.delete_password(SERVICE, user)

    return await _run(work, wait)


def team_password(url: str) -> str:
    """The password of the team's database at this address; empty where there is none.

    Asks no user, and so takes none from a keyring that is locked. Raises nothing.
    """

    def read() -> str:
        found = _found_keyring()
        return "" if _why_it_would_ask(found) else found.backend.get_password(SERVICE, _user(f"team {url}")) or ""

    try:
        return _guarded(read, tr(THE_KEYRING))()
    except CredentialsError:
        return ""


async def keep_team_password(url: str, password: str) -> str:
    """Store the password of the team's database; returns the keyring's name. Raises CredentialsError."""

    def work(found: OsKeyring) -> str:
        user = _user(f"team {url}")
        found.unlocked_item(user)
        found.backend.set_password(SERVICE, user, password)
        return found.name

    return await _run(work, None)


class KeyringAnchor:
    """Keeps the journal's length and head in an item of its own: a `core.journal.anchor.Anchor`.

    Asks no user: a keyring that is locked, or that cannot tell so without asking, counts as out of reach.
    """

    name = Sentence("the OS keyring")

    def read(self) -> str:
        """The item's text, empty where there is none. Raises AnchorUnavailable."""
        return self._call(lambda found: found.backend.get_password(SERVICE, _user("journal")) or "")

    def write(self, text: str) -> None:
        """Store the text. Raises AnchorUnavailable."""
        self._call(lambda found: found.backend.set_password(SERVICE, _user("journal"), text))

    def _call(self, work: Callable[[OsKeyring], T]) -> T:
        def call_unlocked() -> T:
            found = _found_keyring()
            if why := _why_it_would_ask(found):
                raise CredentialsError(why)
            return work(found)

        try:
            return _guarded(call_unlocked, tr(THE_KEYRING))()
        except CredentialsError as error:
            raise AnchorUnavailable(str(error)) from error


def user_anchor() -> Anchor:
    """The second place of the record's length: the machine's where there is one, else the OS keyring."""
    return FileAnchor() if MACHINE_ANCHORS.is_dir() else KeyringAnchor()


def _why_it_would_ask(found: OsKeyring) -> str:
    """Why a call would ask the user something first, as a sentence; empty when it would not."""
    if found.name in SILENT:
        return ""
    if found.name != "Secret Service":
        return tr("{keyring} might ask for a password.", keyring=found.name)
    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        try:
            # Not get_default_collection, which makes one where there is none, and asks for its password.
            collection = secretstorage.Collection(bus)
        except secretstorage.ItemNotFoundException:
            return tr("{keyring} has no collection yet.", keyring=found.name)
        return tr("{keyring} is locked.", keyring=found.name) if collection.is_locked() else ""


def _user(what: str) -> str:
    """A user name that says nothing: the attributes of an item can be read while the keyring is locked."""
    return hashlib.sha256(f"{SERVICE}\0{what}".encode()).hexdigest()[:32]


def _encoded(pair: StoredPair) -> str:
    item = {
        "version": 1,
        "access_key": pair.credentials.access_key,
        "secret_key": pair.credentials.secret_key.reveal(),
        "base_url": pair.base_url,
    }
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"))


def _decoded(text: str, profile: str) -> StoredPair:
    try:
        item = json.loads(text)
        access_key, secret_key, base_url = item["access_key"], item["secret_key"], item["base_url"]
        if isinstance(access_key, str) and isinstance(secret_key, str) and isinstance(base_url, str):
            return StoredPair(Credentials(access_key, Secret(secret_key)), base_url)
    except (InvalidKey, ValueError, KeyError, TypeError):
        pass
    raise CredentialsError(
        tr("The keyring's item for profile {profile} is not one that this console wrote.", profile=profile),
        tr("Run `ncpconsole login --profile {profile}` to replace it.", profile=profile),
    )


async def _run(work: Callable[[OsKeyring], T], wait: CallTimeout | None) -> T:
    found: OsKeyring | None = None
    try:
        found = await call(_guarded(_found_keyring, tr(THE_KEYRING)), CallTimeout(PROBE_SECONDS))
        keyring = found
        return await call(_guarded(lambda: work(keyring), found.name), wait or CallTimeout())
    except TimeoutError:
        name = found.name if found else ""
    finally:
        if found is not None:
            found.given_up.set()
    if not name:
        raise CredentialsError(tr("The OS keyring does not answer."), tr(START_ONE))
    sentence = tr("{keyring} did not answer in time; it may be waiting to be unlocked.", keyring=name)
    raise CredentialsError(sentence, tr(UNLOCK_IT))


def _guarded(work: Callable[[], T], name: str) -> Callable[[], T]:
    """``work`` with foreign errors translated; the translation carries no frame of the keyring library."""

    def guarded() -> T:
        try:
            return work()
        except CredentialsError:
            raise
        except Exception as error:  # noqa: BLE001  # backends raise pywintypes.error, D-Bus and import errors too
            failure = _translated(error, name)
        raise failure

    return guarded


def _translated(error: Exception, name: str) -> CredentialsError:
    """One sentence for a keyring's failure. Only the error's kind is quoted: its text may hold a secret."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if kinds & LOCKED:
        return CredentialsError(tr("{keyring} is locked and was not unlocked.", keyring=name), tr(UNLOCK_IT))
    if isinstance(error, ImportError):
        return CredentialsError(
            tr(
                "{keyring} cannot be used: a module of it is missing ({module}).",
                keyring=name,
                module=error.name or "?",
            ),
            tr(START_ONE),
        )
    failed = tr("{keyring} failed ({error}).", keyring=name, error=type(error).__name__)
    return CredentialsError(failed, tr(START_ONE))


def _found_keyring() -> OsKeyring:
    import keyring

    try:
        return accepted(keyring.get_keyring())
    except (ImportError, AttributeError, RuntimeError) as error:
        # Nothing secret has been touched yet, so its words may be quoted. A chain, and a backend
        # named by the user, fail here when they cannot be used; so does a chain whose service has ended.
        named = os.environ.get(BACKEND_VARIABLE)
        why = str(error).rstrip(".")
        sentence = tr("The OS keyring cannot be used: {why}.", why=why)
        if named:
            unusable = msgid("The keyring backend {backend}, which {variable} names, cannot be used: {why}.")
            sentence = tr(unusable, backend=named, variable=BACKEND_VARIABLE, why=why)
        raise CredentialsError(sentence, tr(START_ONE)) from error


def accepted(backend: KeyringBackend) -> OsKeyring:
    """The keyring behind ``backend`` if it encrypts and belongs to the system; a chain is looked into.

    Raises CredentialsError that names what was found instead. There is no plaintext fallback.
    """
    candidates: list[Any] = list(backend.backends) if _path(backend) == CHAINER else [backend]  # type: ignore[attr-defined]  # a chainer has them
    for candidate in candidates:
        if name := ACCEPTED.get(_path(candidate)):
            return OsKeyring(name, candidate)
    found = ", ".join(_path(candidate) for candidate in candidates) or _path(backend)
    refused = msgid("The keyring backend {backend} is refused: {why}. Nothing was stored or read.")
    raise CredentialsError(tr(refused, backend=found, why=tr(WHY_REFUSED.get(found, NOT_OF_THE_SYSTEM))), tr(START_ONE))


def _path(backend: object) -> str:
    # The exact class: one that derives from an accepted backend may keep its items anywhere.
    return f"{type(backend).__module__}.{type(backend).__qualname__}"
