"""The outcome that an answer proves: pure, total, and never better than what was said."""

from __future__ import annotations

import json
import re
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.ncp.outcome import classify, not_sent, unknown
from ncpconsole.ncp.responses import Response
from ncpconsole.ncp.results import FIND_OUT_FIRST, Outcome
from tests.ncp.raw_gateway import TARGET, success

NOW = 1_800_000_000.0
DOCUMENTED = (Path(__file__).parent / "data" / "interrupt-response.json").read_bytes()


def outcome(status: int, body: bytes, server_no: str = TARGET) -> Outcome:
    return classify(Response(status, {}, body), server_no, "POST", now=NOW).outcome


def test_the_documented_answer_is_accepted_for_its_server_alone() -> None:
    result = classify(Response(200, {}, DOCUMENTED), "*****3161", "GET", now=NOW)
    assert result.outcome is Outcome.ACCEPTED
    assert (result.http_status, result.return_code, result.return_message) == (200, "0", "success")
    assert result.request_id == "3698198d-df7b-4cd3-a219-bd437cad8ddf"
    assert result.method == "GET"
    assert result.path == "/vserver/v2/interruptServerInstance"
    assert result.request_id in result.message
    assert outcome(200, DOCUMENTED, "30000012") is Outcome.UNKNOWN


def test_ids_and_words_of_a_refusal_are_kept() -> None:
    headers = {"x-ncp-apigw-request-id": "req-9", "x-ncp-trace-id": "trace-9"}
    body = b'{"responseError":{"returnCode":"25017","returnMessage":"<strong>In</strong> operation"}}'
    result = classify(Response(400, headers, body), TARGET, "POST", now=NOW)
    assert result.outcome is Outcome.REJECTED
    assert (result.return_code, result.return_message) == ("25017", "In operation")
    assert (result.request_id, result.trace_id) == ("req-9", "trace-9")
    for words in ("25017", "In operation", "req-9", "HTTP 400"):
        assert words in result.message


def test_a_refusal_for_the_clock_says_so() -> None:
    headers = {"date": formatdate(NOW + 600, usegmt=True)}
    body = b'{"error":{"errorCode":"200","message":"Authentication Failed"}}'
    result = classify(Response(401, headers, body), TARGET, "POST", now=NOW)
    assert result.outcome is Outcome.REJECTED
    assert "10 minutes behind" in result.message


@pytest.mark.parametrize("status", [*range(300, 309), *range(500, 512), 100, 199, 203, 204, 206, 299, 408, 600, 999])
@pytest.mark.parametrize(
    "body", [success(TARGET), b'{"error":{"errorCode":"210"}}', b'{"responseError":{"returnCode":"800"}}', b""]
)
def test_no_status_but_a_documented_success_and_4xx_proves_anything(status: int, body: bytes) -> None:
    assert outcome(status, body) is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (302, "a redirect, which is not followed"),
        (307, "a redirect, which is not followed"),
        (500, "failed while it had"),
        (504, "failed while it had"),
    ],
)
def test_what_came_instead_is_told(status: int, words: str) -> None:
    assert words in classify(Response(status, {}, b""), TARGET, "POST", now=NOW).message


@pytest.mark.parametrize("status", [one for one in range(400, 500) if one != 408])
def test_a_4xx_is_a_refusal_in_ncps_words_alone(status: int) -> None:
    assert outcome(status, b'{"error":{"errorCode":"100"}}') is Outcome.REJECTED
    assert outcome(status, success(TARGET)) is Outcome.UNKNOWN
    assert outcome(status, b"<html>no</html>") is Outcome.UNKNOWN


@pytest.mark.parametrize("code", ["0", 0, "00", "0.0", "-0"])
def test_an_error_whose_code_says_no_error_proves_nothing(code: object) -> None:
    assert outcome(400, json.dumps({"error": {"errorCode": code}}).encode()) is Outcome.UNKNOWN


@pytest.mark.parametrize("echo", [TARGET, int(TARGET), f" {TARGET} "])
def test_the_echo_of_the_target_in_any_spelling(echo: object) -> None:
    body = {"interruptServerInstanceResponse": {"returnCode": "0", "serverInstanceList": [{"serverInstanceNo": echo}]}}
    assert outcome(200, json.dumps(body).encode()) is Outcome.ACCEPTED


@pytest.mark.parametrize("listed", ["", [], {}, [None], [{}], [{"serverInstanceNo": None}], 1.5, True])
def test_a_list_that_names_no_server_proves_nothing(listed: object) -> None:
    body = {"interruptServerInstanceResponse": {"returnCode": "0", "serverInstanceList": listed}}
    assert outcome(200, json.dumps(body).encode()) is Outcome.UNKNOWN


@pytest.mark.parametrize("status", [200, 201, 202])
def test_an_acceptance_without_a_list_is_one(status: int) -> None:
    """Two of the official models hold no list of servers."""
    body = {"interruptServerInstanceResponse": {"returnCode": "0", "serverInstanceList": None}}
    assert outcome(status, json.dumps(body).encode()) is Outcome.ACCEPTED
    assert outcome(status, b'{"interruptServerInstanceResponse":{"returnCode":0}}') is Outcome.ACCEPTED


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("code", ["1000", "3000100"])
@pytest.mark.parametrize("name", ["returnCode", "responseCode"])
def test_a_code_that_asks_to_come_again_is_no_refusal(name: str, code: str, status: int) -> None:
    assert outcome(status, json.dumps({"responseError": {name: code}}).encode()) is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "body",
    [
        b'{"responseError":{"responseCode":"25013","responseMessage":"In operation."}}',
        b"<Error><errorCode>210</errorCode><message>Permission Denied</message></Error>",
        b"<responseError><returnCode>25013</returnCode></responseError>",
    ],
)
def test_a_refusal_in_any_of_ncps_spellings_is_one(body: bytes) -> None:
    assert outcome(400, body) is Outcome.REJECTED


def test_the_request_ids_of_header_and_body_are_both_kept_and_told() -> None:
    result = classify(Response(200, {"x-ncp-apigw-request-id": "req-h"}, success(TARGET)), TARGET, "POST", now=NOW)
    assert result.request_ids == ("req-h", "req-body")
    assert result.request_id == "req-h"
    assert "request id req-h and req-body)" in result.message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["0", "1", TARGET, "210"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "interruptServerInstanceResponse",
                    "returnCode",
                    "error",
                    "errorCode",
                    "responseError",
                    "serverInstanceList",
                    "serverInstanceNo",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(status=st.integers(100, 999), document=json_values)
def test_accepted_needs_200_and_a_zero_in_the_right_place(status: int, document: Any) -> None:
    result = classify(Response(status, {}, json.dumps(document).encode()), TARGET, "POST", now=NOW)
    assert result.outcome in {Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN}
    if result.outcome is Outcome.ACCEPTED:
        inner = document.get("interruptServerInstanceResponse", document)
        inner = inner if isinstance(inner, dict) else document
        assert status in {200, 201, 202}
        assert inner["returnCode"] in ("0", 0)
        assert not isinstance(inner["returnCode"], bool)
        assert "errorCode" not in json.dumps(document.get("error"))
    if result.outcome is Outcome.REJECTED:
        assert status in {200, 201, 202} or 400 <= status < 500
        assert result.return_code not in {"", "0"}


@given(status=st.integers(100, 999), body=st.binary(), header=st.text())
def test_no_answer_raises_and_every_result_is_one_line(status: int, body: bytes, header: str) -> None:
    headers = {"x-ncp-apigw-request-id": header, "date": header}
    result = classify(Response(status, headers, body), TARGET, "POST", now=NOW)
    assert result.outcome is not Outcome.NOT_SENT
    assert result.message.isprintable()


def test_what_is_said_without_an_answer() -> None:
    assert unknown("it broke", "GET", 200, {"x-ncp-apigw-request-id": "r"}).request_id == "r"
    assert "it broke" in unknown("it broke", "GET").message
    assert unknown("it broke", "GET").method == "GET"
    assert not_sent("The disk is full.", "POST").message == "Nothing was sent. The disk is full."


ID = {"x-ncp-apigw-request-id": "req-9"}


def told(status: int, body: bytes, headers: dict[str, str] = ID) -> str:
    return classify(Response(status, headers, body), TARGET, "POST", now=NOW).message


def test_the_meaning_is_said_first_and_the_facts_stand_behind_it_in_brackets() -> None:
    refusal = b'{"responseError":{"returnCode":"25017","returnMessage":"In operation."}}'
    assert (
        told(200, success(TARGET))
        == "NCP accepted the interrupt. (HTTP 200, code 0: success; request id req-9 and req-body)"
    )
    assert told(400, refusal) == "NCP rejected the interrupt: In operation. (HTTP 400, code 25017; request id req-9)"
    assert told(403, b'{"error":{"errorCode":"210"}}', {}) == ("NCP rejected the interrupt. (HTTP 403, code 210)")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (302, b""),
        (200, b""),
        (200, success("30000099")),
        (200, b'{"interruptServerInstanceResponse":{}}'),
        (200, b'{"interruptServerInstanceResponse":{"returnCode":"00"}}'),
        (400, b"<html>no</html>"),
        (400, b'{"error":{"errorCode":"900"}}'),
        (400, b'{"error":{"errorCode":"0"}}'),
    ],
)
def test_every_unknown_outcome_says_what_to_do_before_another_interrupt(status: int, body: bytes) -> None:
    said = told(status, body)
    assert said.startswith("The outcome is unknown: ")
    assert f". {FIND_OUT_FIRST} (HTTP {status}" in said
    assert re.search(r"; request id req-9( and req-body)?\)$", said)
    assert unknown("it broke", "POST").message == f"The outcome is unknown: it broke. {FIND_OUT_FIRST}"
    assert unknown("it broke", "POST", 200, ID).message == (
        f"The outcome is unknown: it broke. {FIND_OUT_FIRST} (HTTP 200; request id req-9)"
    )
