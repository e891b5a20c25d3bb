"""Tables of plain text: aligned, without borders, cut to the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headwater.cli.terminal import Terminal
from headwater.cli.tree import cut_middle, width_of

GAP_COLUMNS = 2
COLUMN_LEAST_COLUMNS = 6


def table(
    rows: Sequence[Sequence[str]],
    terminal: Terminal,
    *,
    head: Sequence[str] = (),
    indent: int = 2,
    styles: Sequence[tuple[str, ...]] = (),
) -> Iterator[str]:
    """Yield the lines of a table. `styles` dress whole columns; empty ones are left out."""
    everything = [head, *rows] if head else list(rows)
    if not everything:
        return
    longest = max(len(row) for row in everything)
    cells = [[*row, *([""] * (longest - len(row)))] for row in everything]
    filled = [at for at in range(longest) if any(row[at] for row in cells)]
    cells = [[row[at] for at in filled] for row in cells]
    styles = [styles[at] if at < len(styles) else () for at in filled]
    count = len(filled)
    widths = [max(width_of(row[at]) for row in cells) for at in range(count)]
    if terminal.width is not None:
        _shrink(widths, terminal.width - indent - GAP_COLUMNS * (count - 1))
    for place, row in enumerate(cells):
        parts = []
        for at, cell in enumerate(row):
            text = cut_middle(cell, widths[at], terminal.glyphs.more)
            pad = " " * (widths[at] - width_of(text)) if at < count - 1 else ""
            dress = ("dim",) if head and place == 0 else styles[at]
            parts.append(terminal.style(text, *dress) + pad)
        yield (" " * indent + (" " * GAP_COLUMNS).join(parts)).rstrip()


def _shrink(widths: list[int], room: int) -> None:
    """Take columns from the widest until all fit or none can give more."""
    while sum(widths) > room:
        widest = max(range(len(widths)), key=lambda at: widths[at])
        if widths[widest] <= COLUMN_LEAST_COLUMNS:
            return
        widths[widest] -= 1
