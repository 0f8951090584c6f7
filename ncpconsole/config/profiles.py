"""Resolves the profile of a session: command line, then environment, then settings, then defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ncpconsole.config.settings import (
    ALL_REGIONS,
    FALLBACK,
    REGION_CODE,
    ProfileEntry,
    Settings,
    checked_profile_name,
    region_code,
)
from ncpconsole.config.settings_reader import SYSTEM_FILE
from ncpconsole.core.errors import ConfigError
from ncpconsole.core.policy import Policy
from ncpconsole.language import Sentence, msgid, tr
from ncpconsole.ncp.errors import InvalidBaseUrl
from ncpconsole.ncp.sites import SITES, checked_base_url, site_for

if TYPE_CHECKING:
    from ncpconsole.core.session import ProfileSummary

PROFILE_VARIABLE = "NCLOUD_PROFILE"
GATEWAY_VARIABLE = "NCLOUD_API_GW"
SITE_VARIABLE = "NCLOUD_SITE"
REGION_VARIABLE = "NCLOUD_REGION"
READ_ONLY_VARIABLE = "NCPCONSOLE_READ_ONLY"
OFF_WORDS = frozenset({"", "0", "false", "no", "off"})
DEFAULT_SOURCE = Sentence("the console's default")


ITS_KEY = msgid("This is the key of {source} too, whose protections hold here as well: {protections}.")
BY_NAME = msgid(
    'The protections of profile {name} hold under this name alone. For its key too: key_fingerprint = "{key}"'
)
ITS_GATEWAY = msgid("This is the gateway of {source} too, whose protections hold here as well: {protections}.")


@dataclass(frozen=True, slots=True)
class Protection:
    """How a profile protects its key: it holds for that key by whatever name or address it is used.

    A profile of the system's file without a key protects every key of its gateway. ``source`` says in words
    which profile it is; ``cooldown`` is in seconds, None where the profile says nothing.
    """

    source: str
    key_fingerprint: str
    base_url: str
    read_only: bool
    protected: bool
    require_reason: bool
    cooldown: float | None

    def holds_for(self, key_fingerprint: str, base_url: str) -> bool:
        """Whether this key at this gateway is one that the profile protects."""
        if self.key_fingerprint:
            return self.key_fingerprint == key_fingerprint
        return self.base_url == base_url

    def added_to(self, policy: Policy) -> tuple[Policy, tuple[str, ...]]:
        """The stricter of the two in each respect, and in words what this one adds."""
        words: list[str] = []
        if self.read_only and not policy.read_only:
            policy = replace(
                policy, read_only=True, read_only_because=Sentence("this is the key of {source}", source=self.source)
            )
            words.append(Sentence("READ-ONLY"))
        if self.protected and not policy.protected:
            policy = replace(policy, protected=True)
            words.append(Sentence("PROTECTED"))
        if self.require_reason and not policy.require_reason:
            policy = replace(policy, require_reason=True)
            words.append(Sentence("a reason"))
        if self.cooldown is not None and self.cooldown > policy.cooldown:
            policy = replace(policy, cooldown=self.cooldown)
            words.append(Sentence("a cooldown of {minutes:g} minutes", minutes=self.cooldown / 60))
        return policy, tuple(words)


@dataclass(frozen=True, slots=True)
class Profile:
    """One account as it will be used.

    ``site`` is public, gov, fin or the host of another gateway. ``base_url_from`` says in words what chose the gateway.
    ``regions`` is empty for the site's first region; with ``all_regions`` it is empty too. ``rules`` is None for the
    console's default rule set. ``policy`` is what the profile itself allows; see `policy_for`. ``is_saved`` tells
    whether the settings file has this profile; ``other_names`` are the names in the file. ``key_fingerprint`` and
    ``key_store`` are what login last wrote; ``protections`` are those of every profile, and ``protects_by_name`` tells
    whether this one has some and names no key that they belong to.
    """

    name: str
    base_url: str
    site: str
    base_url_from: str
    regions: tuple[str, ...] = ()
    all_regions: bool = False
    rules: str | None = None
    policy: Policy = field(default_factory=Policy)
    theme: str | None = None
    columns: tuple[str, ...] = ()
    ascii: bool = False
    on_record: tuple[str, ...] = ()
    key_command: tuple[str, ...] = field(default=(), repr=False)
    keep_list: bool = True
    key_fingerprint: str = ""
    key_store: str = ""
    is_saved: bool = False
    other_names: tuple[str, ...] = ()
    protections: tuple[Protection, ...] = ()
    protects_by_name: bool = False

    def policy_for(self, key_fingerprint: str) -> tuple[Policy, tuple[str, ...]]:
        """What is allowed with this key, the strictest of all that protects it; and a sentence for each."""
        policy, notes = self.policy, []
        if self.protects_by_name:
            notes.append(Sentence(BY_NAME, name=self.name, key=key_fingerprint))
        for each in self.protections:
            if not each.holds_for(key_fingerprint, self.base_url):
                continue
            policy, added = each.added_to(policy)
            if added:
                message = ITS_KEY if each.key_fingerprint else ITS_GATEWAY
                notes.append(Sentence(message, source=each.source, protections=Sentence.joined(*added, by=", ")))
        return policy, tuple(notes)

    @property
    def is_default_gateway(self) -> bool:
        """Whether nobody chose the gateway, so that it is the public site by default."""
        return self.base_url_from == DEFAULT_SOURCE


def chosen_name(settings: Settings, profile: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """The profile's name: the option, ``NCLOUD_PROFILE``, the settings file's default, else ``default``."""
    if profile is not None:
        return checked_profile_name(profile, tr("The name given with --profile"))
    if named := environ.get(PROFILE_VARIABLE):
        return checked_profile_name(named, tr("The name in {variable}", variable=PROFILE_VARIABLE))
    return settings.default_profile or FALLBACK


def resolve_profile(
    settings: Settings,
    profile: str | None = None,
    *,
    api_url: str | None = None,
    region: str | None = None,
    read_only: bool | None = None,
    rules: str | None = None,
    timeout: float | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Profile:
    """The profile to use; the arguments are what the command line said, None where it said nothing.

    A profile that names its own site or gateway keeps it whatever the environment says. Raises ConfigError,
    or ``ncp.errors.InvalidBaseUrl`` for a gateway that cannot be used.
    """
    name = chosen_name(settings, profile, environ)
    entry = settings.profiles.get(name, ProfileEntry())
    base_url, base_url_from = _gateway(name, entry, api_url, environ)
    regions, all_regions = _regions(entry, region, environ)
    return Profile(
        name=name,
        base_url=base_url,
        site=site_for(base_url),
        base_url_from=base_url_from,
        regions=regions,
        all_regions=all_regions,
        rules=rules or entry.rules,
        policy=_policy(name, entry, read_only, timeout, environ),
        theme=entry.theme,
        keep_list=entry.keep_list is not False,
        columns=entry.columns or (),
        ascii=entry.ascii or False,
        on_record=entry.on_record or (),
        key_command=entry.key_command or (),
        key_fingerprint=entry.key_fingerprint or "",
        key_store=entry.key_store or "",
        is_saved=name in settings.profiles,
        other_names=tuple(settings.profiles),
        protections=_protections(settings),
        protects_by_name=not entry.key_fingerprint and _protects(entry),
    )


def of_profile(name: str) -> Sentence:
    """How a profile is called where something comes from it."""
    return Sentence("profile {name}", name=name)


def _protections(settings: Settings) -> tuple[Protection, ...]:
    found = [
        (
            Sentence("profile {name} of {file}", name=name, file=str(SYSTEM_FILE)),
            _gateway(name, entry, None, {})[0],
            entry,
        )
        for name, entry in settings.system.items()
    ]
    # Without a key, a profile of the user's own protects nothing but itself.
    found += [(of_profile(name), "", entry) for name, entry in settings.profiles.items() if entry.key_fingerprint]
    return tuple(
        Protection(
            source,
            entry.key_fingerprint or "",
            base_url,
            entry.read_only or False,
            entry.protected or False,
            entry.require_reason or False,
            None if entry.cooldown is None else entry.cooldown * 60,
        )
        for source, base_url, entry in found
    )


def _protects(entry: ProfileEntry) -> bool:
    return bool(entry.read_only or entry.protected or entry.require_reason or entry.cooldown)


def _policy(
    name: str, entry: ProfileEntry, read_only: bool | None, timeout: float | None, environ: Mapping[str, str]
) -> Policy:
    because = _read_only_because(name, entry, read_only, environ)
    default = Policy()
    return Policy(
        read_only=bool(because),
        read_only_because=because,
        protected=entry.protected or False,
        require_reason=entry.require_reason or False,
        cooldown=default.cooldown if entry.cooldown is None else entry.cooldown * 60,
        send_deadline=timeout or entry.timeout or default.send_deadline,
        interrupt_method=entry.interrupt_method or default.interrupt_method,
        refresh_every=entry.refresh or default.refresh_every,
        vitals=entry.vitals is not False,
    )


def _gateway(name: str, entry: ProfileEntry, api_url: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    if api_url is not None:
        return _checked_gateway(api_url, "--api-url")
    if entry.api_url is not None:
        return _checked_gateway(entry.api_url, of_profile(name))
    if entry.site is not None:
        return SITES[entry.site].base_url, of_profile(name)
    if gateway := environ.get(GATEWAY_VARIABLE):
        return _checked_gateway(gateway, GATEWAY_VARIABLE)
    site = environ.get(SITE_VARIABLE, "").strip().casefold()
    if site and site not in SITES:
        raise ConfigError(tr("{variable} must be one of {sites}.", variable=SITE_VARIABLE, sites=", ".join(SITES)))
    return SITES[site or "public"].base_url, SITE_VARIABLE if site else DEFAULT_SOURCE


def _checked_gateway(text: str, source: str) -> tuple[str, str]:
    """The address and who named it, which an error tells too: it may be a variable nobody thinks of."""
    try:
        return checked_base_url(text), source
    except InvalidBaseUrl as error:
        raise InvalidBaseUrl(
            Sentence.joined(error.sentence, Sentence("It was named by {source}.", source=source))
        ) from error


def _regions(entry: ProfileEntry, region: str | None, environ: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
    if region is not None:
        chosen: tuple[str, ...] = (_checked_region(region, "--region"),)
    elif entry.regions is not None:
        chosen = entry.regions
    elif entry.region is not None:
        chosen = (entry.region,)
    elif from_environment := environ.get(REGION_VARIABLE):
        chosen = (_checked_region(from_environment, REGION_VARIABLE),)
    else:
        return (), False
    return ((), True) if ALL_REGIONS in chosen else (chosen, False)


def _checked_region(text: str, where: str) -> str:
    code = region_code(text)
    if not REGION_CODE.fullmatch(code):
        raise ConfigError(tr('{where} must be a region code such as "KR", or "all".', where=where))
    return code


def _read_only_because(name: str, entry: ProfileEntry, read_only: bool | None, environ: Mapping[str, str]) -> str:
    """What makes the session read-only, or empty. Any of the three suffices; none can take back another's."""
    if read_only:
        return Sentence("--read-only was given")
    if environ.get(READ_ONLY_VARIABLE, "").strip().casefold() not in OFF_WORDS:
        return Sentence("{variable} is set", variable=READ_ONLY_VARIABLE)
    return Sentence("profile {name} is read-only", name=name) if entry.read_only else ""


def profile_summaries(
    settings: Settings, current: str | None, environ: Mapping[str, str]
) -> tuple[ProfileSummary, ...]:
    """All profiles of the settings file, and the current one even if it is not there. Asks no keyring."""
    current = chosen_name(settings, current, environ)
    names = dict.fromkeys((*settings.profiles, current))
    return tuple(_summary(settings, name, current, environ) for name in names)


def _summary(settings: Settings, name: str, current: str, environ: Mapping[str, str]) -> ProfileSummary:
    from ncpconsole.core.session import ProfileSummary

    entry = settings.profiles.get(name, ProfileEntry())
    try:
        profile = resolve_profile(settings, name, environ=environ)
        site, base_url = profile.site, profile.base_url
        policy, _ = profile.policy_for(profile.key_fingerprint)
    except InvalidBaseUrl:
        # One profile with a broken address must not hide the others.
        site, base_url = Sentence("address unusable"), entry.api_url or environ.get(GATEWAY_VARIABLE, "")
        policy = _policy(name, entry, None, None, environ)
    regions, all_regions = _regions(entry, None, environ)
    return ProfileSummary(
        name=name,
        site=site,
        base_url=base_url,
        regions=(ALL_REGIONS,) if all_regions else regions,
        read_only=policy.read_only,
        protected=policy.protected,
        require_reason=policy.require_reason,
        key_fingerprint=entry.key_fingerprint or "",
        stored=_stored(entry),
        is_current=name == current,
    )


def _stored(entry: ProfileEntry) -> str:
    """Where a profile's key is, in words."""
    if entry.key_command:
        return Sentence("a command of yours (key_command)")
    return Sentence("OS keyring ({store})", store=entry.key_store) if entry.key_store else Sentence("no key kept")
