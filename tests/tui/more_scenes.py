"""Scenes that no picture shows: what keys and commands open, and what an outcome leaves behind."""

from __future__ import annotations

from screenshots.take import ALIVE, SILENT, Scene, Sitting, see_accepted, see_history, see_list, see_unknown


async def review(sitting: Sitting) -> None:
    await sitting.selects(SILENT[0])
    await sitting.press("space", "space", "exclamation_mark")
    await sitting.sees("look at it")


async def reviewed(sitting: Sitting) -> None:
    await review(sitting)
    await sitting.press("s")
    await sitting.sees("skipped")
    await sitting.press("s")
    await sitting.sees("Review over")


async def resolve(sitting: Sitting) -> None:
    await see_unknown(sitting)
    await sitting.press("v")
    await sitting.sees("It was received.")
    await sitting.press("right", "right")


async def locked(sitting: Sitting) -> None:
    await see_unknown(sitting)
    await sitting.press("escape")
    await sitting.sees("VERDICT")
    await sitting.press("exclamation_mark")
    await sitting.sees("resolve the unknown outcome")


async def waiting(sitting: Sitting) -> None:
    await see_unknown(sitting)
    await sitting.press("escape")
    await sitting.sees("VERDICT")
    await sitting.press("w")
    await sitting.sees("What waits")


async def quit_while_watched(sitting: Sitting) -> None:
    await see_accepted(sitting)
    await sitting.press("escape")
    await sitting.sees("VERDICT")
    await sitting.press("q")
    await sitting.sees("Keep watching")


async def export(sitting: Sitting) -> None:
    await see_history(sitting)
    await sitting.press("x")
    await sitting.sees("Markdown")


async def filter_history(sitting: Sitting) -> None:
    await see_history(sitting)
    await sitting.press("a", "slash")


async def note(sitting: Sitting) -> None:
    await sitting.selects(SILENT[0])
    await sitting.press("n")
    await sitting.sees("write it down")


async def no_command(sitting: Sitting) -> None:
    await sitting.press("ctrl+p")
    await sitting.sees("Search for commands…")
    await sitting.type("zzzz")
    await sitting.sees("No matches found")


async def blocked(sitting: Sitting) -> None:
    view = sitting.app.servers.model.view
    assert view is not None
    row = next(row for row in view.inventory.rows if not row.verdict.eligible)
    await sitting.selects(row.number)
    await sitting.press("exclamation_mark")
    await sitting.sees("not interrupted, because")


def pressing(key: str, *seen: str) -> Scene:
    """What a key of the list opens."""

    async def steps(sitting: Sitting) -> None:
        await sitting.selects(ALIVE)
        await sitting.press(key)
        await sitting.sees(*seen)

    return Scene(f"key {key}", steps, size=(80, 24))


def doing(action: str, *seen: str) -> Scene:
    """What a command of the palette opens."""

    async def steps(sitting: Sitting) -> None:
        await sitting.app.run_action(action)
        await sitting.sees(*seen)

    return Scene(action, steps, size=(80, 24))


UNANSWERED = ("interrupt:answer-closed",)
MORE = (
    Scene("review", review, size=(80, 24)),
    Scene("reviewed", reviewed, size=(80, 24)),
    Scene("resolve", resolve, size=(80, 24), faults=UNANSWERED),
    Scene("locked", locked, size=(80, 24), faults=UNANSWERED),
    Scene("waiting", waiting, size=(80, 24), faults=UNANSWERED),
    Scene("quit", quit_while_watched, size=(80, 24)),
    Scene("export", export, size=(80, 24)),
    Scene("filter history", filter_history, size=(80, 24)),
    Scene("note", note, size=(80, 24)),
    Scene("no command", no_command, size=(80, 24)),
    Scene("blocked", blocked, size=(80, 24)),
    pressing("R", "in one list"),
    pressing("p", "no change"),
    pressing("J", "serverInstanceNo"),
    pressing("ctrl+p", "by name, number"),
    pressing("v", "the longest silence"),
    doing("app.doctor", "failed."),
    doing("app.paths", "Paths"),
    Scene("wide", see_list, size=(200, 50)),
)
