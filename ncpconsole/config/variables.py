"""The environment variables that change what the console does. Imports nothing that costs time at start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ncpconsole.language import Sentence, msgid

PREFIX = "NCPCONSOLE"
_PARTS = re.compile("[^A-Z0-9]")
ACCOUNT = "commands with an account"  # no message: documents
PROFILES = "commands with a profile"  # no message: documents
EVERY = "every command"  # no message: documents
PLACES = "every command but demo, simulate and completion"  # no message: documents


class Variable(NamedTuple):
    """One variable: what it means, and who reads it. A secret one is taken out of the environment at start.

    ``meaning`` is a message id. ``value`` says what it may hold, ``without`` what holds where it is not set.
    """

    name: str
    meaning: str
    readers: str
    value: str = ""
    without: str = ""
    is_secret: bool = False


VARIABLES = (  # no message: what is no meaning stands in the documents alone
    Variable(
        "NCLOUD_ACCESS_KEY",
        msgid("Access key; used before any keyring."),
        PROFILES,
        "an access key",
        "the keyring",
        is_secret=True,
    ),
    Variable(
        "NCLOUD_SECRET_KEY",
        msgid("Secret key that belongs to it."),
        PROFILES,
        "a secret key",
        "the keyring",
        is_secret=True,
    ),
    Variable(
        "NCLOUD_ACCESS_KEY_ID", msgid("Another name of NCLOUD_ACCESS_KEY."), PROFILES, "an access key", is_secret=True
    ),
    Variable(
        "NCLOUD_SECRET_ACCESS_KEY",
        msgid("Another name of NCLOUD_SECRET_KEY."),
        PROFILES,
        "a secret key",
        is_secret=True,
    ),
    Variable(
        "NCLOUD_PROFILE",
        msgid("Profile to use, as --profile."),
        PROFILES,
        "a profile's name",
        "the file's default_profile",
    ),
    Variable(
        "NCLOUD_SITE",
        msgid("public, gov or fin, for a profile that names none."),
        PROFILES,
        "public, gov, fin",
        "public",
    ),
    Variable(
        "NCLOUD_API_GW",
        msgid("Base URL of the gateway, for a profile that names none."),
        PROFILES,
        "a URL",
        "the site's own",
    ),
    Variable(
        "NCLOUD_REGION",
        msgid("Region code or all, for a profile that names none."),
        ACCOUNT,
        "a code, or all",
        "the first",
    ),
    Variable(
        "NCPCONSOLE_READ_ONLY",
        msgid("1: never send an interrupt, as --read-only."),
        ACCOUNT,
        "anything but 0, false, no and off",
        "0",
    ),
    Variable("NCPCONSOLE_LANG", msgid("Language, as --lang; JSON stays English."), EVERY, "en, ko", "the locale's"),
    Variable("NCPCONSOLE_CONFIG", msgid("The settings file."), PLACES, "a full path", "the user's own"),
    Variable(
        "NCPCONSOLE_STATE_DIR", msgid("Directory of the record and the log."), PLACES, "a full path", "the user's own"
    ),
    Variable(
        "NCPCONSOLE_TEAM_URL",
        msgid("The team's database, as journal.team."),
        PLACES,
        "a postgresql URL without a password",
        "the file's journal.team",
    ),
    Variable(
        "PYTHON_KEYRING_BACKEND",
        msgid("The keyring; only one of the system is accepted."),
        PROFILES,
        "a class",
        "the system's",
    ),
    Variable(
        "HTTPS_PROXY",
        msgid("Proxy to the gateway; ALL_PROXY and NO_PROXY count too."),
        f"{ACCOUNT}, login",
        "a URL",
        "no proxy; on Windows and macOS the system's",
    ),
    Variable(
        "SSL_CERT_FILE",
        msgid("Certificates trusted beside the system's."),
        f"{ACCOUNT}, login",
        "a path",
        "the system's alone",
    ),
    Variable(
        "SSL_CERT_DIR", msgid("The same, a directory of them."), f"{ACCOUNT}, login", "a path", "the system's alone"
    ),
    Variable("NO_COLOR", msgid("Set: no colours on screen."), "the console, demo", "anything", "colours"),
)
SECRETS = tuple(variable.name for variable in VARIABLES if variable.is_secret)


def unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each variable that is named like ours and that nothing reads, with the nearest that is.

    It may be a safety setting that was misspelt, and so is not in force.
    """
    known = [variable.name for variable in VARIABLES]
    for name in sorted(environ):
        if _PARTS.sub("", name.upper()).startswith(PREFIX) and not name.startswith("_") and name not in known:
            from difflib import get_close_matches

            nearest = get_close_matches(name.upper(), known, n=1, cutoff=0.5)
            meant = (Sentence("Is {name} meant?", name=one) for one in nearest)
            unread = Sentence("Nothing reads the variable {name}.", name=name)
            yield Sentence.joined(unread, *meant)


def variable_table() -> str:
    """All variables as a Markdown table, for docs/configuration.md."""
    rows = (
        f"| `{each.name}` | {each.value} | {each.meaning} | {each.without} | {each.readers} |" for each in VARIABLES
    )
    head = ("| variable | value | meaning | without it | read by |", "|---|---|---|---|---|")  # no message: documents
    return "\n".join((*head, *rows))
