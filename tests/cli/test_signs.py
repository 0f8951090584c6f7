"""Vital signs for plain commands: who is silent, in text and JSON, what holds back from who is not, and the switch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.operator import Operator
from tests.end_to_end.simulation import simulation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.operator import Ran
    from tests.end_to_end.simulation import Simulation

pytestmark = pytest.mark.slow

SILENT, ALIVE, NO_AGENT = "142300031", "142300012", "142300014"
FIELDS = {"state", "lastSign", "silentSeconds", "cpu"}


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "64", agents=True) as running:
        yield running


@pytest.fixture
def run(gateway: Simulation, operator: Operator) -> Any:
    def ran(*words: str, **variables: str) -> Ran:
        return operator.run(*words, **gateway.environment, **variables)

    return ran


def by_number(ran: Ran) -> dict[str, Any]:
    assert ran.code == 0, ran.err
    return {server["serverInstanceNo"]: server.get("signs") for server in ran.json}


def test_the_list_says_who_is_silent(run: Any) -> None:
    signs = by_number(run("servers", "--signs", "--json"))
    assert all(set(one) == FIELDS for one in signs.values())
    assert signs[SILENT]["state"] == "silent"
    assert 14 * 60 <= signs[SILENT]["silentSeconds"] < 20 * 60
    assert signs[ALIVE]["state"] == "alive"
    assert signs[ALIVE]["silentSeconds"] is None
    assert 0 < signs[ALIVE]["cpu"] < 50
    assert signs[NO_AGENT] == {"state": "no-agent", "lastSign": None, "silentSeconds": None, "cpu": None}
    lines = run("servers", "--signs").out.splitlines()
    assert lines[0].split()[5] == "LIFE"
    assert [number in line for number, line in zip(("142300011", SILENT), lines[1:3], strict=True)] == [True, True]
    assert list(signs) == list(by_number(run("servers", "--json")))
    assert "silent 1" in next(line for line in lines if SILENT in line)
    assert " %" in next(line for line in lines if ALIVE in line)
    assert "no agent" in next(line for line in lines if NO_AGENT in line)


def test_the_silent_ones_alone(run: Any) -> None:
    silent = by_number(run("servers", "--filter", "is:silent", "--json"))
    assert set(silent) == {"142300008", "142300011", "142300031"}
    assert set(by_number(run("servers", "--filter", "silent:>40m", "--json"))) == {"142300011"}
    everyone = by_number(run("servers", "--all", "--filter", "is:alive", "--json"))
    assert ALIVE in everyone
    assert SILENT not in everyone


def test_without_signs_nothing_is_asked_and_the_object_is_as_before(run: Any, gateway: Simulation) -> None:
    before = gateway.counts()["by_operation"].get("insight", 0)
    assert set(by_number(run("servers", "--json")).values()) == {None}
    assert by_number(run("servers", "--signs", "--no-signs", "--json"))[SILENT]["state"] == "unavailable"
    shown = run("show", SILENT, "--no-signs", "--json").json
    assert shown["signs"]["reason"] == "switched off by --no-signs."
    assert gateway.counts()["by_operation"].get("insight", 0) == before


def test_a_setting_switches_them_off(run: Any, gateway: Simulation, tmp_path: Path) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text("[profiles.default]\nvitals = false\n", encoding="utf-8")
    before = gateway.counts()["by_operation"].get("insight", 0)
    ran = run("show", ALIVE, "--json", NCPCONSOLE_CONFIG=str(settings))
    assert ran.json["signs"]["reason"] == "switched off in the settings (vitals = false)."
    assert gateway.counts()["by_operation"].get("insight", 0) == before


def test_one_server_in_words(run: Any) -> None:
    silent = run("show", SILENT).out
    assert "Vital signs: Last sign of life" in silent
    assert "silent for 1" in silent
    assert "Vital signs: cpu last 60 min:" in silent
    assert ", now silent 1" in silent
    assert "Vital signs: network in last 60 min:" in run("show", ALIVE).out
    stopped = "142300010"
    assert "Vital signs" not in run("show", stopped).out
    assert run("show", stopped, "--json").json["signs"] is None


def test_who_is_alive_takes_the_number_and_the_code(run: Any, gateway: Simulation) -> None:
    refused = run("interrupt", ALIVE, "--confirm", "web-00012", "--json")
    assert refused.code == 3
    assert refused.json["reasonCodes"] == ["not-confirmed"]
    assert refused.json["cautionCodes"] == ["alive"]
    assert refused.json["signs"]["state"] == "alive"
    assert "It does not look hung" in refused.json["message"]
    by_number_alone = run("interrupt", ALIVE, "--confirm", ALIVE, "--json")
    assert (by_number_alone.code, by_number_alone.json["reasonCodes"]) == (3, ["not-agreed"])
    assert gateway.interrupts == 0
    agreed = run("interrupt", ALIVE, "--confirm", ALIVE, "--despite", "alive", "--json")
    assert agreed.code == 0, agreed.err
    (record,) = run("history", "--json").json
    assert record["signs"] == agreed.json["signs"]
    assert record["signs"]["state"] == "alive"
    assert "vital signs: alive, CPU at" in run("history", "--markdown").out


def test_a_silent_one_is_named(run: Any) -> None:
    sent = run("interrupt", SILENT, "--confirm", "결제-00031")
    assert sent.code == 0, sent.err
    assert "Last sign of life" in sent.err


def doctor_line(ran: Ran) -> dict[str, str]:
    found: dict[str, str] = next(one for one in ran.json if one["check"] == "vital signs")
    return found


def test_the_doctor_checks_the_permission_and_names_the_policy(run: Any, operator: Operator) -> None:
    assert doctor_line(run("doctor", "--json"))["status"] == "ok"
    with simulation("--servers", "8", "--fault", "insight:permission-denied") as refusing:
        ran = operator.run("doctor", "--json", **refusing.environment)
    line = doctor_line(ran)
    assert line["status"] == "warning"
    assert "NCP_CLOUD_INSIGHT_VIEWER" in line["message"]


@pytest.mark.parametrize("fault", ["permission-denied", "error-500", "html-error", "wrong-shape", "huge-body", "hang"])
def test_a_cloud_insight_that_fails_keeps_nobody_from_anything(operator: Operator, fault: str) -> None:
    with simulation("--servers", "64", "--fault", f"insight:{fault}", agents=True) as failing:
        listed = operator.run("servers", "--signs", "--json", **failing.environment)
        assert {server["signs"]["state"] for server in listed.json} == {"unavailable"}
        assert listed.err.count("Vital signs not known: ") == 1
        sent = operator.run("interrupt", ALIVE, "--confirm", "web-00012", "--json", **failing.environment)
        assert sent.code == 0, sent.err
        assert sent.json["cautionCodes"] == []
        assert "Vital signs not known: " in sent.err
        assert failing.interrupts == 1


def test_the_interrupt_and_then_the_watch(operator: Operator) -> None:
    """Without agents the watch ends when the record shows a new start; the exit code is the interrupt's."""
    with simulation("--servers", "64") as gateway:
        ran = operator.run("interrupt", ALIVE, "--confirm", "web-00012", "--watch", **gateway.environment)
        assert ran.code == 0, ran.err
        told = ran.out.splitlines()
        assert told[0].startswith("accepted: web-00012")
        assert "the server is back" in told[-1]
        other = operator.run(
            "interrupt", "142300018", "--confirm", "ad-00018", "--watch", "--json", **gateway.environment
        )
        assert json.loads(other.out)["outcome"] == "accepted"
        assert "the server is back" in other.err
