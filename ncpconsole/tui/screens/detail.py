"""One server on a screen of its own, for terminals too narrow for the panel beside the list."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.gateway import Gateway
from ncpconsole.core.inventory import Row
from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.errors import NcpError
from ncpconsole.tui.availability import ConsoleHost
from ncpconsole.tui.background import background
from ncpconsole.tui.commands import Scope, bindings
from ncpconsole.tui.screens.base import TextScreen
from ncpconsole.tui.text.server import ServerDetails
from ncpconsole.tui.widgets.header import Header, HeaderState
from ncpconsole.tui.widgets.panels import DetailPanel, MessageLine


class DetailScreen(TextScreen):
    """Shows a server and follows what becomes of it."""

    SCOPE = Scope.DETAILS
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Scope.DETAILS))

    def __init__(self, host: ConsoleHost, details: ServerDetails, header_state: HeaderState) -> None:
        super().__init__(host)
        self.header_state = header_state
        self.details = details

    def compose(self) -> ComposeResult:
        yield Header()
        yield MessageLine(id="gone")
        yield DetailPanel()
        yield from self.foot()

    def on_mount(self) -> None:
        self.query_one(Header).header_state = self.header_state
        self.query_one(DetailPanel).show(self.details)

    @property
    def current_row(self) -> Row | None:
        return self.details.row

    def update_details(self, details: ServerDetails | None) -> None:
        """Show what is known now about the same server; one that is gone stays, and is said to be gone.

        It may be told before it is drawn, and then shows the newest.
        """
        self.details = details or self.details
        if not self.query(DetailPanel):
            return
        if details is None:
            self.query_one("#gone", MessageLine).say(tr("This server is not in the list any more."), "warning")
            return
        self.query_one("#gone", MessageLine).say("")
        self.query_one(DetailPanel).show(details)


TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=:)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>\b(?:true|false|null)\b)|(?P<number>-?\d[\d.eE+-]*)'
)
STYLES = {"key": "$text-primary", "text": "$text-success", "word": "$text-warning", "number": "$text-accent"}
MOST_LINES = 4000


def highlighted(record: dict[str, Any]) -> Content:
    """The record as indented JSON with its parts told apart; control characters are spelled out."""
    text = json.dumps(record, ensure_ascii=False, indent=2, default=str)
    return Content("\n").join(highlighted_line(safe_text(line, 2000)) for line in text.split("\n")[:MOST_LINES])


def highlighted_line(line: str) -> Content:
    content = Content(line)
    for match in TOKEN.finditer(line):
        if match.lastgroup is not None:
            content = content.stylize(STYLES[match.lastgroup], match.start(), match.end())
    return content


class RawScreen(TextScreen):
    """Reads the record afresh and shows it."""

    SCOPE = Scope.RAW
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Scope.RAW))

    def __init__(self, host: ConsoleHost, gateway: Gateway, region_code: str, row: Row) -> None:
        super().__init__(host)
        self.gateway = gateway
        self.region_code = region_code
        self.row = row

    def compose(self) -> ComposeResult:
        which = tr("{name}  number {number}", name=self.row.name, number=self.row.number)
        title = Content.assemble(" ", (tr("Raw record"), "bold"), "  ", which)
        yield Static(title, classes="title")
        with VerticalScroll(can_focus=False):
            yield Static(Content.styled(tr("reading ..."), "$foreground-muted"), id="record")
        yield from self.foot()

    def on_mount(self) -> None:
        self.read(self.query_one("#record", Static))

    def say(self, words: str) -> None:
        """Say something in the record's place."""
        self.query_one("#record", Static).update(Content.styled(safe_text(words, 600), "$text-error"))

    @property
    def current_row(self) -> Row | None:
        return self.row

    @background(msgid("reading of the record"), failed=lambda self, words: self.say(words))
    async def read(self, record_pane: Static) -> None:
        """Read the record into a widget, or say there why it cannot be read."""
        try:
            record = await self.gateway.raw_server(self.region_code, self.row.server.server_instance_no)
        except NcpError as error:
            self.say(shown(error))
            return
        if record is None:
            record_pane.update(Content(tr("NCP has no server of this number any more.")))
            return
        record_pane.update(highlighted(record))
