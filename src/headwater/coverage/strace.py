"""Runs a command under strace, and reads what strace writes.

Format: strace(1), version 5.3 or newer, with `-f -yy -o FILE`: lines of `PID CALL(…) = RESULT`,
calls that another one interrupts in two pieces, open files followed by their path in angle
brackets.
With seccomp the kernel stops a process at these calls alone, so that the rest runs at full speed.

Trusted? It sees what the kernel was asked for; what io_uring is asked for it does not see.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from headwater.errors import HeadwaterError

STRING_CHARS_MAX: Final = 128
"""Of words and of data strace writes so many characters; paths are always whole."""

CALLS: Final = (
    *("open", "openat", "openat2", "creat", "truncate", "ftruncate", "fallocate"),
    *("read", "pread64", "readv", "preadv", "preadv2", "mmap"),
    *("write", "pwrite64", "writev", "pwritev", "pwritev2"),
    *("sendfile", "copy_file_range", "splice", "ioctl"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "link", "linkat"),
    *("clone", "clone3", "fork", "vfork", "execve", "execveat", "chdir", "fchdir"),
    *("connect", "io_uring_setup"),
)
"""System calls that are watched; those that a processor does not have are left out."""

_LINE: Final = re.compile(r"(\d+)\s+(.*)", re.DOTALL)
_CALL: Final = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+|0x[0-9a-f]+)(.*)", re.DOTALL)
_RESUMED: Final = re.compile(r"<\.\.\. \w+ resumed>(.*)", re.DOTALL)
_UNFINISHED: Final = "<unfinished ...>"
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_LETTERS: Final = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"f": b"\f", b"v": b"\v"}


class StraceUnusable(HeadwaterError):
    """strace is not there, or may not do its work here."""

    exit_code = 2


class Call(NamedTuple):
    """A system call that worked: by which thread, its arguments as text, and what came back."""

    thread: int
    name: str
    arguments: str
    result: int
    behind: str


def words(command: Sequence[str], trace: str) -> list[str]:
    """Put strace in front of a command, writing to the file `trace`."""
    watched = ",".join(f"?{name}" for name in CALLS)
    return [
        *("strace", "-f", "-qq", "-yy", "--seccomp-bpf", "-s", str(STRING_CHARS_MAX)),
        *("-e", f"trace={watched}", "-e", "signal=none", "-o", trace, "--", *command),
    ]


def require() -> None:
    """Raise `StraceUnusable` where no command can be traced, saying what to do."""
    if shutil.which("strace") is None:
        raise StraceUnusable(
            "an audit needs strace, which is not installed here"
            if sys.platform == "linux"
            else "an audit needs strace, which there is for Linux only",
            remedy="install it: apt-get install strace, dnf install strace, apk add strace",
        )
    tried = subprocess.run(  # noqa: S603 (fixed words)
        words(["true"], os.devnull), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if tried.returncode != 0:
        said = tried.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise StraceUnusable(
            f"strace cannot trace here: {said}",
            remedy="containers need --cap-add=SYS_PTRACE for it, and strace 5.3 or newer",
        )


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """Read the calls that worked, each where it ended; a `connect` also where it still waits."""
    begun: dict[int, str] = {}
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            continue
        thread, text = int(found[1]), found[2].rstrip("\n")
        if text.endswith(_UNFINISHED):
            begun[thread] = text.removesuffix(_UNFINISHED)
            continue
        resumed = _RESUMED.match(text)
        if resumed is not None:
            text = begun.pop(thread, "") + resumed[1]
        call = _CALL.match(text)
        if call is None:
            continue
        result = int(call[3], 0)
        if result >= 0 or (call[1] == "connect" and "EINPROGRESS" in call[4]):
            yield Call(thread, call[1], call[2], result, call[4])


def unescape(text: str) -> str:
    """Read what strace writes for bytes: C's escapes."""

    def one(found: re.Match[bytes]) -> bytes:
        said = found[1]
        if said[:1].isdigit():
            return bytes((int(said, 8) & 0xFF,))
        if said[:1] == b"x" and len(said) == 3:
            return bytes((int(said[1:], 16),))
        return _LETTERS.get(said, said)

    return os.fsdecode(_ESCAPE.sub(one, text.encode("utf-8", "surrogateescape")))
