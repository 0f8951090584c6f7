"""What the API says, as values. Codes are kept as text; unknown fields are ignored.

Sources: the public API pages of getServerInstanceList, getRegionList and getNetworkInterfaceList, and of the
Cloud Activity Tracer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

import msgspec
import msgspec.structs

TEXT_LIMIT = 1024
"""Longest text of a record, in characters. What is longer is cut when it is decoded, and ends in an ellipsis."""

Text = Annotated[str, msgspec.Meta(max_length=TEXT_LIMIT)]


Texts = tuple[Text, ...]


def cut(text: str) -> str:
    """The text at its longest; a name that was cut is one that the console calls altered."""
    return text if len(text) <= TEXT_LIMIT else f"{text[: TEXT_LIMIT - 1]}…"


class Code(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A coded value. Compare ``code`` only: ``code_name`` is localized."""

    code: Text = ""
    code_name: Text = ""


NO_CODE = Code()


class Server(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One server instance, as listed. Dates are the API's own text (``2025-06-19T16:13:43+0900``).

    ``uptime`` is the time of the last start, not a duration; ``memory_size`` is in bytes. What the texts of
    ``event_list`` may say is documented nowhere: they are shown, and nothing is read out of them.
    """

    server_instance_no: Text
    server_name: Text = ""
    server_description: Text = ""
    cpu_count: int = 0
    memory_size: int = 0
    platform_type: Code = NO_CODE
    public_ip: Text = ""
    server_instance_status: Code = NO_CODE
    server_instance_operation: Code = NO_CODE
    server_instance_status_name: Text = ""
    create_date: Text = ""
    uptime: Text = ""
    server_image_product_code: Text = ""
    server_image_no: Text = ""
    server_spec_code: Text = ""
    zone_code: Text = ""
    region_code: Text = ""
    vpc_no: Text = ""
    subnet_no: Text = ""
    hypervisor_type: Code = NO_CODE
    is_protect_server_termination: bool = False
    event_list: Texts = ()

    def as_plain(self) -> dict[str, Any]:
        """The record as plain JSON values, by the API's field names."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain | {"eventList": list(self.event_list)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """The record of `as_plain`; unknown fields are ignored. Raises ValueError for what is no record."""
        short = {name: cut(value) if isinstance(value, str) else value for name, value in plain.items()}
        return msgspec.convert(short, cls)


class Region(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One region of a site: the code is sent back as ``regionCode``; the name is localized."""

    region_code: Text
    region_name: Text = ""


class NetworkInterface(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One network interface. Its addresses are private; ``instance_no`` is the server number, or empty."""

    network_interface_no: Text = ""
    ip: Text = ""
    device_name: Text = ""
    is_default: bool = False
    instance_no: Text = ""
    mac_address: Text = ""
    secondary_ip_list: Texts = ()
    enable_flow_log: bool = False


class KeptRegion(msgspec.Struct, frozen=True, gc=False):
    """One region's list, as it was read at ``read_at`` (an aware time).

    ``more`` is how many servers are to follow where this is the beginning of a list.
    """

    code: Text
    read_at: datetime
    servers: tuple[Server, ...] = ()
    interfaces: tuple[NetworkInterface, ...] = ()
    more: int = 0


REPEATED: dict[type[msgspec.Struct], tuple[str, ...]] = {
    Server: (
        "memory_size", "platform_type", "server_instance_status", "server_instance_operation",
        "server_instance_status_name", "server_image_product_code", "server_image_no", "server_spec_code", "zone_code",
        "region_code", "vpc_no", "subnet_no", "hypervisor_type",
    ),
    NetworkInterface: ("device_name",),
}  # fmt: skip
"""The fields whose values many records of a list have in common."""


def share_repeated(records: Iterable[msgspec.Struct]) -> None:
    """Let records that were just decoded, and that nobody else has yet, hold one object for each equal value.

    Half of what 10,000 servers take is such copies. Takes 2 ms for 1,000 servers.
    """
    one_of: dict[object, object] = {}
    for record in records:
        for name in REPEATED[type(record)]:
            value = getattr(record, name)
            if (shared := one_of.setdefault(value, value)) is not value:
                msgspec.structs.force_setattr(record, name, shared)


class Activity(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One line of the Cloud Activity Tracer. ``event_time`` is in milliseconds since the epoch."""

    history_id: Text = ""
    event_time: int = 0
    region_code: Text = ""
    resource_type: Text = ""
    resource_id: Text = ""
    action_display_name: Text = ""
    action_result_type: Text = ""
    action_user_type: Text = ""
    action_sub_account_no: Text = ""
    source_type: Text = ""
    source_ip: Text = ""
