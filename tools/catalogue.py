"""Keeps the catalogue of Korean texts, ``ncpconsole/locale/ko/LC_MESSAGES/ncpconsole.po`` and ``.mo``.

usage: python -m tools.catalogue update [FILE.json …] | check | missing | unwrapped [FILE.py …]

- update: extract every message from the source, keep the translations that are still used, take more from the files
  (an object of message and translation), write both files.
- check: fail where the files are not what ``update`` would write, or where a message is not translated.
- missing: print the messages without a translation as a JSON object, to be filled in and handed to ``update``.
- unwrapped: print the literals that read like words for the operator and that no message function holds.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from string import Formatter

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ncpconsole.tui.commands import COMMANDS

PACKAGE = Path(__file__).parent.parent / "ncpconsole"
PO = PACKAGE / "locale" / "ko" / "LC_MESSAGES" / "ncpconsole.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {"tr": None, "tr_n": (1, 2), "msgid": None, "Sentence": None, "plural": (1, 2)}
CLICKS = {"_": None, "gettext": None, "ngettext": (1, 2)}
"""The same of click, whose help and usage errors the commands show."""
HEADER = "# Korean texts of ncpconsole. Drawn by tools/catalogue.py; translations are edited here.\n"


def extracted() -> Catalog:
    """Every message of the source, with the files that it stands in."""
    catalog = Catalog(locale="ko", domain="ncpconsole", fuzzy=False, charset="utf-8")
    rooms = ((PACKAGE, KEYWORDS), (Path(click.__file__).parent, CLICKS))
    for room, keywords in rooms:
        found = extract_from_dir(str(room), [("**.py", "python")], keywords=keywords)
        for file, _line, message, _comments, _context in sorted(found, key=lambda each: (each[0], each[1])):
            texts = (message,) if isinstance(message, str) else tuple(part for part in message if part)
            if any(texts):  # plurals alone have two
                catalog.add(texts[0] if len(texts) == 1 else texts, locations=[(f"{room.name}/{file}", 0)])
    for command in COMMANDS:
        for text in (command.name, command.description, command.label, command.group):
            if text:
                catalog.add(text, locations=[("ncpconsole/tui/commands.py", 0)])
    for each in catalog:
        each.locations = sorted(set(each.locations))
        each.flags.discard("python-format")
    return catalog


def current() -> dict[str | tuple[str, ...], str]:
    """The translations of the file, by message."""
    if not PO.exists():
        return {}
    with PO.open("rb") as file:
        return {key_of(each): text_of(each) for each in read_po(file, locale="ko") if each.id and text_of(each)}


def key_of(message: Message) -> str | tuple[str, ...]:
    """What identifies a message: its text, or both texts of a plural."""
    return message.id if isinstance(message.id, str) else tuple(message.id)


def text_of(message: Message) -> str:
    """The translation; Korean has one form for every number."""
    return message.string[0] if isinstance(message.string, list | tuple) else message.string or ""


def made(more: dict[str, str]) -> Catalog:
    """The catalogue of the source with all translations that are known; ``more`` are by the first text."""
    catalog, known = extracted(), current()
    for message in catalog:
        if not message.id:
            continue
        key = key_of(message)
        first = key if isinstance(key, str) else key[0]
        text = more.get(first) or known.get(key) or ""
        message.string = (text,) if isinstance(key, tuple) else text
    return catalog


def po_text(catalog: Catalog) -> bytes:
    """The catalogue as a file: sorted by text, without line numbers and dates, so that it changes with texts alone."""
    buffer = BytesIO()
    write_po(buffer, catalog, width=100, sort_output=True, omit_header=True, include_lineno=False)
    head = (
        f'{HEADER}msgid ""\nmsgstr ""\n"Language: ko\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    return head.encode() + buffer.getvalue()


NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""Babel would write the present, and the file changes with texts alone."""


def mo_bytes(po: bytes) -> bytes:
    """The file that gettext reads."""
    buffer = BytesIO()
    catalog = read_po(BytesIO(po), locale="ko")
    catalog.mime_headers = [("Content-Type", "text/plain; charset=utf-8"), ("Plural-Forms", "nplurals=1; plural=0;")]
    catalog.creation_date = NO_DATE
    write_mo(buffer, catalog)
    return buffer.getvalue()


def placeholders(text: str) -> set[str]:
    """The named places of a message."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def faults(catalog: Catalog) -> list[str]:
    """A sentence for each message without a translation, or with other placeholders."""
    found = []
    for message in catalog:
        if not message.id:
            continue
        key, text = key_of(message), text_of(message)
        english = key if isinstance(key, str) else key[1]
        if not text:
            found.append(f"not translated: {english!r}")
        elif "{" in english and placeholders(english) != placeholders(text):
            found.append(f"other placeholders: {english!r} is {text!r}")
        elif re.search(r"[가-힣]", english) is None and english.endswith("\n") != text.endswith("\n"):
            found.append(f"ends otherwise: {english!r} is {text!r}")
    return found


WORDS = re.compile(r"[A-Za-z]{2,}[,:]? +[a-z]{2,}|^[A-Z][a-z]+( [a-z]+)*[.…]$")
"""What reads like words for an operator: two words side by side, or a sentence of one."""
NO_WORDS = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|BEGIN|ALTER|GRANT|REVOKE|DROP|LISTEN|FROM|WHERE|VALUES)\b"
    r"|\b(SHOW|ORDER BY) | = \?"
)
"""SQL."""
UNSEEN = frozenset(("LOG", "logging.getLogger(", "re"))
"""Modules and loggers whose calls show no literal to an operator."""
STYLE = frozenset(("CSS", "DEFAULT_CSS", "DEFAULT_CLASSES"))
OTHERWISE = frozenset(("simulator", "commands.py"))
"""What speaks as NAVER Cloud does, and the registry that is read as it stands."""
EXCUSE = "# no message"
"""A comment at a line whose literal no operator reads, or where a table of them begins, with the reason."""


def _is_message(call: ast.Call) -> bool:
    """Whether a call of a message function holds its message itself."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return name in KEYWORDS and any(isinstance(part, ast.Constant) and part.value for part in call.args)


def unwrapped(file: Path) -> Iterator[str]:
    """Place and text of each literal of a file that reads like words and that no message function holds."""
    source = file.read_text("utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    held: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for one in body if isinstance(body, list) else []:
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
                held.add(id(one.value))  # a docstring
        if isinstance(node, ast.JoinedStr):
            inner = [each for part in node.values for each in ast.walk(part) if isinstance(each, ast.Call)]
            if any(_is_message(each) for each in inner):
                yield f"{file}:{node.lineno}: a message inside an f-string is not extracted"
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            of = getattr(getattr(node.func, "value", None), "id", "") or ast.unparse(node.func)[:18]
            if name in KEYWORDS or of in UNSEEN:
                held.update(id(each) for part in node.args for each in ast.walk(part))
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            is_excused = EXCUSE in lines[node.lineno - 1]
            is_style = any(getattr(target, "id", "") in STYLE for target in targets)
            if (is_excused or is_style) and node.value is not None:
                held.update(id(each) for each in ast.walk(node.value))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in held:
            continue
        excused = any(EXCUSE in line for line in lines[node.lineno - 1 : node.end_lineno or node.lineno])
        if WORDS.search(node.value) and not NO_WORDS.search(node.value) and not excused:
            yield f"{file}:{node.lineno}: {node.value!r}"


def main(words: list[str]) -> int:
    """Return the exit code: 1 where something is wrong, 2 for words that mean nothing."""
    command, *files = words or [""]
    if command == "update":
        more: dict[str, str] = {}
        for file in files:
            more |= {each: text for each, text in json.loads(Path(file).read_text("utf-8")).items() if text}
        po = po_text(made(more))
        PO.write_bytes(po)
        MO.write_bytes(mo_bytes(po))
        return 0
    if command == "unwrapped":
        places = [Path(file) for file in files] or sorted(PACKAGE.rglob("*.py"))
        found = [line for place in places if not OTHERWISE & {*place.parts} for line in unwrapped(place)]
        print("\n".join(found))
        return 1 if found else 0
    catalog = made({})
    if command == "missing":
        lacking = [key_of(each) for each in catalog if each.id and not text_of(each)]
        texts = {key if isinstance(key, str) else key[0]: "" for key in lacking}
        print(json.dumps(texts, ensure_ascii=False, indent=1))
        return 0
    if command == "check":
        wrong = faults(catalog)
        po = po_text(catalog)
        if PO.read_bytes() != po or MO.read_bytes() != mo_bytes(po):
            wrong.append("the catalogue is not what `python -m tools.catalogue update` writes")
        for sentence in wrong:
            print(sentence)
        return 1 if wrong else 0
    print((__doc__ or "").splitlines()[2], file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
