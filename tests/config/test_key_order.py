"""The environment, then the keyring, then the next step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ncpconsole.config import keyring_store as credentials
from ncpconsole.config.credentials import FoundPair, KeySource, checked_pair, find_pair
from ncpconsole.config.keyring_store import StoredPair
from ncpconsole.config.profiles import Profile
from ncpconsole.core.errors import CredentialsError, MissingCredentials, UnknownProfile
from ncpconsole.ncp.signing import fingerprint

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
    with pytest.raises(CredentialsError, match="no key, and the keyring backend x is refused") as caught:
        await found(PROFILE, {})
    assert caught.value.remedy == "Start one."


async def test_a_keyring_that_lost_the_key_is_said_to_have_had_it(keyring: Keyring) -> None:
    logged_in = replace(PROFILE, key_fingerprint="key-12512a5b", key_store="Secret Service")
    with pytest.raises(MissingCredentials) as caught:
        await found(logged_in, {})
    assert "Login kept key-12512a5b in Secret Service, and it is no longer there" in str(caught.value)
    assert "was the keyring reset" in str(caught.value)
