"""A desktop that takes the keyring's prompts and shows none: calls are received and never answered."""

from __future__ import annotations

from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection


def main() -> None:
    """Serve until killed."""
    connection = open_dbus_connection()
    Proxy(message_bus, connection).RequestName("org.gnome.keyring.SystemPrompter")
    print("ready", flush=True)
    while True:
        connection.receive()


if __name__ == "__main__":
    main()
