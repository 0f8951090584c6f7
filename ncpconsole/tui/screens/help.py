"""All keys, from the registry, and the words of the filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import padded
from ncpconsole.language import tr
from ncpconsole.tui.commands import ACT, FIND, Scope, bindings, groups
from ncpconsole.tui.keymap import Keys
from ncpconsole.tui.screens.base import TextScreen

KEY_CELLS, NAME_CELLS = 9, 18
LEFT = (ACT, FIND)


def group_text(names: Sequence[str], keys: Keys) -> Content:
    """The commands of some groups, a line each."""
    blocks: list[Content] = []
    for name, commands in groups().items():
        if name not in names:
            continue
        lines = [Content.styled(tr(name), "bold $text-primary")]
        for command in commands:
            shown = keys.shown(command) or tr("palette")
            named = padded(tr(command.name), NAME_CELLS)
            key = (padded(shown, KEY_CELLS), "bold $footer-key-foreground")
            lines.append(Content.assemble(key, named, (tr(command.description), "$foreground-muted")))
        blocks.append(Content("\n").join(lines))
    return Content("\n\n").join(blocks)


def filter_text(syntax: Sequence[tuple[str, str]]) -> Content:
    widest = max((len(term) for term, _ in syntax), default=0) + 2
    lines = [Content.styled(tr("Filter: all terms must hold"), "bold $text-primary")]
    lines += [Content.assemble((term.ljust(widest), "bold $text-accent"), tr(meaning)) for term, meaning in syntax]
    return Content("\n").join(lines)


class HelpScreen(TextScreen):
    """What can be pressed, and what can be typed into the filter."""

    SCOPE = Scope.HELP
    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (150, "-two")]  # noqa: RUF012 - Textual's own declaration
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Scope.HELP))

    def compose(self) -> ComposeResult:
        """Keys, in two columns where there is room, and the filter below."""
        from ncpconsole.core.filters import SYNTAX_HELP

        keys = self.host.keys
        every = tuple(groups())
        yield Static(Content.styled(" " + tr("Keys"), "bold"), classes="title")
        with VerticalScroll(can_focus=False):
            with Container(id="columns"):
                yield Static(group_text(LEFT, keys), classes="column")
                yield Static(group_text([name for name in every if name not in LEFT], keys), classes="column")
            yield Static(filter_text(SYNTAX_HELP), id="filter-help")
        yield from self.foot()
