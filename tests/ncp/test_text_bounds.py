"""Text from outside: whatever stands in it, no function takes longer than its length allows, and none raises.

The functions are found by reading the source, so that a new one is measured too or is excused here by name.
Time is compared with itself: a text of twice the length may take about twice as long.
"""

from __future__ import annotations

import ast
import contextlib
import json
import ssl
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ncpconsole
from ncpconsole.core import export, filters, names, safe_text
from ncpconsole.core.eligibility import DEFAULT_RULES, RULE_SETS
from ncpconsole.core.errors import InvalidFilter
from ncpconsole.core.inventory import Inventory
from ncpconsole.ncp import decode, errors, insight, network_errors, outcome, responses
from ncpconsole.ncp.metrics import Condition, Metric
from ncpconsole.ncp.models import Server

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(ncpconsole.__path__[0])
NOW = 1_800_000_000.0
LIST = ("getServerInstanceListResponse", "serverInstanceList", Server)
(ROW,) = Inventory.build([Server("1", "web-1")], [], RULE_SETS[DEFAULT_RULES], now=datetime.now(UTC), cooldown=0).rows
OUTCOME_HEADERS = ("date", "retry-after", responses.REQUEST_ID_HEADER, responses.TRACE_ID_HEADER)


SERIES = Condition("1", Metric.CPU)


def series(text: str) -> dict[str, Any]:
    return {"metric": text, "dimensions": {"instanceNo": text}, "dps": [[text, text], text]}


def encoded(document: object) -> bytes:
    return json.dumps(document).encode()


def answer(status: int, text: str) -> responses.Response:
    body = encoded({"responseError": {"returnCode": text, "returnMessage": text, "requestId": text}, text[:4000]: text})
    return responses.Response(status, dict.fromkeys(OUTCOME_HEADERS, text[:60_000]), body)


def body(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def a_list(text: str) -> bytes:
    record = {"serverInstanceNo": text, "serverName": text, "platformType": text, "cpuCount": text}
    return encoded({LIST[0]: {LIST[1]: [record], "totalRows": text, "returnMessage": text}})


MEASURED: dict[str, Callable[[str], object]] = {
    "responses.to_plain_text": responses.to_plain_text,
    "responses.without_html": responses.without_html,
    "responses.read_document": lambda text: responses.read_document(body(text)),
    "responses.clock_offset": lambda text: responses.clock_offset({"date": text}, NOW),
    "responses.retry_after": lambda text: responses.retry_after({"retry-after": text}, NOW),
    "responses.api_error": lambda text: responses.api_error(answer(400, text), NOW, "AK"),
    "responses.refused_with_200": lambda text: responses.refused_with_200(answer(200, text), text, text, NOW),
    "responses.read_json": lambda text: responses.read_json(body(text)),
    "responses.flat_fault": lambda text: responses.flat_fault({"code": text, "message": text, "error": text}),
    "insight.matched": lambda text: insight.matched(encoded([series(text), text, {text[:9]: text}]), [SERIES]),
    "responses.fault_in": lambda text: responses.fault_in({"error": {"errorCode": text, "message": text}}),
    "responses.unwrap": lambda text: responses.unwrap({text: {}}),
    "responses.ids_of": lambda text: responses.ids_of(
        {responses.REQUEST_ID_HEADER: text}, {"error": {"requestId": text}}
    ),
    "responses.without_key": lambda text: responses.without_key(
        responses.fault_in({"error": {"errorCode": text, "message": text}}), "AK"
    ),
    "responses.masked": lambda text: responses.masked(text, text[:1]),
    "outcome.classify": lambda text: outcome.classify(answer(400, text), "1", "POST", now=NOW),
    "outcome.unknown": lambda text: outcome.unknown(
        "x", "POST", 200, {responses.REQUEST_ID_HEADER: text, responses.TRACE_ID_HEADER: text}
    ),
    "decode.decode_list": lambda text: decode.decode_list(a_list(text), *LIST),
    "decode.raw_records": lambda text: decode.raw_records(a_list(text), *LIST[:2]),
    "decode.decode_activities": lambda text: decode.decode_activities(
        encoded({"items": [{"actionDisplayName": text, "eventTime": text}]})
    ),
    "decode.tolerant": lambda text: decode.tolerant(Server, {"serverName": text, "cpuCount": text}),
    "network_errors.explain": lambda text: network_errors.explain(
        ssl.SSLCertVerificationError(1, text), "https://gateway.invalid"
    ),
    "names.same_name_key": names.same_name_key,
    "names.confusable_key": names.confusable_key,
    "names.composed": names.composed,
    "names.folded": names.folded,
    "names.natural_key": names.natural_key,
    "safe_text.safe_text": safe_text.safe_text,
    "safe_text.safe_block": safe_text.safe_block,
    "safe_text.is_altered": safe_text.is_altered,
    "safe_text.cell_width": safe_text.cell_width,
    "safe_text.fit": lambda text: safe_text.fit(text, 60),
    "safe_text.padded": lambda text: safe_text.padded(text, 60),
    "export.escaped": export.escaped,
    "filters.parse": filters.parse,
    "filters.plain": filters.plain,
    "filters.has_whole": lambda text: filters.has_whole(text)(ROW),
}
EXCUSED = {
    "safe_text.is_medial_or_final_jamo": "one character",
    "safe_text.is_attached": "one character",
    "outcome.not_sent": "the console's own words",
    "network_errors.chain": "reads no text",
    "network_errors.is_permanent": "reads no text",
}
MODULES = (responses, outcome, decode, insight, network_errors, names, safe_text, export, filters)
OUTSIDE = {"str", "bytes", "object", "Any", "Response", "Mapping[str, str]", "dict[str, Any]", "BaseException"}

PATTERNS = [
    "<a ",
    "<a href='",
    "<![x[",
    "<!--",
    "<!",
    "<?",
    "</",
    "<",
    "<>",
    "<b>x</b>",
    "<script>",
    "&",
    "&#",
    "&#9",
    "&amp;",
    "&lt;a ",
    "a\u0301\u0316",
    "\u0301\u0316",
    "\u1112\u1161\u11ab",
    "한국어 ",
    "\ufdfa",
    "ß",
    "1",
    "0",
    "-",
    " ",
    "\n",
    "\r\n",
    "\x1b[",
    "\u202e",
    "\ufeff",
    "\\x4",
    "\\x41",
    "\ud800",
    "%",
    "|",
    "@www.://",
    "1,",
    "Mon, ",
    "(",
    '"',
    "[",
    "{",
    '{"a":',
]
ODD = ["", "\x00", "<![x[", "<!DOCTYPE", "&#x110000;", "&#9999999999;", "9" * 5000, "\udfff", "1e999"]
LENGTHS = [2**10 * 4**power for power in range(5)]
"""From 1 to 256 thousand characters. What is quadratic takes sixteen times as long at each step."""
TOLD = (errors.NcpError, InvalidFilter)
"""What an operator is told of an answer that cannot be used, or of a filter that cannot be meant."""
NOISE = 0.05
"""Seconds that a machine may lose by itself."""


def public_functions() -> set[str]:
    """The functions of the modules that are handed something from outside."""
    found = set()
    for module in MODULES:
        short = module.__name__.rpartition(".")[2]
        for node in ast.parse(Path(str(module.__file__)).read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                kinds = {ast.unparse(one.annotation).partition(" |")[0] for one in node.args.args if one.annotation}
                if kinds & OUTSIDE:
                    found.add(f"{short}.{node.name}")
    return found


def test_every_function_that_sees_outside_text_is_measured() -> None:
    assert public_functions() - set(EXCUSED) == set(MEASURED)
    assert not set(EXCUSED) & set(MEASURED)


def test_only_measured_modules_normalise_or_take_markup_apart() -> None:
    """Normalising and reading HTML are what takes more than its time; new places of it come under measure."""
    costly = {"unicodedata", "html", "html.parser", "html.entities"}
    measured = {Path(str(module.__file__)) for module in MODULES}
    others = {}
    for path in ROOT.rglob("*.py"):
        if path in measured or path.is_relative_to(ROOT / "simulator"):
            continue
        imported = {
            name
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            for name in (
                [one.name for one in node.names]
                if isinstance(node, ast.Import)
                else [str(node.module)]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        if found := imported & costly:
            others[path.relative_to(ROOT).as_posix()] = found
    # A key of the operator, of 512 characters at most; names of settings, of the operator's own file; our own help.
    ours = ("ncp/signing.py", "config/settings.py", "cli/output.py")
    assert others == {name: {"unicodedata"} for name in ours}


def seconds(function: Callable[[str], object], text: str) -> float:
    """How long one call takes of the processor."""
    begun = time.process_time()
    with contextlib.suppress(*TOLD):
        function(text)
    return time.process_time() - begun


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURED)
def test_four_times_the_text_takes_about_four_times_the_time(name: str) -> None:
    for pattern in PATTERNS:
        before = 0.0
        for length in LENGTHS:
            text = (pattern * (length // len(pattern) + 1))[:length]
            taken, bound = seconds(MEASURED[name], text), NOISE + 6 * before
            if bound <= taken < 1:
                taken = min(taken, seconds(MEASURED[name], text))  # it may have been held up
            assert taken < bound, (
                f"{length} characters of {pattern!a} took {taken:.3f} s, a quarter of them {before:.3f}"
            )
            before = taken


@pytest.mark.parametrize("name", MEASURED)
def test_no_text_raises_but_with_a_sentence(name: str) -> None:
    for text in ODD:
        with contextlib.suppress(*TOLD):
            MEASURED[name](text)


def test_a_value_that_is_no_text_is_no_text() -> None:
    values: list[Any] = [10**5000, float("inf"), float("nan"), -0.0, b"x", {"a": 1}, [], None, True, object()]
    for value in values:
        assert len(responses.to_plain_text(value)) <= responses.MESSAGE_LIMIT
