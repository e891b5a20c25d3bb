"""Lines that strace writes, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from headwater.coverage.seen import READ, WRITE, Watching
from headwater.coverage.strace import Call, calls, unescape


def seen(tmp_path: Path, *lines: str) -> list[tuple[str, str, tuple[int, ...]]]:
    """The files that lines are about, with role and processes; `$` is a folder that is there."""
    watching = Watching()
    watching.take(calls(line.replace("$", str(tmp_path)) + "\n" for line in lines))
    return [
        (role, file.path.removeprefix(f"{tmp_path}/"), tuple(sorted(file.by[role])))
        for file in watching.files()
        for role in (READ, WRITE)
        if file.by[role]
    ]


def test_a_call_in_two_pieces_is_one() -> None:
    """A call that others interrupt goes on where it was resumed, thread by thread."""
    lines = [
        "1 read(3</a>, <unfinished ...>\n",
        '2 read(4</b>, "x", 1) = 1\n',
        '1 <... read resumed>"y", 1) = 1\n',
    ]
    assert list(calls(lines)) == [
        Call(2, "read", '4</b>, "x", 1', 1, ""),
        Call(1, "read", '3</a>, "y", 1', 1, ""),
    ]


@pytest.mark.parametrize(
    "line",
    [
        '1 openat(AT_FDCWD</>, "x", O_RDONLY) = -1 ENOENT (No such file or directory)',
        "1 --- SIGCHLD {si_signo=SIGCHLD} ---",
        "1 +++ exited with 0 +++",
        "1 exit_group(0) = ?",
        "no line of strace",
        "",
    ],
)
def test_what_did_not_work_is_no_call(line: str) -> None:
    """Calls that failed, signals and ends are left out."""
    assert list(calls([line])) == []


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (r"o w\"\303\251.txt", 'o w"é.txt'),
        (r"a\nb\\c\tд".replace("д", r"\320\264"), "a\nb\\c\tд"),
        (r"\74\76", "<>"),
        (r"\xe2\x82\xac", "€"),
    ],
)
def test_escapes_are_read(said: str, meant: str) -> None:
    """Names come back as they are on disk."""
    assert unescape(said) == meant


STORIES: Sequence[tuple[str, list[str], list[tuple[str, str, tuple[int, ...]]]]] = [
    ("opening is no reading", ['1 openat(AT_FDCWD<$>, "a", O_RDONLY) = 3<$/a>'], []),
    ("a read", ['1 read(3<$/a>, "x", 9) = 1'], [(READ, "a", (1,))]),
    ("emptied", ['1 openat(AT_FDCWD<$>, "a", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3<$/a>'],
     [(WRITE, "a", (1,))]),
    ("threads are their process",
     ["1 clone3({flags=CLONE_VM|CLONE_THREAD}, 88) = 2", '2 write(3<$/a>, "x", 1) = 1'],
     [(WRITE, "a", (1,))]),
    ("a child is another", ["1 vfork() = 2", '2 read(3<$/a>, "x", 1) = 1'], [(READ, "a", (2,))]),
    ("a child may act before its birth is told",
     ['2 read(3<$/a>, "x", 1) = 1', "1 clone(child_stack=NULL, flags=SIGCHLD) = 2"],
     [(READ, "a", (2,))]),
    ("copied within the kernel",
     ["1 copy_file_range(3<$/a>, NULL, 4<$/b>, NULL, 9, 0) = 4"],
     [(READ, "a", (1,)), (WRITE, "b", (1,))]),
    ("sendfile has them the other way", ["1 sendfile(4<$/b>, 3<$/a>, NULL, 9) = 4"],
     [(READ, "a", (1,)), (WRITE, "b", (1,))]),
    ("cloned blocks",
     ['1 openat(AT_FDCWD<$>, "a", O_RDONLY) = 3<$/a>',
      "1 ioctl(4<$/b>, BTRFS_IOC_CLONE or FICLONE, 3) = 0"],
     [(READ, "a", (1,)), (WRITE, "b", (1,))]),
    ("mapped to be read", ["1 mmap(NULL, 9, PROT_READ, MAP_SHARED, 3<$/a>, 0) = 0x7f00"],
     [(READ, "a", (1,))]),
    ("mapped to be written",
     ["1 mmap(NULL, 9, PROT_READ|PROT_WRITE, MAP_SHARED, 3<$/a>, 0) = 0x7f00"],
     [(WRITE, "a", (1,))]),
    ("mapped to be run", ["1 mmap(NULL, 9, PROT_READ|PROT_EXEC, MAP_PRIVATE, 3<$/a>, 0) = 0x7f"],
     []),
    ("renamed from a folder of the process",
     ['1 chdir("$") = 0', '1 write(3<$/t>, "x", 1) = 1', '1 rename("t", "a") = 0'],
     [(WRITE, "a", (1,))]),
    ("renamed between open folders",
     ['1 write(3<$/t>, "x", 1) = 1', '1 renameat(5<$>, "t", 5<$>, "a") = 0'],
     [(WRITE, "a", (1,))]),
    ("a folder renamed takes its files along",
     ['1 write(3<$/t/one>, "x", 1) = 1', '1 rename("$/t", "$/d") = 0'],
     [(WRITE, "d/one", (1,))]),
    ("what replaces another leaves its readers",
     ['1 read(3<$/a>, "x", 1) = 1', '1 write(4<$/t>, "x", 1) = 1', '1 rename("$/t", "$/a") = 0'],
     [(READ, "a", (1,)), (WRITE, "a", (1,))]),
    ("read, then removed: it was an input",
     ['1 read(3<$/a>, "x", 1) = 1', '1 unlink("$/a") = 0'], [(READ, "a", (1,))]),
    ("written, then removed: it was nothing",
     ['1 write(3<$/a>, "x", 1) = 1', '2 read(3<$/a>, "x", 1) = 1',
      '1 unlinkat(AT_FDCWD<$>, "a", 0) = 0'], []),
    ("reading back what one wrote", ['1 write(3<$/a>, "x", 1) = 1', '1 read(3<$/a>, "x", 1) = 1'],
     [(WRITE, "a", (1,))]),
    ("pipes, sockets and memory",
     ['1 write(3<pipe:[1]>, "x", 1) = 1', '1 read(3<TCP:[1->2]>, "x", 1) = 1',
      '1 write(3</memfd:x>(deleted), "x", 1) = 1', '1 read(3</proc/stat>, "x", 1) = 1'], []),
    ("code of Python and of shells",
     ['1 read(3<$/a.py>, "x", 1) = 1', '1 read(3<$/x/site-packages/a.csv>, "x", 1) = 1',
      '1 execve("/bin/bash", ["bash", "$/deploy"], 0x7 /* 3 vars */) = 0',
      '1 read(3<$/deploy>, "x", 1) = 1'], []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "told"),
    [(lines, told) for _, lines, told in STORIES],
    ids=[name for name, _, _ in STORIES],
)
def test_what_calls_mean(
    tmp_path: Path, lines: list[str], told: list[tuple[str, str, tuple[int, ...]]]
) -> None:
    """Each history of calls has these reads and writes, and no other."""
    assert seen(tmp_path, *lines) == told
