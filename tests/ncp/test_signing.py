"""The signature, against the documented vector and against what real clients sent."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest

from ncpconsole.ncp.signing import Credentials, Secret, sign
from ncpconsole.ncp.transport import SignatureV2

DATA = Path(__file__).parent / "data"
RECORDED_SECRET = "SKTEST0123456789ABCDEFGHIJ0123456789ABCD"
RECORDED = [json.loads(line) for line in (DATA / "recorded-requests.jsonl").read_text("utf-8").splitlines()]


def signed_again(recorded: dict[str, Any], **changed: str) -> str:
    one = {**recorded, **changed}
    return sign(one["method"], one["target"], one["timestamp"], one["access_key"], RECORDED_SECRET)


def test_the_documented_vector() -> None:
    target = "/vserver/v2/getServerInstanceList?responseFormatType=json"
    signature = sign("GET", target, "1234567890123", "TestAccessKey", "TestSecretKey")
    assert signature == "FPsYYX8fuMAgi+cue3eACOW0dNtIwu1LYWfg/megA2M="


@pytest.mark.parametrize("recorded", [one for one in RECORDED if one["verifies"]], ids=lambda one: one["client"])
def test_a_recorded_request_verifies(recorded: dict[str, Any]) -> None:
    assert signed_again(recorded) == recorded["signature"]


def test_nine_of_ten_verify() -> None:
    assert [one["verifies"] for one in RECORDED].count(True) == 9
    assert len(RECORDED) == 10


def test_the_query_that_was_signed_before_it_was_encoded_does_not_verify() -> None:
    (recorded,) = [one for one in RECORDED if not one["verifies"]]
    assert signed_again(recorded) != recorded["signature"]
    # It is the encoding that is at fault: as Python's client saw the query before it sent it, it fits.
    decoded = "/vserver/v2/getServerInstanceList?regionCode=KR&serverName=웹 서버+1&responseFormatType=json"
    assert unquote_plus(recorded["target"]) == decoded
    assert signed_again(recorded, target=decoded) == recorded["signature"]


@pytest.mark.parametrize("part", ["method", "target", "timestamp", "access_key"])
def test_a_changed_character_changes_the_signature(part: str) -> None:
    recorded = RECORDED[0]
    changed = recorded[part][:-1] + ("T" if recorded[part][-1] != "T" else "U")
    assert signed_again(recorded, **{part: changed}) != recorded["signature"]


def test_the_adapter_signs_what_goes_over_the_wire() -> None:
    auth = SignatureV2(Credentials("AK", Secret("SK")), clock=lambda: 1234567890.1239)
    request = httpx.Request("GET", "https://h/vserver/v2/x?serverName=웹 서버+1&a=%2f")
    (sent,) = list(auth.auth_flow(request))
    target = sent.url.raw_path.decode()
    assert "웹" not in target
    assert sent.headers["x-ncp-apigw-timestamp"] == "1234567890123"
    assert sent.headers["x-ncp-iam-access-key"] == "AK"
    assert sent.headers["x-ncp-apigw-signature-v2"] == sign("GET", target, "1234567890123", "AK", "SK")


def test_an_answer_is_never_met_with_a_second_request() -> None:
    flow = SignatureV2(Credentials("AK", Secret("SK"))).auth_flow(httpx.Request("POST", "https://h/p"))
    next(flow)
    with pytest.raises(StopIteration):
        flow.send(httpx.Response(401))


def test_the_secret_is_not_in_the_request() -> None:
    auth = SignatureV2(Credentials("AK", Secret("SKCANARY0123456789")))
    (sent,) = list(auth.auth_flow(httpx.Request("POST", "https://h/p", content=b"a=1")))
    assert "SKCANARY" not in repr(sent.headers) + str(sent.url) + repr(vars(auth))


def test_keys_and_signatures_load_no_http_library() -> None:
    code = (
        "import sys; import ncpconsole.ncp.signing, ncpconsole.ncp.sites;"
        "sys.exit(bool({'httpx', 'httpcore', 'msgspec', 'ssl'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
