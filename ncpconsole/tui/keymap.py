"""The keys in force: the registry's, with an operator's own on top, checked before anything opens."""

from __future__ import annotations

from collections.abc import Mapping

from ncpconsole.core.errors import ConsoleError
from ncpconsole.language import msgid, tr
from ncpconsole.tui.commands import COMMANDS, TABLE_ACTIONS, UNNAMED, Command, Scope, key_text, one_key_text, split_keys

HANGUL, LATIN = (
    "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
    "qwertyuiopasdfghjklzxcvbnmQWERTOP",
)
TWO_SET = dict(zip(HANGUL, LATIN, strict=True))
"""The Korean two-set layout: what a key writes there, and what it writes in Latin letters."""
KOREAN_IS_ON = msgid("The Korean input method is on, so this key is no command. Press 한/영 to turn it off.")

FULL_WIDTH_IS_ON = msgid(
    "The input method writes full-width letters, so this key is no command. Switch it to half-width ones."
)


def is_full_width(key: str) -> bool:
    """Whether an input method wrote this letter or mark in its full-width form, which is never a command."""
    return key.startswith("fullwidth_") or "\uff01" <= key <= "\uff5e"


def is_hangul(character: str | None) -> bool:
    """Whether a Korean input method wrote this."""
    return any("\u1100" <= one <= "\u11ff" or "\u3130" <= one <= "\ud7ff" for one in character or "")


def latin_key(key: str) -> str | None:
    """The key of the same place in Latin letters, Ctrl included; None where it is no key of the layout."""
    ctrl, _, letter = key.rpartition("+")
    if letter not in TWO_SET or ctrl not in {"", "ctrl"}:
        return None
    return f"ctrl+{TWO_SET[letter].lower()}" if ctrl else TWO_SET[letter]


class InvalidKeymap(ConsoleError):
    """The operator's keys cannot be: unknown command, two on one key, interrupt on a navigation key."""


NAVIGATION_KEYS = frozenset(
    {"up", "down", "left", "right", "home", "end", "pageup", "pagedown", "enter", "space", "tab", "shift+tab"}
    | {"escape", "backspace", "ctrl+d", "ctrl+u", *"jkgGhl"}
)
"""Keys that are pressed without thinking: the interrupt may not sit on them."""
REMAPPABLE = tuple(command.id for command in COMMANDS if not command.is_fixed)
"""The commands that may be given other keys; dialogs keep theirs."""


class Keys:
    """The keys in force: the defaults with an operator's own on top. Raises `InvalidKeymap`."""

    def __init__(self, keymap: Mapping[str, str] | None = None) -> None:
        self.overrides = checked_keymap(keymap or {})

    def of(self, command: Command) -> str:
        """The command's keys, comma separated; empty when it is in the palette only."""
        return self.overrides.get(command.id, command.keys)

    def shown(self, command: Command, *, first: bool = False) -> str:
        """The command's keys as people write them; ``first`` gives only the first."""
        keys = self.of(command)
        if command.differs_by_key:
            every = split_keys(keys)
            return f"{one_key_text(every[0])}-{one_key_text(every[-1])}"
        return key_text(split_keys(keys)[0] if first and keys else keys)

    def command_for(self, key: str, scope: Scope) -> Command | None:
        """The command behind a pressed key in a scope."""
        key = UNNAMED.get(key, key)
        return next((c for c in COMMANDS if scope in c.scopes and key in split_keys(self.of(c))), None)

    def for_textual(self) -> dict[str, str]:
        """The operator's keys by binding id, those of the list's own bindings included."""
        own = {f"table.{name}": keys for name, keys in self.overrides.items() if name in TABLE_ACTIONS}
        return {**self.overrides, **own}


def checked_keymap(keymap: Mapping[str, str]) -> dict[str, str]:
    """The operator's keys as Textual wants them; raises `InvalidKeymap`, which says what to change."""
    for command_id, keys in keymap.items():
        if command_id not in REMAPPABLE:
            raise InvalidKeymap(
                tr(
                    "The configured keys name the command “{command}”, which does not exist; the commands are {known}.",
                    command=command_id,
                    known=", ".join(REMAPPABLE),
                )
            )
        if not split_keys(keys):
            raise InvalidKeymap(
                tr("The command “{command}” is given no key; name one or leave the line out.", command=command_id)
            )
    for key in split_keys(keymap.get("interrupt", "")):
        if key in NAVIGATION_KEYS:
            raise InvalidKeymap(
                tr(
                    "The interrupt cannot be put on {key}, which is pressed to move or to go on; choose another key.",
                    key=one_key_text(key),
                )
            )
    merged = {command.id: split_keys(keymap.get(command.id, command.keys)) for command in COMMANDS}
    for scope in Scope:
        taken: dict[str, str] = {}
        for command in COMMANDS:
            if scope not in command.scopes or command.differs_by_key:
                continue  # an operator's own key takes the place of one of several
            for key in merged[command.id]:
                other = taken.setdefault(key, command.id)
                if other != command.id:
                    raise InvalidKeymap(
                        tr(
                            "The key {key} is given to both “{one}” and “{other}”; give one of them another key.",
                            key=one_key_text(key),
                            one=other,
                            other=command.id,
                        )
                    )
    return {command_id: ",".join(split_keys(keys)) for command_id, keys in keymap.items()}
