"""One moving picture out of several: a line that stays is drawn once, a line that changes comes and goes by CSS.

No script is in it, so that GitHub shows it in a README. Who asks for less motion sees one frame, which stands still.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CELL, LINE, TOP = 12.2, 24.4, 1.5
"""Width of a cell, height of a line, and where the first line begins, in the pictures that the frames are."""
MARGIN = 12

STYLE = re.compile(r"\.terminal-(r\d+) \{ ([^}]*) \}")
TEXT = re.compile(
    r'<text class="terminal-(?P<style>r\d+)" x="(?P<x>[\d.]+)" y="[\d.]+" textLength="(?P<length>[\d.]+)" '
    r'clip-path="url\(#terminal-line-(?P<line>\d+)\)">(?P<text>.*?)</text>'
)
CELLS = re.compile(
    r'<rect fill="(?P<fill>#\w+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" width="(?P<width>[\d.]+)" height="24.65"'
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture as Textual draws it, and how many seconds it is on show."""

    svg: str
    seconds: float


def moving(frames: Sequence[Frame], still: int, columns: int, lines: int, about: str) -> str:
    """The frames one after the other, for ever; ``still`` is the index of the one that may stand for all.

    ``columns`` and ``lines`` are the terminal's, ``about`` is what it shows, for those who cannot see it.
    """
    styles: dict[str, str] = {}
    shown: dict[tuple[int, str], list[int]] = {}
    for index, frame in enumerate(frames):
        for line, drawn in drawn_lines(frame.svg, styles).items():
            shown.setdefault((line, drawn), []).append(index)
    spans: dict[tuple[int, ...], str] = {}
    groups = []
    for (line, drawn), at in sorted(shown.items()):
        name = "" if len(at) == len(frames) else spans.setdefault(tuple(at), f"k{len(spans)}")
        which = f' class="{name}"' if name else ""
        groups.append(f'<g{which} transform="translate(0 {line * LINE:g})">{drawn}</g>')
    width, height = columns * CELL, lines * LINE
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-MARGIN} {-MARGIN} {width + 2 * MARGIN:g} '
            f'{height + 2 * MARGIN:g}" role="img" aria-label="{about}">',
            f"<title>{about}</title>",
            "<style>",
            "text{font:20px 'Fira Code',Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}",
            *(f".{name}{{{rules}}}" for rules, name in styles.items()),
            *timing(frames, spans, still),
            "</style>",
            f'<rect x="{-MARGIN}" y="{-MARGIN}" width="{width + 2 * MARGIN:g}" height="{height + 2 * MARGIN:g}" '
            'rx="8" fill="#14171a"/>',
            *groups,
            "</svg>\n",
        )
    )


def drawn_lines(svg: str, styles: dict[str, str]) -> dict[int, str]:
    """Each line of a picture, as SVG at the height of the first; ``styles`` collects names for the text's rules."""
    rules = dict(STYLE.findall(svg))
    backs: dict[int, list[tuple[float, float, str]]] = {}
    for cells in CELLS.finditer(svg):
        x, wide, line = float(cells["x"]), float(cells["width"]), round((float(cells["y"]) - TOP) / LINE)
        row = backs.setdefault(line, [])
        if row and row[-1][2] == cells["fill"] and abs(row[-1][0] + row[-1][1] - x) < 0.1:
            row[-1] = (row[-1][0], row[-1][1] + wide, cells["fill"])
        else:
            row.append((x, wide, cells["fill"]))
    texts: dict[int, list[str]] = {}
    for text in TEXT.finditer(svg):
        name = styles.setdefault(rules[text["style"]].strip(), f"t{len(styles)}")
        texts.setdefault(int(text["line"]), []).append(
            f'<text class="{name}" x="{text["x"]}" y="18.5" textLength="{text["length"]}">{text["text"]}</text>'
        )
    return {
        line: "".join(
            [
                *(
                    f'<rect x="{x:g}" width="{wide + 0.2:g}" height="{LINE + 0.3:g}" fill="{fill}"/>'
                    for x, wide, fill in backs.get(line, [])
                ),
                *texts.get(line, []),
            ]
        )
        for line in sorted(backs.keys() | texts.keys())
    }


def timing(frames: Sequence[Frame], spans: dict[tuple[int, ...], str], still: int) -> Iterator[str]:
    """The rules that let lines come and go; without motion the lines of the ``still`` frame are there."""
    whole = sum(frame.seconds for frame in frames)
    begins = [sum(frame.seconds for frame in frames[:index]) for index in range(len(frames))]
    for at, name in spans.items():
        yield f".{name}{{opacity:{int(still in at)};animation:{name} {whole:g}s step-end infinite}}"
        changes = [index for index in range(len(frames)) if index == 0 or (index in at) != (index - 1 in at)]
        steps = [f"{100 * begins[index] / whole:.2f}%{{opacity:{int(index in at)}}}" for index in changes]
        yield f"@keyframes {name}{{{''.join(steps)}}}"
    names = ",".join(f".{name}" for name in spans.values())
    if names:
        yield f"@media (prefers-reduced-motion:reduce){{{names}{{animation:none}}}}"
