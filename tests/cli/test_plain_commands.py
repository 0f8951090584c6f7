"""The plain commands are read aloud line by line, and by scripts: no boxes, no colour, fields as agreed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.simulation import Simulation, simulation
from tests.end_to_end.terminal import CONSOLE, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


BOXES = re.compile("[\u2500-\u25ff]")
SERVER_FIELDS = [
    "serverInstanceNo",
    "serverName",
    "regionCode",
    "zoneCode",
    "status",
    "operation",
    "hypervisor",
    "os",
    "publicIp",
    "privateIps",
    "secondaryIps",
    "uptime",
    "verdict",
    "reasons",
    "cautions",
    "reasonCodes",
    "cautionCodes",
    "events",
]
INTERRUPT_FIELDS = [
    "outcome",
    "serverInstanceNo",
    "serverName",
    "message",
    "requestId",
    "requestIds",
    "journalId",
    "id",
    "reasonCodes",
    "cautionCodes",
    "actingAs",
    "signs",
]
HISTORY_FIELDS = [
    "id",
    "time",
    "serverInstanceNo",
    "serverName",
    "regionCode",
    "profile",
    "user",
    "host",
    "source",
    "actingAs",
    "outcome",
    "resolution",
    "message",
    "requestId",
    "requestIds",
    "reason",
    "incident",
    "observations",
    "notes",
    "signs",
]


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "128") as running:
        yield running


def run(gateway: Simulation | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a script starts it."""
    return subprocess.run(
        [CONSOLE, *arguments],
        env=dict(os.environ) | (gateway.environment if gateway else {}),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [("servers",), ("servers", "--all"), ("show", "142300044"), ("history",), ("profiles",), ("paths",), ("doctor",)],
    ids=" ".join,
)
def test_what_is_piped_is_lines_without_boxes_or_colour(gateway: Simulation, arguments: tuple[str, ...]) -> None:
    done = run(gateway, *arguments)
    printed = done.stdout + done.stderr
    assert printed
    assert "\x1b" not in printed
    assert not BOXES.search(printed)
    assert all(line == line.rstrip() for line in done.stdout.splitlines())


def test_show_says_one_fact_a_line_with_its_name(gateway: Simulation) -> None:
    lines = run(gateway, "show", "142300010").stdout.splitlines()
    assert all(re.match(r"[A-Z][A-Za-z ]*: \S", line) for line in lines)
    assert "Number: 142300010" in lines
    assert "Flow log: 10.0.0.11" in lines
    assert "Verdict: blocked" in lines
    assert any(line.startswith("Reason: ") and line.endswith(".") for line in lines)


def test_servers_says_each_server_on_one_line(gateway: Simulation) -> None:
    heading, *lines = run(gateway, "servers", "--all", "--filter", "no:14230001").stdout.splitlines()
    assert heading.split() == ["NAME", "NUMBER", "IP", "ZONE", "STATUS", "OS", "HV", "VERDICT"]
    assert len(lines) == 10
    assert all(" eligible" in line or " blocked: " in line for line in lines)


def test_json_has_the_fields_of_the_contract(gateway: Simulation) -> None:
    servers = json.loads(run(gateway, "servers", "--json").stdout)
    assert all(list(server) == SERVER_FIELDS for server in servers)
    assert {server["verdict"] for server in servers} == {"eligible"}
    shown = json.loads(run(gateway, "show", "142300012", "--json").stdout)
    assert list(shown) == [*SERVER_FIELDS, "interrupts", "notes", "signs"]
    sent = run(gateway, "interrupt", "142300012", "--confirm", "web-00012", "--json")
    assert list(json.loads(sent.stdout)) == INTERRUPT_FIELDS
    (record,) = json.loads(run(gateway, "history", "--json").stdout)
    assert list(record) == HISTORY_FIELDS


def test_exit_codes(gateway: Simulation, tmp_path: Path) -> None:
    dry = ("interrupt", "142300036", "--confirm", "web-00036", "--dry-run")
    assert run(gateway, *dry).returncode == 0
    assert run(gateway, "servers", "--filter", "nonsense:1").returncode == 2
    assert run(gateway, "interrupt", "142300036", "--confirm", "another").returncode == 3
    assert run(gateway, "interrupt", "142300010", "--confirm", "x", "--json").returncode == 3
    assert run(gateway, "--api-url", "http://127.0.0.1:9", "servers").returncode == 5
    assert run(None, "servers").returncode == 7


def test_errors_go_to_standard_error_and_json_stays_json(gateway: Simulation) -> None:
    done = run(gateway, "interrupt", "142300010", "--confirm", "x", "--json")
    assert json.loads(done.stdout)["outcome"] == "refused"
    done = run(gateway, "interrupt", "142300010", "--confirm", "x")
    assert not done.stdout
    assert done.stderr
    done = run(gateway, "servers", "--json", "--filter", "nonsense:1")
    assert "nonsense" in json.loads(done.stdout)["error"]["message"]
    assert "nonsense" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_for_this_command(shell: str) -> None:
    done = run(None, "completion", shell)
    assert done.returncode == 0
    assert f"_NCPCONSOLE_COMPLETE={shell}_complete" in done.stdout
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=done.stdout, text=True, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("typed", "completed"), [("ncpconsole hist", "history"), ("ncpconsole servers --fil", "--filter")]
)
def test_bash_completes_commands_and_options(tmp_path: Path, typed: str, completed: str) -> None:
    start = tmp_path / "bashrc"
    start.write_text(f'PS1="ready> "\nPATH="{Path(CONSOLE).parent}:$PATH"\neval "$(ncpconsole completion bash)"\n')
    with Terminal("--noprofile", "--rcfile", str(start), "-i", program="bash") as shell:
        shell.shows("ready>")
        shell.type(typed)
        shell.shows(typed)
        shell.press("tab")
        shell.shows(f"{typed.rpartition(' ')[0]} {completed}")


def test_what_is_looked_for_whole_is_listed_first_and_the_rest_is_counted(gateway: Simulation) -> None:
    everything = json.loads(run(gateway, "servers", "--all", "--json").stdout)
    addresses = {one["serverInstanceNo"]: one["privateIps"][0] for one in everything if one["privateIps"]}
    number, address = next(
        (number, address)
        for number, address in addresses.items()
        if any(other.startswith(address) and other != address for other in addresses.values())
    )
    found = run(gateway, "servers", "--all", "--json", "--filter", address)
    listed = json.loads(found.stdout)
    assert listed[0]["serverInstanceNo"] == number
    more = len(listed) - 1
    assert f"1 exact, {more} more contain{'s' if more == 1 else ''} it." in found.stderr
