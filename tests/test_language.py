"""Messages in the language in force, and sentences that are stored in English and shown in it."""

from __future__ import annotations

import copy
import gettext
import json
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ncpconsole import language
from ncpconsole.cli.output import json_text
from ncpconsole.config.language_choice import chosen_language
from ncpconsole.language import Sentence, cached, msgid, shown, tr, tr_n


class Backwards(gettext.NullTranslations):
    """A catalogue whose language is English with its words in the other order."""

    def gettext(self, message: str) -> str:
        return " ".join(reversed(message.split(" ")))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        del msgid1, n
        return self.gettext(msgid2)


@pytest.fixture
def backwards() -> Iterator[None]:
    language.use_catalogue("xx", Backwards())
    yield
    language.use_catalogue("en", None)


def test_english_is_the_message_itself_with_its_arguments() -> None:
    assert tr("{count:,} servers of {region}", count=1234, region="{x}") == "1,234 servers of {x}"
    assert tr("100 % {sure}") == "100 % {sure}"
    assert tr_n("One server.", "{count} servers.", 1) == "One server."
    assert tr_n("One server of {region}.", "{count} servers of {region}.", 2, region="KR") == "2 servers of KR."


def test_a_catalogue_says_it_with_the_same_arguments_in_its_own_places(backwards: None) -> None:
    assert tr("{count:,} servers of {region}", count=1234, region="{x}") == "{x} of servers 1,234"
    assert tr_n("One server.", "{count} servers.", 1) == "servers. 1"
    assert tr("") == ""
    assert msgid("Two words") == "Two words"


def test_a_sentence_is_its_english_text_wherever_it_is_stored_and_is_shown_in_the_language(backwards: None) -> None:
    inner = Sentence.plural("one server", "{count} servers", 3)
    sentence = Sentence("Sent to {what}.", what=inner)
    both = Sentence.joined(sentence, "", Sentence("Look first."))
    assert (str(both), shown(both)) == ("Sent to 3 servers. Look first.", "servers 3. to Sent first. Look")
    assert json.dumps(both) == '"Sent to 3 servers. Look first."'
    assert shown("as it is") == "as it is"
    assert shown(ValueError(sentence)) == "servers 3. to Sent"
    for copied in (copy.deepcopy(both), pickle.loads(pickle.dumps(both))):
        assert (copied, shown(copied)) == (both, shown(both))


def test_json_is_english_where_no_language_is_in_force_and_else_that(backwards: None) -> None:
    sentence = Sentence("Look first.")
    assert json.loads(json_text({"message": sentence})) == {"message": "first. Look"}
    language.use_catalogue("en", None)
    assert json.loads(json_text({"message": sentence})) == {"message": "Look first."}
    with pytest.raises(TypeError):
        json_text({"at": object(), "time": datetime.now(UTC)})


def test_words_that_are_kept_change_with_the_language() -> None:
    @cached()
    def word(number: int) -> str:
        return tr("word {number}", number=number)

    assert word(1) == "word 1"
    language.use_catalogue("xx", Backwards())
    assert word(1) == "1 word"
    language.use_catalogue("en", None)
    assert word(1) == "word 1"


@pytest.mark.parametrize(
    ("words", "environ", "configured", "code"),
    [
        ("", {}, "", "en"),
        ("", {"LANG": "ko_KR.UTF-8"}, "", "ko"),
        ("", {"LANG": "ko_KR.UTF-8"}, 'language = "en"', "en"),
        ("", {"LANG": "C"}, 'language = "ko"', "ko"),
        ("", {"LANG": "C"}, '[profiles.language]\nregion = "KR"', "en"),
        ("", {"LANG": "C"}, "language = [", "en"),
        ("", {"LANG": "C"}, "language = 3", "en"),
        ("", {"LANG": "ko_KR", "LC_ALL": "C"}, "", "en"),
        ("", {"LANG": "ko_KR", "LC_ALL": ""}, "", "ko"),
        ("", {"LANG": "en_US.UTF-8", "LC_MESSAGES": "ko_KR.eucKR"}, "", "ko"),
        ("", {"LANG": "en_US.UTF-8", "LANGUAGE": "ko:en"}, "", "ko"),
        ("", {"LANG": "C", "LANGUAGE": "ko"}, "", "en"),
        ("", {"LANG": "fr_FR.UTF-8"}, "", "en"),
        ("", {"LANG": "kok_IN.UTF-8"}, "", "en"),
        ("", {"NCPCONSOLE_LANG": "ko"}, 'language = "en"', "ko"),
        ("", {"NCPCONSOLE_LANG": "KO-kr"}, "", "ko"),
        ("", {"NCPCONSOLE_LANG": "klingon", "LANG": "ko_KR.UTF-8"}, "", "ko"),
        ("--lang en", {"NCPCONSOLE_LANG": "ko"}, "", "en"),
        ("servers --lang=ko", {}, "", "ko"),
        ("--lang en servers --lang ko", {}, "", "ko"),
        ("note -- --lang ko", {}, "", "en"),
        ("servers --lang", {}, "", "en"),
        ("servers --json", {"LANG": "ko_KR.UTF-8"}, 'language = "ko"', "en"),
        ("servers --output json", {"NCPCONSOLE_LANG": "ko"}, "", "en"),
        ("servers --output=jsonl", {"NCPCONSOLE_LANG": "ko"}, "", "en"),
        ("servers --output csv", {"NCPCONSOLE_LANG": "ko"}, "", "en"),
        ("history --jsonl", {"NCPCONSOLE_LANG": "ko"}, "", "en"),
        ("servers --output csv --lang ko", {}, "", "ko"),
        ("history --output markdown", {"NCPCONSOLE_LANG": "ko"}, "", "ko"),
        ("servers --output table", {"NCPCONSOLE_LANG": "ko"}, "", "ko"),
        ("servers --json --lang ko", {}, "", "ko"),
        # Linux's own console has no Hangul, whatever the locale is; who asks for it in words gets it.
        ("demo", {"LANG": "ko_KR.UTF-8", "TERM": "linux"}, "", "en"),
        ("demo", {"LANG": "ko_KR.UTF-8", "TERM": "xterm-256color"}, "", "ko"),
        ("demo", {"NCPCONSOLE_LANG": "ko", "TERM": "linux"}, "", "ko"),
        ("demo", {"TERM": "linux"}, 'language = "ko"', "ko"),
        ("demo --lang ko", {"TERM": "linux"}, "", "ko"),
    ],
)
def test_the_language_is_what_was_said_nearest(
    words: str, environ: dict[str, str], configured: str, code: str, tmp_path: Path
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(configured, encoding="utf-8")
    assert chosen_language(words.split(), environ | {"NCPCONSOLE_CONFIG": str(file)}) == code
