"""The list of servers: the screen that the console opens with and returns to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal
from textual.css.query import NoMatches

from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import shown, tr
from ncpconsole.tui.commands import Scope, bindings
from ncpconsole.tui.list_model import ListModel
from ncpconsole.tui.messages import EligibleOnlyChanged, EveryRegionWanted, ListReady, SelectionChanged, UiStateChanged
from ncpconsole.tui.screens.base import ConsoleScreen
from ncpconsole.tui.text.server_list import EmptyList, silence_words
from ncpconsole.tui.widgets.footer import Footer
from ncpconsole.tui.widgets.header import Header
from ncpconsole.tui.widgets.server_table import ServerTable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ncpconsole.core.inventory import Inventory, Row
    from ncpconsole.core.vitals_reader import VitalsReader
    from ncpconsole.tui.availability import ConsoleHost
    from ncpconsole.tui.list_signs import ListSigns, SignsReading
    from ncpconsole.tui.text.problem import Problem
    from ncpconsole.tui.widgets.filter_bar import FilterBar
    from ncpconsole.tui.widgets.panels import DetailPanel, MessageLine, ProblemPanel, StatusLine
    from ncpconsole.tui.widgets.row_state import Annotation


PANEL_FROM = 175
"""Width from which the details stand beside the table (cells): no column has to go for them."""
VAST = 195
"""Width from which the details get more room (cells)."""


class ServersScreen(ConsoleScreen):
    """Draws what the `model` holds, and hands it what is typed, sorted and marked.

    ``hidden_key`` is the row that was selected last, to select it again when the filter lets it back in.
    """

    SCOPE = Scope.SERVERS
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Scope.SERVERS))
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (PANEL_FROM, "-wide"), (VAST, "-vast")]  # noqa: RUF012 - Textual's own declaration

    filter_bar: FilterBar
    panel: DetailPanel
    banner: MessageLine
    result: MessageLine
    status: StatusLine
    problem_panel: ProblemPanel

    def __init__(
        self,
        host: ConsoleHost,
        *,
        columns: tuple[str, ...] | None = None,
        order: tuple[str, bool] = ("", False),
        filters: tuple[str, ...] = (),
    ) -> None:
        """``order`` is a `core.view.SortKey` and whether downwards, ``filters`` are earlier ones, oldest first."""
        super().__init__(host)
        self.model = ListModel(order)
        self.first_filters = filters
        self.chosen_columns = columns
        self.problem: Problem | None = None
        self.chose_first = False
        self.seen_at = -math.inf
        """When the server that the console selected by itself was first on screen, by the clock of Textual's events."""
        self.is_ready = False
        self.was_said = False
        self.signs: ListSigns | None = None
        self.signs_reading: SignsReading | None = None
        self.nothing = EmptyList()
        self.hidden_key: str | None = None

    def compose(self) -> ComposeResult:
        """Header, filter, list, footer: what the first frame needs. `mount_rest` adds the rest."""
        yield Header()
        with Horizontal(id="filter-line"):
            pass
        with Horizontal(id="main"):
            table = ServerTable()
            table.placeholder = tr("Opening ...")
            if self.chosen_columns:
                table.column_keys = self.chosen_columns
            table.vital_signs = True
            yield table
        yield Footer(self.host.keys)

    def on_mount(self) -> None:
        """The list has the keys; the account is opened once this is painted."""
        self.table.focus()
        self.call_after_refresh(self.mount_rest)

    async def mount_rest(self) -> None:
        """Mount what the first frame did without, then let the account be opened."""
        from ncpconsole.tui.widgets.filter_bar import FilterBar
        from ncpconsole.tui.widgets.panels import DetailPanel, MessageLine, ProblemPanel, StatusLine

        self.filter_bar, self.panel = FilterBar(self.first_filters), DetailPanel(id="panel")
        self.banner, self.result = MessageLine(id="banner"), MessageLine(id="result")
        self.problem_panel, self.status = ProblemPanel(), StatusLine()
        line, main = self.query_one("#filter-line"), self.query_one("#main")
        with self.app.batch_update():
            await line.mount(self.filter_bar)
            await main.mount(self.problem_panel, self.panel)
            await self.mount(self.banner, before=line)
            await self.mount(self.result, self.status, after=main)
        # Watched, with no message in between: the letter and the table it narrows are painted in one frame,
        # 20 ms after the key; a message made it two frames and up to 45 ms.
        self.watch(self.filter_bar.box, "value", self.narrow, init=False)
        self.is_ready = True
        self.post_message(ListReady())

    @property
    def table(self) -> ServerTable:
        return self.query_one(ServerTable)

    @property
    def earlier_filters(self) -> tuple[str, ...]:
        """The filters that were typed, oldest first, the present one last."""
        if not self.is_ready:
            return self.first_filters
        self.filter_bar.box.remember()
        return tuple(self.filter_bar.box.past)

    @property
    def row(self) -> Row | None:
        try:
            return self.table.selected
        except NoMatches:
            return None

    @property
    def is_typing(self) -> bool:
        """Whether letters go to the filter's box."""
        return self.focused is not None and self.focused.id == "filter"

    def on_descendant_focus(self) -> None:
        self.post_message(UiStateChanged())
        # Which key does something depends on whether it is typed into the filter.
        if (view := self.model.view) is not None:
            if not view.rows:
                self.say_nothing_found()
            self.say_matches()

    def on_descendant_blur(self) -> None:
        self.post_message(UiStateChanged())

    @property
    def current_row(self) -> Row | None:
        """The selected server, unless a problem stands in the list's place."""
        return self.row if self.problem is None else None

    # What the app shows here

    def reset(self, saying: str) -> None:
        """Another account is being opened: nothing of the one before stays, or is selected after it, but the order."""
        self.model.reset()
        if self.signs_reading is not None:
            self.signs_reading.end()
        self.signs = self.signs_reading = self.table.life_of = None
        self.hidden_key = None
        self.table.annotations = {}
        self.table.marked = self.model.marked
        self.table.placeholder = saying
        self.table.show([])
        self.show_problem(None)
        self.filter_bar.say("")

    def show_inventory(
        self, inventory: Inventory, annotations: Mapping[str, Annotation], *, changed: Collection[str], complete: bool
    ) -> None:
        """Show what was read. Marks of servers that are gone go too."""
        self.model.take(inventory, complete=complete)
        table = self.table
        table.marked = self.model.marked
        table.several_regions = len({row.server.region_code for row in inventory.rows}) > 1
        table.annotations = annotations
        if complete and not self.chose_first:
            # Until now public addresses stood in for private ones that were not read yet, and took more room.
            table.measure_anew()
        self.show_rows(changed)
        if complete and not self.chose_first:
            self.chose_first = True
            if table.selected is None:
                table.select_first()
                self.seen_at = math.inf
                self.call_after_refresh(self.first_seen)

    def first_seen(self) -> None:
        """The server that nobody selected is on screen now: keys from here on may mean it."""
        self.seen_at = SelectionChanged().time

    def show_problem(self, problem: Problem | None, waiting: str = "") -> None:
        """Put a problem in the list's place, or the list back."""
        self.problem = problem
        self.problem_panel.show(problem, waiting)
        self.set_class(problem is not None, "-problem")
        if problem is None and self.focused is None and self.is_attached:
            self.table.focus()
        self.post_message(UiStateChanged())

    def show_rows(self, changed: Collection[str] = ()) -> None:
        """Show the rows that pass the filter now; a selection that the filter hid comes back with its row."""
        view, table = self.model.view, self.table
        if view is None:
            return
        if table.selected is not None:
            self.hidden_key = table.selected.key
        if self.signs is not None and view.needs_signs:
            view.signs = self.signs.signs()
        table.sort = (view.sort.value, view.descending)
        self.say_nothing_found()
        table.containing = view.containing
        table.address_of = view.address_of
        table.show(view.rows, changed=changed)
        if self.hidden_key is None or self.hidden_key not in view.inventory.by_key:
            self.hidden_key = None
        elif table.selected is None:
            table.select(self.hidden_key)
        self.say_matches()
        self.post_message(UiStateChanged())

    def words_changed(self) -> None:
        """Show everything in the language that is in force now."""
        self.filter_bar.words_changed()
        self.table.words_changed()
        self.show_rows()
        for widget in self.query("*"):
            widget.refresh()

    def say_nothing_found(self) -> None:
        """Say in an empty list's place why it is empty, and what to do; Tab takes what is offered first."""
        self.nothing = self.model.nothing_found(self.host.elsewhere, self.signs, typing=self.is_typing)
        self.table.placeholder = self.nothing.words

    def action_take_offered(self) -> None:
        """Take the word that would match alone, or look in every region; else go on to the next part of the screen."""
        box = self.filter_bar.box
        if self.model.filter_wrong:
            self.on_filter_bar_kept()
        elif self.nothing.word:
            box.value = self.nothing.word
            box.cursor_position = len(box.value)
        elif self.nothing.every_region:
            self.post_message(EveryRegionWanted())
        else:
            self.focus_next()

    def say_matches(self) -> None:
        """How many servers are on show, or what is wrong with the filter, in a line long enough for it."""
        wrong = self.model.filter_wrong
        said = self.model.note(self.signs, typing=self.is_typing)
        if self.was_said or said:
            self.was_said = bool(said)
            self.status.say(safe_text(said, 300), "error" if wrong else "")
        words = tr("not a filter") if wrong else self.model.match_words(self.table.columns_shown)
        self.filter_bar.say(words, wrong=bool(wrong))

    def mark(self, keys: frozenset[str]) -> None:
        """Set the review queue's marks."""
        self.model.mark(keys)
        self.table.marked = keys

    # Vital signs

    def open_signs(self, reader: VitalsReader) -> None:
        """Show the vital signs that this reader reads, unless they are switched off."""
        from ncpconsole.tui.list_signs import ListSigns, SignsReading

        self.signs = ListSigns(reader)
        self.signs_reading = SignsReading(self.signs, self, self.table, self.status, self.order_by_silence)
        self.table.vital_signs = not self.signs.is_off
        self.table.life_of = self.signs.life_of

    @property
    def reads_signs(self) -> bool:
        """Whether the signs of the whole filtered list are being read."""
        return self.signs_reading is not None and self.signs_reading.reads_all

    @on(ServerTable.InView)
    def in_view(self) -> None:
        if self.signs_reading is not None:
            self.signs_reading.view_moved()

    def action_read_signs(self) -> None:
        """Read the vital signs of the whole filtered list; Esc stops it."""
        view, reading = self.model.view, self.signs_reading
        if view is None or reading is None or reading.reads_all:
            return
        if reading.signs.is_off:
            self.notify(
                tr("Vital signs are not read: {why}", why=shown(reading.signs.reader.off)), markup=False, timeout=6
            )
            return
        reading.read_all(reading.signs.numbers_of(view.rows_whatever_their_signs()))
        self.post_message(UiStateChanged())

    def order_by_silence(self, numbers: list[str]) -> None:
        """The longest silence first, and a line that says what was learned; where nothing was, why."""
        self.post_message(UiStateChanged())
        if self.model.view is None or self.signs_reading is None or self.signs_reading.say_trouble():
            return
        self.model.view.sort_by_silence()
        self.show_rows()
        self.table.show_top()
        self.signs_reading.say(silence_words(numbers, self.signs_reading.signs.reader.known))

    def stop_signs(self) -> bool:
        """Stop reading the signs of the whole list; False where nothing is being read."""
        return self.signs_reading is not None and self.signs_reading.stop()

    # Filter

    def narrow(self, text: str) -> None:
        """Show what passes this filter; what passed before stays while it cannot be understood."""
        self.model.narrow(text)
        if self.model.filter_wrong:
            self.say_nothing_found()
            self.say_matches()
            self.post_message(UiStateChanged())
        else:
            self.show_rows()

    def on_filter_bar_kept(self) -> None:
        """Enter: to the list, and there to the server that was looked for, if it is in it.

        Not with a filter that is none: the list on show is another one than was asked for, and so is its first server.
        """
        if self.model.filter_wrong:
            self.filter_bar.box.stay()
            self.say_matches()
            return
        table, view = self.table, self.model.view
        self.leave_filter()
        selected = table.selected
        is_other = view is not None and view.exact and selected is not None and selected.key in view.containing
        if selected is None or is_other:
            table.select_first()

    def on_filter_input_left(self) -> None:
        self.on_filter_bar_kept()

    def on_filter_input_cleared(self) -> None:
        self.leave_filter()

    def leave_filter(self) -> None:
        """To the list; where a problem stands in its place, nothing has the focus."""
        if self.has_class("-problem"):
            self.set_focus(None)
        else:
            self.table.focus()

    def action_filter(self) -> None:
        """Go to the filter's box at once: `Widget.focus` would let keys pass that are typed right behind."""
        if not self.has_class("-problem"):
            self.set_focus(self.filter_bar.box)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the filter's box, the key that leads there is a letter like any other."""
        if action == "filter" and self.focused is not None and self.focused.id == "filter":
            return False
        return super().check_action(action, parameters)

    def action_clear_filter(self) -> None:
        self.filter_bar.box.action_clear()

    def action_eligible_only(self) -> None:
        """Show only what may be interrupted, or everything again."""
        if self.model.view is not None:
            self.model.view.eligible_only = not self.model.view.eligible_only
            self.show_rows()
            self.post_message(EligibleOnlyChanged())

    # Order and marks

    def action_sort(self) -> None:
        if self.model.view is not None:
            self.model.view.sort_by_next()
            self.show_rows()

    def action_sort_column(self, number: int) -> None:
        """Sort by the column of this number, the first being 1; one that is not there changes nothing."""
        shown = self.table.columns_shown
        if self.model.view is not None and number <= len(shown):
            self.model.view.sort_by(shown[number - 1])
            self.show_rows()

    def action_sort_reverse(self) -> None:
        if self.model.view is not None:
            self.model.view.descending = not self.model.view.descending
            self.show_rows()

    @on(ServerTable.SortRequested)
    def sort_clicked(self, event: ServerTable.SortRequested) -> None:
        """Sort by the clicked column; a second click turns it round."""
        if self.model.view is not None:
            self.model.view.sort_by(event.column)
            self.show_rows()

    def action_unmark(self) -> None:
        """Remove every mark: nothing else does, but for a server that was sent to or is gone."""
        self.mark(frozenset())
        self.show_rows()

    def action_mark(self) -> None:
        self.table.action_toggle_mark()

    @on(ServerTable.MarkToggled)
    def mark_toggled(self, event: ServerTable.MarkToggled) -> None:
        """Mark or unmark, and go on to the next server; the first time, mark all that a line of a ticket names."""
        model = self.model
        if model.view is None:
            return
        at_once = model.mark_named()
        if not at_once:
            model.toggle_mark(event.row)
        self.table.marked = model.marked
        if "is:marked" in model.filter_text and not at_once:
            self.show_rows()
        else:
            self.say_matches()
        if not at_once:
            self.table.action_move_down()
        self.post_message(UiStateChanged())

    def action_move(self, where: str) -> None:
        table = self.table
        {
            "down": table.action_move_down, "up": table.action_move_up,
            "first": table.action_first, "last": table.action_last,
            "half_down": table.action_half_page_down, "half_up": table.action_half_page_up,
            "page_down": table.action_page_down, "page_up": table.action_page_up,
        }[where]()  # fmt: skip

    @on(ServerTable.Selected)
    def selected(self, event: ServerTable.Selected) -> None:
        """Remember it, to select it again when a filter hides it and lets it back in."""
        if event.row is not None:
            self.hidden_key = event.row.key
        self.post_message(SelectionChanged())

    @on(ServerTable.Opened)
    async def opened(self) -> None:
        await self.run_action("app.details")

    @on(Footer.Clicked)
    async def key_clicked(self, event: Footer.Clicked) -> None:
        """Do what the clicked key does."""
        await self.run_action(event.command.action)
