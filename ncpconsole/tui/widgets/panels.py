"""Everything known about one server, as one text for a panel or a screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import safe_text
from ncpconsole.tui.next_step import next_step
from ncpconsole.tui.words import count, since_when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from textual.app import ComposeResult

    from ncpconsole.core.inventory import Row
    from ncpconsole.core.journal.records import Intent
    from ncpconsole.core.session import Policy
    from ncpconsole.tui.widgets.marks import Marks

LABEL = 12
MOST_INTERRUPTS = 5

Line = tuple[str, Content]


@dataclass(frozen=True, slots=True)
class Subject:
    """One server as the details show it; ``intents`` are its own, newest first."""

    row: Row
    intents: Sequence[Intent]
    policy: Policy
    rules: str
    now: datetime
    marks: Marks


def detail_text(subject: Subject, width: int) -> Content:
    """The whole text, wrapped at ``width`` cells with values under values."""
    row = subject.row
    blocks = [
        [
            Content.styled(row.name or "(no name)", "bold"),
            Content.styled(f"number {row.number}", "$foreground-muted"),
        ],
        verdict_lines(subject, width),
        [heading("Next"), *hanging("", Content(next_step(row, subject.intents, subject.policy)), width)],
        interrupts(subject, width) if subject.intents else [],
        section("State", state_facts(subject), width),
        section("Network", network_facts(row), width),
        section("Identity", identity_facts(row), width),
        [] if subject.intents else interrupts(subject, width),
    ]
    return Content("\n\n").join(Content("\n").join(block) for block in blocks if block)


def heading(text: str) -> Content:
    """The title of a part."""
    return Content.styled(text, "bold $text-primary")


def section(title: str, facts: Sequence[tuple[str, str]], width: int) -> list[Content]:
    """A title and its labelled lines; what is empty is left out."""
    lines = [line for label, value in facts if value for line in hanging(label, Content(value), width)]
    return [heading(title), *lines] if lines else []


def hanging(label: str, value: Content, width: int) -> list[Content]:
    """A labelled value whose further lines stand under its first."""
    indent = LABEL if label else 0
    wrapped = value.wrap(max(16, width - indent)) or [Content("")]
    first, *rest = wrapped
    lines = [Content.assemble((label.ljust(indent), "$foreground-muted"), first)]
    return [*lines, *(Content.assemble(" " * indent, line) for line in rest)]


def verdict_lines(subject: Subject, width: int) -> list[Content]:
    """May it be interrupted, every reason why not, and every caution."""
    verdict, marks = subject.row.verdict, subject.marks
    if not verdict.eligible:
        first = Content.styled(
            f"{marks.blocked} blocked by the rules “{subject.rules}”", "bold $foreground-muted"
        )
    elif verdict.cautions:
        first = Content.styled(f"{marks.caution} eligible, with caution", "bold $text-warning")
    else:
        first = Content.styled(
            f"{marks.eligible} eligible by the rules “{subject.rules}”", "bold $text-success"
        )
    lines = [first]
    for reason in verdict.reasons:
        lines += item("–", "$foreground-muted", reason, width)
    for caution in verdict.cautions:
        lines += item("!", "$text-warning", caution, width)
    return lines


def item(mark: str, style: str, text: str, width: int) -> list[Content]:
    """One point of a list, wrapped under itself."""
    first, *rest = Content(safe_text(text, 600)).wrap(max(16, width - 2)) or [Content("")]
    return [Content.assemble((f"{mark} ", style), first), *(Content.assemble("  ", line) for line in rest)]


def state_facts(subject: Subject) -> list[tuple[str, str]]:
    """Status, operation, and since when it runs."""
    row, server = subject.row, subject.row.server
    name = safe_text(server.server_instance_status_name, 40)
    said = f" ({name})" if name and name.casefold() not in row.status.casefold() else ""
    return [
        ("status", row.status + said),
        ("operation", row.operation or "none in progress"),
        ("last start", safe_text(since_when(server.uptime, subject.now), 60)),
        ("created", safe_text(since_when(server.create_date, subject.now), 60)),
        ("termination", "protected" if server.is_protect_server_termination else ""),
    ]


def network_facts(row: Row) -> list[tuple[str, str]]:
    """Addresses, network and place."""
    server = row.server
    return [
        ("private IP", ", ".join(row.private_ips)),
        ("public IP", row.public_ip),
        ("region", " ".join(part for part in (row.region, row.zone) if part)),
        ("VPC", safe_text(server.vpc_no, 40)),
        ("subnet", safe_text(server.subnet_no, 40)),
    ]


def identity_facts(row: Row) -> list[tuple[str, str]]:
    """What the server is made of."""
    server = row.server
    memory = f"{server.memory_size / 2**30:g} GB" if server.memory_size else ""
    size = ", ".join(
        part for part in (count(server.cpu_count, "CPU") if server.cpu_count else "", memory) if part
    )
    return [
        ("system", row.os),
        ("hypervisor", row.hypervisor),
        ("size", size),
        ("image", safe_text(server.server_image_product_code or server.server_image_no, 80)),
        ("spec", safe_text(server.server_spec_code, 60)),
        ("about", safe_text(server.server_description, 400)),
    ]


def interrupts(subject: Subject, width: int) -> list[Content]:
    """This server's interrupts from the journal, newest first."""
    from ncpconsole.tui.text.interrupt import earlier_text

    lines = [heading("Interrupts from this machine")]
    if not subject.intents:
        return [*lines, Content.styled("none recorded", "$foreground-muted")]
    for intent in subject.intents[:MOST_INTERRUPTS]:
        lines += hanging("", earlier_text(intent), width)
    if (more := len(subject.intents) - MOST_INTERRUPTS) > 0:
        lines.append(Content.styled(f"and {more} more: h", "$foreground-muted"))
    return lines


class DetailPanel(VerticalScroll, can_focus=False):
    """The text beside the table, or alone on a screen. It takes no focus: the list keeps the keys."""

    DEFAULT_CSS = """
    DetailPanel {
        padding: 0 1 0 2; scrollbar-size-vertical: 1; scrollbar-gutter: stable; background: $surface;
        & > Static { height: auto; width: 100%; }
    }
    """
    EMPTY = "Select a server to see all about it."

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.subject: Subject | None = None

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(Content.styled(self.EMPTY, "$foreground-muted"))

    def show(self, subject: Subject | None) -> None:
        """Show a server, or that none is selected; another server starts at its top."""
        other = subject is None or self.subject is None or subject.row.key != self.subject.row.key
        self.subject = subject
        self.draw()
        if other:
            self.scroll_home(animate=False)

    def on_resize(self) -> None:
        """Wrap anew."""
        self.draw()

    def draw(self) -> None:
        """Put the text into the panel."""
        text = self.query_one(Static)
        if self.subject is None:
            text.update(Content.styled(self.EMPTY, "$foreground-muted"))
        elif width := self.scrollable_content_region.width:
            text.update(detail_text(self.subject, max(20, width)))
