"""Where an account comes from: the user's own settings and keyring. The demo's is in `demo_source`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from ncpconsole.config.paths import console_paths
from ncpconsole.config.profiles import profile_summaries, resolve_profile
from ncpconsole.config.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ncpconsole.cli.options import Options
    from ncpconsole.config.credentials import FoundPair
    from ncpconsole.config.profiles import Profile
    from ncpconsole.core.session import LoginForm, OnWait, ProfileSummary


class Source(Protocol):
    """What the wiring needs to know of an account."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the settings that the operator should read."""
        ...

    @property
    def journal_path(self) -> Path:
        """Where the interrupts of this source are recorded."""
        ...

    async def profile(self, name: str | None, region: str | None) -> Profile:
        """The profile to use; the arguments are a choice made on screen, None for the one made at start."""
        ...

    async def pair(self, profile: Profile, on_wait: OnWait | None = None) -> FoundPair:
        """The profile's key, and where it came from."""
        ...

    def profiles(self) -> Sequence[ProfileSummary]:
        """All profiles."""
        ...

    async def login(self, form: LoginForm, on_wait: OnWait | None = None) -> str:
        """Test and keep a key; returns one sentence of success."""
        ...

    async def aclose(self) -> None:
        """Give back what was opened."""
        ...


class UserSource:
    """The user's settings, environment and keyring."""

    def __init__(self, options: Options, environ: Mapping[str, str] = os.environ) -> None:
        self._options = options
        self._environ = environ
        paths = console_paths()
        self.journal_path = paths.journal
        self.settings: Settings = read_settings(paths.config_file)
        self.notes = self.settings.notes

    def starting_profile(self) -> Profile:
        """The profile chosen at start; asks neither network nor keyring."""
        return self._resolved(self._options.profile, self._options.region)

    async def profile(self, name: str | None, region: str | None) -> Profile:
        """The profile to use; ``--region`` holds for the profile chosen at start alone."""
        if name is None:
            return self._resolved(self._options.profile, region or self._options.region)
        return self._resolved(name, region)

    async def pair(self, profile: Profile, on_wait: OnWait | None = None) -> FoundPair:
        """The environment's pair, else the keyring's."""
        from ncpconsole.config.credentials import find_pair_async
        from ncpconsole.config.patience import Patience

        return await find_pair_async(profile, patience=Patience(notice=on_wait), environ=self._environ)

    def profiles(self) -> Sequence[ProfileSummary]:
        """The profiles of the settings file; read again, since login may have added one."""
        self.settings = read_settings(self.settings.path)
        return profile_summaries(self.settings, self._options.profile, self._environ)

    async def login(self, form: LoginForm, on_wait: OnWait | None = None) -> str:
        """Test the pair with a signed read, then keep it in the OS keyring."""
        from ncpconsole.cli.login_accounts import keep_after_test

        sentence = await keep_after_test(form, on_wait)
        self.settings = read_settings(self.settings.path)
        return sentence

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _resolved(self, name: str | None, region: str | None) -> Profile:
        return resolve_profile(
            self.settings,
            name,
            api_url=self._options.api_url,
            region=region,
            read_only=self._options.read_only,
            rules=self._options.rules,
            timeout=self._options.timeout,
            environ=self._environ,
        )
