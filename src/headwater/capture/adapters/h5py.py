"""h5py: HDF5, written and read in C, unseen by the net. Each file is one dataset, as a whole.

What is read came from the file; a file came from what was put into it, piece by piece, and nothing
exact is said once something of unknown origin was. A file that is opened to be added to is written
when something is put in; until then it is only read.
"""

from __future__ import annotations

import os
import weakref
from types import ModuleType
from typing import Any, Final

from headwater.capture import files, objects, opens, origins
from headwater.capture.beside import Beside
from headwater.capture.origins import Origin, remember
from headwater.capture.patching import Patches

SUPPORTED = ((3, 0), (4, 0))

FILES_MAX: Final = 1_000
"""Files that are known by the name they were opened by; beyond that, closed ones are forgotten."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]


class _File:
    """A file that was opened: where it is, what it came from when opened, and what was put in."""

    def __init__(self, path: str, handle: Any, *, new: bool) -> None:
        self.path = path
        self.new = new
        self.handle = weakref.ref(handle)
        self.read: Origin | None = None
        self.made = Origin()
        self.told: Origin | None = None


_files: Final[dict[str, _File]] = {}
"""The name as HDF5 has it → the file that was opened by it last."""
_of: Final[Beside[_File]] = Beside()
"""A dataset, or group → its file."""


def install(h5py: ModuleType, patches: Patches) -> None:
    """Observe what opens files, and what takes out of them and puts into them."""
    patches.observe(h5py.File, "__init__", _opened, before=_look, called_back=True)
    patches.observe(h5py.Dataset, "__getitem__", _taken)
    patches.observe(h5py.Dataset, "__array__", _taken)
    patches.observe(h5py.Dataset, "read_direct", _taken_into)
    patches.observe(h5py.Dataset, "__setitem__", _put)
    patches.observe(h5py.Dataset, "write_direct", _put_from)
    patches.observe(h5py.Group, "create_dataset", _created)
    patches.observe(h5py.Group, "__setitem__", _put)


def _look(args: Arguments, kwargs: Named) -> bool:
    """Tell whether the file was there before it is opened."""
    name = args[1] if len(args) > 1 else kwargs.get("name")
    return isinstance(name, (str, bytes, os.PathLike)) and os.path.exists(name)


def _opened(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "name", "mode", "driver"), args, strict=False)) | kwargs
    name, mode = given.get("name"), given.get("mode") or "r"
    if not isinstance(name, (str, bytes, os.PathLike)) or not opens.is_data(name):
        return
    if given.get("driver") == "core" and not given.get("backing_store", True):
        return  # in memory alone
    path = os.path.abspath(os.fsdecode(name))
    new = mode in ("w", "w-", "x") or not given["__before__"]
    if len(_files) >= FILES_MAX:
        _forget_closed()
    known = _files[str(args[0].filename)] = _File(path, args[0].id, new=new)
    if new:
        _tell(known)
    else:
        known.read = files.read(path)


def _forget_closed() -> None:
    for name, file in list(_files.items()):
        handle = file.handle()
        if handle is None or not handle.valid:
            del _files[name]


def _file(thing: Any) -> _File | None:
    """Give the file that a dataset or group is in, if it is one of the user's."""
    found = _of.own(thing)
    if found is None:
        found = _files.get(str(thing.file.filename))
        if found is not None:
            _of.put(thing, found)
    return found


def _taken(result: Any, args: Arguments, _: Named) -> None:
    file = _file(args[0])
    if file is not None:
        if file.read is None:
            file.read = files.read(file.path)
        remember(result, file.read)


def _taken_into(_: Any, args: Arguments, kwargs: Named) -> None:
    _taken(args[1] if len(args) > 1 else kwargs["dest"], args, kwargs)


def _put(_: Any, args: Arguments, kwargs: Named) -> None:
    _store(args[0], args[2] if len(args) > 2 else kwargs.get("val", kwargs.get("obj")))


def _put_from(_: Any, args: Arguments, kwargs: Named) -> None:
    _store(args[0], args[1] if len(args) > 1 else kwargs["source"])


_CREATE: Final = ("self", "name", "shape", "dtype", "data")


def _created(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(_CREATE, args, strict=False)) | kwargs
    _store(args[0], given.get("data"))


def _store(place: Any, thing: Any) -> None:
    file = _file(place)
    if file is None:
        return
    if thing is not None and objects.is_data(thing):
        file.made = origins.merge(file.made, objects.gather(thing) or Origin(opaque=True))
        file.made = file.made._replace(columns=None)
    _tell(file)


def _tell(file: _File) -> None:
    """Record the write, where there is more to say of it than was said."""
    if file.told != file.made:
        file.told = file.made
        files.write(file.path, file.made, **({} if file.new else {"mode": "append"}))
