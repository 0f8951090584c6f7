"""A language that marks every text of the catalogue, so that what was translated can be told from what was not."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager

from ncpconsole import language

OPENS, CLOSES = "⟦", "⟧"


class Marked(gettext.NullTranslations):
    """English, with each message in brackets."""

    def gettext(self, message: str) -> str:
        return f"{OPENS}{message}{CLOSES}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@contextmanager
def marked_language() -> Iterator[None]:
    """Within this, the marking language is in force."""
    language.use_catalogue("xx", Marked())
    try:
        yield
    finally:
        language.use_catalogue("en", None)


def outside_marks(text: str) -> str:
    """What of a text stands outside all brackets: what no message holds."""
    depth, found = 0, []
    for letter in text:
        depth += (letter == OPENS) - (letter == CLOSES)
        if depth == 0 and letter != CLOSES:
            found.append(letter)
    return "".join(found)
