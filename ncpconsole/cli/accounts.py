"""Opens accounts from the user's settings, environment and keyring; the demo's is in `demo`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ncpconsole.cli.options import Options
from ncpconsole.config.paths import JournalPlace, console_paths
from ncpconsole.config.profiles import Profile, chosen_name, profile_summaries, resolve_profile
from ncpconsole.config.settings import Settings
from ncpconsole.config.settings_reader import journal_place, places, read_settings
from ncpconsole.core.wording import show_times_in
from ncpconsole.language import msgid, tr

if TYPE_CHECKING:  # the keys are looked for when the first frame is on screen
    from ncpconsole.config.credentials import FoundPair
    from ncpconsole.config.keyring_store import StoredPair
    from ncpconsole.core.journal.anchor import Anchor
    from ncpconsole.core.session import Examined, LoginForm, OnWait, ProfileSummary

PLACE_NAMES = {
    "config": msgid("Config"),
    "state": msgid("State"),
    "journal": msgid("Journal"),
    "lists": msgid("Lists"),
    "view": msgid("View"),
    "log": msgid("Log"),
    "guard": msgid("Guard"),
}
"""What each of the `places` is called."""


class Accounts(Protocol):
    """The profiles that a console can open, their keys, and where their interrupts are recorded."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the settings that the operator should read."""
        ...

    @property
    def journal_place(self) -> JournalPlace:
        """Where the interrupts of this source are recorded."""
        ...

    @property
    def anchor(self) -> Anchor | None:
        """The second place for the record's length, None where there is none."""
        ...

    @property
    def tells_syslog(self) -> bool:
        """Whether the system's log is told of the record's length as well."""
        ...

    @property
    def lists(self) -> Path | None:
        """The directory in which lists are kept for the next start; None where none is kept."""
        ...

    async def profile(self, name: str | None, region: str | None) -> Profile:
        """The profile to use; the arguments are a choice made on screen, None for the one made at start."""
        ...

    async def pair(self, profile: Profile, on_wait: OnWait | None = None) -> FoundPair:
        """The profile's key, and where it came from."""
        ...

    def profiles(self) -> Sequence[ProfileSummary]: ...

    async def login(self, form: LoginForm, on_wait: OnWait | None = None, *, session_only: bool = False) -> str:
        """Test and keep a key, or only test it; returns one sentence of success."""
        ...

    def examine(self, profile: str | None) -> AsyncIterator[Examined]:
        """What the doctor finds, as soon as it does."""
        ...

    def places(self) -> Sequence[tuple[str, str]]:
        """Where things are kept, as name and path."""
        ...

    async def keyring_note(self) -> str:
        """What to say before a key is typed where none can be kept, or empty."""
        ...

    async def aclose(self) -> None:
        """Give back what was opened."""
        ...


class UserAccounts:
    """The user's settings, environment and keyring."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._environ = options.environ
        paths = console_paths()
        self.lists: Path | None = paths.lists
        self.view_file = paths.view
        self.settings: Settings = read_settings(paths.config_file)
        self.journal_place = journal_place(paths, self.settings, self._environ)
        self.notes = self.settings.notes
        show_times_in(self.settings.timezone)
        self._typed: dict[str, StoredPair] = {}

    @property
    def anchor(self) -> Anchor:
        """The second place for the record's length."""
        from ncpconsole.config.keyring_store import user_anchor

        return user_anchor()

    @property
    def tells_syslog(self) -> bool:
        """Whether the system's log is told of it as well."""
        return self.settings.syslog

    def starting_profile(self) -> Profile:
        """The profile chosen at start; asks neither network nor keyring."""
        return self._resolved(self._options.profile, self._options.region)

    async def profile(self, name: str | None, region: str | None) -> Profile:
        """The profile to use; ``--region`` holds for the profile chosen at start alone."""
        if name is None:
            return self._resolved(self._options.profile, region or self._options.region)
        return self._resolved(name, region)

    async def pair(self, profile: Profile, on_wait: OnWait | None = None) -> FoundPair:
        """The environment's pair, else one typed in this session, else the keyring's."""
        from ncpconsole.config.credentials import environment_has_key, find_pair, session_pair
        from ncpconsole.config.keyring_store import CallTimeout

        typed = self._typed.get(profile.name)
        if typed is not None and not environment_has_key(self._environ):
            return session_pair(profile, typed)
        return await find_pair(profile, wait=CallTimeout(notice=on_wait), environ=self._environ)

    def profiles(self) -> Sequence[ProfileSummary]:
        """The profiles of the settings file; read again, since login may have added one."""
        self.settings = read_settings(self.settings.path)
        return profile_summaries(self.settings, self._options.profile, self._environ)

    async def login(self, form: LoginForm, on_wait: OnWait | None = None, *, session_only: bool = False) -> str:
        """Test the pair with a signed read, then keep it in the OS keyring, or for this session alone."""
        from ncpconsole.config.login import keyring_note, log_in_for_session, log_in_with_form

        if session_only or await keyring_note():
            pair, sentence = await log_in_for_session(form, self._environ)
            self._typed[form.profile] = pair
            return sentence
        sentence = await log_in_with_form(form, on_wait, self._environ)
        self.settings = read_settings(self.settings.path)
        self._typed.pop(form.profile, None)
        return sentence

    def examine(self, profile: str | None) -> AsyncIterator[Examined]:
        """All of the doctor's checks."""
        from ncpconsole.doctor import examine

        said = self._options
        return examine(profile or said.profile, api_url=said.api_url, region=said.region, environ=self._environ)

    def places(self) -> Sequence[tuple[str, str]]:
        """As ``ncpconsole paths`` tells them."""
        return [(tr(PLACE_NAMES[name]), place) for name, place in places().items()]

    async def keyring_note(self) -> str:
        """Says it where the OS keyring can keep no key."""
        from ncpconsole.config.login import keyring_note

        return await keyring_note()

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _resolved(self, name: str | None, region: str | None) -> Profile:
        typed = self._typed.get(chosen_name(self.settings, name, self._environ))
        return resolve_profile(
            self.settings,
            name,
            api_url=typed.base_url if typed else self._options.api_url,
            region=region,
            read_only=self._options.read_only,
            rules=self._options.rules,
            timeout=self._options.timeout,
            environ=self._environ,
        )
