"""The servers as the console shows them: records joined with private addresses, verdicts and search text.

A row is built once and kept for as long as nothing about its server changes: a refresh of 10,000 servers that
finds nothing new returns the very same row objects, so that a table can compare by identity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from ncpconsole.core.cautions import (
    MOST_NAMED,
    NOTHING_KNOWN,
    Caution,
    ServerContext,
    by_name,
    by_number,
    identity,
    recent_interrupts,
)
from ncpconsole.core.eligibility import DEFAULT_RULES, RULE_SETS, Rules, Verdict, operating_system, verdict
from ncpconsole.core.names import confusable_key, folded, natural_key, same_name_key
from ncpconsole.core.records import Intent
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.wording import operation_words, server_status, shown_code
from ncpconsole.ncp.models import NetworkInterface, Server


class Addresses(NamedTuple):
    """What a server's network interfaces give it, the default interface's first.

    ``private`` holds the first address of each; ``secondary`` further ones, which an alarm may name; ``logged`` the
    first address of those whose traffic is logged (flow log).
    """

    private: tuple[str, ...] = ()
    secondary: tuple[str, ...] = ()
    mac: tuple[str, ...] = ()
    logged: tuple[str, ...] = ()


NO_ADDRESSES = Addresses()


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One server, ready to show: every text is safe for a terminal. Compared by identity.

    ``key`` names the row: the server number, or number and region where one number occurs in two regions.
    ``search_text`` is what a plain filter term searches,
    one field a line with the name first; ``sort_name`` sorts web-2 before web-10, equal names by number.
    What only the few visible rows need is computed when it is read: that halves the time to build 10,000.
    """

    server: Server
    key: str
    name: str
    addresses: Addresses
    verdict: Verdict
    search_text: str
    sort_name: str
    confusable_key: str
    context: ServerContext

    @property
    def private_ips(self) -> tuple[str, ...]:
        return self.addresses.private

    @property
    def ips(self) -> tuple[str, ...]:
        """Every address of the server: private, secondary, public."""
        return (*self.addresses.private, *self.addresses.secondary, *filter(None, (self.public_ip,)))

    @property
    def number(self) -> str:
        return safe_text(self.server.server_instance_no, 64)

    @property
    def region(self) -> str:
        return shown_code(self.server.region_code)

    @property
    def zone(self) -> str:
        return shown_code(self.server.zone_code)

    @property
    def status(self) -> str:
        """Status and operation: ``RUN running``, ``RUN shutting down``, ``NSTOP stopped``."""
        return server_status(self.server)

    @property
    def operation(self) -> str:
        """The operation in progress in words, or nothing."""
        return operation_words(self.server.server_instance_operation.code)

    @property
    def os(self) -> str:
        """``Windows``, ``Linux`` or ``unknown``."""
        return operating_system(self.server).value

    @property
    def hypervisor(self) -> str:
        """The hypervisor's code, or ``unknown``."""
        return shown_code(self.server.hypervisor_type.code) or "unknown"

    @property
    def public_ip(self) -> str:
        return safe_text(self.server.public_ip, 64)

    @property
    def ip(self) -> str:
        """The address to show where there is room for one: private before public."""
        return self.private_ips[0] if self.private_ips else self.public_ip

    @property
    def held_until(self) -> datetime | None:
        """Until when a dump may be written after an earlier interrupt, where that is the gravest caution."""
        about, verdict = self.context, self.verdict
        if about.recent is None or not verdict.eligible or verdict.warnings[0].code != Caution.RECENT:
            return None
        return about.recent + timedelta(seconds=about.cooldown)

    @property
    def uptime(self) -> str:
        """The time of the last start, as the API writes it."""
        return safe_text(self.server.uptime, 40)

    def shows_same_as(self, other: Row) -> bool:
        """Whether nothing that is shown or decided differs between the two rows."""
        return self is other or (
            self.server == other.server
            and self.addresses == other.addresses
            and self.verdict == other.verdict
            and self.key == other.key
        )


class Inventory:
    """All servers of one look at the account; never altered. Without arguments: no servers."""

    __slots__ = ("by_key", "eligible_count", "recent", "rows", "rules")

    def __init__(self, rows: Sequence[Row] = (), rules: Rules = RULE_SETS[DEFAULT_RULES]) -> None:
        self.rows = tuple(rows)
        self.rules = rules
        self.by_key: Mapping[str, Row] = {row.key: row for row in self.rows}
        """Every row by its key."""
        self.eligible_count = sum(row.verdict.eligible for row in self.rows)
        self.recent = frozenset(row.key for row in self.rows if row.context.recent is not None)
        """Keys of servers with an interrupt within the cooldown."""

    @classmethod
    def build(
        cls,
        servers: Sequence[Server],
        interfaces: Iterable[NetworkInterface],
        rules: Rules,
        *,
        now: datetime,
        cooldown: float,
        intents: Iterable[Intent] = (),
        previous: Inventory | None = None,
    ) -> Inventory:
        """Join and judge the servers, in the order given; a record given twice counts once, the later one.

        ``interfaces`` may be of several regions; ``intents`` are this gateway's, in any order; ``cooldown``
        is in seconds. With ``previous``, rows of servers that did not change are the same objects.
        """
        keyed = _keyed(servers)
        addresses = _addresses(interfaces)
        earlier = recent_interrupts(intents, now, cooldown)
        nothing_recent = ServerContext(now, cooldown)
        known = previous.by_key if previous is not None and previous.rules == rules else {}
        old_rows = [known.get(key) for key in keyed]
        shapes = [
            old.confusable_key
            if old and old.server.server_name == server.server_name
            else confusable_key(server.server_name)
            for server, old in zip(keyed.values(), old_rows, strict=True)
        ]
        names = [same_name_key(server.server_name) for server in keyed.values()]
        same_name = Counter(names)
        alike = Counter(shapes)
        # Not all that bear one name look alike: capital and small nu resemble an N and a v.
        both = Counter(zip(names, shapes, strict=True))
        which = _OtherNames(list(keyed.items()), names, shapes, same_name, alike)
        rows: list[Row] = []
        for (key, server), old, name, shape in zip(keyed.items(), old_rows, names, shapes, strict=True):
            own = addresses.get(server.server_instance_no, NO_ADDRESSES)
            before = earlier.get(server.server_instance_no)
            same_name_count, confusable_count = same_name[name] - 1, alike[shape] - both[name, shape]
            if not same_name_count and not confusable_count and before is None:
                about = NOTHING_KNOWN
            else:
                about = replace(
                    before or nothing_recent,
                    same_name_count=same_name_count,
                    confusable_count=confusable_count,
                    same_names=which.same(key, name) if same_name_count else (),
                    confusable_names=which.alike(name, shape) if confusable_count else (),
                    same_at=which.same_at(key, name, server.region_code) if same_name_count else "",
                    looks_like=which.looks_like(name, shape) if confusable_count else "",
                )
            if old is None or not (old.server is server or old.server == server) or old.context != about:
                rows.append(_row(key, server, own, rules=rules, about=about, shape=shape))
            elif old.addresses != own:
                rows.append(_readdressed(old, own))
            else:
                rows.append(old)
        return cls(rows, rules)

    def changed_since(self, previous: Inventory) -> set[str]:
        """Keys (server numbers) of rows that are new or differ from the earlier look."""
        before = previous.by_key
        return {
            key
            for key, row in self.by_key.items()
            if (old := before.get(key)) is not row and (old is None or not row.shows_same_as(old))
        }


class _OtherNames:
    """The first servers of each name and shape that occurs more than once, for the cautions that name them."""

    def __init__(
        self,
        keyed: Sequence[tuple[str, Server]],
        names: Sequence[str],
        shapes: Sequence[str],
        same_name: Counter[str],
        alike: Counter[str],
    ) -> None:
        self._same: dict[str, list[tuple[str, Server]]] = {}
        self._alike: dict[str, dict[str, list[Server]]] = {}
        for (key, server), name, shape in zip(keyed, names, shapes, strict=True):
            if same_name[name] > 1 and len(first := self._same.setdefault(name, [])) <= MOST_NAMED:
                first.append((key, server))
            if alike[shape] > 1:
                of_shape = self._alike.setdefault(shape, {})
                # One name more than are told, as one of them is the server's own.
                if len(of_shape) <= MOST_NAMED and len(of_name := of_shape.setdefault(name, [])) < MOST_NAMED:
                    of_name.append(server)

    def same(self, key: str, name: str) -> tuple[str, ...]:
        """The others of a name, as cautions call them."""
        return tuple(by_number(*identity(server)) for server in self._others(key, name)[:MOST_NAMED])

    def same_at(self, key: str, name: str, region: str) -> str:
        """The first other of a name, as a table cell calls it."""
        first = self._others(key, name)[0]
        where = f" {shown_code(first.region_code)}" if first.region_code != region else ""
        return f"{safe_text(first.server_instance_no, 20)}{where}"

    def alike(self, name: str, shape: str) -> tuple[str, ...]:
        """Those whose name looks like this one and is another."""
        return tuple(map(by_name, self._resembling(name, shape)[:MOST_NAMED]))

    def looks_like(self, name: str, shape: str) -> str:
        """The first of these names, as a table cell calls it."""
        return safe_text(self._resembling(name, shape)[0].server_name, 40)

    def _others(self, key: str, name: str) -> list[Server]:
        return [server for other, server in self._same[name] if other != key]

    def _resembling(self, name: str, shape: str) -> list[Server]:
        return [server for other, found in self._alike[shape].items() if other != name for server in found]


def _keyed(servers: Sequence[Server]) -> dict[str, Server]:
    """The servers by row key: the number where that is enough.

    A separator that no terminal shows keeps a made-up number from equalling another row's key.
    """
    keyed = {server.server_instance_no: server for server in servers}
    if len(keyed) == len(servers) and "" not in keyed:
        return keyed
    regions: dict[str, set[str]] = {}
    for server in servers:
        regions.setdefault(server.server_instance_no, set()).add(server.region_code)
    keyed = {}
    for position, server in enumerate(servers):
        number = server.server_instance_no
        if not number:
            keyed[f"\x1f{position}"] = server
        elif len(regions[number]) == 1:
            keyed[number] = server
        else:
            keyed[f"{number}\x1f{server.region_code}"] = server
    return keyed


def _addresses(interfaces: Iterable[NetworkInterface]) -> dict[str, Addresses]:
    """Addresses by server number, the default interface's first and each once."""
    found: dict[str, Addresses] = {}
    for interface in interfaces:
        number = interface.instance_no
        if not number:
            continue
        ip, mac = safe_text(interface.ip, 64), safe_text(interface.mac_address, 32)
        own = Addresses(
            (ip,) if ip else (),
            tuple([safe_text(one, 64) for one in interface.secondary_ip_list]),
            (mac,) if mac else (),
            (ip,) if ip and interface.enable_flow_log else (),
        )
        if (before := found.get(number)) is not None:
            pairs = zip(own, before, strict=True) if interface.is_default else zip(before, own, strict=True)
            own = Addresses(*(tuple(dict.fromkeys((*first, *then))) for first, then in pairs))
        found[number] = own
    return found


def _row(key: str, server: Server, own: Addresses, *, rules: Rules, about: ServerContext, shape: str) -> Row:
    name = safe_text(server.server_name)
    number = safe_text(server.server_instance_no, 64)
    return Row(
        server=server,
        key=key,
        name=name,
        addresses=own,
        verdict=verdict(server, rules, about),
        search_text=_search_text(server, name, number, own),
        sort_name=natural_key(f"{name}\n{number}"),
        confusable_key=shape,
        context=about,
    )


def _readdressed(old: Row, own: Addresses) -> Row:
    """The same row with other addresses, which come after the servers: half the work of a new row."""
    return replace(old, addresses=own, search_text=_search_text(old.server, old.name, old.number, own))


def _search_text(server: Server, name: str, number: str, own: Addresses) -> str:
    ips = (*own.private, safe_text(server.public_ip, 64), *own.secondary)
    return folded("\n".join((name, number, shown_code(server.zone_code), *ips, *own.mac)))
