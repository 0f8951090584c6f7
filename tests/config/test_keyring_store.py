"""Which keyrings are trusted, and what becomes of their failures. The real one is in test_secret_service."""

from __future__ import annotations

import asyncio
import builtins
import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import keyring.errors
import pytest
from keyring.backends import SecretService, Windows, chainer, fail, kwallet, libsecret, macOS, null

from ncpconsole.config import keyring_store as credentials
from ncpconsole.config.credentials import checked_pair
from ncpconsole.config.keyring_store import CallTimeout, OsKeyring, StoredPair, accepted
from ncpconsole.core.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from keyring.backend import KeyringBackend

PAIR = StoredPair(checked_pair("CANARYACCESS", "canary-secret"), "https://gateway.example")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (SecretService.Keyring, "Secret Service"),
        (libsecret.Keyring, "libsecret"),
        (kwallet.DBusKeyring, "KWallet"),
        (kwallet.DBusKeyringKWallet4, "KWallet"),
        (Windows.WinVaultKeyring, "Windows Credential Locker"),
        (macOS.Keyring, "macOS Keychain"),
    ],
)
def test_the_keyrings_of_operating_systems_are_accepted(kind: type[KeyringBackend], name: str) -> None:
    assert accepted(kind()).name == name


def made(kind: Any) -> Any:
    """One of a class whose constructor has no types."""
    return kind()


class Derived(SecretService.Keyring):
    """Keeps its items who knows where."""


class Chain(chainer.ChainerBackend):
    """A chain whose links the test chooses."""

    backends: list[KeyringBackend] = []  # noqa: RUF012  # as in the class it stands for


Chain.__module__, Chain.__qualname__ = chainer.__name__, chainer.ChainerBackend.__qualname__


def in_a_chain(monkeypatch: pytest.MonkeyPatch, *links: KeyringBackend) -> KeyringBackend:
    monkeypatch.setattr(Chain, "backends", list(links))
    chain: KeyringBackend = made(Chain)
    return chain


def test_everything_else_is_refused_by_name() -> None:
    for backend, name in (
        (made(null.Keyring), "keyring.backends.null.Keyring"),
        (made(fail.Keyring), "keyring.backends.fail.Keyring"),
        (made(Derived), f"{__name__}.Derived"),
    ):
        with pytest.raises(CredentialsError, match=f"{name} is refused") as caught:
            accepted(backend)
        assert "gnome-keyring-daemon" in caught.value.remedy
        assert "NCLOUD_SECRET_KEY" in caught.value.remedy


def test_a_chain_is_looked_into_and_only_a_trusted_link_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    trusted = made(SecretService.Keyring)
    assert accepted(in_a_chain(monkeypatch, made(null.Keyring), trusted)).backend is trusted
    refused = in_a_chain(monkeypatch, made(null.Keyring), made(fail.Keyring))
    with pytest.raises(CredentialsError, match=r"null\.Keyring, keyring\.backends\.fail\.Keyring is refused"):
        accepted(refused)
    with pytest.raises(CredentialsError, match="ChainerBackend is refused"):
        accepted(in_a_chain(monkeypatch))


REFUSED = {
    "keyrings.alt.file.PlaintextKeyring": {},
    "keyring.backends.fail.Keyring": {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
    "keyring.backends.null.Keyring": {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
    "keyrings.alt.file.EncryptedKeyring": {"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.EncryptedKeyring"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_keyring_would_choose_without_a_bus_stores_nothing(name: str, private_environment: Path) -> None:
    pytest.importorskip("keyrings.alt", reason="keyrings.alt is a dev dependency")
    code = """
from ncpconsole.cli.runner import run_loop
from ncpconsole.config import keyring_store as credentials
from ncpconsole.config.credentials import checked_pair
from ncpconsole.core.errors import CredentialsError
pair = credentials.StoredPair(checked_pair("CANARYACCESS", "canary-secret"), "https://x.example")
works = {"keep": ("p", pair), "load": ("p",), "forget": ("p",)}
for name, arguments in works.items():
    try:
        print("no error:", run_loop(getattr(credentials, name)(*arguments)))
    except CredentialsError as error:
        print(error)
"""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **REFUSED[name]},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    lines = ran.stdout.splitlines()
    assert len(lines) == 3
    assert all(f"The keyring backend {name}" in line for line in lines)
    assert all("is refused" in line or "cannot be used" in line for line in lines)
    written = [path for path in private_environment.rglob("*") if path.is_file()]
    assert not [path for path in written if b"canary" in path.read_bytes().lower()]
    assert written == []


class Failing(SecretService.Keyring):
    """A keyring that fails in a chosen way while it holds the secret in its locals."""

    error: BaseException

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        held = password
        raise self.error from RuntimeError(held)


class PywinError(Exception):
    """Derives from nothing that keyring knows, as pywintypes.error does."""


class LockedException(Exception):  # named as in the library it stands for
    """As secretstorage's, which keyring lets through."""


FAILURES = [
    (keyring.errors.KeyringLocked("canary-secret"), "Secret Service is locked and was not unlocked"),
    (LockedException("canary-secret"), "is locked and was not unlocked"),
    (keyring.errors.InitError("canary-secret"), r"failed \(InitError\)"),
    (keyring.errors.PasswordSetError("canary-secret"), r"failed \(PasswordSetError\)"),
    (keyring.errors.NoKeyringError("canary-secret"), r"failed \(NoKeyringError\)"),
    (PywinError(1783, "CredWrite", "canary-secret"), r"failed \(PywinError\)"),
    (ModuleNotFoundError("canary-secret", name="win32cred"), r"a module of it is missing \(win32cred\)"),
    (ConnectionResetError(104, "canary-secret"), r"failed \(ConnectionResetError\)"),
    (UnicodeEncodeError("utf-8", "canary-secret", 0, 1, "canary-secret"), r"failed \(UnicodeEncodeError\)"),
    (AssertionError("canary-secret"), r"failed \(AssertionError\)"),
]


def everything_an_error_holds(error: BaseException) -> str:
    """The texts and the local variables of an error and of all that hangs on it."""
    seen: list[str] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is None:
            continue
        seen.append(f"{current!r} {current.args} {vars(current)}")
        trace = current.__traceback__
        while trace is not None:
            if "/tests/" not in trace.tb_frame.f_code.co_filename:
                seen.append(repr(trace.tb_frame.f_locals))
            trace = trace.tb_next
        waiting += [current.__cause__, current.__context__]
    return "\n".join(seen)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Put a backend behind the doors of the module."""

    def use(backend: Any) -> None:
        monkeypatch.setattr(credentials, "_found_keyring", lambda: OsKeyring("Secret Service", backend))

    return use


@pytest.mark.parametrize(("error", "sentence"), FAILURES)
async def test_every_failure_is_a_sentence_that_holds_no_secret(
    error: BaseException, sentence: str, use: Callable[[Any], None]
) -> None:
    failing: Any = made(Failing)
    failing.error = error
    use(failing)
    for work in (lambda: credentials.keep("prod", PAIR), lambda: credentials.load("prod")):
        with pytest.raises(CredentialsError, match=sentence) as caught:
            await work()
        assert caught.value.remedy
        assert "canary-secret" not in everything_an_error_holds(caught.value)


async def test_failures_reach_a_coroutine_in_the_same_words(use: Callable[[Any], None]) -> None:
    failing: Any = made(Failing)
    failing.error = keyring.errors.KeyringLocked()
    use(failing)
    with pytest.raises(CredentialsError, match="is locked"):
        await credentials.load("prod")
    with pytest.raises(CredentialsError, match="is locked"):
        await credentials.keep("prod", PAIR)


async def test_a_missing_library_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_keyring(name: str, *rest: Any, **named: Any) -> Any:
        if name == "keyring":
            raise ModuleNotFoundError("No module named 'keyring'", name="keyring")
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without_keyring)
    with pytest.raises(CredentialsError, match=r"The OS keyring cannot be used: .* missing \(keyring\)"):
        await credentials.load("prod")


class Shelf(SecretService.Keyring):
    """A keyring in memory."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.items[service, username]


async def test_an_item_is_one_json_value_under_names_that_say_nothing(use: Callable[[Any], None]) -> None:
    shelf = Shelf()
    use(shelf)
    assert await credentials.keep("결제 prod", PAIR) == "Secret Service"
    [((service, user), text)] = shelf.items.items()
    assert json.loads(text) == {
        "version": 1,
        "access_key": "CANARYACCESS",
        "secret_key": "canary-secret",
        "base_url": "https://gateway.example",
    }
    assert service == "ncpconsole"
    assert len(user) == 32
    for told in ("결제", "prod", "CANARY", "gateway"):
        assert told not in user
    assert await credentials.load("결제 prod") == PAIR
    assert await credentials.load("other") is None
    assert (await credentials.forget("결제 prod"), await credentials.forget("결제 prod")) == (True, False)


@pytest.mark.parametrize(
    "text",
    ["", "canary-secret", "[]", "{}", "null", '{"access_key": 1, "secret_key": "canary-secret", "base_url": ""}'],
)
async def test_a_strange_item_is_a_sentence_that_does_not_repeat_it(text: str, use: Callable[[Any], None]) -> None:
    shelf = Shelf()
    use(shelf)
    await credentials.keep("prod", PAIR)
    shelf.items = dict.fromkeys(shelf.items, text)
    with pytest.raises(CredentialsError, match="is not one that this console wrote") as caught:
        await credentials.load("prod")
    assert "login --profile prod" in caught.value.remedy
    assert "canary" not in str(caught.value)


async def test_an_item_larger_than_windows_keeps_is_refused_everywhere(use: Callable[[Any], None]) -> None:
    shelf = Shelf()
    use(shelf)
    fits = StoredPair(checked_pair("A" * 512, "S" * 512), "https://x.example")
    await credentials.keep("prod", fits)
    [text] = shelf.items.values()
    assert len(text.encode("utf-16-le")) <= 2560
    with pytest.raises(CredentialsError, match="2560 bytes"):
        await credentials.keep("prod", StoredPair(checked_pair("A" * 512, "🔑" * 512), "https://x.example"))
    assert list(shelf.items.values()) == [text]


async def test_a_keyring_that_forgets_at_once_is_found_out(use: Callable[[Any], None]) -> None:
    class Forgetful(Shelf):
        def set_password(self, service: str, username: str, password: str) -> None:
            return

    use(Forgetful())
    with pytest.raises(CredentialsError, match="did not keep what was stored"):
        await credentials.keep("prod", PAIR)


class Locked(Shelf):
    """A keyring whose prompt is answered when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.prompting = threading.Event()
        self.answered = threading.Event()
        self.done = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.prompting.set()
        assert self.answered.wait(20)
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password)
        self.done.set()


@pytest.mark.parametrize("how", ["cancelled", "given up", "answered"])
async def test_what_was_called_off_is_not_stored_when_the_prompt_is_answered_later(
    how: str, use: Callable[[Any], None]
) -> None:
    locked = Locked()
    use(locked)
    before = set(threading.enumerate())
    patience = CallTimeout(0.1 if how == "given up" else 20)
    keeping = asyncio.create_task(credentials.keep("prod", PAIR, patience))
    assert await asyncio.to_thread(locked.prompting.wait, 20)
    if how == "cancelled":
        keeping.cancel()
    if how != "answered":
        with pytest.raises(asyncio.CancelledError if how == "cancelled" else CredentialsError):
            await keeping
    locked.answered.set()
    if how == "answered":
        assert await keeping == "Secret Service"
    for thread in {each for each in threading.enumerate() if each.name == "ncpconsole-call"} - before:
        await asyncio.to_thread(thread.join, 20)
    assert locked.done.is_set() == (how == "answered")
    assert bool(locked.items) == (how == "answered")


async def test_the_round_trip_leaves_nothing_and_touches_no_profile(use: Callable[[Any], None]) -> None:
    shelf = Shelf()
    use(shelf)
    await credentials.keep("prod", PAIR)
    before = dict(shelf.items)
    assert await credentials.round_trip("canary 결제", CallTimeout(20))
    assert shelf.items == before
