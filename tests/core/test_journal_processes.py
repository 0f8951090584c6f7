"""Many consoles at once, each a process of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ncpconsole.ncp.results import Outcome
from tools.races import race

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ncpconsole.core.journal.journal import Journal

pytestmark = pytest.mark.slow

CONSOLES = 32


def test_of_32_consoles_one_sends_and_31_get_the_reason(
    journal_path: Path, open_journal: Callable[..., Journal]
) -> None:
    """All opened a journal that did not exist, all saw the same server, all pressed Send at once."""
    counts, (*refusals, last) = race(journal_path, CONSOLES)
    assert counts == {"300": 1}
    assert last.startswith("accepted")
    reason = re.compile(r"refused An interrupt of server 300 \(web-1\) by operator-\d+@bastion is under way since")
    assert [line for line in refusals if not reason.match(line)] == []

    journal = open_journal()
    assert [one.outcome for one in journal.intents()] == [Outcome.ACCEPTED]
    assert (journal.verify().events, journal.verify().fault) == (3, None)
    assert journal.recover() == []
