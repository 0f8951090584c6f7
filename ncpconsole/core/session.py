"""One operator on one account: who is asking, through which gateway, under which policy.

The screens and commands get a `Session`; the command line builds it. Nothing here opens anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ncpconsole.ncp.models import Activity, NetworkInterface, Region, Server

if TYPE_CHECKING:
    from ncpconsole.core.eligibility import Rules
    from ncpconsole.core.interrupter import Interrupter
    from ncpconsole.core.journal.journal import Journal
    from ncpconsole.ncp.results import RequestPreview, SendProgress, SendResult

Progress = Callable[[int, int], None]
"""Called with (servers decoded so far, servers expected) while pages come in."""

PageArrived = Callable[[Sequence[Server]], None]
"""Called with the servers of one page."""

OnIncomplete = Callable[[str], None]
"""Called with a sentence when a list may lack records: the gateway announced more than it gave."""


OnWait = Callable[[], None]
"""Called once when the keyring of the operating system lets one wait, perhaps for its password."""


class Gateway(Protocol):
    """What the rules need of the API, bound to one key. Reads raise ``ncp.errors.NcpError``."""

    @property
    def base_url(self) -> str:
        """Scheme, host and port, without a path."""
        ...

    @property
    def key_fingerprint(self) -> str:
        """A short hash that tells keys apart and gives none away."""
        ...

    async def regions(self) -> list[Region]:
        """The regions of the site."""
        ...

    async def servers(
        self,
        region_code: str,
        *,
        server_name: str = "",
        progress: Progress | None = None,
        on_page: PageArrived | None = None,
        on_incomplete: OnIncomplete | None = None,
    ) -> list[Server]:
        """All servers of a region, each once, sorted as the API gives them.

        ``on_page`` gets each page's servers as it is decoded, in any order, so that rows show before the last
        page is in; a server may occur in two pages. ``on_incomplete``: see `OnIncomplete`.
        """
        ...

    async def server(self, region_code: str, server_no: str) -> Server | None:
        """One server read afresh, or None when the region has no such number."""
        ...

    async def raw_server(self, region_code: str, server_no: str) -> dict[str, Any] | None:
        """The same record with every field NCP sent, as plain JSON values."""
        ...

    async def network_interfaces(
        self, region_code: str, *, on_incomplete: OnIncomplete | None = None
    ) -> list[NetworkInterface]:
        """All network interfaces of a region; ``on_incomplete``: see `OnIncomplete`."""
        ...

    async def activities(self, since_ms: int, until_ms: int) -> list[Activity]:
        """What the Cloud Activity Tracer saw in the interval; raises NcpError where the account has none."""
        ...

    async def interrupt(
        self,
        region_code: str,
        server_no: str,
        *,
        before_first_byte: Callable[[], None],
        deadline: float,
        progress: SendProgress,
    ) -> SendResult:
        """Send one interrupt, at most once; never raises for anything that happens on the network.

        ``before_first_byte`` runs when the connection is up and before any byte of the request leaves; what
        it raises keeps the request in, and its sentence is in the result. ``deadline`` is in seconds and ends
        every wait. ``progress`` turns when the request may have left, and tells so also after a cancellation.
        """
        ...

    def describe_interrupt(self, region_code: str, server_no: str) -> RequestPreview:
        """The very request that `interrupt` would send, but for what signs it; nothing is sent.

        Raises NcpError when it could not be sent.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections used for reads."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """What this console allows itself on this profile. Times are in seconds."""

    read_only: bool = False
    read_only_because: str = ""
    protected: bool = False
    require_reason: bool = False
    cooldown: float = 30 * 60
    send_deadline: float = 30
    interrupt_method: str = "POST"
    refresh_every: float = 30


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


@dataclass(frozen=True, slots=True)
class Session:
    """Everything a screen or command works with. Replaced as a whole on a switch, never altered.

    ``notes`` are sentences about the account that the operator should read before acting.
    """

    identity: Identity
    policy: Policy
    rules: Rules
    gateway: Gateway
    journal: Journal
    interrupter: Interrupter
    incident: str = ""
    notes: tuple[str, ...] = ()


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


class Console(Protocol):
    """What the screens ask of the program around them. Built by the command line."""

    async def open_session(
        self, profile: str | None = None, region: str | None = None, *, on_wait: OnWait | None = None
    ) -> Session:
        """Open a profile (None: the one chosen at start). ``region`` is a code or ``all``.

        Raises CredentialsError or MissingCredentials, JournalUnavailable, or NcpError.
        """
        ...

    def profiles(self) -> Sequence[ProfileSummary]:
        """The known profiles."""
        ...

    def login(self, form: LoginForm, *, on_wait: OnWait | None = None) -> Awaitable[str]:
        """Test the pair with a signed read and keep it in the OS keyring; returns one sentence of success.

        Raises CredentialsError with a sentence that tells a wrong key from a wrong clock from no network.
        """
        ...
