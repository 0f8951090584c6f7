"""What the operator chose of the view: keys, columns, theme, order, filters and regions, now and the last time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncpconsole.core.remembered import Remembered, worth_keeping
from ncpconsole.language import shown, tr
from ncpconsole.tui.keymap import InvalidKeymap, Keys
from ncpconsole.tui.themes import DEFAULT_THEME
from ncpconsole.tui.widgets.columns import UnknownColumn, checked

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


class ViewChoices:
    """What to begin with, and what to keep for the next start.

    ``keymap`` maps command ids to keys, ``columns`` are column keys of the list, ``theme`` is one of ``themes``: None
    stands for what was remembered, else for the console's own. What pleases the eye and the hand locks nobody out:
    what of it cannot be falls back, with a sentence in `notes`.
    """

    def __init__(
        self,
        was: Remembered | None,
        *,
        keymap: Mapping[str, str] | None,
        columns: Sequence[str] | None,
        theme: str | None,
        themes: Collection[str],
    ) -> None:
        self.was = was or Remembered()
        self.notes: list[str] = []
        try:
            self.keys = Keys(keymap)
        except InvalidKeymap as error:
            self.keys = Keys()
            self.notes.append(" ".join((shown(error), tr("The console's own keys are used."))))
        try:
            self.columns = checked(columns)
        except UnknownColumn as error:
            self.columns = None
            self.notes.append(" ".join((shown(error), tr("All columns are shown."))))
        wanted = theme or self.was.theme
        self.theme = wanted if wanted in themes else DEFAULT_THEME
        if theme is not None and theme not in themes:
            names = ", ".join(sorted(themes))
            self.notes.append(
                tr(
                    "There is no theme “{theme}”; the themes are {themes}. The console's own is used.",
                    theme=theme,
                    themes=names,
                )
            )
        self.order = (self.was.sort, self.was.descending)
        self.regions = dict(self.was.regions)
        """The region chosen last, by profile."""

    def to_remember(self, *, order: tuple[str, bool], theme: str, filters: Sequence[str]) -> Remembered:
        """What to keep of the view as it is now; a theme that only a setting chose is none of it."""
        sort, descending = order
        return Remembered(
            sort=sort,
            descending=descending,
            theme=self.was.theme if theme == self.theme else theme,
            regions=self.regions,
            filters=worth_keeping(filters),
        )
