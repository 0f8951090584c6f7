"""A running simulator with a journal for the tests of the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.console_driver import Backend, open_backend

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator and a journal."""
    async with open_backend(tmp_path) as opened:
        yield opened
