"""How the server table looks in every theme: theme variables only, and never colour alone.

The selected line also has a mark and bold type, a state also a mark and a word, for NO_COLOR and for
terminals with their own sixteen colours (the ``:ansi`` rules, where shades do not exist).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.tui.widgets.row_painter import TONES, Palette

if TYPE_CHECKING:
    from textual.widget import Widget

_PARTS = ("row", "blocked", "changed", "selected", "header", "sorted", "placeholder", *TONES)
COMPONENTS = frozenset(f"server-table--{part}" for part in _PARTS)

CSS = """
ServerTable {
    height: 1fr;
    overflow-x: hidden;
    overflow-y: auto;
    scrollbar-gutter: stable;
    scrollbar-size-vertical: 1;
    background: $surface;
    color: $foreground;
    & > .server-table--row { color: $foreground; }
    & > .server-table--blocked { color: $text-muted; }
    & > .server-table--changed { color: $text-primary; text-style: bold italic; }
    & > .server-table--header { background: $panel; color: $foreground; text-style: bold; }
    & > .server-table--sorted { background: $panel; color: $text-accent; text-style: bold; }
    & > .server-table--placeholder { color: $text-muted; }
    & > .server-table--good { color: $text-success; }
    & > .server-table--caution { color: $text-warning; text-style: bold; }
    & > .server-table--bad { color: $text-error; text-style: bold; }
    & > .server-table--busy { color: $text-primary; text-style: bold; }
    & > .server-table--quiet { color: $text-muted; }
    & > .server-table--selected {
        background: $block-cursor-blurred-background;
        color: $block-cursor-blurred-foreground;
        text-style: bold;
    }
    &:focus > .server-table--selected {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
        text-style: bold;
    }
    &:ansi > .server-table--blocked, &:ansi > .server-table--quiet { text-style: dim; }
    &:ansi > .server-table--header, &:ansi > .server-table--sorted { text-style: bold underline; }
}
"""


def palette_of(table: Widget) -> Palette:
    """The styles that the current theme and focus give the table."""
    style = table.get_component_rich_style
    return Palette(
        row=style("server-table--row"),
        blocked=style("server-table--blocked"),
        changed=style("server-table--changed"),
        selected=style("server-table--selected"),
        header=style("server-table--header"),
        sorted_header=style("server-table--sorted"),
        tones={tone: style(f"server-table--{tone}") for tone in TONES},
    )
