"""The commands in Textual's palette."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.theme import ThemeProvider

from ncpconsole.core.safe_text import safe_text
from ncpconsole.tui import screens
from ncpconsole.tui.availability import unavailable_reason
from ncpconsole.tui.commands import COMMANDS, Command
from ncpconsole.tui.screens.base import ConsoleScreen
from ncpconsole.tui.textual_fixes.palette import ConsolePalette

HIDDEN = frozenset(
    {"palette", "down", "up", "first", "last", "half_down", "half_up", "page_down", "page_up", "sort_column"}
)


def theme_palette() -> ConsolePalette:
    return ConsolePalette(providers=[ThemeProvider], placeholder="theme")


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

    def text_of(self, command: Command) -> str:
        """How a command is called in the palette."""
        keys = self.screen.host.keys.shown(command) if isinstance(self.screen, ConsoleScreen) else ""
        return f"{command.description}  ({keys})" if keys else command.description

    async def discover(self) -> Hits:
        """Everything possible, before anything is typed."""
        for command in self.offered():
            yield DiscoveryHit(self.text_of(command), partial(self.run, command))
        yield DiscoveryHit("Choose a theme", self.app.action_change_theme)

    async def search(self, query: str) -> Hits:
        """What matches the words typed."""
        matcher = self.matcher(query)
        for command in self.offered():
            text = self.text_of(command)
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), partial(self.run, command), text=text)
        for text, action in (
            ("Choose a theme", self.app.action_change_theme),
            ("Save a screenshot (SVG) of this screen", self.screenshot),
        ):
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), action, text=text)

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
            words = f"The picture cannot be written ({error.strerror or error}): {path}"
            self.app.notify(safe_text(words, 300), severity="error", markup=False, timeout=4)
        else:
            self.app.notify(safe_text(f"Picture written: {path}", 300), markup=False, timeout=4)
