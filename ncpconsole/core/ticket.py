"""The servers that a line of a ticket or an alarm names: by address, number or name, several at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ncpconsole.core.inventory import Row
from ncpconsole.core.names import folded
from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import tr, tr_n

MOST_WORDS = 200
"""Words of a line that are looked at; nobody names more servers at once."""

_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d./])")
_AROUND = "\"'`()[]{}<>,;:.!?|=*"
"""What stands around a word without belonging to it."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a line names: ``found`` and ``unknown`` are its words, folded; ``keys`` those of the rows that have one.

    An address that no server has is unknown; any other word that no server has is a word like any other.
    """

    found: tuple[str, ...]
    unknown: tuple[str, ...]
    keys: frozenset[str]

    @property
    def words(self) -> str:
        """How many it names and how many are here: ``5 addresses, 4 found, 1 unknown``."""
        named = (*self.found, *self.unknown)
        only_addresses = all(map(_ADDRESS.fullmatch, named))
        facts = {"found": len(self.found), "unknown": len(self.unknown)}
        if only_addresses and self.unknown:
            return tr("{count} addresses, {found} found, {unknown} unknown", count=len(named), **facts)
        if only_addresses:
            return tr("{count} addresses, {found} found", count=len(named), found=len(self.found))
        if self.unknown:
            return tr_n(
                "1 server named, {found} found, {unknown} unknown",
                "{count:,} servers named, {found} found, {unknown} unknown",
                len(named),
                **facts,
            )
        return tr_n(
            "1 server named, {found} found", "{count:,} servers named, {found} found", len(named), found=len(self.found)
        )


def addresses_in(text: str) -> tuple[str, ...]:
    """The whole IPv4 addresses in a text, each once, in their order; a network is none."""
    return tuple(dict.fromkeys(_ADDRESS.findall(text)))


def named_in(text: str, rows: Sequence[Row]) -> Named | None:
    """The servers that a line names; None where it names fewer than two."""
    line = folded(safe_text(text, 10_000))
    addresses = addresses_in(line)
    words = tuple(dict.fromkeys(_words(line)))
    if len(addresses) < 2 and len(words) < 2:
        return None
    held: dict[str, set[str]] = {}
    for address in addresses:
        holders = [row for row in rows if address in row.search_text and address in row.ips]
        held[address] = {row.key for row in holders}
    wanted = frozenset(words)
    for row in rows:
        name = row.search_text.partition("\n")[0]
        for word in (name, row.number):
            if word in wanted:
                held.setdefault(word, set()).add(row.key)
    if len(held) < 2:
        return None
    known = sorted((word for word in held if held[word]), key=line.index)
    return Named(tuple(known), tuple(word for word in addresses if not held[word]), frozenset().union(*held.values()))


def _words(line: str) -> Iterable[str]:
    """The words that could be a number or a name: as they stand, and without what stands around them."""
    for word in line.split()[:MOST_WORDS]:
        for one in (word, word.strip(_AROUND)):
            if one and not _ADDRESS.search(one):
                yield one
