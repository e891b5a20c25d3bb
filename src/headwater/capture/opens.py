"""The net below the adapters: every file that Python itself opens, moves or removes.

An audit hook (PEP 578) sees them all, whichever library asked. It does not see what C code opens:
parquet through Arrow, polars, duckdb, xgboost, safetensors have adapters for that reason. What an
adapter is in the middle of is left to it. Files of the interpreter, of installed packages, of the
system and of the user's settings are nobody's data.

Opening does not say whether it worked, and what is written may be a draft: a file that is gone
again when its run ends was none of its outputs, and one that was moved is known by its last name.

Trusted? An exception in an audit hook would stop the user's call: none of ours gets out.
"""

from __future__ import annotations

import os
import sys
from stat import S_IFDIR, S_IFMT, S_IFREG

from headwater.capture import datasets, places, recording, runs, runtime, stack
from headwater.capture.filled import UNKNOWN
from headwater.capture.quiet import within
from headwater.capture.signals import is_the_program_s

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType
    from typing import Any, Final

_CODE: Final = (
    ".py", ".pyc", ".pyo", ".pyi", ".so", ".pyd", ".dll", ".dylib", ".pth", ".spool", ".pyz",
    ".pyzw", ".pex", ".egg", ".whl",
)  # fmt: skip
_SYSTEM: Final = (
    "/proc/", "/dev/", "/sys/", "/etc/", "/usr/", "/lib/", "/lib64/", "/bin/", "/sbin/", "/run/",
    "/opt/", "/System/", "/Library/", "/private/etc/", "/private/var/db/",
)  # fmt: skip
_SETTINGS: Final = (
    ".cache", ".config", ".local", ".ipython", ".jupyter", ".matplotlib", ".keras", ".aws", ".ssh",
    ".netrc", ".pip", ".conda", ".docker", ".kube", "Library",
)  # fmt: skip
_MEMMAPS: Final = "/joblib_memmapping_folder_"
_INSIDE: Final = (
    "/site-packages/", "/__pycache__/", "/.git/", "/.headwater/", ".dist-info/",
    _MEMMAPS,
)  # fmt: skip
_ACCESS: Final = os.O_RDONLY | os.O_WRONLY | os.O_RDWR
_EMPTYING: Final = os.O_TRUNC | os.O_EXCL
_MAPPED_TO_WRITE: Final = (0, 2)
"""`mmap.ACCESS_DEFAULT` and `ACCESS_WRITE`."""
_AROUND: Final = {
    "_io.TextIOWrapper": "buffer", "_io.BufferedReader": "raw", "_io.BufferedRandom": "raw",
    "_io.BufferedWriter": "raw", "gzip.GzipFile": "fileobj", "bz2.BZ2File": "_fp",
    "lzma.LZMAFile": "_fp", "zipfile.ZipExtFile": "_fileobj", "zipfile._SharedFile": "_file",
    "tarfile.ExFileObject": "raw", "tarfile._FileInFile": "fileobj",
}  # fmt: skip
"""Classes of files around another → where that is. Members of archives go by names of their own."""
_NOTHING: Final[dict[str, object]] = {}
_EMPTIED: Final[dict[str, object]] = {"opened": "new"}
_OPENED: Final[dict[str, object]] = {"opened": "more"}
_ADDED: Final[dict[str, object]] = {"opened": "more", "mode": "append"}
AROUND_MAX: Final = 16
"""Files around one another that are looked into; programs can put one around itself."""
FOLDERS_MAX: Final = 10_000
"""Folders of which is remembered whether they are the user's; beyond that it is told anew."""

_ignored: tuple[str, ...] = ()
_ignored_files: tuple[str, ...] = ()
"""Those of them that are no folders."""
_folders: Final[dict[str, bool]] = {}
"""Folder, with a separator at its end → whether its files are the user's, by its name."""
_namespace: str | None = None
"""Of files; None where that is to be told anew."""
_installed = False
_watching = False


def install() -> None:
    """Hang the net. An audit hook cannot be taken down again, so there is one a process."""
    global _installed, _namespace, _watching
    _namespace = None
    _ignore(ignored_places())
    _watching = recording.sees_opens = True
    if not _installed:
        _installed = True
        sys.addaudithook(_hook)


def ignore(path: str) -> None:
    """Let a folder be one in which nobody has data, or a file, with its journals, none.

    A folder that is not there yet ends with a separator.
    """
    end = os.sep if path.endswith(os.sep) or os.path.isdir(path) else ""
    _ignore((*_ignored, os.path.abspath(path) + end, os.path.realpath(path) + end))


def _ignore(places: tuple[str, ...]) -> None:
    global _ignored, _ignored_files
    _ignored = places
    _ignored_files = tuple(one for one in places if not one.endswith(os.sep))
    _folders.clear()


def uninstall() -> None:
    """Let the net see nothing any more."""
    global _watching
    _watching = False


def _hook(event: str, args: tuple[Any, ...]) -> None:
    watched = _WATCHED.get(event)
    if watched is None or not _watching:
        return
    is_inside = within.get() and watched is not _renamed_host
    token = within.set(True)
    try:
        if not is_inside or _is_called_back(args[0], sys._getframe(1)):
            watched(*args)
    except Exception as error:
        if is_the_program_s(error):
            raise
        runtime.complain(repr(error))
    finally:
        within.reset(token)


def _is_called_back(path: object, frame: FrameType) -> bool:
    """Whether it is the program that asks for a file of the user's, called by what is observed."""
    if isinstance(path, str) and path.endswith(_CODE):
        return False
    return _path(path) is not None and stack.is_callback(frame)


def _opened(given: object, _mode: object, flags: object) -> None:
    if isinstance(given, str):
        path = given
    elif isinstance(given, (bytes, os.PathLike)):
        path = os.fsdecode(given)
    else:
        return
    if path.endswith(_CODE) or not isinstance(flags, int):
        return
    if path.startswith("/") and _folders.get(path[: path.rfind("/") + 1]) is False:
        return  # as most of what Python itself opens
    plain, known = places.absolute(path)
    if not _is_in_users(plain):
        return
    real, found = places.look(path, plain, known)
    kind = 0 if found is None else S_IFMT(found.st_mode)
    access = flags & _ACCESS
    if access != os.O_WRONLY and not flags & _EMPTYING and kind == S_IFREG:
        runs.current().record_read(_name(real), _NOTHING, found)
    # `tempfile` opens a folder where it is about to open a file of another name.
    if access != os.O_RDONLY and kind != S_IFDIR:
        said = _EMPTIED if flags & _EMPTYING else _ADDED if flags & os.O_APPEND else _OPENED
        run, name = runs.current(), _name(real)
        if said is _OPENED:
            run.filled.opened(name[:2], UNKNOWN)
        else:
            size = 0 if said is _EMPTIED or found is None else found.st_size
            run.filled.opened(name[:2], size, appends=said is _ADDED)
        run.record_draft(name, said)


def _name(real: str) -> datasets.Name:
    global _namespace
    if _namespace is None:
        _namespace = datasets.file(real).namespace
    return datasets.file(real, _namespace)


def _renamed_host(name: object, *_value: object) -> None:
    """A variable of the environment is changed: it may say what this machine is called."""
    global _namespace
    if os.fsdecode(name) == datasets.HOST:  # type: ignore[arg-type]
        _namespace = None


def _moved(source: object, target: object, of: object = -1, to: object = -1) -> None:
    before, after = _place(_below(source, of)), _place(_below(target, to))
    if before is None or after is None or after.endswith(_CODE):
        return
    was_users, is_users_now = _is_users(before), _is_users(after)
    if was_users and is_users_now:
        statements = sys.modules.get("headwater.capture.statements")
        if statements is not None and statements.moved(before, after):
            return
    run = runs.current()
    old, new = datasets.name(before), datasets.name(after)
    if run.has_written(old):
        # What an adapter wrote by name is data wherever it lies: in a cache, say.
        if is_users_now or not was_users or run.has_filled(old):
            run.record_rename(old, new)
        else:
            run.record_removal(old)
    elif os.path.isdir(before):
        if is_users_now or not was_users:
            run.record_rename_below(old, new)
    elif is_users_now and os.path.isfile(before):
        run.record_read(old, {})
        run.record_draft(new, {"inputs": [old[:2]]})


def _linked(source: object, target: object, of: object = -1, to: object = -1) -> None:
    before, after = _path(_below(source, of)), _path(_below(target, to))
    if before is not None and after is not None:
        run, old = runs.current(), datasets.name(before)
        run.record_read(old, {})
        run.record_draft(datasets.name(after), {"inputs": [old[:2]]})


def _mapped(descriptor: object, _length: object, access: object, _offset: object = 0) -> None:
    """A file is put into memory: what is written there goes into it unseen."""
    if access not in _MAPPED_TO_WRITE or not isinstance(descriptor, int) or descriptor < 0:
        return
    filled = runs.current().filled
    try:
        name = _path(os.readlink(f"/proc/self/fd/{descriptor}"))
    except OSError:  # it may be any of them
        filled.doubt_all()
        return
    fill = None if name is None else filled.get(datasets.name(name)[:2])
    if fill is not None:
        fill.doubt()


def _removed(path: object, folder: object = -1) -> None:
    name = _path(_below(path, folder))
    if name is None:
        return
    run = runs.current()
    dataset = datasets.name(name)
    if run.has_written(dataset):
        run.record_removal(dataset)


def _below(path: object, folder: object) -> object:
    """Give a path that was said to be within a folder, by its descriptor (-1: it was not).

    None where it cannot be told which folder that is.
    """
    if not isinstance(path, (str, bytes)) or not isinstance(folder, int) or folder < 0:
        return path
    if os.path.isabs(path):
        return path
    try:
        return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))
    except OSError:
        return None


def _replaced(
    path: str | bytes, words: Sequence[object], environ: Mapping[Any, Any] | None
) -> None:
    """Tell that this process is about to become another program."""
    from headwater.capture import children

    children.replaced(path, words, environ)


_WATCHED: Final[dict[str, Callable[..., None]]] = {
    "open": _opened,
    "os.rename": _moved,
    "os.remove": _removed,
    "mmap.__new__": _mapped,
    "os.link": _linked,
    "os.exec": _replaced,
    "os.putenv": _renamed_host,
    "os.unsetenv": _renamed_host,
}


def is_library(path: str) -> bool:
    """Whether a file is of Python, of an installed package, or of the system."""
    name = os.path.abspath(path)
    return name.startswith(_ignored) or any(part in name for part in _INSIDE)


def is_data(given: object) -> bool:
    """Whether what a library was given is a file of the user's, by path or open."""
    if isinstance(given, (str, bytes, os.PathLike)):
        return _path(given) is not None
    named = called(given)
    return not is_nameless(named) and _path(named) is not None


def called(file: object) -> object:
    """What an open file calls itself; of one that was opened by its descriptor, which file it is.

    Where the system tells (Linux), and it is called anything at all. Of what packs or reads another
    file, of which an archive has several, that one is told.
    """
    for _ in range(AROUND_MAX):
        place = _AROUND.get(f"{type(file).__module__}.{type(file).__name__}")
        if place is None:
            break
        try:
            file = getattr(file, place, None)
        except ValueError:  # it was detached
            return None
    name = getattr(file, "name", None)
    if type(name) is not int:
        return name
    try:
        found = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        return None
    return found if found.startswith("/") and os.path.exists(found) else None


def is_nameless(name: object) -> bool:
    """Whether what an open file calls itself is no name: `<stdout>`, `<fdopen>`."""
    return isinstance(name, str) and name.startswith("<") and name.endswith(">")


def _path(path: object) -> str | None:
    """Give the absolute path, if it is a file of the user's."""
    name = _place(path)
    return name if name is not None and _is_users(name) else None


def _place(path: object) -> str | None:
    """Give the absolute path."""
    if isinstance(path, int) or not isinstance(path, (str, bytes, os.PathLike)):
        return None
    return os.path.abspath(os.fsdecode(path))


def _is_users(path: str) -> bool:
    """Whether an absolute path is one of the user's data."""
    return not path.endswith(_CODE) and _is_in_users(path)


def _is_in_users(path: str) -> bool:
    """Whether a file is where the user's data are; of a folder, that is told once."""
    folder = path[: path.rfind(os.sep) + 1]
    known = _folders.get(folder)
    if known is None:
        if len(_folders) >= FOLDERS_MAX:
            _folders.clear()
        known = _folders[folder] = is_users(folder, _ignored)
    # What is not a folder's is told of the file itself.
    return known and not path.startswith(_ignored_files) and _MEMMAPS not in path


def is_users(path: str, ignored: tuple[str, ...]) -> bool:
    """Whether an absolute path is one of the user's data, outside of the places `ignored`."""
    if path.endswith(_CODE) or path.startswith(ignored):
        return False
    return not any(part in path for part in _INSIDE)


def ignored_places() -> tuple[str, ...]:
    """List where nobody's data are, for who works where this process does."""
    home = os.path.expanduser("~")
    found = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.__file__)}
    found |= {os.path.join(home, name) for name in _SETTINGS}
    found |= {os.path.realpath(one) for one in found}
    prefixes = {*_SYSTEM, *(os.path.join(one, "") for one in found if one != "/")}
    here = os.path.join(os.getcwd(), "")  # who works in such a place has data there
    return tuple(sorted(prefix for prefix in prefixes if not here.startswith(prefix)))
