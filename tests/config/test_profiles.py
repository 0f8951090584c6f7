"""Which profile, gateway and region hold, and why a session is read-only."""

from __future__ import annotations

from pathlib import Path

import pytest

from ncpconsole.config.profiles import Profile, chosen_name, profile_summaries, resolve_profile
from ncpconsole.config.settings import Settings
from ncpconsole.config.settings_parser import parse_settings
from ncpconsole.core.errors import ConfigError
from ncpconsole.core.policy import Policy
from ncpconsole.ncp.errors import InvalidBaseUrl
from ncpconsole.ncp.sites import SITES

PATH = Path("/etc/config.toml")
THREE = """
default_profile = "prod"
[profiles.prod]
site = "gov"
protected = true
cooldown = 5
[profiles.lab]
api_url = "http://127.0.0.1:8080/vserver/v2/"
read_only = true
regions = ["KR", "SGN"]
[profiles.bare]
"""


@pytest.fixture
def three() -> Settings:
    return parse_settings(PATH, THREE)


def test_the_name_is_chosen_in_order(three: Settings) -> None:
    environ = {"NCLOUD_PROFILE": "lab"}
    assert chosen_name(three, "bare", environ) == "bare"
    assert chosen_name(three, None, environ) == "lab"
    assert chosen_name(three, None, {"NCLOUD_PROFILE": ""}) == "prod"
    assert chosen_name(Settings(PATH), None, {}) == "default"


@pytest.mark.parametrize("name", ["", " prod", "a\nb", "\x1b[31m", "n" * 65])
def test_a_name_that_cannot_be_one_is_refused(three: Settings, name: str) -> None:
    with pytest.raises(ConfigError, match="--profile must be 1 to 64 printable"):
        chosen_name(three, name, {})


PUBLIC, GOV, FIN = (SITES[name].base_url for name in ("public", "gov", "fin"))
LAB = "http://127.0.0.1:8080"
OTHER = "https://gateway.example:8443"


@pytest.mark.parametrize(
    ("profile", "api_url", "environ", "base_url", "chosen_by"),
    [
        ("prod", None, {}, GOV, "profile prod"),
        ("prod", OTHER, {"NCLOUD_API_GW": PUBLIC, "NCLOUD_SITE": "fin"}, OTHER, "--api-url"),
        ("prod", None, {"NCLOUD_API_GW": OTHER, "NCLOUD_SITE": "fin"}, GOV, "profile prod"),
        ("lab", None, {"NCLOUD_API_GW": OTHER}, LAB, "profile lab"),
        ("bare", None, {"NCLOUD_API_GW": OTHER + "/", "NCLOUD_SITE": "fin"}, OTHER, "NCLOUD_API_GW"),
        ("bare", None, {"NCLOUD_SITE": "FIN"}, FIN, "NCLOUD_SITE"),
        ("bare", None, {"NCLOUD_API_GW": "", "NCLOUD_SITE": ""}, PUBLIC, "the console's default"),
        ("none such", None, {}, PUBLIC, "the console's default"),
    ],
)
def test_the_gateway_is_chosen_in_order(
    three: Settings, profile: str, api_url: str | None, environ: dict[str, str], base_url: str, chosen_by: str
) -> None:
    found = resolve_profile(three, profile, api_url=api_url, environ=environ)
    assert (found.base_url, found.base_url_from) == (base_url, chosen_by)
    assert found.is_default_gateway == (chosen_by == "the console's default")


def test_a_gateway_that_cannot_be_used_is_refused_wherever_it_stands(three: Settings) -> None:
    with pytest.raises(InvalidBaseUrl):
        resolve_profile(three, "bare", api_url="http://gateway.example", environ={})
    with pytest.raises(InvalidBaseUrl):
        resolve_profile(three, "bare", environ={"NCLOUD_API_GW": "ftp://x"})
    with pytest.raises(ConfigError, match="NCLOUD_SITE must be one of public, gov, fin"):
        resolve_profile(three, "bare", environ={"NCLOUD_SITE": "mars"})


@pytest.mark.parametrize(
    ("profile", "region", "environ", "regions", "all_regions"),
    [
        ("lab", None, {"NCLOUD_REGION": "JPN"}, ("KR", "SGN"), False),
        ("lab", "jpn", {}, ("JPN",), False),
        ("lab", "ALL", {}, (), True),
        ("bare", None, {"NCLOUD_REGION": "kr"}, ("KR",), False),
        ("bare", None, {"NCLOUD_REGION": "all"}, (), True),
        ("bare", None, {}, (), False),
    ],
)
def test_the_region_is_chosen_in_order(
    three: Settings,
    profile: str,
    region: str | None,
    environ: dict[str, str],
    regions: tuple[str, ...],
    all_regions: bool,
) -> None:
    found = resolve_profile(three, profile, region=region, environ=environ)
    assert (found.regions, found.all_regions) == (regions, all_regions)


@pytest.mark.parametrize("region", ["", "K R", "KR&x=1", "한국"])
def test_a_region_that_is_no_code_is_refused(three: Settings, region: str) -> None:
    with pytest.raises(ConfigError, match="--region must be a region code"):
        resolve_profile(three, region=region, environ={})
    if region:
        with pytest.raises(ConfigError, match="NCLOUD_REGION must be a region code"):
            resolve_profile(three, environ={"NCLOUD_REGION": region})


@pytest.mark.parametrize(
    ("profile", "flag", "variable", "because"),
    [
        ("prod", None, None, ""),
        ("prod", True, None, "--read-only was given"),
        ("prod", None, "1", "NCPCONSOLE_READ_ONLY is set"),
        ("prod", None, "yes please", "NCPCONSOLE_READ_ONLY is set"),
        ("prod", None, "0", ""),
        ("prod", None, "off", ""),
        ("lab", None, None, "profile lab is read-only"),
        ("lab", False, "0", "profile lab is read-only"),
    ],
)
def test_read_only_by_flag_variable_or_profile_and_none_takes_it_back(
    three: Settings, profile: str, flag: bool | None, variable: str | None, because: str
) -> None:
    environ = {} if variable is None else {"NCPCONSOLE_READ_ONLY": variable}
    found = resolve_profile(three, profile, read_only=flag, environ=environ)
    assert (found.policy.read_only, found.policy.read_only_because) == (bool(because), because)


def test_times_are_seconds_and_the_command_line_comes_first(three: Settings) -> None:
    found = resolve_profile(three, "prod", timeout=7, rules="2026-10", environ={})
    assert (found.policy.cooldown, found.policy.send_deadline, found.rules) == (300.0, 7, "2026-10")
    plain = resolve_profile(three, "bare", environ={})
    assert (plain.policy, plain.rules) == (Policy(cooldown=1800.0, send_deadline=30.0, refresh_every=30.0), None)
    no_cooldown = parse_settings(PATH, "[profiles.p]\ncooldown = 0\n")
    assert resolve_profile(no_cooldown, "p", environ={}).policy.cooldown == 0


def test_summaries_list_every_profile_and_the_current_one_even_if_it_is_new(three: Settings) -> None:
    lines = profile_summaries(three, "new", {"NCLOUD_API_GW": OTHER})
    assert [(line.name, line.site, line.is_current) for line in lines] == [
        ("prod", "gov", False),
        ("lab", "127.0.0.1", False),
        ("bare", "gateway.example", False),
        ("new", "gateway.example", True),
    ]
    assert (lines[0].protected, lines[1].read_only, lines[1].regions) == (True, True, ("KR", "SGN"))
    assert {line.stored for line in lines} == {"no key kept"}


def test_one_broken_address_does_not_hide_the_other_profiles() -> None:
    settings = parse_settings(PATH, "[profiles.bad]\napi_url = 'http://x.example'\n[profiles.good]\nsite='fin'\n")
    lines = profile_summaries(settings, "good", {})
    assert [line.site for line in lines] == ["address unusable", "fin"]


def test_a_profile_is_a_value(three: Settings) -> None:
    found = resolve_profile(three, "prod", environ={})
    assert found == resolve_profile(three, "prod", environ={})
    assert isinstance(hash(found), int)
    assert Profile.__dataclass_params__.frozen  # type: ignore[attr-defined]  # every dataclass has them
