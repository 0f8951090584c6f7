"""From an error answer to the exception and the sentence an operator can act on."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from ncpconsole.ncp.errors import (
    ApiError,
    AuthenticationFailed,
    GatewayFailure,
    NcpError,
    NotFound,
    PermissionDenied,
    Throttled,
    UnreadableAnswer,
)
from ncpconsole.ncp.responses import Answer, Fault, fault_in, ids_of, plain, read_document

if TYPE_CHECKING:
    from collections.abc import Mapping

CLOCK_TOLERANCE = 5 * 60
SERVICE_TRY_LATER = "1000"
SERVICE_NO_AUTHORITY = "800"
GATEWAY_NO_PERMISSION = "210"
ADVICE: dict[type[NcpError], str] = {
    Throttled: "NCP asks to slow down; wait a moment, then try again",
    AuthenticationFailed: "NCP does not accept this key; check the access key and the secret key",
    PermissionDenied: (
        "NCP does not permit this to the key; check the sub account's permissions, "
        "its allowed addresses and its API access"
    ),
    NotFound: "NCP has no such API at this address; check the site or the API address",
    GatewayFailure: "NCP failed to answer; try again in a moment",
    ApiError: "NCP refused the request",
    UnreadableAnswer: (
        "The answer is not in NCP's form; a proxy or a login page of this network may stand in between"
    ),
}


def clock_offset(headers: Mapping[str, str], now: float) -> float | None:
    """The gateway's clock minus this machine's, in seconds, by the ``Date`` header; None without one.

    ``now`` is this machine's clock in seconds since the epoch. A Date is cut to whole seconds.
    """
    try:
        date = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    try:
        return date.timestamp() - now
    except (ValueError, OverflowError):
        return None


def clock_sentence(offset: float | None) -> str:
    """What is wrong with this machine's clock, or nothing when it is within the five minutes NCP allows."""
    if offset is None or abs(offset) < CLOCK_TOLERANCE:
        return ""
    minutes = round(abs(offset) / 60)
    return (
        f"your clock is {minutes} minutes {'behind' if offset > 0 else 'ahead of'} NCP's; "
        "set this machine's clock, then try again"
    )


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The ``Retry-After`` header in seconds from now, given as seconds or as a date; None without one."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    if not text:
        return None
    until = clock_offset({"date": text}, now)
    return None if until is None else max(0.0, until)


def api_error(answer: Answer, now: float, access_key: str = "") -> NcpError:
    """The exception for an answer that is an error, whether or not its body is in NCP's shape.

    ``now`` is this machine's clock in seconds since the epoch, for the clock difference; ``access_key`` is
    taken out of the texts, should the answer repeat it.
    """
    document = read_document(answer.body)
    fault = without_key(fault_in(document), access_key)
    kind, advice = _kind(answer.status, fault)
    if kind is AuthenticationFailed and (late := clock_sentence(clock_offset(answer.headers, now))):
        advice = f"NCP refused the request's time: {late}"
    return _error(kind, advice, answer, fault, now)


def refused_with_200(answer: Answer, code: str, message: str, now: float) -> NcpError:
    """The exception for a list answer with HTTP 200 whose return code is not 0."""
    fault = Fault("service", plain(code, 64), message)
    kind, advice = _kind(answer.status, fault)
    return _error(kind, advice, answer, fault, now)


def _error(kind: type[NcpError], advice: str, answer: Answer, fault: Fault | None, now: float) -> NcpError:
    request_id, trace_id = ids_of(answer.headers, read_document(answer.body))
    return kind(
        f"{advice} ({described(answer.status, fault, request_id)}).",
        http_status=answer.status,
        code=fault.code if fault else "",
        ncp_message=fault.message if fault else "",
        request_id=request_id,
        trace_id=trace_id,
        clock_offset=clock_offset(answer.headers, now),
        retry_after=retry_after(answer.headers, now),
    )


def without_key(fault: Fault | None, access_key: str) -> Fault | None:
    """The fault with the access key masked wherever its texts repeat it."""
    if fault is None or not access_key or access_key not in fault.code + fault.message:
        return fault
    mask = "[access key]"
    return Fault(fault.family, fault.code.replace(access_key, mask), fault.message.replace(access_key, mask))


def described(status: int | None, fault: Fault | None, request_id: str) -> str:
    """The facts of an error for the end of a sentence: status, NCP's code and message, request id."""
    parts = [] if status is None else [f"HTTP {status}"]
    if fault is not None:
        parts.append(f"code {fault.code}" + (f": {fault.message.rstrip('.')}" if fault.message else ""))
    text = ", ".join(parts)
    return f"{text}; request id {request_id}" if request_id else text


def _kind(status: int, fault: Fault | None) -> tuple[type[NcpError], str]:
    """The class of the error, and what it means for the operator."""
    code = fault.code if fault else ""
    service = fault is not None and fault.family == "service"
    kind: type[NcpError]
    if status == 429 or (service and code == SERVICE_TRY_LATER):
        kind = Throttled
    elif status == 401 and code != GATEWAY_NO_PERMISSION:
        kind = AuthenticationFailed
    elif fault is not None and (status in {401, 403} or (service and code == SERVICE_NO_AUTHORITY)):
        kind = PermissionDenied
    elif status == 404 and fault is not None:
        kind = NotFound
    elif status >= 500:
        kind = GatewayFailure
    else:
        kind = ApiError if fault is not None else UnreadableAnswer
    return kind, ADVICE[kind]
