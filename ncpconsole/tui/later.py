"""Work for a worker that is begun by the worker itself."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

Result = TypeVar("Result")
Given = ParamSpec("Given")


class Later(Awaitable[Result]):
    """A coroutine that is made when it is awaited.

    One that is made before, and that a quick quit leaves unbegun, is a warning on the terminal.
    """

    def __init__(
        self, begin: Callable[Given, Coroutine[Any, Any, Result]], *args: Given.args, **kwargs: Given.kwargs
    ) -> None:
        self._begin = partial(begin, *args, **kwargs)

    def __await__(self) -> Generator[Any, None, Result]:
        return self._begin().__await__()
