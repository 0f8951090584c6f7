"""What the keys about the console itself do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ncpconsole.tui.commands import BY_ID, Scope
from ncpconsole.tui.server_keys import ServerKeysApp

if TYPE_CHECKING:
    from ncpconsole.core.session import ProfileSummary, Session


class ConsoleKeysApp(ServerKeysApp):
    """Refresh, history, profile, region, login, help, quit."""

    def action_refresh(self) -> None:
        """Read the list now; open the account again when there is none."""
        if self.session is None:
            self.open_account(*self.wanted)
        elif self.is_reading:
            self.say("The list is being read.")
        else:
            self.refresh_list()

    def action_history(self) -> None:
        """Show what was sent."""
        if self.session is not None:
            from ncpconsole.tui.screens.history import HistoryScreen

            self.push_screen(HistoryScreen(self.session), lambda _: self.journal_changed())

    def briefed(self, go_to_history: bool | None) -> None:
        """After the briefing: to the history, if that was asked for."""
        if go_to_history:
            self.action_history()

    def action_profile(self) -> None:
        """Choose another account."""
        from ncpconsole.core.errors import ConsoleError
        from ncpconsole.tui.screens.pickers import ProfilePicker

        try:
            profiles = self.known_profiles()
        except ConsoleError as error:
            self.say(str(error), "error")
            return
        self.push_screen(ProfilePicker(profiles), self.profile_chosen)

    def known_profiles(self) -> list[ProfileSummary]:
        """The profiles, with the one marked that is open or being opened; raises ConsoleError."""
        wanted = self.session.identity.profile if self.session is not None else self.wanted[0]
        return [
            summary if wanted is None else replace(summary, is_current=summary.name == wanted)
            for summary in self.console_port.profiles()
        ]

    def profile_chosen(self, name: str | None) -> None:
        """Switch, unless nothing was chosen or it is open already."""
        if name is not None and (self.session is None or name != self.session.identity.profile):
            self.open_account(name, None)

    def action_region(self) -> None:
        """Choose a region of the account."""
        session = self.session
        if session is not None:
            from ncpconsole.tui.screens.pickers import ALL_REGIONS, RegionPicker

            codes = session.identity.regions
            current = (ALL_REGIONS,) if session.identity.all_regions else codes
            self.push_screen(RegionPicker(session.gateway, current), self.region_chosen)

    def region_chosen(self, region: str | None) -> None:
        """Switch the region, unless nothing was chosen or it is what is open."""
        if region is not None and self.session is not None and region != self.open_region(self.session):
            self.open_account(self.wanted[0], region)

    @staticmethod
    def open_region(session: Session) -> str:
        """The choice that stands for what is open; empty where several regions are, which is none."""
        from ncpconsole.tui.screens.pickers import ALL_REGIONS

        codes = session.identity.regions
        if session.identity.all_regions:
            return ALL_REGIONS
        return codes[0] if len(codes) == 1 else ""

    def action_login(self) -> None:
        """Log in, then open the profile that was logged in to."""
        from ncpconsole.core.errors import ConsoleError
        from ncpconsole.tui.screens.login import LoginScreen

        try:
            current = next((summary for summary in self.known_profiles() if summary.is_current), None)
        except ConsoleError as error:
            self.say(str(error), "error")
            return
        self.push_screen(
            LoginScreen(
                self.console_port,
                profile=current.name if current else self.wanted[0] or "default",
                site=current.site if current else "",
                url=current.base_url if current else "",
            ),
            self.logged_in,
        )

    def logged_in(self, profile: str | None) -> None:
        """Open the profile, if there is one now."""
        if profile is not None:
            self.open_account(profile, None)

    def action_command_palette(self) -> None:
        """Show all commands by name."""
        from ncpconsole.tui.palette import ConsolePalette

        if not any(isinstance(screen, ConsolePalette) for screen in self.screen_stack):
            self.push_screen(ConsolePalette())  # no id: one that is leaving still has it

    def search_themes(self) -> None:
        """Choose a theme by its name."""
        from ncpconsole.tui.palette import theme_palette

        self.push_screen(theme_palette())

    def action_help(self) -> None:
        """Show all keys."""
        from ncpconsole.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen())

    def action_how_to_quit(self) -> None:
        """Ctrl+C is pressed by reflex; say what quits."""
        self.say(f"{self.keys.shown(BY_ID['quit'])} on the list quits, and so does Ctrl+Q.")

    async def action_back_or_quit(self) -> None:
        """Leave this screen, or the program from the list."""
        if self.situation.place is Scope.SERVERS:
            await self.action_quit()
        else:
            self.pop_screen()

    async def action_quit(self) -> None:
        """Leave, after asking when an interrupt is on its way."""
        if not self.sending:
            self.leave(True)
            return
        from ncpconsole.tui.screens.small_dialogs import QuitConfirm

        if not any(isinstance(screen, QuitConfirm) for screen in self.screen_stack):
            self.push_screen(QuitConfirm(tuple(self.sending)), self.leave)

    def leave(self, really: bool | None) -> None:
        """End the program."""
        if really:
            self.exit()
