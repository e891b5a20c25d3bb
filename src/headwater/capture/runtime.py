"""The recorder of this process: appends records to its segment, and never lets an error out.

Made at the first record. A forked child begins segments of its own (`forked_from` names its
parent's); the parent's descriptor is closed in it at once, so that the parent's lock dies with the
parent. Records that cannot be written wait in memory, up to a limit; beyond it they are counted,
and the count is recorded as soon as something can be written again.
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from _thread import RLock

from headwater.capture import location
from headwater.capture.encoding import encode
from headwater.capture.spool import FORMAT, LOSS, SEGMENT_BYTES_MAX, Segment, frame, framed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from headwater.capture.spool import Record

WAITING_BYTES_MAX: Final = 1024 * 1024
"""Records that are kept in memory while they cannot be written."""
RETRY_SECONDS: Final = 1.0
"""How long to leave a place alone at which no segment could be made."""
LOOK_SECONDS: Final = 1.0
"""How long a segment that is written to can be removed until that is noticed."""
DISABLED: Final = "HEADWATER_DISABLE"
"""Set to anything but `0`, nothing is recorded."""


class Recorder:
    """Where the records of this process go. Safe to call from any thread and signal handler."""

    def __init__(self, root: str | None = None, *, hand_over: bool = True) -> None:
        """Record into the store `root`, by default the one that is meant where recording begins.

        `hand_over` starts shipping when a run or the process ends.
        """
        self.root = root
        self.hands_over = hand_over
        self.enabled = os.environ.get(DISABLED, "0") in ("", "0")
        self.forked_from: str | None = None
        self._reset()
        self._last = 0

    def _reset(self) -> None:
        self._lock = RLock()
        self._segment: Segment | None = None
        self._stem: str | None = None
        self._number = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._lost = 0
        self._reason = ""
        self._retry_at = self._look_at = 0.0
        self._loss: str | None = None
        """The file that says that something could not be written."""

    def moment(self) -> int:
        """Tell the time in microseconds UTC: later than every time told before in this process."""
        with self._lock:
            now = time.time_ns() // 1_000
            self._last = now = now if now > self._last else self._last + 1
            return now

    def append(self, record: Record) -> None:
        """Record it, durable against the death of this process once this returns."""
        self.append_text(encode(record))

    def append_text(self, text: str) -> None:
        """Record what is JSON already, durable as with `append`."""
        data = framed(text)
        with self._lock:
            try:
                self._write(data)
            except OSError as error:
                self._keep(data, error)

    def flush(self) -> None:
        """Try once more to write what is waiting."""
        with self._lock:
            self._retry_at = self._look_at = 0.0
            try:
                if self._waiting or self._lost or self._segment is not None:
                    self._write(b"")
            except OSError as error:
                _tell_once(_describe(error))

    def close(self) -> None:
        """Give up the segment: this process is done. What is recorded later begins another."""
        with self._lock:
            if self._segment is not None:
                self._segment.close()
                self._segment, self._stem, self._number = None, None, 0

    def _write(self, data: bytes) -> None:
        segment = self._segment
        if segment is None:
            segment = self._begin()
        elif time.monotonic() >= self._look_at or not segment.is_at_its_end():
            segment = self._looked_at(segment)
        if self._waiting or self._lost:
            self._catch_up(segment)
        if segment.size + len(data) > SEGMENT_BYTES_MAX:
            segment = self._rotate(segment)
        if data:
            segment.append(data)

    def _looked_at(self, segment: Segment) -> Segment:
        """Give the segment to write to, where this one may be no more."""
        self._look_at = time.monotonic() + LOOK_SECONDS
        if not segment.is_open():
            return self._rotate(segment)
        return self._begin_anew(segment) if segment.is_removed else segment

    def _begin(self) -> Segment:
        if time.monotonic() < self._retry_at:
            raise OSError(self._reason)
        self._retry_at = time.monotonic() + RETRY_SECONDS
        if self.root is None:
            self.root = location.store()
        spool = location.furnish(self.root)
        if self._stem is None:
            self._stem = _new_stem()
        from headwater.capture import facts  # needed once, and not by programs that never record

        segment = Segment(spool, self._stem, 0)
        try:
            segment.append(frame(self._header() | facts.process(self.root)))
        except BaseException:
            segment.close()
            os.unlink(segment.path)
            raise
        self._segment, self._number = segment, 0
        return segment

    def _begin_anew(self, removed: Segment) -> Segment:
        """Begin as if nothing had been recorded: somebody has removed the spool."""
        removed.close()
        self._segment, self._stem, self._retry_at = None, None, 0.0
        segment = self._begin()
        what = "the spool was removed, with what was recorded until then"
        segment.append(frame({"k": "lost", "at": self.moment(), "what": what}))
        _tell_once(f"{removed.path}: it was removed")
        return segment

    def _rotate(self, full: Segment) -> Segment:
        """Begin the next segment; only then is the lock on the full one given up."""
        segment = Segment(os.path.dirname(full.path), full.stem, self._number + 1)
        segment.append(frame(self._header()))
        self._segment, self._number = segment, self._number + 1
        full.close()
        return segment

    def _header(self) -> Record:
        header: Record = {"k": "process", "v": FORMAT, "at": self.moment(), "pid": os.getpid()}
        if self.forked_from is not None:
            header["forked_from"] = self.forked_from
        return header

    def _keep(self, data: bytes, error: OSError) -> None:
        self._reason = _describe(error)
        if not (self._waiting or self._lost):
            self._note_loss(error)
        if self._waiting_bytes + len(data) <= WAITING_BYTES_MAX and not self._lost:
            self._waiting.append(data)
            self._waiting_bytes += len(data)
        else:
            self._lost += 1
        _tell_once(self._reason)

    def _catch_up(self, segment: Segment) -> None:
        while self._waiting:
            segment.append(self._waiting[0])
            self._waiting_bytes -= len(self._waiting.pop(0))
        if self._lost:
            segment.append(frame({"k": "lost", "at": self.moment(), "n": self._lost,
                                  "why": self._reason}))  # fmt: skip
            self._lost = 0
        if self._loss is not None:
            try:
                os.unlink(self._loss)
            except OSError:
                pass  # somebody has read it
            self._loss = None

    def _note_loss(self, error: OSError) -> None:
        """Leave word that something is not written: nobody else would say so if this is killed."""
        if self.root is None or error.errno is None:
            return
        if self._stem is None:
            self._stem = _new_stem()
        name = f"{self._stem}.{error.errno}{LOSS}"
        self._loss = os.path.join(self.root, location.SPOOL, name)
        try:
            os.close(os.open(self._loss, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))
        except OSError:
            self._loss = None

    def before_fork(self) -> None:
        """Let nobody else be in the middle of a record when the process is copied."""
        self._lock.acquire()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        self._lock.release()

    def after_fork_in_child(self) -> None:
        """Begin anew: nothing of the parent's is written here."""
        if self._segment is not None:
            self._segment.close()
        self.forked_from = self._stem or self.forked_from
        self._reset()


def _new_stem() -> str:
    return f"{time.time_ns():016x}-{os.getpid()}-{os.urandom(4).hex()}"


_recorder: Recorder | None = None
_complaints: set[str] = set()
COMPLAINTS_MAX: Final = 100
"""Different complaints of one process that are recorded."""

_hooks: dict[str, Callable[[], None]] = {}


def recorder() -> Recorder:
    """Give the recorder of this process."""
    global _recorder
    if _recorder is None:
        _recorder = Recorder()
        atexit.register(finish)
    return _recorder


def replace(other: Recorder | None) -> Recorder | None:
    """Let another recorder take over (None: a new one at the next record); give the one before."""
    global _recorder
    before, _recorder = _recorder, other
    return before


def root() -> str | None:
    """Name the store that this process records into; None before it began to."""
    return _recorder.root if _recorder is not None else None


def hooks(**named: Callable[[], None]) -> None:
    """Have `at_end` called when Python ends the process, and three at a fork.

    These are `before_fork`, `in_parent` and `in_child`.

    Nothing may depend on the first: processes are killed.
    """
    _hooks.update(named)


def complain(reason: object) -> None:
    """Tell that something is not recorded: the user in one line, once, and all of it as a gap."""
    text = str(reason)
    known = len(_complaints)
    if text in _complaints or known == COMPLAINTS_MAX:
        return
    _complaints.add(text)
    if not known:
        _tell(text)
    try:
        if _recorder is not None and _recorder.enabled:
            _recorder.append({"k": "gap", "at": _recorder.moment(), "what": text})
    except Exception:  # noqa: S110 (the user was told)
        pass


def _tell_once(text: str) -> None:
    """Tell what cannot be written to the spool: no gap yet, for it may be written later."""
    if not _complaints:
        _complaints.add(text)
        _tell(text)


def _tell(text: str) -> None:
    try:
        sys.stderr.write(f"headwater: not all lineage is recorded: {text}\n")
    except Exception:  # noqa: S110 (a closed stream is no reason to disturb anybody)
        pass


def _describe(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def finish() -> None:
    """Say what is left to say: the process ends."""
    if _recorder is not None:
        _call("at_end")
        _recorder.flush()


def _call(hook: str) -> None:
    try:
        _hooks.get(hook, lambda: None)()
    except Exception as error:
        complain(repr(error))


def _await_imports() -> None:
    """Let no module of ours be half imported by another thread when the process is copied.

    The child would have the lock of its import, and nobody who gives that up.
    """
    importing = getattr(sys.modules.get("_frozen_importlib"), "_module_locks", {})
    for name in list(importing):
        if name.startswith("headwater."):
            try:
                __import__(name)
            except Exception:  # noqa: S110 (whoever needs it is told)
                pass


def _before_fork() -> None:
    _await_imports()
    if _recorder is not None:
        _call("before_fork")
        _recorder.before_fork()


def _after_in_parent() -> None:
    if _recorder is not None:
        _recorder.after_fork_in_parent()
        _call("in_parent")


def _after_in_child() -> None:
    if _recorder is not None:
        _recorder.after_fork_in_child()
        _call("in_child")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_in_parent,
        after_in_child=_after_in_child,
    )
