"""The language that the operator reads: English, or Korean from the catalogue in ``locale``.

- ``tr("{count} servers of {region}", count=3, region=code)`` is a text in the language in force, now.
- ``tr_n("One server.", "{count:,} servers.", count)`` likewise, for a number.
- ``msgid("Open the history")`` only marks a text, for tables and constants: it stays English until ``tr`` shows it.
- ``Sentence("Sent to {name}.", name=name)`` is for what is stored and shown: its value is the English text, for the
  journal, JSON and logs, and ``shown`` gives it in the language in force.

A message is a whole sentence, or the whole text of a label; its arguments are facts (names, numbers, times) and never
parts of a sentence. Arguments of a `Sentence` are facts or other Sentences. tools.catalogue extracts all four.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from gettext import NullTranslations

ENGLISH = "en"
KOREAN = "ko"
NAMES = {ENGLISH: "English", KOREAN: "한국어"}
"""The languages, each by its own name."""
DOMAIN = "ncpconsole"

JOINED = "\0"
"""In the place of a plural: the message is what stands between the sentences that are the arguments."""

Result = TypeVar("Result")


class _InForce:
    """The language of this process; None of a catalogue is English."""

    code = ENGLISH
    catalogue: NullTranslations | None = None
    stale: list[Callable[[], object]] = []  # noqa: RUF012 - there is one of it


def language() -> str:
    """The code of the language in force."""
    return _InForce.code


def use(code: str) -> None:
    """Put a language of `NAMES` in force, for all that is shown from now on, click's own words included."""
    if code == ENGLISH and _InForce.catalogue is None:
        return
    import gettext  # a start in English does without
    from importlib.resources import files

    places = files("ncpconsole").joinpath("locale")
    gettext.bindtextdomain(DOMAIN, str(places))
    gettext.textdomain(DOMAIN if code != ENGLISH else "messages")
    os.environ["LANGUAGE"] = code
    if code == ENGLISH:
        use_catalogue(code, None)
        return
    with places.joinpath(code, "LC_MESSAGES", f"{DOMAIN}.mo").open("rb") as file:
        use_catalogue(code, gettext.GNUTranslations(file))


def use_catalogue(code: str, catalogue: NullTranslations | None) -> None:
    """Put a catalogue in force, and forget the words that are `cached`."""
    _InForce.code, _InForce.catalogue = code, catalogue
    for forget in _InForce.stale:
        forget()


def tr(message: str, /, **arguments: object) -> str:
    """A message in the language in force, with its arguments in their places."""
    if _InForce.catalogue is not None and message:
        message = _InForce.catalogue.gettext(message)
        return message.format_map(_Shown(arguments)) if arguments else message
    return message.format(**arguments) if arguments else message


def tr_n(one: str, many: str, count: float, /, **arguments: object) -> str:
    """`tr` of the message for a number, which is the argument ``count``."""
    if _InForce.catalogue is not None:
        number = count if isinstance(count, int) else 2  # a fraction is none
        return _InForce.catalogue.ngettext(one, many, number).format_map(_Shown(arguments, count=count))
    return (one if count == 1 else many).format(count=count, **arguments)


def msgid(message: str) -> str:
    """The message itself, in English, for `tr` to show later; the catalogue learns of it here."""
    return message


class Sentence(str):
    """An English text that knows how it is said in another language.

    The value is the English text, so that what is stored is the same in every language; `shown` translates it.
    """

    __slots__ = ("_arguments", "_template")
    _template: tuple[str, str | None]
    _arguments: Mapping[Any, Any]

    def __new__(cls, message: str, /, **arguments: object) -> Self:
        """Take a message and its arguments, as `tr` does."""
        return cls._made(message, None, message.format(**arguments) if arguments else message, arguments)

    @classmethod
    def plural(cls, one: str, many: str, count: float, /, **arguments: object) -> Self:
        """The sentence for a number, as `tr_n` makes it."""
        arguments = {"count": count, **arguments}
        return cls._made(one, many, (one if count == 1 else many).format(**arguments), arguments)

    @classmethod
    def joined(cls, *sentences: str, by: str = " ") -> Self:
        """Whole sentences, one behind the other; empty ones are left out."""
        given = [sentence for sentence in sentences if sentence]
        return cls._made(by, JOINED, by.join(given), dict(enumerate(given)))

    @classmethod
    def _made(cls, one: str, many: str | None, value: str, arguments: Mapping[Any, Any]) -> Self:
        made = super().__new__(cls, value)
        made._template, made._arguments = (one, many), arguments
        return made

    def with_facts(self, change: Callable[[str], str]) -> Sentence:
        """The same sentence, each text among its arguments changed; for texts from outside."""
        one, many = self._template
        arguments: dict[Any, Any] = {
            name: value.with_facts(change)
            if isinstance(value, Sentence)
            else change(value)
            if isinstance(value, str)
            else value
            for name, value in self._arguments.items()
        }
        if many == JOINED:
            return Sentence.joined(*arguments.values(), by=one)
        if many is not None:
            return Sentence.plural(one, many, arguments.pop("count"), **arguments)
        return Sentence(one, **arguments)

    def __getnewargs__(self) -> tuple[str]:
        """A copy, or what comes back from a pickle, is made of the text, and knows the rest from the state."""
        return (str(self),)

    @property
    def shown(self) -> str:
        """The text in the language in force."""
        one, many = self._template
        if _InForce.catalogue is None:
            return str(self)
        if many == JOINED:
            return one.join(map(shown, self._arguments.values()))
        if many is not None:
            arguments = dict(self._arguments)
            return tr_n(one, many, arguments.pop("count"), **arguments)
        return tr(one, **self._arguments)


class _Shown(dict[str, object]):
    """Arguments, each sentence among them in the language in force."""

    def __getitem__(self, name: str) -> object:
        value = super().__getitem__(name)
        return value.shown if isinstance(value, Sentence) else value


def with_facts(text: str, change: Callable[[str], str]) -> str:
    """`Sentence.with_facts`; a text that is no sentence is all fact."""
    return text.with_facts(change) if isinstance(text, Sentence) else change(text)


def said(error: BaseException) -> str:
    """The sentence that an exception was raised with, to be stored and shown."""
    return error.args[0] if error.args and isinstance(error.args[0], str) else str(error)


def shown(text: str | BaseException) -> str:
    """A `Sentence`, or the one that an exception was raised with, in the language in force; another text as it is."""
    if isinstance(text, BaseException):
        text = said(text)
    return text.shown if isinstance(text, Sentence) else text


def cached(maxsize: int | None = 128) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """`functools.lru_cache` for what holds words: it is emptied where the language changes."""

    def decorate(function: Callable[..., Result]) -> Callable[..., Result]:
        kept: Any = functools.lru_cache(maxsize=maxsize)(function)
        _InForce.stale.append(kept.cache_clear)
        return functools.update_wrapper(kept, function)

    return decorate
