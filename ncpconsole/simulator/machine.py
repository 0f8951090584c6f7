"""One simulated server, and the kinds of servers a fleet is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
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
    FAILED = "failed"
    NO_HYPERVISOR = "no-hypervisor"
    BARE_METAL = "bare-metal"
    CONTRADICTORY = "contradictory"


@dataclass(frozen=True, slots=True)
class Nature:
    """The coded values of a kind. ``hypervisor`` None: the record has no such field; empty: it is null.

    ``image`` is the operating system family in the image's product code. The status stays RUN while a server
    shuts down or reboots; only the operation tells (server API guide).
    """

    hypervisor: str | None
    platform: str
    image: str
    status: str = "RUN"
    operation: str = "NULL"
    status_name: str = "running"


NATURES: dict[Kind, Nature] = {
    Kind.XEN_WINDOWS: Nature("XEN", "WND64", "WND64"),
    Kind.KVM_WINDOWS: Nature("KVM", "WND64", "WND64"),
    Kind.KVM_LINUX: Nature("KVM", "UBD64", "LNX64"),
    Kind.XEN_LINUX: Nature("XEN", "LNX64", "LNX64"),
    Kind.STOPPED: Nature("XEN", "WND64", "WND64", "NSTOP", "NULL", "stopped"),
    Kind.STOPPED_LINUX: Nature("KVM", "UBD64", "LNX64", "NSTOP", "NULL", "stopped"),
    Kind.SHUTTING_DOWN: Nature("XEN", "WND64", "WND64", "RUN", "SHTDN", "shutting down"),
    Kind.REBOOTING: Nature("XEN", "WND64", "WND64", "RUN", "RESTA", "rebooting"),
    Kind.SETTING_UP: Nature("XEN", "WND64", "WND64", "RUN", "SETUP", "setting up"),
    Kind.CREATING: Nature("XEN", "WND64", "WND64", "CREAT", "CREAT", "creating"),
    Kind.FAILED: Nature("XEN", "WND64", "WND64", "RS_FL", "NULL", "reboot failed"),
    Kind.NO_HYPERVISOR: Nature(None, "WND64", "WND64"),
    Kind.BARE_METAL: Nature("", "WND64", "WND64"),
    Kind.CONTRADICTORY: Nature("XEN", "WND64", "LNX64"),
}


@dataclass(frozen=True, slots=True)
class Machine:
    """One server as the simulator knows it. Dates are in NCP's text form; ``index`` counts from 1."""

    number: str
    index: int
    name: str
    description: str
    kind: Kind
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
    created: str
    uptime: str
