"""What the API says, as values. Codes are kept as text; unknown fields are ignored.

Sources: the public API pages of getServerInstanceList, getRegionList and getNetworkInterfaceList, and of the
Cloud Activity Tracer.
"""

from __future__ import annotations

from typing import Any, Self

import msgspec


class Code(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A coded value. Compare ``code`` only: ``code_name`` is localized."""

    code: str = ""
    code_name: str = ""


NO_CODE = Code()


class Server(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One server instance, as listed. Dates are the API's own text (``2025-06-19T16:13:43+0900``).

    ``uptime`` is the time of the last start, not a duration; ``memory_size`` is in bytes.
    """

    server_instance_no: str
    server_name: str = ""
    server_description: str = ""
    cpu_count: int = 0
    memory_size: int = 0
    platform_type: Code = NO_CODE
    public_ip: str = ""
    server_instance_status: Code = NO_CODE
    server_instance_operation: Code = NO_CODE
    server_instance_status_name: str = ""
    create_date: str = ""
    uptime: str = ""
    server_image_product_code: str = ""
    server_image_no: str = ""
    server_spec_code: str = ""
    zone_code: str = ""
    region_code: str = ""
    vpc_no: str = ""
    subnet_no: str = ""
    hypervisor_type: Code = NO_CODE
    is_protect_server_termination: bool = False

    def as_plain(self) -> dict[str, Any]:
        """The record as plain JSON values, by the API's field names."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """The record of `as_plain`; unknown fields are ignored. Raises ValueError for what is no record."""
        return msgspec.convert(plain, cls)


class Region(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One region of a site: the code is sent back as ``regionCode``; the name is localized."""

    region_code: str
    region_name: str = ""


class NetworkInterface(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One network interface. ``ip`` is private; ``instance_no`` is the server number, or empty."""

    network_interface_no: str = ""
    ip: str = ""
    device_name: str = ""
    is_default: bool = False
    instance_no: str = ""


class Activity(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One line of the Cloud Activity Tracer. ``event_time`` is in milliseconds since the epoch."""

    history_id: str = ""
    event_time: int = 0
    product_name: str = ""
    region_code: str = ""
    resource_type: str = ""
    resource_id: str = ""
    resource_name: str = ""
    action_display_name: str = ""
    action_result_type: str = ""
    action_user_type: str = ""
    action_sub_account_no: str = ""
    source_type: str = ""
    source_ip: str = ""
