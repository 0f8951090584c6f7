"""Keys to compare names by: one that is equal for every stored form of a name, one for names that look alike.

The pairs are the ones that occur in practice between Latin, Cyrillic, Greek and Hangul letters and digits;
the idea is that of Unicode Technical Standard 39. A false alarm costs the operator a server number to type
instead of a name, so the table errs on the side of more.
"""

from __future__ import annotations

import re
import unicodedata

# Characters that fonts draw as nothing, although Unicode does not class all of them as formatting: the
# grapheme joiner, Hangul fillers, Khmer and Mongolian invisibles, variation selectors, blank Braille, the
# object replacement, musical and Khitan fillers.
INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffc"
    "\U00016fe4\U0001d159\U000e0100-\U000e01ef]"
)
_SPELLED_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
_NOT_DRAWN = frozenset(("Cc", "Cf", "Mn", "Me"))

# Both cases are listed where they resemble different letters: Н is an H, but ν is a v. After the key come
# Cyrillic letters, then Greek, then others; vertical strokes are l, rings are o.
_LOOKS_LIKE = {
    "a": "АаΑαɑ",
    "b": "ВвЬьΒβ",
    "c": "СсϹϲ",
    "d": "Ԁԁ",
    "e": "ЕеΕε",
    "h": "НнҺһΗհ",
    "j": "Јј",
    "k": "КкΚκ",
    "l": "ІіӀӏΙιıɩɪʟ|ǀㅣᅵ丨",
    "m": "МмΜ",
    "n": "ПпΝηɴո",
    "o": "ОоΟοσՕօㅇᄋᆼ〇",
    "p": "РрΡρ",
    "q": "Ԛԛ",
    "r": "Ггʀ",
    "s": "ЅѕՏ",
    "t": "ТтΤτ",
    "u": "υμՍս",
    "v": "Ѵѵν",
    "w": "Ԝԝω",
    "x": "ХхΧχ",
    "y": "УуҮүΥγ",
    "z": "Ζ",
    "3": "Зз",
    "-": "‐‑‒–—―−ーㅡᅳ一",
    ".": "·‧∙⋅•・･ᆞㆍ。｡․",
    ",": "‚،、､",
    ":": "∶ː꞉׃",
    "/": "⁄∕╱",
    "'": "’‘`´ʼ′ʹ",
}
_LETTERS = str.maketrans({like: letter for letter, likes in _LOOKS_LIKE.items() for like in likes})
_STROKES = str.maketrans("01i|_", "olll-")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
"""Two letters that are read as one, in small letters and after strokes became l."""


NAME_LIMIT = 256
TEXT_LIMIT = 4096
"""Characters looked at of a name, and of the texts of a row; normalising takes more than its time of more."""


def same_name_key(name: str) -> str:
    """The key of a name; servers whose keys are equal bear the same name, and nothing else decides that.

    Accents and Hangul count alike whether stored composed or decomposed (NFC, NFD), capitals as small
    letters; everything else counts.
    """
    name = name[:NAME_LIMIT]
    if name.isascii():
        return name.lower()
    # Folded while decomposed, as the canonical caseless match of the Unicode Standard (3.13) has it.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def confusable_key(name: str) -> str:
    """The look-alike key of a name; equal keys of different names mean that the two could be confused.

    Compatibility forms, case, accents, dashes and underscores, dots, 0/O, 1/l/I, rn/m, vv/w, cl/d and
    look-alike letters of other scripts are folded; spaces, characters that are not drawn, and the escapes
    spelled for these, are dropped.
    """
    name = name[:NAME_LIMIT]
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name)
        name = INVISIBLE.sub("", name)
        name = "".join([c for c in name if c.isspace() or unicodedata.category(c) not in _NOT_DRAWN])
        name = unicodedata.normalize("NFC", name).translate(_LETTERS)
    elif not name.isprintable():
        name = "".join([c for c in name if c.isprintable() or c.isspace()])
    if "\\" in name:
        name = _SPELLED_ESCAPE.sub("", name)
    key = "".join(name.casefold().translate(_STROKES).split())
    for pair, letter in _PAIRS:
        key = key.replace(pair, letter)
    return key


_DIGITS = re.compile(r"[0-9]+")


def composed(text: str) -> str:
    """The text in NFC: Hangul typed as Jamo equals the same Hangul in syllables."""
    text = text[:TEXT_LIMIT]
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """The text as the filter compares it: without case, and with Hangul and accents composed (NFC)."""
    text = text[:TEXT_LIMIT]
    if text.isascii():
        return text.lower()
    return composed(text.casefold())


def _weighed(digits: re.Match[str]) -> str:
    number = digits[0].lstrip("0")
    # A digit first keeps numbers before letters; then the longer number is the greater one.
    return f"0{chr(0x21 + min(len(number), 0x5D))}{number}"


def natural_key(text: str) -> str:
    """A sort key under which digits count as numbers: ``web-2`` comes before ``web-10``.

    Names that differ in case or leading zeros only get the same key.
    """
    return _DIGITS.sub(_weighed, folded(text))
