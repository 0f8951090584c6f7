"""Records for tests of the rules, one line each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ncpconsole.core.records import Draft, Intent, Origin, Resolution, ResolvedAs, State
from ncpconsole.ncp.models import Code, NetworkInterface, Server
from ncpconsole.ncp.results import Outcome

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
WINDOWS_IMAGE = "SW.VSVR.OS.WND64.WND.SVR2016EN.B100"
LINUX_IMAGE = "SW.VSVR.OS.LNX64.UBNTU.SVR2204.G003"


def server(
    number: str = "30000001",
    name: str = "web-1",
    *,
    hypervisor: str = "XEN",
    platform: str = "WND64",
    image: str = "",
    status: str = "RUN",
    operation: str = "NULL",
    region: str = "KR",
    zone: str = "KR-1",
    vpc: str = "75",
    public_ip: str = "",
    protected: bool = False,
    code_name: str = "실행 중",
) -> Server:
    """A server, eligible under every rule set unless something else is asked for."""
    return Server(
        server_instance_no=number,
        server_name=name,
        hypervisor_type=Code(hypervisor, code_name),
        platform_type=Code(platform, code_name),
        server_image_product_code=image,
        server_instance_status=Code(status, code_name),
        server_instance_operation=Code(operation, code_name),
        region_code=region,
        zone_code=zone,
        vpc_no=vpc,
        public_ip=public_ip,
        uptime="2026-11-01T09:00:00+0900",
        is_protect_server_termination=protected,
    )


def interface(number: str, ip: str, *, default: bool = True) -> NetworkInterface:
    """A network interface of a server."""
    return NetworkInterface(network_interface_no=f"nic-{ip}", ip=ip, is_default=default, instance_no=number)


def intent(
    number: str = "30000001",
    *,
    minutes_ago: float = 5,
    outcome: Outcome | None = Outcome.ACCEPTED,
    resolved: ResolvedAs | None = None,
) -> Intent:
    """An earlier interrupt, seen from `NOON`; without outcome it is still being sent."""
    time = NOON - timedelta(minutes=minutes_ago)
    return Intent(
        id=f"intent-{number}-{minutes_ago}",
        time=time,
        draft=Draft(
            gateway="https://ncloud.example",
            profile="prod",
            key_fingerprint="key-00000000",
            region_code="KR",
            server_no=number,
            server_name="web-1",
            snapshot={},
            rule_set="xen-windows",
            reason="",
            incident="",
            typed="web-1",
            method="POST",
            path="/vserver/v2/interruptServerInstance",
        ),
        origin=Origin(user="kim", host="bastion", terminal="pts/1", version="0"),
        state=State.SENDING if outcome is None else State.DONE,
        outcome=outcome,
        resolution=None if resolved is None else Resolution(resolved, "seen on the console", NOON, "kim"),
    )
