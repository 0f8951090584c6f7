"""Bodies as the gateway writes them: XML unless JSON was asked for.

Source: the API overview page on response formats. Lists in XML repeat an element named after the list without
its ``List`` ending. Characters that XML cannot hold become U+FFFD.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from html import escape
from typing import Any

from ncpconsole.simulator.fleet import EVENT_AT, Machine, ServerKind

Record = dict[str, Any]

IN_OPERATION = "25013"
# What NCP answers in these cases is not published. A number might mean something else there: 1401 does.
BAD_PARAMETER, UNKNOWN_SERVER, NOT_SUPPORTED = "9990001", "9990002", "9990003"


class ErrorResponse(Exception):
    """An answer that is not a success. ``details`` is sent by the gateway family alone."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(" ".join(filter(None, (f"{status}/{code}:", message, details))))
        self.status = status
        self.code = code
        self.message = message
        self.details = details


class GatewayError(ErrorResponse):
    """The gateway turned the request away before any service saw it."""


class ServiceError(ErrorResponse):
    """The service understood the request and will not do it."""


GATEWAY_MESSAGES: dict[tuple[int, str], str] = {
    (400, "100"): "Bad Request Exception",
    (401, "200"): "Authentication Failed",
    (401, "210"): "Permission Denied",
    (404, "300"): "Not Found Exception",
    (429, "400"): "Quota Exceeded",
    (429, "410"): "Throttle Limited",
    (429, "420"): "Rate Limited",
    (413, "430"): "Request Entity Too Large",
    (503, "500"): "Endpoint Error",
    (504, "510"): "Endpoint Timeout",
    (500, "900"): "Unexpected Error",
}


def gateway_error(status: int, code: str, details: str = "") -> GatewayError:
    """One of the gateway's documented refusals, by HTTP status and code."""
    return GatewayError(status, code, GATEWAY_MESSAGES[status, code], details)


def authentication_failed(details: str) -> GatewayError:
    """401 with code 200: the key, the signature or the clock is wrong."""
    return gateway_error(401, "200", details)


def permission_denied(details: str) -> GatewayError:
    """401 with code 210: this key may not do that, or not from this address."""
    return gateway_error(401, "210", details)


def bad_parameter(message: str) -> ServiceError:
    """A parameter is missing or out of bounds. NCP's messages hold HTML, and so do these."""
    return ServiceError(400, BAD_PARAMETER, message)


_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TRY_AGAIN = "Please <strong>try again</strong> later.<br>"
XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


class Format(Enum):
    """The two body formats; the value is the content type."""

    JSON = "application/json;charset=UTF-8"
    XML = "text/xml;charset=UTF-8"


@dataclass(slots=True)
class Document:
    """A list to be encoded. ``encoded`` gives kept bytes of the very same rows, where there are some."""

    list_name: str
    total: int
    rows: Callable[[], list[Record]]
    encoded: Callable[[Format], bytes] | None = None
    return_code: str | int = "0"


def encode_rows(rows: Iterable[Record], list_name: str, body_format: Format) -> bytes:
    """The rows alone, to be kept and put into documents later."""
    if body_format is Format.JSON:
        return encode_json(list(rows))
    return "".join(_element(singular(list_name), row) for row in rows).encode()


def encode_document(document: Document, root: str, body_format: Format) -> bytes:
    """A whole body: ``root`` around the rows, their total, a request id and how the call went."""
    name, total = document.list_name, document.total
    rows = (
        document.encoded(body_format)
        if document.encoded is not None
        else encode_rows(document.rows(), name, body_format)
    )
    tail: Record = {
        "requestId": str(uuid.uuid4()),
        "returnCode": document.return_code,
        "returnMessage": "success" if str(document.return_code) == "0" else TRY_AGAIN,
    }
    if body_format is Format.JSON:
        # A blank after the first colon, as the service writes it: the official Go client cuts the body there.
        head = f'{{"{root}": {{"totalRows":{total},"{name}":'
        return b"".join((head.encode(), rows, b",", encode_json(tail)[1:], b"}"))
    head = f"{XML_HEAD}<{root}>{_elements(tail)}<totalRows>{total}</totalRows>"
    return b"".join((f"{head}<{name}>".encode(), rows, f"</{name}></{root}>".encode()))


def encode_error(error: ErrorResponse, body_format: Format, root: str = "") -> bytes:
    """The body of an error, in the shape of its family; ``root`` is another name for the root element."""
    if isinstance(error, ServiceError):
        root = root or "responseError"
        content: Record = {"returnCode": error.code, "returnMessage": error.message}
    else:
        root = root or "error"
        content = {"errorCode": error.code, "message": error.message, "details": error.details}
    if body_format is Format.JSON:
        blank = b" " if isinstance(error, ServiceError) else b""
        return b"".join((b'{"', root.encode(), b'":', blank, encode_json(content), b"}"))
    return f"{XML_HEAD}<{root}>{_elements(content)}</{root}>".encode()


def singular(list_name: str) -> str:
    """``serverInstanceList`` holds ``serverInstance``."""
    return list_name.removesuffix("List")


def encode_json(value: Any) -> bytes:
    """Any JSON value, without blanks."""
    # UTF-8 has no unpaired surrogates. JSON has: as the escape, which is what Python puts in their place.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _element(name: str, value: Any) -> str:
    if value is None:
        return f"<{name}/>"
    if isinstance(value, dict):
        return f"<{name}>{_elements(value)}</{name}>"
    if isinstance(value, list):
        return f"<{name}>{''.join(_element(singular(name), item) for item in value)}</{name}>"
    if isinstance(value, bool):
        return f"<{name}>{'true' if value else 'false'}</{name}>"
    return f"<{name}>{escape(_NOT_IN_XML.sub('�', str(value)), quote=False)}</{name}>"


def _elements(content: Record) -> str:
    return "".join(_element(name, value) for name, value in content.items())


GIB = 1024**3
VPC_NO = "10375"
REGION_NAMES = {"KR": "한국", "SGN": "싱가포르(New)", "JPN": "일본(New)", "KRS": "한국 남부", "FKR": "금융"}
STATUS_NAMES = {
    "INIT": "서버 INIT 상태",
    "CREAT": "서버 CREATED 상태",
    "RUN": "서버 RUN 상태",
    "NSTOP": "서버 NORMAL STOP 상태",
    "RS_FL": "서버 RESTART FAIL 상태",
}
OPERATION_NAMES = {
    "NULL": "서버 NULL OP",
    "CREAT": "서버 생성 OP",
    "SETUP": "서버 셋업 OP",
    "SHTDN": "서버 셧다운 OP",
    "RESTA": "서버 재시작 OP",
}
PLATFORM_NAMES = {"WND64": "Windows 64 Bit", "LNX64": "Linux 64 Bit", "UBD64": "Ubuntu Desktop 64 Bit"}
TYPE_NAMES = {"STAND": "Standard", "HICPU": "High CPU"}
IMAGES = {
    ("XEN", "WND64"): ("SW.VSVR.OS.WND64.WND.SVR2019EN.B100", "16187005"),
    ("XEN", "LNX64"): ("SW.VSVR.OS.LNX64.UBNTU.SVR2004.B050", "17552318"),
    ("KVM", "WND64"): ("SW.VSVR.OS.WND64.WND.SVR2022EN.G003", "23221307"),
    ("KVM", "LNX64"): ("SW.VSVR.OS.LNX64.UBNTU.SVR22.G003", "23214590"),
}
EVENTS = ["2026-11-29 02:00 ~ 06:00 (KST) 서버 점검 예정"]


def _code(code: str, names: dict[str, str]) -> Record:
    return {"code": code, "codeName": names.get(code, code)}


def region_record(region: str) -> Record:
    """One entry of ``regionList``."""
    return {"regionCode": region, "regionName": REGION_NAMES.get(region, region)}


def zone_records(region: str) -> list[Record]:
    return [
        {
            "zoneCode": f"{region}-{n}",
            "zoneName": f"{REGION_NAMES.get(region, region)} {n}",
            "zoneDescription": f"{region} zone {n}",
            "regionCode": region,
        }
        for n in (1, 2)
    ]


def server_record(machine: Machine) -> Record:
    """One entry of ``serverInstanceList``, field by field as the documented example has them."""
    generation = "KVM" if machine.hypervisor == "KVM" else "XEN"
    image_code, image_no = IMAGES[generation, machine.image]
    kind = "HICPU" if machine.memory_gib == 2 * machine.cpu_count else "STAND"
    size = f"C{machine.cpu_count:03d}.M{machine.memory_gib:03d}"
    spec = f"{'c' if kind == 'HICPU' else 's'}{machine.cpu_count}"
    record: Record = {
        "serverInstanceNo": machine.number,
        "serverName": machine.name,
        "serverDescription": machine.description,
        "cpuCount": machine.cpu_count,
        "memorySize": machine.memory_gib * GIB,
        "platformType": _code(machine.platform, PLATFORM_NAMES),
        "loginKeyName": "ops",
        "publicIpInstanceNo": f"9{machine.number[1:]}" if machine.public_ip else "",
        "publicIp": machine.public_ip,
        "serverInstanceStatus": _code(machine.status, STATUS_NAMES),
        "serverInstanceOperation": _code(machine.operation, OPERATION_NAMES),
        "serverInstanceStatusName": machine.status_name,
        "createDate": machine.created,
        "uptime": machine.uptime,
        "serverImageProductCode": image_code,
        "serverProductCode": f"SVR.VSVR.{kind}.{size}.G003"
        if generation == "KVM"
        else f"SVR.VSVR.{kind}.{size}.NET.SSD.B100.G002",
        "isProtectServerTermination": machine.index % 3 == 0,
        "zoneCode": machine.zone,
        "regionCode": machine.region,
        "vpcNo": vpc_no(machine),
        "subnetNo": subnet_no(machine),
        "networkInterfaceNoList": [interface_no(machine, n) for n in range(len(machine.private_ips))],
        "initScriptNo": "",
        "serverInstanceType": _code(kind, TYPE_NAMES),
        "baseBlockStorageDiskType": _code("NET", {"NET": "네트웍 스토리지"}),
        "baseBlockStorageDiskDetailType": _code("SSD", {"SSD": "SSD"}),
        "placementGroupNo": "",
        "placementGroupName": "",
        "memberServerImageInstanceNo": "",
        "hypervisorType": _code(machine.hypervisor, {}) if machine.hypervisor else None,
        "serverImageNo": image_no,
        "serverSpecCode": f"{spec}-g3" if generation == "KVM" else f"{spec}-g2-s{machine.cpu_count * 50}",
        "eventList": EVENTS if machine.kind is ServerKind.XEN_WINDOWS and machine.index == EVENT_AT else [],
        "fabricClusterPoolNo": "",
        "fabricClusterPoolName": "",
        "fabricClusterMode": "",
        "fabricClusterNo": "",
        "fabricClusterName": "",
    }
    if machine.hypervisor is None:
        del record["hypervisorType"]
    return record


def interface_record(machine: Machine, n: int) -> Record:
    """The ``n``-th (from 0) entry of ``networkInterfaceList`` of a server."""
    return {
        "networkInterfaceNo": interface_no(machine, n),
        "networkInterfaceName": f"nic-{machine.index:05d}-{n}",
        "subnetNo": subnet_no(machine),
        "deleteOnTermination": True,
        "isDefault": n == 0,
        "deviceName": f"eth{n}",
        "networkInterfaceStatus": _code("USED", {"USED": "사용 중"}),
        "instanceType": _code("VSVR", {"VSVR": "서버 (VPC)"}),
        "instanceNo": machine.number,
        "ip": machine.private_ips[n],
        "secondaryIpList": list(machine.secondary_ips) if n == 0 else [],
        "macAddress": "f2:20:af:" + (int(interface_no(machine, n)) & 0xFFFFFF).to_bytes(3, "big").hex(":"),
        "enableFlowLog": machine.index % 5 == 0,
        "accessControlGroupNoList": ["48341"],
        "networkInterfaceDescription": "",
    }


def interface_no(machine: Machine, n: int) -> str:
    """Its own number, apart from all server numbers."""
    return f"{n + 1}{machine.number}"


def vpc_no(machine: Machine) -> str:
    """Every fourth server lives in a second VPC; one that has no network yet lives in none."""
    if not machine.private_ips:
        return ""
    return VPC_NO if machine.index % 4 else "10376"


def subnet_no(machine: Machine) -> str:
    """One subnet per zone and VPC."""
    return f"{vpc_no(machine)}{machine.zone[-1]}" if machine.private_ips else ""


def subnet_name(machine: Machine) -> str:
    """Known by filters alone: no record tells it."""
    return f"subnet-{subnet_no(machine)}"
