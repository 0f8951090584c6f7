"""One request as it arrived, and one answer as it will leave."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """One request: ``target`` is path and query exactly as sent, header names are in lower case.

    ``connection`` counts the connections, so that a reused one can be told from a fresh one.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    peer: str
    connection: int

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the question mark, or empty."""
        return self.target.partition("?")[2]


@dataclass(slots=True)
class Answer:
    """Status, headers and body; ``Content-Length`` is added when it is written."""

    status: int
    headers: Headers
    body: bytes

    def head(self, *, length: int | None = None) -> bytes:
        """Status line and headers, with the length claimed, by default the true one."""
        claimed = len(self.body) if length is None else length
        lines = [f"HTTP/1.1 {self.status} {reason(self.status)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append(f"Content-Length: {claimed}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


@dataclass(slots=True)
class Reply:
    """An answer, and how it is delivered: ``manner`` names a delivery, ``value`` is its parameter.

    ``delay`` is in seconds and holds back this answer alone.
    """

    answer: Answer
    manner: str = "whole"
    value: str = ""
    delay: float = 0.0


def reason(status: int) -> str:
    """The phrase of a status line."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
