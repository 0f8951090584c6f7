"""Requests that real clients signed verify; anything changed in one does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ncpconsole.simulator.accounts import authenticated_key, expected_signature
from ncpconsole.simulator.responses import GatewayError

ACCESS_KEY = "AKTEST0123456789ABCD"
SECRET_KEY = "SKTEST0123456789ABCDEFGHIJ0123456789ABCD"
RECORDED = Path(__file__).parent.parent / "data" / "recorded-requests.jsonl"
REQUESTS: list[dict[str, Any]] = [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()]
# The Python SDK signs a non-ASCII query before it is encoded: what is signed is not what is sent.
WRONGLY_SIGNED = next(
    request
    for request in REQUESTS
    if "ncloud-vserver" in request["client"] and "GET /vserver/v2/getServerInstanceList" in request["request_line"]
)
RIGHTLY_SIGNED = [request for request in REQUESTS if request is not WRONGLY_SIGNED]


def verify(
    request: dict[str, Any], *, target: str = "", secret_key: str = SECRET_KEY, off: float = 0, **changed: str
) -> str:
    """Verify a recorded request at its own time, ``off`` seconds later, with headers changed."""
    method, sent, _ = request["request_line"].split(" ")
    headers = {name.lower(): value for name, value in request["headers"]}
    now = int(headers["x-ncp-apigw-timestamp"]) / 1000 + off
    headers.update({name.replace("_", "-"): value for name, value in changed.items()})
    secrets = {ACCESS_KEY: secret_key, "AKTEST0123456789ABCE": secret_key}
    return authenticated_key(method, target or sent, headers, secrets.get, now)


def names(request: dict[str, Any]) -> str:
    return f"{request['client'].split()[1]} {request['request_line'].split('?')[0]}"


def test_the_published_example() -> None:
    signature = expected_signature(
        "GET",
        "/vserver/v2/getServerInstanceList?responseFormatType=json",
        "1234567890123",
        "TestAccessKey",
        "TestSecretKey",
    )
    assert signature == "FPsYYX8fuMAgi+cue3eACOW0dNtIwu1LYWfg/megA2M="


def test_all_ten_are_there() -> None:
    assert len(REQUESTS) == 10
    assert len(RIGHTLY_SIGNED) == 9


@pytest.mark.parametrize("request_", RIGHTLY_SIGNED, ids=names)
def test_requests_of_real_clients_verify(request_: dict[str, Any]) -> None:
    assert verify(request_) == ACCESS_KEY


def test_the_wrongly_signed_one_does_not() -> None:
    with pytest.raises(GatewayError, match="401/200"):
        verify(WRONGLY_SIGNED)


@pytest.mark.parametrize("request_", RIGHTLY_SIGNED, ids=names)
def test_one_changed_byte_is_refused(request_: dict[str, Any]) -> None:
    method, sent, _ = request_["request_line"].split(" ")
    path, mark, query = sent.partition("?")
    timestamp = next(value for name, value in request_["headers"] if name.lower().endswith("timestamp"))
    with pytest.raises(GatewayError):
        verify(request_, target=f"{path[:-1]}X{mark}{query}")
    with pytest.raises(GatewayError):
        verify(request_, target=f"{sent}&" if mark else f"{sent}?")
    with pytest.raises(GatewayError):
        verify(request_, secret_key=SECRET_KEY[:-1] + "E")
    with pytest.raises(GatewayError):
        verify(request_, x_ncp_apigw_timestamp=str(int(timestamp) + 1))
    with pytest.raises(GatewayError):
        verify(request_, x_ncp_iam_access_key="AKTEST0123456789ABCE")
    other = "POST" if method == "GET" else "GET"
    with pytest.raises(GatewayError):
        verify({**request_, "request_line": f"{other} {sent} HTTP/1.1"})


@pytest.mark.parametrize(("off", "accepted"), [(299.9, True), (-299.9, True), (300, False), (-300, False)])
def test_five_minutes_are_too_many(off: float, accepted: bool) -> None:
    if accepted:
        assert verify(RIGHTLY_SIGNED[0], off=off) == ACCESS_KEY
    else:
        with pytest.raises(GatewayError, match="Invalid authentication information") as refused:
            verify(RIGHTLY_SIGNED[0], off=off)
        assert (refused.value.status, refused.value.code) == (401, "200")


@pytest.mark.parametrize("timestamp", ["", "yesterday", "-5", "１２３", "9" * 40])
def test_a_timestamp_that_is_none(timestamp: str) -> None:
    with pytest.raises(GatewayError) as refused:
        verify(RIGHTLY_SIGNED[0], x_ncp_apigw_timestamp=timestamp)
    assert (refused.value.status, refused.value.code) == (401, "200")


def test_an_unknown_key() -> None:
    with pytest.raises(GatewayError, match="401/200"):
        verify(RIGHTLY_SIGNED[0], x_ncp_iam_access_key="NOBODY")
