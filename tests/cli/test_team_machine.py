"""One journal for the users of one machine: two OS users hold each other back, and nobody steps around it."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import struct
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import GuardUnavailable
from ncpconsole.core.journal import shared
from tests.cli.bastion import ANN, BEN, GROUP, STRANGER, Bastion, bastion, ended
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.geteuid() != 0, reason="several OS users need root, as CI has")]

NUMBER, NAME = "142300001", "web-00001"
SEND = ("interrupt", NUMBER, "--confirm", NAME, "--json")


@pytest.fixture
def machine() -> Iterator[Bastion]:
    with running_simulator(servers=8) as gateway, bastion(gateway) as made:
        yield made


@pytest.fixture(scope="module")
def model() -> Iterator[Bastion]:
    """A machine with a shared journal, made once; each test has a copy."""
    with running_simulator(servers=1) as gateway, bastion(gateway) as made:
        ran = made.set_up()
        assert ran.code == 0, ran.err
        yield made


@pytest.fixture
def shared_machine(machine: Bastion, model: Bastion) -> Bastion:
    machine.take_after(model)
    return machine


def test_without_a_shared_journal_each_user_has_a_guard_of_his_own(machine: Bastion) -> None:
    machine.gateway.faults.set("once:interrupt:reset-after-request")
    assert [machine.run(user, *SEND).code for user in (ANN, BEN)] == [6, 0]
    assert machine.sent == 2
    assert machine.run(ANN, "paths", "--json").json["guard"] == "account"


def test_an_unknown_outcome_of_one_user_locks_the_server_for_the_other(shared_machine: Bastion) -> None:
    shared_machine.gateway.faults.set("once:interrupt:reset-after-request")
    assert shared_machine.run(ANN, *SEND).code == 6
    held = shared_machine.run(BEN, *SEND)
    assert (held.code, held.json["outcome"], held.json["reasonCodes"]) == (3, "refused", ["locked"])
    assert str(ANN) in held.json["message"]
    assert shared_machine.sent == 1
    (record,) = shared_machine.run(BEN, "history", "--json").json
    assert (record["user"], record["outcome"]) == (str(ANN), "unknown")
    settled = shared_machine.run(BEN, "resolve", record["id"], "--as", "accepted", "--note", "blue screen")
    assert settled.code == 0, settled.err


@pytest.mark.parametrize("variable", ["HOME", "XDG_STATE_HOME", "NCPCONSOLE_STATE_DIR", "NCPCONSOLE_CONFIG"])
def test_no_variable_leads_around_the_shared_journal(shared_machine: Bastion, variable: str) -> None:
    shared_machine.gateway.faults.set("once:interrupt:reset-after-request")
    assert shared_machine.run(ANN, *SEND).code == 6
    elsewhere = shared_machine.home(BEN) / "elsewhere"
    if variable == "NCPCONSOLE_CONFIG":
        elsewhere.write_text(f'[journal]\npath = "{elsewhere}/journal.db"\n')
        os.chown(elsewhere, BEN, BEN)
    held = shared_machine.run(BEN, *SEND, variables={variable: str(elsewhere)})
    assert (held.code, shared_machine.sent) == (3, 1)
    assert variable != "NCPCONSOLE_CONFIG" or "journal.path is ignored" in held.err


def test_of_two_users_who_press_at_once_one_sends(shared_machine: Bastion) -> None:
    running = [shared_machine.start(user, *SEND, umask=mask) for user in (ANN, BEN) for mask in (0o077, 0)]
    first, *others = sorted(ended(one).code for one in running)
    # Who claims after the first was answered sees that in his look before the send.
    assert (first, shared_machine.sent) == (0, 1)
    assert set(others) <= {3, 5}


@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_what_a_user_creates_is_the_group_s_whatever_the_umask(shared_machine: Bastion, umask: int) -> None:
    shared_machine.gateway.faults.set("once:interrupt:hang")
    waiting = shared_machine.start(ANN, *SEND, umask=umask)
    try:
        shared_machine.gateway.interrupt_received(60)
        files = [path for path in shared_machine.journal.parent.rglob("*") if path.is_file()]
        assert {path.name.rpartition("-")[2] for path in files} >= {"journal.db", "wal", "shm"}
        assert any(path.suffix == ".lock" for path in files)
        assert {(stat.S_IMODE(path.stat().st_mode), path.stat().st_gid) for path in files} == {(0o660, GROUP)}
        assert shared_machine.run(BEN, *SEND, umask=umask).code == 3
    finally:
        waiting.kill()
        waiting.communicate()
    assert shared_machine.sent == 1


def test_a_holder_that_was_killed_is_seen_by_the_other_user(shared_machine: Bastion) -> None:
    shared_machine.gateway.faults.set("once:interrupt:hang")
    despite = ("interrupt", NUMBER, "--confirm", NUMBER, "--despite", "under-way", "--json")
    holder = shared_machine.start(ANN, *SEND)
    shared_machine.gateway.interrupt_received(60)
    held = shared_machine.run(BEN, *despite)
    assert (held.code, held.json["reasonCodes"]) == (3, ["locked"])
    assert "under way" in held.json["message"]
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    held = shared_machine.run(BEN, *despite)
    assert (held.code, held.json["reasonCodes"]) == (3, ["locked"])
    assert "unknown" in held.json["message"]
    assert shared_machine.sent == 1


def with_access_list(path: Path) -> None:
    """Let one more user write, by an access list (version 2, tags and ids as the kernel has them)."""
    none = 2**32 - 1
    entries = [(0x01, 6, none), (0x02, 6, STRANGER), (0x04, 6, none), (0x10, 6, none), (0x20, 0, none)]
    os.setxattr(
        path, "system.posix_acl_access", struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in entries)
    )


def as_link(path: Path) -> None:
    kept = path.with_name("journal.db-kept")
    path.rename(kept)
    path.symlink_to(kept)


SPOILT: dict[str, Callable[[Path], object]] = {
    "the directory is open to others": lambda path: path.parent.chmod(0o2777),
    "the directory passes its group to nothing": lambda path: path.parent.chmod(0o770),
    "the directory is a user's": lambda path: os.chown(path.parent, ANN, GROUP),
    "the directory above is a user's": lambda path: os.chown(path.parent.parent, ANN, ANN),
    "the directory above is open": lambda path: path.parent.parent.chmod(0o777),
    "the file is open to others": lambda path: path.chmod(0o666),
    "the file is closed to the group": lambda path: path.chmod(0o640),
    "the file is a user's": lambda path: os.chown(path, ANN, GROUP),
    "the file is another group's": lambda path: os.chown(path, 0, STRANGER),
    "the file has an access list": with_access_list,
    "the file is a link": as_link,
    "the file has a second name": lambda path: path.with_name("journal.db-too").hardlink_to(path),
    "the file is gone": lambda path: path.unlink(),
    "the locks are gone": lambda path: (path.parent / "owners").rmdir(),
    "the locks are open": lambda path: (path.parent / "owners").chmod(0o2777),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_shared_journal_whose_rights_are_not_right_refuses(shared_machine: Bastion, how: str) -> None:
    SPOILT[how](shared_machine.journal)
    ran = shared_machine.run(BEN, *SEND)
    assert (ran.code, shared_machine.sent) == (3, 0), (ran.out, ran.err)
    assert str(shared_machine.journal.parent.parent) in ran.err
    assert "Nothing is sent until then." in ran.err
    examined = shared_machine.run(BEN, "doctor", "--json").json
    assert any("Nothing is sent until then." in one["message"] for one in examined if one["status"] == "failure")


def test_who_is_not_in_the_group_is_refused_in_words(shared_machine: Bastion) -> None:
    ran = shared_machine.run(STRANGER, *SEND)
    assert (ran.code, shared_machine.sent) == (3, 0)
    assert f"You are not in the group {GROUP}" in ran.err


@pytest.mark.parametrize("kind", ["nfs4", "9p", "virtiofs", "fuse.sshfs", "cifs"])
def test_a_file_system_of_another_machine_is_refused(
    shared_machine: Bastion, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.check_shared(shared_machine.journal)
    monkeypatch.setattr(shared, "file_system", lambda _: kind)
    monkeypatch.setattr("ncpconsole.core.journal.files.file_system", lambda *_: kind)
    with pytest.raises(GuardUnavailable, match=rf"other machines may use too.*\({kind}\)"):
        shared.check_shared(shared_machine.journal)


def test_it_says_which_guard_holds(shared_machine: Bastion) -> None:
    paths = shared_machine.run(BEN, "paths", "--json").json
    assert (paths["guard"], paths["journal"]) == ("machine", str(shared_machine.journal))
    status = shared_machine.run(BEN, "team", "status", "--json")
    assert (status.code, status.json["guard"], status.json["usable"]) == (0, "machine", True)
    examined = {one["check"]: one for one in shared_machine.run(BEN, "doctor", "--json").json}
    assert "All users of this machine" in examined["guard"]["message"]
    assert examined["record"]["status"] == "ok"


def test_setup_needs_root_and_a_directory_of_its_own_and_can_be_run_again(machine: Bastion) -> None:
    refused = machine.run(ANN, "team", "setup", str(machine.journal), "--group", str(GROUP))
    assert (refused.code, machine.journal.parent.exists()) == (3, False)
    machine.journal.parent.mkdir()
    (machine.journal.parent / "other").touch()
    mode = machine.journal.parent.stat().st_mode
    assert machine.set_up().code == 3
    assert machine.journal.parent.stat().st_mode == mode
    assert not machine.system_file.exists()
    (machine.journal.parent / "other").unlink()
    machine.system_file.parent.mkdir()
    machine.system_file.write_text('# ours\n[profiles.all]\nsite = "gov"\nread_only = true\n')
    assert machine.set_up().code == 0
    text = machine.system_file.read_text()
    assert "# ours" in text
    assert f'path = "{machine.journal}"' in text
    assert stat.S_IMODE(machine.system_file.stat().st_mode) == 0o644
    machine.journal.chmod(0o666)
    assert machine.set_up().code == 0
    assert machine.run(ANN, *SEND).code == 0
    assert machine.run(ANN, "team", "leave").code == 3
    assert machine.run(0, "team", "leave").code == 0
    assert machine.run(ANN, "paths", "--json").json["guard"] == "account"
    assert machine.journal.exists()


def test_records_of_before_are_taken_over_with_their_chain_and_their_locks(machine: Bastion) -> None:
    machine.gateway.faults.set("once:interrupt:reset-after-request")
    assert machine.run(ANN, *SEND).code == 6
    assert machine.run(BEN, "interrupt", "142300002", "--confirm", "sql-00002").code == 0
    old = {user: machine.run(user, "history", "--verify", "--json").json for user in (ANN, BEN)}
    sources = [str(machine.home(user) / ".local/state/ncpconsole/journal.db") for user in (ANN, BEN)]
    words = [word for source in sources for word in ("--take-over", source)]
    made = machine.set_up(*words)
    assert made.code == 0, made.err
    verified = machine.run(BEN, "history", "--verify", "--json", "--expect-head", old[ANN]["head"])
    assert (verified.code, verified.json["whole"]) == (0, True), verified.err
    assert verified.json["events"] == old[ANN]["events"] + old[BEN]["events"] + 2
    assert {one["user"] for one in machine.run(ANN, "history", "--json").json} == {str(BEN), str(ANN)}
    assert [one["user"] for one in machine.run(ANN, "history", "--json", "--user", str(BEN)).json] == [str(BEN)]
    assert machine.run(BEN, *SEND).code == 3
    assert machine.sent == 2
    assert machine.set_up(*words).code == 0
    assert machine.run(BEN, "history", "--verify", "--json").json["events"] == verified.json["events"]


def test_an_altered_record_is_not_taken_over(machine: Bastion) -> None:
    assert machine.run(ANN, *SEND).code == 0
    source = machine.home(ANN) / ".local/state/ncpconsole/journal.db"
    with sqlite3.connect(source) as database:
        database.execute("DROP TRIGGER events_are_not_changed")
        database.execute("UPDATE events SET body = replace(body, 'web-00001', 'web-00009')")
    ran = machine.set_up("--take-over", str(source))
    assert ran.code == 1
    assert "was altered" in ran.err
    assert not machine.system_file.exists()
