"""A false Secret Service: locked, and its prompt is never completed. Prints each method called."""

from __future__ import annotations

from jeepney import DBusErrorResponse, HeaderFields, Message, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

COLLECTION = "/org/freedesktop/secrets/collection/locked"
PROMPT = "/org/freedesktop/secrets/prompt/p1"


def answer(message: Message, method: str) -> Message:
    """The reply to one call."""
    match method:
        case "OpenSession":
            algorithm = message.body[0]
            if algorithm != "plain":
                return new_error(message, "org.freedesktop.DBus.Error.NotSupported", "s", ("only plain",))
            return new_method_return(message, "vo", (("s", ""), "/org/freedesktop/secrets/session/s1"))
        case "ReadAlias":
            return new_method_return(message, "o", (COLLECTION,))
        case "Get":
            is_locked = message.body[1] == "Locked"
            return new_method_return(message, "v", (("b", True) if is_locked else ("s", "locked"),))
        case "Unlock":
            return new_method_return(message, "aoo", ([], PROMPT))
        case "SearchItems":
            return new_method_return(message, "ao", ([],))
        case "Prompt":
            return new_method_return(message)
    return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "s", (method,))


def main() -> None:
    """Serve until killed."""
    connection = open_dbus_connection()
    Proxy(message_bus, connection).RequestName("org.freedesktop.secrets")
    while True:
        try:
            message = connection.receive()
        except DBusErrorResponse:
            continue
        if message.header.message_type is MessageType.method_call:
            method = message.header.fields[HeaderFields.member]
            connection.send(answer(message, method))
            print(method, flush=True)


if __name__ == "__main__":
    main()
