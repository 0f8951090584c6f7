"""A fleet of servers made from a seed: the same for everybody, of any size, made only as far as asked for.

Each server follows from its region and place alone, so a fleet of 100,000 costs nothing until its pages are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b


class ServerKind(StrEnum):
    """What a server is, seen by somebody who wants to interrupt it."""

    XEN_WINDOWS = "xen-windows"
    KVM_WINDOWS = "kvm-windows"
    KVM_LINUX = "kvm-linux"
    XEN_LINUX = "xen-linux"
    STOPPED = "stopped"
    STOPPED_LINUX = "stopped-linux"
    SHUTTING_DOWN = "shutting-down"
    REBOOTING = "rebooting"
    SETTING_UP = "setting-up"
    CREATING = "creating"
    REQUESTED = "requested"
    FAILED = "failed"
    NO_HYPERVISOR = "no-hypervisor"
    BARE_METAL = "bare-metal"
    CONTRADICTORY = "contradictory"


@dataclass(frozen=True, slots=True)
class ServerTemplate:
    """The coded values of a kind. ``hypervisor`` None: the record has no such field; empty: it is null.

    ``share`` is how many of 100 servers are of this kind: a good two fifths can be interrupted under the stricter rule
    (XEN, Windows, running). ``image`` is the operating system family in the image's product code. The status stays RUN
    while a server shuts down or reboots; only the operation tells (server API guide).
    """

    share: int
    hypervisor: str | None
    platform: str
    image: str
    status: str = "RUN"
    operation: str = "NULL"
    status_name: str = "running"


TEMPLATES: dict[ServerKind, ServerTemplate] = {
    ServerKind.XEN_WINDOWS: ServerTemplate(44, "XEN", "WND64", "WND64"),
    ServerKind.KVM_WINDOWS: ServerTemplate(12, "KVM", "WND64", "WND64"),
    ServerKind.KVM_LINUX: ServerTemplate(17, "KVM", "UBD64", "LNX64"),
    ServerKind.XEN_LINUX: ServerTemplate(9, "XEN", "LNX64", "LNX64"),
    ServerKind.STOPPED: ServerTemplate(4, "XEN", "WND64", "WND64", "NSTOP", "NULL", "stopped"),
    ServerKind.STOPPED_LINUX: ServerTemplate(4, "KVM", "UBD64", "LNX64", "NSTOP", "NULL", "stopped"),
    ServerKind.SHUTTING_DOWN: ServerTemplate(2, "XEN", "WND64", "WND64", "RUN", "SHTDN", "shutting down"),
    ServerKind.REBOOTING: ServerTemplate(2, "XEN", "WND64", "WND64", "RUN", "RESTA", "rebooting"),
    ServerKind.SETTING_UP: ServerTemplate(1, "XEN", "WND64", "WND64", "RUN", "SETUP", "setting up"),
    ServerKind.CREATING: ServerTemplate(1, "XEN", "WND64", "WND64", "CREAT", "CREAT", "creating"),
    ServerKind.REQUESTED: ServerTemplate(0, "XEN", "WND64", "WND64", "INIT", "CREAT", "init"),
    ServerKind.FAILED: ServerTemplate(1, "XEN", "WND64", "WND64", "RS_FL", "NULL", "reboot failed"),
    ServerKind.NO_HYPERVISOR: ServerTemplate(1, None, "WND64", "WND64"),
    ServerKind.BARE_METAL: ServerTemplate(1, "", "WND64", "WND64"),
    ServerKind.CONTRADICTORY: ServerTemplate(1, "XEN", "WND64", "LNX64"),
}


@dataclass(frozen=True, slots=True)
class Machine:
    """One server as the simulator knows it. Dates are in NCP's text form; ``index`` counts from 1."""

    number: str
    index: int
    name: str
    description: str
    kind: ServerKind
    region: str
    zone: str
    hypervisor: str | None
    platform: str
    image: str
    status: str
    operation: str
    status_name: str
    cpu_count: int
    memory_gib: int
    public_ip: str
    private_ips: tuple[str, ...]
    secondary_ips: tuple[str, ...]
    created: str
    uptime: str


WINDOWS_ROLES = (
    "web", "sql", "ad", "erp", "file", "rds", "app", "mail", "결제", "회계", "인사", "batch", "report",
    "재고", "물류",
)  # fmt: skip
LINUX_ROLES = ("api", "redis", "kafka", "nginx", "search", "주문", "batch", "log", "proxy", "물류", "mysql")

# The first servers of every fleet, so that a small one already holds every kind. Number 12, 31 and 44 are
# ordinary servers for demonstrations; trouble begins after the first screenful.
OPENING: dict[int, tuple[str, ServerKind]] = {
    1: ("web", ServerKind.XEN_WINDOWS),
    2: ("sql", ServerKind.XEN_WINDOWS),
    3: ("ad", ServerKind.XEN_WINDOWS),
    4: ("결제", ServerKind.XEN_WINDOWS),
    5: ("api", ServerKind.KVM_LINUX),
    6: ("erp", ServerKind.XEN_WINDOWS),
    7: ("app", ServerKind.KVM_WINDOWS),
    8: ("batch", ServerKind.XEN_WINDOWS),
    9: ("redis", ServerKind.XEN_LINUX),
    10: ("web", ServerKind.STOPPED),
    11: ("file", ServerKind.XEN_WINDOWS),
    12: ("web", ServerKind.XEN_WINDOWS),
    13: ("sql", ServerKind.REBOOTING),
    14: ("rds", ServerKind.XEN_WINDOWS),
    15: ("주문", ServerKind.KVM_LINUX),
    16: ("app", ServerKind.SETTING_UP),
    17: ("erp", ServerKind.NO_HYPERVISOR),
    18: ("ad", ServerKind.XEN_WINDOWS),
    19: ("sql", ServerKind.BARE_METAL),
    20: ("erp", ServerKind.XEN_WINDOWS),
    21: ("api", ServerKind.STOPPED_LINUX),
    22: ("web", ServerKind.CREATING),
    23: ("web", ServerKind.FAILED),
    24: ("file", ServerKind.CONTRADICTORY),
    25: ("회계", ServerKind.SHUTTING_DOWN),
    26: ("batch", ServerKind.REQUESTED),
    27: ("mail", ServerKind.XEN_WINDOWS),
    31: ("결제", ServerKind.XEN_WINDOWS),
    44: ("sql", ServerKind.SHUTTING_DOWN),
}

EVENT_AT = 27
"""The place of a server of which NCP tells an event."""

# Names that come twice, that look like another, or that are out to do something to a terminal.
ODD_NAMES: dict[int, str] = {
    66: "[prod]web-01",
    70: "erp-00020",
    74: "web[/]01",
    78: "sql-[@click=app.quit]00078[/]",
    80: "\u0430d-00018",  # CYRILLIC SMALL LETTER A
    84: "결제-00031",
    88: "web\x1b[31m-00088\x1b[0m",
    91: "sql-\x1b]0;pwned\x07-00091",
    94: "web-\x1b]52;c;cm0gLXJmIC8=\x07-00094",
    97: "rds-\u202egnp.00097",
    100: "web\u200b-001\u200d00",
    103: "cafe\u0301\u0302\u0303\u0304\u0305-00103",
    106: "tab\there\nand there-00106",
    109: "sql\x9b31m\x7f-00109",
    112: "erp  -00112  ",
    115: "ｗｅｂ-００１１５",
    118: "웹서버-서울-운영-결제-승인-배치-전용-이중화-두번째-00118",
    121: "web-:skull:-00121",
    127: "웹-\U0001f310\u200d\U0001f525-00127",
    # Past the size of the demonstration, since these do come first in an order of names.
    230: '=HYPERLINK("http://example.invalid","00230")',
    233: "  sql-00233",
    236: "\x1b[2J\x1b[Hsql-00236",
}

SITE_REGIONS: dict[str, tuple[str, ...]] = {"public": ("KR", "SGN", "JPN"), "gov": ("KR", "KRS"), "fin": ("FKR",)}
NUMBERS_AFTER = 142_300_000
"""The number before a fleet's first: servers have nine digits since the end of 2024."""
NUMBERS_PER_REGION = 10_000_000
MOST_SERVERS = 1_000_000
NINTH = 9
"""Every ninth server has a second network interface."""

_KIND_OF_ROLL = [kind for kind, template in TEMPLATES.items() for _ in range(template.share)]
_SIZES = ((2, 4), (2, 8), (4, 8), (4, 16), (8, 32), (16, 64))


class Fleet:
    """The servers of one account, by region. ``count`` is the size of the first region.

    Further regions hold a quarter, an eighth, … as many. Number, address and zone follow from the place:
    the twelfth server of the first region is 142300012, 10.0.0.13.
    """

    def __init__(
        self,
        count: int,
        seed: int = 1,
        *,
        regions: Sequence[str] = SITE_REGIONS["public"],
        name_prefix: str = "",
        only: ServerKind | None = None,
    ) -> None:
        if not 0 <= count <= MOST_SERVERS:
            raise ValueError(f"A fleet has 0 to {MOST_SERVERS} servers.")
        self.seed = seed
        self.regions = tuple(regions)
        self._prefix = name_prefix
        self._only = only
        self._sizes = {code: count >> (place + 1 if place else 0) for place, code in enumerate(self.regions)}
        self._made: dict[str, Machine] = {}
        self._interfaces: dict[str, list[tuple[str, int]]] = {}

    def size(self, region: str) -> int:
        """How many servers a region holds; 0 for an unknown region."""
        return self._sizes.get(region, 0)

    def number(self, region: str, index: int) -> str:
        """The server number of a place, counted from 1."""
        return str(NUMBERS_AFTER + self.regions.index(region) * NUMBERS_PER_REGION + index)

    def locate(self, number: str) -> tuple[str, int] | None:
        """Region and place of a server number, or None when the fleet has no such server."""
        if not (number.isascii() and number.isdigit() and len(number) == len(str(NUMBERS_AFTER))):
            return None
        ordinal, index = divmod(int(number) - NUMBERS_AFTER, NUMBERS_PER_REGION)
        if not 0 <= ordinal < len(self.regions) or not 1 <= index <= self._sizes[self.regions[ordinal]]:
            return None
        return self.regions[ordinal], index

    def machine(self, number: str) -> Machine | None:
        """One server as it was made, or None."""
        made = self._made.get(number)
        if made is None and (found := self.locate(number)) is not None:
            made = self._made[number] = self._make(*found)
        return made

    def slice(self, region: str, start: int, stop: int) -> list[str]:
        """The numbers of the places ``start`` to before ``stop``, counted from 0, in the order of numbers."""
        stop = min(stop, self.size(region))
        return [self.number(region, index + 1) for index in range(max(start, 0), stop)]

    def interfaces(self, region: str) -> list[tuple[str, int]]:
        """Every network interface of a region: the server's number, and which of its interfaces it is."""
        if region not in self._interfaces:
            self._interfaces[region] = [
                (self.number(region, index), n)
                for index in range(1, self.size(region) + 1)
                if self._only or OPENING.get(index, ("", None))[1] is not ServerKind.REQUESTED
                for n in range(1 + (index % NINTH == 0))
            ]
        return self._interfaces[region]

    def _make(self, region: str, index: int) -> Machine:
        ordinal = self.regions.index(region)
        dice = blake2b(f"{self.seed}/{region}/{index}".encode(), digest_size=8).digest()
        kind = self._only or (OPENING[index][1] if index in OPENING else _roll_kind(index, dice))
        template = TEMPLATES[kind]
        has_network = kind is not ServerKind.REQUESTED
        cpu_count, memory_gib = _SIZES[dice[2] % len(_SIZES)]
        return Machine(
            number=self.number(region, index),
            index=index,
            name=self._prefix + _name(index, kind, dice),
            description="" if dice[3] % 4 else f"{region} 운영",
            kind=kind,
            region=region,
            zone=f"{region}-{1 + index % 2}",
            hypervisor=template.hypervisor,
            platform=template.platform,
            image=template.image,
            status=template.status,
            operation=template.operation,
            status_name=template.status_name,
            cpu_count=cpu_count,
            memory_gib=memory_gib,
            public_ip=f"198.{18 + ordinal % 2}.{index >> 8 & 255}.{index & 255}"
            if dice[4] % 5 == 0 and has_network
            else "",
            private_ips=private_ips(ordinal, index) if has_network else (),
            secondary_ips=(f"100.{64 + ordinal}.{index >> 8 & 255}.{index & 255}",) if index % 11 == 0 else (),
            created=_moment(2024, dice[5], dice[6]),
            uptime=_moment(2025, dice[6], dice[7]),
        )


def private_ips(ordinal: int, index: int) -> tuple[str, ...]:
    """The private addresses of a place: one, and a second in a back-end network for every ninth server."""
    address = index + 1
    low = f"{address >> 16 & 31 | ordinal * 32}.{address >> 8 & 255}.{address & 255}"
    return (f"10.{low}", f"172.{16 + ordinal}.{address >> 8 & 255}.{address & 255}")[: 1 + (index % NINTH == 0)]


def _roll_kind(index: int, dice: bytes) -> ServerKind:
    # Odd names belong to servers that can be interrupted: that is where they have to be withstood.
    return ServerKind.XEN_WINDOWS if index in ODD_NAMES else _KIND_OF_ROLL[(dice[0] << 8 | dice[7]) % 100]


def _name(index: int, kind: ServerKind, dice: bytes) -> str:
    if index in ODD_NAMES:
        return ODD_NAMES[index]
    roles = LINUX_ROLES if TEMPLATES[kind].image == "LNX64" else WINDOWS_ROLES
    role = OPENING[index][0] if index in OPENING else roles[dice[1] % len(roles)]
    return f"{role}-{index:05d}"


def _moment(year: int, day: int, second: int) -> str:
    """A date in NCP's form, with the offset of Korea."""
    date = f"{year}-{1 + day % 12:02d}-{1 + day % 28:02d}"
    return f"{date}T{second % 24:02d}:{day % 60:02d}:{second % 60:02d}+0900"
