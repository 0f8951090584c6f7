"""Who of the team is at which server now: told by each console as it happens, and kept nowhere.

A connection of its own listens, on a thread, so that a send never waits for it. It also hears that the journal has new
events. Where it is lost it is made again; nothing depends on it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ncpconsole.core.journal.team_database import AskPassword, open_connection
from ncpconsole.core.journal.team_schema import CHANNEL
from ncpconsole.core.records import new_id
from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import msgid, tr

if TYPE_CHECKING:
    import psycopg

    from ncpconsole.core.records import Origin

OnTold = Callable[[bool], object]
"""Called on the listener's thread: True when the journal may have new events, False when who is where changed."""

TICK = 0.25
"""Seconds between two looks at what this console has to say."""
REPEAT = 5.0
"""Seconds after which a console says again what it is doing, for those that began to listen meanwhile."""
FORGET = 3 * REPEAT
LONGEST_PAUSE = 15.0
WORDS = {"confirming": msgid("{who} is confirming"), "sending": msgid("{who} is sending")}
LABELS = {"confirming": msgid("{user} confirming"), "sending": msgid("{user} sending")}
MOST = 200
"""How many colleagues are kept in mind; more than that is no team."""


@dataclass(frozen=True, slots=True)
class Presence:
    """What a colleague is doing. All texts are safe to show. ``site`` and ``server_no`` are as the guard has them."""

    user: str
    host: str
    doing: str
    site: str
    server_no: str

    @property
    def label(self) -> str:
        """For a cell of the list, in the language in force: ``ops2 confirming``."""
        return tr(LABELS[self.doing], user=self.user)

    @property
    def words(self) -> str:
        """A sentence without its end, in the language in force: ``ops2@bastion-2 is confirming``."""
        return tr(WORDS[self.doing], who=f"{self.user}@{self.host}")


class PresenceLine:
    """Tells the other consoles what this one does, and knows what they do."""

    def __init__(self, url: str, origin: Origin, on_told: OnTold, ask_password: AskPassword | None = None) -> None:
        self._url = url
        self._ask_password = ask_password
        self._origin = origin
        self._on_told = on_told
        self._id = new_id()
        self._doing = ("", "", "")
        self._said_at = 0.0
        self._closed = threading.Event()
        self._heard: dict[str, tuple[Presence, float]] = {}
        self._thread = threading.Thread(target=self._run, name="ncpconsole-presence", daemon=True)
        self._thread.start()

    def announce(self, doing: str, site: str, server_no: str) -> None:
        """Say what this console does from now on: a key of `WORDS`, or an empty text for nothing. Returns at once."""
        self._doing, self._said_at = (doing, site, server_no), 0.0

    def colleagues(self) -> tuple[Presence, ...]:
        """What the others do now."""
        return tuple(presence for presence, _ in list(self._heard.values()))

    def close(self) -> None:
        """Stop, without waiting."""
        self._closed.set()

    def _run(self) -> None:
        pause = 0.0
        while not self._closed.wait(pause):
            try:
                with open_connection(self._url, self._ask_password) as connection:
                    connection.execute(f"LISTEN {CHANNEL}".encode())
                    self._on_told(True)  # nobody knows what was missed before
                    pause = 0.0
                    self._converse(connection)
            except Exception:  # noqa: BLE001 - whatever it is, it is tried again, and the journal says what is wrong
                pause = min(LONGEST_PAUSE, max(1.0, pause * 2))

    def _converse(self, connection: psycopg.Connection[Any]) -> None:
        said = ("", "", "")
        while not self._closed.is_set():
            doing, now = self._doing, time.monotonic()
            if doing != said or (doing[0] and now - self._said_at >= REPEAT):
                connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, self._payload(*doing)))
                said, self._said_at = doing, now
            told: set[bool] = set()
            for notice in connection.notifies(timeout=TICK, stop_after=1):
                told.add(self.hear(notice.payload))
            told.update({False} if self._forget() else ())
            for is_event in sorted(told):
                self._on_told(is_event)
        if said[0]:
            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, self._payload("", "", "")))

    def _payload(self, doing: str, site: str, server_no: str) -> str:
        who = {"user": self._origin.user[:40], "host": self._origin.host[:60]}
        return json.dumps({"console": self._id, **who, "doing": doing, "site": site, "server": server_no[:40]})

    def hear(self, payload: str) -> bool:
        """Take in what a console or the database said; True when it is of new events. Anything else is dropped."""
        try:
            said = json.loads(payload)
            if "event" in said:
                return True
            console, doing = str(said["console"]), str(said["doing"])
            site, server_no = str(said["site"]), str(said["server"])
            presence = Presence(
                safe_text(str(said["user"]), 40), safe_text(str(said["host"]), 40), doing, site, server_no
            )
        except (ValueError, TypeError, KeyError, RecursionError):
            return False
        if console == self._id:
            return False
        self._heard.pop(console, None)
        if doing in WORDS and len(self._heard) < MOST:
            self._heard[console] = (presence, time.monotonic())
        return False

    def _forget(self) -> bool:
        """Forget whom nothing was heard of: a console that was killed says no farewell."""
        old = [one for one, (_, heard) in self._heard.items() if time.monotonic() - heard > FORGET]
        for one in old:
            del self._heard[one]
        return bool(old)
