"""The keys of the server table, as data for its bindings and for the app's registry of commands."""

from __future__ import annotations

from typing import NamedTuple


class TableKey(NamedTuple):
    """One key binding: its id for remapping, keys, action and what it does in words."""

    id: str
    keys: str
    action: str
    description: str


TABLE_KEYS = (
    TableKey("table.down", "j,down", "move_down", "Next server"),
    TableKey("table.up", "k,up", "move_up", "Previous server"),
    TableKey("table.first", "g,home", "first", "First server"),
    TableKey("table.last", "G,end", "last", "Last server"),
    TableKey("table.half_down", "ctrl+d", "half_page_down", "Half a page down"),
    TableKey("table.half_up", "ctrl+u", "half_page_up", "Half a page up"),
    TableKey("table.page_down", "pagedown", "page_down", "A page down"),
    TableKey("table.page_up", "pageup", "page_up", "A page up"),
    TableKey("table.open", "enter", "open", "Details"),
    TableKey("table.mark", "space", "toggle_mark", "Mark for review"),
)
