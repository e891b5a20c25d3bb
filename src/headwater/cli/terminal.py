"""Where a command writes: answers on standard output, everything else on standard error.

Colour is for terminals only, is off under `NO_COLOR` (https://no-color.org) and `TERM=dumb`, and
never says anything that words do not say too. Where the encoding has no line-drawing characters,
ASCII stands for them.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Mapping
from typing import Any, NamedTuple, TextIO

WIDTH_LEAST_COLUMNS = 20
WIDTH_USUAL_COLUMNS = 80
PROGRESS_EVERY_SECONDS = 0.1
BAR_COLUMNS = 24

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


_UNSEEN = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
"""Characters that a terminal obeys or does not show; a JSON document has them as escapes."""


class Glyphs(NamedTuple):
    """What trees, bars and lists are drawn with."""

    branch: str
    last: str
    pipe: str
    dot: str
    up: str
    left: str
    right: str
    more: str
    good: str
    bad: str
    full: str
    empty: str


UNICODE = Glyphs("├─ ", "└─ ", "│  ", "·", "↑", "←", "→", "…", "✓", "✗", "█", "░")
ASCII = Glyphs("|- ", "`- ", "|  ", "-", "^", "<-", "->", "...", "ok", "!!", "#", ".")


class Terminal:
    """The two streams of a command and what they can show."""

    def __init__(
        self,
        stdout: TextIO,
        stderr: TextIO,
        *,
        environ: Mapping[str, str],
        as_json: bool = False,
        quiet: bool = False,
    ) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.as_json = as_json
        self.quiet = quiet
        self.interactive = stdout.isatty()
        plain = bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"
        self.colour = self.interactive and not plain
        self.colour_errors = stderr.isatty() and not plain
        self.glyphs = UNICODE if _can_show(stdout, "".join(UNICODE)) else ASCII
        self.width = _width(environ) if self.interactive else None

    def print(self, *lines: str) -> None:
        """Write lines of the answer."""
        for line in lines:
            self.stdout.write(_showable(line, self.stdout) + "\n")

    def document(self, value: object) -> None:
        """Write the one JSON document of a `--json` command."""
        wide = (getattr(self.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
        text = _UNSEEN.sub(_escape, json.dumps(value, indent=2, ensure_ascii=not wide))
        self.stdout.write(_showable(text, self.stdout) + "\n")

    def say(self, *lines: str) -> None:
        """Tell the person something beside the answer; silent under `--quiet`."""
        if not self.quiet:
            self.complain(*lines)

    def complain(self, *lines: str) -> None:
        """Write to standard error, always."""
        self.stdout.flush()
        for line in lines:
            self.stderr.write(_showable(line, self.stderr) + "\n")
        self.stderr.flush()

    def style(self, text: str, *styles: str) -> str:
        """Dress a piece of the answer, where colour shows."""
        return _dress(text, styles) if self.colour else text

    def style_error(self, text: str, *styles: str) -> str:
        """Dress a piece of what goes to standard error."""
        return _dress(text, styles) if self.colour_errors else text

    def verdict(self, good: bool) -> str:
        """Give the mark of something that holds or fails; words must stand beside it."""
        mark = self.glyphs.good if good else self.glyphs.bad
        return self.style(mark, "green" if good else "red", "bold")

    def heading(self, text: str) -> None:
        """Begin a section of a page."""
        self.print("", self.style(text, "bold"))

    def progress(self, what: str, total: int) -> Progress:
        """Show how far long work of `total` units is, if standard error is a terminal."""
        shown = not self.quiet and not self.as_json and self.stderr.isatty()
        return Progress(self, what, total, shown=shown)


class Progress:
    """One line on standard error that says how far the work is, and goes away when it is done."""

    def __init__(self, terminal: Terminal, what: str, total: int, *, shown: bool) -> None:
        self._terminal = terminal
        self._what = what
        self._total = max(total, 1)
        self._shown = shown
        self._last = 0.0
        self._done = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._terminal.stderr.write("\r\x1b[K")
            self._terminal.stderr.flush()

    def of(self, total: int) -> Progress:
        """Set how much there is to do, once that is known."""
        self._total = max(total, 1)
        return self

    def advance(self, units: int, note: str = "") -> None:
        """Count `units` more as done."""
        self.at(self._done + units, note)

    def at(self, done: int, note: str = "") -> None:
        """Say that `done` units of the total are done."""
        self._done = done
        now = time.monotonic()
        if not self._shown or now - self._last < PROGRESS_EVERY_SECONDS:
            return
        self._last = now
        share = min(done / self._total, 1.0)
        glyphs = self._terminal.glyphs
        filled = int(share * BAR_COLUMNS)
        bar = glyphs.full * filled + glyphs.empty * (BAR_COLUMNS - filled)
        line = f"{self._what} {bar} {share:4.0%}  {note}"
        width = self._terminal.width or _width(os.environ)
        line = _showable(line[: width - 1], self._terminal.stderr)
        self._terminal.stderr.write(f"\r\x1b[K{line}")
        self._terminal.stderr.flush()


def standard(*, as_json: bool = False, quiet: bool = False) -> Terminal:
    """Make the terminal of this process."""
    return Terminal(sys.stdout, sys.stderr, environ=os.environ, as_json=as_json, quiet=quiet)


def as_document(terminal: Terminal, answer: Mapping[str, Any]) -> bool:
    """Write `answer` as JSON if that was asked for, and say whether it was."""
    if terminal.as_json:
        terminal.document(answer)
    return terminal.as_json


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def _width(environ: Mapping[str, str]) -> int:
    columns = environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns) > 0:
        return max(int(columns), WIDTH_LEAST_COLUMNS)
    return max(_columns(), WIDTH_LEAST_COLUMNS)


def _columns() -> int:
    """Ask the terminal, if there is one. `shutil` does, and takes milliseconds to import."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or WIDTH_USUAL_COLUMNS
    except (ValueError, OSError):  # closed, or no terminal
        return WIDTH_USUAL_COLUMNS


def _dress(text: str, styles: tuple[str, ...]) -> str:
    if not text or not styles:
        return text
    codes = ";".join(_CODES[style] for style in styles)
    return f"\x1b[{codes}m{text}\x1b[0m"


def _can_show(stream: TextIO, text: str) -> bool:
    encoding = getattr(stream, "encoding", None) or "ascii"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _showable(text: str, stream: TextIO) -> str:
    if text.isascii() or _can_show(stream, text):
        return text
    encoding = getattr(stream, "encoding", None) or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)
