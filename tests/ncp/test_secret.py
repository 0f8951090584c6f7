"""A secret shows itself to nobody but the signer."""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest

from ncpconsole.ncp.errors import InvalidKey, NcpError
from ncpconsole.ncp.signing import Credentials, Secret, fingerprint

CANARY = "SKCANARY-=%\"'비밀-0123456789"


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{:>40}".format, "%s".__mod__, ascii, lambda s: f"{s!r}"])
def test_no_way_of_printing_shows_it(show: object) -> None:
    assert callable(show)
    shown = show(Secret(CANARY))
    assert shown.strip() in {"Secret(…)", "Secret(\\u2026)"}


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy, hash])
def test_it_cannot_be_pickled_copied_or_hashed(leak: object) -> None:
    assert callable(leak)
    with pytest.raises(TypeError) as caught:
        leak(Secret(CANARY))
    assert CANARY not in str(caught.value)


def test_it_has_no_attributes_to_dump() -> None:
    assert not hasattr(Secret(CANARY), "__dict__")


def test_reveal_and_truth_and_equality() -> None:
    assert Secret(CANARY).reveal() == CANARY
    assert Secret("x")
    assert not Secret("")
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret("other")
    assert Secret(CANARY) != CANARY


def test_a_traceback_with_locals_shows_no_secret() -> None:
    def fail(credentials: Credentials) -> None:
        secret = credentials.secret_key
        raise RuntimeError(f"with {secret} and {credentials}")

    with pytest.raises(RuntimeError) as caught:
        fail(Credentials("AKCANARY0123456789AB", Secret(CANARY)))
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    text = "".join(shown.format())
    assert "credentials = " in text
    assert CANARY not in text
    assert "AKCANARY0123456789AB" not in text.replace('Credentials("AKCANARY0123456789AB"', "")


def test_credentials_show_the_fingerprint_alone() -> None:
    credentials = Credentials("AKCANARY0123456789AB", Secret(CANARY))
    assert repr(credentials) == f"Credentials({fingerprint('AKCANARY0123456789AB')})"
    assert not hasattr(credentials, "__dict__")
    with pytest.raises(AttributeError):
        credentials.access_key = "other"  # type: ignore[misc]  # that it cannot be set is what is tested


def test_fingerprints_tell_keys_apart_and_hold_nothing_of_them() -> None:
    one, other = fingerprint("AKCANARY0123456789AB"), fingerprint("AKCANARY0123456789AC")
    assert one != other
    assert one.startswith("key-")
    assert len(one) == 12
    assert "CANARY" not in one


@pytest.mark.parametrize(
    ("access", "secret"),
    [
        ("", "s"),
        ("a", ""),
        ("a b", "s"),
        ("a\n", "s"),
        ("a\r\nX-Header: 1", "s"),
        ("키", "s"),
        ("a\x00", "s"),
        ("a", "\ud800leak"),
    ],
)
def test_keys_that_cannot_be_sent_are_refused_without_being_repeated(access: str, secret: str) -> None:
    with pytest.raises(InvalidKey) as caught:
        Credentials(access, Secret(secret))
    assert isinstance(caught.value, ValueError | NcpError)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "leak" not in str(caught.value)
    assert "X-Header" not in str(caught.value)
