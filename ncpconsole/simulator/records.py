"""What the API says of a region, a zone, a server and a network interface, as plain JSON values.

Source: the response pages of getRegionList, getZoneList, getServerInstanceList and getNetworkInterfaceList.
Identifiers are texts; ``codeName`` texts are localized, here in Korean, as the real gateway's are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ncpconsole.simulator.machine import Machine

Record = dict[str, Any]

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
PLATFORM_NAMES = {"WND64": "윈도우 64 비트", "LNX64": "리눅스 64 비트", "UBD64": "우분투 데스크톱 64 비트"}
IMAGES = {
    "WND64": ("SW.VSVR.OS.WND64.WND.SVR2019EN.B100", "16187005"),
    "LNX64": ("SW.VSVR.OS.LNX64.UBNTU.SVR2004.B050", "17552318"),
}


def _code(code: str, names: dict[str, str]) -> Record:
    return {"code": code, "codeName": names.get(code, code)}


def region_record(region: str) -> Record:
    """One entry of ``regionList``."""
    return {"regionCode": region, "regionName": REGION_NAMES.get(region, region)}


def zone_records(region: str) -> list[Record]:
    """The two zones of a region."""
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
    image_code, image_no = IMAGES[machine.image]
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
        "serverProductCode": product_code(machine),
        "isProtectServerTermination": machine.index % 3 == 0,
        "zoneCode": machine.zone,
        "regionCode": machine.region,
        "vpcNo": vpc_no(machine),
        "subnetNo": subnet_no(machine),
        "networkInterfaceNoList": [interface_no(machine, n) for n in range(len(machine.private_ips))],
        "initScriptNo": "",
        "serverInstanceType": _code("STAND", {"STAND": "표준"}),
        "baseBlockStorageDiskType": _code("NET", {"NET": "네트워크 스토리지"}),
        "baseBlockStorageDiskDetailType": _code("SSD", {"SSD": "SSD"}),
        "placementGroupNo": "",
        "placementGroupName": "",
        "memberServerImageInstanceNo": "",
        "serverImageNo": image_no,
        "serverSpecCode": f"s2-g2-s{machine.cpu_count * 50}",
        "eventList": [],
        "fabricClusterPoolNo": "",
        "fabricClusterPoolName": "",
        "fabricClusterMode": "",
        "fabricClusterNo": "",
        "fabricClusterName": "",
    }
    if machine.hypervisor is not None:
        known = machine.hypervisor
        record["hypervisorType"] = _code(known, {}) if known else None
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
        "accessControlGroupNoList": ["48341"],
        "networkInterfaceDescription": "",
    }


def product_code(machine: Machine) -> str:
    """The server product, by its size."""
    return f"SVR.VSVR.STAND.C{machine.cpu_count:03d}.M{machine.memory_gib:03d}.NET.SSD.B100.G002"


def interface_no(machine: Machine, n: int) -> str:
    """Its own number, apart from all server numbers."""
    return f"{n + 1}{machine.number}"


def vpc_no(machine: Machine) -> str:
    """Every fourth server lives in a second VPC."""
    return VPC_NO if machine.index % 4 else "10376"


def subnet_no(machine: Machine) -> str:
    """One subnet per zone and VPC."""
    return f"{vpc_no(machine)}{machine.zone[-1]}"
