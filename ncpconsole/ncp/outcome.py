"""From the answer to an interrupt to the one honest outcome: a pure function over status, headers and body.

Accepted needs HTTP 200, returnCode 0 and no other server in the echo. Rejected needs NCP's own words: a 4xx
or another returnCode in NCP's shape. Everything else was sent and is unknown, also a 4xx of another form:
whoever wrote it is not NCP, and may have handed the request on before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ncpconsole.ncp.responses import (
    Fault,
    Response,
    clock_offset,
    clock_sentence,
    described,
    fault_in,
    ids_of,
    read_document,
    to_plain_text,
    unwrap,
)
from ncpconsole.ncp.results import FIND_OUT_FIRST, Outcome, SendResult

RESPONSE = "interruptServerInstanceResponse"
FORWARDED = {"500", "510", "900"}
"""Gateway codes that mean the request went on to the endpoint; what it did there is not known."""


def classify(answer: Response, server_no: str, method: str, *, now: float) -> SendResult:
    """The outcome that a complete answer proves; ``now`` is this machine's clock, seconds since the epoch."""
    document = read_document(answer.body)
    fault = fault_in(document)
    outcome, sentence, (code, text) = _classify(answer, document, fault, server_no, now)
    request_id, trace_id = ids_of(answer.headers, document)
    repeated = "" if outcome is Outcome.REJECTED else text
    facts = described(answer.status, Fault("", code, repeated) if code else None, request_id)
    return SendResult(
        outcome=outcome,
        message=_message(outcome, sentence, facts),
        method=method,
        http_status=answer.status,
        return_code=code,
        return_message=text,
        request_id=request_id,
        trace_id=trace_id,
    )


def unknown(
    sentence: str, method: str, status: int | None = None, headers: Mapping[str, str] | None = None
) -> SendResult:
    """The result when the request may have left and no complete answer tells what became of it."""
    request_id, trace_id = ids_of(headers or {})
    return SendResult.unknown(
        f"The outcome is unknown: {sentence}.",
        facts=described(status, None, request_id),
        method=method,
        http_status=status,
        request_id=request_id,
        trace_id=trace_id,
    )


def not_sent(sentence: str, method: str) -> SendResult:
    """The result when it is certain that not a byte of the request left this machine."""
    # What another part says in a sentence of its own is not drawn into this one.
    link = "." if sentence[:1].isupper() else ":"
    return SendResult.not_sent(f"Nothing was sent{link} {sentence}.", method=method)


def _message(outcome: Outcome, sentence: str, facts: str) -> str:
    """The meaning first, then what to do, and the facts behind both in brackets."""
    parts = [f"{sentence}."]
    if outcome is Outcome.UNKNOWN:
        parts.append(FIND_OUT_FIRST)
    if facts:
        parts.append(f"({facts})")
    return " ".join(parts)


Judgement = tuple[Outcome, str, tuple[str, str]]


def _classify(
    answer: Response, document: dict[str, Any] | None, fault: Fault | None, server_no: str, now: float
) -> Judgement:
    said = (fault.code, fault.message) if fault else ("", "")
    if answer.status >= 500 or 300 <= answer.status < 400:
        why = (
            "NCP failed while it had the request"
            if answer.status >= 500
            else "the answer is a redirect, which is not followed"
        )
        return Outcome.UNKNOWN, f"The outcome is unknown: {why}", said
    if fault is not None:
        return _judge_fault(answer, document or {}, fault, now)
    if answer.status != 200 or document is None:
        return Outcome.UNKNOWN, "The outcome is unknown: the answer is not in NCP's form", said
    return _judge_success(document, server_no)


def _judge_fault(answer: Response, document: dict[str, Any], fault: Fault, now: float) -> Judgement:
    said = fault.code, fault.message
    if len(document) > 1 and _return_code(_body_of(document)) is not None:
        return Outcome.UNKNOWN, "The outcome is unknown: the answer holds both an error and a result", said
    if fault.family == "gateway" and fault.code in FORWARDED:
        return (Outcome.UNKNOWN, "The outcome is unknown: the gateway had passed the request on before it failed", said)
    if answer.status != 200 and not 400 <= answer.status < 500:
        return Outcome.UNKNOWN, "The outcome is unknown: the HTTP status does not fit the answer", said
    if _is_zero(fault.code):
        return Outcome.UNKNOWN, "The outcome is unknown: the answer is an error without an error's code", said
    late = clock_sentence(clock_offset(answer.headers, now)) if answer.status == 401 else ""
    return _rejected(said, late)


def _rejected(said: tuple[str, str], late: str = "") -> Judgement:
    why = said[1].rstrip(".")
    words = f"NCP rejected the interrupt{f': {why}' if why else ''}{f'; {late}' if late else ''}"
    return Outcome.REJECTED, words, said


def _judge_success(document: dict[str, Any], server_no: str) -> Judgement:
    inner = _body_of(document)
    code, text = _return_code(inner), to_plain_text(inner.get("returnMessage"))
    if code is None:
        return Outcome.UNKNOWN, "The outcome is unknown: the answer has no return code", ("", text)
    said = code, text
    if code != "0" and _is_zero(code):
        return Outcome.UNKNOWN, "The outcome is unknown: the return code is not in NCP's form", said
    if code != "0":
        return _rejected(said)
    others = sorted(_echoed_numbers(inner) - {server_no})
    if others:
        names = ", ".join(to_plain_text(number, 32) for number in others[:3])
        return (Outcome.UNKNOWN, f"The outcome is unknown: NCP accepted an interrupt, but of server {names}", said)
    return Outcome.ACCEPTED, "NCP accepted the interrupt", said


def _body_of(document: dict[str, Any]) -> dict[str, Any]:
    """The interrupt's response; the document itself when the return code stands at its top."""
    inner = document.get(RESPONSE)
    if isinstance(inner, dict):
        return inner
    return document if unwrap(document) is document else {}


def _return_code(inner: dict[str, Any]) -> str | None:
    code = inner.get("returnCode")
    return to_plain_text(code, 64) or None if isinstance(code, str | int) else None


def _is_zero(code: str) -> bool:
    try:
        return float(code) == 0
    except ValueError:
        return False


def _echoed_numbers(inner: dict[str, Any]) -> set[str]:
    """Every server number the answer names, in the list of records or in the bare list of numbers."""
    numbers: set[str] = set()
    for name in ("serverInstanceList", "serverInstanceNoList"):
        listed = inner.get(name)
        for one in listed if isinstance(listed, list) else [listed]:
            number = one.get("serverInstanceNo") if isinstance(one, dict) else one
            if isinstance(number, str | int) and not isinstance(number, bool) and str(number).strip():
                numbers.add(str(number).strip())
    return numbers
