"""Workers whose unexpected errors are shown in a line and logged; the program goes on.

Not Textual's ``@work`` alone: it tells of an error the node that the worker belongs to, and nobody where that is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from textual.dom import DOMNode
from textual.worker import Worker

from ncpconsole.core.crash import described
from ncpconsole.language import tr
from ncpconsole.tui.messages import WorkerBroke

FLOW, WATCH = "interrupt", "watch"
"""The workers that take servers through their interrupts, and that watch them afterwards."""

Node = TypeVar("Node", bound="DOMNode")
Given = ParamSpec("Given")
Method = Callable[Concatenate[Node, Given], Coroutine[None, None, None]]


def in_background(
    node: DOMNode,
    what: str,
    deed: Callable[[], Coroutine[Any, Any, object]],
    *,
    group: str = "default",
    exclusive: bool = False,
    failed: Callable[[str], object] | None = None,
) -> Worker[None]:
    """Do it in a worker of ``node``; ``what`` names it, such as ``activity log``.

    ``group`` and ``exclusive`` are as in Textual's own.
    ``failed`` gets words for an error that nobody expected, so that nothing waits for ever.
    The error itself goes to the app as `WorkerBroke`.
    """

    async def guarded() -> None:
        try:
            await deed()
        except Exception as error:  # noqa: BLE001 - told and logged
            node.app.post_message(WorkerBroke(what, error))
            if failed is not None and node.is_attached:
                failed(tr("an internal error: {error}", error=described(error)))

    return node.run_worker(guarded, group=group, exclusive=exclusive, exit_on_error=False, description=what)


def background(
    what: str, *, group: str = "default", exclusive: bool = False, failed: Callable[[Any, str], object] | None = None
) -> Callable[[Method[Node, Given]], Callable[Concatenate[Node, Given], Worker[None]]]:
    """Make a method of a widget a worker, as `in_background` does; ``failed`` gets the widget, too."""

    def decorate(method: Method[Node, Given]) -> Callable[Concatenate[Node, Given], Worker[None]]:
        @wraps(method)
        def started(self: Node, /, *args: Given.args, **kwargs: Given.kwargs) -> Worker[None]:
            tell = None if failed is None else partial(failed, self)
            deed = partial(method, self, *args, **kwargs)
            return in_background(self, what, deed, group=group, exclusive=exclusive, failed=tell)

        return started

    return decorate
