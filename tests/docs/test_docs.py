"""Every code block of README.md and docs/ is true.

Which blocks are run, by the word after the fence:

    python      executed; the blocks of one file share one namespace, top to bottom
    console     `$ ` begins a command, `> ` continues it, `# ` alone is a remark; all other lines
                are what it prints (standard output and error together). A command has to exit 0,
                unless its last line of output is `[exit N]`

In expected output `...` stands for anything within a line, and a line that is only `...` for any
number of lines. A command without expected output may print anything. Blocks with another word, or
none, are text. A block under `<!-- not run: REASON -->` is text too, and has to say the reason.

Commands that set up a machine (make, git clone, cd, pip install, a virtual environment) are not run
here: fresh clones are. All blocks of a file run in one new temporary directory, with a state
directory of its own, the checkout's `docs/` and `examples/` linked into it and the environment's
programs first on the path. To check a single page: pytest tests/docs -k NAME.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from headwater.capture import runs
from headwater.capture.runtime import Recorder

pytestmark = pytest.mark.slow  # each page runs its commands

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND_SECONDS_MAX = 120
RUN = ("console", "python")
# What sets up a machine, or takes minutes.
SETUP = re.compile(r"make( |$)|git clone |cd |pip install |pipx install |python3? -m venv |source ")
_FENCE = re.compile(r"^(?P<indent> *)```(?P<word>\w*).*$")
_NOT_RUN = re.compile(r"<!-- not run: \S.* -->")
_EXIT = re.compile(r"\[exit (\d+)\]")


class Block(NamedTuple):
    """A fenced block: its word, the line that it begins on (from 1), and its text."""

    word: str
    line: int
    text: str


class Command(NamedTuple):
    """One command of a console block, with the lines that it is said to print."""

    line: int
    words: str
    expected: list[str]


def blocks(text: str) -> Iterator[Block]:
    """Find the fenced blocks that are to be run."""
    lines = text.splitlines()
    opened: tuple[str, int, str, bool] | None = None
    for number, line in enumerate(lines, start=1):
        fence = _FENCE.match(line)
        if fence is None:
            continue
        if opened is None:
            above = next((one for one in reversed(lines[: number - 1]) if one.strip()), "")
            runs = fence["word"] in RUN and not _NOT_RUN.fullmatch(above.strip())
            opened = (fence["word"], number, fence["indent"], runs)
            continue
        word, start, indent, runs = opened
        opened = None
        if runs:
            inner = [one.removeprefix(indent) for one in lines[start : number - 1]]
            yield Block(word, start + 1, "\n".join(inner) + "\n")
    if opened is not None:
        raise AssertionError(f"the block that line {opened[1]} opens is never closed")


def commands(block: Block) -> Iterator[Command]:
    """Read a console block."""
    found: list[Command] = []
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        if line.startswith("$ "):
            found.append(Command(number, line[2:], []))
        elif not found:
            assert not line or line.startswith("#"), f"line {number}: output before any command"
        elif line.startswith("> ") and not found[-1].expected:
            found[-1] = found[-1]._replace(words=f"{found[-1].words}\n{line[2:]}")
        else:
            found[-1].expected.append(line)
    return iter(found)


def matches(expected: list[str], printed: str) -> bool:
    """Whether a command printed what the page says, `...` standing for anything."""
    parts = []
    for line in expected:
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            pieces = [re.escape(piece) for piece in line.rstrip().split("...")]
            parts.append(r"[^\n]*".join(pieces) + r"[ \t]*\n")
    return re.fullmatch("".join(parts), printed.rstrip("\n") + "\n") is not None


def run_console(block: Block, page: str, environment: dict[str, str], here: Path) -> None:
    """Run a console block; every command has to exit and print as the page says."""
    for command in commands(block):
        if SETUP.match(command.words):
            continue
        done = subprocess.run(
            ["bash", "-c", command.words],
            check=False,
            cwd=here,
            encoding="utf-8",
            env=environment,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=COMMAND_SECONDS_MAX,
        )
        expected = list(command.expected)
        while expected and not expected[-1].strip():
            expected.pop()
        code = _EXIT.fullmatch(expected[-1]) if expected else None
        if code:
            expected.pop()
        where = f"{page}:{command.line}: $ {command.words}\n{done.stdout}"
        assert done.returncode == int(code[1] if code else 0), f"exit {done.returncode}: {where}"
        assert not expected or matches(expected, done.stdout), f"prints something else: {where}"


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Give one page a home of its own, the variables that point to it, and a recorder."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    for name in [name for name in os.environ if name.startswith("HEADWATER_")]:
        monkeypatch.delenv(name)
    work = tmp_path / "work"
    work.mkdir()
    for folder in ("docs", "examples"):
        (work / folder).symlink_to(ROOT / folder)
    monkeypatch.setenv("HEADWATER_SHIP", "no")
    monkeypatch.chdir(work)
    with runs.apart(Recorder()):
        yield dict(os.environ)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_code_of_this_page_runs(page: Path, environment: dict[str, str]) -> None:
    """Every console and python block of the page does what the page says."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.word == "console":
            run_console(block, page.name, environment, Path.cwd())
        else:
            # The line numbers of a traceback are then those of the page.
            code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
            with contextlib.redirect_stdout(None):
                exec(code, namespace)  # noqa: S102 - our own documentation


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        (["a ... c"], "a b c\n", True),
        (["a ... c"], "a b\nc\n", False),
        (["a", "...", "d"], "a\nb\nc\nd\n", True),
        (["a", "...", "d"], "a\nd\n", True),
        (["a"], "a\nb\n", False),
        (["a.c"], "abc\n", False),
    ],
)
def test_three_dots_stand_for_anything(expected: list[str], printed: str, same: bool) -> None:
    """`...` matches within a line, alone on a line it matches lines, all else is literal."""
    assert matches(expected, printed) is same


def test_a_page_can_excuse_a_block_with_a_reason() -> None:
    """A block under `not run` is left out, the one after it is not."""
    text = "<!-- not run: needs a network -->\n```python\n1 / 0\n```\n\n```python\nx = 1\n```\n"
    assert [block.text for block in blocks(text)] == ["x = 1\n"]


def test_a_wrong_output_fails(environment: dict[str, str]) -> None:
    """A command that prints something else than the page says fails the page."""
    block = next(blocks("```console\n$ echo one\ntwo\n```\n"))
    with pytest.raises(AssertionError, match="prints something else"):
        run_console(block, "page", environment, Path.cwd())


def test_an_expected_exit_code_is_compared(environment: dict[str, str]) -> None:
    """`[exit N]` as the last line says which exit code is expected."""
    run_console(next(blocks("```console\n$ exit 3\n[exit 3]\n```\n")), "p", environment, Path.cwd())
    block = next(blocks("```console\n$ exit 3\n```\n"))
    with pytest.raises(AssertionError, match="exit 3"):
        run_console(block, "page", environment, Path.cwd())
