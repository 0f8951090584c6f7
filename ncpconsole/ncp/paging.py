"""Reads every page of a list: each record once, bounded, and never cut off without saying so.

Page 1 tells how many records there are, and the other pages are read side by side. That total is only a
hint: published answers show it wrong. Too low: reading goes on while full pages bring new records. Too
high: reading stops at a page that is empty or brings nothing new. A list that changes while it is read may
have moved a record from a page still to come to one already read, and a page may come short: such a list is
read once more. Where fewer records came than were promised all the same, or a repeated page hid the end,
whoever asked is told: only they can say to the operator that the list may be short.

Source: the API page of getServerInstanceList; pages count from 1.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic

from ncpconsole.language import Sentence
from ncpconsole.ncp.decode import Listing, Record
from ncpconsole.ncp.errors import UnreadableAnswer

AT_ONCE = 4
MAX_PAGES = 1000
MAX_RECORDS = 200_000
MAX_BYTES = 256 * 1024 * 1024
MAX_SECONDS = 5 * 60.0
"""What one list may cost, over all its pages and both readings."""


async def read_all(
    fetch: Callable[[int], Awaitable[Listing[Record]]],
    number_of: Callable[[Record], str],
    page_size: int,
    progress: Callable[[int, int], None] | None = None,
    on_incomplete: Callable[[str], None] | None = None,
) -> list[Record]:
    """All records in page order. Records without a number are all kept, since nothing tells them apart.

    ``fetch`` reads one page; what it raises ends the reading. ``on_incomplete`` is called with a sentence
    when the list may lack records. Raises UnreadableAnswer beyond 1,000 pages, 200,000 records, 256 MiB or 5 minutes.
    """
    try:
        async with asyncio.timeout(MAX_SECONDS):
            best = _Reader(fetch, number_of, page_size, progress)
            await best.run()
            if best.is_worth_another_reading:
                second = _Reader(fetch, number_of, page_size, progress)
                await second.run()
                best = best if second.warning and second.count < best.count else second
    except TimeoutError as error:
        raise UnreadableAnswer(
            Sentence("The list does not end within {seconds:g} seconds; narrow it with a filter.", seconds=MAX_SECONDS)
        ) from error
    if best.warning and on_incomplete is not None:
        on_incomplete(best.warning)
    return best.records()


class _Reader(Generic[Record]):
    """One reading of the list from its first page to its last."""

    def __init__(
        self,
        fetch: Callable[[int], Awaitable[Listing[Record]]],
        number_of: Callable[[Record], str],
        page_size: int,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._fetch: Callable[[int], Awaitable[Listing[Record]]] = fetch
        self._number_of: Callable[[Record], str] = number_of
        self._full = self._asked = page_size
        self._progress = progress
        self._pages: dict[int, list[Record]] = {}
        self._seen: set[str] = set()
        self._totals: set[int] = set()
        self._brought_new: set[int] = set()
        self._last_wanted = 1
        self._repeated = False
        self._size = 0
        self.count = 0

    @property
    def warning(self) -> str:
        """Why the list may lack records, as a sentence; empty where nothing speaks for that."""
        total = max(self._totals, default=0)
        if self.count < total:
            return Sentence("NCP announced {total:,} and gave {count:,}.", total=total, count=self.count)
        # Where the total agrees, a page beyond the end merely shows the last one again.
        if self._repeated and self.count != total:
            return Sentence("NCP gave {count:,} and then a page of those again.", count=self.count)
        return ""

    @property
    def is_worth_another_reading(self) -> bool:
        """Whether the list may lack records, and the list changed or had a gap while it was read.

        A promise that is merely too high, with full pages up to the last, would only cost time each time.
        """
        sizes = [len(self._pages[page]) for page in sorted(self._pages) if self._pages[page]]
        gap = any(size < self._asked for size in sizes[:-1])
        overlap = sum(sizes) > self.count
        return bool(self.warning) and (gap or overlap or len(self._totals) > 1)

    async def run(self) -> None:
        """Read page 1, the pages it promises four at once, then on while full pages bring news."""
        await self._read(1)
        first, total = len(self._pages[1]), max(self._totals, default=0)
        if not first:
            return
        # A page shorter than asked for is either the last, or all the gateway gives at once.
        self._full = min(self._full, first) if total > first else self._full
        # After a promised last page that is full, one more page tells that it was the last.
        self._last_wanted = max(total, first) // self._full + 1
        await self._read_promised()
        page = max(self._pages)
        while page in self._brought_new and len(self._pages[page]) >= self._full:
            page += 1
            await self._read(page)

    async def _read_promised(self) -> None:
        pages = iter(range(2, MAX_PAGES + 2))

        async def reader() -> None:
            for page in pages:
                if page > self._last_wanted:
                    return
                await self._read(page)

        tasks = [asyncio.ensure_future(reader()) for _ in range(min(AT_ONCE, self._last_wanted - 1))]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, page: int) -> None:
        if page > MAX_PAGES:
            raise UnreadableAnswer(
                Sentence("The list does not end within {pages} pages; narrow it with a filter.", pages=MAX_PAGES)
            )
        listing = await self._fetch(page)
        self._size += listing.size
        if self._size > MAX_BYTES or self.count > MAX_RECORDS:
            raise UnreadableAnswer(
                Sentence(
                    "The list is larger than {size} MiB or {records:,} records; narrow it with a filter.",
                    size=MAX_BYTES >> 20,
                    records=MAX_RECORDS,
                )
            )
        self._pages[page] = listing.records
        if listing.total is not None:
            self._totals.add(listing.total)
        numbers = [self._number_of(one) for one in listing.records]
        fresh = {number for number in numbers if number} - self._seen
        nameless = numbers.count("")
        self._seen |= fresh
        self.count += len(fresh) + nameless
        if fresh:
            self._brought_new.add(page)
        elif not nameless:
            self._last_wanted = min(self._last_wanted, page)
            self._repeated = self._repeated or bool(numbers)
        if self._progress is not None:
            self._progress(self.count, max(self.count, *self._totals, 0))

    def records(self) -> list[Record]:
        """Every record once, in the order of the pages."""
        every = [record for page in sorted(self._pages) for record in self._pages[page]]
        if len(every) == self.count:
            return every  # the usual case; looking for repeated ones holds keys up by 10 ms at 10,000
        result: list[Record] = []
        seen: set[str] = set()
        for record in every:
            number = self._number_of(record)
            if number in seen:
                continue
            if number:
                seen.add(number)
            result.append(record)
        return result
