"""Names as operators give them, and names that nobody should have given."""

from __future__ import annotations

from ncpconsole.simulator.machine import Kind

WINDOWS_ROLES = (
    "web", "sql", "ad", "erp", "file", "rds", "app", "mail", "결제", "회계", "인사", "batch", "report",
    "재고", "물류",
)  # fmt: skip
LINUX_ROLES = ("api", "redis", "kafka", "nginx", "search", "주문", "batch", "log", "proxy", "물류", "mysql")

# The first servers of every fleet, so that a small one already holds every kind. Number 12, 31 and 44 are
# ordinary servers for demonstrations; trouble begins after the first screenful.
OPENING: dict[int, tuple[str, Kind]] = {
    1: ("web", Kind.XEN_WINDOWS),
    2: ("sql", Kind.XEN_WINDOWS),
    3: ("ad", Kind.XEN_WINDOWS),
    4: ("결제", Kind.XEN_WINDOWS),
    5: ("api", Kind.KVM_LINUX),
    6: ("erp", Kind.XEN_WINDOWS),
    7: ("app", Kind.KVM_WINDOWS),
    8: ("batch", Kind.XEN_WINDOWS),
    9: ("redis", Kind.XEN_LINUX),
    10: ("web", Kind.STOPPED),
    11: ("file", Kind.XEN_WINDOWS),
    12: ("web", Kind.XEN_WINDOWS),
    13: ("sql", Kind.REBOOTING),
    14: ("rds", Kind.XEN_WINDOWS),
    15: ("주문", Kind.KVM_LINUX),
    16: ("app", Kind.SETTING_UP),
    17: ("erp", Kind.NO_HYPERVISOR),
    18: ("ad", Kind.XEN_WINDOWS),
    19: ("sql", Kind.BARE_METAL),
    20: ("erp", Kind.XEN_WINDOWS),
    21: ("api", Kind.STOPPED_LINUX),
    22: ("web", Kind.CREATING),
    23: ("web", Kind.FAILED),
    24: ("file", Kind.CONTRADICTORY),
    25: ("회계", Kind.SHUTTING_DOWN),
    31: ("결제", Kind.XEN_WINDOWS),
    44: ("sql", Kind.SHUTTING_DOWN),
}

# Names that come twice, that look like another, or that are out to do something to a terminal.
ODD_NAMES: dict[int, str] = {
    66: "[prod]web-01",
    70: "erp-00020",
    74: "web[/]01",
    78: "sql-[@click=app.quit]00078[/]",
    80: "\u0430d-00018",  # CYRILLIC SMALL LETTER A
    84: "결제-00031",
    88: "web\x1b[31m-00088\x1b[0m",
    91: "sql-\x1b]0;pwned\x07-00091",
    94: "web-\x1b]52;c;cm0gLXJmIC8=\x07-00094",
    97: "rds-\u202egnp.00097",
    100: "web\u200b-001\u200d00",
    103: "cafe\u0301\u0302\u0303\u0304\u0305-00103",
    106: "tab\there\nand there-00106",
    109: "sql\x9b31m\x7f-00109",
    112: "erp  -00112  ",
    115: "ｗｅｂ-００１１５",
    118: "웹서버-서울-운영-결제-승인-배치-전용-이중화-두번째-00118",
    121: "web-:skull:-00121",
    127: "웹-\U0001f310\u200d\U0001f525-00127",
    # Past the size of the demonstration, since these do come first in an order of names.
    230: '=HYPERLINK("http://example.invalid","00230")',
    233: "  sql-00233",
    236: "\x1b[2J\x1b[Hsql-00236",
}


def plain_name(role: str, index: int) -> str:
    """``web-00012``: what the server is for, and its place in the fleet."""
    return f"{role}-{index:05d}"
