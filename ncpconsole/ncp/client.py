"""The API of one account: its reads, and the interrupt, the only call that changes anything.

Reads are sent as the official SDKs send them, as POST with a form: what is searched for, Korean names included, then
stands neither in logs of addresses nor in what is signed. Connections are kept and reused; a read that meets a dead one
is simply repeated. The interrupt is not here: see `interrupt`, which shares no connection.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ncpconsole.language import Sentence
from ncpconsole.ncp.decode import Listing, Record, decode_activities, decode_list, raw_records
from ncpconsole.ncp.errors import NotAvailable, UnreadableAnswer
from ncpconsole.ncp.identity import IDENTITY_PATH, CallerIdentity, identity_from
from ncpconsole.ncp.metrics import Condition, Interval, MetricAnswer
from ncpconsole.ncp.models import Activity, NetworkInterface, Region, Server, share_repeated
from ncpconsole.ncp.paging import read_all
from ncpconsole.ncp.responses import MAX_ANSWER, Response, read_document, refused_with_200, to_plain_text
from ncpconsole.ncp.results import RequestPreview, SendProgress, SendResult
from ncpconsole.ncp.signing import Credentials, fingerprint
from ncpconsole.ncp.sites import API_PATH, SITES, checked_base_url, foreign_host, site_for
from ncpconsole.ncp.waits import waiting_for

if TYPE_CHECKING:  # what sends is loaded when it is used: httpx takes 30 ms, and opening an account none
    from ncpconsole.ncp.insight import Insight
    from ncpconsole.ncp.reads import Reader

Found = TypeVar("Found")

PAGE_SIZE = 1000
MAX_REGIONS = 64
SMALL_ANSWER = 4 * 1024 * 1024
"""Bytes that the record of one server, or a page of activities, may take."""
DECODED_AT_ONCE = 64 * 1024
"""Bytes from which an answer is decoded on a thread: eight full pages may come in together, and a key would
wait 50 ms behind them. One thread at a time: with one per page, slowest keys waited 100 ms for their turn."""
KEYS_FIRST = 0.003
"""Seconds after such a decoding in which keys have the interpreter for themselves. While 10,240 servers came
in on a busy machine, the slowest twentieth of the keys took 53 ms instead of 60."""


@dataclass(frozen=True, slots=True)
class ListCall(Generic[Record]):
    """One call that answers ``{action}Response: {name: [records of kind], …}``."""

    action: str
    name: str
    kind: type[Record]

    @property
    def wrapper(self) -> str:
        """The name around the whole answer."""
        return f"{self.action}Response"


REGIONS = ListCall("getRegionList", "regionList", Region)
SERVERS = ListCall("getServerInstanceList", "serverInstanceList", Server)
SERVER = ListCall("getServerInstanceDetail", "serverInstanceList", Server)
INTERFACES = ListCall("getNetworkInterfaceList", "networkInterfaceList", NetworkInterface)
ACTIVITIES_PATH = "/api/v1/activities"
ACTIVITIES_PAGE = 100
ACTIVITIES_MAX_PAGES = 100


class Client:
    """The API bound to one gateway and one key. A read that fails raises NcpError, and nothing else.

    ``connect_timeout`` and ``read_timeout`` are for one wait, ``total_timeout`` for one request from its start to the
    last byte, all in seconds; ``attempts`` is how often a read is sent at most. ``activity_url`` and
    ``identity_url`` are the gateways of the activity tracer and of STS; without them, the site's own, and none behind a
    gateway that is no site. ``ssl_context`` is what to trust instead of the
    operating system's certificates. Opening costs nothing; the first read connects.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        interrupt_method: str = "POST",
        activity_url: str | None = None,
        identity_url: str | None = None,
        connect_timeout: float = 5,
        read_timeout: float = 20,
        total_timeout: float = 60,
        attempts: int = 3,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._base_url = checked_base_url(base_url)
        self._credentials = credentials
        self._interrupt_method = interrupt_method
        site = SITES.get(site_for(self._base_url))
        tracer = activity_url or (site.activity_url if site else None)
        self._activity_url = checked_base_url(tracer) if tracer else None
        sts = identity_url or (site.identity_url if site else None)
        self._identity_url = checked_base_url(sts) if sts else None
        self.caller: CallerIdentity | None = None
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._total_timeout = total_timeout
        self._attempts = attempts
        self._ssl_context = ssl_context
        self._decoding = asyncio.Lock()
        self._server_caches: dict[str, RecordCache[Server]] = {}
        self._interface_caches: dict[str, RecordCache[NetworkInterface]] = {}

    @cached_property
    def _connections(self) -> tuple[Reader, Insight]:
        """What reads; of Cloud Insight by itself."""
        from ncpconsole.ncp import insight, reads

        reader = reads.Reader(
            self._credentials,
            connect_timeout=self._connect_timeout,
            read_timeout=self._read_timeout,
            total_timeout=self._total_timeout,
            attempts=self._attempts,
            ssl_context=self._ssl_context,
        )
        return reader, insight.Insight(self._base_url, self._credentials, ssl_context=self._ssl_context)

    @property
    def _reader(self) -> Reader:
        return self._connections[0]

    @property
    def _opened(self) -> tuple[Reader, Insight] | tuple[()]:
        """The same where something was read already."""
        return self._connections if "_connections" in vars(self) else ()

    @property
    def base_url(self) -> str:
        """Scheme, host and port, without a path."""
        return self._base_url

    @property
    def key_fingerprint(self) -> str:
        """A short hash that tells keys apart and gives none away."""
        return fingerprint(self._credentials.access_key)

    @property
    def foreign_host(self) -> str:
        """The gateway's host where it is none of NAVER Cloud's sites and not this machine, else nothing."""
        return foreign_host(self._base_url)

    @property
    def clock_offset(self) -> float | None:
        """The gateway's clock minus this machine's in seconds, by its latest answer; None before one came."""
        return self._reader.clock_offset if self._opened else None

    def __repr__(self) -> str:
        return f"Client({self._base_url!r}, {self.key_fingerprint})"

    async def regions(self) -> list[Region]:
        """The regions of the site (getRegionList); one without a code cannot be asked for and is left out."""
        listing = await self._list(REGIONS, {})
        if len(listing.records) > MAX_REGIONS:
            raise UnreadableAnswer(
                Sentence(
                    "NCP lists {count:,} regions, more than there can be; check the API address.",
                    count=len(listing.records),
                )
            )
        return [region for region in listing.records if region.region_code]

    def know(self, region_code: str, servers: Iterable[Server], interfaces: Iterable[NetworkInterface]) -> None:
        """Take records that an earlier console read: what comes unchanged is then the same object, and held once."""
        self._server_caches.setdefault(region_code, RecordCache(_server_number)).know(servers)
        self._interface_caches.setdefault(region_code, RecordCache(_interface_number)).know(interfaces)

    async def servers(
        self,
        region_code: str,
        *,
        server_name: str = "",
        progress: Callable[[int, int], None] | None = None,
        on_page: Callable[[Sequence[Server]], None] | None = None,
        on_incomplete: Callable[[str], None] | None = None,
    ) -> list[Server]:
        """All servers of a region, each once, in the API's order (getServerInstanceList, all pages).

        ``server_name`` narrows the list as the API does it. ``progress`` is called after every page with
        the records read and the records expected; ``on_page`` gets the page's servers as soon as they are
        decoded, in any order, and one may occur in two pages. ``on_incomplete`` is called with a sentence
        when the list may lack servers. A server whose record holds no number is listed with an empty one.
        """
        narrowed = {"serverName": server_name} if server_name else {}
        cache = self._server_caches.setdefault(region_code, RecordCache(_server_number))

        async def page(number: int) -> Listing[Server]:
            asked = {"regionCode": region_code, **narrowed, **_page(number)}
            listing = await self._list(SERVERS, asked, cache)
            if on_page is not None:
                on_page(listing.records)
            return listing

        servers = await read_all(page, _server_number, PAGE_SIZE, progress, on_incomplete)
        if not server_name:
            cache.replace(servers)
        return servers

    async def server(self, region_code: str, server_no: str, *, retry: bool = True) -> Server | None:
        """One server read afresh, None when the region has no such number (getServerInstanceDetail).

        Without ``retry`` it is asked once, whatever the answer says of trying again.
        Raises UnreadableAnswer when the answer is about other servers only.
        """
        answer = await self._detail(region_code, server_no, retry=retry)
        listing = await self._off_loop(answer, partial(self._decoded, answer, SERVER))
        return _only(listing.records, server_no, _server_number)

    async def raw_server(self, region_code: str, server_no: str) -> dict[str, Any] | None:
        """The same record with every field NCP sent, as plain JSON values."""
        answer = await self._detail(region_code, server_no)
        await self._off_loop(answer, partial(self._decoded, answer, SERVER))
        records = await self._off_loop(answer, partial(raw_records, answer.body, SERVER.wrapper, SERVER.name))
        return _only(records, server_no, lambda record: to_plain_text(record.get("serverInstanceNo")))

    async def network_interfaces(
        self, region_code: str, *, server_no: str | None = None, on_incomplete: Callable[[str], None] | None = None
    ) -> list[NetworkInterface]:
        """The network interfaces of a region or of one server there, each once (getNetworkInterfaceList, all pages).

        ``on_incomplete`` is called with a sentence when the list may lack some.
        """

        cache = self._interface_caches.setdefault(region_code, RecordCache(_interface_number))

        async def page(number: int) -> Listing[NetworkInterface]:
            asked = {"regionCode": region_code, **_page(number)}
            if server_no is not None:
                asked["instanceNo"] = server_no
            return await self._list(INTERFACES, asked, cache)

        interfaces = await read_all(page, _interface_number, PAGE_SIZE, on_incomplete=on_incomplete)
        if server_no is not None:
            return [one for one in interfaces if one.instance_no == server_no]
        cache.replace(interfaces)
        return interfaces

    async def activities(self, since_ms: int, until_ms: int) -> list[Activity]:
        """What the Cloud Activity Tracer saw between two times in milliseconds since the epoch.

        Each line once. Raises NotAvailable where the gateway has no tracer, UnreadableAnswer when there are
        10,000 or more, or when a page does not lead on.
        """
        if self._activity_url is None:
            raise NotAvailable(Sentence("This gateway has no Cloud Activity Tracer; its evidence is unavailable."))
        found: dict[str, Activity] = {}
        for page in range(ACTIVITIES_MAX_PAGES):
            asked = {"fromEventTime": since_ms, "toEventTime": until_ms, "page": page, "size": ACTIVITIES_PAGE}
            answer = await self._reader.post_json(self._activity_url + ACTIVITIES_PATH, asked, limit=SMALL_ANSWER)
            lines, has_more = await self._off_loop(answer, partial(decode_activities, answer.body))
            before = len(found)
            # The log grows while it is read, which moves lines to the next page, where they come again.
            found |= {line.history_id or f"{page}/{number}": line for number, line in enumerate(lines)}
            if not lines or not has_more:
                return list(found.values())
            if len(found) == before:
                raise UnreadableAnswer(
                    Sentence("The activity tracer gave the same lines again; ask for a shorter time.")
                )
        raise UnreadableAnswer(Sentence("The activity tracer holds more lines than are read; ask for a shorter time."))

    async def caller_identity(self) -> CallerIdentity:
        """Whose key this is, asked for until it is told and then remembered (STS, caller-identity).

        Raises NotAvailable where the gateway has no STS, UnreadableAnswer when the answer names nobody.
        """
        if self.caller is None:
            if self._identity_url is None:
                raise NotAvailable(Sentence("This gateway has no STS; whose key it is cannot be told."))
            answer = await self._reader.get_json(self._identity_url + IDENTITY_PATH, limit=SMALL_ANSWER)
            self.caller = identity_from(read_document(answer.body))
        if self.caller is None:
            raise UnreadableAnswer(Sentence("STS names nobody in its answer; whose key it is cannot be told."))
        return self.caller

    async def metric_points(
        self, conditions: Sequence[Condition], since_ms: int, until_ms: int, interval: Interval = Interval.MINUTE
    ) -> MetricAnswer:
        """What Cloud Insight has of at most 20 series between two times in milliseconds since the epoch."""
        return await self._connections[1].points(conditions, since_ms, until_ms, interval)

    async def interrupt(
        self,
        region_code: str,
        server_no: str,
        *,
        before_first_byte: Callable[[], None],
        deadline: float,
        progress: SendProgress | None = None,
    ) -> SendResult:
        """Send one interrupt, at most once; see `ncpconsole.ncp.interrupt.interrupt`."""
        from ncpconsole.ncp.interrupt import interrupt

        with waiting_for(self._base_url):
            return await interrupt(
                self._base_url,
                self._credentials,
                region_code,
                server_no,
                before_first_byte=before_first_byte,
                deadline=deadline,
                method=self._interrupt_method,
                progress=progress,
                ssl_context=self._ssl_context,
            )

    def describe_interrupt(self, region_code: str, server_no: str) -> RequestPreview:
        """What `interrupt` would send; see `ncpconsole.ncp.interrupt.describe_request`."""
        from ncpconsole.ncp.interrupt import describe_request

        return describe_request(self._base_url, region_code, server_no, self._interrupt_method)

    async def aclose(self) -> None:
        """Close the connections used for reads. A later read opens new ones."""
        for one in self._opened:
            await one.aclose()

    async def _detail(self, region_code: str, server_no: str, *, retry: bool = True) -> Response:
        asked = {"regionCode": region_code, "serverInstanceNo": server_no}
        return await self._call(SERVER.action, asked, limit=SMALL_ANSWER, retry=retry)

    async def _list(
        self, call: ListCall[Record], asked: dict[str, str], cache: RecordCache[Record] | None = None
    ) -> Listing[Record]:
        answer = await self._call(call.action, asked)
        return await self._off_loop(answer, partial(self._decoded, answer, call, cache))

    async def _off_loop(self, answer: Response, read: Callable[[], Found]) -> Found:
        """What ``read`` makes of the answer, on a thread where the answer is long."""
        if len(answer.body) < DECODED_AT_ONCE:
            return read()
        async with self._decoding:
            decoded = await asyncio.to_thread(read)
            await asyncio.sleep(KEYS_FIRST)
            return decoded

    async def _call(
        self, action: str, asked: dict[str, str], *, limit: int = MAX_ANSWER, retry: bool = True
    ) -> Response:
        form = {**asked, "responseFormatType": "json"}
        return await self._reader.post_form(f"{self._base_url}{API_PATH}/{action}", form, limit=limit, retry=retry)

    def _decoded(
        self, answer: Response, call: ListCall[Record], cache: RecordCache[Record] | None = None
    ) -> Listing[Record]:
        listing = decode_list(answer.body, call.wrapper, call.name, call.kind)
        if listing.return_code != "0":
            said, key = (listing.return_code, listing.return_message), self._credentials.access_key
            raise refused_with_200(answer, *said, time.time(), key)
        return listing if cache is None else replace(listing, records=cache.intern(listing.records))


class RecordCache(Generic[Record]):
    """Interns list records between refreshes, so that unchanged ones keep their identity."""

    def __init__(self, number_of: Callable[[Record], str]) -> None:
        self._number_of: Callable[[Record], str] = number_of
        self._records: dict[str, Record] = {}

    def intern(self, records: Iterable[Record]) -> list[Record]:
        """These records, the cached object in place of each that is equal to it."""
        cached, number_of = self._records, self._number_of
        found = [old if (old := cached.get(number_of(one))) == one else one for one in records]
        share_repeated(one for one in found if cached.get(number_of(one)) is not one)
        return found

    def know(self, records: Iterable[Record]) -> None:
        """Cache these, unless some are cached already."""
        if not self._records:
            self.replace(records)
            share_repeated(self._records.values())

    def replace(self, records: Iterable[Record]) -> None:
        """Cache these instead of the ones before."""
        self._records = {self._number_of(one): one for one in records}


_server_number: Callable[[Server], str] = attrgetter("server_instance_no")
_interface_number: Callable[[NetworkInterface], str] = attrgetter("network_interface_no")


def _page(number: int) -> dict[str, str]:
    return {"pageNo": str(number), "pageSize": str(PAGE_SIZE)}


def _only(records: list[Found], server_no: str, number_of: Callable[[Found], str]) -> Found | None:
    """The one record with this number, None when there are no records at all."""
    for record in records:
        if number_of(record) == server_no:
            return record
    if records:
        raise UnreadableAnswer(
            Sentence("NCP was asked for server {number} and answered with another; try again.", number=server_no)
        )
    return None
