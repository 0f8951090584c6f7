"""The part of the API that the rules use, as a protocol: core imports no network code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from ncpconsole.ncp.identity import CallerIdentity
from ncpconsole.ncp.metrics import Condition, Interval, MetricAnswer
from ncpconsole.ncp.models import Activity, NetworkInterface, Region, Server
from ncpconsole.ncp.results import RequestPreview, SendProgress, SendResult

Progress = Callable[[int, int], None]
"""Called with (servers decoded so far, servers expected) while pages come in."""

PageArrived = Callable[["Sequence[Server]"], None]
"""Called with the servers of one page."""

OnIncomplete = Callable[[str], None]
"""Called with a sentence when a list may lack records: the gateway announced more than it gave."""


class Gateway(Protocol):
    """What the rules need of the API, bound to one key. Reads raise ``ncp.errors.NcpError``."""

    @property
    def base_url(self) -> str:
        """Scheme, host and port, without a path."""

    @property
    def key_fingerprint(self) -> str:
        """A short hash that tells keys apart and gives none away."""

    @property
    def foreign_host(self) -> str:
        """The gateway's host where it is none of NAVER Cloud's sites and not this machine, else nothing."""

    @property
    def clock_offset(self) -> float | None:
        """The gateway's clock minus this machine's in seconds, by its latest answer; None before one came."""

    async def regions(self) -> list[Region]:
        """The regions of the site."""

    def know(self, region_code: str, servers: Iterable[Server], interfaces: Iterable[NetworkInterface]) -> None:
        """Take records that an earlier console read: what comes unchanged is then the same object, and held once."""

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

    async def server(self, region_code: str, server_no: str, *, retry: bool = True) -> Server | None:
        """One server read afresh, or None when the region has no such number; without ``retry`` in one try."""

    async def raw_server(self, region_code: str, server_no: str) -> dict[str, Any] | None:
        """The same record with every field NCP sent, as plain JSON values."""

    async def network_interfaces(
        self, region_code: str, *, server_no: str | None = None, on_incomplete: OnIncomplete | None = None
    ) -> list[NetworkInterface]:
        """The network interfaces of a region, or of one server there; ``on_incomplete``: see `OnIncomplete`."""

    async def activities(self, since_ms: int, until_ms: int) -> list[Activity]:
        """What the Cloud Activity Tracer saw in the interval; raises NcpError where the account has none."""

    @property
    def caller(self) -> CallerIdentity | None:
        """Whose key this is, as far as `caller_identity` has been told; asks nobody."""

    async def caller_identity(self) -> CallerIdentity:
        """Whose key this is, asked for until it is known; raises NcpError where nobody tells."""

    async def metric_points(
        self, conditions: Sequence[Condition], since_ms: int, until_ms: int, interval: Interval = Interval.MINUTE
    ) -> MetricAnswer:
        """What Cloud Insight has of at most 20 series between two times, in one call; no points is no error.

        Times are in milliseconds since the epoch. Rules ask `core.vitals_reader.VitalsReader` instead.
        """

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

    def describe_interrupt(self, region_code: str, server_no: str) -> RequestPreview:
        """The very request that `interrupt` would send, but for what signs it; nothing is sent.

        Raises NcpError when it could not be sent.
        """

    async def aclose(self) -> None:
        """Close the connections used for reads."""
