"""From arguments to exit codes, and errors in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from headwater.cli import commands, label, main, verify
from headwater.cli.running import parser
from headwater.cli.running import report as report_error
from headwater.errors import (
    Ambiguous,
    HeadwaterError,
    InvalidEvent,
    NotFound,
    Problem,
    StoreBusy,
)
from tests.cli.answers import Screen

COMMANDS = (
    "import",
    "run",
    "lint",
    "ship",
    "trace",
    "impact",
    "paths",
    "show",
    "diff",
    "search",
    "why",
    "prove",
    "verify",
    "rebuild",
    "label",
    "mcp",
    "export",
    "serve",
    "token",
    "ui",
    "doctor",
)
EVERYWHERE = ("--store", "--json", "--quiet")
WALK = ("--depth", "--at", "--columns", "--revisions", "--format")
FLAGS = {
    "import": ("--strict", "--verbose"),
    "run": ("--name", "--exact", "--audit", "--fail-under", "--report"),
    "ship": ("--status", "--follow"),
    "trace": WALK,
    "impact": WALK,
    "search": ("--kind", "--limit"),
    "prove": ("--output", "--ask", "--depth", "--at", "--columns", "--revisions"),
    "verify": ("FILE", "--tree", "--sample", "--since", "--key", "--script"),
    "mcp": ("--http", "--host", "--port"),
    "export": ("--format", "--output"),
    "ui": ("--port", "--no-browser"),
    "serve": ("--host", "--port", "--tokens", "--certificate", "--key", "--strict"),
}


def help_of(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Print the help of a command."""
    with pytest.raises(SystemExit) as exit_:
        main([name, "--help"])
    assert exit_.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_contract_exists(name: str) -> None:
    """The command list and its summaries hold every command."""
    assert tuple(commands.SUMMARIES) == COMMANDS
    command = commands.load(name)
    assert command.DESCRIPTION
    assert f"headwater {name}" in command.EXAMPLES


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_of_the_contract_exists(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` names the command's own flags, those of every command, and an example."""
    text = help_of(name, capsys)
    for flag in (*FLAGS.get(name, ()), *EVERYWHERE):
        assert flag in text
    assert f"  headwater {name}" in text.partition("examples:")[2]


def test_help_fits_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line of any help is wider than 80 columns where the terminal has 80."""
    monkeypatch.setenv("COLUMNS", "80")
    for name in COMMANDS:
        assert max(len(line) for line in help_of(name, capsys).splitlines()) <= 80


def test_examples_parse() -> None:
    """Every example of every command is a command line that the parser takes."""
    for name in COMMANDS:
        for line in commands.load(name).EXAMPLES.splitlines():
            words = line.partition(f"headwater {name}")[2].partition(" | ")[0].split()
            parsed = parser([name]).parse_args([name, *words])
            assert parsed.command == name


def test_common_flags_may_stand_before_the_command() -> None:
    """`headwater --store X trace` and `headwater trace --store X` are the same."""
    before = parser().parse_args(["--store", "x", "--json", "trace", "a"])
    after = parser().parse_args(["trace", "a", "--store", "x", "--json"])
    assert before == after


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints name and version on standard output."""
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out.startswith("headwater ")


def test_no_words_give_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Who types `headwater` alone sees what there is; it is no success all the same."""
    with pytest.raises(SystemExit) as exit_:
        main([])
    assert exit_.value.code == 2
    assert "start here:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "said"),
    [("trase", "no command 'trase'; did you mean trace?"), ("zzz", "no command 'zzz'; `headwater")],
)
def test_a_mistyped_command_is_told(
    word: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The nearest one is named, where one is near."""
    with pytest.raises(SystemExit):
        main(["--quiet", word, "x"])
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["tracer", "x"], ["trace"], ["trace", "x", "--depth", "-1"]])
def test_wrong_usage_is_exit_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown commands, missing and malformed arguments."""
    with pytest.raises(SystemExit) as exit_:
        main(words)
    assert exit_.value.code == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("error", "code", "expected"),
    [
        (
            NotFound("nothing is named ordres", nearest=("orders",)),
            1,
            ["headwater: nothing is named ordres", "  did you mean:", "    orders"],
        ),
        (
            Ambiguous("orders means two things", candidates=("a::orders", "b::orders")),
            2,
            [
                "headwater: orders means two things",
                "  one of these:",
                "    a::orders",
                "    b::orders",
            ],
        ),
        (
            StoreBusy("somebody writes", remedy="wait"),
            3,
            ["headwater: somebody writes", "  wait"],
        ),
        (
            InvalidEvent((Problem("$.run", "is missing"),)),
            1,
            ["headwater: $.run: is missing", "  problems:", "    $.run: is missing"],
        ),
    ],
)
def test_errors_are_words_and_an_exit_code(
    error: HeadwaterError, code: int, expected: list[str]
) -> None:
    """Message, what it could have been, and what to do; all on standard error."""
    screen = Screen()
    assert report_error(error, screen) == code
    assert screen.errors.splitlines() == expected
    assert screen.text == ""


def test_errors_are_json_where_answers_are() -> None:
    """Under `--json` the error is one JSON document on standard error."""
    screen = Screen(as_json=True)
    report_error(NotFound("no x", nearest=("y",)), screen)
    assert json.loads(screen.errors) == {
        "error": "NotFound",
        "message": "no x",
        "remedy": None,
        "nearest": ["y"],
    }
    screen = Screen(as_json=True)
    report_error(InvalidEvent((Problem("$", "bad"),)), screen)
    assert json.loads(screen.errors)["problems"] == [{"path": "$", "message": "bad"}]


def raising(error: BaseException) -> Any:
    """Make a command that fails so."""

    class Failing:
        DESCRIPTION = EXAMPLES = ""

        def configure(self, _parser: object) -> None:
            """Take no arguments."""

        def run(self, _arguments: Namespace, _terminal: object) -> NoReturn:
            raise error

    return lambda _name: Failing()


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "headwater: interrupted"),
        (ModuleNotFoundError("no", name="msgspec"), 2, "pip install 'headwater[server]'"),
        (ModuleNotFoundError("no", name="cryptography.hazmat"), 2, "headwater[server]"),
        (OSError(28, "No space left on device", "/x"), 3, "/x: No space left on device"),
        (OSError("odd"), 3, "headwater: odd"),
    ],
)
def test_what_can_go_wrong_outside_is_said_without_a_traceback(
    error: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Interrupts, missing packages and full disks are no defects."""
    monkeypatch.setattr("headwater.cli.running.load", raising(error))
    assert main(["doctor"]) == code
    assert said in capsys.readouterr().err


def test_a_missing_module_of_our_own_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the packages of an extra are excused."""
    error = ModuleNotFoundError(name="headwater.x")
    monkeypatch.setattr("headwater.cli.running.load", raising(error))
    with pytest.raises(ModuleNotFoundError):
        main(["doctor"])


def test_base_installation_answers_without_any_dependency(tmp_path: Path) -> None:
    """Without site-packages, help, version and doctor work, and trace says what to install."""
    source = Path(commands.__file__).parents[2]
    environ = {"PYTHONPATH": str(source), "PATH": os.environ["PATH"], "COLUMNS": "100"}
    (tmp_path / ".headwater").mkdir()

    def headwater(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "-S", "-c", _RUN, str(source), *words],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    assert headwater("--help").returncode == 0
    assert headwater("--version").stdout.startswith("headwater ")
    doctor = headwater("doctor")
    assert doctor.returncode == 0
    assert "not installed" in doctor.stdout
    assert "pip install 'headwater[server]'" in doctor.stdout
    trace = headwater("trace", "orders")
    assert trace.returncode == 2
    assert "pip install 'headwater[server]'" in trace.stderr
    assert "Traceback" not in trace.stderr


_RUN = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from headwater.cli import main
sys.exit(main())
"""


def test_no_command_line_imports_what_it_does_not_need() -> None:
    """Help is answered without msgspec, sqlite3, rich or any other command's file."""
    code = (
        "import sys\n"
        "from headwater.cli import main\n"
        "try: main(['trace', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'msgspec', 'sqlite3', 'rich', 'cryptography', 'headwater.cli.doctor'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_labels_are_key_and_value() -> None:
    """A key is [a-z_]+ and a value is not endless; an empty one takes back."""
    assert label.pair("owner=team=a") == ("owner", "team=a")
    assert label.pair("owner=") == ("owner", "")
    for text in ("owner", "Owner=x", "=x", "owner=" + "x" * (label.VALUE_CHARS_MAX + 1)):
        with pytest.raises(ArgumentTypeError):
            label.pair(text)
    assert label.pair("owner=" + "x" * label.VALUE_CHARS_MAX)


def test_since_is_a_size_or_a_file(tmp_path: Path) -> None:
    """`--since` takes a number, or a file that holds a signed head."""
    head = tmp_path / "head"
    head.write_bytes(b"origin\n3\n")
    assert verify._since("12") == 12
    assert verify._since(str(head)) == b"origin\n3\n"
    with pytest.raises(ArgumentTypeError):
        verify._since(str(tmp_path / "none"))
