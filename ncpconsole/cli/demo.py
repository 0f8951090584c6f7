"""``ncpconsole demo``: the console on a simulator in this process. What its first frame lacks is loaded behind that."""

from __future__ import annotations

import gc
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from ncpconsole.cli.console import require_terminal, run_console
from ncpconsole.cli.options import Options, shared_options
from ncpconsole.cli.runner import errors_as_exits
from ncpconsole.config.paths import JournalPlace
from ncpconsole.core.errors import CredentialsError
from ncpconsole.language import Sentence, tr

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from ncpconsole.config.credentials import FoundPair
    from ncpconsole.config.profiles import Profile
    from ncpconsole.core.journal.anchor import Anchor
    from ncpconsole.core.session import Examined, LoginForm, OnWait, ProfileSummary

COLLEAGUES = "142300073"
"""A server of the demo that somebody else interrupted, past this console: its dialog tells so."""


class DemoAccount:
    """A simulator in this process and a record in a temporary directory; nothing of the user's is touched."""

    notes: tuple[str, ...] = ()
    anchor: Anchor | None = None
    tells_syslog = False

    def __init__(self, options: Options, servers: int) -> None:
        self._options = options
        self._servers = servers
        self._directory = TemporaryDirectory(prefix="ncpconsole-demo-")
        self._stack = AsyncExitStack()
        self._started: Profile | None = None
        self.lists: Path | None = None
        self.journal_place = JournalPlace(Path(self._directory.name) / "state" / "journal.db")

    async def profile(self, name: str | None, region: str | None) -> Profile:
        """The demo's one profile; the simulator is started with the first call."""
        del name
        if self._started is None:
            from ncpconsole.config.profiles import Profile
            from ncpconsole.core.eligibility import DEFAULT_RULES, RULE_SETS
            from ncpconsole.core.policy import Policy
            from ncpconsole.simulator.simulator import Simulator

            rules = self._options.rules if self._options.rules in RULE_SETS else DEFAULT_RULES
            self._simulator = await self._stack.enter_async_context(
                Simulator(servers=self._servers, rules=rules, agents=True)
            )
            if self._simulator.fleet.machine(COLLEAGUES):
                self._simulator.colleague(COLLEAGUES, seconds_ago=74)
            self._started = Profile(
                name="demo",
                base_url=self._simulator.url,
                site="simulator",
                base_url_from=tr("the demo"),
                regions=(self._simulator.region,),
                rules=self._options.rules,
                policy=Policy(
                    read_only=bool(self._options.read_only),
                    read_only_because=Sentence("--read-only was given") if self._options.read_only else "",
                ),
            )
        wanted = region or self._options.region
        if wanted is None:
            return self._started
        return replace(self._started, regions=() if wanted == "all" else (wanted,), all_regions=wanted == "all")

    async def pair(self, profile: Profile, on_wait: OnWait | None = None) -> FoundPair:
        """The simulator's own key."""
        from ncpconsole.config.credentials import FoundPair, KeySource
        from ncpconsole.ncp.signing import Credentials, Secret

        del on_wait
        pair = Credentials(self._simulator.access_key, Secret(self._simulator.secret_key))
        return FoundPair(pair, KeySource.DEMO, profile.policy)

    def profiles(self) -> Sequence[ProfileSummary]:
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
                stored=tr("in the demo"),
                is_current=True,
            )
        ]

    async def login(self, form: LoginForm, on_wait: OnWait | None = None, *, session_only: bool = False) -> str:
        """The demo keeps no key."""
        del form, on_wait, session_only
        raise CredentialsError(tr("The demo keeps no key."), tr("Start ncpconsole without 'demo' to log in."))

    async def examine(self, profile: str | None) -> AsyncIterator[Examined]:
        """The machine alone: nothing of the user's is touched."""
        from ncpconsole.doctor.local_checks import check_machine

        del profile
        for finding in check_machine(self._options.environ):
            yield finding

    def places(self) -> Sequence[tuple[str, str]]:
        """The record, which goes with the demo."""
        return [(tr("Journal"), str(self.journal_place.path))]

    async def keyring_note(self) -> str:
        """The demo keeps no key."""
        return tr("The demo keeps no key.")

    async def aclose(self) -> None:
        """Stop the simulator and remove the record."""
        await self._stack.aclose()
        self._directory.cleanup()


def open_demo(options: Options, servers: int, *, ascii_marks: bool, theme: str | None) -> int:
    """The console on the built-in simulator; returns the exit code. Keeps no log."""
    require_terminal(options.environ)
    gc.disable()  # see `_loaded`
    with errors_as_exits():
        return run_console(options, DemoAccount(options, servers), log=None, ascii_marks=ascii_marks, theme=theme)


@click.command(
    help=tr(
        "Open the console on a simulated account: real requests, real confirmation, nothing leaves the machine.\n\n"
        "Settings, keyring and record of the user are not touched."
    )
)
@click.option("--servers", "count", type=click.IntRange(0, 200_000), default=128, help=tr("Size of the fleet."))
@click.option("--ascii", "ascii_marks", is_flag=True, help=tr("Use ASCII marks on the screen."))
@click.option("--theme", metavar="NAME", help=tr("Colours of the screen."))
@shared_options("region", "read_only", "rules", "incident", "no_signs")
@click.pass_context
def demo_command(context: click.Context, /, count: int, ascii_marks: bool, theme: str | None, options: Options) -> None:
    """Open the console on a simulated account."""
    context.exit(open_demo(options, count, ascii_marks=ascii_marks, theme=theme))
