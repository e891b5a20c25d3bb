"""What processes did to files of data, as the operating system saw it: calls → reads and writes.

A file counts as read when bytes of it were read or mapped, and as written when some were written
or it was emptied; opening it is neither. It is followed through renames, and one that is gone again
was neither input nor output. Journals belong to their database. What is nobody's data is left out
by the rules of the net (`capture.opens`), and so are programs and the scripts that shells run.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from headwater.capture import opens
from headwater.coverage.strace import Call, unescape

READ: Final = "read"
WRITE: Final = "write"

DATABASES: Final = {
    5432: "postgresql", 6432: "postgresql", 3306: "mysql", 1433: "sqlserver", 1521: "oracle",
    27017: "mongodb", 6379: "redis", 9042: "cassandra", 9092: "kafka", 8123: "clickhouse",
    9000: "clickhouse", 26257: "cockroachdb", 5439: "redshift", 9200: "elasticsearch",
    9083: "hive", 10000: "hive", 8529: "arangodb", 7687: "neo4j", 2181: "zookeeper",
}  # fmt: skip
"""Ports that databases and queues listen at by default."""

_SHELLS: Final = ("sh", "bash", "dash", "zsh", "ksh", "perl", "ruby", "Rscript", "node", "awk")
_SCRIPTS: Final = (".sh", ".bash", ".zsh", ".pl", ".rb", ".R", ".js")
_JOURNALS: Final = ("-journal", "-wal", "-shm", ".wal")
_DATABASE_FILES: Final = ((0, b"SQLite format 3\x00"), (8, b"DUCK"))
_STDLIB: Final = re.compile(r"/lib/python3\.\d+/")

_HANDLE: Final = re.compile(r"(AT_FDCWD|\d+)<((?:[^<>\\]|\\.)*)>(\(deleted\))?")
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"(\.\.\.)?')
_PORT: Final = re.compile(r"sin6?_port=htons\((\d+)\)")
_ADDRESS: Final = re.compile(r'inet_(?:addr\("|pton\(AF_INET6, ")([^"]+)"')
_UNIX: Final = re.compile(r'sun_path="[^"]*\.s\.PGSQL\.(\d+)"')


class Process:
    """A process: who started it, what it runs, where it works."""

    def __init__(self, pid: int, parent: Process | None) -> None:
        self.pid = pid
        self.parent = parent
        self.words: list[str] = list(parent.words) if parent is not None else []
        self.folder: str = parent.folder if parent is not None else os.getcwd()
        self.handles: dict[str, str] = {}

    def called(self) -> str:
        """Name it as a person would: program and script."""
        if not self.words:
            return "a process"
        program, *others = map(os.path.basename, self.words[:3])
        shown = [one for one in others if one and not one.startswith("-")][:1]
        return " ".join([program, *shown])

    def lineage(self) -> Iterator[Process]:
        """Give it, and those that started it."""
        one: Process | None = self
        while one is not None:
            yield one
            one = one.parent


class File:
    """A file: names that it had, the last one last, and who read and wrote it."""

    def __init__(self, path: str) -> None:
        self.names = [path]
        self.by: dict[str, dict[int, Process]] = {READ: {}, WRITE: {}}
        self.born = False

    @property
    def path(self) -> str:
        """Its last name."""
        return self.names[-1]


class Connection(NamedTuple):
    """A connection to where databases are: what listens there by default, and who made it."""

    kind: str
    address: str
    port: int
    process: Process


class Watching:
    """Takes calls in their order, and knows what came of them."""

    def __init__(self) -> None:
        self.processes: dict[int, Process] = {}
        self.connections: dict[tuple[str, int, int], Connection] = {}
        self.uses_io_uring: list[Process] = []
        self._threads: dict[int, int] = {}
        self._files: dict[str, File] = {}
        self._replaced: list[File] = []
        self._programs: set[str] = set()
        self._journals: set[str] = set()
        self._ignored = opens.ignored_places()

    def take(self, calls: Iterable[Call]) -> None:
        """Take calls, all of a trace: threads and children may act before their birth is told."""
        kept = list(calls)
        parents = self._births(kept)
        for call in kept:
            process = self._process(call.thread, parents)
            handler = _HANDLERS.get(call.name)
            if handler is not None:
                handler(self, process, call)

    def files(self) -> list[File]:
        """List the files of data that were read or written, by name."""
        found = [one for one in [*self._replaced, *self._files.values()] if self._is_data(one)]
        for one in found:
            if one.by[WRITE] and (one.path in self._journals or _is_database(one.path)):
                # Whoever writes into a database reads its pages too.
                for pid in one.by[WRITE]:
                    one.by[READ].pop(pid, None)
        return sorted(found, key=lambda one: one.path)

    def _births(self, calls: list[Call]) -> dict[int, int]:
        parents: dict[int, int] = {}
        for call in calls:
            if call.name in ("clone", "clone3", "fork", "vfork") and call.result > 0:
                if "CLONE_THREAD" in call.arguments:
                    self._threads[call.result] = call.thread
                else:
                    parents[call.result] = call.thread
        return parents

    def _process(self, thread: int, parents: dict[int, int]) -> Process:
        while thread in self._threads:
            thread = self._threads[thread]
        found = self.processes.get(thread)
        if found is None:
            above = parents.get(thread)
            parent = None if above is None else self._process(above, parents)
            found = self.processes[thread] = Process(thread, parent)
        return found

    def _is_data(self, file: File) -> bool:
        if not (file.by[READ] or file.by[WRITE]) or file.path in self._programs:
            return False
        if not self._counts(file.path):
            return False
        try:
            return stat.S_ISREG(os.stat(file.path).st_mode)
        except OSError:
            return True

    def _counts(self, path: str) -> bool:
        if not opens.is_users(path, self._ignored) or path.endswith(_SCRIPTS):
            return False
        return not (path.startswith("/memfd:") or _STDLIB.search(path))

    # What the calls mean.

    def _touch(self, process: Process, role: str, path: str | None) -> None:
        if path is None:
            return
        for suffix in _JOURNALS:
            base = path.removesuffix(suffix)
            if base != path and (os.path.exists(base) or base in self._files):
                self._journals.add(base)
                if role == WRITE and not suffix.endswith("shm"):
                    self._touch(process, WRITE, base)
                return
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = File(path)
            file.born = role == WRITE
        if role == READ and process.pid in file.by[WRITE]:
            return
        file.by[role][process.pid] = process

    def _handle(self, call: Call, place: int = 0) -> str | None:
        """The path of the open file that is the `place`th in a call's arguments."""
        found = list(_HANDLE.finditer(call.arguments))
        return _path(found[place]) if len(found) > place else None

    def _open(self, process: Process, call: Call) -> None:
        found = _HANDLE.match(f"{call.result}{call.behind}")
        path = None if found is None else _path(found)
        process.handles[str(call.result)] = path or ""
        if "O_TRUNC" in call.arguments or "O_EXCL" in call.arguments or call.name == "creat":
            self._touch(process, WRITE, path)

    def _read(self, process: Process, call: Call) -> None:
        self._touch(process, READ, self._handle(call))

    def _write(self, process: Process, call: Call) -> None:
        self._touch(process, WRITE, self._handle(call))

    def _map(self, process: Process, call: Call) -> None:
        if "PROT_EXEC" in call.arguments or "MAP_ANONYMOUS" in call.arguments:
            return
        role = WRITE if "PROT_WRITE" in call.arguments and "MAP_SHARED" in call.arguments else READ
        self._touch(process, role, self._handle(call))

    def _copy(self, process: Process, call: Call) -> None:
        """Bytes from one open file to another: the source stands first, but for sendfile."""
        if call.result > 0:
            order = (1, 0) if call.name == "sendfile" else (0, 1)
            self._touch(process, READ, self._handle(call, order[0]))
            self._touch(process, WRITE, self._handle(call, order[1]))

    def _control(self, process: Process, call: Call) -> None:
        if "FICLONE" in call.arguments:
            source = re.search(r"(\d+)(?:<[^>]*>)?$", call.arguments)
            if source is not None:
                self._touch(process, READ, process.handles.get(source[1]) or None)
            self._touch(process, WRITE, self._handle(call))

    def _rename(self, process: Process, call: Call) -> None:
        before, after = self._two(process, call)
        if before is None or after is None or before == after:
            return
        for name in [one for one in self._files if one.startswith(f"{before}/")]:
            self._move(process, name, after + name.removeprefix(before))
        if before in self._files or os.path.isfile(after):
            self._move(process, before, after)

    def _move(self, process: Process, before: str, after: str) -> None:
        file = self._files.pop(before, None)
        if after in self._files:
            replaced = self._files.pop(after)
            replaced.by[WRITE].clear()
            self._replaced.append(replaced)
        if file is not None and file.by[WRITE]:
            file.names.append(after)
            self._files[after] = file
            return
        if file is not None:
            self._replaced.append(file)
        self._touch(process, READ, before)
        self._touch(process, WRITE, after)

    def _link(self, process: Process, call: Call) -> None:
        before, after = self._two(process, call)
        known = self._files.get(before or "")
        if known is not None and known.by[WRITE]:
            # Written here and given its name by linking: SQLite and some editors do so.
            known.names.append(after or known.path)
            self._files[after or known.path] = known
        else:
            self._touch(process, READ, before)
            self._touch(process, WRITE, after)

    def _remove(self, process: Process, call: Call) -> None:
        found = _STRING.search(call.arguments)
        path = None if found is None else self._resolve(process, call, found)
        file = self._files.pop(path or "", None)
        if file is not None and not file.born:
            file.by[WRITE].clear()
            self._replaced.append(file)

    def _truncate(self, process: Process, call: Call) -> None:
        found = _STRING.search(call.arguments)
        if found is not None:
            self._touch(process, WRITE, self._resolve(process, call, found))

    def _execute(self, process: Process, call: Call) -> None:
        strings = [(unescape(one[1]), one[2]) for one in _STRING.finditer(call.arguments)]
        process.words = [strings[0][0], *(one for one, _ in strings[2:])] if strings else []
        self._programs.add(os.path.realpath(os.path.join(process.folder, strings[0][0])))
        if strings and os.path.basename(strings[0][0]) in _SHELLS and len(strings) > 2:
            self._programs.add(os.path.realpath(os.path.join(process.folder, strings[2][0])))

    def _enter(self, process: Process, call: Call) -> None:
        handle = self._handle(call)
        found = _STRING.search(call.arguments)
        if found is not None:
            process.folder = os.path.realpath(os.path.join(process.folder, unescape(found[1])))
        elif handle is not None:
            process.folder = handle

    def _connect(self, process: Process, call: Call) -> None:
        local, port = _UNIX.search(call.arguments), _PORT.search(call.arguments)
        number = int(local[1]) if local else int(port[1]) if port else 0
        kind = DATABASES.get(number)
        if kind is None or "UDP" in call.arguments:
            return
        found = _ADDRESS.search(call.arguments)
        address = "socket" if found is None else found[1]
        key = (address, number, process.pid)
        self.connections.setdefault(key, Connection(kind, address, number, process))

    def _ring(self, process: Process, _: Call) -> None:
        self.uses_io_uring.append(process)

    def _two(self, process: Process, call: Call) -> tuple[str | None, str | None]:
        """The two paths of a call, of which each may be relative to a folder in front of it."""
        found = list(_STRING.finditer(call.arguments))
        if len(found) < 2:
            return None, None
        return (
            self._resolve(process, call, found[0]),
            self._resolve(process, call, found[1], found[0].end()),
        )

    def _resolve(
        self, process: Process, call: Call, name: re.Match[str], behind: int = 0
    ) -> str | None:
        if name[2]:
            return None  # cut off: it is no path then
        folder = process.folder
        for handle in _HANDLE.finditer(call.arguments, behind, name.start()):
            folder = _path(handle) or folder
        parent, last = os.path.split(os.path.join(folder, unescape(name[1])))
        return os.path.join(os.path.realpath(parent), last)


def _path(handle: re.Match[str]) -> str | None:
    """The path of an open file; None for sockets, pipes and files that have no name any more."""
    if handle[3] or not handle[2].startswith("/"):
        return None
    path = unescape(handle[2])
    return None if path.endswith(" (deleted)") else path


def _is_database(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            head = file.read(16)
    except OSError:
        return False
    return any(head[place:].startswith(magic) for place, magic in _DATABASE_FILES)


_Handler = Callable[[Watching, Process, Call], None]
_HANDLERS: Final[dict[str, _Handler]] = {
    **dict.fromkeys(("open", "openat", "openat2", "creat"), Watching._open),
    **dict.fromkeys(("read", "pread64", "readv", "preadv", "preadv2"), Watching._read),
    **dict.fromkeys(
        ("write", "pwrite64", "writev", "pwritev", "pwritev2", "ftruncate", "fallocate"),
        Watching._write,
    ),
    **dict.fromkeys(("sendfile", "copy_file_range", "splice"), Watching._copy),
    **dict.fromkeys(("rename", "renameat", "renameat2"), Watching._rename),
    **dict.fromkeys(("unlink", "unlinkat"), Watching._remove),
    **dict.fromkeys(("link", "linkat"), Watching._link),
    **dict.fromkeys(("execve", "execveat"), Watching._execute),
    **dict.fromkeys(("chdir", "fchdir"), Watching._enter),
    "mmap": Watching._map,
    "ioctl": Watching._control,
    "truncate": Watching._truncate,
    "connect": Watching._connect,
    "io_uring_setup": Watching._ring,
}
