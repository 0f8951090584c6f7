"""Writing records of the history to a new file, for an incident ticket or for another program."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile, gettempdir

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from ncpconsole.core.records import Intent, Note
from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import tr, tr_n
from ncpconsole.tui.widgets.dialog import Dialog
from ncpconsole.tui.widgets.inputs import SafeInput


class ExportScreen(Dialog[Path]):
    """Writes the given records and notes as Markdown or JSON Lines; answers with the file's path, or None."""

    def __init__(self, intents: Sequence[Intent], notes: Sequence[Note] = ()) -> None:
        super().__init__()
        self.intents = tuple(intents)
        self.notes = tuple(notes)
        self.offered = f"ncpconsole-history-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -small"):
            yield Static(
                Content(tr_n("Export 1 record", "Export {count:,} records", len(self.intents))),
                classes="section -first",
            )
            yield Static(
                Content(tr("A new file that only you can read. An existing file is never overwritten.")),
                classes="muted",
            )
            with Horizontal(classes="field"):
                yield Static(Content(tr("file")), classes="field-label")
                yield SafeInput(id="path")
            yield Static(id="whole-path", classes="muted")
            with Horizontal(classes="buttons"):
                yield Button(tr("Markdown timeline"), id="markdown", compact=True)
                yield Button("JSON Lines", id="jsonl", compact=True)
                yield Button(tr("Cancel"), id="cancel", compact=True)
            yield Static(id="problem", classes="note")
            yield from self.foot(("tab", tr("choose the form")), ("enter", tr("write")), ("esc", tr("cancel")))

    def on_mount(self) -> None:
        """Offer a name in a directory that takes it; the form gives the suffix."""
        self.query_one("#path", Input).value = str(folder_that_takes_files() / self.offered)
        self.query_one("#markdown", Button).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """The box scrolls a long path out of sight: below it the whole of it is shown."""
        event.stop()
        self.query_one("#whole-path", Static).update(Content(safe_text(str(self.path), 1000)))

    @property
    def path(self) -> Path:
        """The file that was asked for, from the root; in a directory, the offered name. The form gives the suffix."""
        typed = Path(self.query_one("#path", Input).value.strip())
        with suppress(OSError, RuntimeError):  # there is no such home, or no working directory any more
            typed = typed.expanduser().absolute()
        return typed / self.offered if typed.is_dir() else typed

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#markdown", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "cancel":
            self.dismiss(None)
            return
        from ncpconsole.core.export import as_json_lines, as_markdown

        markdown = event.button.id == "markdown"
        text = (as_markdown if markdown else as_json_lines)(self.intents, self.notes)
        path = self.path
        path = path if path.suffix else path.with_suffix(".md" if markdown else ".jsonl")
        try:
            write_new(path, text)
        except FileExistsError:
            self._say(tr("There is such a file already; choose another name: {path}", path=path))
        except OSError as error:
            self._say(tr("It cannot be written ({why}): {path}", why=error.strerror or error, path=path))
        else:
            self.dismiss(path)

    def _say(self, sentence: str) -> None:
        self.query_one("#problem", Static).update(Content(safe_text(sentence, 1200)))


def folder_that_takes_files() -> Path:
    """The working directory if a file can be made in it, else the home directory, else the one for temporary files."""
    for find in (Path.cwd, Path.home):
        with suppress(OSError, RuntimeError):  # it is gone, or there is none
            folder = find()
            with TemporaryFile(dir=folder):
                return folder
    return Path(gettempdir())


def write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet and that only its owner can read; raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
