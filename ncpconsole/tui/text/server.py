"""A plan in words: what is known of the server, what an interrupt does to it, and what must be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from ncpconsole.core.eligibility import operating_system
from ncpconsole.core.rule_sets import OS
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.wording import server_status
from ncpconsole.tui.widgets.asked import Asked
from ncpconsole.tui.words import clock, since_when

if TYPE_CHECKING:
    from datetime import datetime

    from ncpconsole.core.plan import Plan
    from ncpconsole.core.session import Session

GIB = 1024**3


def flags(session: Session) -> str:
    """PROTECTED and READ-ONLY, in words, as far as they hold."""
    policy = session.policy
    return " ".join(
        word for word, on in (("PROTECTED", policy.protected), ("READ-ONLY", policy.read_only)) if on
    )


def asked_of(plan: Plan) -> tuple[Asked, ...]:
    """What must be typed, in the order of the boxes: target, profile where it is protected, reason."""
    demands = plan.demands
    asked = [Asked("target", f"Type the {demands.what}", demands.text)]
    if demands.profile:
        asked.append(Asked("profile", "Type the profile", demands.profile))
    asked.append(Asked("reason", "Reason or ticket", None, required=demands.reason))
    return tuple(asked)


def plan_facts(
    plan: Plan, session: Session, addresses: tuple[str, ...], now: datetime
) -> list[tuple[str, Content]]:
    """The server as it was read for this plan, as labelled lines; ``addresses`` are its private ones."""
    server = plan.server
    identity = session.identity
    shown = [*addresses, f"{server.public_ip} (public)" if server.public_ip else ""]
    number = safe_text(server.server_instance_no)
    place = f"  region {safe_text(plan.region_code)}, zone {safe_text(server.zone_code)}"
    profile = safe_text(identity.profile, 60)
    started = safe_text(since_when(server.uptime, now), 60)
    return [
        ("number", Content.assemble((number, "bold"), place)),
        (
            "profile",
            Content.assemble(
                (profile, "bold"), f"  {safe_text(identity.site, 60)}  ", (flags(session), "bold")
            ),
        ),
        ("addresses", Content(safe_text(", ".join(filter(None, shown)) or "none known"))),
        ("status", Content(f"{server_status(server)}, as read at {clock(plan.read_at)}")),
        ("started", Content(started or "not known")),
    ]


def consequences(plan: Plan) -> list[str]:
    """What an interrupt does. Source: the guide of interruptServerInstance."""
    windows = "Windows stops with a blue screen: bug check 0x80, an NMI."
    other = "The kernel gets an NMI; what it does then depends on its set-up."
    return [
        windows if is_windows(plan) else other,
        "What is in memory and not saved is lost; every connection breaks.",
        "It starts again only if it is set to restart automatically.",
    ]


def dump_checklist(plan: Plan) -> list[str]:
    """What must have been set up before for a useful dump. Source: the guide of interruptServerInstance."""
    memory = plan.server.memory_size
    size = f" (this server has {memory / GIB:g} GiB of memory)" if memory else ""
    if not is_windows(plan):
        return [
            f"kdump or the like is set up, with room for the dump{size}",
            "a panic on an unknown NMI is on",
        ]
    return [
        "“Complete memory dump” is set; the default, “Automatic memory dump”, lacks the applications' memory",
        f"the page file on the system drive is larger than the memory{size}",
        "overwriting an existing dump file is allowed",
        "“Automatically restart” is on",
    ]


def is_windows(plan: Plan) -> bool:
    """Whether the words for Windows fit."""
    return operating_system(plan.server) is OS.WINDOWS
