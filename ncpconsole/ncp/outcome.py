"""Decides the outcome of an interrupt from its answer: a pure function over status, headers and body.

Accepted needs a success status, the return code 0 as NCP writes it, and no server but the one that was meant anywhere
in the answer. Rejected needs a code that says a plain no, in one of NCP's shapes. Everything else was sent and is
unknown, also a 4xx of another form: whoever wrote it is not NCP, and may have handed the request on before.

Codes and numbers are compared as they came: what is made presentable first may come out as something else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ncpconsole.language import Sentence
from ncpconsole.ncp.responses import (
    CODE_LIMIT,
    Fault,
    Response,
    clock_offset,
    clock_sentence,
    described,
    fault_in,
    ids_of,
    masked,
    read_document,
    to_plain_text,
    unwrap,
)
from ncpconsole.ncp.results import FIND_OUT_FIRST, Outcome, SendResult, facts_behind

RESPONSE = "interruptServerInstanceResponse"
SUCCESS = {200, 201, 202}
REQUEST_TIMEOUT = 408
CODE = re.compile(r"[1-9][0-9]{0,9}")
PASSED_ON = {"500", "510", "900"}
"""The gateway's codes for a request that went on to the endpoint; what it did there is not known."""
UNDECIDED = {"1000", "3000100"}
"""The service's "try again later" and "external interworking failed": a part of it may have been done."""
CODE_NAME = re.compile("(error|return|response)code")
ERROR_NAME = re.compile("(response)?error")
LIST_NAME = re.compile("serverinstance(no)?list")
NUMBER_NAME = re.compile("serverinstanceno.*")
TOTAL_NAME = re.compile("totalrows")
"""Folded names of an answer; parameters count the numbers of a list, as in ``serverInstanceNoList.1``."""


def classify(answer: Response, server_no: str, method: str, *, now: float, access_key: str = "") -> SendResult:
    """The outcome that a complete answer proves; ``now`` is this machine's clock, seconds since the epoch.

    ``access_key`` is taken out of the texts, should the answer repeat it.
    """
    document = read_document(answer.body, keep_repeated=True)
    fault = fault_in(document)
    result = _result_in(document) if document is not None else {}
    code, text = (fault.code, fault.message) if fault else ("", "")
    if fault is None and answer.status in SUCCESS:
        code = to_plain_text(result.get("returnCode"), CODE_LIMIT)
        text = to_plain_text(result.get("returnMessage"))
    outcome, why = _judged(answer.status, document, fault, result, server_no, access_key=access_key)
    code, text = masked(code, access_key), masked(text, access_key)
    request_ids, trace_id = ids_of(answer.headers, document)
    repeated = "" if outcome is Outcome.REJECTED else text
    facts = described(answer.status, Fault("", code, repeated) if code else None, request_ids)
    late = clock_sentence(clock_offset(answer.headers, now)) if answer.status == 401 else ""
    if outcome is Outcome.UNKNOWN:
        said = Sentence.joined(_unknown_since(why), FIND_OUT_FIRST)
    elif outcome is Outcome.ACCEPTED:
        said = Sentence("NCP accepted the interrupt.")
    elif text:
        refused = Sentence("NCP rejected the interrupt: {message}.", message=text.rstrip("."))
        said = Sentence.joined(refused, late)
    else:
        said = Sentence.joined(Sentence("NCP rejected the interrupt."), late)
    return SendResult(
        outcome=outcome,
        message=facts_behind(said, facts),
        facts=facts,
        method=method,
        http_status=answer.status,
        return_code=code,
        return_message=text,
        request_ids=request_ids,
        trace_id=trace_id,
    )


def unknown(
    why: str, method: str, status: int | None = None, headers: Mapping[str, str] | None = None, *, more: str = ""
) -> SendResult:
    """The result when the request may have left and no complete answer tells what became of it.

    ``why`` is a message without a stop, ``more`` a sentence behind it.
    """
    request_ids, trace_id = ids_of(headers or {})
    return SendResult.unknown(
        Sentence.joined(_unknown_since(why), more),
        facts=described(status, None, request_ids),
        method=method,
        http_status=status,
        request_ids=request_ids,
        trace_id=trace_id,
    )


def not_sent(why: str, method: str) -> SendResult:
    """The result when it is certain that not a byte of the request left this machine; ``why`` is a sentence."""
    return SendResult.not_sent(Sentence.joined(Sentence("Nothing was sent."), why), method=method)


def _unknown_since(why: str) -> Sentence:
    return Sentence("The outcome is unknown: {why}.", why=why)


def _judged(
    status: int,
    document: dict[str, Any] | None,
    fault: Fault | None,
    result: dict[str, Any],
    target: str,
    *,
    access_key: str,
) -> tuple[Outcome, str]:
    """The outcome, and of an unknown one why it is, as a message without a stop."""
    if status >= 500 or status == REQUEST_TIMEOUT or 300 <= status < 400:
        return Outcome.UNKNOWN, _instead_of_an_answer(status)
    if document is None or (fault is None and status not in SUCCESS):
        return Outcome.UNKNOWN, Sentence("the answer is not in NCP's form")
    said = _Mentioned.by(document)
    codes = {_as_written(one) for one in said.codes}
    why = _undecided_code(codes, said, fault, result)
    if not why and status not in SUCCESS and not 400 <= status < 500:
        why = Sentence("the HTTP status does not fit the answer")
    if not why and codes != {"0"}:
        return Outcome.REJECTED, ""
    if why := why or _undecided_target(said, target, access_key):
        return Outcome.UNKNOWN, why
    return Outcome.ACCEPTED, ""


def _instead_of_an_answer(status: int) -> str:
    if status >= 500:
        return Sentence("NCP failed while it had the request")
    if status == REQUEST_TIMEOUT:
        return Sentence("the gateway gave up waiting for the request")
    return Sentence("the answer is a redirect, which is not followed")


def _undecided_code(codes: set[str], said: _Mentioned, fault: Fault | None, result: dict[str, Any]) -> str:
    """Why the codes of the answer decide nothing; empty where there is one, and it says yes or a plain no."""
    has_result = isinstance(result.get("returnCode"), str | int)
    code = next(iter(codes), "")
    reasons = (
        (has_result and (fault or said.has_error), Sentence("the answer holds both an error and a result")),
        (not has_result and fault is None, Sentence("the answer has no return code")),
        (len(codes) > 1, Sentence("the answer holds more than one code")),
        (fault and code in {"", "0"}, Sentence("the answer is an error without an error's code")),
        (not code, Sentence("the return code is not in NCP's form")),
        (code in PASSED_ON, Sentence("the gateway had passed the request on before it failed")),
        (code in UNDECIDED, Sentence("NCP's code {code} leaves open whether the interrupt is carried out", code=code)),
    )
    return next((why for is_so, why in reasons if is_so), "")


def _undecided_target(said: _Mentioned, target: str, access_key: str) -> str:
    """Why an acceptance may be of another server, or of none; empty where it fits."""
    numbers = {str(number).strip() for number in said.numbers if number is not None} - {""}
    if others := sorted(numbers - {target}):
        names = masked(", ".join(to_plain_text(number, 32) for number in others[:3]), access_key)
        return Sentence("NCP accepted an interrupt, but of server {numbers}", numbers=names)
    if (said.has_list and not numbers) or any(map(_is_zero, said.totals)):
        return Sentence("NCP accepted an interrupt, but names no server")
    return ""


def _result_in(document: dict[str, Any]) -> dict[str, Any]:
    """The interrupt's response; the document itself when the return code stands at its top."""
    inner = document.get(RESPONSE)
    if isinstance(inner, dict):
        return inner
    return document if unwrap(document) is document else {}


def _as_written(code: object) -> str:
    """A code that stands there as NCP writes it, as text or as a number; empty for every other spelling."""
    if isinstance(code, bool) or not isinstance(code, str | int):
        return ""
    if code in ("0", 0):
        return "0"
    text = code if isinstance(code, str) else format(code, "d") if 0 < code < 10**10 else ""
    return text if CODE.fullmatch(text) else ""


def _is_zero(total: object) -> bool:
    try:
        return float(str(total)) == 0
    except ValueError:
        return False


@dataclass(slots=True)
class _Mentioned:
    """What stands at any depth of an answer, under names in any spelling."""

    codes: list[object] = field(default_factory=list)
    numbers: list[object] = field(default_factory=list)
    totals: list[object] = field(default_factory=list)
    has_list: bool = False
    has_error: bool = False

    @classmethod
    def by(cls, document: dict[str, Any]) -> _Mentioned:
        """Look at every value once; what holds others puts them behind."""
        found = cls()
        kept = {CODE_NAME: found.codes, NUMBER_NAME: found.numbers, TOTAL_NAME: found.totals}
        ahead: list[tuple[Any, frozenset[re.Pattern[str]]]] = [(document, frozenset())]
        for value, under in ahead:  # grows on the way
            if isinstance(value, dict):
                for written, inner in value.items():
                    name = _folded(written)
                    found.has_list |= bool(LIST_NAME.fullmatch(name)) and inner is not None
                    found.has_error |= bool(ERROR_NAME.fullmatch(name)) and bool(inner)
                    ahead.append((inner, under.union(one for one in kept if one.fullmatch(name))))
            elif isinstance(value, list):
                ahead.extend((inner, under) for inner in value)
            else:
                for one in under:
                    kept[one].append(value)
        return found


def _folded(name: str) -> str:
    """A name in one spelling: small letters and digits alone."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name[:64]).casefold()))
