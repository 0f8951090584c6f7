"""Mini-charts of vital signs: a bar for each part of the time, and a dash where nothing came. They draw values.

Not Textual's Sparkline: it knows no gaps, and a gap is what a hung guest leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from ncpconsole.core.safe_text import cell_width, padded
from ncpconsole.core.vitals import (
    CHART_MINUTES,
    NAMES,
    LifeState,
    Vitals,
    picture,
    range_and_last,
    range_text,
    value_text,
)
from ncpconsole.language import msgid, shown, tr
from ncpconsole.ncp.metrics import Metric

BARS = "▁▂▃▄▅▆▇"
"""From nothing to the top of the scale. `themes.PlainAscii` has stand-ins for them."""
GAP = "╌"
"""No point came: that is no zero."""
PER_CENT = 100.0
SHARES = frozenset({Metric.CPU, Metric.MEMORY})
"""What is measured in per cent, and drawn on a scale that ends at 100."""
STYLE = "$text-primary"


def sparkline(values: Sequence[float | None], top: float) -> str:
    """One character a value, on a scale from 0 to ``top``, and `GAP` for None."""
    steps = len(BARS) - 1
    return "".join(
        GAP if value is None else BARS[round(min(1.0, max(0.0, value / top)) * steps)] if top > 0 else BARS[0]
        for value in values
    )


def signs_chart(
    vitals: Vitals, metrics: Sequence[Metric], now: datetime, count: int, *, reaching: float = 0.0
) -> tuple[Content, float]:
    """The last hour in ``count`` bars, and the top of their scale: the sum of the metrics, which are of one unit.

    The scale begins at 0, and holds the value that it is to be ``reaching`` too.
    """
    parts = zip(*(vitals.chart(metric, now, CHART_MINUTES, count) for metric in metrics), strict=True)
    known = [[value for value in part if value is not None] for part in parts]
    values = [sum(part) if part else None for part in known]
    top = PER_CENT if metrics[0] in SHARES else max(reaching, *(value for value in values if value is not None), 0.0)
    chart = Content.styled(sparkline(values, top), STYLE)
    for at, value in enumerate(values):
        if value is None:
            chart = chart.stylize("$foreground-muted", at, at + 1)
    return chart, top


def sign_lines(vitals: Vitals, now: datetime, label: int, width: int) -> list[Content]:
    """The charts of all metrics for the details, one a line: what it is, the chart, and the same in words."""
    # How long it is silent is said once, above them.
    known = [metric for metric in Metric if vitals.of(metric).points]
    label = max(label, *(cell_width(tr(NAMES[metric])) + 1 for metric in known), 0)
    words = {metric: range_and_last(vitals, metric, now) for metric in known}
    if label + 15 + 2 + max(map(cell_width, words.values()), default=0) > width:
        words = {metric: range_text(vitals, metric, now) for metric in known}
    longest = max(map(cell_width, words.values()), default=0)
    count = next((size for size in (60, 30, 20, 15) if label + size + 2 + longest <= width), 12)
    return [
        Content.assemble(
            (padded(tr(NAMES[metric]), label), "$foreground-muted"),
            signs_chart(vitals, (metric,), now, count)[0],
            f"  {said}",
        ).truncate(width, ellipsis=True)
        for metric, said in words.items()
    ]


PAIRS = (
    ((msgid("cpu"), (Metric.CPU,)), (msgid("mem"), (Metric.MEMORY,))),
    ((msgid("net"), (Metric.NETWORK_IN, Metric.NETWORK_OUT)), (msgid("disk"), (Metric.DISK_READ, Metric.DISK_WRITE))),
)
VALUE = 15
"""Cells of a last value and its scale with a blank before them, such as `` 1.2/3.4 Mbit/s``."""


SIDE_BY_SIDE = 60
"""Cells from which two charts stand in a line."""


class SignsCharts(Widget):
    """Four charts in two lines, each with its last value and the top of its scale; in four where that is too narrow."""

    DEFAULT_CSS = "SignsCharts { height: auto; }"

    def __init__(self, vitals: Vitals, now: datetime) -> None:
        super().__init__()
        self.vitals = vitals
        self.now = now

    def render(self) -> Content:
        """The lines, as wide as the widget; bars of the same minutes stand below one another."""
        width = self.size.width
        is_narrow = width < SIDE_BY_SIDE
        labels = [max(cell_width(tr(pair[place][0])) for pair in PAIRS) + 1 for place in (0, 1)]
        if is_narrow:
            labels = [max(labels)] * 2
        room = width - labels[0] - VALUE if is_narrow else (width - sum(labels) - 2 * VALUE - 1) // 2
        count = min(CHART_MINUTES, max(9, room))
        lines = [[self._chart(*each, label, count) for each, label in zip(pair, labels, strict=True)] for pair in PAIRS]
        if is_narrow:
            return Content("\n").join(chart for pair in lines for chart in pair)
        beside = labels[0] + count + VALUE + 1
        return Content("\n").join(
            Content.assemble(left, " " * max(1, beside - left.cell_length), right) for left, right in lines
        )

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's own
        return sum(1 if width >= SIDE_BY_SIDE else len(pair) for pair in PAIRS)

    def _chart(self, name: str, metrics: Sequence[Metric], label: int, count: int) -> Content:
        known = [value for metric in metrics if (value := self.vitals.last_value(metric)) is not None]
        chart, top = signs_chart(self.vitals, metrics, self.now, count, reaching=sum(known))
        last = value_text(metrics[0], sum(known), top or None) if known else tr("no points")
        return Content.assemble((padded(tr(name), label), "$foreground-muted"), chart, f" {last}")


def signs_sentence(vitals: Vitals, now: datetime) -> Content:
    """What the vital signs say, under a label or a title that calls them so; silence stands out."""
    words = picture(vitals, now)
    if vitals.state is LifeState.UNAVAILABLE:
        words = tr("not known: {reason}", reason=shown(vitals.reason))
    return Content.styled(words, "bold" if vitals.state is LifeState.SILENT else "")
