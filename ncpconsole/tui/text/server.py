"""One server in words: its details and next step, and the plan of its interrupt with what must be typed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from textual.content import Content

from ncpconsole.core.cautions import sentences, still_alive
from ncpconsole.core.eligibility import OS, operating_system
from ncpconsole.core.handover import note_sentence
from ncpconsole.core.inventory import Row
from ncpconsole.core.names import composed
from ncpconsole.core.plan import Plan, is_typed
from ncpconsole.core.policy import Policy
from ncpconsole.core.records import Intent, Note
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.vitals import Vitals
from ncpconsole.core.wording import acting_words, api_time, clock, day_and_clock, duration, since_when, state_words
from ncpconsole.language import msgid, shown, tr, tr_n
from ncpconsole.tui.keymap import is_hangul
from ncpconsole.tui.text import LABEL, hanging, heading, item, section
from ncpconsole.tui.text.record import earlier_text
from ncpconsole.tui.widgets.sparkline import sign_lines, signs_sentence


@dataclass(frozen=True, slots=True)
class ConfirmField:
    """``wanted`` is the exact text, or None for free text; free text that is not ``required`` may stay empty.

    ``or_number`` is the server's number, which does as well as its name.

    What counts as typed is decided by `core.plan.is_typed`; this only says it.
    """

    id: str
    label: str
    wanted: str | None
    required: bool = True
    or_number: str = ""

    def matches(self, typed: str) -> bool:
        """Whether what is typed is enough."""
        if self.wanted is None:
            return bool(typed.strip()) or not self.required
        return is_typed(self.wanted, typed) or is_typed(self.or_number, typed)

    @property
    def must_be_typed(self) -> bool:
        """Whether pasting is refused: a name copied off the screen proves nothing about what was read.

        A name that not every keyboard can write may be pasted: without that keyboard nobody could confirm it.
        """
        return self.wanted is not None and self.wanted.isascii()

    def status_text(self, typed: str) -> str:
        """How it stands, in a few words."""
        if self.wanted is None:
            return self._free_text_status(typed)
        if self.matches(typed):
            return tr("matches")
        if not typed:
            return tr("nothing typed yet")
        if typed.strip().casefold() == self.wanted.casefold():
            return tr("case differs")
        if self.wanted.isascii() and is_hangul(typed):
            return tr("Korean input is on (한/영)")
        begun = composed(self.wanted).startswith(composed(typed.lstrip()))
        return tr("does not match yet") if begun else tr("does not match")

    def _free_text_status(self, typed: str) -> str:
        if typed.strip():
            return tr("noted")
        return tr("required") if self.required else tr("optional")


GIB = 1024**3


def asked_of(plan: Plan) -> tuple[ConfirmField, ...]:
    """What must be typed, in the order of the boxes: target, why the team is passed over, profile, reason."""
    demands = plan.demands
    if plan.lacks_team:
        asked = [ConfirmField("target", tr("Type the number"), plan.server_no, or_number=plan.server_no)]
        asked.append(ConfirmField("without_team", tr("Why without team"), None, required=True))
    else:
        label = tr("Type the name") if demands.what == "name" else tr("Type the number")
        asked = [ConfirmField("target", label, demands.text, or_number=plan.server_no)]
    if demands.profile:
        asked.append(ConfirmField("profile", tr("Type the profile"), demands.profile))
    asked.append(ConfirmField("reason", tr("Reason or ticket"), None, required=demands.reason))
    return tuple(asked)


def plan_facts(plan: Plan, addresses: tuple[str, ...], now: datetime) -> list[tuple[str, Content]]:
    """The server as it was read for this plan, as labels (messages) and lines; ``addresses`` are its private ones."""
    server = plan.server
    shown = [*addresses, tr("{address} (public)", address=server.public_ip) if server.public_ip else ""]
    number, zone = safe_text(server.server_instance_no), safe_text(server.zone_code)
    region = safe_text(plan.region_code)
    if zone.startswith(region):
        place = tr("zone {zone}", zone=zone)
    else:
        place = tr("region {region} {zone}", region=region, zone=zone).rstrip()
    reached_by = safe_text(", ".join(filter(None, shown))) or tr("no address")
    return [
        (msgid("number"), Content.assemble((number, "bold"), f"  {place}  ", reached_by)),
        *([(msgid("looked for"), looked_for_text(plan))] if plan.looked_for else []),
        (msgid("status"), Content(status_text(plan, now))),
        *([(msgid("acting as"), Content(acting_words(plan.acting_as)))] if plan.acting_as else []),
    ]


def looked_for_text(plan: Plan) -> Content:
    """What was searched to find the server, each with whether it is this server's."""
    other = " " + tr("(not this server's)")
    return Content(", ").join(
        Content.assemble(
            safe_text(term, 60), (other, "bold $text-warning") if term in plan.looked_for_elsewhere else " ✓"
        )
        for term in plan.looked_for
    )


AGE_SHOWN = 10.0
"""Seconds after which a dialog says how old its reading is."""


def status_text(plan: Plan, now: datetime) -> str:
    """The server's state, since when it runs, and when it was read: its age once that counts."""
    server, age = plan.server, (now - plan.read_at).total_seconds()
    state = state_words(server.server_instance_status.code, server.server_instance_operation.code)
    moment = api_time(server.uptime)
    if moment is not None:
        lasting = duration((now - moment).total_seconds())
        state = tr("{state}, up {time}, since {when}", state=state, time=lasting, when=day_and_clock(moment, now))
    elif server.uptime:
        state = tr("{state}, since {when}", state=state, when=safe_text(server.uptime, 40))
    old = age >= AGE_SHOWN
    when = day_and_clock(plan.read_at, now, to_second=True)
    if old and when != clock(plan.read_at):
        read = tr("read {age} ago, {when}", age=duration(age), when=when)
    else:
        read = tr("read {age} ago", age=duration(age)) if old else tr("read at {time}", time=when)
    return f"{state}; {read}"


def consequences(plan: Plan) -> str:
    """What an interrupt does. Source: the guide of interruptServerInstance."""
    if is_windows(plan):
        return tr("blue screen 0x80: unsaved memory is lost, connections break")
    return tr("an NMI; what the kernel does depends on its set-up: unsaved memory is lost, connections break")


def dump_needs(plan: Plan) -> str:
    """What must have been set up before for a useful dump. Source: the guide of interruptServerInstance."""
    memory = plan.server.memory_size
    size = f"{memory / GIB:g} GiB" if memory else tr("the memory's size")
    if not is_windows(plan):
        return tr(
            "only if set up before: kdump or the like, with room for {size} · a panic on an unknown NMI", size=size
        )
    return tr(
        "only if set before: Complete memory dump (not Automatic) · page file over {size} on C: · overwriting "
        "· automatic restart",
        size=size,
    )


def is_windows(plan: Plan) -> bool:
    """Whether the words for Windows fit."""
    return operating_system(plan.server) is OS.WINDOWS


def next_step(  # noqa: PLR0911 - a list of cases
    row: Row, intents: Sequence[Intent], policy: Policy, vitals: Vitals | None = None
) -> str:
    """The next step for a server; ``intents`` are its own, newest first."""
    if any(intent.is_open for intent in intents):
        return tr("An interrupt is on its way. Wait for its outcome.")
    if any(intent.is_unresolved for intent in intents):
        return tr(
            "Locked: nobody knows whether the last interrupt arrived. Look at the server, then resolve the "
            "record in the history (h)."
        )
    if not row.verdict.eligible:
        return tr("It cannot be interrupted as it is. If it must restart, use NAVER Cloud's web console.")
    if policy.read_only:
        return tr("This console is read-only: ! shows what would be sent, and sends nothing.")
    if row.context.recent is not None:
        return tr(
            "It was interrupted a short while ago. Give the dump time to be written; a second interrupt can destroy it."
        )
    if row.verdict.cautions or (vitals is not None and still_alive(vitals)):
        return tr("Read the caution first. ! asks for the server number, then sends one interrupt.")
    if policy.protected:
        return tr("! asks for the server's name and the profile's name, then sends one interrupt.")
    return tr("! asks for the server's name, then sends one interrupt.")


SIGN = (
    "import base64,hashlib,hmac,os,sys;"
    "t,u=sys.argv[1:];"
    'm="GET %s\\n%s\\n%s"%(u,t,os.environ["NCLOUD_ACCESS_KEY"]);'
    'k=os.environ["NCLOUD_SECRET_KEY"].encode();'
    "print(base64.b64encode(hmac.new(k,m.encode(),hashlib.sha256).digest()).decode())"  # no message: a program
)


def curl_line(base_url: str, region_code: str, server_no: str) -> str:
    """The line. It names NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY and holds neither.

    The secret is in no program's arguments either: the signature is made by reading the environment.
    """
    query = urlencode({"regionCode": region_code, "serverInstanceNo": server_no, "responseFormatType": "json"})
    path = f"/vserver/v2/getServerInstanceDetail?{query}"
    return (
        f"T=$(date +%s)000; U={shlex.quote(path)}; "
        f'S=$(python3 -c {shlex.quote(SIGN)} "$T" "$U"); '
        f'curl -sS {shlex.quote(base_url)}"$U" -H "x-ncp-apigw-timestamp: $T" '
        '-H "x-ncp-iam-access-key: $NCLOUD_ACCESS_KEY" -H "x-ncp-apigw-signature-v2: $S"'
    )


MOST_INTERRUPTS = 5


@dataclass(frozen=True, slots=True)
class ServerDetails:
    """One server as the details show it; ``intents`` and ``notes`` are its own, newest first.

    ``vitals`` is None until they came.
    """

    row: Row
    intents: Sequence[Intent]
    policy: Policy
    rules: str
    now: datetime
    notes: Sequence[Note] = ()
    vitals: Vitals | None = None


def detail_text(details: ServerDetails, width: int) -> Content:
    """The whole text, wrapped at ``width`` cells with values under values."""
    row = details.row
    blocks = [
        [
            Content.styled(row.name or tr("(no name)"), "bold"),
            Content.styled(tr("number {number}", number=row.number), "$foreground-muted"),
        ],
        verdict_lines(details, width),
        [
            heading(tr("Next")),
            *hanging("", Content(next_step(row, details.intents, details.policy, details.vitals)), width),
        ],
        interrupts(details, width) if details.intents else [],
        noted(details, width),
        vital_signs(details, width),
        section(msgid("State"), state_facts(details), width),
        section(msgid("Network"), network_facts(row), width),
        section(msgid("Identity"), identity_facts(row), width),
        [] if details.intents else interrupts(details, width),
    ]
    return Content("\n\n").join(Content("\n").join(block) for block in blocks if block)


def verdict_lines(details: ServerDetails, width: int) -> list[Content]:
    """May it be interrupted, every reason why not, and every caution, also that of a guest that is alive."""
    verdict, vitals = details.row.verdict, details.vitals
    cautions = verdict.cautions
    if verdict.eligible and vitals is not None:
        cautions += sentences(still_alive(vitals))
    if not verdict.eligible:
        words = tr("blocked by the rules “{rules}”", rules=details.rules)
        first = Content.styled(f"○ {words}", "bold $foreground-muted")
    elif cautions:
        first = Content.styled("! " + tr("eligible, with caution"), "bold $text-warning")
    else:
        words = tr("eligible by the rules “{rules}”", rules=details.rules)
        first = Content.styled(f"● {words}", "bold $text-success")
    lines = [first]
    for reason in verdict.reasons:
        lines += item("–", "$foreground-muted", reason, width)
    for caution in cautions:
        lines += item("!", "$text-warning", caution, width)
    return lines


def vital_signs(details: ServerDetails, width: int) -> list[Content]:
    """What the guest's vital signs say, and their charts; nothing is said of a guest that nobody asked about."""
    vitals = details.vitals
    if vitals is None:
        return [heading(tr("Vital signs")), Content.styled(tr("reading the vital signs ..."), "$foreground-muted")]
    sentence = hanging("", signs_sentence(vitals, details.now), width)
    return [heading(tr("Vital signs, the last 60 minutes")), *sentence, *sign_lines(vitals, details.now, LABEL, width)]


def state_facts(details: ServerDetails) -> list[tuple[str, str]]:
    """Status, operation, and since when it runs."""
    row, server = details.row, details.row.server
    name, status = safe_text(server.server_instance_status_name, 40), shown(row.status)
    said = f" ({name})" if name and name.casefold() not in row.status.casefold() else ""
    return [
        (msgid("status"), status + said),
        (msgid("operation"), row.operation or tr("none in progress")),
        (msgid("started"), safe_text(since_when(server.uptime, details.now), 60)),
        (msgid("created"), safe_text(since_when(server.create_date, details.now), 60)),
        (msgid("events"), "; ".join(safe_text(event, 100) for event in server.event_list)),
        (msgid("termination"), tr("protected") if server.is_protect_server_termination else ""),
    ]


def network_facts(row: Row) -> list[tuple[str, str]]:
    server = row.server
    return [
        (msgid("private IP"), ", ".join(row.private_ips)),
        (msgid("secondary IP"), ", ".join(row.addresses.secondary)),
        (msgid("MAC address"), ", ".join(row.addresses.mac)),
        (msgid("flow log"), ", ".join(row.addresses.logged)),
        (msgid("public IP"), row.public_ip),
        (msgid("region"), " ".join(part for part in (row.region, row.zone) if part)),
        (msgid("VPC"), safe_text(server.vpc_no, 40)),
        (msgid("subnet"), safe_text(server.subnet_no, 40)),
    ]


def identity_facts(row: Row) -> list[tuple[str, str]]:
    """What the server is made of."""
    server = row.server
    memory = f"{server.memory_size / 2**30:g} GB" if server.memory_size else ""
    cpus = tr_n("1 CPU", "{count:,} CPUs", server.cpu_count) if server.cpu_count else ""
    size = ", ".join(part for part in (cpus, memory) if part)
    return [
        (msgid("system"), row.os),
        (msgid("hypervisor"), row.hypervisor),
        (msgid("size"), size),
        (msgid("image"), safe_text(server.server_image_product_code or server.server_image_no, 80)),
        (msgid("spec"), safe_text(server.server_spec_code, 60)),
        (msgid("about"), safe_text(server.server_description, 400)),
    ]


def interrupts(details: ServerDetails, width: int) -> list[Content]:
    """This server's interrupts from the journal, newest first."""
    lines = [heading(tr("Interrupts from this machine"))]
    if not details.intents:
        return [*lines, Content.styled(tr("none recorded"), "$foreground-muted")]
    for intent in details.intents[:MOST_INTERRUPTS]:
        lines += hanging("", earlier_text(intent), width)
    if (more := len(details.intents) - MOST_INTERRUPTS) > 0:
        lines.append(Content.styled(tr("and {count} more: h", count=more), "$foreground-muted"))
    return lines


def noted(details: ServerDetails, width: int) -> list[Content]:
    """What was noted about this server, newest first; nothing where there is no note."""
    if not details.notes:
        return []
    lines = [heading(tr("Notes"))]
    for note in details.notes[:MOST_INTERRUPTS]:
        lines += hanging("", Content(note_sentence(note, details.now)), width)
    if (more := len(details.notes) - MOST_INTERRUPTS) > 0:
        lines.append(Content.styled(tr("and {count} more: h", count=more), "$foreground-muted"))
    return lines
