"""Finds the key pair of a session: from the environment, else the profile's command or the OS keyring, else none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ncpconsole.core.errors import CredentialsError, MissingCredentials, UnknownProfile
from ncpconsole.ncp.errors import InvalidKey
from ncpconsole.ncp.signing import Credentials, Secret, fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ncpconsole.config.keyring_store import CallTimeout, StoredPair
    from ncpconsole.config.profiles import Profile
    from ncpconsole.core.policy import Policy

ACCESS_VARIABLES = ("NCLOUD_ACCESS_KEY_ID", "NCLOUD_ACCESS_KEY")
SECRET_VARIABLES = ("NCLOUD_SECRET_ACCESS_KEY", "NCLOUD_SECRET_KEY")
COPY_AGAIN = "Copy it again from the console of NAVER Cloud (My Page, Manage Auth Key)."


def checked_pair(access_key: str, secret_key: str, where: str = "") -> Credentials:
    """The two as credentials; ``where`` completes "The access key … in the environment".

    Raises CredentialsError, which quotes neither.
    """
    try:
        return Credentials(access_key, Secret(secret_key))
    except InvalidKey as error:
        place = f" {where}" if where else ""
        raise CredentialsError(f"The {error.key}{place} {error.fault}.", COPY_AGAIN) from error


def environment_pair(environ: Mapping[str, str] = os.environ) -> Credentials | None:
    """The pair in the environment, or None when neither half is set; an empty variable counts as not set.

    Each half has two names, from two generations of NCP's tools; they may be mixed. Raises CredentialsError
    for half a pair, and where the two names of one half differ: which account is meant is then unclear.
    """
    access_key = _half(environ, ACCESS_VARIABLES)
    secret_key = _half(environ, SECRET_VARIABLES)
    if access_key is None and secret_key is None:
        return None
    if access_key is None:
        raise _half_missing("access key", ACCESS_VARIABLES, "secret key")
    if secret_key is None:
        raise _half_missing("secret key", SECRET_VARIABLES, "access key")
    return checked_pair(access_key, secret_key, "in the environment")


def environment_has_key(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment holds a pair, or half of one, that will be looked at before any keyring."""
    return any(environ.get(name) for name in (*ACCESS_VARIABLES, *SECRET_VARIABLES))


def _half(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    values = {environ[name] for name in names if environ.get(name)}
    if len(values) > 1:
        raise CredentialsError(
            f"{' and '.join(names)} hold different values, so it is unclear which account is meant.",
            "Unset one of them.",
        )
    return values.pop() if values else None


def _half_missing(missing: str, names: tuple[str, ...], present: str) -> CredentialsError:
    return CredentialsError(
        f"The environment holds the {present} but not the {missing}: {' or '.join(names)} is not set.",
        f"Set it, or unset the {present} to use a key kept by `ncpconsole login`.",
    )


class KeySource(StrEnum):
    """Where a pair came from, in words for the header."""

    ENVIRONMENT = "key from the environment"
    KEYRING = "key from the OS keyring"
    SESSION = "key of this session only"
    COMMAND = "key from the profile's key_command"
    DEMO = "the demo's own key"

    @property
    def short(self) -> str:
        """The same for a narrow header; empty for the demo, whose name says it."""
        return {
            KeySource.ENVIRONMENT: "env key",
            KeySource.KEYRING: "keyring key",
            KeySource.SESSION: "session key",
            KeySource.COMMAND: "command's key",
        }.get(self, "")


@dataclass(frozen=True, slots=True)
class FoundPair:
    """The pair to use, where it came from, and what is allowed with it.

    ``notes`` are sentences that the operator should see before acting with it.
    """

    credentials: Credentials
    source: KeySource
    policy: Policy
    notes: tuple[str, ...] = ()


async def find_pair(
    profile: Profile, *, wait: CallTimeout | None = None, environ: Mapping[str, str] = os.environ
) -> FoundPair:
    """The pair for a profile. Cancelling it returns at once, whatever the keyring does.

    Raises MissingCredentials with the next step, or CredentialsError.
    """
    found = _from_environment(profile, environ)
    if found is not None:
        return found
    if profile.key_command:
        return await _from_command(profile)
    from ncpconsole.config import keyring_store  # a key in the environment needs no event loop

    try:
        stored = await keyring_store.load(profile.name, wait)
    except CredentialsError as error:
        sentence = str(error)
        if sentence.startswith("The "):
            sentence = sentence[:1].lower() + sentence[1:]
        raise CredentialsError(f"The environment holds no key, and {sentence}", error.remedy) from error
    return _from_keyring(profile, stored)


def session_pair(profile: Profile, stored: StoredPair) -> FoundPair:
    """A pair that was typed and is kept nowhere. Raises CredentialsError for another gateway than its own."""
    return _from_stored(profile, stored, KeySource.SESSION)


def _from_environment(profile: Profile, environ: Mapping[str, str]) -> FoundPair | None:
    pair = environment_pair(environ)
    if pair is None:
        return None
    if _is_mistyped(profile):
        # A mistyped name would otherwise act with the environment's key and without the profile's protection.
        raise _unknown(profile)
    mark = fingerprint(pair.access_key)
    if profile.key_fingerprint and profile.key_fingerprint != mark:
        raise CredentialsError(
            f"The environment's key is {mark}, but profile {profile.name} was logged in with "
            f"{profile.key_fingerprint}.",
            "Unset the key in the environment to use the profile's own, or name the profile that it belongs "
            "to (`ncpconsole profiles` lists their keys).",
        )
    return FoundPair(pair, KeySource.ENVIRONMENT, *profile.policy_for(mark))


async def _from_command(profile: Profile) -> FoundPair:
    """What the profile's own command gives; the keyring is not asked then, whatever becomes of it."""
    from ncpconsole.config.key_command import pair_from

    pair = checked_pair(*await pair_from(profile.key_command), "from the profile's key_command")
    mark = fingerprint(pair.access_key)
    if profile.key_fingerprint and profile.key_fingerprint != mark:
        raise CredentialsError(
            f"The key_command of profile {profile.name} gave {mark}, but it was logged in with "
            f"{profile.key_fingerprint}.",
            f"Run `ncpconsole logout --profile {profile.name}` if the new key is meant.",
        )
    return FoundPair(pair, KeySource.COMMAND, *profile.policy_for(mark))


def _is_mistyped(profile: Profile) -> bool:
    """Whether the name is none of those in the settings file, though that has some."""
    return not profile.is_saved and bool(profile.other_names)


def _unknown(profile: Profile) -> UnknownProfile:
    return UnknownProfile(
        f"There is no profile {profile.name}; the profiles are {', '.join(profile.other_names)}.",
        "Name one of them (--profile, NCLOUD_PROFILE or default_profile), or run "
        f"`ncpconsole login --profile {profile.name}`.",
    )


def _from_keyring(profile: Profile, stored: StoredPair | None) -> FoundPair:
    login = f"`ncpconsole login --profile {profile.name}`"
    if stored is None and _is_mistyped(profile):
        raise _unknown(profile)
    if stored is None:
        raise MissingCredentials(
            f"There is no key for profile {profile.name}, neither in the environment nor in the OS keyring."
            + _was_kept(profile),
            f"Run {login}, or set NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY.",
        )
    return _from_stored(profile, stored, KeySource.KEYRING)


def _was_kept(profile: Profile) -> str:
    if not (profile.key_fingerprint and profile.key_store):
        return ""
    return (
        f" Login kept {profile.key_fingerprint} in {profile.key_store}, and it is no longer there: was the "
        "keyring reset, or is it another one now? `ncpconsole profiles` shows what was last written."
    )


def _from_stored(profile: Profile, stored: StoredPair, source: KeySource) -> FoundPair:
    if stored.base_url != profile.base_url:
        raise CredentialsError(
            f"The key of profile {profile.name} is meant for {stored.base_url}, "
            f"but {profile.base_url_from} names {profile.base_url}.",
            f"Use another profile for that gateway, or run `ncpconsole login --profile {profile.name}` again with it.",
        )
    policy, notes = profile.policy_for(fingerprint(stored.credentials.access_key))
    return FoundPair(stored.credentials, source, policy, notes)
