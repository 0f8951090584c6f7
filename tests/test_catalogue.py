"""The catalogue: every text for the operator is in it, translated, and nothing else."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from freezegun import freeze_time

from ncpconsole.language import NAMES
from tools.catalogue import MO, PACKAGE, PO, key_of, made, main, mo_bytes, po_text, text_of, unwrapped

PARTICLES = re.compile(r"\}(을|를|은|는|이|가|와|과|로|으로|아|야)(?=[\s,.;:)])")
"""What Korean puts behind a word by its last sound, which a name that is filled in may not have."""


@cache
def drawn() -> Catalog:
    """The catalogue of the source, as `make catalogue` makes it."""
    return made({})


def test_the_catalogue_is_whole_and_as_it_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is missing, unused or fuzzy, and each translation has the placeholders of its message."""
    code = main(["check"])
    assert (capsys.readouterr().out, code) == ("", 0), "run 'make catalogue'"
    assert b"fuzzy" not in PO.read_bytes()
    assert MO.read_bytes() == mo_bytes(po_text(drawn()))


def test_no_text_for_the_operator_is_outside_the_catalogue() -> None:
    assert main(["unwrapped"]) == 0
    assert {file.name for file in (PACKAGE / "locale").iterdir()} == set(NAMES) - {"en"}


@pytest.mark.parametrize(
    "line",
    [
        'button = Button("Send it")',
        'raise ValueError("This cannot be.")',
        'click.echo(f"{count} servers found")',
        'WORDS = {"RUN": "is running"}',
        'label.update("Done.")',
        "words = f\"{tr('Send it')} {name}\"",
    ],
)
def test_a_text_outside_is_found(line: str, tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text(line, encoding="utf-8")
    assert len(list(unwrapped(file))) == 1


@pytest.mark.parametrize(
    "line",
    [
        '"""About this file."""',
        'words = tr("Send it to {name}.", name=name)',
        'WORDS = {"RUN": msgid("is running")}',
        'raise Refused(Sentence.plural("One server.", "{count} servers.", 3))',
        'LOG.warning("not for the operator")',
        'connection.execute("SELECT id FROM events")',
        'raise ValueError("a slip in this file")  # no message: told as a kind of error',
    ],
)
def test_what_no_operator_reads_is_let_be(line: str, tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text(line, encoding="utf-8")
    assert list(unwrapped(file)) == []


def test_no_particle_stands_behind_what_is_filled_in() -> None:
    found = [text_of(each) for each in drawn() if each.id and PARTICLES.search(text_of(each))]
    assert found == []


@pytest.mark.parametrize(
    ("english", "korean", "never"),
    [
        (r"\brestart", "재시작", "재부팅"),
        (r"\bterminat", "반납", "종료"),
        (r"\bregion\b", "리전", "지역"),
        (r"\bdiagnostic interrupt\b", "진단 인터럽트", "NMI 신호"),
    ],
)
def test_the_words_are_naver_clouds_own(english: str, korean: str, never: str) -> None:
    for message in drawn():
        key = key_of(message) if message.id else ""
        text = key if isinstance(key, str) else key[0]
        if re.search(english, text) and korean not in text_of(message):
            assert never not in text_of(message), text


def test_the_files_are_the_same_whenever_they_are_drawn() -> None:
    files = []
    for day in ("2026-11-26", "2031-01-01"):
        with freeze_time(day):
            files.append(mo_bytes(PO.read_bytes()))
    assert files[0] == files[1]
