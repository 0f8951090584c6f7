"""What keeps the console from its work: the doctor's findings as they come; and where things are kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import fit, safe_text
from ncpconsole.language import msgid, shown, tr
from ncpconsole.tui.availability import ConsoleHost
from ncpconsole.tui.background import background
from ncpconsole.tui.commands import Scope, bindings
from ncpconsole.tui.screens.base import TextScreen
from ncpconsole.tui.text import LABEL, item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ncpconsole.core.session import Console, Examined

MARKS = {"ok": ("✓", "$text-success"), "warning": ("!", "$text-warning"), "failure": ("✗", "$text-error")}
"""Mark and colour of a finding by its status."""


class DoctorScreen(TextScreen):
    """Runs the doctor, and shows each finding as soon as it is there."""

    SCOPE = Scope.MACHINE
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Scope.MACHINE))

    def __init__(self, host: ConsoleHost, console: Console, profile: str | None) -> None:
        super().__init__(host)
        self.console = console
        self.profile = profile
        self.found: list[Examined] = []
        self.state = tr("checking ...")

    def compose(self) -> ComposeResult:
        yield Static(Content.styled(" " + tr("Doctor"), "bold"), classes="title")
        with VerticalScroll(can_focus=False):
            yield Static(id="findings")
        yield from self.foot()

    def on_mount(self) -> None:
        self.draw()
        self.examine()

    def on_resize(self) -> None:
        self.draw()

    @background(msgid("doctor"), failed=lambda self, words: self.end(words))
    async def examine(self) -> None:
        """Let the doctor work on a thread of its own: it reads files, asks the keyring and waits for the network."""
        loop = asyncio.get_running_loop()

        async def all_of_it() -> None:
            async for finding in self.console.examine(self.profile):
                loop.call_soon_threadsafe(self.add, finding)

        await asyncio.to_thread(asyncio.run, all_of_it())
        failures = sum(finding.status == "failure" for finding in self.found)
        self.end(checked_words(len(self.found), failures))

    def add(self, finding: Examined) -> None:
        """Show one more finding."""
        self.found.append(finding)
        self.draw()

    def end(self, words: str) -> None:
        """Say that nothing more comes."""
        self.state = safe_text(words, 400)
        self.draw()

    def draw(self) -> None:
        if not self.query("#findings"):
            return
        shown = self.query_one("#findings", Static)
        width = max(40, self.query_one(VerticalScroll).scrollable_content_region.width)
        lines = [line for finding in self.found for line in finding_lines(finding, width)]
        shown.update(Content("\n").join([*lines, Content.styled(self.state, "$foreground-muted")]))


def finding_lines(finding: Examined, width: int) -> list[Content]:
    """A finding: its mark, the check and what was found, and below it what to do."""
    mark, colour = MARKS.get(finding.status, MARKS["warning"])
    message = item(mark, colour, f"{shown(finding.check)}: {shown(finding.message)}", width)
    return [*message, *(item(" ", "", shown(finding.remedy), width) if finding.remedy else ())]


def checked_words(checks: int, failures: int) -> str:
    """How many checks there were, and how many failed; one that is alone is said so."""
    facts = {"checks": checks, "failures": failures}
    if checks == 1:
        return tr("1 check; {failures} failed.", **facts) if failures else tr("1 check; none failed.")
    return (
        tr("{checks} checks; {failures} failed.", **facts) if failures else tr("{checks} checks; none failed.", **facts)
    )


class PathsScreen(TextScreen):
    """Tells where configuration, record and log are kept."""

    SCOPE = Scope.MACHINE
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Scope.MACHINE))

    def __init__(self, host: ConsoleHost, places: Sequence[tuple[str, str]]) -> None:
        super().__init__(host)
        self.places = tuple(places)

    def compose(self) -> ComposeResult:
        yield Static(Content.styled(" " + tr("Paths"), "bold"), classes="title")
        with VerticalScroll(can_focus=False):
            for name, place in self.places:
                label = (f"{fit(safe_text(name), LABEL - 1)} ", "$foreground-muted")
                yield Static(Content.assemble(label, safe_text(place, 1000)))
        yield from self.foot()
