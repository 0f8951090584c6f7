"""The record of one server as NCP sends it: every field, as JSON, made safe."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import safe_text
from ncpconsole.ncp.errors import NcpError
from ncpconsole.tui.commands import Place, bindings
from ncpconsole.tui.later import Later
from ncpconsole.tui.screens.reading import ReadingScreen

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ncpconsole.core.inventory import Row
    from ncpconsole.core.session import Gateway

TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=:)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>\b(?:true|false|null)\b)|(?P<number>-?\d[\d.eE+-]*)'
)
STYLES = {"key": "$text-primary", "text": "$text-success", "word": "$text-warning", "number": "$text-accent"}
MOST_LINES = 4000


def highlighted(record: dict[str, Any]) -> Content:
    """The record as indented JSON with its parts told apart; control characters are spelled out."""
    text = json.dumps(record, ensure_ascii=False, indent=2, default=str)
    return Content("\n").join(
        highlighted_line(safe_text(line, 2000)) for line in text.split("\n")[:MOST_LINES]
    )


def highlighted_line(line: str) -> Content:
    """One line of JSON."""
    content = Content(line)
    for match in TOKEN.finditer(line):
        if match.lastgroup is not None:
            content = content.stylize(STYLES[match.lastgroup], match.start(), match.end())
    return content


class RawScreen(ReadingScreen):
    """Reads the record afresh and shows it."""

    PLACE = Place.RAW
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Place.RAW))

    def __init__(self, gateway: Gateway, region_code: str, row: Row) -> None:
        super().__init__()
        self.gateway = gateway
        self.region_code = region_code
        self.row = row

    def compose(self) -> ComposeResult:
        """A title, the text, the footer."""
        title = Content.assemble((" Raw record ", "bold"), f" {self.row.name}  number {self.row.number}")
        yield Static(title, classes="title")
        with VerticalScroll(can_focus=False):
            yield Static(Content.styled("reading ...", "$foreground-muted"), id="record")
        yield from self.foot()

    def on_mount(self) -> None:
        """Read in the background of this screen."""
        self.run_worker(Later(self.read, self.query_one("#record", Static)), group="raw", exclusive=True)

    @property
    def subject_row(self) -> Row | None:
        """The server shown."""
        return self.row

    async def read(self, shown: Static) -> None:
        """Read the record into a widget, or say there why it cannot be read."""
        try:
            record = await self.gateway.raw_server(self.region_code, self.row.server.server_instance_no)
        except NcpError as error:
            shown.update(Content.styled(safe_text(error.sentence, 600), "$text-error"))
            return
        if record is None:
            shown.update(Content("NCP has no server of this number any more."))
            return
        shown.update(highlighted(record))
