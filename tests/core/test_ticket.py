"""A line of a ticket names servers by whole addresses, numbers and names, and by nothing that only looks like one."""

from __future__ import annotations

import pytest

from ncpconsole.core.ticket import addresses_in, named_in
from tests.tui.server_rows import inventory, server

ROWS = inventory([server(1, "[prod]web-01"), server(2, "결제-02"), server(3, "db"), server(12, "db-12")]).rows
ONE, TWO, TWELVE = ROWS[0].ip, ROWS[1].ip, ROWS[3].ip


@pytest.mark.parametrize(
    ("line", "found", "unknown", "words"),
    [
        (f"{ONE} {TWO}", (ONE, TWO), (), "2 addresses, 2 found"),
        (f"[ALERT] {TWO},{ONE};192.0.2.9 down", (TWO, ONE), ("192.0.2.9",), "3 addresses, 2 found, 1 unknown"),
        (f"{ONE}/32 {ONE}:3389 ({TWO})", (ONE, TWO), (), "2 addresses, 2 found"),
        ("[prod]web-01 and <결제-02>", ("[prod]web-01", "결제-02"), (), "2 servers named, 2 found"),
        (f"30000003, {TWELVE} hang", ("30000003", TWELVE), (), "2 servers named, 2 found"),
        ("192.0.2.1 192.0.2.2", (), ("192.0.2.1", "192.0.2.2"), "2 addresses, 0 found, 2 unknown"),
    ],
)
def test_what_a_line_names(line: str, found: tuple[str, ...], unknown: tuple[str, ...], words: str) -> None:
    named = named_in(line, ROWS)
    assert named is not None
    assert (named.found, named.unknown, named.words) == (found, unknown, words)
    assert len(named.keys) == len(found)


@pytest.mark.parametrize(
    "line", ["", "web db-99 is slow", ONE, f"{ONE} {ONE}", f"{ONE} hangs", "1.2.3.4.5 1.2.3", "db"]
)
def test_a_line_that_names_fewer_than_two_is_none(line: str) -> None:
    assert named_in(line, ROWS) is None


def test_a_part_of_an_address_or_a_network_is_no_address() -> None:
    assert addresses_in("10.0.0.1 10.0.0.0/24 110.0.0.1.5 v1.2.3.4 x10.0.0.2") == ("10.0.0.1", "1.2.3.4", "10.0.0.2")
