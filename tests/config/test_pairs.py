"""What may be a key, and the pair in the environment."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.config.credentials import checked_pair, environment_has_key, environment_pair
from ncpconsole.core.errors import CredentialsError
from ncpconsole.ncp.signing import sign

HARD_SECRET = ("Zz0=%\"'`$\\{}결제🔑 +/&?#" * 8)[:128]
ACCESS_NAMES = ("NCLOUD_ACCESS_KEY_ID", "NCLOUD_ACCESS_KEY")
SECRET_NAMES = ("NCLOUD_SECRET_ACCESS_KEY", "NCLOUD_SECRET_KEY")


@pytest.mark.parametrize(("access", "secret"), itertools.product(ACCESS_NAMES, SECRET_NAMES))
def test_both_generations_of_names_may_be_mixed(access: str, secret: str) -> None:
    pair = environment_pair({access: "AK", secret: "SK"})
    assert pair is not None
    assert (pair.access_key, pair.secret_key.reveal()) == ("AK", "SK")


def test_no_half_or_empty_halves_are_no_pair() -> None:
    assert environment_pair({}) is None
    assert environment_pair(dict.fromkeys((*ACCESS_NAMES, *SECRET_NAMES), "")) is None
    assert not environment_has_key({ACCESS_NAMES[0]: ""})
    assert environment_has_key({SECRET_NAMES[1]: "SK"})


@pytest.mark.parametrize("present", ACCESS_NAMES)
def test_a_missing_secret_is_named(present: str) -> None:
    with pytest.raises(CredentialsError, match="NCLOUD_SECRET_ACCESS_KEY or NCLOUD_SECRET_KEY is not set"):
        environment_pair({present: "AK"})


@pytest.mark.parametrize("present", SECRET_NAMES)
def test_a_missing_access_key_is_named(present: str) -> None:
    with pytest.raises(CredentialsError, match="NCLOUD_ACCESS_KEY_ID or NCLOUD_ACCESS_KEY is not set"):
        environment_pair({present: "canary-secret", ACCESS_NAMES[0]: ""})


def test_two_names_of_one_half_must_agree() -> None:
    agreeing = dict.fromkeys(ACCESS_NAMES, "AK") | dict.fromkeys(SECRET_NAMES, "SK")
    assert environment_pair(agreeing) is not None
    with pytest.raises(CredentialsError, match="hold different values") as caught:
        environment_pair(agreeing | {SECRET_NAMES[0]: "canary-secret"})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("access", "secret", "complaint"),
    [
        ("", "SK", "access key is empty"),
        ("AK", "", "secret key is empty"),
        ("AK ", "SK", "access key holds a space"),
        ("A\nK", "SK", "access key holds"),
        ("A\x7fK", "SK", "access key holds"),
        ("열쇠", "SK", "access key holds"),
        ("Ä", "SK", "access key holds"),
        ("AK", "SK\r", "secret key holds"),
        ("AK", "S\x00K", "secret key holds"),
        ("AK", "S\ud800K", "secret key holds"),
        ("A" * 513, "SK", "access key is longer than 512"),
        ("AK", "S" * 513, "secret key is longer than 512"),
    ],
)
def test_what_cannot_be_a_key_is_a_sentence(access: str, secret: str, complaint: str) -> None:
    with pytest.raises(CredentialsError, match=complaint):
        checked_pair(access, secret)


def test_a_hard_secret_signs() -> None:
    assert len(HARD_SECRET) == 128
    pair = checked_pair("AK", HARD_SECRET)
    assert pair.secret_key.reveal() == HARD_SECRET
    assert len(sign("GET", "/", "1", pair.access_key, pair.secret_key.reveal())) == 44


@given(st.text(max_size=600), st.text(max_size=600))
def test_whatever_is_given_becomes_a_pair_that_can_sign_or_a_complaint_that_quotes_nothing(
    access: str, secret: str
) -> None:
    try:
        pair = checked_pair(access, secret)
    except CredentialsError as error:
        assert len(secret) < 12 or secret not in f"{error} {error.remedy}"  # noqa: PT017  # either may happen
        return
    pair.access_key.encode("latin-1")
    assert sign("GET", "/", "1", pair.access_key, pair.secret_key.reveal())
