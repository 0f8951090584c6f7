"""What the gateway and the service behind it say when they say no.

::

    Refusal                HTTP status, code and message
    ├── GatewayRefusal     {"error": {"errorCode", "message", "details"}}
    └── ServiceRefusal     {"responseError": {"returnCode", "returnMessage"}}

Source: the API overview page on error codes. For a server that cannot be interrupted no code is documented:
`UNKNOWN_SERVER`, `BAD_PARAMETER` and `NOT_SUPPORTED` are the simulator's own; 25013 is documented.
"""

from __future__ import annotations

BAD_PARAMETER = "1400"
UNKNOWN_SERVER = "1401"
NOT_SUPPORTED = "1402"
IN_OPERATION = "25013"


class Refusal(Exception):
    """An answer that is not a success. ``details`` is sent by the gateway family alone."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(" ".join(filter(None, (f"{status}/{code}:", message, details))))
        self.status = status
        self.code = code
        self.message = message
        self.details = details


class GatewayRefusal(Refusal):
    """The gateway turned the request away before any service saw it."""


class ServiceRefusal(Refusal):
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


def gateway_refusal(status: int, code: str, details: str = "") -> GatewayRefusal:
    """One of the gateway's documented refusals, by HTTP status and code."""
    return GatewayRefusal(status, code, GATEWAY_MESSAGES[status, code], details)


def authentication_failed(details: str) -> GatewayRefusal:
    """401 with code 200: the key, the signature or the clock is wrong."""
    return gateway_refusal(401, "200", details)


def permission_denied(details: str) -> GatewayRefusal:
    """401 with code 210: this key may not do that, or not from this address."""
    return gateway_refusal(401, "210", details)


def bad_parameter(message: str) -> ServiceRefusal:
    """A parameter is missing or out of bounds. NCP's messages hold HTML, and so do these."""
    return ServiceRefusal(400, BAD_PARAMETER, message)
