"""The demo's account: a simulator in this process.

Apart from `sources`, so that the demo does not wait for what reads the user's settings: 11 of 290 ms.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ncpconsole.cli.options import Options
    from ncpconsole.config.credentials import FoundPair
    from ncpconsole.config.profiles import Profile
    from ncpconsole.core.session import LoginForm, OnWait, ProfileSummary


class DemoSource:
    """A simulator in this process and a record in a temporary directory; nothing of the user's is touched."""

    notes: tuple[str, ...] = ()

    def __init__(self, options: Options, servers: int) -> None:
        self._options = options
        self._servers = servers
        self._directory = TemporaryDirectory(prefix="ncpconsole-demo-")
        self._stack = AsyncExitStack()
        self._started: Profile | None = None
        self.journal_path = Path(self._directory.name) / "state" / "journal.db"

    async def profile(self, name: str | None, region: str | None) -> Profile:
        """The demo's one profile; the simulator is started with the first call."""
        del name
        if self._started is None:
            from ncpconsole.config.profiles import Profile
            from ncpconsole.simulator.simulator import Simulator

            self._simulator = await self._stack.enter_async_context(Simulator(servers=self._servers))
            self._started = Profile(
                name="demo",
                base_url=self._simulator.url,
                site="simulator",
                base_url_from="the demo",
                regions=(self._simulator.region,),
                rules=self._options.rules,
                read_only=bool(self._options.read_only),
                read_only_because="--read-only was given" if self._options.read_only else "",
            )
        wanted = region or self._options.region
        if wanted is None:
            return self._started
        return replace(
            self._started, regions=() if wanted == "all" else (wanted,), all_regions=wanted == "all"
        )

    async def pair(self, profile: Profile, on_wait: OnWait | None = None) -> FoundPair:
        """The simulator's own key."""
        del profile, on_wait
        from ncpconsole.config.credentials import FoundPair, KeySource
        from ncpconsole.ncp.secret import Secret
        from ncpconsole.ncp.signing import Credentials

        pair = Credentials(self._simulator.access_key, Secret(self._simulator.secret_key))
        return FoundPair(pair, KeySource.DEMO)

    def profiles(self) -> Sequence[ProfileSummary]:
        """The demo's one profile."""
        from ncpconsole.core.session import ProfileSummary

        return [
            ProfileSummary(
                name="demo",
                site="simulator",
                base_url=self._started.base_url if self._started else "",
                regions=(),
                read_only=bool(self._options.read_only),
                protected=False,
                key_fingerprint="",
                stored="in the demo",
                is_current=True,
            )
        ]

    async def login(self, form: LoginForm, on_wait: OnWait | None = None) -> str:
        """The demo keeps no key."""
        del form, on_wait
        from ncpconsole.core.errors import CredentialsError

        raise CredentialsError("The demo keeps no key.", "Start ncpconsole without 'demo' to log in.")

    async def aclose(self) -> None:
        """Stop the simulator and remove the record."""
        await self._stack.aclose()
        self._directory.cleanup()
