"""Every documented error becomes its class, with code, message, ids, and a sentence that says what to do."""

from __future__ import annotations

import json
from email.utils import formatdate

import pytest

from ncpconsole.ncp import errors
from ncpconsole.ncp.responses import Response, api_error, clock_offset, refused_with_200, retry_after

NOW = 1_800_000_000.0
IDS = {"x-ncp-apigw-request-id": "req-1", "x-ncp-trace-id": "trace-1"}


def answer(status: int, body: str, **headers: str) -> Response:
    return Response(
        status, {**IDS, **{name.replace("_", "-"): value for name, value in headers.items()}}, body.encode()
    )


def gateway(code: str) -> str:
    return json.dumps({"error": {"errorCode": code, "message": "Some <b>Message</b>."}})


def service(code: str) -> str:
    return json.dumps({"responseError": {"returnCode": code, "returnMessage": "Some <b>Message</b>."}})


def neurocloud(code: str) -> str:
    return json.dumps({"responseError": {"responseCode": code, "responseMessage": "Some <b>Message</b>."}})


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, gateway("100"), errors.ApiError, "100"),
        (401, gateway("200"), errors.AuthenticationFailed, "200"),
        (401, gateway("210"), errors.PermissionDenied, "210"),
        (404, gateway("300"), errors.NotFound, "300"),
        (429, gateway("400"), errors.Throttled, "400"),
        (429, gateway("410"), errors.Throttled, "410"),
        (429, gateway("420"), errors.Throttled, "420"),
        (413, gateway("430"), errors.ApiError, "430"),
        (503, gateway("500"), errors.GatewayFailure, "500"),
        (504, gateway("510"), errors.GatewayFailure, "510"),
        (500, gateway("900"), errors.GatewayFailure, "900"),
        (400, service("800"), errors.PermissionDenied, "800"),
        (400, service("1000"), errors.Throttled, "1000"),
        (500, service("1000"), errors.Throttled, "1000"),
        (400, service("1401"), errors.ApiError, "1401"),
        (500, service("25013"), errors.GatewayFailure, "25013"),
        (400, neurocloud("800"), errors.PermissionDenied, "800"),
        (400, neurocloud("1000"), errors.Throttled, "1000"),
        (400, neurocloud("3000100"), errors.ApiError, "3000100"),
        (401, "", errors.AuthenticationFailed, ""),
        (429, "", errors.Throttled, ""),
        (503, "<html>down</html>", errors.GatewayFailure, ""),
        (502, "", errors.GatewayFailure, ""),
        (403, "<html>Blocked</html>", errors.UnreadableAnswer, ""),
        (404, "<html>Not here</html>", errors.UnreadableAnswer, ""),
        (302, "", errors.UnreadableAnswer, ""),
        (418, "teapot", errors.UnreadableAnswer, ""),
    ],
)
def test_each_error_has_its_class_and_tells_what_ncp_said(
    status: int, body: str, kind: type[errors.NcpError], code: str
) -> None:
    error = api_error(answer(status, body), NOW)
    assert type(error) is kind
    assert (error.http_status, error.code) == (status, code)
    assert (error.request_id, error.trace_id) == ("req-1", "trace-1")
    assert error.ncp_message == ("Some Message." if code else "")
    sentence = str(error)
    assert sentence == error.sentence
    assert sentence.endswith(").")
    assert "\n" not in sentence
    assert f"HTTP {status}" in sentence
    assert "req-1" in sentence
    assert "<" not in sentence


@pytest.mark.parametrize(
    ("behind", "words"),
    [
        (0, None),
        (299, None),
        (-299, None),
        (300, "Your clock is 5 minutes behind NCP's"),
        (-301, "Your clock is 5 minutes ahead of NCP's"),
        (3600, "Your clock is 60 minutes behind NCP's"),
        (-86400, "Your clock is 1440 minutes ahead of NCP's"),
    ],
)
def test_a_clock_that_is_off_is_told_in_minutes(behind: int, words: str | None) -> None:
    error = api_error(answer(401, gateway("200"), date=formatdate(NOW + behind, usegmt=True)), NOW)
    assert error.clock_offset == behind
    assert ("clock" in str(error)) is (words is not None)
    assert words is None or words in str(error)


def test_a_clock_that_is_off_explains_no_missing_permission() -> None:
    error = api_error(answer(401, gateway("210"), date=formatdate(NOW + 900, usegmt=True)), NOW)
    assert "clock" not in str(error)
    assert error.clock_offset == 900


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT", "0", "\x00"])
def test_a_date_that_is_none_is_no_offset(date: str) -> None:
    assert clock_offset({"date": date}, NOW) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        (formatdate(NOW + 30, usegmt=True), 30.0),
        (formatdate(NOW - 30, usegmt=True), 0.0),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("１", None),
        ("9" * 4000, 999_999_999.0),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds
    assert api_error(answer(429, gateway("420"), retry_after=text), NOW).retry_after == seconds


def test_an_answer_that_repeats_the_key_does_not_show_it() -> None:
    body = '{"error":{"errorCode":"200","message":"Unknown key AKCANARY0123456789AB"}}'
    error = api_error(answer(401, body), NOW, "AKCANARY0123456789AB")
    assert "AKCANARY" not in str(error) + error.ncp_message
    assert "[access key]" in error.ncp_message


def test_a_list_refused_with_200_does_not_show_the_key_either() -> None:
    key = "AKCANARY0123456789AB"
    error = refused_with_200(answer(200, '{"xResponse":{}}'), "25013", f"Key {key} is busy", NOW, key)
    assert (error.ncp_message, key in str(error)) == ("Key [access key] is busy", False)


def test_a_list_refused_with_200_keeps_code_and_message() -> None:
    error = refused_with_200(answer(200, '{"xResponse":{}}'), "25013", "In operation", NOW)
    assert type(error) is errors.ApiError
    assert (error.http_status, error.code, error.ncp_message) == (200, "25013", "In operation")
    assert error.request_id == "req-1"
