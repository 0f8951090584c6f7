"""Which interrupts NCP would refuse, written down apart from the console's own rules: a second opinion.

Source: the user guide's section on interrupting a server. KVM: Linux and Windows; XEN: Windows; running only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.simulator.refusals import (
    IN_OPERATION,
    NOT_SUPPORTED,
    UNKNOWN_SERVER,
    ServiceRefusal,
    bad_parameter,
)

if TYPE_CHECKING:
    from ncpconsole.simulator.account_state import Estate
    from ncpconsole.simulator.machine import Machine

SUPPORTED = {("XEN", "WINDOWS"), ("KVM", "WINDOWS"), ("KVM", "LINUX")}


def interrupt(estate: Estate, region: str, number: str, now: float) -> Machine:
    """Interrupt one server; returns it as it is then. Raises ServiceRefusal where NCP would say no."""
    if not number:
        raise bad_parameter("Parameter <strong>serverInstanceNo</strong> is required.")
    machine = estate.machine(number)
    if machine is None or machine.region != region:
        raise ServiceRefusal(
            400, UNKNOWN_SERVER, f"Server instance <strong>{number[:40]}</strong> not found."
        )
    if machine.operation != "NULL":
        raise ServiceRefusal(
            400,
            IN_OPERATION,
            "The specified object is <strong>in operation</strong>.<br>Please try again later.",
        )
    if machine.status != "RUN":
        raise ServiceRefusal(400, NOT_SUPPORTED, "Only a <strong>running</strong> server can be interrupted.")
    system = {"WND": "WINDOWS", "LNX": "LINUX"}.get(machine.image[:3], "")
    if (machine.hypervisor or "", system) not in SUPPORTED:
        raise ServiceRefusal(
            400, NOT_SUPPORTED, "This server type does not support the <strong>interrupt</strong> function."
        )
    return estate.interrupted(number, now)
