"""Streams, colours, encodings and progress."""

from __future__ import annotations

import json
import logging
from io import StringIO

from headwater.cli import opening
from headwater.cli.tables import table
from headwater.cli.terminal import Terminal
from headwater.cli.times import readable
from tests.cli.answers import Screen


def test_colour_is_for_terminals_only() -> None:
    """A pipe gets plain text, a terminal gets colour."""
    assert Screen().style("x", "bold") == "x"
    assert Screen(width=80).style("x", "bold") == "\x1b[1mx\x1b[0m"


def test_no_color_is_respected() -> None:
    """`NO_COLOR` and a dumb terminal turn colour off."""
    for environ in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert Screen(width=80, environ=environ).style("x", "red") == "x"


def test_verdicts_have_a_mark_in_ascii_too() -> None:
    """Good and bad differ by more than colour, in every encoding."""
    for encoding in ("utf-8", "ascii"):
        screen = Screen(encoding=encoding)
        assert screen.verdict(good=True) != screen.verdict(good=False)


def test_names_that_the_encoding_lacks_are_escaped() -> None:
    """An ASCII locale never makes printing fail."""
    screen = Screen(encoding="ascii")
    screen.print("données")
    screen.complain("données")
    assert screen.text == "donn\\xe9es\n"
    assert screen.errors == "donn\\xe9es\n"


def test_json_is_one_document_in_any_encoding() -> None:
    """`--json` writes JSON that every reader decodes to the same."""
    for encoding in ("utf-8", "ascii", "latin-1"):
        screen = Screen(encoding=encoding)
        screen.document({"name": "données 表 \udcff"})
        assert json.loads(screen.text) == {"name": "données 表 \udcff"}


def test_quiet_silences_remarks_but_not_errors() -> None:
    """`--quiet` is about what is said beside the answer."""
    screen = Screen(quiet=True)
    screen.say("remark")
    screen.complain("error")
    assert screen.errors == "error\n"


def test_progress_is_shown_on_terminals_only() -> None:
    """Standard output stays clean, and so does standard error that is no terminal."""
    for width, shown in ((80, True), (None, False)):
        screen = Screen(width=width)
        with screen.progress("reading", 10) as progress:
            progress.advance(5, "five")
            progress.of(20).at(6)
        assert screen.text == ""
        assert ("reading" in screen.errors) is shown


def test_progress_cleans_up_after_itself() -> None:
    """The last thing that a progress line does is to go away."""
    screen = Screen(width=80)
    with screen.progress("reading", 10) as progress:
        progress.at(10)
    assert screen.errors.endswith("\r\x1b[K")


def test_tables_shrink_to_the_terminal() -> None:
    """The widest column gives first, until nothing can give more."""
    lines = list(table([("a" * 60, "b" * 10)], Screen(width=40)))
    assert len(lines[0]) <= 40
    assert lines[0].endswith("b" * 10)
    assert list(table([("a" * 9,) * 8], Screen(width=20)))
    assert list(table([], Screen())) == []


def test_times_are_shortened() -> None:
    """Seconds are shown where they say something; what is no time stays."""
    assert readable("2026-05-05T01:20:00Z") == "2026-05-05 01:20"
    assert readable("2026-05-05T01:20:03.123456Z") == "2026-05-05 01:20:03"
    assert readable("2026-05-05") == "2026-05-05"


def test_what_an_index_says_is_told() -> None:
    """What the index logs goes to standard error; under `--quiet` only what is a warning."""
    for quiet, told in ((False, "headwater: long\nheadwater: damaged\n"),
                        (True, "headwater: damaged\n")):  # fmt: skip
        errors = StringIO()
        terminal = Terminal(StringIO(), errors, environ={}, quiet=quiet)
        with opening.telling(terminal):
            logging.getLogger("headwater.index").info("long")
            logging.getLogger("headwater.index").warning("damaged")
        assert errors.getvalue() == told
