"""What went wrong on the way, in words that leave no bracket empty."""

from __future__ import annotations

import ssl

import httpx
import pytest

from ncpconsole.ncp.network_errors import explain


@pytest.mark.parametrize(
    "error", [httpx.ProxyError(""), ssl.SSLError(), httpx.ConnectError("")], ids=lambda error: type(error).__name__
)
def test_a_cause_that_gives_no_reason_says_so(error: Exception) -> None:
    said = explain(error, "https://ncloud.example")
    assert "ncloud.example" in said
    assert "()" not in said
    assert said.endswith(".")
