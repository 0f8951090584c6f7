"""Errors of the rules: a refused interrupt, and a journal that cannot be written.

::

    ConsoleError              one sentence for the operator, and what to do
    ├── Refused               this console will not send; nothing was sent
    │   └── ServerLocked      another intent for this server is open, or its outcome is unknown and unresolved
    ├── JournalUnavailable    the journal cannot be read or written; nothing is sent
    │   └── GuardUnavailable  the journal that several users share does not guard now; nothing is sent
    ├── ConfigError           the settings cannot be read, understood or written
    ├── InvalidFilter         the filter names an unknown key or value
    ├── UnknownRules          there is no rule set of that name
    ├── NotResolvable         no such intent, or its outcome is not unknown
    ├── InvalidNote           the note is empty, too long, or about nothing
    └── CredentialsError      no usable key, or the keyring cannot be used
        ├── MissingCredentials    neither the environment nor the keyring holds a key
        ├── UnknownProfile        a profile was named that is not there
        └── KeyNotKept            the pair works, but the keyring did not keep it
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.language import Sentence

if TYPE_CHECKING:
    from ncpconsole.core.records import Intent


class ConsoleError(Exception):
    """Base of the console's own errors. ``str()`` is one sentence that says what is wrong and what to do."""


class Refused(ConsoleError):
    """This console will not send. ``reasons`` holds every reason as a sentence, ``codes`` their codes."""

    def __init__(self, *reasons: str, codes: tuple[str, ...] = ()) -> None:
        super().__init__(reasons[0] if len(reasons) == 1 else Sentence.joined(*reasons))
        self.reasons = reasons
        self.codes = codes


class ServerLocked(Refused):
    """Another intent holds this server; ``intent`` is the holder."""

    def __init__(self, reason: str, intent: Intent) -> None:
        super().__init__(reason, codes=("locked",))
        self.intent = intent


class JournalUnavailable(ConsoleError):
    """The journal cannot be opened, read or written."""


class GuardUnavailable(JournalUnavailable):
    """The journal that several users share does not guard now, so this console refuses to send."""


class ConfigError(ConsoleError):
    """The settings cannot be read, understood or written. Names the file and the key, never a value.

    ``problems`` is a sentence for each thing that is wrong; ``str()`` is all of them.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class InvalidFilter(ConsoleError):
    """The filter cannot be understood."""


class UnknownRules(ConsoleError):
    """There is no rule set of that name."""


class NotResolvable(ConsoleError):
    """The intent does not exist or is not of unknown outcome."""


class InvalidNote(ConsoleError):
    """The note is empty, too long, or about nothing."""


class CredentialsError(ConsoleError):
    """No usable credentials; ``remedy`` is the next step for the operator."""

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.remedy = remedy


class MissingCredentials(CredentialsError):
    """Neither the environment nor the keyring holds a key for this profile."""


class UnknownProfile(CredentialsError):
    """A profile was named that the settings do not have, though they have others: a slip of the pen."""


class KeyNotKept(CredentialsError):
    """The pair works, and the keyring did not keep it; it may be used for this session all the same."""
