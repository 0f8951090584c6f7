"""The team's database: one connection on a thread of its own, and no wait without an end.

libpq's own time-outs do not cover a network that swallows packets, a proxy that stands still, or a slow name server.
So each call runs on the connection's thread and is waited for so long and no longer; one that takes longer loses its
connection. Whether it was carried out is then looked up by whoever made it, never assumed.
"""

from __future__ import annotations

import json
import os
import queue
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ncpconsole.core.errors import GuardUnavailable
from ncpconsole.core.journal.chain import Event, guard_site, replay, storable
from ncpconsole.core.journal.team_schema import VERSION, schema_sql
from ncpconsole.core.records import State
from ncpconsole.language import Sentence, msgid

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")
AskPassword = Callable[[str], str]
"""Gives the password for an address, or an empty text."""

CONNECT_SECONDS = 3.0
CALL_SECONDS = 2.0
READ_SECONDS = 10.0
"""How long the first reading of all events may take."""
OPTIONS = (
    "-c default_transaction_isolation=read\\ committed "
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
)
"""With the keepalives the database notices in half a minute that a machine is gone, and gives its key back."""
LOOPBACK = ("localhost", "127.", "::1")
HOW_TO_GO_ON = Sentence(
    "Nothing is sent until it can be reached. If it cannot wait, agree with your colleagues, then give the server's "
    "number and a reason (--without-team REASON): it goes on record here and there."
)
READ_ONLY_COPY = msgid("it is a read-only copy of the database: name the one that can be written.")
EVENTS = "SELECT sequence, time, intent, kind, body, previous, hash FROM ncpconsole.events"


WITHOUT_CODE = (
    ("certificate", msgid("its certificate could not be verified.")),
    ("password", msgid("it wants a password that libpq did not find, or the one it found is wrong.")),
    ("database", msgid("there is no such database, or this role may not use it.")),
    ("role", msgid("it does not let this role in.")),
    ("pg_hba", msgid("it does not let this role in.")),
    ("refused", msgid("it refuses the connection.")),
    ("translate host name", msgid("the name of its host cannot be found.")),  # no message: libpq's
    ("name or service", msgid("the name of its host cannot be found.")),  # no message: the resolver's
    ("timeout", msgid("it did not answer in time.")),
)
"""What libpq's words on a failed connection mean, the first that fits."""


class TeamUnavailable(GuardUnavailable):
    """The team's journal cannot be reached or used. Whether the last call was carried out is not known."""


def unavailable(why: str) -> TeamUnavailable:
    """The error to raise, as sentences with the way on."""
    sentence = Sentence("The team's journal cannot be used: {why}", why=why)
    return TeamUnavailable(Sentence.joined(sentence, HOW_TO_GO_ON))


class TeamDatabase:
    """The team's journal in PostgreSQL. Every call raises TeamUnavailable, and none waits without an end.

    Calls may come from several threads; the connection's own carries them out in turn.
    """

    def __init__(self, url: str, ask_password: AskPassword | None = None) -> None:
        """``ask_password`` gives the password for an address where libpq finds none; it may be slow."""
        self.url = url
        self.ask_password = ask_password
        self._line: _Line | None = None
        self._connecting = threading.Lock()
        self.team = ""
        """Which team's journal this is; empty before the first connection."""
        self.clock_offset = 0.0
        """The database's clock minus this machine's, in seconds."""

    @property
    def key(self) -> int:
        """The key that the connection holds while it lives; 0 without one."""
        return self._line.key if self._line is not None and not self._line.is_broken else 0

    def close(self) -> None:
        """Give the connection back, and with it the key."""
        if self._line is not None:
            self._line.end()
            self._line = None

    def claim(self, intent: str, body: str, site: str, server_no: str) -> str:
        """Take the server; gives the id of the interrupt that holds it, or an empty text when it was taken."""
        return str(self._function("claim", intent, body, site, server_no, needs_key=True))

    def sending(self, intent: str, key: int) -> bool:
        """Commit that the first byte is about to leave; False when it must not."""
        if key != self.key:
            return False  # the connection that claimed is gone, and so others may have taken the server
        return bool(self._function("sending", intent, needs_key=True))

    def finish(self, intent: str, body: str) -> bool:
        return bool(self._function("finish", intent, body))

    def resolve(self, intent: str, body: str) -> bool:
        return bool(self._function("resolve", intent, body))

    def add(self, intent: str, kind: str, body: str) -> bool:
        return bool(self._function("add", intent, kind, body))

    def deliver(self, intent: str, site: str, server_no: str, steps: str) -> bool:
        return bool(self._function("deliver", intent, site, server_no, steps))

    def recover(self) -> list[str]:
        """End what consoles that are gone left open; gives the ids."""
        rows = self._call(lambda line: line.rows("SELECT ncpconsole.recover(%s)", line.key))
        return [str(row[0]) for row in rows]

    def events_from(self, sequence: int) -> list[Event]:
        """This event and all behind it, in order."""
        rows = self._call(
            lambda line: line.rows(f"{EVENTS} WHERE sequence >= %s ORDER BY sequence", sequence), READ_SECONDS
        )
        return [Event(*row) for row in rows]

    def take_over(self, events: list[Event]) -> int:
        """Add the interrupts of another journal, each as a whole and once; gives how many are new."""
        taken = 0
        for intent, document in replay(events).items():
            if document["state"] == State.DONE:
                steps = [[event.kind, event.body, event.time] for event in events if event.intent == intent]
                draft = document["draft"]
                site, server_no = guard_site(draft["gateway"]), storable(draft["server_no"])
                taken += self.deliver(intent, site, server_no, json.dumps(steps))
        return taken

    def server_version(self) -> str:
        """PostgreSQL's version, as it says it itself."""
        return str(self._call(lambda line: line.rows("SHOW server_version"))[0][0])

    def _function(self, name: str, *arguments: str, needs_key: bool = False) -> Any:
        def run(line: _Line) -> Any:
            given = (*arguments, line.key) if needs_key else arguments
            marks = ", ".join(["%s"] * len(given))
            return line.rows(f"SELECT ncpconsole.{name}({marks})", *given)[0][0]

        return self._call(run)

    def _call(self, work: Callable[[_Line], T], seconds: float = 0.0) -> T:
        line = self._living_line()
        return line.run(lambda: work(line), max(seconds, CALL_SECONDS))

    def _living_line(self) -> _Line:
        """The connection, made anew where there is none: one, whichever threads ask at once."""
        load_driver()
        with self._connecting:
            if self._line is not None and not self._line.is_broken:
                return self._line
            line = _Line(self.url, self.ask_password)
            started = datetime.now(UTC)
            try:
                facts = line.run(line.connect, CONNECT_SECONDS)
            except GuardUnavailable:
                line.end()
                raise
            offset = (facts.time - started - (datetime.now(UTC) - started) / 2).total_seconds()
            self._line, self.team, self.clock_offset = line, facts.team, offset
            return line


class _Facts:
    """What a new connection learnt of its database."""

    def __init__(self, team: str, time: datetime) -> None:
        self.team, self.time = team, time


class _Line:
    """One connection and the thread that alone uses it. Once broken it stays so."""

    def __init__(self, url: str, ask_password: AskPassword | None) -> None:
        self._url = url
        self._ask_password = ask_password
        self._connection: psycopg.Connection[Any] | None = None
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self.is_broken = False
        self.key = secrets.randbelow(2**62) + 1
        threading.Thread(target=self._work, name="ncpconsole-team", daemon=True).start()

    def run(self, work: Callable[[], T], seconds: float) -> T:
        """Have the thread do it, and wait so long; raises TeamUnavailable."""
        future: Future[T] = Future()

        def job() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits
                future.set_exception(error)

        self._jobs.put(job)
        try:
            with _translated():
                return future.result(seconds)
        except TimeoutError as error:
            self._break()
            raise unavailable(Sentence("it did not answer within {seconds:g} seconds.", seconds=seconds)) from error
        except GuardUnavailable:
            connection = self._connection
            if connection is None or connection.closed or connection.broken:
                self._break()
            raise

    def end(self) -> None:
        """Close the connection, without waiting."""
        self.is_broken = True
        self._jobs.put(None)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """On the thread: what a statement gives. Each is a transaction of its own."""
        if self._connection is None:
            raise unavailable(Sentence("there is no connection."))
        found: list[tuple[Any, ...]] = self._connection.execute(statement.encode(), values).fetchall()
        return found

    def connect(self) -> _Facts:
        """On the thread: connect, take the key, and look whether this is a journal we can use."""
        self._connection = open_connection(self._url, self._ask_password)
        if self.is_broken:  # nobody waits any more
            self._connection.close()
        if self.rows("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'")[0][0]:
            raise unavailable(Sentence(READ_ONLY_COPY))
        ((team, version),) = self.rows("SELECT id, version FROM ncpconsole.team") or [("", 0)]
        if version != VERSION:
            other = msgid("it has version {version}, and this console knows {known}: ask its owner to set it up again.")
            if version > VERSION:
                other = msgid("it has version {version}, and this console knows {known}: update ncpconsole.")
            raise unavailable(Sentence(other, version=version, known=VERSION))
        self.rows("SELECT pg_advisory_lock(%s)", self.key)
        ((time,),) = self.rows("SELECT clock_timestamp()")
        return _Facts(str(team), time)

    def _break(self) -> None:
        """Give the connection up: whatever the thread waits for ends now."""
        self.is_broken = True
        connection = self._connection
        if connection is not None:
            with suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as wire:
                wire.shutdown(socket.SHUT_RDWR)
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()


def set_up(url: str, role: str, ask_password: AskPassword | None = None) -> bool:
    """Make the team's journal in this database, where there is none; whether it was made now.

    Raises TeamUnavailable, also where this role may not make it.
    """
    with _translated():
        with open_connection(url, ask_password) as connection:
            if connection.execute("SELECT to_regnamespace('ncpconsole') IS NOT NULL").fetchone() == (True,):
                return False
            connection.execute(schema_sql(role).encode())
        return True


def load_driver() -> None:
    """Load psycopg, where no time is counted; raises TeamUnavailable where it is not installed."""
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        missing = Sentence("psycopg is not installed: install ncpconsole with its extra 'team'.")
        raise unavailable(missing) from error


def open_connection(url: str, ask_password: AskPassword | None = None) -> psycopg.Connection[Any]:
    """A connection as every console has it. Raises psycopg's errors, and TeamUnavailable for what is not safe.

    ``ask_password`` is asked where the database wants a password and libpq found none.
    """
    load_driver()
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(url)
    if parts.get("password"):
        raise unavailable(
            Sentence(
                "its address holds a password: take it out, and keep it where libpq finds it (PGPASSFILE, a service, a "
                "certificate)."
            )
        )
    hosts = str(parts.get("host") or parts.get("hostaddr") or os.environ.get("PGHOST", "")).split(",")
    safety: dict[str, Any] = {}
    if not all(host == "" or host.startswith(("/", "@", *LOOPBACK)) for host in hosts):
        if parts.get("sslmode", "verify-full") != "verify-full":
            raise unavailable(
                Sentence("its address turns the check of its certificate off: sslmode must be verify-full.")
            )
        safety = {"sslmode": "verify-full", "sslrootcert": parts.get("sslrootcert", "system")}
    if len(hosts) > 1 and "target_session_attrs" not in parts:
        safety["target_session_attrs"] = "read-write"
    given: dict[str, Any] = {
        "autocommit": True,
        "connect_timeout": int(CONNECT_SECONDS),
        "application_name": "ncpconsole",
        # The database gives a statement up before we give the connection up.
        "options": f"{OPTIONS} -c statement_timeout={int(CALL_SECONDS * 900)}",
        "tcp_user_timeout": int(CALL_SECONDS * 1000),
        "prepare_threshold": None,
        **safety,
    }
    try:
        return psycopg.connect(url, **given)
    except psycopg.OperationalError as error:
        wants_password = error.pgconn is not None and error.pgconn.needs_password
        password = ask_password(url) if ask_password is not None and wants_password else ""
        if not password:
            raise
    return psycopg.connect(url, **given, password=password)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the database's errors into sentences. None quotes an address: it may hold more than it should."""
    try:
        yield
    except (GuardUnavailable, TimeoutError):
        raise
    except Exception as error:
        raise unavailable(_sentence(error)) from error


def _sentence(error: Exception) -> Sentence:
    state = str(getattr(error, "sqlstate", None) or "")
    known = {
        "42501": msgid("your role lacks the rights: ask its owner for membership in the operators' role."),
        "3F000": msgid("it holds no journal yet: its owner makes one with 'ncpconsole team setup'."),
        "42P01": msgid("it holds no journal yet: its owner makes one with 'ncpconsole team setup'."),
        "42883": msgid("it is of another version: ask its owner to set it up again."),
        "25006": READ_ONLY_COPY,
        "57014": msgid("it took too long over one step."),
        "28P01": msgid("the password is wrong."),
        "28000": msgid("it does not let this role in."),
        "3D000": msgid("there is no such database."),
        "53300": msgid("it has no connection left."),
        "55000": msgid("the connection lost its key; where a pooler stands before the database, connect past it."),
    }
    if state in known:
        return Sentence(known[state])
    if state and not state.startswith(("08", "57P")):
        return Sentence("the database answered with error {code}.", code=state)
    # Without a connection there is no code, only libpq's words.
    told = str(error).lower()
    lost = msgid("the connection failed or was lost.")
    return Sentence(next((sentence for words, sentence in WITHOUT_CODE if words in told), lost))
