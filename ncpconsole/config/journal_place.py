"""Which journal guards: the user's own, the one that this machine shares, and the team's; and where all is kept."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ncpconsole.config.paths import JournalPlace, Paths, console_paths
from ncpconsole.config.settings import Settings, checked_team
from ncpconsole.config.settings_reader import read_settings, system_journal
from ncpconsole.language import tr

TEAM_VARIABLE = "NCPCONSOLE_TEAM_URL"


def journal_place(paths: Paths, settings: Settings, environ: Mapping[str, str] = os.environ) -> JournalPlace:
    """The journal that this machine shares, if the system's file names one, else the user's own; and the team's.

    No variable changes what that file says, or the guard could be stepped around. Raises ConfigError where it cannot be
    trusted, and for an address of the team's database that cannot be used.
    """
    shared, team = system_journal()
    if not team and environ.get(TEAM_VARIABLE):
        team = checked_team(environ[TEAM_VARIABLE], TEAM_VARIABLE)
    return JournalPlace(shared or paths.journal, is_shared=shared is not None, team=team or settings.team)


def guard_sentence(place: JournalPlace) -> str:
    """Whose consoles hold each other back, in words."""
    if place.team:
        return tr("Every console whose journal is the same team's, on any machine.")
    if place.is_shared:
        return tr("All users of this machine who may send hold each other back; other machines are not held back.")
    return tr("Every console of this account on this machine; other users and other machines are not held back.")


def places(*, in_words: bool = True) -> dict[str, str]:
    """Where things are kept, and what the guard spans: as a sentence, or as its code. Raises ConfigError."""
    kept = console_paths()
    place = journal_place(kept, read_settings(kept.config_file))
    return {
        "config": str(kept.config_file),
        "state": str(kept.state_dir),
        "journal": str(place.path),
        "lists": str(kept.lists),
        "view": str(kept.view),
        "log": str(kept.log),
        "guard": guard_sentence(place) if in_words else place.guard,
    }
