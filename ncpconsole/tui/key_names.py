"""Keys as Textual spells them, and as people write them."""

from __future__ import annotations

SPECIAL = {
    "up": "↑", "down": "↓", "pagedown": "PgDn", "pageup": "PgUp", "enter": "Enter", "space": "Space",
    "escape": "Esc", "home": "Home", "end": "End", "tab": "Tab",
}  # fmt: skip
NAMED = {"!": "exclamation_mark", "/": "slash", "?": "question_mark", ":": "colon", " ": "space"}
UNNAMED = {name: character for character, name in NAMED.items()} | {"space": "space"}


def split_keys(keys: str) -> tuple[str, ...]:
    """The single keys of a comma-separated list, in Textual's spelling for printable characters or ours."""
    return tuple(UNNAMED.get(key.strip(), key.strip()) for key in keys.split(",") if key.strip())


def key_text(keys: str) -> str:
    """Keys as people write them: ``j ↓``, ``Ctrl+D``, ``!``."""
    return " ".join(one_key_text(key) for key in split_keys(keys))


def one_key_text(key: str) -> str:
    """One key as people write it."""
    if key in SPECIAL:
        return SPECIAL[key]
    if key.startswith("ctrl+"):
        return "Ctrl+" + key.removeprefix("ctrl+").upper()
    return key
