"""Lines of the Cloud Activity Tracer about one server: an independent witness that may be absent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import safe_text
from ncpconsole.ncp.errors import NcpError
from ncpconsole.tui.later import Later
from ncpconsole.tui.widgets.watch_line import moment_text

if TYPE_CHECKING:
    from ncpconsole.core.session import Gateway
    from ncpconsole.ncp.models import Activity

MOST_LINES = 8


class ActivityLines(Static):
    """Reads the activity log after it is shown and says so while it does; it never holds anything up.

    ``since`` is the start of the interval, which ends now. Only what names the server is shown.
    """

    def __init__(self, gateway: Gateway, server_no: str, since: datetime) -> None:
        super().__init__(Content.styled("activity log: reading ...", "$foreground-muted"), classes="activity")
        self.gateway = gateway
        self.server_no = server_no
        self.since = since

    def on_mount(self) -> None:
        """Read in the background of this widget."""
        self.run_worker(Later(self._read), exit_on_error=False)

    async def _read(self) -> None:
        try:
            found = await self.gateway.activities(
                int(self.since.timestamp() * 1000), int(datetime.now(UTC).timestamp() * 1000)
            )
        except NcpError as error:
            self.update(Content(f"activity log: unavailable ({safe_text(error.sentence, 300)})"))
            return
        lines = [activity_text(activity) for activity in found if activity.resource_id == self.server_no]
        if not lines:
            self.update(Content("activity log: nothing about this server; entries can come late"))
            return
        more = [Content(f"... and {len(lines) - MOST_LINES} more")] if len(lines) > MOST_LINES else []
        self.update(Content("\n").join([Content("activity log:"), *lines[:MOST_LINES], *more]))


def activity_text(activity: Activity) -> Content:
    """One line: when, what, by whom, from where; every text made safe."""
    try:
        when = moment_text(datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=activity.event_time))
    except (OverflowError, ValueError):
        when = "at an unreadable time"
    who = activity.action_sub_account_no or activity.action_user_type
    origin = activity.source_ip or activity.source_type
    return Content.assemble(
        when,
        "  ",
        (safe_text(activity.action_display_name or activity.resource_type, 60), "bold"),
        f"  {safe_text(activity.action_result_type, 20)}",
        f"  by {safe_text(who, 40)}" if who else "",
        f"  from {safe_text(origin, 45)}" if origin else "",
    )
