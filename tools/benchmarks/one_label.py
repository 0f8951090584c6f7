"""The least Textual app there is: one label. What the console's first frame is compared with."""

from textual.app import App, ComposeResult
from textual.widgets import Label

TEXT = "one label"


class OneLabel(App[None]):
    """Shows one label."""

    def compose(self) -> ComposeResult:
        """The label."""
        yield Label(TEXT)


if __name__ == "__main__":
    OneLabel().run()
