"""What an operator reads in the middle of the night: whole sentences, each fact once, with the way out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ncpconsole.core.interrupter import Confirmation
from ncpconsole.core.session import Policy
from tests.core.fakes import Desk
from tests.core.test_interrupter import NewDesk

NOTHING = Confirmation("")


def assert_sentences(text: str) -> None:
    """Each sentence begins with a capital or a digit and the text ends with a stop."""
    assert text.endswith((".", ".)")), text
    for begin in re.findall(r"[.!?] (\S)", text):
        assert begin.isupper() or begin.isdigit() or begin == "(", text


async def test_every_objection_is_a_sentence_of_its_own(new_desk: NewDesk) -> None:
    desk: Desk = new_desk(policy=Policy(protected=True, require_reason=True))
    plan = await desk.interrupter.plan("KR", "300")
    found = desk.interrupter.objections(plan, replace(NOTHING, reason=" " * 2001))
    assert found == (
        "Type the server name exactly (web-1).",
        "This profile is protected: type its name too (prod).",
        "This profile demands a reason or ticket.",
        "The reason is longer than 2000 characters: shorten it.",
    )
    assert_sentences(" ".join(found))
