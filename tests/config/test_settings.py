"""Reading the settings file: what it may say, and what is said about what it may not."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.config.registry import OF_PROFILE, SETTINGS, Kind, Setting
from ncpconsole.config.settings import ProfileEntry, Settings
from ncpconsole.config.settings_parser import parse_settings
from ncpconsole.config.settings_reader import read_settings
from ncpconsole.config.settings_writer import keep_in_profile
from ncpconsole.core.errors import ConfigError
from ncpconsole.language import shown
from tests.marked import OPENS, marked_language, outside_marks
from tools.catalogue import current

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = Path("/etc/config.toml")
EVERYTHING = """
default_profile = "운영"

[profiles."운영"]
site = "GOV"
regions = ["kr", "KRS", "KR"]
rules = "2026-10"
read_only = true
protected = true
require_reason = true
interrupt_method = "get"
refresh = 60
theme = "ansi-dark"
cooldown = 45
timeout = 12.5
columns = ["name", "number"]
ascii = true
key_fingerprint = "key-00000000"
key_store = "Secret Service"

[profiles.test]
api_url = "http://127.0.0.1:8080"
region = "all"

[keys]
interrupt = "f9"
refresh = ["f5", "ctrl+r"]
"""


def test_every_key_is_read() -> None:
    settings = parse_settings(PATH, EVERYTHING)
    assert settings.default_profile == "운영"
    assert settings.profiles["운영"] == ProfileEntry(
        site="gov",
        regions=("KR", "KRS"),
        rules="2026-10",
        read_only=True,
        protected=True,
        require_reason=True,
        interrupt_method="GET",
        refresh=60.0,
        theme="ansi-dark",
        cooldown=45.0,
        timeout=12.5,
        columns=("name", "number"),
        ascii=True,
        key_fingerprint="key-00000000",
        key_store="Secret Service",
    )
    assert settings.profiles["test"] == ProfileEntry(api_url="http://127.0.0.1:8080", region="all")
    assert settings.keys == {"interrupt": "f9", "refresh": "f5,ctrl+r"}
    assert settings.notes == ()


def test_a_missing_file_is_empty_settings(config_file: Path) -> None:
    assert read_settings(config_file) == Settings(config_file)
    assert not config_file.parent.exists()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a = = 1", "line 1, column 5"),
        ("\n\n[profiles.prod]\nsite = 'public\n", "line 4, column 15"),
        ("a = 'x\nb = 1\n", "line 1, column 7"),
        ("[profiles.prod", "line 1, column 15"),
        ("a = 1\na = 2", "line 2, column [16]"),
        ('a = """unended\nlines\n', "line 2, column 6"),
    ],
)
def test_a_broken_file_gives_line_and_column(text: str, where: str) -> None:
    with pytest.raises(ConfigError, match=f"/etc/config.toml, {where}:"):
        parse_settings(PATH, text)


def test_bytes_that_are_no_text_give_line_and_column(config_file: Path) -> None:
    config_file.parent.mkdir()
    config_file.write_bytes(b"# \xea\xb2\xb0\na = '\xff'\n")
    with pytest.raises(ConfigError, match="line 2, column 6: not UTF-8"):
        read_settings(config_file)


def test_a_byte_order_mark_is_no_error(config_file: Path) -> None:
    config_file.parent.mkdir()
    config_file.write_bytes(b"\xef\xbb\xbfdefault_profile = 'prod'\n")
    assert read_settings(config_file).default_profile == "prod"


def test_a_directory_in_its_place_and_a_huge_file_are_sentences(config_file: Path) -> None:
    config_file.mkdir(parents=True)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_settings(config_file)
    large = config_file.with_name("large.toml")
    large.write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        read_settings(large)


WRONG_VALUES = [
    ("site", '"mars"'),
    ("site", "1"),
    ("api_url", '" "'),
    ("region", '"K R"'),
    ("region", "[]"),
    ("regions", '"KR"'),
    ("regions", "[]"),
    ("regions", "[1]"),
    ("rules", "true"),
    ("read_only", '"true"'),
    ("read_only", "1"),
    ("read_only", "0"),
    ("protected", '"yes"'),
    ("require_reason", "2026-10-08"),
    ("interrupt_method", '"PUT"'),
    ("cooldown", "-1"),
    ("cooldown", "true"),
    ("cooldown", "nan"),
    ("cooldown", '"soon"'),
    ("cooldown", "inf"),
    ("timeout", "0"),
    ("timeout", "601"),
]
COSMETIC_VALUES = [
    ("refresh", "4"),
    ("refresh", "true"),
    ("refresh", "nan"),
    ("refresh", '"soon"'),
    ("theme", "{}"),
    ("theme", '""'),
    ("columns", '"name"'),
    ("columns", "[1]"),
    ("columns", "[]"),
    ("ascii", '"no"'),
]


@pytest.mark.parametrize(("key", "value"), WRONG_VALUES)
def test_a_wrong_value_names_the_key_and_what_is_expected(key: str, value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_settings(PATH, f"[profiles.prod]\n{key} = {value}\n")
    assert f"profiles.prod.{key} must be {OF_PROFILE[key].must_be}, not " in str(caught.value)


@pytest.mark.parametrize(("key", "value"), COSMETIC_VALUES)
def test_a_wrong_value_that_protects_nothing_costs_a_line_and_no_more(key: str, value: str) -> None:
    settings = parse_settings(PATH, f"[profiles.prod]\nread_only = true\n{key} = {value}\nsite = 'gov'\n")
    assert settings.profiles["prod"] == ProfileEntry(read_only=True, site="gov")
    [note] = settings.notes
    assert f"profiles.prod.{key} must be {OF_PROFILE[key].must_be}, not " in note
    assert note.endswith(". The default is used.")


@pytest.mark.parametrize(
    ("text", "complaint", "left"),
    [
        ("keys = []", "keys must be a table", {}),
        ("[keys]\ninterrupt = 9\nhelp = 'f1'", "keys.interrupt must be a key", {"help": "f1"}),
        ("[keys]\ninterrupt = []", "keys.interrupt must be a key", {}),
    ],
)
def test_wrong_keys_cost_a_line_and_no_more(text: str, complaint: str, left: dict[str, str]) -> None:
    settings = parse_settings(PATH, text)
    assert settings.keys == left
    [note] = settings.notes
    assert complaint in note


def test_the_systems_log_is_told_where_it_is_asked_for() -> None:
    assert parse_settings(PATH, "").syslog is False
    settings = parse_settings(PATH, "[journal]\nsyslog = true\nplace = '/x'\n")
    assert settings.syslog is True
    assert "journal.place" in settings.notes[0]


DEEP = 100_000


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * DEEP,
        "a = " + "[" * DEEP + "]" * DEEP,
        "a = " + "{b=" * DEEP,
        "[profiles.p]\ncolumns = " + "[" * 400 + "]" * 400,
        "a = " + "[" * 300,
        "a" + ".a" * 1000 + " = 1",
        "[" + "a." * 1000 + "a]",
    ],
    ids=["open", "closed", "tables", "a value", "a few open", "dotted key", "dotted table"],
)
def test_what_is_nested_beyond_measure_is_settings_or_one_sentence(config_file: Path, text: str) -> None:
    config_file.parent.mkdir()
    config_file.write_text(text)
    for work in (lambda: read_settings(config_file), lambda: keep_in_profile(config_file, "new", {"site": "gov"})):
        with contextlib.suppress(ConfigError):
            work()


SECRETS = ["Aq3xK9wLmZ0pR7sTbV2nYc4E", "ncp_iam_BPAMKR1a2B3c4D5e6F7g", "hunter2!", "wJalrXUtnFEMI", "비밀 열쇠"]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "text",
    [
        '"{}" = 1',
        '["{}"]\na = 1',
        '[profiles.prod]\n"{}" = 1',
        '[profiles.prod."{}"]\na = 1',
        '[keys]\n"{}" = 1',
        '"my_secret_{}" = 1',
    ],
)
def test_a_secret_as_a_name_is_not_repeated(text: str, secret: str) -> None:
    settings = parse_settings(PATH, text.format(secret))
    assert settings.notes
    assert secret not in " ".join(settings.notes)


@pytest.mark.parametrize("secret", SECRETS[:2])
@pytest.mark.parametrize("text", ['[profiles."{}"]\nsite = 1', 'default_profile = "{}"', 'profiles."{}" = 1'])
def test_a_key_as_the_name_of_a_profile_is_refused_and_not_repeated(text: str, secret: str) -> None:
    with pytest.raises(ConfigError, match="looks like a key") as caught:
        parse_settings(PATH, text.format(secret))
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("profiles = 1", "profiles must be a table"),
        ("journal = 1", "journal must be a table"),
        ("[journal]\nsyslog = 'yes'", "journal.syslog must be true or false, not "),
        ("[profiles]\nprod = 'x'", "profiles.prod must be a table"),
        ("default_profile = 1", "default_profile must be text"),
        ("default_profile = ''", "default_profile must be 1 to 64"),
        ('[profiles." prod"]\n', "profiles must be 1 to 64"),
        ('[profiles."a\\u001bb"]\n', "profiles must be 1 to 64"),
        ("[profiles.p]\nsite='public'\napi_url='https://x.example'", "both site and api_url"),
        ("[profiles.p]\nregion='KR'\nregions=['KR']", "both region and regions"),
    ],
)
def test_a_wrong_shape_is_a_sentence(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        parse_settings(PATH, text)


@pytest.mark.parametrize(
    ("text", "name", "meant"),
    [
        ("read_only = true", "read_only", "read_only"),
        ("protected = true\n[profiles.prod]", "protected", "protected"),
        ("[profiles.prod]\nprotectd = true", "profiles.prod.protectd", "protected"),
        ("[profiles.prod]\nreadonly = true", "profiles.prod.readonly", "read_only"),
        ("[profiles.prod]\nread-only = true", "profiles.prod.", "read_only"),
        ("[profiles.prod]\nRead_Only = true", "profiles.prod.", "read_only"),
        ("[profiles.prod]\nrequire_reasons = true", "profiles.prod.require_reasons", "require_reason"),
        ("[profile.prod]\nread_only = true", "profile", "read_only"),
        ("[defaults]\nrequire_reason = true", "defaults", "require_reason"),
        ("[journal]\nread_only = true", "journal.read_only", "read_only"),
    ],
)
def test_a_protection_that_is_misspelt_or_stands_elsewhere_is_refused(text: str, name: str, meant: str) -> None:
    """It is not in force, and a line among others keeps nobody from an interrupt."""
    with pytest.raises(ConfigError) as refused:
        parse_settings(PATH, text)
    (sentence,) = refused.value.problems
    assert f": {name}" in sentence
    assert f"is not a setting there, and {meant} of a profile seems to be meant" in sentence


def test_what_is_unknown_is_noted_and_ignored() -> None:
    settings = parse_settings(PATH, "colour = 1\n[profiles.prod]\nsite = 'fin'\nfont = 2\n[future]\na = 1\n")
    assert settings.profiles == {"prod": ProfileEntry(site="fin")}
    noted = [note.split(": ")[1].split(" ")[0] for note in settings.notes]
    assert noted == ["colour", "future", "profiles.prod.font"]


@pytest.mark.parametrize("key", ["secret_key", "ncloud_secret_access_key", "access_key", "accessKey", "password"])
def test_a_key_in_the_file_is_neither_used_nor_repeated(key: str) -> None:
    settings = parse_settings(PATH, f"[profiles.prod]\n{key} = 'canary-secret'\n")
    assert "keys are never read from a file" in settings.notes[0]
    assert "canary" not in repr(settings)


@pytest.mark.parametrize(("key", "value"), [("site", "canary-secret"), ("api_url", 77077), ("cooldown", 77077)])
def test_no_complaint_repeats_a_value(key: str, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_settings(PATH, f"[profiles.prod]\n{key} = {value!r}\n")
    assert str(value) not in str(caught.value)


@given(st.text())
def test_any_text_is_settings_or_one_sentence(text: str) -> None:
    try:
        settings = parse_settings(PATH, text)
    except ConfigError as error:
        complaint = str(error)
    else:
        complaint = str(settings.path)
    assert complaint.startswith(str(PATH))


def test_the_same_korean_name_in_two_spellings_is_one_profile() -> None:
    decomposed = "결제"
    settings = parse_settings(PATH, f'[profiles."{decomposed}"]\n')
    assert "결제" in settings.profiles


@pytest.mark.parametrize(("value", "code"), [('"ko"', "ko"), ('"en"', "en"), ('" KO-kr "', "ko")])
def test_the_language_can_be_set(value: str, code: str) -> None:
    settings = parse_settings(PATH, f"language = {value}")
    assert (settings.language, settings.notes) == (code, ())


@pytest.mark.parametrize("value", ['"klingon"', '""', "9", "['ko']", "true", '"한국어"'])
def test_a_language_that_is_none_costs_a_line_and_not_the_console(value: str) -> None:
    settings = parse_settings(PATH, f"language = {value}\n[profiles.prod]\nprotected = true")
    assert settings.language is None
    assert settings.notes == (f'{PATH}: language must be "en" or "ko". The default is used.',)
    assert settings.profiles["prod"].protected


@pytest.mark.parametrize("name", ["Asia/Seoul", " Asia/Seoul ", "UTC", "America/Sao_Paulo"])
def test_times_can_be_shown_in_another_zone(name: str) -> None:
    settings = parse_settings(PATH, f'timezone = "{name}"')
    assert str(settings.timezone) == name.strip()
    assert settings.notes == ()


@pytest.mark.parametrize(
    "value",
    [
        *('"Asia/Nowhere"', '"KST+9"', '"Asia"', '"../../etc/passwd"', '"/etc/localtime"', '"tzdata.zi"', '""', "9"),
        *('"a\\u0000b"', '"' + "x" * 5000 + '"', '"서울"', "['UTC']", "true"),
    ],
)
def test_a_zone_that_is_none_costs_a_line_and_not_the_console(value: str) -> None:
    settings = parse_settings(PATH, f"timezone = {value}\n[profiles.prod]\nprotected = true")
    assert settings.timezone is None
    [note] = settings.notes
    assert "timezone must be the IANA name" in note
    assert "machine's own is used" in note
    assert value not in note
    assert settings.profiles["prod"].protected


def test_notes_follow_the_language_and_errors_are_said_in_it() -> None:
    top = 'timezone = "x"\nkeys = 1\nnew = 1\nlanguage = 3\n'
    text = f'{top}[profiles.prod]\nrefresh = 2\nsecret_key = "x"\ncolumns = 3\n[keys2]\n'
    plain = parse_settings(PATH, text)
    with marked_language():
        marked = parse_settings(PATH, text)
        assert marked.notes == plain.notes
        for note in marked.notes:
            assert not re.search("[a-z]{3}", outside_marks(shown(note))), shown(note)
        with pytest.raises(ConfigError) as caught:
            parse_settings(
                PATH, '[profiles.prod]\ntimeout = 0\nsite = "pub"\n[journal]\nsyslog = 3\npath = "x"\nteam = 3'
            )
        assert len(caught.value.problems) == 5
        for problem in caught.value.problems:
            assert not re.search("[a-z]{3}", outside_marks(problem)), problem


@pytest.fixture(scope="module")
def known() -> Mapping[str | tuple[str, ...], str]:
    """The translations, read once."""
    return current()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_what_a_setting_means_and_must_be_has_a_korean_text(
    setting: Setting, known: Mapping[str | tuple[str, ...], str]
) -> None:
    assert setting.meaning in known
    with marked_language():
        assert shown(setting.must_be).startswith(OPENS)
    assert setting.kind is Kind.FLAG or setting.bounds or setting.what in known
