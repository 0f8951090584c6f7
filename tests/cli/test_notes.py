"""Notes and hand-over at the command line: written beside interrupts, and told to the next shift."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.simulation import simulation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.operator import Operator
    from tests.end_to_end.simulation import Simulation

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "64") as running:
        yield running


def test_a_note_about_a_server_stands_in_its_details_and_in_the_history(gateway: Simulation) -> None:
    server = gateway.plain_server()
    number, name = server["serverInstanceNo"], server["serverName"]
    noted = gateway.console("note", server["privateIps"][0], "RDP answers again 17:04")
    assert (noted.returncode, noted.stdout) == (0, f"Noted about {name} ({number}).\n")
    shown = gateway.console("show", number)
    assert ": RDP answers again 17:04" in next(line for line in shown.stdout.splitlines() if line.startswith("Note: "))
    assert [note["note"] for note in json.loads(gateway.console("show", number, "--json").stdout)["notes"]] == [
        "RDP answers again 17:04"
    ]
    history = gateway.console("history").stdout.splitlines()
    assert history[0].endswith(f"note: {name} ({number})")
    assert history[1] == "  RDP answers again 17:04"
    assert gateway.console("history", "--json").stdout.strip() == "[]"  # no interrupt was sent
    (only,) = json.loads(gateway.console("history", "--notes", "--json", "--server", number).stdout)
    assert (only["serverInstanceNo"], only["note"]) == (number, "RDP answers again 17:04")
    verified = gateway.console("history", "--verify")
    assert verified.stdout.startswith("The journal is whole: 1 events.")


def test_an_incident_is_handed_over_in_five_lines_with_what_is_open(gateway: Simulation) -> None:
    server = gateway.plain_server()
    number, name = server["serverInstanceNo"], server["serverName"]
    sent = gateway.console("interrupt", number, "--confirm", name, "--incident", "INC-77", "--json")
    record = json.loads(sent.stdout)
    lines = gateway.console("handover", "INC-77").stdout.splitlines()
    assert len(lines) == 5
    what, when, outcome, ids, still_open = lines
    assert f"{name} ({number})" in what
    assert what.endswith("incident INC-77")
    assert when.startswith("When: 20")
    assert outcome == "Outcome: accepted; not seen back"
    assert record["requestId"] in ids
    assert record["journalId"] in ids
    assert still_open.startswith("Open: the server was not seen back. Leave it alone until ")

    assert gateway.console("watch", number).returncode == 0
    assert gateway.console("note", record["journalId"], "dump of 16 GB is on C:").returncode == 0
    assert gateway.console("note", "INC-77", "the vendor has the dump").returncode == 0
    lines = gateway.console("handover", "INC-77").stdout.splitlines()
    assert len(lines) == 6
    assert "Outcome: accepted; the server was back after " in lines[2]
    assert lines[4].endswith(": the vendor has the dump")
    assert lines[5].endswith(": dump of 16 GB is on C:")
    told = json.loads(gateway.console("handover", "INC-77", "--json").stdout)
    assert [len(one["handover"]) for one in told["interrupts"]] == [5]
    assert [one["note"] for one in told["notes"]] == ["the vendor has the dump", "dump of 16 GB is on C:"]
    timeline = gateway.console("history", "--markdown", "--incident", "INC-77").stdout
    assert "| incident INC-77 | note by " in timeline
    (recorded,) = json.loads(gateway.console("history", "--json").stdout)
    assert [one["note"] for one in recorded["notes"]] == ["the vendor has the dump", "dump of 16 GB is on C:"]


def test_a_note_needs_no_interrupt_and_no_account_where_it_is_about_an_incident(gateway: Simulation) -> None:
    noted = gateway.console("note", "--incident", "INC-9", "the rack was moved", "--api-url", "http://127.0.0.1:9")
    assert noted.returncode == 0, noted.stderr
    told = gateway.console("handover", "INC-9")
    assert told.stdout.startswith("incident INC-9: Note of ")
    assert told.stdout.endswith(": the rack was moved\n")


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("note", "alone"), 2, "Say what the note is about"),
        (("note", "--incident", "INC-9", " "), 2, "The note is empty"),
        (("note", "--incident", "INC-9", "x" * 501), 2, "501 characters; 500 are the most"),
        (("note", "142300012", "not", "quoted"), 2, "put it in quotes"),
        (("note", "no-such-server", "text"), 1, "There is no server with this address or name"),
        (("handover", "INC-none"), 1, "no interrupt and no note"),
    ],
)
def test_what_cannot_be_noted_or_handed_over_is_said(
    gateway: Simulation, words: tuple[str, ...], code: int, why: str
) -> None:
    done = gateway.console(*words)
    assert done.returncode == code
    assert why in " ".join(done.stderr.split())
    assert gateway.console("history", "--notes", "--json").stdout.strip() == "[]"


def test_the_handover_knows_the_cooldown_of_the_profile_that_sent_it(operator: Operator, gateway: Simulation) -> None:
    config = Path(operator.environment["XDG_CONFIG_HOME"]) / "ncpconsole" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[profiles.slow]\n")
    _, server, *_ = gateway.plain_servers()
    words = ("interrupt", server["serverInstanceNo"], "--confirm", server["serverName"], "--profile", "slow")
    assert operator.run(*words, "--incident", "INC-78", **gateway.environment).code == 0
    told = []
    for minutes in (0, 30, 60):
        config.write_text(f"[profiles.slow]\ncooldown = {minutes}\n")
        told.append(operator.run("handover", "INC-78").out.splitlines()[4])
    assert "Leave it alone" not in told[0]
    assert "Leave it alone until" in told[1]
    assert "Leave it alone until" in told[2]
    assert told[1] != told[2]
