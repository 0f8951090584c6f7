"""A text that must never be seen: it can be handed to the signer, and shows itself to nobody else."""

from __future__ import annotations

import hmac
from typing import Any, NoReturn

MASK = "Secret(…)"


class Secret:
    """Holds one secret text. ``repr``, ``str`` and formatting are redacted; pickling and copying are refused.

    Two secrets compare in constant time. A secret is not hashable, so it cannot become a key of a cache.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Pass it straight on; never keep it in a variable that outlives the call."""
        return self._text

    def __repr__(self) -> str:
        return MASK

    def __str__(self) -> str:
        return MASK

    def __format__(self, _format_spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine = self._text.encode("utf-8", "surrogatepass")
        return hmac.compare_digest(mine, other._text.encode("utf-8", "surrogatepass"))

    __hash__ = None  # type: ignore[assignment]  # the way to make a class unhashable; object declares a method

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("A secret cannot be pickled.")

    def __copy__(self) -> NoReturn:
        raise TypeError("A secret cannot be copied.")

    def __deepcopy__(self, _memo: dict[int, Any]) -> NoReturn:
        raise TypeError("A secret cannot be copied.")
