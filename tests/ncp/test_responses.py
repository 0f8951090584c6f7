"""Bodies in every shape: what can be read is read, what cannot be read is nothing, and nothing raises."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.ncp.responses import Fault, fault_in, ids_of, read_document, to_plain_text

BILLION_LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><error><errorCode>&b;</errorCode></error>'
OUTSIDE_FILE = b'<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><error><errorCode>&x;</errorCode></error>'


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (
            b'{"error":{"errorCode":"210","message":"Permission Denied","details":"Why"}}',
            Fault("gateway", "210", "Permission Denied: Why"),
        ),
        (
            b'{"error":{"errorCode":200,"message":"Authentication Failed"}}',
            Fault("gateway", "200", "Authentication Failed"),
        ),
        (b'{"error":{"errorCode":"300","details":"Not Found"}}', Fault("gateway", "300", "Not Found")),
        (b'{"error":{"errorCode":"300","message":"Same","details":"Same"}}', Fault("gateway", "300", "Same")),
        (
            b'{"responseError":{"returnCode":"1401","returnMessage":"<b>No</b> such<br>server &amp; co"}}',
            Fault("service", "1401", "No such server & co"),
        ),
        (b'{"responseError":{"returnCode":800}}', Fault("service", "800", "")),
        (
            b"<?xml version='1.0'?><error><errorCode>210</errorCode><message>No</message></error>",
            Fault("gateway", "210", "No"),
        ),
        (
            "<?xml version='1.0' encoding='UTF-8'?>\n<n:responseError xmlns:n='urn:x'>"
            "<n:returnCode>1000</n:returnCode><n:returnMessage>잠시 후</n:returnMessage>"
            "</n:responseError>".encode(),
            Fault("service", "1000", "잠시 후"),
        ),
        (b'{"error":{"errorCode":"a\\u001b[2Jb"}}', Fault("gateway", "a\ufffd[2Jb", "")),
    ],
)
def test_both_shapes_in_both_forms(body: bytes, fault: Fault) -> None:
    assert fault_in(read_document(body)) == fault


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"null",
        b"[]",
        b'"error"',
        b"{}",
        b'{"error":null}',
        b'{"error":"210"}',
        b'{"error":{}}',
        b'{"error":{"errorCode":null}}',
        b'{"error":{"errorCode":true}}',
        b'{"error":{"errorCode":["210"]}}',
        b'{"responseError":{"returnMessage":"no code"}}',
        b"<html><body>Log in</body></html>",
        b"<error><errorCode>210</error>",
        b"<error/>",
        b"<!DOCTYPE error><error><errorCode>210</errorCode></error>",
        BILLION_LAUGHS,
        OUTSIDE_FILE,
        b"<?xml version='1.0' encoding='klingon'?><error><errorCode>1</errorCode></error>",
        gzip.compress(b'{"error":{"errorCode":"210"}}', mtime=0),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"<a>" * 10_000,
        b"\xff\xfe\x00",
    ],
)
def test_everything_else_is_no_error_of_ncp(body: bytes) -> None:
    assert fault_in(read_document(body)) is None


def test_deep_xml_is_cut_not_followed() -> None:
    depth = 5_000
    body = b"<error><errorCode>1</errorCode>" + b"<a>" * depth + b"</a>" * depth + b"</error>"
    assert fault_in(read_document(body)) == Fault("gateway", "1", "")


@pytest.mark.parametrize("name", [b"\\ud800", b"\xff", b"\xed\xa0\x80"])
def test_a_byte_that_is_no_character_does_not_hide_the_answer(name: bytes) -> None:
    document = read_document(b'{"returnCode":"0","name":"' + name + b'"}')
    assert document is not None
    assert document["returnCode"] == "0"
    assert set(document["name"]) == {"\ufffd"}
    json.dumps(document, ensure_ascii=False).encode("utf-8")


@given(st.binary())
def test_no_body_raises(body: bytes) -> None:
    fault_in(read_document(body))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["error", "responseError", "errorCode", "returnCode", "message"]), inner)
        ),
    )
)
def test_no_json_raises(document: Any) -> None:
    fault = fault_in(read_document(json.dumps(document).encode()))
    assert fault is None or (fault.code and fault.code.isprintable() and fault.message.isprintable())


@given(st.text())
def test_plain_is_one_printable_line_of_bounded_length(text: str) -> None:
    shown = to_plain_text(text)
    assert shown.isprintable()
    assert len(shown) <= 500


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a < b and c > d", "a < b and c > d"),
        ("<b>bold</b>", "bold"),
        ("line<br/>break", "line break"),
        ("&lt;b&gt;", "<b>"),
        ("<script>x</script>", "x"),
        (None, ""),
        (True, ""),
        (["x"], ""),
        (25013, "25013"),
        ("a\n\tb", "a b"),
        ("\u202eevil", "\ufffdevil"),
        ("한국어", "한국어"),
    ],
)
def test_plain(value: object, shown: str) -> None:
    assert to_plain_text(value) == shown


def test_the_ids_of_headers_and_body_are_both_kept_the_headers_first() -> None:
    document = {"xResponse": {"requestId": "body", "returnCode": "0"}}
    headers = {"x-ncp-apigw-request-id": "head", "x-ncp-trace-id": "trace"}
    assert ids_of(headers, document) == (("head", "body"), "trace")
    assert ids_of({}, document) == (("body",), "")
    assert ids_of({"x-ncp-apigw-request-id": "body"}, document) == (("body",), "")
    assert ids_of({}, {"error": {"errorCode": "1", "requestId": "in error", "traceId": "t"}}) == (("in error",), "t")
    assert ids_of({}, None) == ((), "")
    assert ids_of({"x-ncp-apigw-request-id": "a\x1b[2J"}, None) == (("a\ufffd[2J",), "")
