"""The cells of the safety matrix: which server, what was typed, in which mode, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

KINDS = ("eligible", "linux", "kvm", "stopped", "busy", "unknown hypervisor", "unknown number")
TYPED = ("name", "wrong name", "number", "nothing")
MODES = ("normal", "read-only", "dry-run")

UNKNOWN_NUMBER = "99999999"


@dataclass(frozen=True)
class Cell:
    """One combination: ``sent`` interrupts must reach the gateway, and ``outcome`` must be said of it."""

    kind: str
    typed: str
    mode: str

    @property
    def confirmed(self) -> bool:
        """Whether this is what the server demands: its name or number, with a caution the number, rehearsed nothing."""
        demanded = {"eligible": ("name", "number"), "busy": ("number",)}.get(self.kind, ())
        return self.typed in demanded or (bool(demanded) and (self.typed, self.mode) == ("nothing", "dry-run"))

    @property
    def sent(self) -> int:
        """1 for the one right confirmation in normal mode, else 0."""
        return int(self.confirmed and self.mode == "normal")

    @property
    def outcome(self) -> str:
        """The gateway itself refuses a server with an operation in progress."""
        if not self.confirmed or self.mode == "read-only":
            return "refused"
        if self.mode == "dry-run":
            return "dry_run"
        return "rejected" if self.kind == "busy" else "accepted"

    @property
    def exit_code(self) -> int:
        """As documented for the plain command."""
        return {"refused": 3, "dry_run": 0, "accepted": 0, "rejected": 4}[self.outcome]

    def __str__(self) -> str:
        return f"{self.kind}, {self.typed}, {self.mode}"


CELLS = [Cell(*words) for words in product(KINDS, TYPED, MODES)]


def is_of(kind: str, server: dict[str, Any]) -> bool:
    """Whether a server of ``servers --all --json`` is an example of ``kind`` and of nothing else odd."""
    plain = server["serverName"].isprintable() and server["serverName"].isascii()
    windows, xen = server["os"] == "Windows", server["hypervisor"] == "XEN"
    running = server["status"] == "RUN"
    idle = server["operation"] in {"", "NULL"}
    return plain and {
        "eligible": windows and xen and running and idle and not server["cautions"],
        "linux": server["os"] == "Linux" and xen and running and idle,
        "kvm": windows and server["hypervisor"] == "KVM" and running and idle,
        "stopped": windows and xen and server["status"] == "NSTOP" and idle,
        "busy": windows and xen and running and not idle,
        "unknown hypervisor": windows and not server["hypervisor"] and running and idle,
    }.get(kind, False)


def typed_text(typed: str, name: str, number: str) -> str:
    """What the operator types in this cell."""
    return {"name": name, "wrong name": f"{name}x", "number": number, "nothing": ""}[typed]
