"""One thing the operator must type before a send: the box, what it must hold, and how it stands in words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ncpconsole.core.plan import is_typed


@dataclass(frozen=True, slots=True)
class Asked:
    """``wanted`` is the exact text, or None for free text; free text that is not ``required`` may stay empty.

    What counts as typed is decided by `core.confirmation.is_typed`; this only says it.
    """

    id: str
    label: str
    wanted: str | None
    required: bool = True

    def matches(self, typed: str) -> bool:
        """Whether what is typed is enough."""
        if self.wanted is None:
            return bool(typed.strip()) or not self.required
        return is_typed(self.wanted, typed)

    @property
    def must_be_typed(self) -> bool:
        """Whether pasting is refused: a name copied off the screen proves nothing about what was read.

        A name that not every keyboard can write may be pasted: without that keyboard nobody could confirm it.
        """
        return self.wanted is not None and self.wanted.isascii()

    def says(self, typed: str) -> str:
        """How it stands, in a few words."""
        if self.wanted is None:
            return self._says_of_free_text(typed)
        if is_typed(self.wanted, typed):
            return "matches"
        if not typed:
            return "nothing typed yet"
        if typed.strip().casefold() == self.wanted.casefold():
            return "case differs"
        wanted = unicodedata.normalize("NFC", self.wanted)
        begun = wanted.startswith(unicodedata.normalize("NFC", typed.lstrip()))
        return "does not match yet" if begun else "does not match"

    def _says_of_free_text(self, typed: str) -> str:
        if typed.strip():
            return "noted"
        return "required" if self.required else "optional"
