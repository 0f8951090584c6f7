"""The commands in Textual's palette."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.theme import ThemeProvider
from textual.types import IgnoreReturnCallbackType

from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import NAMES, language, msgid, tr
from ncpconsole.tui import screens
from ncpconsole.tui.availability import name_of, unavailable_reason
from ncpconsole.tui.commands import COMMANDS, Command
from ncpconsole.tui.screens.base import ConsoleScreen
from ncpconsole.tui.textual_fixes.dialogs import ConsolePalette

NAME_CELLS, KEY_CELLS = 18, 8
HIDDEN = frozenset(
    {"palette", "down", "up", "first", "last", "half_down", "half_up", "page_down", "page_up", "sort_column"}
)


def theme_palette() -> ConsolePalette:
    return ConsolePalette(providers=[ThemeProvider], placeholder=tr("theme"))


def line_of(name: Content, rest: str) -> Content:
    """One line of the palette: the name first, and what it does after it."""
    return Content.assemble(name.stylize("bold"), " " * max(2, NAME_CELLS - name.cell_length), (rest, "$text-muted"))


class ConsoleCommands(Provider):
    """What is possible on the screen below the palette; moves are left to their keys."""

    def offered(self) -> Iterator[Command]:
        """The commands of this place that are possible now."""
        if not isinstance(self.screen, ConsoleScreen):
            return
        situation = self.screen.host.ui_state(self.screen.SCOPE)
        for command in COMMANDS:
            if (
                command.id not in HIDDEN
                and situation.scope in command.scopes
                and unavailable_reason(command, situation) is None
            ):
                yield command

    def shown(self, command: Command) -> tuple[str, str]:
        """A command's name, and what stands after it: its key, and what it does."""
        if not isinstance(self.screen, ConsoleScreen):
            return tr(command.name), tr(command.description)
        keys = self.screen.host.keys.shown(command)
        name = name_of(command, self.screen.host.ui_state(self.screen.SCOPE))
        return name, f"{keys:<{KEY_CELLS}} {tr(command.description)}"

    def entries(self) -> Iterator[tuple[str, str, str, IgnoreReturnCallbackType]]:
        """Name, the same in English, rest and deed of all that is possible."""
        for command in self.offered():
            name, rest = self.shown(command)
            yield name, command.name, rest, partial(self.run, command)
        no_key = " " * (KEY_CELLS + 1)
        theme, change, picture = msgid("Choose theme"), msgid("Change language"), msgid("Save screenshot")
        yield tr(theme), theme, no_key + tr("the colours of the screen"), self.app.action_change_theme
        for code, name in NAMES.items():
            if code != language() and isinstance(self.screen, ConsoleScreen):
                yield tr(change), change, no_key + name, partial(self.screen.host.change_language, code)
        where = no_key + tr("an SVG of this screen, in the working directory")
        yield tr(picture), picture, where, self.screenshot

    async def discover(self) -> Hits:
        """Everything possible, before anything is typed."""
        for name, _, rest, deed in self.entries():
            yield DiscoveryHit(line_of(Content(name), rest), deed, text=f"{name}  {rest}")

    async def search(self, query: str) -> Hits:
        """What matches the words typed, in English too, as the documents are; a match in the name counts more."""
        matcher = self.matcher(query)
        for name, english, rest, deed in self.entries():
            in_name = matcher.match(name)
            score = in_name or max(matcher.match(english), matcher.match(f"{name}  {rest}")) / 2
            if score > 0:
                shown = matcher.highlight(name) if in_name else Content(name)
                yield Hit(score, line_of(shown, rest), deed, text=f"{name}  {rest}")

    async def run(self, command: Command) -> None:
        """Do what the command's key does."""
        await self.screen.run_action(command.action)

    def screenshot(self) -> None:
        """Save the screen once the palette is gone; secrets are masked in their boxes."""
        self.app.set_timer(0.1, self.save_screen)

    def save_screen(self) -> None:
        """Write the picture into the working directory: a bastion has no directory for downloads."""
        path = Path.cwd() / f"ncpconsole-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.svg"
        try:
            screens.write_new(path, self.app.export_screenshot())
        except OSError as error:
            words = tr("The picture cannot be written ({why}): {path}", why=error.strerror or error, path=path)
            self.app.notify(safe_text(words, 300), severity="error", markup=False, timeout=4)
        else:
            self.app.notify(safe_text(tr("Picture written: {path}", path=path), 300), markup=False, timeout=4)
