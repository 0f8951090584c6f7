"""What `config show` says is what a session uses, and it names who said it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.config import effective
from ncpconsole.config.effective import Effective, Source, effective_settings
from ncpconsole.config.profiles import resolve_profile
from ncpconsole.config.registry import SETTINGS, Table
from ncpconsole.config.settings import ProfileEntry, Settings
from ncpconsole.config.settings_parser import parse_settings
from ncpconsole.config.settings_reader import SYSTEM_FILE

PATH = Path("/home/ops1/.config/ncpconsole/config.toml")
MARK = "key-4f2a91c7"

flags = st.none() | st.booleans()
regions = st.sampled_from([None, "KR", "sgn", "all"])
entries: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "read_only": flags,
        "protected": flags,
        "require_reason": flags,
        "cooldown": st.sampled_from([0.0, 5.0, 60.0]),
        "timeout": st.sampled_from([10.0, 600.0]),
        "refresh": st.sampled_from([5.0, 60.0]),
        "interrupt_method": st.sampled_from(["GET", "POST"]),
        "rules": st.sampled_from(["2026-10", "xen-windows"]),
        "theme": st.sampled_from(["day"]),
        "columns": st.sampled_from([("name", "number")]),
        "ascii": flags,
        "keep_list": flags,
        "key_fingerprint": st.sampled_from([MARK, "key-00000000"]),
    },
)
wheres: st.SearchStrategy[dict[str, Any]] = st.sampled_from([{}, {"site": "gov"}, {"api_url": "http://127.0.0.1:8080"}])
places: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"region": "KR"}, {"region": "all"}, {"regions": ("KR", "SGN")}]
)
options = st.fixed_dictionaries(
    {},
    optional={
        "profile": st.sampled_from(["lab", "prod"]),
        "region": regions,
        "read_only": st.sampled_from([None, True]),
        "rules": st.sampled_from([None, "2026-10"]),
        "timeout": st.sampled_from([None, 45.0]),
        "api_url": st.sampled_from([None, "https://gateway.example"]),
    },
)
environs = st.fixed_dictionaries(
    {},
    optional={
        "NCLOUD_PROFILE": st.sampled_from(["", "lab"]),
        "NCLOUD_REGION": st.sampled_from(["", "jp", "all"]),
        "NCLOUD_SITE": st.sampled_from(["", "fin"]),
        "NCLOUD_API_GW": st.sampled_from(["", "http://127.0.0.1:9090"]),
        "NCPCONSOLE_READ_ONLY": st.sampled_from(["", "0", "off", "1"]),
    },
)


@st.composite
def entry(draw: st.DrawFn) -> ProfileEntry:
    values: dict[str, Any] = {**draw(entries), **draw(wheres), **draw(places)}
    return ProfileEntry(**values)


def by_name(settings: Settings, said: dict[str, Any], environ: dict[str, str], mark: str = "") -> dict[str, Effective]:
    return {each.name: each for each in effective_settings(settings, said, key_fingerprint=mark, environ=environ)}


@given(prod=entry(), lab=entry(), system=entry(), said=options, environ=environs, mark=st.sampled_from(["", MARK]))
def test_what_is_shown_is_what_a_session_uses(
    prod: ProfileEntry,
    lab: ProfileEntry,
    system: ProfileEntry,
    said: dict[str, Any],
    environ: dict[str, str],
    mark: str,
) -> None:
    settings = Settings(PATH, "prod", {"prod": prod, "lab": lab}, system={"machine": system})
    profile = resolve_profile(settings, **said, environ=environ)
    policy, _ = profile.policy_for(mark or profile.key_fingerprint)
    held = by_name(settings, said, environ, mark)
    value = {name: each.value for name, each in held.items()}
    assert value["default_profile"] == profile.name
    assert (value["site"], value["api_url"]) == (profile.site, profile.base_url)
    assert (value["read_only"], value["protected"]) == (policy.read_only, policy.protected)
    assert value["require_reason"] == policy.require_reason
    assert (value["cooldown"], value["timeout"]) == (policy.cooldown / 60, policy.send_deadline)
    assert (value["refresh"], value["interrupt_method"]) == (policy.refresh_every, policy.interrupt_method)
    assert (value["rules"], value["theme"]) == (profile.rules or "xen-windows", profile.theme or "night")
    assert value["keep_list"] == profile.keep_list
    assert (value["columns"] or (), value["ascii"]) == (profile.columns, profile.ascii)
    shown = value["regions"] or ((value["region"],) if value["region"] else ())
    assert shown == (("all",) if profile.all_regions else profile.regions)
    # Nobody is named for a default, somebody for everything else.
    assert all(bool(each.said_by) == (each.source is not Source.DEFAULT) for each in held.values())


@pytest.mark.parametrize(
    ("name", "said", "environ", "source", "by"),
    [
        ("region", {"region": "sgn"}, {}, Source.OPTION, "--region"),
        ("region", {}, {"NCLOUD_REGION": "jp"}, Source.ENVIRONMENT, "NCLOUD_REGION"),
        ("regions", {"profile": "lab"}, {"NCLOUD_REGION": "jp"}, Source.USER_FILE, "profile lab"),
        ("region", {"profile": "lab"}, {"NCLOUD_REGION": "jp"}, Source.DEFAULT, ""),
        ("read_only", {"read_only": True}, {"NCPCONSOLE_READ_ONLY": "1"}, Source.OPTION, "--read-only"),
        ("read_only", {}, {"NCPCONSOLE_READ_ONLY": "1"}, Source.ENVIRONMENT, "NCPCONSOLE_READ_ONLY"),
        ("read_only", {}, {}, Source.SYSTEM_FILE, f"profile machine of {SYSTEM_FILE}"),
        ("cooldown", {}, {}, Source.USER_FILE, "profile lab"),
        ("protected", {}, {}, Source.USER_FILE, "profile prod"),
        ("site", {}, {}, Source.USER_FILE, "profile prod"),
        ("api_url", {"api_url": "http://127.0.0.1:1"}, {}, Source.OPTION, "--api-url"),
        ("default_profile", {}, {}, Source.USER_FILE, str(PATH)),
        ("default_profile", {}, {"NCLOUD_PROFILE": "lab"}, Source.ENVIRONMENT, "NCLOUD_PROFILE"),
        ("journal.syslog", {}, {}, Source.USER_FILE, str(PATH)),
        ("keys.interrupt", {}, {}, Source.USER_FILE, str(PATH)),
        ("timezone", {}, {}, Source.USER_FILE, str(PATH)),
        ("language", {}, {}, Source.USER_FILE, str(PATH)),
        ("language", {}, {"NCPCONSOLE_LANG": "klingon"}, Source.USER_FILE, str(PATH)),
        ("language", {}, {"NCPCONSOLE_LANG": "en"}, Source.ENVIRONMENT, "NCPCONSOLE_LANG"),
        ("language", {"lang": "en"}, {"NCPCONSOLE_LANG": "ko"}, Source.OPTION, "--lang"),
        ("timeout", {}, {}, Source.DEFAULT, ""),
    ],
)
def test_it_names_who_said_it(
    name: str, said: dict[str, Any], environ: dict[str, str], source: Source, by: str
) -> None:
    own = parse_settings(
        PATH,
        f"""
        default_profile = "prod"
        timezone = "Asia/Seoul"
        language = "ko"
        profiles.prod = {{site = "gov", protected = true, key_fingerprint = "{MARK}"}}
        profiles.lab = {{regions = ["KR"], cooldown = 60, key_fingerprint = "{MARK}"}}
        keys.interrupt = "f9"
        journal.syslog = true
        """,
    )
    machine = {"machine": ProfileEntry(read_only=True, key_fingerprint=MARK)}
    settings = Settings(**{**{f: getattr(own, f) for f in own.__slots__}, "system": machine})
    each = by_name(settings, said, environ)[name]
    assert (each.source, each.said_by) == (source, by)


def test_every_setting_is_shown() -> None:
    shown = {each.name for each in effective_settings(Settings(PATH), {}, environ={})}
    assert shown == {each.name for each in SETTINGS if each.table is not Table.KEYS}
    assert effective.Effective("read_only", False, Source.DEFAULT) in effective_settings(Settings(PATH), {}, environ={})
