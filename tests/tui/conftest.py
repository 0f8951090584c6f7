"""A running simulator with a journal for the tests of the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.bench import Bench, open_bench

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A simulator and a journal."""
    async with open_bench(tmp_path) as opened:
        yield opened
