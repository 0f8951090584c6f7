"""Which servers the cloud accepts an interrupt for, as data: the rule moved before and will move again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ncpconsole.core.errors import UnknownRules
from ncpconsole.core.safe_text import safe_text


class OS(StrEnum):
    """The operating system as far as the rules care."""

    WINDOWS = "Windows"
    LINUX = "Linux"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rules:
    """One rule set: which (hypervisor code, operating system) pairs may be interrupted while running.

    ``date`` is the day the source said so, as far as it is known; ``source`` is the API page.
    """

    name: str
    date: str
    source: str
    summary: str
    allowed: frozenset[tuple[str, OS]]


_API_PAGE = "https://api.ncloud-docs.com/docs/en/compute-vserver-server-interruptserverinstance"

RULE_SETS: dict[str, Rules] = {
    rules.name: rules
    for rules in (
        Rules(
            name="xen-windows",
            date="2025",
            source=_API_PAGE,
            summary="Running servers with Windows on the hypervisor XEN.",
            allowed=frozenset({("XEN", OS.WINDOWS)}),
        ),
        Rules(
            name="2026-10",
            date="2026-10-08",
            source=_API_PAGE,
            summary="Running servers: Linux and Windows on KVM, Windows on XEN.",
            allowed=frozenset({("KVM", OS.LINUX), ("KVM", OS.WINDOWS), ("XEN", OS.WINDOWS)}),
        ),
    )
}
DEFAULT_RULES = "xen-windows"


def rules_named(name: str) -> Rules:
    """The rule set of that name; raises UnknownRules that lists the names there are."""
    try:
        return RULE_SETS[name]
    except KeyError:
        known = ", ".join(RULE_SETS)
        raise UnknownRules(
            f"There is no rule set named “{safe_text(name, 40)}”; known are {known}."
        ) from None
