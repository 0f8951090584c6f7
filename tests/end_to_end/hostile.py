"""Text that is out to do something to a terminal, a reader, a screen or a ticket. Made from a seed."""

from __future__ import annotations

import random
import sys
import unicodedata
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BIDI = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HIDDEN = "\u200b\u200c\u200d\u2060\u2061\u2064\ufeff\u00ad\u034f\u180e"
HIDDEN += "\u3164\u115f\u1160\uffa0\u2800\ufe0f\ufe0e"
TAGS = "".join(map(chr, (0xE0001, 0xE0020, 0xE0041, 0xE007A, 0xE007F, 0xE0100, 0xE01EF)))
LINES = ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\t", "\b", "\0")
CONTROLS = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
SEQUENCES = (
    "\x1b[31m", "\x1b[2J\x1b[H", "\x1b[?1049l", "\x1b[6n", "\x1bc", "\x1b]0;pwned\x07",
    "\x1b]52;c;cm0gLXJmIC8=\x07", "\x1b]8;;http://evil.invalid\x1b\\x\x1b]8;;\x1b\\", "\x1bP+q544e\x1b\\",
    "\x1b_Gf=24\x1b\\", "\x9b31m", "\x9d52;c;eA==\x9c", "\x90q\x9c", "\x1b[3;1H", "\x1b%G", "\x1b(0", "\x1b",
)  # fmt: skip
MARKUP = (
    "[b]", "[/]", "[@click=app.quit]", "[link=file:///etc]", ":skull:", "{0}", "%s", "$name", "$(id)", "`id`",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '=HYPERLINK("http://evil.invalid",1)',
    "|", "\\", "+1+1", "-1", "@SUM(1)", "![x](http://evil.invalid/x.png)", "**bold**", "# head",
    "\\x1b[31m", "&lt;b&gt;",
)  # fmt: skip
JAMO = "".join(map(chr, (*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))
OLD_JAMO = "\u1113\u115e\u1176\u11a7\u11c3\u11ff\ua960\ud7b0\ud7fb\uffa1"
ZWJ = "\u200d"
EMOJI = (
    f"👨{ZWJ}👩{ZWJ}👧", f"🏴{ZWJ}☠\ufe0f", "👍🏽", "🇰🇷", "1\ufe0f\u20e3", f"❤\ufe0f{ZWJ}🔥", f"🧑🏻{ZWJ}🚀",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
)  # fmt: skip
RIGHT_TO_LEFT = (
    "\u05e9\u05e8\u05ea", "\u062e\u0627\u062f\u0645", "\u072b\u0721\u0710", "\u0782\u07a6\u0782\u07b0",
    "\u0633\u0631\u0648\u0631\u0650\u0651",
)  # fmt: skip
WIDE = ("서버", "サーバ", "服务器", "ｗｅｂ", "결제", "㍿")
LOOK_ALIKE = str.maketrans({"e": "е", "a": "а", "o": "ο", "0": "O", "1": "l", "-": "‐", "b": "Ь", "w": "ω"})
MARKS = "\u0301\u0302\u0327\u0488\u20dd\u093f\u0e49\u0670"


@cache
def by_category() -> dict[str, list[int]]:
    """Every code point, by its Unicode category."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for code in range(sys.maxunicode + 1):
        found[unicodedata.category(chr(code))].append(code)
    return dict(found)


def hostile_names(count: int, seed: int) -> list[str]:
    """So many names, of every family in turn; some are plain, so that there is somebody to be taken for."""
    dice = random.Random(seed)
    makers: tuple[Callable[[random.Random], str], ...] = (
        lambda dice: f"web-{dice.randrange(300):05d}",
        lambda dice: f"web-{dice.randrange(300):05d}".translate(LOOK_ALIKE),
        of_any_category,
        lambda dice: scattered(dice, CONTROLS),
        lambda dice: scattered(dice, SEQUENCES),
        lambda dice: scattered(dice, BIDI),
        lambda dice: scattered(dice, HIDDEN + TAGS),
        lambda dice: scattered(dice, LINES),
        lambda dice: scattered(dice, MARKUP),
        lambda dice: scattered(dice, EMOJI),
        lambda dice: scattered(dice, RIGHT_TO_LEFT),
        lambda dice: scattered(dice, WIDE),
        lambda dice: "".join(dice.choices(JAMO + OLD_JAMO, k=dice.randint(1, 12))),
        lambda dice: "".join(dice.choices("a b" + MARKS, k=dice.randint(1, 40))),
        lambda dice: scattered(dice, [chr(dice.randint(0xD800, 0xDFFF)) for _ in range(3)]),
        lambda dice: scattered(dice, [chr(dice.choice((0xE000, 0xFDD0, 0xFFFE, 0xFFFF, 0x10FFFF, 0x0378)))]),
        lambda dice: dice.choice((" ", "", "  ", "x" * 255, "ab" * 2500, "가" * 300, "\u0301" * 400)),
    )
    return [makers[index % len(makers)](dice) for index in range(count)]


def of_any_category(dice: random.Random) -> str:
    """A few characters, each of a category chosen before the character is: the rare ones come often."""
    categories = sorted(by_category())
    return "".join(chr(dice.choice(by_category()[dice.choice(categories)])) for _ in range(dice.randint(1, 10)))


def scattered(dice: random.Random, pieces: str | tuple[str, ...] | list[str]) -> str:
    """A name like others, with a few of the pieces in it."""
    name = f"{dice.choice(('web', 'sql', '결제'))}-{dice.randrange(300):05d}"
    for _ in range(dice.randint(1, 3)):
        at = dice.randint(0, len(name))
        name = name[:at] + dice.choice(pieces) + name[at:]
    return name
