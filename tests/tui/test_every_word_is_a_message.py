"""Each word that the console draws, but for data, comes out of the catalogue.

The screens are drawn in a language whose letters all carry marks. A letter without one was not translated: it is data,
or a text that nobody handed to `ncpconsole.language`.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from string import Formatter, ascii_letters
from unittest.mock import patch

import pytest

from ncpconsole import language
from ncpconsole.language import ENGLISH
from screenshots.take import SCENES, Scene, SceneApp, Sitting, console_for, perform, see_list, standing_still
from tests.tui.more_scenes import MORE

pytestmark = pytest.mark.slow

MARKED = "áƀçđéƒğħíĵķłɱñóƥɋřšŧúʋŵẋýžÁƁÇĐÉƑĞĦÍĴĶŁḾÑÓƤɊŘŠŦÚƲŴẊÝŽ"
TO_MARKED = str.maketrans(ascii_letters, MARKED)
TO_PLAIN = str.maketrans(MARKED, ascii_letters)

GIVEN = """
    prod demo default simulator KST KR UTC SGN JPN New mina simulated-team ABCDEFGHIJ INC hangs
    zzzz HTTP success RUN NULL Authentication Failed Permission Denied Simulated Endpoint Error
    POST Bit over ove SSH from Win Windows Lin Linux XEN KVM
    CPython ncpconsole textual httpx httpcore keyring msgspec truststore xterm
"""
"""What NCP, the simulator, the machine, the scenes and whoever acts in them give."""
NAMES = """
    xen-windows public gov fin all JSON Lines
    Mbit/s kbit/s MB/s kB/s GiB GB
    tab esc enter Enter Space Esc Tab pgup pgdn Ctrl Home End PgUp PgDn
"""
"""Rules, sites, forms of files, units, and keys as they are pressed."""
DATA = frozenset((GIVEN + NAMES).split())
LOGGED = "Interrupt Server Instance  SUCCESS"
"""What NCP's activity log says of an interrupt: an entry may come before the screen is looked at, or after."""
NO_WORDS = re.compile(r"[/@\"]|\d|:\w|^!")
"""Paths, addresses, identifiers, terms of the filter."""


class Marked(gettext.NullTranslations):
    """English with a mark on each letter, as wide as without; the places of arguments stay."""

    def gettext(self, message: str) -> str:
        parts = []
        for text, name, form, conversion in Formatter().parse(message):
            parts.append(text.translate(TO_MARKED))
            if name is not None:
                parts.append("{" + name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "") + "}")
        return "".join(parts)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture(autouse=True)
def marked() -> Iterator[None]:
    """Time stands still, and the language is the marked one; what waits for words on the screen reads them plain."""
    shown = Sitting.text.fget  # type: ignore[attr-defined]
    plain = property(lambda sitting: shown(sitting).translate(TO_PLAIN))
    with (
        standing_still(),
        patch.object(Sitting, "text", plain),
        patch("screenshots.take.use", lambda _: None),  # a scene has a language of its own
    ):
        language.use_catalogue("xx", Marked())
        yield
        language.use_catalogue("en", None)


def unmarked(app: SceneApp) -> list[str]:
    """The words on screen that are neither data nor out of the catalogue, each with its line."""
    view = app.servers.model.view
    names = " ".join(row.name for row in view.inventory.rows) if view is not None else ""
    if app.account.session is not None:  # a record tells what was stored, in English
        names += " ".join(intent.message for intent in app.account.session.journal.intents())
    return [
        f"{word!r} in {line.strip()!r}"
        for line in (strip.text.replace(LOGGED, "") for strip in app.screen._compositor.render_strips())
        for chunk in line.split()
        for word in re.findall(r"[A-Za-z][\w'-]*[A-Za-z]", chunk)
        if word not in DATA and word not in names and not NO_WORDS.search(chunk)
    ]


@pytest.mark.parametrize(
    "scene", [*(scene for scene in SCENES if scene.language == ENGLISH), *MORE], ids=lambda scene: scene.name
)
async def test_every_word_is_a_message_or_data(scene: Scene) -> None:
    app = console_for(scene)
    async with app.run_test(size=scene.size) as pilot:
        await perform(scene, pilot)
        assert unmarked(app) == []


@pytest.mark.parametrize(
    ("faults", "size", "seen"),
    [
        (("authentication-failed",), (80, 24), "l log in"),
        (("permission-denied",), (80, 24), "may not list"),
        (("list:error-503",), (80, 24), "again"),
        ((), (50, 12), "nothing is lost"),
    ],
)
async def test_every_word_where_there_is_no_list(faults: tuple[str, ...], size: tuple[int, int], seen: str) -> None:
    app = console_for(Scene("trouble", see_list, faults=faults))
    async with app.run_test(size=size) as pilot:
        await Sitting(app, pilot).sees(seen)
        assert unmarked(app) == []
