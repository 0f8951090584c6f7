"""Choosing a profile, and choosing a region. They answer with the choice; the switch is made elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ncpconsole.core.gateway import Gateway
from ncpconsole.core.safe_text import fit, safe_text
from ncpconsole.core.session import ProfileSummary
from ncpconsole.core.wording import flags
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.errors import NcpError
from ncpconsole.ncp.models import Region
from ncpconsole.tui.background import background
from ncpconsole.tui.textual_fixes.dialogs import PagedList
from ncpconsole.tui.widgets.dialog import Dialog

ALL_REGIONS = "all"
KEEP = ""
"""The choice that changes nothing."""


class PickerScreen(Dialog[str]):
    """A list to choose one answer from; answers with the choice's value, or None."""

    title_text = ""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -small"):
            yield Static(Content(tr(self.title_text)), classes="section -first")
            yield Static(id="note", classes="note")
            yield PagedList(id="choices", markup=False)
            yield from self.foot(("↑↓", tr("move")), ("enter", tr("choose")), ("esc", tr("no change")))

    def offer(self, choices: Iterable[tuple[str, Content]], chosen: str) -> None:
        """Fill the list with (value, text), the cursor on the current value: Enter by reflex keeps it."""
        options = self.query_one(OptionList)
        options.clear_options()
        self.values = []
        for value, text in choices:
            self.values.append(value)
            options.add_option(Option(text))
        if chosen in self.values:
            options.highlighted = self.values.index(chosen)
        options.focus()

    def note(self, words: str) -> None:
        """Say something above the list; an empty text takes the line away."""
        line = self.query_one("#note", Static)
        line.update(Content(safe_text(words, 400)))
        line.display = bool(words)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self.values[event.option_index] or None)


class ProfilePicker(PickerScreen):
    """Chooses a profile by name; each line says site, regions, read-only and protected in words."""

    title_text = msgid("Profile (account)")

    def __init__(self, profiles: Sequence[ProfileSummary]) -> None:
        super().__init__()
        self.profiles = tuple(profiles)

    def on_mount(self) -> None:
        current = next((profile.name for profile in self.profiles if profile.is_current), "")
        self.note("" if self.profiles else tr("There is no profile yet: close this and press l to log in."))
        self.offer(((profile.name, profile_line(profile)) for profile in self.profiles), current)


class RegionPicker(PickerScreen):
    """Chooses a region code, or all regions. The list is read from the gateway while it is open.

    ``current`` are the codes that are open, or `ALL_REGIONS` alone.
    """

    title_text = msgid("Region")

    def __init__(self, gateway: Gateway, current: tuple[str, ...]) -> None:
        super().__init__()
        self.gateway = gateway
        self.current = current

    def on_mount(self) -> None:
        """Offer what needs no network at once, then read the rest."""
        self.note(tr("reading the regions ..."))
        self.offer_regions([])
        self._read()

    @background(msgid("reading of the regions"), failed=lambda self, words: self.note(words))
    async def _read(self) -> None:
        try:
            regions = await self.gateway.regions()
        except NcpError as error:
            self.note(shown(error))
            return
        self.note("")
        self.offer_regions(regions)

    def offer_regions(self, regions: Sequence[Region]) -> None:
        """Offer these and all; where several are open, these as they are: Enter changes nothing then."""
        lines = [
            (region.region_code, region_line(region.region_code, region.region_name, self.current))
            for region in regions
        ]
        lines.append((ALL_REGIONS, region_line(ALL_REGIONS, tr("all regions in one list"), self.current)))
        if len(self.current) > 1:
            these = ",".join(safe_text(code, 8) for code in self.current)
            lines.insert(0, (KEEP, Content.assemble("● ", (these, "bold"), "  " + tr("as it is"))))
        self.offer(lines, KEEP if len(self.current) > 1 else "".join(self.current))


def profile_line(profile: ProfileSummary) -> Content:
    about = " ".join([safe_text(shown(profile.site), 40), ",".join(safe_text(code, 8) for code in profile.regions)])
    return Content.assemble(
        "● " if profile.is_current else "  ",
        (fit(safe_text(profile.name, 60), 20), "bold"),
        " ",
        fit(about.strip(), 18),
        " ",
        (" ".join(flags(profile)), "bold"),
        ("  " + tr("current") if profile.is_current else "", "$foreground-muted"),
    )


def region_line(code: str, name: str, current: tuple[str, ...]) -> Content:
    is_current = code in current
    return Content.assemble(
        "● " if is_current else "  ",
        (fit(safe_text(code, 12), 8), "bold"),
        " ",
        safe_text(name, 60),
        ("  " + tr("current") if is_current else "", "$foreground-muted"),
    )
