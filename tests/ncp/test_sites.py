"""Addresses: one spelling per gateway, plain http for this machine alone, and a sentence otherwise."""

from __future__ import annotations

import pytest

from ncpconsole.ncp.errors import InvalidBaseUrl, NcpError
from ncpconsole.ncp.sites import SITES, checked_base_url, foreign_host, is_loopback, site_for


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("https://ncloud.apigw.ntruss.com", "https://ncloud.apigw.ntruss.com"),
        ("https://ncloud.apigw.ntruss.com/", "https://ncloud.apigw.ntruss.com"),
        ("https://ncloud.apigw.ntruss.com/vserver/v2", "https://ncloud.apigw.ntruss.com"),
        ("https://ncloud.apigw.ntruss.com/vserver/v2/", "https://ncloud.apigw.ntruss.com"),
        ("HTTPS://NCloud.APIGW.ntruss.com:443", "https://ncloud.apigw.ntruss.com"),
        ("https://ncloud.apigw.ntruss.com.", "https://ncloud.apigw.ntruss.com"),
        ("  https://gateway.example:8443 ", "https://gateway.example:8443"),
        ("https://10.1.2.3", "https://10.1.2.3"),
        ("https://[2001:DB8::1]:444/", "https://[2001:db8::1]:444"),
        ("http://localhost:18080", "http://localhost:18080"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.5.6.7:1", "http://127.5.6.7:1"),
        ("http://[::1]:9/", "http://[::1]:9"),
        ("http://localhost:443", "http://localhost:443"),
    ],
)
def test_normalised(text: str, normal: str) -> None:
    assert checked_base_url(text) == normal
    assert checked_base_url(normal) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ncloud.apigw.ntruss.com",
        "//ncloud.apigw.ntruss.com",
        "ftp://ncloud.apigw.ntruss.com",
        "file:///etc/passwd",
        "https://",
        "https:///vserver/v2",
        "http://ncloud.apigw.ntruss.com",
        "http://10.0.0.1",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://127.1",
        "http://2130706433",
        "http://0.0.0.0",
        "http://[::ffff:10.0.0.1]",
        "https://user@host",
        "https://user:password@host",
        "https://host@evil.example",
        "https://host?x=1",
        "https://host/?",
        "https://host#f",
        "https://host/vserver/v1",
        "https://host/a/vserver/v2",
        "https://host:0",
        "https://host:99999",
        "https://host:port",
        "https://ho st",
        "https://host\n.example",
        "https://host\\@evil.example",
        "https://nclоud.apigw.ntruss.com",
        "https://[::1",
    ],
)
def test_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidBaseUrl) as caught:
        checked_base_url(text)
    assert isinstance(caught.value, NcpError)
    assert isinstance(caught.value, ValueError)
    assert str(caught.value).endswith(".")
    assert "password" not in str(caught.value).replace("user name or password", "")


def test_every_site_is_in_its_normal_form_and_known_by_name() -> None:
    for name, site in SITES.items():
        assert checked_base_url(site.base_url) == site.base_url
        assert site_for(site.base_url) == name == site.name
        assert site.regions
        for sibling in (site.activity_url, site.identity_url):
            assert checked_base_url(sibling) == sibling


def test_another_gateway_is_named_by_its_host() -> None:
    assert site_for("https://gateway.example:8443") == "gateway.example"
    assert site_for("http://[::1]:9") == "::1"


@pytest.mark.parametrize(("host", "loopback"), [("::1", True), ("127.0.0.53", True), ("example.com", False)])
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("base_url", "foreign"),
    [
        *((site.base_url, "") for site in SITES.values()),
        ("http://localhost:18080", ""),
        ("https://127.0.0.1:8443", ""),
        ("http://[::1]:9", ""),
        ("https://mirror.example", "mirror.example"),
        ("https://mirror.example:8443", "mirror.example:8443"),
        ("https://ncloud.apigw.ntruss.com:444", "ncloud.apigw.ntruss.com:444"),
        ("https://ncloud.apigw.ntruss.com.evil.example", "ncloud.apigw.ntruss.com.evil.example"),
        ("https://10.0.0.1", "10.0.0.1"),
    ],
)
def test_a_gateway_outside_the_sites_and_this_machine_is_foreign(base_url: str, foreign: str) -> None:
    assert checked_base_url(base_url) == base_url
    assert foreign_host(base_url) == foreign
