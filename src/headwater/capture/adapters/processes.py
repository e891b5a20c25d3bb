"""Processes: which are started, how they end, and how this one does (`children`, `exits`)."""

from __future__ import annotations

import os
import sys

from headwater.capture import exits, runtime
from headwater.capture.patching import Patches
from headwater.capture.quiet import quiet
from headwater.capture.watching import leave_frame_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType
    from typing import Any, Final

    Arguments = tuple[Any, ...]
    Named = dict[str, Any]


def install(module: ModuleType, patches: Patches) -> None:
    """Observe what of a module starts processes, waits for them, or ends this one."""
    _INSTALL[module.__name__](module, patches)


def _install_sys(module: ModuleType, patches: Patches) -> None:
    from _thread import get_ident

    original, main = module.exit, get_ident()

    def exit(*args: Any) -> None:  # noqa: A001 (it takes its place)
        try:
            original(*args)
        except SystemExit as error:
            leave_frame_out(error)
            if get_ident() == main:
                _note(error, sys._getframe(1))
            raise

    patches.put_builtin(module, "exit", exit)


def _install_os(module: ModuleType, patches: Patches) -> None:
    native = [sys.modules[name] for name in ("posix", "nt") if name in sys.modules]
    original = module._exit

    def _exit(status: Any) -> None:
        if isinstance(status, int):
            exits.ending(status)
            with quiet():
                runtime.finish()
        original(status)

    patches.put_builtin(module, "_exit", _exit, also=native)
    for name, observer, before in (
        ("waitpid", _waited, None),
        ("wait", _waited, None),
        ("posix_spawn", _spawned, _starting),
        ("posix_spawnp", _spawned, _starting),
        ("system", _shell, _starting),
    ):
        if hasattr(module, name):
            patches.observe(module, name, observer, before=before, also=native)


def _install_signal(module: ModuleType, patches: Patches) -> None:
    original = module.raise_signal
    names = {getattr(module, one): one for one in _STOPPING if hasattr(module, one)}

    def raise_signal(signalnum: Any, /) -> None:
        if signalnum in names and module.getsignal(signalnum) == module.SIG_DFL:
            exits.stopping(names[signalnum])
            with quiet():
                runtime.finish()
        original(signalnum)

    patches.put_builtin(module, "raise_signal", raise_signal, also=[sys.modules["_signal"]])


def _install_subprocess(module: ModuleType, patches: Patches) -> None:
    patches.observe(module.Popen, "__init__", _opened, before=_starting, file=module.__file__)
    for name in ("wait", "poll", "communicate", "__exit__"):
        patches.observe(module.Popen, name, _looked)


def _install_multiprocessing(module: ModuleType, patches: Patches) -> None:
    if hasattr(module, "spawnv_passfds"):
        patches.observe(module, "spawnv_passfds", _worker)


_STOPPING: Final = ("SIGINT", "SIGTERM", "SIGHUP")
"""Signals by which somebody asks a program to stop."""
_INSTALL: Final[dict[str, Callable[[ModuleType, Patches], None]]] = {
    "sys": _install_sys,
    "os": _install_os,
    "signal": _install_signal,
    "subprocess": _install_subprocess,
    "multiprocessing.util": _install_multiprocessing,
}


def _starting(_args: Arguments, _kwargs: Named) -> None:
    from headwater.capture import children

    children.starting()


def _note(error: SystemExit, frame: FrameType) -> None:
    try:
        exits.note(error, frame)
    except Exception as failure:
        runtime.complain(repr(failure))


_ORDER: Final = (
    "self", "args", "bufsize", "executable", "stdin", "stdout", "stderr", "preexec_fn", "close_fds",
    "shell", "cwd", "env",
)  # fmt: skip


def _opened(_: Any, args: Arguments, kwargs: Named) -> None:
    from headwater.capture import children

    given = dict(zip(_ORDER, args, strict=False)) | kwargs
    words = given["args"]
    words = [words] if isinstance(words, (str, bytes, os.PathLike)) else list(words)
    if given.get("shell"):
        words = ["/bin/sh", "-c", *words]
    if words:
        program = os.fsdecode(given.get("executable") or words[0])
        children.started(args[0].pid, program, words, given.get("env"))
        if args[0].stdout is not None:
            children.hears(args[0].pid, args[0].stdout.fileno())
        if args[0].stdin is not None:
            children.can_feed(args[0].pid, args[0].stdin.fileno())


def _looked(_: Any, args: Arguments, _kwargs: Named) -> None:
    from headwater.capture import children

    process = args[0]
    if process.returncode is not None:
        children.ended(process.pid, process.returncode)


def _waited(result: Any, _args: Arguments, _kwargs: Named) -> None:
    from headwater.capture import children

    pid, status = result[0], result[1]
    if pid and (os.WIFEXITED(status) or os.WIFSIGNALED(status)):
        children.ended(pid, os.waitstatus_to_exitcode(status))


def _spawned(result: Any, args: Arguments, kwargs: Named) -> None:
    from headwater.capture import children

    given = dict(zip(("path", "argv", "env"), args, strict=False)) | kwargs
    children.started(result, os.fsdecode(given["path"]), list(given["argv"]), given["env"])


def _shell(_: Any, args: Arguments, kwargs: Named) -> None:
    from headwater.capture import children

    children.count(os.fsdecode(args[0] if args else kwargs["command"]))


def _worker(result: Any, args: Arguments, _kwargs: Named) -> None:
    from headwater.capture import children

    children.started(result, os.fsdecode(args[0]), list(args[1]), None)
