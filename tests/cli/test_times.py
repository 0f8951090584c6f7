"""Times in another zone than the machine's, and what a name costs that is no zone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.records import Observation
from tests.core.fakes import ACCEPTED, ALICE, START, Clock, a_draft
from tests.end_to_end.simulation import simulation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.end_to_end.simulation import Simulation

TWO = re.compile(r"2026-03-01 21:00:00 KST \(12:00:00 UTC\)")


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Simulation]:
    """A gateway, a settings file with a zone, and one interrupt on record."""
    (tmp_path / "config.toml").write_text('timezone = "Asia/Seoul"\n', encoding="utf-8")
    with simulation("--servers", "32") as running:
        running.environment.update(
            NCPCONSOLE_CONFIG=str(tmp_path / "config.toml"),
            NCPCONSOLE_STATE_DIR=str(tmp_path / "state"),
            TZ="America/New_York",
        )
        with Journal.open(tmp_path / "state" / "journal.db", ALICE, Clock(START)) as journal:
            intent = journal.claim(a_draft())
            journal.mark_sending(intent.id)
            journal.finish(intent.id, ACCEPTED)
            journal.observe(intent.id, Observation(START, "operation", "NULL", "SETUP"))
        yield running


@pytest.mark.parametrize("form", [(), ("--markdown",)], ids=["plain", "markdown"])
def test_a_record_is_told_in_the_zone_of_the_settings_and_in_utc(gateway: Simulation, form: tuple[str, ...]) -> None:
    told = gateway.console("history", *form)
    assert told.returncode == 0, told.stderr
    assert TWO.search(told.stdout), told.stdout
    assert "STATE running → setting up" in told.stdout
    for name in ("NULL", "uptime", "statusName", "became"):
        assert name not in told.stdout


def test_scripts_have_utc_and_the_records_own_words(gateway: Simulation) -> None:
    told = gateway.console("history", "--json").stdout
    assert "2026-03-01T12:00:00Z" in told
    assert '"NULL"' in told


def test_a_name_that_is_no_zone_costs_a_line(gateway: Simulation, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('timezone = "Asia/Atlantis"\n', encoding="utf-8")
    listed = gateway.console("servers")
    assert listed.returncode == 0
    assert "timezone must be the IANA name of a zone" in listed.stderr
    assert "Atlantis" not in listed.stderr
    assert re.search(r"2026-03-01 07:00:00 EST \(12:00:00 UTC\)", gateway.console("history").stdout)


def test_a_servers_start_is_told_in_both(gateway: Simulation) -> None:
    number = gateway.plain_server()["serverInstanceNo"]
    told = gateway.console("show", number).stdout
    assert re.search(
        r"Started:? +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d KST \((\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d UTC\)", told
    ), told
