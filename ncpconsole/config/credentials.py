"""Which pair a session uses: the environment's, then the profile's in the OS keyring, then none."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ncpconsole.config import keyring_store as store
from ncpconsole.config.pairs import environment_pair
from ncpconsole.core.errors import CredentialsError, MissingCredentials, UnknownProfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ncpconsole.config.keyring_store import CallTimeout
    from ncpconsole.config.profiles import Profile
    from ncpconsole.ncp.signing import Credentials


class KeySource(StrEnum):
    """Where a pair came from, in words for the header."""

    ENVIRONMENT = "key from the environment"
    KEYRING = "key from the OS keyring"
    DEMO = "the demo's own key"

    @property
    def short(self) -> str:
        """The same for a narrow header; empty for the demo, whose name says it."""
        return {KeySource.ENVIRONMENT: "env key", KeySource.KEYRING: "keyring key"}.get(self, "")


@dataclass(frozen=True, slots=True)
class FoundPair:
    """The pair to use, where it came from, and sentences the operator should see before acting with it."""

    credentials: Credentials
    source: KeySource
    notes: tuple[str, ...] = ()


def find_pair(
    profile: Profile, *, patience: CallTimeout | None = None, environ: Mapping[str, str] = os.environ
) -> FoundPair:
    """The pair for a profile. Raises MissingCredentials with the next step, or CredentialsError."""
    found = _from_environment(profile, environ)
    if found is not None:
        return found
    with _nothing_in_environment():
        stored = store.load(profile.name, patience)
    return _from_keyring(profile, stored)


async def find_pair_async(
    profile: Profile, *, patience: CallTimeout | None = None, environ: Mapping[str, str] = os.environ
) -> FoundPair:
    """The same for a coroutine; cancelling it returns at once, whatever the keyring does."""
    found = _from_environment(profile, environ)
    if found is not None:
        return found
    with _nothing_in_environment():
        stored = await store.load_async(profile.name, patience)
    return _from_keyring(profile, stored)


@contextmanager
def _nothing_in_environment() -> Iterator[None]:
    """Begin the keyring's failure with the other place that was looked at."""
    try:
        yield
    except CredentialsError as error:
        sentence = str(error)
        if sentence.startswith("The "):
            sentence = sentence[:1].lower() + sentence[1:]
        raise CredentialsError(f"The environment holds no key, and {sentence}", error.remedy) from error


def _from_environment(profile: Profile, environ: Mapping[str, str]) -> FoundPair | None:
    from ncpconsole.ncp.signing import fingerprint

    pair = environment_pair(environ)
    if pair is None:
        return None
    if _is_mistyped(profile):
        # A mistyped name would otherwise act with the environment's key and without the profile's protection.
        raise _unknown(profile, "leave it out to use the environment's key")
    notes: tuple[str, ...] = ()
    mark = fingerprint(pair.access_key)
    if profile.key_fingerprint and profile.key_fingerprint != mark:
        notes = (
            f"The environment's key ({mark}) is used, not the one kept for profile {profile.name} "
            f"({profile.key_fingerprint}).",
        )
    return FoundPair(pair, KeySource.ENVIRONMENT, notes)


def _is_mistyped(profile: Profile) -> bool:
    """Whether the name is none of those in the settings file, though that has some."""
    return not profile.is_kept and bool(profile.neighbours) and profile.is_named


def _unknown(profile: Profile, otherwise: str) -> UnknownProfile:
    return UnknownProfile(
        f"There is no profile {profile.name}; the profiles are {', '.join(profile.neighbours)}.",
        f"Correct the name, {otherwise}, or run `ncpconsole login --profile {profile.name}`.",
    )


def _from_keyring(profile: Profile, stored: store.StoredPair | None) -> FoundPair:
    login = f"`ncpconsole login --profile {profile.name}`"
    if stored is None and _is_mistyped(profile):
        raise _unknown(profile, "set NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY and leave it out")
    if stored is None:
        raise MissingCredentials(
            f"There is no key for profile {profile.name}, neither in the environment nor in the OS keyring.",
            f"Run {login}, or set NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY.",
        )
    if stored.base_url != profile.base_url:
        raise CredentialsError(
            f"The key of profile {profile.name} is meant for {stored.base_url}, "
            f"but {profile.base_url_from} names {profile.base_url}.",
            f"Use another profile for that gateway, or run {login} again with it.",
        )
    return FoundPair(stored.credentials, KeySource.KEYRING)
