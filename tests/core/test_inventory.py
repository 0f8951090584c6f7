"""Servers become rows: joined with addresses, counted by name, and kept while nothing about them changes."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.core.eligibility import RULE_SETS
from ncpconsole.core.filters import parse
from ncpconsole.core.inventory import Inventory
from ncpconsole.core.records import ResolvedAs
from ncpconsole.core.wording import clock_and_zone
from ncpconsole.ncp.models import NetworkInterface, Server
from ncpconsole.ncp.results import Outcome
from tests.core.records import NOON, intent, interface, server

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ncpconsole.core.records import Intent

XEN_WINDOWS, NEWER = RULE_SETS["xen-windows"], RULE_SETS["2026-10"]


def build(
    servers: Sequence[Server],
    interfaces: Iterable[NetworkInterface] = (),
    *,
    intents: Iterable[Intent] = (),
    previous: Inventory | None = None,
) -> Inventory:
    return Inventory.build(
        servers, interfaces, XEN_WINDOWS, now=NOON, cooldown=1800, intents=intents, previous=previous
    )


def fleet(count: int) -> list[Server]:
    return [server(str(30000000 + i), f"web-{i:05}") for i in range(count)]


def decoded_again(servers: Sequence[Server]) -> list[Server]:
    """The same records as new objects, as a refresh delivers them."""
    return msgspec.convert(msgspec.to_builtins(servers), list[Server])


def test_a_row_shows_the_record_in_words() -> None:
    row = build([server("1", "결제-1", operation="SHTDN", public_ip="211.1.2.3")], [interface("1", "10.0.0.1")]).rows[0]
    assert (row.key, row.number, row.name, row.region, row.zone) == ("1", "1", "결제-1", "KR", "KR-1")
    assert (row.status, row.operation, row.os, row.hypervisor) == (
        "RUN shutting down",
        "shutting down",
        "Windows",
        "XEN",
    )
    assert (row.ip, row.private_ips, row.public_ip) == ("10.0.0.1", ("10.0.0.1",), "211.1.2.3")
    assert row.uptime == "2026-11-01T09:00:00+0900"
    assert row.verdict.word == "busy: shutting down"


def test_every_text_of_a_row_is_safe_for_a_terminal() -> None:
    evil = "\x1b]0;x\x07\u202e"
    record = msgspec.structs.replace(
        server(evil, evil, hypervisor=evil, platform=evil, status=evil, operation=evil, region=evil),
        zone_code=evil,
        public_ip=evil,
        uptime=evil,
    )
    row = build([record], [interface(evil, evil)]).rows[0]
    shown = [row.name, row.number, row.region, row.zone, row.status, row.operation, row.os, row.hypervisor]
    shown += [row.public_ip, row.ip, *row.private_ips, row.uptime, row.verdict.word]
    shown += [*row.verdict.reasons, *row.verdict.cautions, *row.search_text.split("\n")]
    assert [text for text in shown if not text.isprintable()] == []
    assert len(row.private_ips) == 1


def test_missing_values_read_as_unknown() -> None:
    row = build([Server(server_instance_no="1")]).rows[0]
    assert (row.name, row.os, row.hypervisor, row.status, row.ip) == ("", "unknown", "unknown", "status unknown", "")


@pytest.mark.parametrize(
    ("interfaces", "ips"),
    [
        ([], ()),
        ([interface("1", "10.0.0.1")], ("10.0.0.1",)),
        ([interface("1", "10.0.0.2", default=False), interface("1", "10.0.0.1")], ("10.0.0.1", "10.0.0.2")),
        ([interface("1", "10.0.0.1"), interface("1", "10.0.0.2", default=False)], ("10.0.0.1", "10.0.0.2")),
        ([interface("1", "10.0.0.1"), interface("1", "10.0.0.1")], ("10.0.0.1",)),
        ([interface("1", "10.0.0.1", default=False)] * 2, ("10.0.0.1",)),
        (
            [interface("1", "10.0.0.1", default=False), interface("1", "10.0.0.2"), interface("1", "10.0.0.1")],
            ("10.0.0.1", "10.0.0.2"),
        ),
        ([interface("2", "10.0.0.1"), interface("", "10.0.0.2"), interface("1", "")], ()),
    ],
)
def test_private_addresses_are_joined_default_interface_first(
    interfaces: list[NetworkInterface], ips: tuple[str, ...]
) -> None:
    row = build([server("1", public_ip="211.1.2.3")], interfaces).rows[0]
    assert row.private_ips == ips
    assert row.ip == (ips[0] if ips else "211.1.2.3")


def test_the_interfaces_whose_traffic_is_logged_are_known() -> None:
    interfaces = [
        NetworkInterface("n1", "10.0.0.1", "eth0", True, "1"),
        NetworkInterface("n2", "10.0.1.1", "eth1", False, "1", enable_flow_log=True),
    ]
    assert build([server("1")], interfaces).rows[0].addresses.logged == ("10.0.1.1",)


def test_secondary_addresses_and_macs_are_kept_apart_and_searched() -> None:
    """An alarm may name any address of a server."""
    own = NetworkInterface("n1", "10.0.0.1", "eth0", True, "1", "fa:16:3e:00:00:01", ("10.0.9.8", "10.0.9.9"))
    further = NetworkInterface("n2", "10.0.1.1", "eth1", False, "1", "FA:16:3E:00:00:02", ("10.0.9.9", "\x1b[2J"))
    inventory = build([server("1", public_ip="211.1.2.3"), server("2", "web-2")], [further, own])
    row = inventory.rows[0]
    assert row.private_ips == ("10.0.0.1", "10.0.1.1")
    assert row.addresses.secondary == ("10.0.9.8", "10.0.9.9", "\\x1b[2J")
    assert row.addresses.mac == ("fa:16:3e:00:00:01", "FA:16:3E:00:00:02")
    assert row.ips == (*row.private_ips, *row.addresses.secondary, "211.1.2.3")
    for typed in ("10.0.9.8", "ip:10.0.9.9", "ip:10.0.9.0/24", "fa:16:3e:00:00:02", "FA:16", "fa:", "3e:00:00:01"):
        assert parse(typed).apply(inventory.rows) == [row], typed
    assert parse("ip:=10.0.9.7").apply(inventory.rows) == []
    again = build([server("1", public_ip="211.1.2.3")], [own], previous=inventory)
    assert again.rows[0].addresses.secondary == ("10.0.9.8", "10.0.9.9")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["a", "b"], ["eligible", "eligible"]),
        (["a", "a", "b"], ["same name", "same name", "eligible"]),
        (["web-1", "web-l"], ["look-alike name", "look-alike name"]),
        (["web-1", "web-1", "WEB-l"], ["same name", "same name", "look-alike name"]),
        (["web-1", "WEB-1"], ["same name", "same name"]),
        (["ν-1", "Ν-1", "n-1"], ["same name", "same name", "look-alike name"]),
        (["결제", unicodedata.normalize("NFD", "결제")], ["same name", "same name"]),
        (["web\x1b", "web\\x1b"], ["look-alike name", "look-alike name"]),
    ],
)
def test_names_are_compared_over_the_whole_inventory(names: list[str], words: list[str]) -> None:
    rows = build([server(str(i), name) for i, name in enumerate(names)]).rows
    assert [row.verdict.word for row in rows] == words


def test_the_cautions_name_the_others_and_never_the_server_itself() -> None:
    names = ["web-1", "web-1", "Web-l", "web-I", "WEB-1", "web-|", "web-1", "vveb-1", "sql"]
    rows = build([server(str(i), name) for i, name in enumerate(names)]).rows
    assert rows[0].verdict.cautions == (
        "3 other servers have the same name: number 1, region KR; number 4, region KR; number 6, region KR.",
        "4 other servers have a name that looks like this one: Web-l (number 2, region KR); "
        "web-I (number 3, region KR); web-| (number 5, region KR); and 1 more.",
    )
    assert "number 0, region KR; number 1, region KR; number 4, region KR" in rows[6].verdict.cautions[0]
    assert "(number 2," not in " ".join(rows[2].verdict.cautions)
    assert rows[8].verdict.cautions == ()


def test_ten_thousand_of_one_name_cost_no_list_each() -> None:
    rows = build([server(str(i), "web-1") for i in range(10_000)]).rows
    assert {len(row.context.same_names) for row in rows} == {3}


def test_namesakes_and_lookalikes_are_counted_apart() -> None:
    rows = build([server(str(i), name) for i, name in enumerate(["web-1", "web-1", "web-1", "web-l"])]).rows
    assert (rows[0].context.same_name_count, rows[0].context.confusable_count) == (2, 1)
    assert (rows[3].context.same_name_count, rows[3].context.confusable_count) == (0, 3)


@pytest.mark.parametrize(
    ("earlier", "word", "is_recent"),
    [
        ([], "eligible", False),
        ([intent()], "accepted", True),
        ([intent(outcome=Outcome.UNKNOWN)], "outcome unknown", True),
        ([intent(outcome=Outcome.UNKNOWN, minutes_ago=600)], "outcome unknown", False),
        ([intent(outcome=Outcome.UNKNOWN, resolved=ResolvedAs.ACCEPTED)], "accepted", True),
        ([intent(outcome=Outcome.UNKNOWN, resolved=ResolvedAs.NOT_RECEIVED)], "unknown", True),
        ([intent(outcome=Outcome.REJECTED)], "eligible", False),
        ([intent(outcome=Outcome.NOT_SENT)], "eligible", False),
        ([intent(outcome=None)], "being sent", False),
        ([intent(minutes_ago=31)], "eligible", False),
        ([intent(minutes_ago=29)], "accepted", True),
        ([intent("30000002")], "eligible", False),
        ([intent(minutes_ago=3, outcome=Outcome.REJECTED), intent(minutes_ago=9)], "accepted", True),
    ],
)
def test_earlier_interrupts_come_from_the_journal(earlier: list[Intent], word: str, is_recent: bool) -> None:
    for intents in (earlier, earlier[::-1]):
        inventory = build([server("30000001")], intents=intents)
        assert inventory.rows[0].verdict.word.startswith(word)
        assert (inventory.recent == {"30000001"}) is is_recent


@pytest.mark.parametrize(
    ("earlier", "outcome"),
    [
        (intent(), "was accepted: "),
        (intent(outcome=Outcome.UNKNOWN), "has an unknown outcome: "),
        (intent(outcome=Outcome.UNKNOWN, resolved=ResolvedAs.ACCEPTED), "was accepted: "),
    ],
)
def test_the_outcome_of_a_recent_interrupt_is_told(earlier: Intent, outcome: str) -> None:
    row = build([server("30000001")], intents=[earlier]).rows[0]
    assert outcome in row.verdict.cautions[-1]
    assert f"sent at {clock_and_zone(earlier.time, NOON)}" in row.verdict.cautions[-1]


def test_the_last_of_several_interrupts_is_told() -> None:
    both = [intent(minutes_ago=20), intent(minutes_ago=2, outcome=Outcome.UNKNOWN, resolved=ResolvedAs.ACCEPTED)]
    for intents in (both, both[::-1]):
        assert build([server("30000001")], intents=intents).rows[0].context.recent == both[1].time


def test_order_is_kept_and_eligible_servers_are_counted() -> None:
    inventory = build([server("2", "b"), server("1", "a", status="NSTOP"), server("3", "c")])
    assert [row.number for row in inventory.rows] == ["2", "1", "3"]
    assert inventory.eligible_count == 2
    assert list(inventory.by_key) == ["2", "1", "3"]


def test_without_servers() -> None:
    assert Inventory().rows == ()
    assert build([]).changed_since(Inventory()) == set()


def test_a_server_listed_twice_counts_once_the_later_record() -> None:
    inventory = build([server("1", "old"), server("2"), server("1", "new")])
    assert [(row.number, row.name) for row in inventory.rows] == [("1", "new"), ("2", "web-1")]
    assert not inventory.rows[0].verdict.cautions


def test_one_number_in_two_regions_selects_neither_by_number_and_both_by_key() -> None:
    inventory = build([server("1", "a"), server("1", "b", region="KRS"), server("2", "c")])
    assert [row.name for row in inventory.rows] == ["a", "b", "c"]
    assert len({row.key for row in inventory.rows}) == 3
    assert {inventory.by_key[row.key].name for row in inventory.rows} == {"a", "b", "c"}
    assert [key for key in inventory.by_key if key.isdecimal()] == ["2"]


def test_a_single_record_without_a_number_is_not_selected_by_number() -> None:
    inventory = build([server(""), server("1", "c")])
    assert [key for key in inventory.by_key if key.isdecimal()] == ["1"]
    assert len(inventory.by_key) == 2


def test_records_without_a_number_stay_apart_and_blocked() -> None:
    inventory = build([server("", "a"), server("", "b"), server("1", "c")])
    assert [row.name for row in inventory.rows] == ["a", "b", "c"]
    assert len(inventory.by_key) == 3
    assert [key for key in inventory.by_key if key.isdecimal()] == ["1"]
    assert inventory.eligible_count == 1


def test_a_refresh_that_finds_nothing_new_returns_the_same_rows() -> None:
    servers, nics = fleet(50), [interface(str(30000000 + i), f"10.0.0.{i}") for i in range(50)]
    before = build(servers, nics, intents=[intent("30000007")])
    after = build(decoded_again(servers), nics, intents=[intent("30000007")], previous=before)
    assert all(new is old for new, old in zip(after.rows, before.rows, strict=True))
    assert after.changed_since(before) == set()


def test_a_refresh_touches_only_what_changed() -> None:
    servers = fleet(6)
    nics = [interface(one.server_instance_no, "10.0.0.1") for one in servers]
    before = build(servers, nics)
    newer = decoded_again(servers)
    newer[1] = msgspec.structs.replace(newer[1], uptime="2026-11-02T21:00:00+0900")
    newer[2] = msgspec.structs.replace(newer[2], server_name="web-00003")
    nics[4] = interface(servers[4].server_instance_no, "10.0.0.9")
    newer[5] = server("30000009", "new")
    after = build(newer, nics, previous=before, intents=[])
    # 2 took the name of 3, so both changed; 5 is gone and 9 is new.
    assert after.changed_since(before) == {f"3000000{i}" for i in (1, 2, 3, 4, 9)}
    assert after.rows[0] is before.rows[0]
    assert after.rows[3].verdict.word == "same name"
    assert build(newer, nics).changed_since(after) == set()


def test_an_interrupt_changes_its_row_and_so_does_the_end_of_its_cooldown() -> None:
    servers = fleet(3)
    before = build(servers)
    sent = build(servers, intents=[intent("30000001", minutes_ago=29)], previous=before)
    assert sent.changed_since(before) == {"30000001"}
    over = build(servers, intents=[intent("30000001", minutes_ago=30)], previous=sent)
    assert over.changed_since(sent) == {"30000001"}
    assert over.rows[1].verdict.word == "eligible"


def test_other_rules_judge_every_row_anew() -> None:
    before = build([server(hypervisor="KVM")])
    after = Inventory.build([server(hypervisor="KVM")], [], NEWER, now=NOON, cooldown=1800, previous=before)
    assert (before.eligible_count, after.eligible_count) == (0, 1)
    assert after.changed_since(before) == {"30000001"}


def test_pages_that_stream_in_keep_the_rows_of_earlier_pages() -> None:
    servers = fleet(40)
    inventory = Inventory()
    for end in (10, 20, 30, 40):
        earlier, inventory = inventory, build(servers[:end], previous=inventory)
        assert all(new is old for new, old in zip(inventory.rows, earlier.rows, strict=False))
        assert inventory.changed_since(earlier) == {row.key for row in inventory.rows[end - 10 :]}


NAMES = st.sampled_from(["web-1", "web-l", "WEB-1", "결제", "", "x\x1b"])
SERVERS = st.lists(
    st.builds(
        server,
        st.sampled_from(["1", "2", "3", "4", ""]),
        NAMES,
        region=st.sampled_from(["KR", "KRS"]),
        status=st.sampled_from(["RUN", "NSTOP"]),
    ),
    max_size=8,
)
INTENTS = st.lists(
    st.builds(
        intent,
        st.sampled_from(["1", "2"]),
        minutes_ago=st.sampled_from([1.0, 29.0, 31.0]),
        outcome=st.sampled_from([*Outcome, None]),
    ),
    max_size=3,
)


@given(SERVERS, SERVERS, INTENTS, INTENTS)
def test_building_on_an_earlier_look_gives_what_building_afresh_gives(
    first: list[Server], second: list[Server], first_intents: list[Intent], intents: list[Intent]
) -> None:
    before = build(first, intents=first_intents)
    after, fresh = build(second, intents=intents, previous=before), build(second, intents=intents)
    assert [row.key for row in after.rows] == [row.key for row in fresh.rows]
    for row, same in zip(after.rows, fresh.rows, strict=True):
        assert row.shows_same_as(same)
        assert (row.name, row.search_text, row.verdict, row.context) == (
            same.name,
            same.search_text,
            same.verdict,
            same.context,
        )
    assert after.recent == fresh.recent
    assert after.changed_since(before) == fresh.changed_since(before)
    assert len(after.by_key) == len(after.rows)
