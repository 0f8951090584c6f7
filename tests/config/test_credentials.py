"""What may be a key, the pair in the environment, and which pair is used: the environment, then the keyring."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.config import keyring_store as credentials
from ncpconsole.config.credentials import (
    FoundPair,
    KeySource,
    checked_pair,
    environment_has_key,
    environment_pair,
    find_pair,
)
from ncpconsole.config.keyring_store import StoredPair
from ncpconsole.config.profiles import Profile
from ncpconsole.core.errors import CredentialsError, MissingCredentials, UnknownProfile
from ncpconsole.ncp.signing import fingerprint, sign

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


PROFILE = Profile(
    name="prod",
    base_url="https://gateway.example",
    site="gateway.example",
    base_url_from="profile prod",
    is_saved=True,
    other_names=("prod", "test"),
)
ENVIRON = {"NCLOUD_ACCESS_KEY": "ENVACCESS", "NCLOUD_SECRET_KEY": "env-secret"}
KEPT = StoredPair(checked_pair("KEPTACCESS", "kept-secret"), "https://gateway.example")


class Keyring:
    """Stands where the keyring is asked, and counts how often it was."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answer: StoredPair | CredentialsError | None = None
        self.asked: list[str] = []
        monkeypatch.setattr(credentials, "load", self.load)

    async def load(self, profile: str, _timeout: object) -> StoredPair | None:
        self.asked.append(profile)
        if isinstance(self.answer, CredentialsError):
            raise self.answer
        return self.answer


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    return Keyring(monkeypatch)


async def found(profile: Profile, environ: dict[str, str]) -> FoundPair:
    return await find_pair(profile, environ=environ)


async def test_the_environment_comes_first_and_no_keyring_is_asked(keyring: Keyring) -> None:
    keyring.answer = KEPT
    pair = await found(PROFILE, ENVIRON)
    assert (pair.source, pair.credentials.access_key, pair.notes) == (KeySource.ENVIRONMENT, "ENVACCESS", ())
    assert keyring.asked == []


async def test_half_a_pair_is_an_error_though_the_keyring_has_one(keyring: Keyring) -> None:
    keyring.answer = KEPT
    with pytest.raises(CredentialsError, match="NCLOUD_SECRET_KEY is not set"):
        await found(PROFILE, {"NCLOUD_ACCESS_KEY": "ENVACCESS"})
    assert keyring.asked == []


async def test_another_key_than_the_profiles_own_is_refused(keyring: Keyring) -> None:
    with pytest.raises(CredentialsError, match="profile prod was logged in with key-other") as caught:
        await found(replace(PROFILE, key_fingerprint="key-other"), ENVIRON)
    assert "Unset the key in the environment" in caught.value.remedy
    same = replace(PROFILE, key_fingerprint=fingerprint("ENVACCESS"))
    assert (await found(same, ENVIRON)).notes == ()


async def test_a_mistyped_profile_never_acts_with_the_environments_key(keyring: Keyring) -> None:
    mistyped = replace(PROFILE, name="prdo", is_saved=False)
    with pytest.raises(CredentialsError, match="no profile prdo; the profiles are prod, test"):
        await found(mistyped, ENVIRON)
    assert (await found(replace(mistyped, other_names=()), ENVIRON)).source is KeySource.ENVIRONMENT
    with pytest.raises(UnknownProfile, match="no profile default; the profiles are prod, test"):
        await found(replace(mistyped, name="default"), ENVIRON)


async def test_then_the_keyring(keyring: Keyring) -> None:
    keyring.answer = KEPT
    pair = await found(PROFILE, {})
    assert (pair.source, pair.credentials.access_key) == (KeySource.KEYRING, "KEPTACCESS")
    assert keyring.asked == ["prod"]


async def test_a_kept_key_is_not_sent_to_another_gateway(keyring: Keyring) -> None:
    keyring.answer = KEPT
    elsewhere = replace(PROFILE, base_url="https://other.example", base_url_from="--api-url")
    with pytest.raises(CredentialsError, match=r"meant for https://gateway.example, but --api-url names"):
        await found(elsewhere, {})


async def test_no_key_anywhere_gives_the_next_step(keyring: Keyring) -> None:
    with pytest.raises(MissingCredentials, match="no key for profile prod") as caught:
        await found(PROFILE, {})
    assert "ncpconsole login --profile prod" in caught.value.remedy


async def test_a_name_that_no_profile_has_is_a_slip_though_the_keyring_may_know_it(keyring: Keyring) -> None:
    mistyped = replace(PROFILE, name="prodd", is_saved=False, other_names=("prod",))
    with pytest.raises(UnknownProfile, match="no profile prodd; the profiles are prod") as caught:
        await found(mistyped, {})
    assert "ncpconsole login --profile prodd" in caught.value.remedy
    with pytest.raises(MissingCredentials):
        await found(replace(mistyped, other_names=()), {})
    keyring.answer = KEPT
    assert (await found(mistyped, {})).source is KeySource.KEYRING


async def test_a_failing_keyring_says_that_the_environment_was_empty_too(keyring: Keyring) -> None:
    keyring.answer = CredentialsError("The keyring backend x is refused.", "Start one.")
    with pytest.raises(CredentialsError, match=r"no key\. The keyring backend x is refused") as caught:
        await found(PROFILE, {})
    assert caught.value.remedy == "Start one."


async def test_a_keyring_that_lost_the_key_is_said_to_have_had_it(keyring: Keyring) -> None:
    logged_in = replace(PROFILE, key_fingerprint="key-12512a5b", key_store="Secret Service")
    with pytest.raises(MissingCredentials) as caught:
        await found(logged_in, {})
    assert "Login kept key-12512a5b in Secret Service, and it is no longer there" in str(caught.value)
    assert "was the keyring reset" in str(caught.value)
