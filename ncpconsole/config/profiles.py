"""Which profile a session uses, and what holds for it once command line and environment had their say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from ncpconsole.config.settings import (
    ALL_REGIONS,
    FALLBACK,
    REGION_CODE,
    ConfigError,
    ProfileEntry,
    Settings,
    checked_profile_name,
    region_code,
)
from ncpconsole.core.plan import Policy
from ncpconsole.core.session import ProfileSummary
from ncpconsole.ncp.errors import InvalidBaseUrl
from ncpconsole.ncp.sites import SITES, checked_base_url, site_for

PROFILE_VARIABLE = "NCLOUD_PROFILE"
GATEWAY_VARIABLE = "NCLOUD_API_GW"
SITE_VARIABLE = "NCLOUD_SITE"
REGION_VARIABLE = "NCLOUD_REGION"
READ_ONLY_VARIABLE = "NCPCONSOLE_READ_ONLY"
OFF_WORDS = frozenset({"", "0", "false", "no", "off"})
DEFAULT_SOURCE = "the console's default"


@dataclass(frozen=True, slots=True)
class Profile:
    """One account as it will be used.

    ``site`` is public, gov, fin or the host of another gateway. ``base_url_from`` says in words what chose
    the gateway. ``regions`` is empty for the site's first region; with ``all_regions`` it is empty too.
    ``rules`` is None for the console's default rule set. ``is_saved`` tells whether the settings file has
    this profile, ``is_explicit`` whether it is another than the fallback; ``other_names`` are the names in
    the file. ``key_fingerprint`` is what login last wrote.
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
    key_fingerprint: str = ""
    is_saved: bool = False
    is_explicit: bool = False
    other_names: tuple[str, ...] = ()

    @property
    def is_default_gateway(self) -> bool:
        """Whether nobody chose the gateway, so that it is the public site by default."""
        return self.base_url_from == DEFAULT_SOURCE


def chosen_name(settings: Settings, profile: str | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """The profile's name: the option, ``NCLOUD_PROFILE``, the settings file's default, else ``default``."""
    if profile is not None:
        return checked_profile_name(profile, "The name given with --profile")
    if named := environ.get(PROFILE_VARIABLE):
        return checked_profile_name(named, f"The name in {PROFILE_VARIABLE}")
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
        columns=entry.columns or (),
        ascii=entry.ascii or False,
        key_fingerprint=entry.key_fingerprint or "",
        is_saved=name in settings.profiles,
        is_explicit=name != FALLBACK,
        other_names=tuple(settings.profiles),
    )


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
    )


def _gateway(name: str, entry: ProfileEntry, api_url: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    if api_url is not None:
        return _checked_gateway(api_url, "--api-url")
    if entry.api_url is not None:
        return _checked_gateway(entry.api_url, f"profile {name}")
    if entry.site is not None:
        return SITES[entry.site].base_url, f"profile {name}"
    if gateway := environ.get(GATEWAY_VARIABLE):
        return _checked_gateway(gateway, GATEWAY_VARIABLE)
    site = environ.get(SITE_VARIABLE, "").strip().casefold()
    if site and site not in SITES:
        raise ConfigError(f"{SITE_VARIABLE} must be one of {', '.join(SITES)}.")
    return SITES[site or "public"].base_url, SITE_VARIABLE if site else DEFAULT_SOURCE


def _checked_gateway(text: str, source: str) -> tuple[str, str]:
    """The address and who named it, which an error tells too: it may be a variable nobody thinks of."""
    try:
        return checked_base_url(text), source
    except InvalidBaseUrl as error:
        raise InvalidBaseUrl(f"{error.sentence} It was named by {source}.") from error


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
        raise ConfigError(f'{where} must be a region code such as "KR", or "all".')
    return code


def _read_only_because(name: str, entry: ProfileEntry, read_only: bool | None, environ: Mapping[str, str]) -> str:
    """What makes the session read-only, or empty. Any of the three suffices; none can take back another's."""
    if read_only:
        return "--read-only was given"
    if environ.get(READ_ONLY_VARIABLE, "").strip().casefold() not in OFF_WORDS:
        return f"{READ_ONLY_VARIABLE} is set"
    return f"profile {name} is read-only" if entry.read_only else ""


def profile_summaries(
    settings: Settings, current: str | None = None, environ: Mapping[str, str] = os.environ
) -> tuple[ProfileSummary, ...]:
    """All profiles of the settings file, and the current one even if it is not there. Asks no keyring."""
    current = chosen_name(settings, current, environ)
    names = dict.fromkeys((*settings.profiles, current))
    return tuple(_summary(settings, name, current, environ) for name in names)


def _summary(settings: Settings, name: str, current: str, environ: Mapping[str, str]) -> ProfileSummary:
    entry = settings.profiles.get(name, ProfileEntry())
    try:
        profile = resolve_profile(settings, name, environ=environ)
        site, base_url = profile.site, profile.base_url
    except InvalidBaseUrl:
        # One profile with a broken address must not hide the others.
        site, base_url = "address unusable", entry.api_url or environ.get(GATEWAY_VARIABLE, "")
    regions, all_regions = _regions(entry, None, environ)
    return ProfileSummary(
        name=name,
        site=site,
        base_url=base_url,
        regions=(ALL_REGIONS,) if all_regions else regions,
        read_only=bool(_read_only_because(name, entry, None, environ)),
        protected=entry.protected or False,
        key_fingerprint=entry.key_fingerprint or "",
        stored=f"OS keyring ({entry.key_store})" if entry.key_store else "no key kept",
        is_current=name == current,
    )
