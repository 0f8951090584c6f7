"""Words for codes, by code alone."""

from __future__ import annotations

import pytest

from ncpconsole.core.wording import operation_words, server_status, shown_code, status_word, status_words
from tests.core.records import server


@pytest.mark.parametrize(
    ("status", "operation", "words"),
    [
        ("RUN", "NULL", "RUN running"),
        ("RUN", "", "RUN running"),
        ("RUN", "SHTDN", "RUN shutting down"),
        ("RUN", "SETUP", "RUN setting up"),
        ("RUN", "HREST", "RUN hard restarting"),
        ("NSTOP", "NULL", "NSTOP stopped"),
        ("NSTOP", "START", "NSTOP starting"),
        ("ST_FL", "NULL", "ST_FL start failed"),
        ("WAT", "NULL", "WAT"),
        ("RUN", "WAT", "RUN WAT"),
        ("\x1b[2J", "\u202e", "\\x1b[2J \\u202e"),
        ("", "", "status unknown"),
        ("", "SHTDN", "shutting down"),
    ],
)
def test_status_and_operation_as_the_table_shows_them(status: str, operation: str, words: str) -> None:
    assert status_words(status, operation) == words
    assert server_status(server(status=status, operation=operation, code_name="다른 말")) == words


def test_an_unknown_code_has_no_meaning_but_is_shown_short_and_safe() -> None:
    assert status_word("WAT") == ""
    assert operation_words("WAT") == "WAT"
    assert operation_words("NULL") == ""
    assert shown_code("X" * 100) == "X" * 23 + "…"
