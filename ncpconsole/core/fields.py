"""A server as JSON: the field names that scripts rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ncpconsole.core.inventory import Row


def server_fields(row: Row) -> dict[str, Any]:
    """The JSON object of one server. Names are the real ones, not those altered for display."""
    server = row.server
    return {
        "serverInstanceNo": server.server_instance_no,
        "serverName": server.server_name,
        "regionCode": row.region,
        "zoneCode": server.zone_code,
        "status": server.server_instance_status.code,
        "operation": server.server_instance_operation.code,
        "hypervisor": server.hypervisor_type.code,
        "os": row.os,
        "publicIp": server.public_ip,
        "privateIps": list(row.private_ips),
        "uptime": server.uptime,
        "verdict": "eligible" if row.verdict.eligible else "blocked",
        "reasons": list(row.verdict.reasons),
        "cautions": list(row.verdict.cautions),
    }
