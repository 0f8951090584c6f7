"""The commands of operators on two machines, whose consoles share the team's journal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ncpconsole.config import settings_reader
from ncpconsole.config.paths import console_paths
from ncpconsole.config.settings_parser import parse_settings
from ncpconsole.config.settings_reader import journal_place
from tests.cli.bastion import ANN, BEN, bastion
from tests.cli.operator import Operator
from tests.simulator.threaded import running_simulator
from tests.team.proxy import CuttingProxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.config.secret_service import SecretService
    from tests.simulator.threaded import ThreadedSimulator
    from tests.team.postgres import Server

NUMBER, NAME = "142300001", "web-00001"
SEND = ("interrupt", NUMBER, "--confirm", NAME, "--json")
PAST = ("interrupt", NUMBER, "--confirm", NUMBER, "--json", "--without-team", "the database is down, I called Ben")


@pytest.fixture
def gateway() -> Iterator[ThreadedSimulator]:
    with running_simulator(servers=8) as running:
        yield running


@pytest.fixture
def proxy(postgres: Server) -> Iterator[CuttingProxy]:
    made = CuttingProxy(postgres.port)
    yield made
    made.close()


class Machines:
    """Operators at different machines: each has a home of its own, and all go through the proxy."""

    def __init__(self, place: Path, gateway: ThreadedSimulator, url: str) -> None:
        self._place, self._gateway, self.url = place, gateway, url

    def at(self, name: str, **variables: str) -> Operator:
        home = self._place / name
        home.mkdir(exist_ok=True)
        kept = {one: value for one, value in os.environ.items() if not one.startswith(("NC", "XDG", "PG"))}
        return Operator(
            kept | {"HOME": str(home), **self._gateway.environment, "NCPCONSOLE_TEAM_URL": self.url} | variables
        )


@pytest.fixture
def machines(
    tmp_path: Path, gateway: ThreadedSimulator, postgres: Server, database: str, proxy: CuttingProxy
) -> Machines:
    return Machines(tmp_path, gateway, postgres.url(database, port=proxy.port))


def test_an_unknown_outcome_on_one_machine_locks_the_server_on_the_other(
    machines: Machines, gateway: ThreadedSimulator
) -> None:
    gateway.faults.set("once:interrupt:reset-after-request")
    one, two = machines.at("one"), machines.at("two")
    first = one.run(*SEND)
    assert first.code == 6, first.err
    held = two.run(*SEND)
    assert (held.code, held.json["reasonCodes"], len(gateway.interrupts)) == (3, ["locked"], 1)
    (record,) = two.run("history", "--json").json
    assert (record["id"], record["outcome"]) == (first.json["journalId"], "unknown")
    settled = two.run("resolve", record["id"], "--as", "accepted", "--note", "blue screen")
    assert settled.code == 0, settled.err
    (record,) = one.run("history", "--json").json
    assert record["resolution"]["note"] == "blue screen"
    verified = one.run("history", "--verify", "--json").json
    assert verified["whole"]
    assert verified["team"]["whole"]
    assert verified["team"]["events"] == 4


def test_where_the_team_s_journal_cannot_be_reached_nothing_is_sent_but_past_it(
    machines: Machines, gateway: ThreadedSimulator, proxy: CuttingProxy
) -> None:
    one, two = machines.at("one"), machines.at("two")
    proxy.down()
    held = one.run(*SEND)
    assert (held.code, held.json["reasonCodes"], len(gateway.interrupts)) == (3, ["team"], 0)
    assert "--without-team REASON" in held.json["message"]
    by_name = one.run("interrupt", NUMBER, "--confirm", NAME, "--json", "--without-team", "I called Ben")
    assert (by_name.code, len(gateway.interrupts)) == (3, 0)
    sent = one.run(*PAST)
    assert (sent.code, len(gateway.interrupts)) == (0, 1), sent.err
    status = one.run("team", "status", "--json")
    assert (status.code, status.json["guard"], status.json["usable"], status.json["team"]["owed"]) == (
        3,
        "team",
        False,
        1,
    )
    assert one.run("servers").code == 0
    checks = {each["check"]: each for each in one.run("doctor", "--json").json}
    assert checks["owed"]["status"] == "warning"
    assert "1 of this machine's outcomes are owed to the team's journal, the oldest for" in checks["owed"]["message"]
    proxy.up()
    status = one.run("team", "status", "--json")
    assert (status.code, status.json["team"]["reachable"], status.json["team"]["owed"]) == (0, True, 0)
    assert "owed" not in {each["check"] for each in one.run("doctor", "--json").json}
    (record,) = two.run("history", "--jsonl").out.splitlines()
    assert "the database is down, I called Ben" in record
    assert two.run("interrupt", NUMBER, "--confirm", NAME).code == 3


def test_past_the_team_is_nothing_where_it_can_be_reached(machines: Machines, gateway: ThreadedSimulator) -> None:
    gateway.faults.set("once:interrupt:reset-after-request")
    one, two = machines.at("one"), machines.at("two")
    assert one.run(*SEND).code == 6
    assert two.run(*PAST).code == 3
    assert len(gateway.interrupts) == 1


def test_setting_up_status_and_leaving(
    machines: Machines, postgres: Server, gateway: ThreadedSimulator, tmp_path: Path
) -> None:
    database = postgres.new_database("template1")
    owner, ann = postgres.url(database, "postgres"), postgres.url(database)
    config = str(tmp_path / "config.toml")
    operator = machines.at("one", NCPCONSOLE_TEAM_URL="", NCPCONSOLE_CONFIG=config)
    printed = operator.run("team", "setup", owner, "--print-sql")
    assert "CREATE SCHEMA ncpconsole" in printed.out
    assert operator.run("paths", "--json").json["guard"] == "account"
    gateway.faults.set("once:interrupt:reset-after-request")
    assert operator.run(*SEND).code == 6
    journal = operator.run("paths", "--json").json["journal"]
    refused = operator.run("team", "setup", ann)
    assert refused.code == 3
    assert "lacks the rights" in refused.err
    made = operator.run("team", "setup", owner, "--take-over", journal)
    assert made.code == 0, made.err
    assert "Took 1 interrupts over" in made.out
    with postgres.admin(database) as connection:
        connection.execute("GRANT ncpconsole_operator TO ann")
    status = operator.run("team", "status", "--json")
    assert (status.code, status.json["guard"], status.json["team"]["owed"]) == (0, "team", 0)
    assert "secret" not in status.out
    shown = {one["name"]: one for one in operator.run("config", "show", "--json").json}
    assert (shown["journal.team"]["value"], shown["journal.team"]["source"]) == (owner, "user file")
    shown = {one["name"]: one for one in machines.at("two").run("config", "show", "--json").json}
    assert (shown["journal.team"]["value"], shown["journal.team"]["source"]) == (machines.url, "environment")
    colleague = machines.at("two", NCPCONSOLE_TEAM_URL=ann)
    assert colleague.run(*SEND).code == 3
    examined = {one["check"]: one for one in colleague.run("doctor", "--json").json}
    assert "same team's, on any machine" in examined["guard"]["message"]
    assert examined["team"]["status"] == "ok"
    left = operator.run("team", "leave")
    assert (left.code, "never delivered" in left.err) == (0, False)
    assert operator.run("paths", "--json").json["guard"] == "account"
    assert "[journal]" not in Path(config).read_text("utf-8")


def test_who_leaves_delivers_what_is_owed_or_is_told_that_colleagues_do_not_know(
    machines: Machines, gateway: ThreadedSimulator, proxy: CuttingProxy, tmp_path: Path
) -> None:
    gateway.faults.set("once:interrupt:reset-after-request")
    config = tmp_path / "config.toml"
    one, two = machines.at("one", NCPCONSOLE_TEAM_URL="", NCPCONSOLE_CONFIG=str(config)), machines.at("two")
    named = f'[journal]\nteam = "{machines.url}"\n'
    config.write_text(named, "utf-8")
    proxy.down()
    assert one.run(*PAST).code == 6
    left = one.run("team", "leave")
    assert left.code == 0
    assert "1 outcome of this account was never delivered to the team's journal" in left.err
    config.write_text(named, "utf-8")
    proxy.up()
    left = one.run("team", "leave")
    assert (left.code, "never delivered" in left.err) == (0, False)
    assert two.run("interrupt", NUMBER, "--confirm", NUMBER).code == 3
    assert len(gateway.interrupts) == 1


def test_who_leaves_a_team_that_a_variable_names_is_told_that_it_still_does(machines: Machines) -> None:
    one = machines.at("one")
    left = one.run("team", "leave")
    assert (left.code, "NCPCONSOLE_TEAM_URL" in left.err) == (3, True)
    assert one.run("paths", "--json").json["guard"] == "team"


@pytest.mark.parametrize("url", ["postgresql://ann:secret@db.example/x", "postgresql://db/x?password=secret", "x/y"])
def test_an_address_that_cannot_be_is_refused_and_not_quoted(machines: Machines, url: str) -> None:
    operator = machines.at("one", NCPCONSOLE_TEAM_URL="")
    for ran in (operator.run("team", "setup", url), operator.run("servers", NCPCONSOLE_TEAM_URL=url)):
        assert ran.code in {1, 2, 5}
        assert "secret" not in ran.out + ran.err
    shown = operator.run("config", "show", "--json", NCPCONSOLE_TEAM_URL=url)
    assert "secret" not in shown.out + shown.err


def test_the_system_s_file_comes_before_variables_and_settings(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "etc" / "config.toml"
    file.parent.mkdir()
    file.write_text(f'[journal]\nteam = "{machines.url}"\n')
    monkeypatch.setattr(settings_reader, "SYSTEM_FILE", file)
    monkeypatch.setattr(settings_reader, "SYSTEM_OWNER", os.getuid())
    monkeypatch.setenv("NCPCONSOLE_TEAM_URL", "postgresql://elsewhere/x")
    own = parse_settings(tmp_path, '[journal]\nteam = "postgresql://mine/x"\n')
    assert journal_place(console_paths(), own).team == machines.url


@pytest.mark.secret_service
def test_the_password_is_in_the_keyring_or_libpq_s_file_and_nowhere_else(
    postgres: Server, database: str, gateway: ThreadedSimulator, secret_service: SecretService, tmp_path: Path
) -> None:
    from tests.team.postgres import PASSWORD, WITH_PASSWORD

    url = postgres.url(database, WITH_PASSWORD)
    operator = Operator(secret_service.environment | {**gateway.environment})
    without = operator.run("team", "setup", url)
    assert without.code == 3
    assert "wants a password that libpq did not find" in without.err
    kept = operator.run("team", "setup", url, "--ask-password", typed=f"{PASSWORD}\n")
    assert kept.code == 0, kept.err
    assert operator.run("team", "status", "--json").json["team"]["reachable"]
    assert operator.run(*SEND).code == 0
    assert PASSWORD not in "".join(operator.said)
    home = Path(operator.environment["HOME"])
    held = [path for path in home.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert held == []
    file = tmp_path / "pgpass"
    file.write_text(f"*:*:*:*:{PASSWORD}\n")
    file.chmod(0o600)
    other = Operator(
        {**operator.environment, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere", "PGPASSFILE": str(file)}
    )
    assert other.run("team", "status", "--json").json["team"]["reachable"]


@pytest.mark.skipif(os.geteuid() != 0, reason="several OS users need root, as CI has")
def test_what_root_names_for_the_machine_no_user_s_variable_or_setting_leads_around(
    gateway: ThreadedSimulator, postgres: Server, database: str
) -> None:
    gateway.faults.set("once:interrupt:reset-after-request")
    elsewhere = {"NCPCONSOLE_TEAM_URL": "postgresql://127.0.0.1:1/elsewhere"}
    with bastion(gateway) as one, bastion(gateway) as two:
        for machine in (one, two):
            named = machine.run(0, "team", "setup", postgres.url(database), "--for-machine")
            assert named.code == 0, named.err
            assert machine.run(ANN, "team", "setup", postgres.url(database), "--for-machine").code == 3
        assert one.run(ANN, *SEND).code == 6
        held = two.run(BEN, *SEND, variables=elsewhere)
        assert (held.code, held.json["reasonCodes"], len(gateway.interrupts)) == (3, ["locked"], 1)
        assert two.run(BEN, "team", "leave").code == 3
        assert two.run(0, "team", "leave").code == 0
        assert two.run(BEN, "paths", "--json").json["guard"] == "account"
