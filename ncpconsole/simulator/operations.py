"""The operations of ``/vserver/v2/``: each takes a call and gives a document, or raises a ErrorResponse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple
from urllib.parse import parse_qsl

from ncpconsole.simulator.account_state import INTERFACE_LIST, SERVER_LIST, AccountState
from ncpconsole.simulator.accounts import Key, Rights
from ncpconsole.simulator.fleet import Machine
from ncpconsole.simulator.responses import (
    IN_OPERATION,
    NOT_SUPPORTED,
    UNKNOWN_SERVER,
    Document,
    Format,
    Record,
    ServiceError,
    bad_parameter,
    interface_record,
    permission_denied,
    region_record,
    server_record,
    subnet_name,
    vpc_no,
    zone_records,
)

RULES = {"xen-windows": {("XEN", "WINDOWS")}, "2026-10": {("XEN", "WINDOWS"), ("KVM", "WINDOWS"), ("KVM", "LINUX")}}
"""Which hypervisor and system may be interrupted, by rule set: the founding one, and that of the newer page."""


def interrupt(state: AccountState, region: str, number: str, now: float, rules: str) -> Machine:
    """Interrupt one server; returns it as it is then. Raises ServiceError where NCP would say no."""
    if not number:
        raise bad_parameter("Parameter <strong>serverInstanceNo</strong> is required.")
    machine = state.machine(number)
    if machine is None or machine.region != region:
        raise ServiceError(400, UNKNOWN_SERVER, f"Server instance <strong>{number[:40]}</strong> not found.")
    if machine.operation != "NULL":
        raise ServiceError(
            400, IN_OPERATION, "The specified object is <strong>in operation</strong>.<br>Please try again later."
        )
    if machine.status != "RUN":
        raise ServiceError(400, NOT_SUPPORTED, "Only a <strong>running</strong> server can be interrupted.")
    system = {"WND": "WINDOWS", "LNX": "LINUX"}.get(machine.image[:3], "")
    if (machine.hypervisor or "", system) not in RULES[rules]:
        raise ServiceError(
            400, NOT_SUPPORTED, "This server type does not support the <strong>interrupt</strong> function."
        )
    return state.interrupted(number, now)


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call. ``now`` is the gateway's clock in seconds since the epoch; ``rules`` one of RULES."""

    parameters: Parameters
    state: AccountState
    key: Key
    now: float
    rules: str

    @property
    def region(self) -> str:
        """The region meant: the one named, or the first. Raises ErrorResponse for an unknown one."""
        code = self.parameters.text("regionCode") or self.state.regions[0]
        if code not in self.state.regions:
            raise bad_parameter(f"<strong>regionCode</strong> {code[:20]} does not exist.")
        return code


def regions(call: Call) -> Document:
    """getRegionList."""
    return _whole("regionList", [region_record(code) for code in call.state.regions])


def zones(call: Call) -> Document:
    """getZoneList."""
    return _whole("zoneList", zone_records(call.region))


def servers(call: Call) -> Document:
    """getServerInstanceList, with every documented filter."""
    page = call.parameters.page()
    if not _names_any(call.parameters, _SERVER_TEXTS, _SERVER_LISTS):
        return _unfiltered(call, SERVER_LIST, page)
    found = [machine for machine in call.state.machines(call.region) if _matches(machine, call.parameters)]
    shown = _sorted(found, call.parameters)[page.places]
    return Document(SERVER_LIST, len(found), lambda: [server_record(machine) for machine in shown])


def server(call: Call) -> Document:
    """getServerInstanceDetail: one record, or none for a number the region does not hold."""
    number = _required(call, "serverInstanceNo")
    machine = call.state.machine(number)
    here = machine is not None and machine.region == call.region
    return _whole(SERVER_LIST, [server_record(machine)] if machine is not None and here else [])


def interfaces(call: Call) -> Document:
    """getNetworkInterfaceList, with every documented filter."""
    parameters, page = call.parameters, call.parameters.page()
    if not _names_any(parameters, _INTERFACE_TEXTS, _INTERFACE_LISTS):
        return _unfiltered(call, INTERFACE_LIST, page)
    found = [
        record
        for machine in call.state.machines(call.region)
        for record in map(partial(interface_record, machine), range(len(machine.private_ips)))
        if _interface_matches(machine, record, parameters)
    ]
    return Document(INTERFACE_LIST, len(found), lambda: found[page.places])


def _unfiltered(call: Call, list_name: str, page: Page) -> Document:
    state, region = call.state, call.region
    return Document(
        list_name,
        state.total(list_name, region),
        lambda: state.rows(list_name, region, page.number, page.size),
        lambda body_format: state.encoded_page(list_name, region, page.number, page.size, body_format),
    )


def interrupt_server(call: Call) -> Document:
    """interruptServerInstance: accepts, and echoes the server as it is being set up."""
    if call.key.rights is not Rights.MANAGER:
        raise permission_denied("NCP_VPC_SERVER_MANAGER is required.")
    number = call.parameters.text("serverInstanceNo")
    machine = interrupt(call.state, call.region, number, call.now, call.rules)
    return _whole(SERVER_LIST, [server_record(machine)])


def _whole(list_name: str, rows: list[Record]) -> Document:
    return Document(list_name, len(rows), lambda: rows)


def _required(call: Call, name: str) -> str:
    value = call.parameters.text(name)
    if not value:
        raise bad_parameter(f"Parameter <strong>{name}</strong> is required.")
    return value


_SERVER_TEXTS = (
    *("serverName", "serverInstanceStatusCode", "ip", "vpcNo", "sortedBy", "sortingOrder"),
    *("baseBlockStorageDiskTypeCode", "baseBlockStorageDiskDetailTypeCode"),
)
_SERVER_LISTS = ("serverInstanceNoList", "hypervisorTypeCodeList", "placementGroupNoList")
_INTERFACE_TEXTS = (
    *("instanceNo", "deviceName", "isDefault", "serverName", "subnetName", "networkInterfaceName", "ip"),
    "networkInterfaceStatusCode",
)
_INTERFACE_LISTS = ("networkInterfaceNoList", "secondaryIpList")


def _names_any(parameters: Parameters, texts: tuple[str, ...], lists: tuple[str, ...]) -> bool:
    return any(parameters.text(name) for name in texts) or any(parameters.texts(name) for name in lists)


def _matches(machine: Machine, parameters: Parameters) -> bool:
    ip = parameters.text("ip")
    numbers = parameters.texts("serverInstanceNoList")
    hypervisors = parameters.texts("hypervisorTypeCodeList")
    return (
        parameters.text("serverName").casefold() in machine.name.casefold()
        and parameters.text("serverInstanceStatusCode") in {"", machine.status}
        and (not ip or ip == machine.public_ip or ip in machine.private_ips)
        and parameters.text("vpcNo") in {"", vpc_no(machine)}
        and parameters.text("baseBlockStorageDiskTypeCode") in {"", "NET"}
        and parameters.text("baseBlockStorageDiskDetailTypeCode") in {"", "SSD"}
        and not parameters.texts("placementGroupNoList")
        and (not numbers or machine.number in numbers)
        and (not hypervisors or machine.hypervisor in hypervisors)
    )


def _interface_matches(machine: Machine, record: Record, parameters: Parameters) -> bool:
    numbers = parameters.texts("networkInterfaceNoList")
    secondary = parameters.texts("secondaryIpList")
    return (
        all(parameters.text(name) in {"", record[name]} for name in ("instanceNo", "deviceName", "ip"))
        and parameters.text("isDefault").lower() in {"", "true" if record["isDefault"] else "false"}
        and parameters.text("networkInterfaceStatusCode") in {"", record["networkInterfaceStatus"]["code"]}
        and parameters.text("serverName").casefold() in machine.name.casefold()
        and parameters.text("subnetName") in subnet_name(machine)
        and parameters.text("networkInterfaceName") in record["networkInterfaceName"]
        and (not numbers or record["networkInterfaceNo"] in numbers)
        and (not secondary or any(ip in secondary for ip in record["secondaryIpList"]))
    )


_SORTS: dict[str, Callable[[Machine], str]] = {
    "": lambda machine: machine.number,
    "serverInstanceNo": lambda machine: machine.number,
    "serverName": lambda machine: machine.name,
}


def _sorted(machines: list[Machine], parameters: Parameters) -> list[Machine]:
    by, order = parameters.text("sortedBy"), parameters.text("sortingOrder").upper()
    if by not in _SORTS:
        raise bad_parameter("<strong>sortedBy</strong> must be serverName or serverInstanceNo.")
    if order not in {"", "ASC", "DESC"}:
        raise bad_parameter("<strong>sortingOrder</strong> must be ASC or DESC.")
    return sorted(machines, key=_SORTS[by], reverse=order == "DESC")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: ``scope`` is its short name for faults and counts, ``root`` its root element."""

    scope: str
    root: str
    perform: Callable[[Call], Document]


API_PATH = "/vserver/v2/"
OPERATIONS: dict[str, Operation] = {
    API_PATH + action: Operation(scope, f"{action}Response", perform)
    for action, scope, perform in (
        ("getRegionList", "regions", regions),
        ("getZoneList", "zones", zones),
        ("getServerInstanceList", "list", servers),
        ("getServerInstanceDetail", "detail", server),
        ("getNetworkInterfaceList", "interfaces", interfaces),
        ("interruptServerInstance", "interrupt", interrupt_server),
    )
}


MOST_ROWS = 1000
EVERY_ROW = 10_000_000
FORM = "application/x-www-form-urlencoded"


class Page(NamedTuple):
    """One page of a list, counted from 1."""

    number: int
    size: int

    @property
    def places(self) -> slice:
        """Where its rows stand in the whole list."""
        return slice((self.number - 1) * self.size, self.number * self.size)


class Parameters:
    """The texts of one call by name. A name in the form outweighs the same name in the query."""

    def __init__(self, query: str, content_type: str = "", body: bytes = b"") -> None:
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
        if content_type.partition(";")[0].strip().lower() == FORM:
            pairs += parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
        self.values = dict(pairs)

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    def texts(self, name: str) -> list[str]:
        """A list parameter: ``name.1``, ``name.2`` and so on, in that order."""
        numbered = []
        for key, value in self.values.items():
            stem, _, position = key.rpartition(".")
            if stem == name and position.isascii() and position.isdigit():
                numbered.append((int(position), value))
        return [value for _, value in sorted(numbered)]

    @property
    def format(self) -> Format:
        """JSON when asked for, XML otherwise."""
        return Format.JSON if self.text("responseFormatType").lower() == "json" else Format.XML

    def page(self) -> Page:
        """The page asked for, or the whole list in one; raises ErrorResponse for one that NCP does not serve."""
        if not self.text("pageNo") and not self.text("pageSize"):
            return Page(1, EVERY_ROW)
        if self.text("pageNo") and not self.text("pageSize"):
            raise bad_parameter("If <strong>pageNo</strong> is entered, <strong>pageSize</strong> is required.")
        size = self._number("pageSize", 1)
        if not 1 <= size <= MOST_ROWS:
            raise bad_parameter(f"<strong>pageSize</strong> must be between 1 and {MOST_ROWS}.")
        return Page(max(self._number("pageNo", 1), 1), size)

    def _number(self, name: str, default: int) -> int:
        text = self.text(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 11):
            raise bad_parameter(f"<strong>{name}</strong> must be a number.")
        return int(text)
