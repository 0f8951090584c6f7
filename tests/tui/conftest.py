"""A running simulator with a journal for the tests of the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ncpconsole.core import vitals_reader
from tests.tui.console_driver import WAIT_LIMIT, Backend, open_backend

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown without vital signs that come late is shown with them on a busy machine too."""
    monkeypatch.setattr(vitals_reader, "WAIT", WAIT_LIMIT)


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A simulator and a journal."""
    async with open_backend(tmp_path) as opened:
        yield opened
        opened.journal.close()  # a test may have put another one there
