"""One operator on one account: who is asking, through which gateway, under which policy.

The screens and commands get a `Session`; the command line builds it. Nothing here opens anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ncpconsole.ncp.sites import SITES, servers_page, site_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Sequence

    from ncpconsole.core.eligibility import Rules
    from ncpconsole.core.gateway import Gateway
    from ncpconsole.core.interrupter import Interrupter
    from ncpconsole.core.journal.journal import Journal
    from ncpconsole.core.policy import Policy
    from ncpconsole.core.vitals_reader import VitalsReader
    from ncpconsole.ncp.models import KeptRegion

OnWait = Callable[[], None]
"""Called once when the keyring of the operating system lets one wait, perhaps for its password."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the header tells: which account this is, and where its key came from.

    ``site`` is public, gov, fin or the host of another gateway; ``key_source`` is words for the header, such
    as "key from the environment", ``key_source_short`` the same where there is little room; ``regions`` are
    the region codes that are read.
    """

    profile: str
    site: str
    base_url: str
    key_fingerprint: str
    key_source: str
    regions: tuple[str, ...] = ()
    all_regions: bool = False
    key_source_short: str = ""

    @property
    def servers_page(self) -> str:
        """The web console's list of servers; empty behind a gateway of no known site."""
        return servers_page(self.site)


def web_console_of(gateway: str) -> str:
    """The host of the web console that goes with a gateway; the public site's where that is none of the three."""
    return (SITES.get(site_for(gateway)) or SITES["public"]).web_console.removeprefix("https://")


class Kept(Protocol):
    """Where a list is kept between two starts: a convenience that never fails, and gives nothing where it cannot."""

    def read(self, *, beginning: bool = False) -> Sequence[KeptRegion]:
        """The regions, or so much of each as one piece holds, which says how many servers are to follow."""
        ...

    def write(self, regions: Sequence[KeptRegion]) -> None: ...


@dataclass(frozen=True, slots=True)
class Session:
    """Everything a screen or command works with. Replaced as a whole on a switch, never altered.

    ``notes`` are sentences about the account that the operator should read before acting. ``kept`` is where the list is
    kept between two starts, None where it is not.
    """

    identity: Identity
    policy: Policy
    rules: Rules
    gateway: Gateway
    journal: Journal
    interrupter: Interrupter
    vitals: VitalsReader
    incident: str = ""
    notes: tuple[str, ...] = ()
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class ProfileSummary:
    """One line of the profile list; nothing secret. ``stored`` says where its key is, or that it has none."""

    name: str
    site: str
    base_url: str
    regions: tuple[str, ...]
    read_only: bool
    protected: bool
    key_fingerprint: str
    stored: str
    is_current: bool = False
    require_reason: bool = False


@dataclass(frozen=True, slots=True)
class LoginForm:
    """What an operator typed to log in. ``repr`` shows no key."""

    profile: str
    site: str
    api_url: str
    access_key: str
    secret_key: str

    def __repr__(self) -> str:
        return f"LoginForm(profile={self.profile!r}, site={self.site!r}, api_url={self.api_url!r})"


class Examined(Protocol):
    """What one check of the doctor found. ``status`` is ok, warning or failure; ``remedy`` may be empty."""

    @property
    def check(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def message(self) -> str: ...

    @property
    def remedy(self) -> str: ...


class Console(Protocol):
    """What the screens ask of the program around them. Built by the command line."""

    async def open_session(
        self, profile: str | None = None, region: str | None = None, *, on_wait: OnWait | None = None
    ) -> Session:
        """Open a profile (None: the one chosen at start). ``region`` is a code or ``all``.

        Raises CredentialsError or MissingCredentials, JournalUnavailable, or NcpError.
        """

    async def load_rest(self) -> None:
        """Load on a thread what the first request needs, and begin with what a record does.

        What is used before loads itself.
        """

    def profiles(self) -> Sequence[ProfileSummary]:
        """The known profiles."""

    def login(self, form: LoginForm, *, on_wait: OnWait | None = None, session_only: bool = False) -> Awaitable[str]:
        """Test the pair with a signed read and keep it in the OS keyring; returns one sentence of success.

        With ``session_only``, and where there is no keyring, it is used until the console ends and kept nowhere.
        Raises CredentialsError with a sentence that tells a wrong key from a wrong clock from no network; KeyNotKept
        for a pair that works and that the keyring refused.
        """

    def examine(self, profile: str | None) -> AsyncIterator[Examined]:
        """What the doctor finds, as soon as it does; reads files and waits: not for the loop that draws."""

    def places(self) -> Sequence[tuple[str, str]]:
        """Where configuration, record and log are kept, as name and path. Raises ConsoleError."""

    def keyring_note(self) -> Awaitable[str]:
        """What to say before a key is typed where none can be kept; empty where a keyring keeps it."""
