"""Everything known about one server, as one text for a panel or a screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from textual import work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import safe_block, safe_text
from ncpconsole.core.watch import is_back
from ncpconsole.core.wording import api_time, clock, count, operation_words, since_when, status_words
from ncpconsole.ncp.errors import NcpError
from ncpconsole.tui.text.server import next_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.app import ComposeResult

    from ncpconsole.core.gateway import Gateway
    from ncpconsole.core.inventory import Row
    from ncpconsole.core.plan import Policy
    from ncpconsole.core.records import Intent, Observation
    from ncpconsole.ncp.models import Activity
    from ncpconsole.tui.text.problem import Problem


LABEL = 12
MOST_INTERRUPTS = 5

Line = tuple[str, Content]


@dataclass(frozen=True, slots=True)
class ServerDetails:
    """One server as the details show it; ``intents`` are its own, newest first."""

    row: Row
    intents: Sequence[Intent]
    policy: Policy
    rules: str
    now: datetime


def detail_text(details: ServerDetails, width: int) -> Content:
    """The whole text, wrapped at ``width`` cells with values under values."""
    row = details.row
    blocks = [
        [
            Content.styled(row.name or "(no name)", "bold"),
            Content.styled(f"number {row.number}", "$foreground-muted"),
        ],
        verdict_lines(details, width),
        [heading("Next"), *hanging("", Content(next_step(row, details.intents, details.policy)), width)],
        interrupts(details, width) if details.intents else [],
        section("State", state_facts(details), width),
        section("Network", network_facts(row), width),
        section("Identity", identity_facts(row), width),
        [] if details.intents else interrupts(details, width),
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


def verdict_lines(details: ServerDetails, width: int) -> list[Content]:
    """May it be interrupted, every reason why not, and every caution."""
    verdict = details.row.verdict
    if not verdict.eligible:
        first = Content.styled(f"○ blocked by the rules “{details.rules}”", "bold $foreground-muted")
    elif verdict.cautions:
        first = Content.styled("! eligible, with caution", "bold $text-warning")
    else:
        first = Content.styled(f"● eligible by the rules “{details.rules}”", "bold $text-success")
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


def state_facts(details: ServerDetails) -> list[tuple[str, str]]:
    """Status, operation, and since when it runs."""
    row, server = details.row, details.row.server
    name = safe_text(server.server_instance_status_name, 40)
    said = f" ({name})" if name and name.casefold() not in row.status.casefold() else ""
    return [
        ("status", row.status + said),
        ("operation", row.operation or "none in progress"),
        ("last start", safe_text(since_when(server.uptime, details.now), 60)),
        ("created", safe_text(since_when(server.create_date, details.now), 60)),
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


def interrupts(details: ServerDetails, width: int) -> list[Content]:
    """This server's interrupts from the journal, newest first."""
    from ncpconsole.tui.text.interrupt import earlier_text

    lines = [heading("Interrupts from this machine")]
    if not details.intents:
        return [*lines, Content.styled("none recorded", "$foreground-muted")]
    for intent in details.intents[:MOST_INTERRUPTS]:
        lines += hanging("", earlier_text(intent), width)
    if (more := len(details.intents) - MOST_INTERRUPTS) > 0:
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
        self.details: ServerDetails | None = None

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(Content.styled(self.EMPTY, "$foreground-muted"))

    def show(self, details: ServerDetails | None) -> None:
        """Show a server, or that none is selected; another server starts at its top."""
        other = details is None or self.details is None or details.row.key != self.details.row.key
        self.details = details
        self.draw()
        if other:
            self.scroll_home(animate=False)

    def on_resize(self) -> None:
        """Wrap anew."""
        self.draw()

    def draw(self) -> None:
        """Put the text into the panel."""
        text = self.query_one(Static)
        if self.details is None:
            text.update(Content.styled(self.EMPTY, "$foreground-muted"))
        elif width := self.scrollable_content_region.width:
            text.update(detail_text(self.details, max(20, width)))


LINE = 76


def problem_text(problem: Problem, width: int, waiting: str = "") -> Content:
    """The whole text, made safe: title, case, steps, and when the next try is."""
    lines = [Content.styled(safe_text(problem.title), "bold $text-warning"), Content("")]
    for line in safe_block(problem.case, 1200).split("\n"):
        lines += Content(line).wrap(width)
    lines.append(Content(""))
    for step in problem.steps:
        lines += item("–", "$foreground-muted", step, width)
    if waiting:
        lines += [Content(""), Content.styled(waiting, "$foreground-muted")]
    return Content("\n").join(lines)


class ProblemPanel(VerticalScroll, can_focus=False):
    """A calm page in the list's place."""

    DEFAULT_CSS = """
    ProblemPanel {
        display: none; height: 1fr; background: $surface; padding: 1 2; scrollbar-size-vertical: 1;
        &.-shown { display: block; }
        & > Static { width: 100%; height: auto; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[Problem, str] | None = None

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(Content(""))

    def show(self, problem: Problem | None, waiting: str = "") -> None:
        """Say it, or go away."""
        self.shown = None if problem is None else (problem, waiting)
        self.set_class(problem is not None, "-shown")
        self.draw()

    def on_resize(self) -> None:
        """Wrap anew."""
        self.draw()

    def draw(self) -> None:
        """Put the text into the page."""
        if self.shown is not None:
            width = min(LINE, self.scrollable_content_region.width or LINE)
            self.query_one(Static).update(problem_text(self.shown[0], width, self.shown[1]))


class MessageLine(Static):
    """One line, or a few, that takes no room while it is empty. ``tone`` is one of `TONES` or empty."""

    DEFAULT_CSS = """
    MessageLine {
        height: auto; max-height: 3; padding: 0 1; display: none; background: $surface;
        &.-said { display: block; }
        &.-warning { color: $text-warning; }
        &.-error { color: $text-error; }
        &.-success { color: $text-success; }
    }
    """
    TONES = ("warning", "error", "success")

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(Content(""), id=id)
        self.words = ""

    def say(self, words: str, tone: str = "") -> None:
        """Show the words, or go away when there are none. They must be safe already."""
        if words == self.words and (not tone or self.has_class(f"-{tone}")):
            return
        self.words = words
        for other in self.TONES:
            self.set_class(other == tone, f"-{other}")
        self.set_class(bool(words), "-said")
        self.update(Content(words))


FIELD_WORDS = {"statusName": "state", "uptime": "last start"}
PROBLEM_WORDS = {"record": "the record", "journal": "the journal"}
"""Fields of an observation that tell of the watch itself: what cannot be read or written, and why."""


def _as_it_is(text: str) -> str:
    return safe_text(text, 40)


def moment_text(moment: datetime) -> str:
    """Local date and time with the zone's offset."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def start_text(text: str) -> str:
    """A time of the API in local time, like every other time of a watch; made safe where it is none."""
    moment = api_time(text)
    return _as_it_is(text) if moment is None else moment_text(moment)


VALUE_WORDS: dict[str, Callable[[str], str]] = {
    "operation": operation_words,
    "status": status_words,
    "uptime": start_text,
}


def words_after(observation: Observation) -> str:
    """What a field became, in words."""
    return VALUE_WORDS.get(observation.field, _as_it_is)(observation.after)


def without_repeats(observations: Iterable[Observation]) -> list[Observation]:
    """Leave out the state's name where the operation changed to the very same words in the same look."""
    seen = list(observations)
    operations = {(one.time, words_after(one)) for one in seen if one.field == "operation"}
    return [
        one
        for one in seen
        if one.field != "statusName" or not one.after or (one.time, words_after(one)) not in operations
    ]


def observation_text(observation: Observation) -> Content:
    """One change in words; texts from outside are made safe."""
    when = f"{clock(observation.time)}  "
    if is_back(observation):
        return Content.assemble(
            when, ("the server is back: it runs, with a new start time", "bold $text-success")
        )
    if observation.field in PROBLEM_WORDS:
        return Content(f"{when}{PROBLEM_WORDS[observation.field]}: {safe_text(observation.after, 300)}")
    field = FIELD_WORDS.get(observation.field, observation.field)
    words = VALUE_WORDS.get(observation.field, _as_it_is)
    before, after = (words(text) or "none" for text in (observation.before, observation.after))
    return Content.assemble(when, f"{safe_text(field, 20)}: {before}, now ", (after, "bold"))


class WatchLog(Static):
    """The changes seen so far, under a line that says how the watch stands."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(Content(""), id=id, classes="watch")
        self.status = ""
        self.seen: list[Observation] = []

    def say(self, status: str) -> None:
        """Tell how the watch stands: going on, over, or given up and why."""
        self.status = safe_text(status)
        self._draw()

    def add(self, observation: Observation) -> None:
        """Show one more change."""
        self.seen.append(observation)
        self._draw()

    def _draw(self) -> None:
        first = [Content.styled(self.status, "$foreground-muted")] if self.status else []
        lines = map(observation_text, without_repeats(self.seen))
        self.update(Content("\n").join([*lines, *first]))


MOST_LINES = 8


class ActivityLines(Static):
    """Reads the activity log after it is shown and says so while it does; it never holds anything up.

    ``since`` is the start of the interval, which ends now. Only what names the server is shown.
    """

    def __init__(self, gateway: Gateway, server_no: str, since: datetime) -> None:
        super().__init__(Content.styled("activity log: reading ...", "$foreground-muted"), classes="activity")
        self.gateway = gateway
        self.server_no = server_no
        self.since = since

    def on_mount(self) -> None:
        """Read in the background of this widget."""
        self._read()

    @work(exit_on_error=False, description="activity log")
    async def _read(self) -> None:
        try:
            found = await self.gateway.activities(
                int(self.since.timestamp() * 1000), int(datetime.now(UTC).timestamp() * 1000)
            )
        except NcpError as error:
            self.update(Content(f"activity log: unavailable ({safe_text(error.sentence, 300)})"))
            return
        lines = [activity_text(activity) for activity in found if activity.resource_id == self.server_no]
        if not lines:
            self.update(Content("activity log: nothing about this server; entries can come late"))
            return
        more = [Content(f"... and {len(lines) - MOST_LINES} more")] if len(lines) > MOST_LINES else []
        self.update(Content("\n").join([Content("activity log:"), *lines[:MOST_LINES], *more]))


def activity_text(activity: Activity) -> Content:
    """One line: when, what, by whom, from where; every text made safe."""
    try:
        when = moment_text(datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=activity.event_time))
    except (OverflowError, ValueError):
        when = "at an unreadable time"
    who = activity.action_sub_account_no or activity.action_user_type
    origin = activity.source_ip or activity.source_type
    return Content.assemble(
        when,
        "  ",
        (safe_text(activity.action_display_name or activity.resource_type, 60), "bold"),
        f"  {safe_text(activity.action_result_type, 20)}",
        f"  by {safe_text(who, 40)}" if who else "",
        f"  from {safe_text(origin, 45)}" if origin else "",
    )
