"""Parameters of one call, from the query and the form alike, and the pages they ask for.

Source: the API pages on calling (GET and POST), and on paging. Pages 0 and 1 are both the first page; a page
holds 1 to 1000 rows, 1 when nothing is said; ``pageNo`` without ``pageSize`` is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from ncpconsole.simulator.refusals import bad_parameter
from ncpconsole.simulator.responses import Format

MOST_ROWS = 1000
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, counted from 1."""

    number: int
    size: int

    @property
    def start(self) -> int:
        """Place of its first row, counted from 0."""
        return (self.number - 1) * self.size

    @property
    def stop(self) -> int:
        """Place after its last row."""
        return self.number * self.size


class Parameters:
    """The texts of one call by name. A name in the form outweighs the same name in the query."""

    def __init__(self, query: str, content_type: str = "", body: bytes = b"") -> None:
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
        if content_type.partition(";")[0].strip().lower() == FORM:
            pairs += parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
        self.values = dict(pairs)

    @classmethod
    def of(cls, values: dict[str, str]) -> Parameters:
        """Parameters with these values."""
        made = cls("")
        made.values = dict(values)
        return made

    def text(self, name: str) -> str:
        """A parameter, or empty."""
        return self.values.get(name, "")

    def texts(self, name: str) -> list[str]:
        """A list parameter: ``name.1``, ``name.2`` and so on, in that order."""
        numbered = []
        for key, value in self.values.items():
            stem, _, position = key.rpartition(".")
            if stem == name and position.isascii() and position.isdigit():
                numbered.append((int(position), value))
        return [value for _, value in sorted(numbered)]

    @property
    def format(self) -> Format:
        """JSON when asked for, XML otherwise."""
        return Format.JSON if self.text("responseFormatType").lower() == "json" else Format.XML

    def page(self) -> Page:
        """The page asked for; raises Refusal for one that NCP does not serve."""
        if self.text("pageNo") and not self.text("pageSize"):
            raise bad_parameter(
                "If <strong>pageNo</strong> is entered, <strong>pageSize</strong> is required."
            )
        size = self._number("pageSize", 1)
        if not 1 <= size <= MOST_ROWS:
            raise bad_parameter(f"<strong>pageSize</strong> must be between 1 and {MOST_ROWS}.")
        return Page(max(self._number("pageNo", 1), 1), size)

    def _number(self, name: str, default: int) -> int:
        text = self.text(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 11):
            raise bad_parameter(f"<strong>{name}</strong> must be a number.")
        return int(text)
