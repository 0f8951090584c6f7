"""The header: which account this is, what may be done in it, and how old the list is."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ncpconsole.core.wording import count, duration

GAP = 2
PROFILE, SITE, REGIONS, FLAGS, INCIDENT, KEY = range(6)
"""The pieces of the left half."""
AGE, SERVERS, ELIGIBLE = range(3)
"""The pieces of the right half."""


@dataclass(frozen=True, slots=True)
class HeaderState:
    """What the header tells. ``age`` is in seconds, None before the first list; texts are safe already.

    ``arrived`` and ``expected`` count servers while pages come in; ``expected`` is 0 while no list is read.
    """

    profile: str = ""
    site: str = ""
    regions: str = ""
    key_source: str = ""
    key_source_short: str = ""
    read_only: bool = False
    protected: bool = False
    incident: str = ""
    age: int | None = None
    stale: bool = False
    reading: bool = False
    arrived: int = 0
    expected: int = 0
    servers: int | None = None
    eligible: int = 0


@dataclass(frozen=True, slots=True)
class HeaderSegment:
    """A part of the header: its texts from longest to shortest, and a style. The last text may be empty."""

    texts: tuple[str, ...]
    style: str = ""
    joins: str = " · "


def header(standing: HeaderState, width: int, *, separator: str = "·") -> Content:
    """One line of exactly ``width`` cells: the account on the left, the list's age on the right.

    What matters least gives way first when the line is full: long words, the number of servers, where the
    key came from, the number of eligible ones; the site comes last. Read-only, protected and stale never do.
    """
    left, right = account(standing), listing(standing)
    giving_way = (
        (left, KEY), (right, AGE), (left, INCIDENT), (right, SERVERS), (left, REGIONS), (left, KEY),
        (left, PROFILE), (right, ELIGIBLE), (left, INCIDENT), (left, SITE),
    )  # fmt: skip
    chosen: dict[int, int] = {}

    def line(pieces: list[HeaderSegment]) -> Content:
        parts: list[Content] = []
        for piece in pieces:
            text = piece.texts[min(chosen.get(id(piece), 0), len(piece.texts) - 1)]
            if text:
                if parts:
                    parts.append(Content(piece.joins.replace("·", separator)).stylize("$foreground-muted"))
                parts.append(Content.styled(text, piece.style) if piece.style else Content(text))
        return Content("").join(parts)

    for pieces, index in giving_way:
        if line(left).cell_length + line(right).cell_length + GAP + 2 <= width:
            break
        piece = id(pieces[index])
        chosen[piece] = chosen.get(piece, 0) + 1
    start, end = line(left), line(right)
    space = width - start.cell_length - end.cell_length - 2
    if space < 1:
        start = start.truncate(max(0, width - end.cell_length - 3), ellipsis=True)
        space = max(1, width - start.cell_length - end.cell_length - 2)
    return Content.assemble(" ", start, " " * space, end, " ")


def account(standing: HeaderState) -> list[HeaderSegment]:
    """The left half: profile, site, regions, flags, incident, source of the key."""
    if not standing.profile:
        return [HeaderSegment(("ncpconsole",), "bold"), *(HeaderSegment(("",)) for _ in range(5))]
    flags = [
        word for word, on in (("READ-ONLY", standing.read_only), ("PROTECTED", standing.protected)) if on
    ]
    profile = standing.profile
    return [
        HeaderSegment((profile, profile[:12] + "…") if len(profile) > 13 else (profile,), "bold"),
        HeaderSegment((standing.site, ""), "$foreground-muted"),
        HeaderSegment(
            (standing.regions, standing.regions.partition(",")[0] + "…")
            if len(standing.regions) > 8
            else (standing.regions,)
        ),
        HeaderSegment(("  ".join(flags),), "bold $text-warning", "  "),
        HeaderSegment(
            (f"incident {standing.incident}", standing.incident, "") if standing.incident else ("",),
            "$text-accent",
            "  ",
        ),
        HeaderSegment((standing.key_source, standing.key_source_short, ""), "$foreground-muted", "  "),
    ]


def listing(standing: HeaderState) -> list[HeaderSegment]:
    """The right half: the list's age, how many servers, how many may be interrupted."""
    if standing.age is None:
        pages = f"{standing.arrived:,} of {standing.expected:,}" if standing.expected else ""
        age = HeaderSegment((f"reading {pages}".rstrip(),) if standing.reading or pages else ("",))
    elif standing.stale:
        age = HeaderSegment((f"STALE, {duration(standing.age)} old",), "bold $text-error")
    elif standing.reading and standing.expected:
        age = HeaderSegment(
            (
                f"reading {standing.arrived:,} of {standing.expected:,}",
                f"{standing.arrived:,}/{standing.expected:,}",
            ),
            "$foreground-muted",
        )
    else:
        text = duration(standing.age)
        age = HeaderSegment((f"updated {text} ago", f"{text} ago"), "$foreground-muted")
    if standing.servers is None:
        return [age, HeaderSegment(("",)), HeaderSegment(("",))]
    return [
        age,
        HeaderSegment((count(standing.servers, "server"), ""), "$foreground-muted"),
        HeaderSegment(
            (f"{standing.eligible:,} eligible", ""),
            "$text-success" if standing.eligible else "$foreground-muted",
        ),
    ]


class Header(Widget):
    """Draws the header; repainted only when what it tells changes."""

    DEFAULT_CSS = "Header { height: 1; background: $panel; }"
    standing: reactive[HeaderState] = reactive(HeaderState())

    def __init__(self, *, ascii_marks: bool = False) -> None:
        super().__init__()
        self.separator = "|" if ascii_marks else "·"

    def render(self) -> Content:
        """The line, as wide as the screen."""
        return header(self.standing, self.size.width, separator=self.separator)
