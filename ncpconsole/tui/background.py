"""Workers whose unexpected errors are shown in a line and logged; the program goes on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from textual import work
from textual.dom import DOMNode
from textual.worker import Worker

from ncpconsole.core.crash import described
from ncpconsole.tui.messages import WorkerBroke

Node = TypeVar("Node", bound="DOMNode")
Given = ParamSpec("Given")
Method = Callable[Concatenate[Node, Given], Coroutine[None, None, None]]


def background(
    what: str, *, group: str = "default", exclusive: bool = False, failed: Callable[[Any, str], object] | None = None
) -> Callable[[Method[Node, Given]], Callable[Concatenate[Node, Given], Worker[None]]]:
    """Make a method of a widget a worker; ``what`` names it, such as ``activity log``.

    ``group`` and ``exclusive`` are as in Textual's own.
    ``failed`` gets the widget, and words for an error that nobody expected, so that nothing waits for ever.
    The error itself goes to the app as `WorkerBroke`.
    """

    def decorate(method: Method[Node, Given]) -> Callable[Concatenate[Node, Given], Worker[None]]:
        @wraps(method)
        async def guarded(self: Node, /, *args: Given.args, **kwargs: Given.kwargs) -> None:
            try:
                await method(self, *args, **kwargs)
            except Exception as error:  # noqa: BLE001 - told and logged
                self.app.post_message(WorkerBroke(what, error))
                if failed is not None and self.is_attached:
                    failed(self, f"an internal error: {described(error)}")

        worker: Any = work(group=group, exclusive=exclusive, exit_on_error=False, description=what)(guarded)
        started: Callable[Concatenate[Node, Given], Worker[None]] = worker
        return started

    return decorate
