"""All keys, from the registry, and the words of the filter."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from ncpconsole.core.safe_text import padded
from ncpconsole.language import tr
from ncpconsole.tui.commands import ACT, FIND, Command, Scope, bindings, groups
from ncpconsole.tui.keymap import Keys
from ncpconsole.tui.screens.base import TextScreen

KEY_CELLS, NAME_CELLS = 9, 18
LEFT = (ACT, FIND)


Line = tuple[Content, str]
"""What stands at the left, a key with its name or words of the filter, and what it does, which wraps under itself."""


class Lines(Widget):
    """Parts of the help, each with its title. The left sides are ``left`` cells wide, or half where that is less."""

    DEFAULT_CSS = "Lines { height: auto; }"

    def __init__(self, parts: Sequence[tuple[str, Sequence[Line]]], left: int, *, classes: str) -> None:
        super().__init__(classes=classes)
        self.parts = parts
        self.left = left

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's own
        return len(self._lines(width))

    def render(self) -> Content:
        """All of it, as wide as the widget."""
        return Content("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Content]:
        left = min(self.left, width // 2)
        lines: list[Content] = []
        for title, entries in self.parts:
            lines += [*([Content("")] if lines else []), Content.styled(title, "bold $text-primary")]
            for what, meaning in entries:
                key, does = what.wrap(left - 1), Content(meaning).wrap(max(1, width - left))
                for first, second in zip_longest(key, does, fillvalue=Content("")):
                    blank = " " * (left - first.cell_length)
                    lines.append(Content.assemble(first, blank, second.stylize("$foreground-muted")))
        return lines


def commands_in(names: Sequence[str], keys: Keys) -> list[tuple[str, list[Line]]]:
    """The commands of some groups, by the group's title."""
    return [
        (tr(name), [_line(command, keys) for command in commands])
        for name, commands in groups().items()
        if name in names
    ]


def _line(command: Command, keys: Keys) -> Line:
    key = (padded(keys.shown(command) or tr("palette"), KEY_CELLS), "bold $footer-key-foreground")
    return Content.assemble(key, tr(command.name)), tr(command.description)


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
                for names in (LEFT, [name for name in every if name not in LEFT]):
                    yield Lines(commands_in(names, keys), KEY_CELLS + NAME_CELLS, classes="column")
            terms = [(Content.styled(term, "bold $text-accent"), tr(meaning)) for term, meaning in SYNTAX_HELP]
            left = max(term.cell_length for term, _ in terms) + 2
            yield Lines([(tr("Filter: all terms must hold"), terms)], left, classes="column")
        yield from self.foot()
