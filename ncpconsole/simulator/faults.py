"""Faults by name, and the syntax that says which requests they apply to.

::

    [TIMES:][OPERATION:]NAME[=VALUE]

    TIMES      once, or 3-times; without it, always
    OPERATION  regions zones list detail interfaces interrupt activities identity insight, or read (all but
               interrupt); without it, every operation that the fault can meet
    NAME       one of FAULTS
    VALUE      seconds, minutes, percent, a code or a field, as the fault's description says

    list:error-503         once:interrupt:hang         2-times:list:error-429=3         clock-skew=-11

Several faults may stand at once. Of those that prevent an operation, the first named wins.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

READS = frozenset({"regions", "zones", "list", "detail", "interfaces", "activities", "identity", "insight"})
INTERRUPT = frozenset({"interrupt"})
EVERYTHING = READS | INTERRUPT
RECORDS = frozenset({"list", "detail", "interrupt"})
PAGED = frozenset({"list", "interfaces"})
VSERVER = EVERYTHING - {"activities", "identity", "insight"}
INSIGHT = frozenset({"insight"})


class UnknownFault(ValueError):
    """A fault that cannot be understood; ``str()`` is one sentence."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave. ``meets`` are the operations it can meet; ``value`` is the default, if any."""

    name: str
    description: str
    meets: frozenset[str] = EVERYTHING
    value: str = ""
    is_number: bool = False


FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        # What happens instead of the operation: it is not carried out.
        Fault("hang", "not carried out, no answer, the connection stays open"),
        Fault("reset-after-request", "not carried out, the connection is reset"),
        Fault("close-after-request", "not carried out, the connection is closed without an answer"),
        Fault("error-400", "not carried out, 400 with code 100"),
        Fault("error-404", "not carried out, 404 with code 300"),
        Fault("error-413", "not carried out, 413 with code 430"),
        Fault("error-429", "not carried out, 429 with code 420; =SECONDS of Retry-After", value="1"),
        Fault("error-500", "not carried out, 500 with code 900"),
        Fault("error-503", "not carried out, 503 with code 500"),
        Fault("error-504", "not carried out, 504 with code 510"),
        Fault("service-error", "not carried out, 500 with a service error; =CODE", value="1000"),
        Fault("refused-saying", "not carried out, 400 with a service error in words; =WORDS", value="No."),
        Fault("permission-denied", "not carried out, 401 with code 210"),
        Fault("authentication-failed", "not carried out, 401 with code 200"),
        Fault("xml-error", "not carried out, 400 as XML; =ROOT is Error, error or responseError", value="Error"),
        Fault("html-error", "not carried out, 502 with a proxy's HTML page"),
        Fault("redirect", "not carried out, 307; =LOCATION", value="/simulator/elsewhere"),
        # What happens to the answer: the operation is carried out.
        Fault("interrupt-unknown", "carried out, then no answer, the connection stays open", INTERRUPT),
        Fault("answer-reset", "carried out, then the connection is reset"),
        Fault("answer-closed", "carried out, then the connection is closed without an answer"),
        Fault("truncated", "carried out, the connection is closed in the middle of the body"),
        Fault("stalled", "carried out, the body stops in the middle, the connection stays open"),
        Fault("dripped", "carried out, the body comes byte by byte; =SECONDS between", value="0.3", is_number=True),
        Fault("garbage", "carried out, the answer is no HTTP"),
        Fault("partial-status", "carried out, the connection is closed in the middle of the status line"),
        Fault("huge-headers", "carried out, 300 KB of headers"),
        Fault("endless-100", "carried out, 100 Continue without end"),
        Fault("empty-body", "carried out, 200 with an empty body"),
        Fault("malformed-json", "carried out, the body breaks off in the middle but the length is right"),
        Fault("bad-utf8", "carried out, bytes in the body that are not UTF-8"),
        Fault("lone-surrogate", "carried out, an unpaired surrogate in every server name", RECORDS),
        Fault("huge-body", "carried out, 100 MB of blanks before the body"),
        Fault("gzip-bomb", "carried out, 200 KB of gzip that become 200 MB"),
        Fault("broken-gzip", "carried out, said to be gzip and is not"),
        Fault("as-xml", "the answer is XML although JSON was asked for", VSERVER),
        Fault("server-error-after", "carried out, then 500 with code 900"),
        # What the answer says.
        Fault("wrong-echo", "the echoed server is another; =NUMBER", INTERRUPT, value="39999999"),
        Fault("other-return-code", "200 with another returnCode; =CODE", VSERVER, value="1000"),
        Fault("wrong-total", "totalRows is wrong; =TOTAL", PAGED, value="1", is_number=True),
        Fault("duplicate-pages", "every page is the first page", PAGED),
        Fault("short-pages", "every page lacks its last rows; =ROWS", PAGED, value="300", is_number=True),
        Fault("overlapping-pages", "every page begins with the last row of the one before", PAGED),
        Fault("number-as-int", "identifiers and returnCode are numbers", VSERVER),
        Fault("unknown-code", "status, operation, platform and hypervisor codes nobody knows", RECORDS),
        Fault("missing-field", "records lack a field; =FIELD", RECORDS | PAGED, value="serverInstanceStatus"),
        Fault("wrong-shape", "Cloud Insight's answer is in another form; =FORM", INSIGHT, value="object"),
        # Time, chance, and what there is to see.
        Fault("slow", "the answer comes late; =SECONDS", value="3", is_number=True),
        Fault("flaky", "reads fail by chance, seeded; =PERCENT", READS, value="1", is_number=True),
        Fault("clock-skew", "the gateway's clock is off; =MINUTES", value="11", is_number=True),
        Fault("empty-account", "the account has no servers"),
        Fault("no-eligible", "no server can be interrupted, whatever the rules"),
    )
}
_FLAKES = ("error-503", "reset-after-request", "error-500", "close-after-request")


@dataclass(slots=True)
class Rule:
    """One fault as it was asked for; ``left`` is how often it still happens, None for always."""

    fault: Fault
    meets: frozenset[str]
    value: str
    left: int | None = None


def parse_fault(text: str) -> Rule:
    """Read one fault in the module's language. Raises UnknownFault with a sentence on what is wrong."""
    *prefixes, last = text.strip().split(":") if "=" not in text else _split_before_value(text.strip())
    name, _, value = last.partition("=")
    fault = FAULTS.get(name)
    if fault is None:
        raise UnknownFault(f"There is no fault named {name!r}.")
    if fault.is_number and value:
        _checked_number(name, value)
    rule = Rule(fault, fault.meets, value or fault.value)
    for prefix in prefixes:
        times = "1-times" if prefix == "once" else prefix
        if times.endswith("-times"):
            rule.left = _checked_times(times.removesuffix("-times"))
        elif prefix == "read":
            rule.meets &= READS
        elif prefix in EVERYTHING:
            rule.meets &= {prefix}
        else:
            raise UnknownFault(f"{prefix!r} is neither an operation nor a number of times.")
    if not rule.meets:
        raise UnknownFault(f"The fault {name!r} cannot meet {':'.join(prefixes)!r}.")
    return rule


def _split_before_value(text: str) -> list[str]:
    """Split at colons, but not inside the value, which may be an address."""
    head, _, value = text.partition("=")
    *prefixes, name = head.split(":")
    return [*prefixes, f"{name}={value}"]


def _checked_number(name: str, value: str) -> None:
    try:
        float(value)
    except ValueError as error:
        raise UnknownFault(f"The fault {name!r} takes a number, not {value!r}.") from error


def _checked_times(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise UnknownFault(f"{text!r} is not a number of times.")
    return int(text)


class Faults:
    """The faults that stand. They may be changed while the gateway runs."""

    def __init__(self, *texts: str, seed: int = 1) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a repeatable run, not a secret
        self._rules: list[Rule] = []
        self.set(*texts)

    def set(self, *texts: str) -> None:
        """Let exactly these stand; raises UnknownFault and changes nothing when one is not understood."""
        self._rules = [parse_fault(text) for text in texts]

    def clear(self) -> None:
        self.set()

    def match(self, scope: str) -> dict[str, str]:
        """The faults that one request to this operation meets, by name with their value; counts it."""
        met: dict[str, str] = {}
        for rule in self._rules:
            if scope not in rule.meets or rule.left == 0:
                continue
            if rule.left is not None:
                rule.left -= 1
            if rule.fault.name != "flaky":
                met.setdefault(rule.fault.name, rule.value)
            elif self._chance.random() * 100 < float(rule.value):
                met.setdefault(self._chance.choice(_FLAKES), "")
        return met
