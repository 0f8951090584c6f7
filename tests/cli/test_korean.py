"""The plain commands in Korean, each in a process of its own: in words, in JSON, in other encodings, in 80 columns."""

from __future__ import annotations

import functools
import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.cli import COMMANDS
from ncpconsole.core.safe_text import cell_width
from ncpconsole.language import KOREAN
from tests.cli.test_usage_errors import PLACES, SECRET
from tests.end_to_end.simulation import simulation
from tests.end_to_end.terminal import Terminal
from tools.catalogue import PO, current

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.end_to_end.simulation import Simulation

pytestmark = pytest.mark.slow

HANGUL = re.compile("[가-힣]")
SPEAKING = {"NCPCONSOLE_LANG": KOREAN}
CLEAN = "142300003"
"""A server of the simulator that may be interrupted, and has no caution where nobody asks for vital signs."""
NAME = "ad-00003"
BLOCKED = "142300005"
CHANGING = re.compile(
    rb'[0-9A-HJKMNP-TV-Z]{26}|\d{4}-\d\d-\d\d[T ][^"]*|"[0-9a-f]{64}"'
    rb"|(as|\d+ s (behind|ahead of)) the gateway's"
)
"""What differs from one run to the next: ids, times, hashes, the clock of a busy machine."""
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Ran:
    """What became of a command: its code, and the bytes that it wrote."""

    def __init__(self, *words: str, **variables: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "ncpconsole", *words],
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=120,
        )
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        assert b"Traceback" not in self.err

    def text(self, encoding: str = "utf-8") -> str:
        """Both streams, as a terminal of this encoding reads them."""
        return self.out.decode(encoding) + self.err.decode(encoding)

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "64") as running:
        yield running


@pytest.fixture
def account(gateway: Simulation, tmp_path: Path) -> dict[str, str]:
    """The variables of the simulated account, with a record of this test's own."""
    return gateway.environment | {"NCPCONSOLE_STATE_DIR": str(tmp_path / "state")}


@pytest.mark.parametrize("locale", [{"LANG": "C", **SPEAKING}, {"LANG": "ko_KR.UTF-8"}])
def test_an_interrupt_is_led_through_in_korean_with_the_codes_of_english(
    locale: dict[str, str], tmp_path: Path
) -> None:
    with simulation("--servers", "64") as gateway:
        lead_through(gateway.environment | {"NCPCONSOLE_STATE_DIR": str(tmp_path / "state")} | locale)


def lead_through(variables: dict[str, str]) -> None:
    """Every plain command once, as in an incident."""
    expected = (
        (("servers",), 0, "eligible"),
        (("show", "결제-00031"), 0, "Hypervisor"),
        (("interrupt", CLEAN), 3, "refused, nothing was sent"),
        (("interrupt", CLEAN, "--dry-run", "--no-signs"), 0, "dry run"),
        (("interrupt", CLEAN, "--confirm", NAME, "--no-signs", "--incident", "장애-1"), 0, "accepted"),
        (("history",), 0, "by {who}, profile {profile}, region {region}"),
        (("history", "--verify"), 0, "The journal is whole: {events} events. Head: {head}"),
        (("note", "장애-1", "다음 근무자가 덤프를 확인"), 0, "Noted about {subject}."),
        (("handover", "장애-1"), 0, "Interrupt (NMI) of {name} ({number}), region {region}, {gateway}"),
        (("history", "--server", "1"), 0, "No recorded interrupt matches."),
        (("resolve", "X", "--as", "accepted", "--note", "확인"), 1, ""),
        (("doctor",), 0, "signature"),
        (("config", "show"), 0, "default"),
        (("profiles",), 0, "PROFILE"),
        (("paths",), 0, "Journal"),
        (("team", "status"), 0, "an interrupt can be recorded"),
        (("interrupt", "--help"), 0, "Why; or a ticket number."),
        (("servers", "extra"), 2, "There are more words than this command takes."),
        (("servrs",), 2, "There is no such command."),
        (("show", "1"), 1, ""),
    )
    known = translations()
    for words, code, message in expected:
        ran = Ran(*words, **variables)
        assert ran.code == code, (words, ran.text())
        assert HANGUL.search(ran.text())
        assert known.get(message, "").partition("{")[0] in ran.text(), words
    for form in ("json", "jsonl", "csv"):
        korean, english = (Ran("history", "--output", form, *lang, **variables) for lang in ((), ("--lang", "en")))
        assert english.out
        assert korean.out == english.out
    [record] = Ran("history", "--json", **variables).json
    with closing(sqlite3.connect(Path(variables["NCPCONSOLE_STATE_DIR"]) / "journal.db")) as journal:
        stored = "\n".join(journal.iterdump())
    for text in (json.dumps(record, ensure_ascii=False), stored):
        typed = set(re.findall("[가-힣]+", text))
        assert "장애" in typed
        assert typed <= {"장애", "다음", "근무자가", "덤프를", "확인"}  # what was typed, and nothing of ours


ENGLISH_WORDS = re.compile(r"\b(?:the|is|are|of|was|not|this|which|and)\b")


@pytest.mark.parametrize(
    "words",
    [
        ("servers", "--all"), ("show", CLEAN), ("interrupt", CLEAN), ("history",), ("doctor",), ("profiles",),
        ("paths",), ("team", "status"), ("config", "show"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_english_sentence_is_left(account: dict[str, str], words: tuple[str, ...]) -> None:
    text = Ran(*words, **account, **SPEAKING).text()
    assert HANGUL.search(text)
    assert english_lines(text) == []


def english_lines(text: str) -> list[str]:
    """The lines that hold an English sentence."""
    return [line for line in text.splitlines() if len(ENGLISH_WORDS.findall(line)) > 1]


JSON_COMMANDS = (
    ("servers", "--all", "--json"),
    ("servers", "--output", "jsonl"),
    ("servers", "--signs", "--json"),
    ("show", CLEAN, "--json"),
    ("interrupt", CLEAN, "--json"),
    ("interrupt", CLEAN, "--dry-run", "--no-signs", "--json"),
    ("history", "--json"),
    ("history", "--jsonl"),
    ("history", "--verify", "--json"),
    ("note", CLEAN, "a note", "--json"),
    ("handover", "INC-1", "--json"),
    ("profiles", "--json"),
    ("paths", "--json"),
    ("doctor", "--json"),
    ("config", "show", "--json"),
    ("config", "check", "--json"),
    ("team", "status", "--json"),
    ("servers", "--json", "too", "many"),
    ("show", "1", "--json"),
)


@pytest.mark.parametrize("words", JSON_COMMANDS, ids=" ".join)
def test_json_is_the_same_byte_for_byte_in_every_locale(
    gateway: Simulation, words: tuple[str, ...], tmp_path: Path
) -> None:
    english, korean = (
        Ran(*words, **gateway.environment, NCPCONSOLE_STATE_DIR=str(tmp_path / "state"), **variables)
        for variables in ({"LC_MESSAGES": "en_US.UTF-8"}, {"LC_MESSAGES": "ko_KR.UTF-8"})
    )
    assert english.code == korean.code
    assert english.out.isascii()
    assert CHANGING.sub(b"", korean.out) == CHANGING.sub(b"", english.out)


def test_the_json_of_an_interrupt_is_the_same_in_every_locale(tmp_path: Path) -> None:
    outs = []
    for locale in ("en_US.UTF-8", "ko_KR.UTF-8"):
        with simulation("--servers", "64") as gateway:
            variables = gateway.environment | {"NCPCONSOLE_STATE_DIR": str(tmp_path / locale), "LC_MESSAGES": locale}
            ran = Ran("interrupt", CLEAN, "--confirm", NAME, "--no-signs", "--json", **variables)
        assert (ran.code, ran.json["outcome"]) == (0, "accepted")
        outs.append(UUID.sub("", CHANGING.sub(b"", ran.out).decode("ascii")))
    assert outs[0] == outs[1]


def words_and_codes(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document with its field, in order."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from words_and_codes(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from words_and_codes(each, name)
    else:
        yield name, value


IN_WORDS = {"message", "remedy", "reasons", "cautions", "reason"}
"""The fields that hold sentences."""


@pytest.mark.parametrize(
    "words",
    [
        ("servers", "--all"),
        ("show", BLOCKED),
        ("interrupt", CLEAN),
        ("doctor",),
        ("servers", "too", "many"),
        ("show", "1"),
    ],
    ids=" ".join,
)
def test_with_lang_the_texts_of_json_are_korean_and_the_codes_are_not(
    account: dict[str, str], words: tuple[str, ...]
) -> None:
    english, korean = (Ran(*words, "--json", "--lang", code, **account) for code in ("en", "ko"))
    assert english.code == korean.code
    assert korean.out.isascii()
    before, after = list(words_and_codes(english.json)), list(words_and_codes(korean.json))
    assert [name for name, _ in before] == [name for name, _ in after]
    for (name, one), (_, other) in zip(before, after, strict=True):
        if name in IN_WORDS and one and " " in one and not one.startswith("/"):
            assert HANGUL.search(other) or one == other, (name, one, other)
        elif name not in IN_WORDS:
            assert one == other, name
    assert any(HANGUL.search(str(other)) for name, other in after if name in IN_WORDS)


@pytest.mark.parametrize(
    "words", [("servers", "--all"), ("servers", "--all", "--signs"), ("config", "show"), ("doctor",)]
)
def test_the_columns_stand_below_each_other(account: dict[str, str], words: tuple[str, ...]) -> None:
    lines = Ran(*words, **account, **SPEAKING).out.decode().splitlines()
    if words == ("doctor",):
        starts = {cell_width(line[: re.match(r"\S+ +(?:\S ?)+? {2,}|.{29}", line).end()]) for line in lines}  # type: ignore[union-attr]
        assert len(lines) > 10
        assert min(starts) >= 9
        return
    heading, *rows = lines
    second = heading.split()[1]
    column = cell_width(heading[: heading.index(second, 1)])
    for row in rows:
        cells, index = 0, 0
        while cells < column:
            cells += cell_width(row[index])
            index += 1
        assert cells == column, row
        assert row[index - 1] == " ", row
        assert row[index] != " ", row


def test_the_settings_choose_the_language_of_the_next_command(tmp_path: Path) -> None:
    variables = {"NCPCONSOLE_CONFIG": str(tmp_path / "config.toml")}
    assert b"is ko now" in Ran("config", "set", "language", "ko", **variables).out
    assert HANGUL.search(Ran("config", "set", "language", "en", **variables).text())
    assert b"default" in Ran("profiles", **variables).out
    refused = Ran("config", "set", "language", "klingon", **variables)
    assert (refused.code, b'language must be "en" or "ko"' in refused.err) == (1, True)
    Path(variables["NCPCONSOLE_CONFIG"]).write_text('language = "klingon"\n', encoding="utf-8")
    told = Ran("profiles", **variables)
    assert told.code == 0
    assert told.err.decode().count('language must be "en" or "ko"') == 1


# Encodings


@pytest.mark.parametrize(
    ("encoding", "locale"), [("euc-kr", "ko_KR.eucKR"), ("cp949", "ko_KR.CP949"), ("utf-8", "ko_KR.UTF-8")]
)
def test_where_hangul_can_be_written_it_is(account: dict[str, str], encoding: str, locale: str) -> None:
    variables = account | {"LANG": locale, "PYTHONIOENCODING": encoding}
    for words in (("servers", "--all"), ("doctor",), ("servers", "a")):
        text = Ran(*words, **variables).text(encoding)
        assert HANGUL.search(text)
        assert "\\u" not in text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_where_hangul_cannot_be_written_it_is_english_with_marks_of_ascii(
    account: dict[str, str], encoding: str
) -> None:
    variables = account | {"LANG": "ko_KR.UTF-8", "PYTHONIOENCODING": encoding}
    for words in (("servers", "--all", "--filter", "web"), ("interrupt", CLEAN), ("doctor",)):
        text = Ran(*words, **variables).text(encoding)
        assert text.isascii()
        assert "\\u" not in text
        assert "?" not in text
    assert 'no rule set named "never"; known are' in Ran("servers", "--rules", "never", **variables).text(encoding)
    said = Ran("profiles", "--lang", "ko", **variables)
    assert re.match("The encoding .+ has no Hangul, so this is in English: set LANG to", said.err.decode(encoding))
    assert said.code == 0


def test_the_language_s_letters_are_all_in_the_smaller_encoding_of_korea() -> None:
    PO.read_text("utf-8").encode("euc-kr")


def test_a_console_whose_terminal_has_hangul_and_no_lines_is_korean_in_ascii_and_says_what_to_set() -> None:
    variables = {"LC_ALL": "ko_KR.eucKR", "PYTHONIOENCODING": "euc-kr"}
    with Terminal("demo", environment=variables) as terminal:
        terminal.shows("142300066")
        terminal.shows("LANG")
        terminal.press("q")
        terminal.ended()
        text = bytes(terminal.raw).decode("euc-kr")
    assert "LANG" in text
    assert HANGUL.search(text)
    assert not re.search("[─-▟]", text)


def test_a_console_that_cannot_write_hangul_says_what_to_set_in_english() -> None:
    with Terminal("demo", "--lang", "ko", environment={"PYTHONIOENCODING": "ascii"}) as terminal:
        terminal.shows("! The terminal's encoding is ascii: set LANG to a UTF-8 locale, such as")
        terminal.press("q")
        assert terminal.ended() == 0
    assert bytes(terminal.raw).isascii()


# Help and usage errors, many of them in one process

IN_KOREAN = """
import json, sys
from click.testing import CliRunner
from ncpconsole.cli import root, speak
speak("ko")
for words in json.load(sys.stdin):
    ran = CliRunner().invoke(root, words)
    print(json.dumps([words, ran.exit_code, ran.stdout, ran.stderr]))
"""


def in_korean(commands: list[list[str]], **variables: str) -> Iterator[tuple[list[str], int, str, str]]:
    """Words, code, standard output and standard error of each command line."""
    ran = subprocess.run(
        [sys.executable, "-c", IN_KOREAN],
        input=json.dumps(commands),
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    for line in ran.stdout.splitlines():
        words, code, out, err = json.loads(line)
        yield words, code, out, err


GROUPS = {"config": ("show", "set", "unset", "check"), "team": ("setup", "status", "leave")}


def test_the_help_of_every_command_fits_into_80_columns() -> None:
    commands = [[], *([command] for command in COMMANDS)]
    commands += [[group, command] for group, members in GROUPS.items() for command in members]
    told = list(in_korean([[*words, "--help"] for words in commands], COLUMNS="80"))
    assert len(told) == len(commands)
    for words, code, out, _ in told:
        assert code == 0
        assert out.startswith("사용법: ")
        assert "\0" not in out
        assert [line for line in out.splitlines() if cell_width(line) > 80] == [], words
        assert english_lines(out) == [], words
        assert not re.search("-$", out, re.MULTILINE), words  # within the name of an option


def test_a_usage_error_quotes_nothing_in_korean_either() -> None:
    told = list(in_korean([list(words) for words in PLACES]))
    assert len(told) == len(PLACES)
    for words, code, out, err in told:
        assert code == 2, words
        assert SECRET not in out + err, words
        assert HANGUL.search(err), words


def test_each_sentence_of_click_on_a_value_begins_with_the_value_so_that_it_can_be_left_out() -> None:
    """What `cli.output.VALUE` takes away stands first in every language."""
    known = translations()
    begin_with_value = [message for message in known if message.startswith(("{value!r} is not", "{value} is not"))]
    assert len(begin_with_value) > 3
    for message in begin_with_value:
        assert re.match(r"\{value(!r)?\} 값은 ", known[message]), message


@functools.cache
def translations() -> Mapping[str, str]:
    """The Korean text of each message, by its first text."""
    return {key if isinstance(key, str) else key[0]: text for key, text in current().items()}
