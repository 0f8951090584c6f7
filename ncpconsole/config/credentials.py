"""Finds the key pair of a session: from the environment, else the profile's command or the OS keyring, else none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ncpconsole.core.errors import CredentialsError, MissingCredentials, UnknownProfile
from ncpconsole.language import Sentence, msgid, shown, tr
from ncpconsole.ncp.errors import ACCESS_KEY, SECRET_KEY, InvalidKey
from ncpconsole.ncp.signing import Credentials, Secret, fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ncpconsole.config.keyring_store import CallTimeout, StoredPair
    from ncpconsole.config.profiles import Profile
    from ncpconsole.core.policy import Policy

ACCESS_VARIABLES = ("NCLOUD_ACCESS_KEY_ID", "NCLOUD_ACCESS_KEY")
SECRET_VARIABLES = ("NCLOUD_SECRET_ACCESS_KEY", "NCLOUD_SECRET_KEY")
COPY_AGAIN = msgid("Copy it again from the console of NAVER Cloud (My Page, Manage Auth Key).")


IN_ENVIRONMENT = msgid("{key} in the environment")
FROM_COMMAND = msgid("{key} from the profile's key_command")


def checked_pair(access_key: str, secret_key: str, where: str = "", **facts: str) -> Credentials:
    """The two as credentials; ``where`` is a message that calls ``{key}`` by its place, such as `IN_ENVIRONMENT`.

    Raises CredentialsError, which quotes neither.
    """
    try:
        return Credentials(access_key, Secret(secret_key))
    except InvalidKey as error:
        key = Sentence(where, key=error.key, **facts) if where else error.key
        raise CredentialsError(error.of(key).shown, tr(COPY_AGAIN)) from error


def environment_pair(environ: Mapping[str, str]) -> Credentials | None:
    """The pair in the environment, or None when neither half is set; an empty variable counts as not set.

    Each half has two names, from two generations of NCP's tools; they may be mixed. Raises CredentialsError
    for half a pair, and where the two names of one half differ: which account is meant is then unclear.
    """
    access_key = _half(environ, ACCESS_VARIABLES)
    secret_key = _half(environ, SECRET_VARIABLES)
    if access_key is None and secret_key is None:
        return None
    if access_key is None:
        raise _half_missing(ACCESS_KEY, ACCESS_VARIABLES, SECRET_KEY)
    if secret_key is None:
        raise _half_missing(SECRET_KEY, SECRET_VARIABLES, ACCESS_KEY)
    return checked_pair(access_key, secret_key, IN_ENVIRONMENT)


def environment_has_key(environ: Mapping[str, str]) -> bool:
    """Whether the environment holds a pair, or half of one, that will be looked at before any keyring."""
    return any(environ.get(name) for name in (*ACCESS_VARIABLES, *SECRET_VARIABLES))


def _half(environ: Mapping[str, str], names: tuple[str, str]) -> str | None:
    values = {environ[name] for name in names if environ.get(name)}
    if len(values) > 1:
        raise CredentialsError(
            tr(
                "{one} and {other} hold different values, so it is unclear which account is meant.",
                one=names[0],
                other=names[1],
            ),
            tr("Unset one of them."),
        )
    return values.pop() if values else None


def _half_missing(missing: str, names: tuple[str, str], present: str) -> CredentialsError:
    return CredentialsError(
        tr(
            "The environment holds the {present} but not the {missing}: {one} or {other} is not set.",
            present=present,
            missing=missing,
            one=names[0],
            other=names[1],
        ),
        tr("Set it, or unset the {present} to use a key kept by `ncpconsole login`.", present=present),
    )


class KeySource(StrEnum):
    """Where a pair came from, in words for the header: message ids."""

    ENVIRONMENT = msgid("key from the environment")
    KEYRING = msgid("key from the OS keyring")
    SESSION = msgid("key of this session only")
    COMMAND = msgid("key from the profile's key_command")
    DEMO = msgid("the demo's own key")

    @property
    def short(self) -> str:
        """The same for a narrow header, a message id; empty for the demo, whose name says it."""
        return {
            KeySource.ENVIRONMENT: msgid("env key"),
            KeySource.KEYRING: msgid("keyring key"),
            KeySource.SESSION: msgid("session key"),
            KeySource.COMMAND: msgid("command's key"),
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


async def find_pair(profile: Profile, *, wait: CallTimeout | None = None, environ: Mapping[str, str]) -> FoundPair:
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
        sentence = tr("The environment holds no key. {why}", why=shown(error))
        raise CredentialsError(sentence, error.remedy) from error
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
            tr(
                "The environment's key is {key}, but profile {profile} was logged in with {kept}.",
                key=mark,
                profile=profile.name,
                kept=profile.key_fingerprint,
            ),
            tr(
                "Unset the key in the environment to use the profile's own, or name the profile that it belongs "
                "to (`ncpconsole profiles` lists their keys)."
            ),
        )
    return FoundPair(pair, KeySource.ENVIRONMENT, *profile.policy_for(mark))


async def _from_command(profile: Profile) -> FoundPair:
    """What the profile's own command gives; the keyring is not asked then, whatever becomes of it."""
    from ncpconsole.config.key_command import pair_from

    pair = checked_pair(*await pair_from(profile.key_command), FROM_COMMAND)
    mark = fingerprint(pair.access_key)
    if profile.key_fingerprint and profile.key_fingerprint != mark:
        raise CredentialsError(
            tr(
                "The key_command of profile {profile} gave {key}, but it was logged in with {kept}.",
                profile=profile.name,
                key=mark,
                kept=profile.key_fingerprint,
            ),
            tr("Run `ncpconsole logout --profile {profile}` if the new key is meant.", profile=profile.name),
        )
    return FoundPair(pair, KeySource.COMMAND, *profile.policy_for(mark))


def _is_mistyped(profile: Profile) -> bool:
    """Whether the name is none of those in the settings file, though that has some."""
    return not profile.is_saved and bool(profile.other_names)


def _unknown(profile: Profile) -> UnknownProfile:
    return UnknownProfile(
        tr(
            "There is no profile {profile}; the profiles are {others}.",
            profile=profile.name,
            others=", ".join(profile.other_names),
        ),
        tr(
            "Name one of them (--profile, NCLOUD_PROFILE or default_profile), or run "
            "`ncpconsole login --profile {profile}`.",
            profile=profile.name,
        ),
    )


def _from_keyring(profile: Profile, stored: StoredPair | None) -> FoundPair:
    if stored is None and _is_mistyped(profile):
        raise _unknown(profile)
    if stored is None:
        none = tr(
            "There is no key for profile {profile}, neither in the environment nor in the OS keyring.",
            profile=profile.name,
        )
        raise MissingCredentials(
            " ".join(filter(None, (none, _was_kept(profile)))),
            tr(
                "Run `ncpconsole login --profile {profile}`, or set NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY.",
                profile=profile.name,
            ),
        )
    return _from_stored(profile, stored, KeySource.KEYRING)


def _was_kept(profile: Profile) -> str:
    if not (profile.key_fingerprint and profile.key_store):
        return ""
    return tr(
        "Login kept {key} in {store}, and it is no longer there: was the keyring reset, or is it another one now? "
        "`ncpconsole profiles` shows what was last written.",
        key=profile.key_fingerprint,
        store=profile.key_store,
    )


def _from_stored(profile: Profile, stored: StoredPair, source: KeySource) -> FoundPair:
    if stored.base_url != profile.base_url:
        raise CredentialsError(
            tr(
                "The key of profile {profile} is meant for {meant}, but {source} names {named}.",
                profile=profile.name,
                meant=stored.base_url,
                source=profile.base_url_from,
                named=profile.base_url,
            ),
            tr(
                "Use another profile for that gateway, or run `ncpconsole login --profile {profile}` again with it.",
                profile=profile.name,
            ),
        )
    policy, notes = profile.policy_for(fingerprint(stored.credentials.access_key))
    return FoundPair(stored.credentials, source, policy, notes)
