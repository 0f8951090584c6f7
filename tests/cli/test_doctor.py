"""The doctor: every line, what it says where something is wrong, and that it keeps every secret."""

from __future__ import annotations

import os
import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from ncpconsole.simulator.accounts import VIEWER_ACCESS_KEY, VIEWER_SECRET_KEY
from tests.cli.operator import Operator, Ran
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.secret_service import EndlessPrompt, SecretService
    from tests.simulator.threaded import ThreadedSimulator

pytestmark = pytest.mark.slow

CHECKS = [
    "python",
    "versions",
    "terminal",
    "encoding",
    "config",
    "state",
    "guard",
    "environment",
    "keyring",
    "keyring round trip",
    "profile",
    "settings",
    "key",
    "proxy",
    "certificates",
    "dns",
    "tls",
    "gateway",
    "clock",
    "signature",
    "permission to list",
    "vital signs",
    "acting as",
    "activity log",
]


def lines(ran: Ran) -> dict[str, dict[str, Any]]:
    return {line["check"]: line for line in ran.json}


def failures(ran: Ran) -> set[str]:
    return {line["check"] for line in ran.json if line["status"] == "failure"}


def with_key(gateway: ThreadedSimulator) -> dict[str, str]:
    return {
        "NCLOUD_ACCESS_KEY": gateway.access_key,
        "NCLOUD_SECRET_KEY": gateway.secret_key,
        "NCLOUD_API_GW": gateway.url,
    }


@pytest.mark.secret_service
def test_all_is_well(operator: Operator, secret_service: SecretService, gateway: ThreadedSimulator) -> None:
    operator.log_in(gateway.access_key, gateway.secret_key, "--profile", "prod", "--api-url", gateway.url)
    items = secret_service.items()
    ran = operator.run("doctor", "--json")
    assert [line["check"] for line in ran.json] == CHECKS
    assert {line["status"] for line in ran.json} == {"ok"}, ran.out
    assert ran.code == 0
    assert {lines(ran)[check]["message"] for check in ("certificates", "dns", "tls")} == {"plain http to loopback"}
    assert f"api_url {gateway.url} (profile prod)" in lines(ran)["settings"]["message"]
    assert secret_service.items() == items
    plain = operator.run("doctor")
    assert plain.code == 0
    assert [line.split("  ")[0].split()[0] for line in plain.out.splitlines()] == ["ok"] * len(CHECKS)
    said = "".join(operator.said)
    for secret in (gateway.access_key, gateway.secret_key):
        assert secret not in said


def test_with_a_key_in_the_environment_a_keyring_is_not_needed(
    private_environment: Path, gateway: ThreadedSimulator
) -> None:
    operator = Operator(dict(os.environ))
    ran = operator.run("doctor", "--json", **with_key(gateway))
    assert ran.code == 0, ran.out
    assert lines(ran)["keyring"]["status"] == "warning"
    assert lines(ran)["environment"]["message"] == ("Set: NCLOUD_ACCESS_KEY, NCLOUD_API_GW, NCLOUD_SECRET_KEY.")
    assert gateway.secret_key not in ran.out + ran.err
    assert gateway.access_key not in ran.out + ran.err
    assert list(private_environment.iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "failing", "sentence"),
    [
        ("clock-skew=11", {"clock", "signature"}, "the gateway's; NCP refuses every request"),
        ("authentication-failed", {"signature"}, "NCP does not accept the pair"),
        ("permission-denied", {"signature"}, "lacks the permission"),
        ("list:permission-denied", {"permission to list"}, "lacks the permission"),
    ],
)
def test_what_the_gateway_refuses_is_a_failure_with_a_remedy(fault: str, failing: set[str], sentence: str) -> None:
    with running_simulator(servers=1, faults=(fault,)) as gateway:
        ran = Operator(dict(os.environ)).run("doctor", "--json", **with_key(gateway))
    assert failures(ran) == failing
    assert ran.code == 1
    assert any(sentence in line["message"] for line in ran.json)
    assert all(line["remedy"] for line in ran.json if line["status"] == "failure")


@pytest.mark.parametrize(
    ("fault", "check"), [("identity:permission-denied", "acting as"), ("activities:error-500", "activity log")]
)
def test_a_witness_that_says_nothing_is_a_warning(fault: str, check: str) -> None:
    with running_simulator(servers=1, faults=(fault,)) as gateway:
        ran = Operator(dict(os.environ)).run("doctor", "--json", **with_key(gateway))
    assert (ran.code, lines(ran)[check]["status"]) == (0, "warning")
    assert lines(ran)[check]["remedy"]


def test_whose_key_it_is_is_told(gateway: ThreadedSimulator) -> None:
    ran = Operator(dict(os.environ)).run("doctor", "--json", **with_key(gateway))
    assert lines(ran)["acting as"]["message"] == "sub account mina of simulated-team"


def test_a_clock_that_begins_to_go_wrong_is_a_warning() -> None:
    with running_simulator(servers=1, faults=("clock-skew=3",)) as gateway:
        ran = Operator(dict(os.environ)).run("doctor", "--json", **with_key(gateway))
    assert ran.code == 0
    assert lines(ran)["clock"]["status"] == "warning"
    assert "behind the gateway's" in lines(ran)["clock"]["message"]


def test_a_viewer_may_list_and_interrupting_is_said_to_be_untested(gateway: ThreadedSimulator) -> None:
    keys = {"NCLOUD_ACCESS_KEY": VIEWER_ACCESS_KEY, "NCLOUD_SECRET_KEY": VIEWER_SECRET_KEY}
    ran = Operator(dict(os.environ)).run("doctor", "--json", **(with_key(gateway) | keys))
    assert ran.code == 0
    assert "shows only when one is sent" in lines(ran)["permission to list"]["message"]
    assert gateway.counts()["interrupts"] == 0


@pytest.mark.parametrize(
    ("url", "failing"),
    [
        ("https://gateway.invalid", "dns"),
        ("https://localhost:{closed}", "tls"),
        ("http://127.0.0.1:{closed}", "gateway"),
    ],
)
def test_without_a_way_to_the_gateway_the_rest_is_said_to_be_untested(url: str, failing: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        address = url.format(closed=taken.getsockname()[1])
        ran = Operator(dict(os.environ)).run(
            "doctor",
            "--json",
            "--api-url",
            address,
            NCLOUD_ACCESS_KEY="CANARYACCESS",
            NCLOUD_SECRET_KEY="canary-secret",
        )
    assert failures(ran) == {failing}
    assert lines(ran)["signature"]["message"] == "Not tested: the gateway was not reached."
    assert ran.code == 1


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    context = self_signed(tmp_path)
    with running_simulator(servers=1, tls=context) as gateway:
        url = gateway.url.replace("127.0.0.1", "localhost")
        ran = Operator(dict(os.environ)).run("doctor", "--json", "--api-url", url)
        assert "is not trusted" in lines(ran)["tls"]["message"]
        assert "add its authority" in lines(ran)["tls"]["remedy"]
        trusting = Operator(dict(os.environ)).run(
            "doctor",
            "--json",
            **(with_key(gateway) | {"NCLOUD_API_GW": url, "SSL_CERT_FILE": str(tmp_path / "certificate.pem")}),
        )
    assert trusting.code == 0, trusting.out
    assert "certificate trusted" in lines(trusting)["tls"]["message"]
    assert "SSL_CERT_FILE" in lines(trusting)["certificates"]["message"]
    assert lines(trusting)["certificates"]["status"] == "warning"
    assert lines(trusting)["certificates"]["remedy"]


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_from_a_variable_are_a_warning(name: str, tmp_path: Path) -> None:
    ran = Operator(dict(os.environ)).run(
        "doctor", "--json", "--api-url", "https://127.0.0.1:9", **{name: str(tmp_path)}
    )
    certificates = lines(ran)["certificates"]
    assert (certificates["status"], name in certificates["message"]) == ("warning", True)


@pytest.mark.parametrize(
    ("words", "environment", "source"),
    [
        (("--api-url", "https://gateway.invalid"), {}, "--api-url"),
        ((), {"NCLOUD_API_GW": "https://gateway.invalid"}, "NCLOUD_API_GW"),
    ],
)
def test_a_gateway_that_is_not_ncp_s_is_a_warning(
    words: tuple[str, ...], environment: dict[str, str], source: str
) -> None:
    ran = Operator(dict(os.environ)).run("doctor", "--json", *words, **environment)
    foreign = lines(ran)["foreign gateway"]
    assert foreign["status"] == "warning"
    assert f"gateway.invalid, named by {source}, is none of NAVER Cloud's sites" in foreign["message"]


@pytest.mark.parametrize("address", ["https://127.0.0.1:9", "https://ncloud.apigw.gov-ntruss.com"])
def test_a_site_and_this_machine_are_no_foreign_gateways(address: str) -> None:
    proxy = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    ran = Operator(dict(os.environ)).run("doctor", "--json", "--api-url", address, **proxy)
    assert "foreign gateway" not in lines(ran)


def self_signed(directory: Path) -> ssl.SSLContext:
    """A context for a server that calls itself localhost and has nobody to confirm it."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (directory / "key.pem").write_bytes(secret)
    (directory / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "certificate.pem", directory / "key.pem")
    return context


def test_a_proxy_is_named_without_its_password() -> None:
    ran = Operator(dict(os.environ)).run(
        "doctor",
        "--json",
        NCLOUD_ACCESS_KEY="CANARYACCESS",
        NCLOUD_SECRET_KEY="canary-secret",
        HTTPS_PROXY="http://someone:canary-secret@proxy.invalid:3128",
    )
    assert lines(ran)["proxy"]["message"] == "proxy.invalid (HTTPS_PROXY)"
    assert failures(ran) == {"gateway"}
    assert "canary" not in (ran.out + ran.err).lower()


def test_a_key_nowhere_and_no_keyring_is_told_once(private_environment: Path) -> None:
    ran = Operator(dict(os.environ)).run("doctor", "--json", "--api-url", "http://127.0.0.1:9")
    assert {"keyring", "key"} <= failures(ran)
    assert "is refused" in lines(ran)["keyring"]["message"]
    assert lines(ran)["key"]["remedy"] == "See keyring above."


@pytest.mark.secret_service
def test_a_keyring_that_waits_for_its_user_does_not_hold_up_the_doctor(
    endless_prompt: EndlessPrompt, gateway: ThreadedSimulator
) -> None:
    ran = Operator(endless_prompt.environment).run("doctor", "--json", **with_key(gateway))
    assert "did not answer in time" in ran.out
    assert failures(ran) == set()
    assert lines(ran)["signature"]["status"] == "ok"


def test_settings_that_are_broken_or_open_are_failures(private_environment: Path) -> None:
    directory = private_environment / "config" / "ncpconsole"
    directory.mkdir(parents=True)
    path = directory / "config.toml"
    path.write_text("refresh = 1\n[profiles.prod\n")
    operator = Operator(dict(os.environ))
    broken = operator.run("doctor", "--json", "--api-url", "http://127.0.0.1:9")
    assert "line 2, column 15" in next(line["message"] for line in broken.json if line["check"] == "config")
    path.write_text("refresh = 1\n")
    path.chmod(0o666)
    opened = operator.run("doctor", "--json", "--api-url", "http://127.0.0.1:9")
    said = [(line["status"], line["message"]) for line in opened.json if line["check"] == "config"]
    assert said == [
        ("failure", f"{path}, mode 0666: others can write it."),
        ("warning", f"{path}: refresh is not a setting of this version and is ignored."),
    ]
    path.chmod(0o644)
    readable = operator.run("doctor", "--json", "--api-url", "http://127.0.0.1:9")
    assert lines(readable)["config"]["status"] == "warning"


def test_a_state_directory_that_cannot_be_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = Operator(dict(os.environ)).run(
        "doctor", "--json", "--api-url", "http://127.0.0.1:9", NCPCONSOLE_STATE_DIR=str(tmp_path / "file")
    )
    assert "no record can be written" in lines(ran)["state"]["message"]
    open_to_all = tmp_path / "open"
    open_to_all.mkdir(mode=0o777)
    open_to_all.chmod(0o777)
    (open_to_all / "journal.db").write_text("")
    (open_to_all / "journal.db").chmod(0o644)
    ran = Operator(dict(os.environ)).run(
        "doctor", "--json", "--api-url", "http://127.0.0.1:9", NCPCONSOLE_STATE_DIR=str(open_to_all)
    )
    assert lines(ran)["state"]["remedy"] == f"Run chmod 700 {open_to_all}."
    assert lines(ran)["journal"]["remedy"] == f"Run chmod 600 {open_to_all / 'journal.db'}."


@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        (("--api-url", "http://gateway.example"), {}, "must begin with https"),
        (("--region", "K R"), {}, "--region must be a region code"),
        ((), {"NCLOUD_SITE": "mars"}, "NCLOUD_SITE must be one of"),
    ],
)
def test_a_profile_that_cannot_be_used_is_a_failure(
    arguments: tuple[str, ...], variables: dict[str, str], sentence: str
) -> None:
    ran = Operator(dict(os.environ)).run("doctor", "--json", *arguments, **variables)
    assert sentence in lines(ran)["profile"]["message"]
    assert ran.code == 1


def test_an_output_without_korean_is_a_warning(gateway: ThreadedSimulator) -> None:
    ran = Operator(dict(os.environ)).run(
        "doctor", "--json", **with_key(gateway), PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert lines(ran)["encoding"]["status"] == "warning"
    assert "PYTHONUTF8=1" in lines(ran)["encoding"]["remedy"]
    assert ran.code == 0
