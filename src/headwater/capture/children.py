"""The processes that this one starts: which are captured, which should be and are not.

Python programs that have ended without having been on the roll are gaps of the run that started
them, by name. Of other programs, which may read and write what nobody sees, the run has names and
counts. A program that fails without knowing it (`raise SystemExit(3)`, a signal) is said to have
failed by who started it.
"""

from __future__ import annotations

import os
import sys

from headwater.capture import exits, facts, location, pipes, recording, roll, runs, runtime
from headwater.capture.runs import COMPLETE, FAIL, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

_PYTHON: Final = (
    r"(python|pypy)[0-9.]*[a-z]?(\.exe)?"  # compiled when needed: it takes a millisecond
)
_SHELLS: Final = ("sh", "bash", "dash", "zsh", "ksh")
_STARTERS: Final = frozenset({
    "env", "nohup", "nice", "ionice", "timeout", "setsid", "setpriv", "sudo", "stdbuf", "taskset",
    "chrt", "numactl", "xargs",
})  # fmt: skip
"""Programs that become, or start, the one that is named by their arguments."""
_WORD: Final = r"[\w./+-]*[a-zA-Z][\w./+-]*"
_SEPARATORS: Final = "|;&()\n`"
_BUILTINS: Final = frozenset({
    "cd", "echo", "export", "set", "unset", "exit", "true", "false", "test", "source", "trap",
    "wait", "umask", "shift", "return", "local", "read", "printf", "pwd", "for", "case",
})  # fmt: skip
_KEYWORDS: Final = _BUILTINS | {
    "if", "then", "else", "elif", "fi", "do", "done", "while", "until", "esac", "in", "exec",
    "eval", "time", "!", "{", "}",
}  # fmt: skip
"""What may stand first in a command of a shell and is no program."""
SHEBANG_BYTES: Final = 256

_mine: dict[int, Run] = {}
"""Children of this process that were not seen to end yet, by pid: the run that started each."""
_fed: dict[int, str] = {}
"""Children by pid → the pipe by which this process may write to them."""
_fed_by = 0
"""The process whose children these are."""
_heard: dict[int, str] = {}
"""Children by pid → the pipe by which this process reads what they write."""


def starting() -> None:
    """Note that a process is about to be started, which may read what was written so far."""
    run = runs.current()
    run.record_begin()
    run.record_states()


def started(
    pid: int, program: str, words: Sequence[object], environ: Mapping[Any, Any] | None
) -> None:
    """Note a process that was started. `program` is what is executed, `environ` its environment."""
    said = _texts(words)
    inside = commands(program, said)
    _mine[pid] = run = runs.current()
    _count(run, _others(inside))
    on = _roll()
    if on is not None:
        expected = None if _is_elsewhere(environ) else _expected(inside)
        on.start(pid, expected, _why(program, said, environ))


def hears(pid: int, descriptor: int) -> None:
    """Note that this process reads what a child writes."""
    pipe = pipes.name(descriptor)
    if pipe is not None:
        _heard[pid] = pipe


def can_feed(pid: int, descriptor: int) -> None:
    """Note that this process may write to a child."""
    global _fed_by
    pipe = pipes.name(descriptor)
    if pipe is not None:
        if _fed_by != os.getpid():  # what this one was forked from may write to its own
            _fed.clear()
            _fed_by = os.getpid()
        _fed[pid] = pipe
        recording.feeding = feed
        feed()


def feed() -> None:
    """Tell what children may be sent: now, for they may have read it and ended before a later look.

    When a child was started, and when something was read that may be sent on to it.
    """
    on = _roll() if _fed_by == os.getpid() else None
    if on is not None:
        for pipe in _fed.values():
            pipes.feed(runs.current(), on, pipe)


def count(text: str) -> None:
    """Note that a shell executed a text and is done."""
    _count(runs.current(), _others(commands("sh", ["sh", "-c", text])))


def replaced(path: str | bytes, words: Sequence[object], environ: Mapping[Any, Any] | None) -> None:
    """Note that this process is about to become another program, if it is there."""
    program = os.fsdecode(path)
    if not os.path.isfile(program) or not os.access(program, os.X_OK):
        return
    on, said = _roll(), _texts(words)
    if on is not None:
        inside = commands(program, said)
        on.start(os.getpid(), _expected(inside), _why(program, said, environ), _others(inside))
    runs.replaced(os.path.basename(program))


def ended(pid: int, code: int) -> None:
    """Note how a process ended: its exit code, or minus the number of the signal."""
    run = _mine.pop(pid, None)
    on = _roll()
    if on is None:
        return
    on.look()
    if run is None:  # it was forked, and became another program
        if pid not in on.started and pid not in on.present:
            return
        run = runs.current()
        _count(run, on.others.pop(pid, []))
    while run.ended and run.outer is not None:
        run = run.outer
    _judge(on, pid, run)
    found = on.present.get(pid)
    if found is not None:
        say_exit(run, found, code)
        if found.forked:
            pipes.take_back(run, found)
    if _fed.pop(pid, None) is not None and not _fed:
        recording.feeding = None
    pipe = _heard.pop(pid, None)
    if pipe is not None:
        pipes.hear(run, on, pipe)


def say_exit(by: Run, found: roll.Present, code: int) -> None:
    """Say of a captured process that it failed, if it did not know that itself."""
    if code and found.run is not None and found.state in (None, COMPLETE):
        by.record_exit(found.run, code)
        found.state = FAIL  # and is not told again


def of_command(on: roll.Roll, run: Run, pid: int, words: Sequence[str]) -> None:
    """Note the process of the command itself, which has ended: nobody captured has started it."""
    on.look()
    inside = commands(words[0], words)
    _count(run, _others(inside))
    on.started.setdefault(pid, (_expected(inside), _why(words[0], words, None), 0))


def judge_all(on: roll.Roll, run: Run) -> None:
    """See to all that nobody has seen to: at the end of the command."""
    on.look()
    for pid in list(on.started):
        _judge(on, pid, run)
    for pid, code in exits.words(on.exits):
        if pid in on.present:
            say_exit(run, on.present[pid], code)


def _judge(on: roll.Roll, pid: int, run: Run) -> None:
    name, why, before = on.started.pop(pid, (None, None, 0))
    if name is not None:
        if not on.is_captured(pid, before):
            run.record_gap(f"{name} was not captured: {why or 'it did not report'}")
        on.tell(pid)


def _others(inside: Sequence[Sequence[str]]) -> list[str]:
    """Name the programs of a command that are not Python."""
    return [os.path.basename(one[0]) for one in inside if not is_python(one[0])]


def _count(run: Run, names: Sequence[str]) -> None:
    for name in names:
        run.record_command(name)


def _expected(inside: Sequence[Sequence[str]]) -> str | None:
    """Name the Python program that a command is, or that its shell starts."""
    return next((facts.command_name(one) for one in inside if is_python(one[0])), None)


def is_python(program: str) -> bool:
    """Whether a program is Python, or a script that Python executes."""
    import re

    name = os.path.basename(program)
    if re.fullmatch(_PYTHON, name):
        return True
    path = program if os.path.sep in program else _which(name)
    try:
        with open(path, "rb") as file:
            first = file.read(SHEBANG_BYTES).partition(b"\n")[0]
    except OSError:
        return False
    return first.startswith(b"#!") and b"python" in first


def commands(program: str, words: Sequence[str]) -> list[list[str]]:
    """Give the words of a command; of `sh -c`, those of each command in its text.

    Of a program that starts another (`env`, `nohup`), those of the other too.
    """
    if os.path.basename(program) in _SHELLS and len(words) > 2 and words[1].endswith("c"):
        import re

        found = [_without_settings(part) for part in _parts(words[2])]
        return [
            each
            for one in found
            if one and re.fullmatch(_WORD, one[0])
            for each in _with_started([one])
        ]
    return _with_started([[program, *words[1:]]])


def _with_started(found: list[list[str]]) -> list[list[str]]:
    """Add the command that another one starts: from the first of its words that is a program."""
    for one in found:
        if os.path.basename(one[0]) in _STARTERS:
            rest = one[1:]
            while rest and not _is_program(rest[0]):
                rest = rest[1:]
            if rest:
                found.append(rest)
    return found


def _parts(text: str) -> list[list[str]]:
    """Split what a shell is given into commands, and these into words, as far as that is easy."""
    parts: list[list[str]] = [[]]
    word, quote = "", ""
    for letter in text + "\n":
        if quote:
            word, quote = (word, "") if letter == quote else (word + letter, quote)
        elif letter in "'\"":
            quote = letter
        elif letter in " \t" or letter in _SEPARATORS:
            if word:
                parts[-1].append(word)
            word = ""
            if letter in _SEPARATORS:
                parts.append([])
        elif letter in "<>" and word and word[-1] not in "<>":
            parts[-1].append(word)
            word = letter
        else:
            word += letter
    return parts


def _without_settings(words: list[str]) -> list[str]:
    """Leave out what stands before the name of the program: variables, and words of the shell."""
    while words and ("=" in words[0] or words[0] in _KEYWORDS or words[0].startswith("-")):
        if words[0] in _BUILTINS:
            return []
        words = words[1:]
    return words


def _is_elsewhere(environ: Mapping[Any, Any] | None) -> bool:
    """Whether a process is part of another command, on the roll of that one."""
    run = None if environ is None else environ.get(roll.RUN) or environ.get(roll.RUN.encode())
    return run is not None and os.fsdecode(run) != os.environ.get(roll.RUN)


def _why(program: str, words: Sequence[str], environ: Mapping[Any, Any] | None) -> str | None:
    """Tell why Python may not be captured, as far as that can be told from outside."""
    import re

    flags = [word for word in words[1:] if word.startswith("-") and not word.startswith("--")]
    if flags and words[1] == flags[0] and "S" in re.split("[cmWX]", flags[0])[0]:
        return "-S leaves out what is installed"
    if environ is not None and not (roll.RUN in environ or roll.RUN.encode() in environ):
        return f"{roll.RUN} is not in its environment"
    path = program if os.path.sep in program else _which(program)
    if os.path.dirname(path) != os.path.dirname(sys.executable) and re.fullmatch(
        _PYTHON, os.path.basename(path)
    ):
        return f"Headwater may not be installed for {path}"
    return None


def _is_program(word: str) -> bool:
    path = word if os.path.sep in word else _which(word)
    return os.path.sep in path and os.path.isfile(path) and os.access(path, os.X_OK)


def _which(name: str) -> str:
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    return name


def _roll() -> roll.Roll | None:
    return roll.current(runtime.recorder().root or location.store())


def _texts(words: Sequence[object]) -> list[str]:
    paths = (str, bytes, os.PathLike)
    return [os.fsdecode(word) if isinstance(word, paths) else str(word) for word in words]
