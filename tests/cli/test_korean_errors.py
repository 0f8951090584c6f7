"""Real commands in Korean: what they say is Korean, what they exit with and keep is the same as in English."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.operator import Operator, Ran
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulator.threaded import ThreadedSimulator

pytestmark = pytest.mark.slow

HANGUL = re.compile("[가-힣]")
ENGLISH = re.compile(r"(?:\b[a-z]+ ){2}[a-z]+\b")
"""Three words in a row that no name, option or key of a file is made of."""
DRAWN = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.+Z]+")
"""What differs between two runs: ids and times."""
FILES = {
    "broken": ("a = [", 1),
    "not UTF-8": ("a = \udcff", 1),
    "kinds": (
        '[profiles.prod]\nsite = "pub"\napi_url = "https://x"\ntimeout = 0\n[journal]\nsyslog = 3\npath = "x"',
        1,
    ),
    "team": ('[journal]\nteam = "postgresql://u:secret@db.example/x"', 1),
    "no table": ("profiles = 3", 1),
    "name": ("default_profile = 1", 1),
    "notes": ('timezone = "x"\nkeys = 1\nnew = 1\n[profiles.prod]\nrefresh = 2\nsecret_key = "x"', 0),
}
SAID = {
    "half a key": ({"NCLOUD_SECRET_KEY": ""}, ("servers",)),
    "two keys": ({"NCLOUD_ACCESS_KEY_ID": "another"}, ("servers",)),
    "a blank": ({"NCLOUD_ACCESS_KEY": "with blank"}, ("servers",)),
    "an odd key": ({"NCLOUD_SECRET_KEY": '"x"'}, ("servers",)),
    "no such profile name": ({}, ("servers", "--profile", " x")),
    "site": ({"NCLOUD_SITE": "x", "NCLOUD_API_GW": ""}, ("servers",)),
    "region": ({}, ("servers", "--region", "?")),
    "address": ({"NCLOUD_API_GW": "http://gateway.example"}, ("servers",)),
    "refused": ({"NCLOUD_API_GW": "http://127.0.0.1:9"}, ("servers",)),
    "no name": ({"NCLOUD_API_GW": "https://gateway.invalid"}, ("servers",)),
    "proxy": ({"NCLOUD_API_GW": "https://gateway.invalid", "HTTPS_PROXY": "socks5://x"}, ("servers",)),
    "home": ({"NCPCONSOLE_STATE_DIR": "relative"}, ("history",)),
    "unread": ({"NCPCONSOLE_REGION": "KR"}, ("history",)),
    "no file of the CLI": ({}, ("login", "--from-ncloud-cli")),
}
OUTCOMES = {
    "accepted": ("", 0),
    "rejected": ("interrupt:refused-saying=No.", 4),
    "rejected for the key": ("interrupt:permission-denied", 4),
    "unknown": ("interrupt:answer-reset", 6),
    "unknown, no form": ("interrupt:malformed-json", 6),
    "unknown, failed": ("interrupt:error-500", 6),
}


@pytest.fixture(scope="module")
def gateway() -> Iterator[ThreadedSimulator]:
    with running_simulator(servers=8) as running:
        yield running


def operator(gateway: ThreadedSimulator, home: Path, **variables: str) -> Operator:
    """Somebody with the simulator's key in the environment and files of their own."""
    home.mkdir(exist_ok=True)
    own = {
        "HOME": str(home),
        "NCPCONSOLE_CONFIG": str(home / "config.toml"),
        "NCPCONSOLE_STATE_DIR": str(home / "state"),
        **gateway.environment,
    }
    return Operator(dict(os.environ) | own | variables)


def in_both(one: Operator, *words: str) -> tuple[Ran, Ran]:
    """The same command in English and in Korean."""
    return one.run(*words, "--lang", "en"), one.run(*words, "--lang", "ko")


def is_korean(text: str, english: str) -> None:
    """Every line that has words in English has Hangul, and no English sentence is left."""
    assert HANGUL.search(text), text
    assert not ENGLISH.search(text), text
    assert len(text.splitlines()) == len(english.splitlines())


@pytest.mark.parametrize("name", FILES)
def test_what_is_wrong_in_the_settings_is_said_in_korean(name: str, gateway: ThreadedSimulator, tmp_path: Path) -> None:
    content, code = FILES[name]
    one = operator(gateway, tmp_path)
    (tmp_path / "config.toml").write_text(content, "utf-8", "surrogateescape")
    english, korean = in_both(one, "config", "show")
    assert (english.code, korean.code) == (code, code)
    is_korean(re.sub("(?<=열: )[^.]*", "", korean.err), english.err)  # the parser's words


@pytest.mark.parametrize("name", SAID)
def test_what_goes_wrong_is_said_in_korean_with_the_same_exit_code(
    name: str, gateway: ThreadedSimulator, tmp_path: Path
) -> None:
    variables, words = SAID[name]
    english, korean = in_both(operator(gateway, tmp_path, **variables), *words)
    assert english.code == korean.code
    assert not HANGUL.search(english.err)
    is_korean(korean.err or korean.out, english.err or english.out)


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_interrupt_in_korean_leaves_the_same_record_and_log(name: str, tmp_path: Path) -> None:
    fault, code = OUTCOMES[name]
    kept: list[tuple[str, list[str]]] = []
    for language in ("en", "ko"):
        with running_simulator(servers=8, faults=[fault] if fault else []) as gateway:
            one = operator(gateway, tmp_path / language, NCPCONSOLE_LANG=language)
            sent = one.run("--debug", "interrupt", "142300001", "--confirm", "web-00001", "--timeout", "60")
            assert sent.code == code
            said = sent.out + sent.err
            if language == "ko":
                is_korean(said.replace("web-00001 (142300001)", ""), said)
            history = one.run("history", "--json", NCPCONSOLE_LANG="en").out
            log = (tmp_path / language / "state" / "debug.log").read_text("utf-8")
            port = gateway.url.rpartition(":")[2]
        state = b"".join(file.read_bytes() for file in (tmp_path / language / "state").rglob("*") if file.is_file())
        assert not HANGUL.search(state.decode("utf-8", "ignore"))
        told = sorted(re.findall(r"(?m)^DEBUG .*?(?=, \d+ ms)", DRAWN.sub("", log)))
        assert any("interruptServerInstance" in line for line in told)
        kept.append((DRAWN.sub("", history).replace(port, "PORT"), told))
    english, korean = kept
    assert english == korean
