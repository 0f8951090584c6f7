"""A proxy before the database that delays, stands still, resets and loses answers, as the test says."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class CuttingProxy:
    """Passes bytes on between consoles and the database.

    ``lose_answer_to`` names bytes of a statement: the request is passed on, and when the database has answered, the
    connection is reset and the answer dropped. ``swallow`` stands still in the same place; ``delay`` is in seconds and
    for each piece of an answer. ``is_down`` refuses connections and resets those that are there.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.lose_answer_to = b""
        self.cut_before = b""
        self.swallow = b""
        self.delay = 0.0
        self.met = threading.Event()
        self._is_down = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        self.reset()

    def down(self) -> None:
        """The database cannot be reached from now on."""
        self._is_down = True
        self.reset()

    def up(self) -> None:
        self._is_down = False

    def reset(self) -> None:
        """Reset every connection."""
        for pair in self._pairs:
            for each in pair:
                _reset(each)
        self._pairs.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_down:
                _reset(client)
                continue
            server = socket.create_connection(("127.0.0.1", self._target))
            self._pairs.append((client, server))
            state = _Passing()
            for source, target, look in ((client, server, self._asked), (server, client, self._answered)):
                threading.Thread(target=self._pass, args=(source, target, look, state), daemon=True).start()

    def _pass(
        self, source: socket.socket, target: socket.socket, look: Callable[[bytes, _Passing], bool], state: _Passing
    ) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not look(data, state):
                    if not state.is_still:
                        _reset(source)
                        _reset(target)
                    return
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    def _asked(self, data: bytes, state: _Passing) -> bool:
        if self.cut_before and self.cut_before in data:
            self.met.set()
            return False
        if self.lose_answer_to and self.lose_answer_to in data:
            state.is_lost = True
        if self.swallow and self.swallow in data:
            state.is_lost = state.is_still = True
        return True

    def _answered(self, data: bytes, state: _Passing) -> bool:
        del data
        if state.is_lost:
            self.met.set()
            return False
        if self.delay:
            threading.Event().wait(self.delay)
        return True


class _Passing:
    """What one connection has met."""

    def __init__(self) -> None:
        self.is_lost = False
        self.is_still = False


def _reset(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
