"""A relay in front of the simulated gateway that notes when the first byte of an interrupt arrives."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tests.end_to_end.simulation import Simulation

CHUNK = 1 << 16
MARK = b"/interruptServerInstance"


class Relay:
    """Passes bytes between its own port and the gateway's, unread but for each connection's first ones."""

    def __init__(self, gateway: Simulation) -> None:
        parts = urlsplit(gateway.url)
        assert parts.hostname is not None
        self._gateway = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._arrived = threading.Condition()
        self.arrivals: list[float] = []
        """When the first byte of each interrupt arrived, by `time.monotonic`."""

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def arrival(self, number: int, within: float = 30) -> float:
        """When the interrupt of this number, counted from 0, arrived; waits for it."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.arrivals) > number, within):
                raise RuntimeError("no interrupt arrived")
            return self.arrivals[number]

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed: the end
            while True:
                client, _ = self._listener.accept()
                gateway = socket.create_connection(self._gateway)
                self._sockets += [client, gateway]
                for one in (client, gateway):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pump, args=(client, gateway, True), daemon=True).start()
                threading.Thread(target=self._pump, args=(gateway, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_request: bool) -> None:
        is_first = is_request
        with contextlib.suppress(OSError):  # either side has closed
            while data := source.recv(CHUNK):
                now = time.monotonic()
                if is_first and MARK in data:
                    with self._arrived:
                        self.arrivals.append(now)
                        self._arrived.notify_all()
                is_first = False
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
