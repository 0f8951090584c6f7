"""Every record once, whatever the total says; an end, whatever the gateway does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.ncp import paging
from ncpconsole.ncp.decode import Listing
from ncpconsole.ncp.errors import NotReached, UnreadableAnswer
from ncpconsole.ncp.models import Server
from ncpconsole.ncp.paging import AT_ONCE, read_all

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 10


def fleet(count: int, start: int = 0) -> list[Server]:
    return [Server(str(number)) for number in range(start, start + count)]


def number_of(server: Server) -> str:
    return server.server_instance_no


class Gateway:
    """Pages of a fleet; ``total`` says what the gateway claims, by page."""

    def __init__(
        self, servers: list[Server], total: Callable[[int], int | None] | None = None, most: int = SIZE
    ) -> None:
        self.servers = servers
        self.total = total or (lambda page: len(servers))
        self.most = most
        self.asked: list[int] = []
        self.at_once = 0
        self.most_at_once = 0
        self.warnings: list[str] = []

    async def page(self, number: int) -> Listing[Server]:
        self.asked.append(number)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        start = (number - 1) * self.most
        return Listing(self.servers[start : start + self.most], self.total(number))

    async def read(self, progress: Callable[[int, int], None] | None = None) -> list[Server]:
        return await read_all(self.page, number_of, SIZE, progress, self.warnings.append)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 95, 100, 101])
async def test_an_honest_total_costs_no_page_too_many(count: int) -> None:
    gateway = Gateway(fleet(count))
    assert await gateway.read() == fleet(count)
    assert gateway.warnings == []
    needed = max(1, -(-count // SIZE))
    # After a last page that is full, nothing but one more page can tell that it was the last.
    assert sorted(gateway.asked) == list(range(1, needed + 1 + (count > 0 and count % SIZE == 0)))


async def test_pages_are_read_side_by_side_four_at_most() -> None:
    gateway = Gateway(fleet(200))
    await gateway.read()
    assert gateway.most_at_once == AT_ONCE == 4


@pytest.mark.parametrize("total", [None, 0, 1, 15, 99, 100, 101, 105, 10_000, 10**15])
async def test_a_wrong_total_cuts_nothing_and_ends(total: int | None) -> None:
    gateway = Gateway(fleet(105), lambda page: total)
    assert await gateway.read() == fleet(105)
    assert len(gateway.asked) <= 11 + AT_ONCE


async def test_the_total_of_the_page_alone_cuts_nothing() -> None:
    servers = fleet(95)
    gateway = Gateway(servers, lambda page: len(servers[(page - 1) * SIZE : page * SIZE]))
    assert await gateway.read() == servers
    assert len(gateway.asked) == 10


async def test_a_gateway_that_gives_fewer_than_asked_is_read_to_its_end() -> None:
    gateway = Gateway(fleet(95), most=4)
    assert await gateway.read() == fleet(95)


async def test_a_server_on_two_pages_is_listed_once() -> None:
    servers = [*fleet(10), *fleet(10, 5), *fleet(5, 15)]
    assert await Gateway(servers).read() == fleet(20)


async def test_a_gateway_that_repeats_one_page_ends() -> None:
    async def page(number: int) -> Listing[Server]:
        return Listing(fleet(SIZE), 10**9)

    assert await read_all(page, number_of, SIZE) == fleet(SIZE)


async def test_a_gateway_without_an_end_is_refused_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 30)
    asked: list[int] = []

    async def page(number: int) -> Listing[Server]:
        asked.append(number)
        return Listing(fleet(SIZE, number * SIZE), None)

    with pytest.raises(UnreadableAnswer):
        await read_all(page, number_of, SIZE)
    assert max(asked) == 30


async def test_promised_pages_without_an_end_are_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 30)
    asked: list[int] = []

    async def page(number: int) -> Listing[Server]:
        asked.append(number)
        return Listing([Server("")] * SIZE, 10**9)

    with pytest.raises(UnreadableAnswer):
        await read_all(page, number_of, SIZE)
    assert max(asked) == 30


async def test_records_without_a_number_are_all_kept() -> None:
    servers = [*fleet(8), Server("", "a"), Server("", "a"), *fleet(5, 8)]
    assert await Gateway(servers).read() == servers


async def test_a_server_that_slipped_to_a_page_already_read_is_found() -> None:
    """A server of page 1 goes away while page 2 is read, and what follows moves up by one."""
    servers = fleet(30)
    gateway = Gateway(servers)
    gateway.total = lambda page: len(gateway.servers)
    honest = gateway.page

    async def page(number: int) -> Listing[Server]:
        listing = await honest(number)
        gateway.servers = servers[1:]
        return listing

    read = await read_all(page, number_of, SIZE)
    assert read == servers[1:]


async def test_a_page_in_the_middle_that_came_short_is_read_again() -> None:
    gateway = Gateway(fleet(35))
    honest = gateway.page

    async def page(number: int) -> Listing[Server]:
        listing = await honest(number)
        hiccup = number == 2 and gateway.asked.count(2) == 1
        return Listing(listing.records[:3], listing.total) if hiccup else listing

    assert await read_all(page, number_of, SIZE) == fleet(35)


async def test_a_server_that_slipped_while_another_came_is_found() -> None:
    """One comes in front and one goes at the end: the total stands still, and page 2 repeats a server."""
    before, after = fleet(25, 1), fleet(25)
    gateway = Gateway(before)
    honest = gateway.page

    async def page(number: int) -> Listing[Server]:
        listing = await honest(number)
        gateway.servers = after
        return listing

    assert await read_all(page, number_of, SIZE) == after


class Spoilt(Gateway):
    """An honest total, and pages that ``spoil`` has had in hand."""

    def __init__(self, count: int, spoil: Callable[[int, list[Server]], list[Server]]) -> None:
        super().__init__(fleet(count))
        self.spoil = spoil

    async def page(self, number: int) -> Listing[Server]:
        listing = await super().page(number)
        return Listing(self.spoil(number, listing.records), listing.total)


SPOILT: dict[str, tuple[Callable[[int, list[Server]], list[Server]], int]] = {
    "every page is the first": (lambda _, __: fleet(SIZE), 10),
    "page 1 comes short": (lambda number, rows: rows[:7] if number == 1 else rows, 22),
    "page 2 comes short": (lambda number, rows: rows[:7] if number == 2 else rows, 22),
    "page 2 comes empty": (lambda number, rows: [] if number == 2 else rows, 15),
    "the last page comes short": (lambda number, rows: rows[:2] if number == 3 else rows, 22),
    "the last page comes empty": (lambda number, rows: [] if number == 3 else rows, 20),
    "every page comes short": (lambda _, rows: rows[:7], 19),
}


@pytest.mark.parametrize("fault", SPOILT)
async def test_a_cut_is_never_silent(fault: str) -> None:
    spoil, left = SPOILT[fault]
    gateway = Spoilt(25, spoil)
    read = await gateway.read()
    assert len(read) == len(set(read)) == left
    assert gateway.warnings == [f"NCP announced 25 and gave {left}."]


@pytest.mark.parametrize("total", [None, 1])
async def test_a_repeated_page_is_never_silent_whatever_the_total(total: int | None) -> None:
    gateway = Spoilt(25, lambda _, __: fleet(SIZE))
    gateway.total = lambda _: total
    assert await gateway.read() == fleet(SIZE)
    assert gateway.warnings == ["NCP gave 10 and then a page of those again."]


async def test_a_gateway_that_shows_the_last_page_again_beyond_the_end_is_no_cause_for_doubt() -> None:
    gateway = Spoilt(20, lambda number, rows: rows or fleet(SIZE, SIZE))
    assert await gateway.read() == fleet(20)
    assert gateway.warnings == []


@pytest.mark.parametrize(("total", "doubted"), [(None, False), (1, False), (24, False), (26, True)])
async def test_only_a_total_that_is_too_high_is_a_cause_for_doubt(total: int | None, doubted: bool) -> None:
    gateway = Gateway(fleet(25), lambda _: total)
    assert await gateway.read() == fleet(25)
    assert bool(gateway.warnings) is doubted


async def test_progress_tells_read_and_expected() -> None:
    told: list[tuple[int, int]] = []
    await Gateway(fleet(35)).read(lambda read, expected: told.append((read, expected)))
    assert told[0] == (10, 35)
    assert told[-1] == (35, 35)
    assert [read for read, _ in told] == sorted(read for read, _ in told)


async def test_a_failing_page_fails_the_list_and_ends_the_others() -> None:
    running: set[int] = set()

    async def page(number: int) -> Listing[Server]:
        if number == 1:
            return Listing(fleet(SIZE), 100)
        running.add(number)
        try:
            await asyncio.sleep(0)
            if number == 3:
                raise NotReached("gone")
            await asyncio.Event().wait()
        finally:
            running.discard(number)
        raise AssertionError

    with pytest.raises(NotReached):
        await read_all(page, number_of, SIZE)
    assert running == set()


@given(
    count=st.integers(0, 70),
    totals=st.lists(st.none() | st.integers(0, 200), min_size=1, max_size=5),
    most=st.integers(1, SIZE),
)
def test_never_a_cut_a_duplicate_or_an_endless_reading(count: int, totals: list[int | None], most: int) -> None:
    """Whatever is claimed: with full pages every server is there once; else none twice, and it ends."""
    gateway = Gateway(fleet(count), lambda page: totals[page % len(totals)], most)
    read = asyncio.run(gateway.read())
    assert len(set(read)) == len(read)
    if any(total is not None and total >= count for total in totals[1:2] or totals):
        # Page 1 promised enough: what lacks was said.
        assert read == fleet(count) or gateway.warnings
    if most == SIZE:
        assert read == fleet(count)
    assert len(gateway.asked) <= 2 * (count + 2 + AT_ONCE)
