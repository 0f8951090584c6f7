"""Decides whether a server may be interrupted, and for which reasons not. Nothing else decides it.

A rule set is data: the pairs of hypervisor and operating system that the cloud accepts, with the page that
says so and its date. Everything that is missing, unknown or contradictory blocks. Cautions do not block; they
make the operator type the server number instead of its name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from ncpconsole.core.cautions import NOTHING_KNOWN, Finding, ServerContext, cautions_about, sentences
from ncpconsole.core.errors import UnknownRules
from ncpconsole.core.safe_text import is_altered, safe_text
from ncpconsole.core.wording import RUNNING, STATUS_WORDS, shown_code
from ncpconsole.language import Sentence, msgid, tr
from ncpconsole.ncp.models import Server


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
    allowed: frozenset[tuple[str, OS]]


_API_PAGE = "https://api.ncloud-docs.com/docs/en/compute-vserver-server-interruptserverinstance"

RULE_SETS: dict[str, Rules] = {
    rules.name: rules
    for rules in (
        Rules(name="xen-windows", date="2025", source=_API_PAGE, allowed=frozenset({("XEN", OS.WINDOWS)})),
        Rules(
            name="2026-10",
            date="2026-10-08",
            source=_API_PAGE,
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
            tr("There is no rule set named “{name}”; known are {known}.", name=safe_text(name, 40), known=known)
        ) from None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a server may be interrupted: everything against it, and every caution.

    ``word`` is the verdict for a table cell: ``eligible``, ``busy: shutting down``, ``not XEN: KVM``, ``stopped`` …
    """

    eligible: bool
    against: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    word: str

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every reason against it, as a sentence."""
        return sentences(self.against)

    @property
    def cautions(self) -> tuple[str, ...]:
        """Every caution, as a sentence."""
        return sentences(self.warnings)

    @property
    def state(self) -> str:
        """``eligible``, ``caution`` (eligible, but read first) or ``blocked``."""
        if not self.eligible:
            return "blocked"
        return "caution" if self.warnings else "eligible"


# platformType codes, also found as one part of an image product code (SW.VSVR.OS.WND64.WND.SVR2016EN.B100).
# A KVM Ubuntu server really reports UBD64.
_OS_OF_PLATFORM = {
    "WND32": OS.WINDOWS,
    "WND64": OS.WINDOWS,
    "LNX32": OS.LINUX,
    "LNX64": OS.LINUX,
    "UBS64": OS.LINUX,
    "UBD64": OS.LINUX,
}
_KNOWN_HYPERVISORS = frozenset(("XEN", "KVM"))


@lru_cache(maxsize=1024)
def _os_finding(platform_code: str, image_product_code: str) -> tuple[OS, str]:
    """The operating system, or UNKNOWN with the reason."""
    platform_os = _OS_OF_PLATFORM.get(platform_code)
    if platform_os is None:
        if not platform_code:
            return OS.UNKNOWN, Sentence("The operating system is unknown (it is missing), so no rule allows it.")
        return OS.UNKNOWN, Sentence(
            "The operating system is unknown (the platform code “{code}” is not known), so no rule allows it.",
            code=shown_code(platform_code),
        )
    image_parts = image_product_code.upper().split(".")
    image_systems = {_OS_OF_PLATFORM[part] for part in image_parts if part in _OS_OF_PLATFORM}
    if image_systems - {platform_os}:
        return OS.UNKNOWN, Sentence(
            "The operating system is unknown: the platform says {system}, the image {image} says otherwise.",
            system=platform_os,
            image=safe_text(image_product_code, 60),
        )
    return platform_os, ""


def operating_system(server: Server) -> OS:
    """The operating system by platform code; UNKNOWN when that is not known or the image's product code
    contradicts it."""
    return _os_finding(server.platform_type.code, server.server_image_product_code)[0]


def _either(names: Iterable[str]) -> str:
    """What the rules allow: one, or the one or the other of two."""
    *others, last = names
    return Sentence("{one} or {other}", one=", ".join(others), other=last) if others else last


def _not(allowed: str, found: str) -> Sentence:
    return Sentence("not {allowed}: {found}", allowed=allowed, found=found)


@lru_cache(maxsize=1024)
def _platform_reasons(hypervisor: str, system: OS, rules: Rules) -> tuple[Finding, ...]:
    """What the rules have against hypervisor and a known operating system."""
    if hypervisor not in _KNOWN_HYPERVISORS:
        sentence = Sentence("The hypervisor is unknown (it is missing), so no rule allows it.")
        if hypervisor:
            sentence = Sentence(
                "The hypervisor is unknown (“{code}” is not known), so no rule allows it.", code=shown_code(hypervisor)
            )
        return (Finding("hypervisor-unknown", sentence, Sentence("hypervisor unknown")),)
    if system is OS.UNKNOWN or (hypervisor, system) in rules.allowed:
        return ()
    hypervisors = sorted({h for h, _ in rules.allowed})
    on_this = sorted(s for h, s in rules.allowed if h == hypervisor)
    anywhere = sorted({s for _, s in rules.allowed})
    found: list[Finding] = []
    if not on_this:
        sentence = Sentence(
            "The hypervisor is {hypervisor}; the rules “{rules}” allow only {allowed}.",
            hypervisor=hypervisor,
            rules=rules.name,
            allowed=_either(hypervisors),
        )
        found.append(Finding("hypervisor", sentence, _not(_either(hypervisors), hypervisor)))
        if system not in anywhere:
            sentence = Sentence(
                "The operating system is {system}; only {allowed} can be interrupted.",
                system=system,
                allowed=_either(anywhere),
            )
            found.append(Finding("os", sentence, _not(_either(anywhere), system)))
    else:
        sentence = Sentence(
            "The operating system is {system}; only {allowed} can be interrupted on {hypervisor}.",
            system=system,
            allowed=_either(on_this),
            hypervisor=hypervisor,
        )
        found.append(Finding("os", sentence, _not(_either(on_this), system)))
    return tuple(found)


def _status_reason(code: str) -> Finding:
    """What is against a status other than running."""
    if code in STATUS_WORDS:
        word = Sentence(STATUS_WORDS[code])
        sentence = Sentence("The server is not running: its status is {code} ({word}).", code=code, word=word)
        return Finding("not-running", sentence, Sentence(NOT_RUNNING.get(code, STATUS_WORDS[code])))
    sentence = Sentence("The server's status is unknown (it is missing); it must be running.")
    if code:
        sentence = Sentence(
            "The server's status is unknown (“{code}” is not known); it must be running.", code=shown_code(code)
        )
    return Finding("status-unknown", sentence, Sentence("status unknown"))


NOT_RUNNING = {"CREAT": msgid("created"), "FSTOP": msgid("stopped")}
"""Statuses that a table cell says in less than `STATUS_WORDS`."""


@lru_cache(maxsize=4096)
def _objections(hypervisor: str, platform: str, image: str, status: str, rules: Rules) -> tuple[Finding, ...]:
    """Everything against a server with these codes."""
    system, unknown_because = _os_finding(platform, image)
    found = list(_platform_reasons(hypervisor, system, rules))
    if system is OS.UNKNOWN:
        found.append(Finding("os-unknown", unknown_because, Sentence("OS unknown")))
    if status != RUNNING:
        found.append(_status_reason(status))
    return tuple(found)


def _number_reasons(number: str) -> tuple[Finding, ...]:
    if not number.strip():
        sentence = Sentence("The record has no server number, so it cannot be told apart from another server.")
        return (Finding("no-number", sentence, Sentence("no number")),)
    if is_altered(number) or number != number.strip():
        sentence = Sentence("The server number holds characters that cannot be shown, so it cannot be confirmed.")
        return (Finding("no-number", sentence, Sentence("no number")),)
    return ()


_ELIGIBLE = Verdict(eligible=True, against=(), warnings=(), word=Sentence("eligible"))


@lru_cache(maxsize=4096)
def _blocked(against: tuple[Finding, ...]) -> Verdict:
    return Verdict(eligible=False, against=against, warnings=(), word=against[0].word)


def verdict(server: Server, rules: Rules, context: ServerContext = NOTHING_KNOWN) -> Verdict:
    """Whether the rules allow to interrupt this server, with every reason and every caution."""
    against = _number_reasons(server.server_instance_no) + _objections(
        server.hypervisor_type.code,
        server.platform_type.code,
        server.server_image_product_code,
        server.server_instance_status.code,
        rules,
    )
    warnings = tuple(cautions_about(server, context))
    if not warnings:
        # Most servers of a large account share few verdicts; equal ones are one object.
        return _blocked(against) if against else _ELIGIBLE
    return Verdict(eligible=not against, against=against, warnings=warnings, word=(against or warnings)[0].word)
