"""The list of servers: the screen that the console opens with and returns to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal
from textual.css.query import NoMatches

from ncpconsole.tui.commands import Place, bindings
from ncpconsole.tui.screens.narrowing import NarrowingScreen
from ncpconsole.tui.widgets.footer import KeyBar
from ncpconsole.tui.widgets.header import StatusBar
from ncpconsole.tui.widgets.server_table import ServerTable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ncpconsole.core.inventory import Inventory, Row
    from ncpconsole.tui.text.problem import Trouble
    from ncpconsole.tui.widgets.lines import QuietLine
    from ncpconsole.tui.widgets.panels import DetailPanel
    from ncpconsole.tui.widgets.row_painter import Annotation
    from ncpconsole.tui.widgets.trouble_view import TroubleView

PANEL_FROM = 120
"""Width from which the details stand beside the table (cells)."""
VAST = 180
"""Width from which the details get more room (cells)."""


class ServersScreen(NarrowingScreen):
    """Shows an inventory through the filter, in an order; keeps the selection and the marks by row key."""

    PLACE = Place.SERVERS
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Place.SERVERS))
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (PANEL_FROM, "-wide"), (VAST, "-vast")]  # noqa: RUF012 - Textual's own declaration

    panel: DetailPanel
    banner: QuietLine
    result: QuietLine
    trouble_view: TroubleView

    def __init__(self, *, columns: tuple[str, ...] | None = None) -> None:
        super().__init__()
        self.chosen_columns = columns
        self.trouble: Trouble | None = None
        self.chose_first = False
        self.is_furnished = False

    def compose(self) -> ComposeResult:
        """Header, filter, list, footer: what the first frame needs. `furnish` adds the rest."""
        app = self.console_app
        yield StatusBar(ascii_marks=app.ascii_marks)
        with Horizontal(id="filter-line"):
            pass
        with Horizontal(id="main"):
            table = ServerTable()
            table.ascii_marks = app.ascii_marks
            table.placeholder = "Opening ..."
            if self.chosen_columns:
                table.column_keys = self.chosen_columns
            yield table
        yield KeyBar(app.keys)

    def on_mount(self) -> None:
        """The list has the keys; the account is opened once this is painted."""
        self.table.focus()
        self.call_after_refresh(self.furnish)

    async def furnish(self) -> None:
        """Mount what the first frame did without, then let the account be opened."""
        from ncpconsole.tui.widgets.filter_bar import FilterBar
        from ncpconsole.tui.widgets.lines import QuietLine
        from ncpconsole.tui.widgets.panels import DetailPanel
        from ncpconsole.tui.widgets.trouble_view import TroubleView

        self.filter_bar, self.panel = FilterBar(), DetailPanel(id="panel")
        self.banner, self.result = QuietLine(id="banner"), QuietLine(id="result")
        self.trouble_view = TroubleView()
        line, main = self.query_one("#filter-line"), self.query_one("#main")
        with self.app.batch_update():
            await line.mount(self.filter_bar)
            await main.mount(self.trouble_view, self.panel)
            await self.mount(self.banner, before=line)
            await self.mount(self.result, after=main)
        self.filter_while_typing()
        self.is_furnished = True
        self.console_app.start()

    @property
    def row(self) -> Row | None:
        """The selected server."""
        try:
            return self.table.selected
        except NoMatches:
            return None

    @property
    def is_typing(self) -> bool:
        """Whether letters go to the filter's box."""
        return self.focused is not None and self.focused.id == "filter"

    def on_descendant_focus(self) -> None:
        """Other keys work in the filter's box than on the list."""
        self.console_app.situation_changed()

    def on_descendant_blur(self) -> None:
        """As above."""
        self.console_app.situation_changed()

    @property
    def subject_row(self) -> Row | None:
        """The selected server, unless a trouble stands in the list's place."""
        return self.row if self.trouble is None else None

    @property
    def inventory(self) -> Inventory | None:
        """The servers, filtered or not; None before the first list."""
        return self.view.inventory if self.view is not None else None

    # What the app shows here

    def forget(self, saying: str) -> None:
        """Another account is being opened: nothing of the one before stays, or is selected after it."""
        self.view = None
        self.marked = frozenset()
        self.hidden_key = None
        self.table.annotations = {}
        self.table.marked = self.marked
        self.table.placeholder = saying
        self.table.show([])
        self.show_trouble(None)
        self.filter_bar.say("")

    def show_inventory(
        self,
        inventory: Inventory,
        annotations: Mapping[str, Annotation],
        *,
        changed: Collection[str],
        complete: bool,
    ) -> None:
        """Show what was read. Marks of servers that are gone go too."""
        from ncpconsole.core.view import View

        if self.view is None:
            self.view = View()
            self.view.inventory = inventory
            self.apply_filter()
        self.view.inventory = inventory
        self.view.recent = inventory.recent
        if complete:
            self.mark(self.marked & inventory.by_key.keys())
        table = self.table
        table.several_regions = len({row.server.region_code for row in inventory.rows}) > 1
        table.annotations = annotations
        self.show_rows(changed)
        if complete and not self.chose_first:
            self.chose_first = True
            if table.selected is None:
                table.select_first()

    def show_trouble(self, trouble: Trouble | None, waiting: str = "") -> None:
        """Put a trouble in the list's place, or the list back."""
        self.trouble = trouble
        self.trouble_view.show(trouble, waiting)
        self.set_class(trouble is not None, "-troubled")
        if trouble is None and self.focused is None and self.is_attached:
            self.table.focus()
        self.console_app.situation_changed()

    def action_clear_or_call_off(self) -> None:
        """Wait no longer for the account that is being opened; else show every server again."""
        if self.console_app.is_opening:
            self.console_app.call_off_opening()
        else:
            self.action_clear_filter()

    def action_move(self, where: str) -> None:
        """Move the selection while something else has the focus."""
        table = self.table
        {
            "down": table.action_move_down, "up": table.action_move_up,
            "first": table.action_first, "last": table.action_last,
            "half_down": table.action_half_page_down, "half_up": table.action_half_page_up,
            "page_down": table.action_page_down, "page_up": table.action_page_up,
        }[where]()  # fmt: skip

    @on(ServerTable.Selected)
    def selected(self, event: ServerTable.Selected) -> None:
        """Show another server's details."""
        if event.row is not None:
            self.hidden_key = event.row.key
        self.console_app.subject_changed()

    @on(ServerTable.Opened)
    def opened(self) -> None:
        """Open the details."""
        self.console_app.action_details()

    @on(KeyBar.Clicked)
    async def key_clicked(self, event: KeyBar.Clicked) -> None:
        """Do what the clicked key does."""
        await self.run_action(event.command.action)
