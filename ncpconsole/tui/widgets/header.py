"""The header: which account this is, what may be done in it, and how old the list is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.wording import acting_short, duration, flags, zone_name
from ncpconsole.language import tr, tr_n

if TYPE_CHECKING:
    from ncpconsole.tui.account_controller import AccountController

GAP = 2
PROFILE, SITE, REGIONS, FLAGS, INCIDENT, ACTING, KEY = range(7)
"""The pieces of the left half."""
ZONE, AGE, SERVERS, ELIGIBLE, SILENT = range(5)
"""The pieces of the right half."""


class HeaderState(NamedTuple):
    """What the header tells. ``age`` is in seconds, None before the first list; texts are safe already.
    ``kept_age`` is that of a list which an earlier console read, None once this one did.

    ``zone`` is what the zone of all times is called. ``arrived`` and ``expected`` count servers while pages come
    in; ``expected`` is 0 while no list is read.
    """

    profile: str = ""
    site: str = ""
    regions: str = ""
    key_source: str = ""
    key_source_short: str = ""
    acting_as: str = ""
    read_only: bool = False
    protected: bool = False
    require_reason: bool = False
    incident: str = ""
    zone: str = ""
    age: int | None = None
    kept_age: int | None = None
    stale: bool = False
    reading: bool = False
    arrived: int = 0
    expected: int = 0
    servers: int | None = None
    eligible: int = 0
    silent: int = 0

    @classmethod
    def of(cls, account: AccountController) -> HeaderState:
        """What is known of an account now; nothing while none is open."""
        session = account.session
        if session is None:
            return cls()
        identity, inventory = session.identity, account.snapshot.inventory
        codes = ",".join(safe_text(code, 8) for code in identity.regions)
        return cls(
            profile=safe_text(identity.profile, 40),
            site=safe_text(identity.site, 40),
            regions=tr("all regions") if identity.all_regions else codes,
            key_source=safe_text(identity.key_source, 60),
            key_source_short=safe_text(identity.key_source_short, 12),
            acting_as=acting_short(session.gateway.caller) if session.gateway.caller else "",
            read_only=session.policy.read_only,
            protected=session.policy.protected,
            require_reason=session.policy.require_reason,
            incident=safe_text(session.incident, 30),
            zone=zone_name(),
            age=None if account.age is None else int(account.age),
            kept_age=None if account.kept_age is None else int(account.kept_age),
            stale=account.is_stale,
            reading=account.is_reading,
            arrived=account.progress[0],
            expected=account.progress[1],
            servers=None if inventory is None or account.snapshot.is_beginning else len(inventory.rows),
            eligible=0 if inventory is None else inventory.eligible_count,
            silent=0 if inventory is None else account.silent,
        )


class HeaderSegment(NamedTuple):
    """A part of the header: its texts from longest to shortest, and a style. The last text may be empty."""

    texts: tuple[str, ...]
    style: str = ""
    joins: str = " · "


def header(state: HeaderState, width: int) -> Content:
    """One line of exactly ``width`` cells: the account on the left, the list's age on the right.

    What matters least gives way first when the line is full: long words, where the key came from, whose it is, the
    number of servers, that of eligible ones; the site comes last. Read-only, protected, reason and stale never do.
    """
    left, right = account(state), listing(state)
    # Whose key it is says more than where it came from, and less than the counts.
    whose = ((left, ACTING), (left, KEY), (left, ACTING)) if state.acting_as else ()
    giving_way = (
        (right, ZONE), (left, KEY), (right, AGE), *whose, (left, INCIDENT), (right, SERVERS), (left, REGIONS),
        (left, KEY), (left, PROFILE), (right, ELIGIBLE), (left, INCIDENT), (left, SITE), (right, ZONE),
    )  # fmt: skip
    chosen: dict[int, int] = {}

    def line(pieces: list[HeaderSegment]) -> Content:
        parts: list[Content] = []
        for piece in pieces:
            text = piece.texts[min(chosen.get(id(piece), 0), len(piece.texts) - 1)]
            if text:
                if parts:
                    parts.append(Content(piece.joins).stylize("$foreground-muted"))
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


def account(state: HeaderState) -> list[HeaderSegment]:
    """The left half: profile, site, regions, flags, incident, whose key it is, its source."""
    if not state.profile:
        return [HeaderSegment(("ncpconsole",), "bold"), *(HeaderSegment(("",)) for _ in range(6))]
    profile = state.profile
    return [
        HeaderSegment((profile, profile[:12] + "…") if len(profile) > 13 else (profile,), "bold"),
        HeaderSegment((state.site, ""), "$foreground-muted"),
        HeaderSegment(
            (state.regions, state.regions.partition(",")[0] + "…") if len(state.regions) > 8 else (state.regions,)
        ),
        HeaderSegment(("  ".join(flags(state)),), "bold $text-warning", "  "),
        HeaderSegment(
            (tr("incident {incident}", incident=state.incident), state.incident, "") if state.incident else ("",),
            "$text-accent",
            "  ",
        ),
        HeaderSegment(
            (tr("as {who}", who=state.acting_as), tr("as {who}", who=state.acting_as.partition("@")[0]), "")
            if state.acting_as
            else ("",),
            "",
            "  ",
        ),
        HeaderSegment((tr(state.key_source), tr(state.key_source_short), ""), "$foreground-muted", "  "),
    ]


def listing(state: HeaderState) -> list[HeaderSegment]:
    """The right half: the zone of all times, the list's age, how many servers, may be interrupted, and are silent."""
    times = tr("times in {zone}", zone=state.zone)
    zone = HeaderSegment((times, state.zone, "") if state.zone else ("",), "$foreground-muted")
    if state.kept_age is not None:
        old = duration(state.kept_age)
        kept, reading = tr("kept list, {age} old", age=old), tr("kept list, {age} old; reading", age=old)
        age = HeaderSegment((reading, kept), "bold $text-warning")
    elif state.age is None:
        if state.expected:
            words = tr("reading {count:,} of {total:,}", count=state.arrived, total=state.expected)
        else:
            words = tr("reading") if state.reading else ""
        age = HeaderSegment((words,))
    elif state.stale:
        age = HeaderSegment((tr("STALE, {age} old", age=duration(state.age)),), "bold $text-error")
    elif state.reading and state.expected:
        age = HeaderSegment(
            (
                tr("reading {count:,} of {total:,}", count=state.arrived, total=state.expected),
                f"{state.arrived:,}/{state.expected:,}",
            ),
            "$foreground-muted",
        )
    else:
        text = duration(state.age)
        age = HeaderSegment((tr("updated {age} ago", age=text), tr("{age} ago", age=text)), "$foreground-muted")
    if state.servers is None:
        return [zone, age, *(HeaderSegment(("",)) for _ in range(3))]
    return [
        zone,
        age,
        HeaderSegment((tr_n("1 server", "{count:,} servers", state.servers), ""), "$foreground-muted"),
        HeaderSegment(
            (tr("{count:,} eligible", count=state.eligible), ""),
            "$text-success" if state.eligible else "$foreground-muted",
        ),
        HeaderSegment((tr("{count:,} silent", count=state.silent) if state.silent else "",), "bold $text-warning"),
    ]


class Header(Widget):
    """Draws the header; repainted only when what it tells changes."""

    DEFAULT_CSS = """
    Header { height: 1; background: $panel; }
    Header.-protected { background: $error-muted; }
    Header.-protected:ansi { background: ansi_default; text-style: reverse; }
    """
    header_state: reactive[HeaderState] = reactive(HeaderState())

    def watch_header_state(self, state: HeaderState) -> None:
        """Where a mistake costs most, the whole line says so, and not by a word alone."""
        self.set_class(state.protected, "-protected")

    def render(self) -> Content:
        """The line, as wide as the screen."""
        return header(self.header_state, self.size.width)
