"""Every setting of ``config.toml``, in one registry: validation, ``config``, the doctor and the documents read this.

What a setting means for a session is decided in `profiles`; the environment's side is `variables`. Imports nothing that
costs time at start.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ncpconsole.config.variables import ACCOUNT, EVERY, PLACES, PROFILES
from ncpconsole.core.policy import DEFAULTS
from ncpconsole.language import NAMES, Sentence, msgid

SENDERS = "the console, interrupt"  # no message: for the documents
SCREEN = "the console"  # no message: for the documents


class Group(StrEnum):
    """What a setting is about; the order is that of the documents."""

    PROTECTION = msgid("Protections")
    ACCOUNT = msgid("Account")
    SENDING = msgid("Sending and reading")
    SCREEN = msgid("Screen")
    RECORD = msgid("Record")
    LOGIN = msgid("Written by login")
    TEAM = msgid("Written by team setup")


class Kind(StrEnum):
    FLAG = "flag"
    NUMBER = "number"
    TEXT = "text"
    LIST = "list"
    KEYS = "keys"


class Table(StrEnum):
    """The table of the file that a setting stands in."""

    TOP = ""
    PROFILE = "profiles.NAME"
    JOURNAL = "journal"
    KEYS = "keys"


NUMBERS = {
    "minutes": msgid("a number of minutes from {least} to {most}"),
    "seconds": msgid("a number of seconds from {least} to {most}"),
}
"""What a number must be, by its unit."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    ``key`` is its name in its table. ``what`` says what a value is, where kind, ``unit`` and ``bounds`` do not.
    ``meaning``, ``what`` and words of ``default`` are message ids.
    ``default`` is what holds where nobody says anything, in words; ``example`` is a value as TOML. ``option`` and
    ``variable`` name who may say it as well. A wrong value of a cosmetic setting costs a note and not the console:
    what protects nothing must lock nobody out. ``in_system_file``: the system's file may say it too, and can only add
    protection with it.
    """

    key: str
    group: Group
    kind: Kind
    meaning: str
    default: str
    readers: str
    example: str
    table: Table = Table.PROFILE
    what: str = ""
    unit: str = ""
    bounds: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    option: str = ""
    variable: str = ""
    is_cosmetic: bool = False
    in_system_file: bool = False

    @property
    def name(self) -> str:
        """How ``config set`` and the documents call it: ``protected``, ``journal.syslog``, ``keys.COMMAND``."""
        return self.key if self.table in {Table.TOP, Table.PROFILE} else f"{self.table}.{self.key}"

    @property
    def must_be(self) -> Sentence:
        """What a value must be, as a `Sentence`: completes "must be …"."""
        if self.kind is Kind.FLAG:
            return Sentence("true or false")
        if self.bounds is not None:
            return Sentence(NUMBERS[self.unit], least=self.bounds[0], most=self.bounds[1])
        return Sentence(self.what)


SETTINGS = (
    Setting(
        "read_only",
        Group.PROTECTION,
        Kind.FLAG,
        msgid("Never send an interrupt."),
        "false",
        SENDERS,
        "true",
        option="--read-only",
        variable="NCPCONSOLE_READ_ONLY",
        in_system_file=True,
    ),
    Setting(
        "protected",
        Group.PROTECTION,
        Kind.FLAG,
        msgid("The profile's name must be typed too, with commands as --confirm-profile."),
        "false",
        SENDERS,
        "true",
        in_system_file=True,
    ),
    Setting(
        "require_reason",
        Group.PROTECTION,
        Kind.FLAG,
        msgid("A reason must be given, which goes on record."),
        "false",
        SENDERS,
        "true",
        in_system_file=True,
    ),
    Setting(
        "cooldown",
        Group.PROTECTION,
        Kind.NUMBER,
        msgid("For so long after an interrupt, another one of the same server is a caution."),
        f"{DEFAULTS.cooldown / 60:g}",
        SENDERS,
        "60",
        unit="minutes",
        bounds=(0, 1440),
        in_system_file=True,
    ),
    Setting(
        "default_profile",
        Group.ACCOUNT,
        Kind.TEXT,
        msgid("The profile that is used where none is named."),
        "default",
        PROFILES,
        '"prod"',
        table=Table.TOP,
        what=msgid("1 to 64 printable characters without a space at either end"),
        option="--profile",
        variable="NCLOUD_PROFILE",
    ),
    Setting(
        "site",
        Group.ACCOUNT,
        Kind.TEXT,
        msgid("NAVER Cloud's site; or api_url, not both."),
        "public",
        PROFILES,
        '"gov"',
        what=msgid('"public", "gov" or "fin"'),
        choices=("public", "gov", "fin"),
        variable="NCLOUD_SITE",
        in_system_file=True,
    ),
    Setting(
        "key_command",
        Group.ACCOUNT,
        Kind.LIST,
        msgid(
            "A command that prints the key pair, such as a password manager's; asked before the keyring, "
            "for 60 seconds."
        ),
        msgid("none"),
        ACCOUNT,
        '["op", "read", "op://prod/ncloud/pair"]',
        what=msgid('a command and its arguments such as ["pass", "ncloud/prod"]'),
    ),
    Setting(
        "api_url",
        Group.ACCOUNT,
        Kind.TEXT,
        msgid("Base URL of a gateway that is none of the three sites."),
        msgid("the site's"),
        PROFILES,
        '"https://gateway.example"',
        what=msgid('a URL such as "https://gateway.example"'),
        option="--api-url",
        variable="NCLOUD_API_GW",
        in_system_file=True,
    ),
    Setting(
        "region",
        Group.ACCOUNT,
        Kind.TEXT,
        msgid("The region that is listed; or regions, not both."),
        msgid("the site's first"),
        ACCOUNT,
        '"KR"',
        what=msgid('a region code such as "KR", or "all"'),
        option="--region",
        variable="NCLOUD_REGION",
    ),
    Setting(
        "regions",
        Group.ACCOUNT,
        Kind.LIST,
        msgid("Several regions that are listed side by side."),
        msgid("the site's first"),
        ACCOUNT,
        '["KR", "SGN"]',
        what=msgid('a list of region codes such as ["KR", "SGN"]'),
    ),
    Setting(
        "rules",
        Group.SENDING,
        Kind.TEXT,
        msgid("The rule set that says who may be interrupted."),
        "xen-windows",
        "the console, servers, show, interrupt",  # no message: for the documents
        '"2026-10"',
        what=msgid('the name of a rule set, such as "xen-windows"'),
        choices=("xen-windows", "2026-10"),
        option="--rules",
    ),
    Setting(
        "timeout",
        Group.SENDING,
        Kind.NUMBER,
        msgid(
            "Outer deadline of one interrupt, from its confirmation to its outcome; a command reads as long before it."
        ),
        f"{DEFAULTS.send_deadline:g}",
        SENDERS,
        "20",
        unit="seconds",
        bounds=(1, 600),
        option="--timeout",
    ),
    Setting(
        "interrupt_method",
        Group.SENDING,
        Kind.TEXT,
        msgid("HTTP method of the interrupt; GET signs the server's number too."),
        DEFAULTS.interrupt_method,
        SENDERS,
        '"GET"',
        what=msgid('"POST" or "GET"'),
        choices=("POST", "GET"),
    ),
    Setting(
        "refresh",
        Group.SENDING,
        Kind.NUMBER,
        msgid("How often the list is read again."),
        f"{DEFAULTS.refresh_every:g}",
        SCREEN,
        "60",
        unit="seconds",
        bounds=(5, 3600),
        is_cosmetic=True,
    ),
    Setting(
        "vitals",
        Group.SENDING,
        Kind.FLAG,
        msgid("Ask Cloud Insight for vital signs: they show who is silent, and hold back from who is not."),
        "true",
        "the console, servers, show, interrupt, watch, doctor",  # no message: for the documents
        "false",
    ),
    Setting(
        "theme",
        Group.SCREEN,
        Kind.TEXT,
        msgid("Colours of the screen; the palette shows them all."),
        "night",
        SCREEN,
        '"day"',
        what=msgid("the name of a theme"),
        choices=("night", "day", "clear", "ansi-dark", "ansi-light"),
        option="--theme",
        is_cosmetic=True,
    ),
    Setting(
        "columns",
        Group.SCREEN,
        Kind.LIST,
        msgid("The columns of the list, in this order; those that find no room are left out."),
        msgid("all"),
        SCREEN,
        '["name", "number", "ip", "status", "verdict"]',
        what=msgid('a list of column names such as ["name", "number"]'),
        is_cosmetic=True,
    ),
    Setting(
        "ascii",
        Group.SCREEN,
        Kind.FLAG,
        msgid("ASCII marks, for terminals and fonts without others."),
        "false",
        SCREEN,
        "true",
        option="--ascii",
        is_cosmetic=True,
    ),
    Setting(
        "timezone",
        Group.SCREEN,
        Kind.TEXT,
        msgid("The zone that times are shown in; what goes into a ticket has UTC beside it."),
        msgid("the machine's"),
        PLACES,
        '"Asia/Seoul"',
        table=Table.TOP,
        what=msgid('the IANA name of a zone that this machine knows, such as "Asia/Seoul"'),
        is_cosmetic=True,
    ),
    Setting(
        "language",
        Group.SCREEN,
        Kind.TEXT,
        msgid("The language of the console and of what commands print; JSON stays English."),
        msgid("the locale's"),
        EVERY,
        '"ko"',
        table=Table.TOP,
        what=msgid('"en" or "ko"'),
        choices=tuple(NAMES),
        option="--lang",
        variable="NCPCONSOLE_LANG",
        is_cosmetic=True,
    ),
    Setting(
        "COMMAND",
        Group.SCREEN,
        Kind.KEYS,
        msgid("The keys of a command of the list; see keys and filter."),
        msgid("see keys and filter"),
        SCREEN,
        '"f9"',
        table=Table.KEYS,
        what=msgid('a key such as "f9" or a list of keys'),
        is_cosmetic=True,
    ),
    Setting(
        "keep_list",
        Group.RECORD,
        Kind.FLAG,
        msgid("Keep the last list for the next start, which shows it at once with its age; logout removes it."),
        "true",
        SCREEN,
        "false",
    ),
    Setting(
        "on_record",
        Group.RECORD,
        Kind.LIST,
        msgid("A command that gets each recorded outcome as JSON on standard input, for a chat or a ticket system."),
        msgid("none"),
        SENDERS,
        '["/usr/local/bin/tell-the-chat"]',
        what=msgid('a command and its arguments such as ["/usr/local/bin/tell-the-chat"]'),
    ),
    Setting(
        "syslog",
        Group.RECORD,
        Kind.FLAG,
        msgid("Tell journald or syslog of each step of the record as well."),
        "false",
        PLACES,
        "true",
        table=Table.JOURNAL,
        in_system_file=True,
    ),
    Setting(
        "key_fingerprint",
        Group.LOGIN,
        Kind.TEXT,
        msgid("Which key the profile is of; its protections hold for that key by whatever name."),
        msgid("none"),
        PROFILES,
        '"key-00000000"',
        what=msgid("the short hash that login writes"),
        in_system_file=True,
    ),
    Setting(
        "key_store",
        Group.LOGIN,
        Kind.TEXT,
        msgid("Which keyring keeps the key."),
        msgid("none"),
        "the console, profiles",  # no message: for the documents
        '"Secret Service"',
        what=msgid("the name of a keyring, as login writes it"),
    ),
    Setting(
        "path",
        Group.TEAM,
        Kind.TEXT,
        msgid("The journal that all users of this machine share; only the system's file can name it (see team setup)."),
        msgid("each user's own"),
        PLACES,
        '"/var/lib/ncpconsole/journal.db"',
        table=Table.JOURNAL,
        what=msgid('a full path such as "/var/lib/ncpconsole/journal.db"'),
        in_system_file=True,
    ),
    Setting(
        "team",
        Group.TEAM,
        Kind.TEXT,
        msgid("The database of the journal that consoles on several machines share; the system's file comes first."),
        msgid("none"),
        PLACES,
        '"postgresql://db.example/ncpconsole"',
        table=Table.JOURNAL,
        what=msgid('an address such as "postgresql://db.example/ncpconsole", without a password'),
        variable="NCPCONSOLE_TEAM_URL",
        in_system_file=True,
    ),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
OF_PROFILE = {setting.key: setting for setting in SETTINGS if setting.table is Table.PROFILE}
"""What a ``[profiles.NAME]`` table may hold, by key."""


def settings_table() -> str:
    """All settings as a Markdown table, for docs/configuration.md."""
    lines = [
        "| setting | value | meaning | default | read by | said by as well | a wrong value |",  # no message: documents
        "|---|---|---|---|---|---|---|",
    ]
    for group in Group:
        lines.append(f"| **{group}** | | | | | | |")
        for each in (setting for setting in SETTINGS if setting.group is group):
            others = ", ".join(f"`{one}`" for one in (each.option, each.variable) if one)
            wrong = "the default, with a note" if each.is_cosmetic else "refused"  # no message: documents
            cells = (f"`{each.name}`", each.must_be, each.meaning, each.default, each.readers, others, wrong)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
