"""Whatever breaks while an interrupt is sent, wherever it breaks: the record tells the truth, and nothing doubles."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from tools.injected import ERRORS, break_at, count_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # what broke off leaves coroutines behind

EVERY = 211
"""The tool breaks at every line."""


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """What broke off goes here, where its warnings are ignored: within another test they would be that test's."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def lines() -> int:
    return count_lines()


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_at_any_line_of_a_send_leaves_the_truth(error: str, lines: int) -> None:
    first = 1 + 41 * [*ERRORS].index(error)
    tally, wrong = break_at(range(first, lines + 1, EVERY), ERRORS[error])
    assert wrong == []
    assert tally["1 arrived"] > 0
