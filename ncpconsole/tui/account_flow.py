"""One account on the screen: chosen, opened, read again and again, switched and left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import msgid, shown, tr, tr_n
from ncpconsole.tui import screens
from ncpconsole.tui.account_controller import (
    AccountController,
    InventoryChanged,
    KeyringWaits,
    ListingProgress,
    RefreshFailed,
    SessionFailed,
    SessionOpened,
)
from ncpconsole.tui.background import in_background
from ncpconsole.tui.console_state import ConsoleState
from ncpconsole.tui.messages import TeamTold, WatchWanted
from ncpconsole.tui.presenter import Presenter
from ncpconsole.tui.text.problem import called_off, problem_for

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from textual.app import App
    from textual.worker import Worker

    from ncpconsole.core.session import Console
    from ncpconsole.tui.account_controller import AccountEvent
    from ncpconsole.tui.keymap import Keys
    from ncpconsole.tui.screens.servers import ServersScreen


class AccountFlow:
    """Opens the account that the operator chooses, in workers of the app, and shows what becomes of it.

    ``regions`` is the region chosen last, by profile; it is kept up to date.
    """

    def __init__(self, app: App[Any], presenter: Presenter, regions: dict[str, str]) -> None:
        self.app = app
        self.presenter = presenter
        self.state = presenter.state
        self.account, self.servers = presenter.account, presenter.servers
        self.regions = regions

    # Opening and reading

    def open(self, profile: str | None, region: str | None) -> None:
        """Leave the account that is open, if one is, and open another. Nothing is carried over."""
        self.account.switch(profile, region)
        self.app.workers.cancel_group(self.app, "listing")
        if marked := len(self.servers.model.marked):
            words = tr_n("The mark was removed.", "The {count:,} marks were removed.", marked)
            self.presenter.say(words, "warning")
        self.servers.reset(
            tr("Opening {profile} ...", profile=safe_text(profile, 40)) if profile else tr("Opening ...")
        )
        self.presenter.header_changed()
        self._work(self.account.open, "opening")

    def refresh(self, *, addresses: bool = False) -> None:
        """Read the list now, unless it is being read; ``addresses``: see `AccountController.begin_refresh`."""
        if self.account.begin_refresh(addresses=addresses):
            self.presenter.header_changed()
            self._work(self.account.refresh, "listing")

    def refresh_or_open(self) -> None:
        """Read the list anew because somebody asks for it; where no account is open, try again to open it."""
        if self.account.session is None:
            self.open(*self.account.wanted)
        elif self.account.is_reading:
            self.presenter.say(tr("The list is being read."))
        else:
            self.refresh(addresses=True)

    def call_off(self) -> bool:
        """Wait no longer for the account that is being opened; False where none is."""
        if not self.account.is_opening:
            return False
        self.account.call_off()
        self.app.workers.cancel_group(self.app, "opening")
        self.servers.show_problem(called_off())
        self.presenter.header_changed()
        return True

    def close_retired(self) -> None:
        """Close the accounts that were left, once nothing needs them."""
        self._work(self.account.close_retired, "closing", exclusive=False)

    def _work(
        self, deed: Callable[[], Coroutine[Any, Any, None]], group: str, *, exclusive: bool = True
    ) -> Worker[None]:
        """Do it in a worker, whose unexpected error ends the program: nothing could be shown without it."""
        return self.app.run_worker(deed, group=group, exclusive=exclusive, description=group)

    def changed(self, event: AccountEvent) -> None:
        """Show what became of the account; of one that was left, nothing."""
        match event:
            case SessionFailed():
                self.servers.show_problem(problem_for(event.error))
            case KeyringWaits():
                self.servers.table.placeholder = tr(
                    "Waiting for the OS keyring, which may ask for its password in a window of its own. "
                    "Esc cancels the sign-in."
                )
            case _ if event.session is not self.account.session:
                return
            case SessionOpened():
                self._opened(event)
            case InventoryChanged():
                self.servers.show_problem(None)
                self.presenter.show_snapshot(changed=event.changed, complete=event.complete)
                self.presenter.waiting_changed()
                self.presenter.read_signs_on_show()
                self.presenter.consider_emptiness()
            case RefreshFailed() if not self.account.is_listed:
                url = event.session.identity.base_url
                self.servers.show_problem(problem_for(event.error, base_url=url), self.account.next_try())
            case RefreshFailed() | ListingProgress():
                pass
        self.presenter.header_changed()

    def _opened(self, event: SessionOpened) -> None:
        """Read the list, ask whose key it is, follow the team, and watch again what is not back yet."""
        session = event.session
        self.servers.table.placeholder = tr("Reading servers ...")
        self.servers.open_signs(session.vitals)
        self.refresh()
        in_background(self.app, msgid("caller's identity"), self._identify, group="identity", exclusive=True)
        session.journal.follow(lambda is_event: self.app.post_message(TeamTold(is_event)))
        awaited = self.account.awaited()
        self.state.waiting = replace(self.state.waiting, surfaced=event.surfaced, watched=awaited)
        self.presenter.waiting_changed()
        for intent in awaited:
            self.app.post_message(WatchWanted(session, intent))

    async def _identify(self) -> None:
        """Have the header tell whose key it is, once that is known; nothing waits for it."""
        await self.account.identify()
        self.presenter.header_changed()

    def team_told(self, is_event: bool) -> None:
        """Show what consoles on other machines do: what they recorded, or on which server they are."""
        if is_event:
            in_background(self.app, msgid("look at the team's journal"), self._catch_up, group="team", exclusive=True)
        else:
            self.presenter.show_snapshot()

    async def _catch_up(self) -> None:
        if (session := self.account.session) is not None:
            await session.journal.catch_up()
            self.presenter.journal_changed()

    # Choosing another one

    def choose_profile(self) -> None:
        try:
            profiles = self.account.profiles()
        except ConsoleError as error:
            self.presenter.say(shown(error), "error")
            return
        self.app.push_screen(screens.ProfilePicker(profiles), self.profile_chosen)

    def profile_chosen(self, name: str | None) -> None:
        """Switch, unless nothing was chosen or it is open already."""
        session = self.account.session
        if name is not None and (session is None or name != session.identity.profile):
            self.open(name, self.regions.get(name))

    def choose_region(self) -> None:
        session = self.account.session
        if session is not None:
            identity = session.identity
            current = (screens.ALL_REGIONS,) if identity.all_regions else identity.regions
            self.app.push_screen(screens.RegionPicker(session.gateway, current), self.region_chosen)

    def region_chosen(self, region: str | None) -> None:
        """Switch the region, unless nothing was chosen or it is what is open."""
        session = self.account.session
        if region is None or session is None:
            return
        identity = session.identity
        is_open = identity.all_regions if region == screens.ALL_REGIONS else identity.regions == (region,)
        if not is_open:
            self._open_region(region)

    def open_every_region(self) -> None:
        """Read every region of the account that is open; the filter stays."""
        self._open_region(screens.ALL_REGIONS)

    def _open_region(self, region: str) -> None:
        if self.account.session is not None:
            self.regions[self.account.session.identity.profile] = region
        self.open(self.account.wanted[0], region)

    def log_in(self) -> None:
        try:
            current = next((summary for summary in self.account.profiles() if summary.is_current), None)
        except ConsoleError as error:
            self.presenter.say(shown(error), "error")
            return
        form = screens.LoginScreen(
            self.account.console,
            profile=current.name if current else self.account.wanted[0] or "default",
            site=current.site if current else "",
            url=current.base_url if current else "",
        )
        self.app.push_screen(form, self.logged_in)

    def logged_in(self, profile: str | None) -> None:
        if profile is not None:
            self.open(profile, None)


def account_flow_of(
    app: App[Any],
    console: Console,
    servers: ServersScreen,
    keys: Keys,
    regions: dict[str, str],
    *,
    tell: Callable[[AccountEvent], None],
    notes: Sequence[str],
    refresh_every: float | None,
) -> AccountFlow:
    """The flow, with what it stands on: the account, what is on show, and who draws it."""
    account = AccountController(console, tell, refresh_every=refresh_every)
    return AccountFlow(app, Presenter(app, ConsoleState(app, account, servers, notes), keys), regions)
