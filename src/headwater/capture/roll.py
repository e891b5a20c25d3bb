"""The roll of a command: which processes were started in it, and which of them are captured.

A file beside the spool, `<id of the command's run>.roll`, made by `headwater run` or a notebook and
taken away by it at the end. Each process appends lines of JSON, one write each:

    {"by": pid}                                           who made it, and waits for the command
    {"here": pid, "above": [pid, …], "run": [id, namespace, job] or null}   it is captured; its
                                                          parent, the parent of that, and so on
    {"done": pid, "state": state, "reads": […], "into": […]}  its run ended, as far as it knew
    {"started": pid, "from": pid, "name": …, "why": …, "others": […]}  a child was started, or who
                                                          says so becomes it; named, it is Python
    {"told": pid}                                         its parent has seen to it
    {"fed": pipe, "reads": […]}                           what a program had read that writes there

Trusted? It says what gaps are reported, how runs ended, and what came through pipes.
"""

from __future__ import annotations

import os

from headwater.capture.encoding import encode
from headwater.capture.links import Link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Final

RUN: Final = "HEADWATER_RUN"
SUFFIX: Final = ".roll"
EXITS: Final = ".exits"
ABOVE_MAX: Final = 16
_APPENDING: Final = os.O_WRONLY | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)


class Present:
    """A captured process: pids of those above it, its run, and how that ended as it knew."""

    def __init__(self, number: int, above: list[int], run: Link | None) -> None:
        self.number = number
        """How many were captured before it."""
        self.above = above
        self.run = run
        self.state: str | None = None
        self.ended = False
        self.forked = False
        """Whether it is a copy of who started it, which may take back what it did."""
        self.reads: list[Any] = []
        """What it had read, if its output was a pipe or it was forked."""
        self.into: list[str] = []
        """The pipes into which its output went."""


class Roll:
    """The roll at `path`, as far as it was read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.present: dict[int, Present] = {}
        self.started: dict[int, tuple[str | None, str | None, int]] = {}
        """What a process is called, why it may not be captured, and how many processes that were
        captured before do not speak for it."""
        self.others: dict[int, list[str]] = {}
        self.fed: dict[str, list[Any]] = {}
        """A pipe → what the captured program had read that writes into it."""
        self._offset = 0
        self._captured = 0

    @property
    def exits(self) -> str:
        """The file beside it in which processes leave word of their exits (`exits`)."""
        return self.path.removesuffix(SUFFIX) + EXITS

    def make(self) -> None:
        """Make the file. Raises `OSError`."""
        os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))
        self._append({"by": os.getpid()})

    def remove(self) -> None:
        """Take it away."""
        for path in (self.path, self.exits):
            try:
                os.unlink(path)
            except OSError:
                continue  # somebody else did, or nobody left word

    def is_awaited(self) -> bool:
        """Whether who started this process is captured, and will say how it ended."""
        above = os.getppid()
        try:
            with open(self.path, "rb") as file:
                data = file.read()
        except OSError:
            return True  # the command is at its end
        if data.startswith(_line({"by": above}).encode("ascii")):
            return True
        if b'{"here":%d,' % above not in data:
            return False  # most often; and reading the lines would take importing `json`
        self.look()
        return above in self.present

    def here(self, run: Link | None) -> None:
        """Say that this process is captured; None: it works for a run of another one."""
        self._append({"here": os.getpid(), "above": _above(), "run": run})

    def done(self, state: str, reads: list[Any], into: list[str]) -> None:
        """Say how the run of this process ended, what it read, and into which pipes that went."""
        self._append({"done": os.getpid(), "state": state, "reads": reads, "into": into})

    def done_by_copy(self, run: Link, state: str, reads: list[Any], into: list[str]) -> None:
        """Say the same of this process if it was forked, and has not said that it is here."""
        self._append({
            "done": os.getpid(), "state": state, "reads": reads, "into": into, "above": _above(),
            "run": run,
        })  # fmt: skip

    def start(
        self, pid: int, name: str | None, why: str | None, others: Sequence[str] = ()
    ) -> None:
        """Say that a process was started.

        `name` is what it is called if it is, or starts, a Python program; `why` tells why it may
        not be captured, if that is known; `others` are the programs in it that nobody counted yet.
        """
        self._append({
            "started": pid, "from": os.getpid(), "name": name, "why": why, "others": list(others),
        })  # fmt: skip

    def tell(self, pid: int) -> None:
        """Say that nobody else has to see to a process."""
        self._append({"told": pid})

    def feed(self, pipe: str, reads: list[Any]) -> None:
        """Say what this process has read, which writes into a pipe."""
        self._append({"fed": pipe, "reads": reads})

    def is_captured(self, pid: int, before: int) -> bool:
        """Whether a process is, or one below it, other than the first that were: as a shell is.

        It may become what it starts last, or start it, or fork a shell that does.
        """
        return pid in self.present or any(
            one.number >= before and pid in one.above for one in self.present.values()
        )

    def look(self) -> None:
        """Read what was appended since the last look."""
        try:
            with open(self.path, "rb") as file:
                file.seek(self._offset)
                data = file.read()
        except OSError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        if not whole:
            return
        import json

        for line in whole.splitlines():
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue

    def _take(self, said: dict[str, Any]) -> None:
        if "here" in said:
            run = None if said["run"] is None else Link(*said["run"])
            self.present[said["here"]] = Present(self._captured, said["above"], run)
            self._captured += 1
        elif "started" in said:
            self._start(said["started"], said)
        elif "done" in said:
            if "run" in said:
                copy = Present(self._captured, said["above"], Link(*said["run"]))
                copy.forked = True
                self.present[said["done"]] = copy
            found = self.present[said["done"]]
            found.state, found.reads, found.into = said["state"], said["reads"], said["into"]
            found.ended = True
        elif "fed" in said:
            self.fed[said["fed"]] = said["reads"]
        elif "told" in said:
            self.started.pop(said["told"], None)
            if said["told"] in self.present:
                self.present[said["told"]].ended = True

    def _start(self, pid: int, said: dict[str, Any]) -> None:
        becomes, found = said["from"] == pid, self.present.get(pid)
        # A child may say that it is here before who started it says that. Else it is another one,
        # which had this pid before.
        if found is not None and (becomes or found.ended or said["from"] not in found.above):
            del self.present[pid]
        self.started[pid] = (said["name"], said["why"], self._captured if becomes else 0)
        self.others[pid] = said["others"]

    def _append(self, said: dict[str, Any]) -> None:
        # Not made anew: where it is gone, the command is at its end.
        try:
            descriptor = os.open(self.path, _APPENDING)
        except OSError:
            return
        try:
            os.write(descriptor, _line(said).encode("ascii"))
        except OSError:
            return
        finally:
            os.close(descriptor)


def _line(said: dict[str, Any]) -> str:
    return f"{encode(said)}\n"


def _above() -> list[int]:
    """Give who started this process, who started that, and so on, as far as it can be seen.

    Between a shell and what is in its text there may be shells that it forked.
    """
    found = [os.getppid()]
    while found[-1] > 1 and len(found) < ABOVE_MAX:
        try:
            with open(f"/proc/{found[-1]}/stat", "rb", buffering=0) as file:
                found.append(int(file.read().rpartition(b")")[2].split()[1]))
        except OSError:
            break  # it is gone, or this is no Linux
    return found


def place(root: str, run: str) -> str:
    """Name the roll of a command, by its run's id, in the spool of a store."""
    from headwater.capture.location import SPOOL

    return os.path.join(root, SPOOL, run + SUFFIX)


_roll: Roll | None = None


def current(root: str) -> Roll | None:
    """Give the roll that this process is on; None where no command has it."""
    global _roll
    run = os.environ.get(RUN)
    if not run:
        return None
    if _roll is None or os.path.basename(_roll.path) != run + SUFFIX:
        _roll = Roll(place(root, run))
    return _roll
