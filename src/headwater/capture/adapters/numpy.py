"""numpy: arrays in files, by dataset; views and joined arrays have the origin of what they show.

Of columns of frames `where` and `select` take values by conditions. What else is computed from an
array is not seen: of unknown origin nothing is said.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import ModuleType
from typing import Any, Final

from headwater.capture import files, handles, objects, opens
from headwater.capture.origins import Step, is_known, recall, remember
from headwater.capture.patching import Patches

SUPPORTED = ((1, 24), (3, 0))

_READERS: Final = ("load", "loadtxt", "genfromtxt", "fromfile")
_SAVERS: Final = {"save": ".npy", "savez": ".npz", "savez_compressed": ".npz"}
"""Functions that store arrays → what they put behind a name that ends otherwise."""
_JOINING: Final = ("concatenate", "vstack", "hstack", "column_stack", "stack")
_FILES: Final = ("file", "fname", "filename")

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(numpy: ModuleType, patches: Patches) -> None:
    """Observe what names a file, and what puts arrays together."""
    objects.followed.extend((numpy.ndarray, numpy.generic, numpy.lib.npyio.NpzFile))
    for name in _READERS:
        patches.observe(numpy, name, _read, staying=True)
    for name, suffix in _SAVERS.items():
        patches.observe(numpy, name, _saver(suffix), before=handles.note)
    patches.observe(numpy, "savetxt", _savetxt, before=handles.note)
    patches.observe(numpy.memmap, "__new__", _map)
    patches.observe(numpy.lib.npyio.NpzFile, "__getitem__", _member)
    patches.observe(numpy.ndarray, "tofile", _tofile, before=handles.note)
    for name in _JOINING:
        patches.observe(numpy, name, _join)
    patches.observe(numpy, "where", _where)
    patches.observe(numpy, "select", _select)


def _given(args: Arguments, kwargs: Named) -> Any:
    """Give the path or open file; other things (lines of text, say) name none."""
    given = args[0] if args else next((kwargs[name] for name in _FILES if name in kwargs), None)
    return None if isinstance(given, (list, tuple)) else given


def _read(result: Any, args: Arguments, kwargs: Named) -> None:
    objects.load(result, _given(args, kwargs))


def _saver(suffix: str) -> Any:
    def save(_: Any, args: Arguments, kwargs: Named) -> None:
        given = _given(args, kwargs)
        if isinstance(given, (str, os.PathLike)) and not os.fspath(given).endswith(suffix):
            given = os.fspath(given) + suffix
        arrays = [*args[1:], *(one for name, one in kwargs.items() if name not in _OPTIONS)]
        objects.store(arrays[0] if suffix == ".npy" else arrays, given)

    return save


_OPTIONS: Final = (*_FILES, "allow_pickle", "fix_imports", "__before__")


def _savetxt(_: Any, args: Arguments, kwargs: Named) -> None:
    objects.store(args[1] if len(args) > 1 else kwargs["X"], _given(args, kwargs))


def _tofile(_: Any, args: Arguments, kwargs: Named) -> None:
    objects.store(args[0], args[1] if len(args) > 1 else kwargs.get("fid", kwargs.get("file")))


def _map(result: Any, args: Arguments, kwargs: Named) -> None:
    order = ("cls", "filename", "dtype", "mode")
    given = dict(zip(order, args, strict=False)) | kwargs
    mode, file = given.get("mode", "r+"), given["filename"]
    if not opens.is_data(file):
        return
    if mode not in ("w+", "write"):
        remember(result, files.read(file))
    if mode not in ("r", "c", "readonly", "copyonwrite"):
        files.write(file, None)


def _member(result: Any, args: Arguments, _: Named) -> None:
    remember(result, recall(args[0]))


def _join(result: Any, args: Arguments, kwargs: Named) -> None:
    given = args[0] if args else kwargs.get("arrays", kwargs.get("tup"))
    if isinstance(given, (list, tuple)) and not all(map(_is_unknown, given)):
        remember(result, objects.together(given))


def _where(result: Any, args: Arguments, _: Named) -> None:
    """Values of two by a condition; what a condition alone gives are places."""
    if len(args) == 3:
        _take(result, args[:1], args[1:])


def _select(result: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("condlist", "choicelist", "default"), args, strict=False)) | kwargs
    conditions, choices = given["condlist"], given["choicelist"]
    if isinstance(conditions, (list, tuple)) and isinstance(choices, (list, tuple)):
        _take(result, conditions, [*choices, given.get("default", 0)])


def _take(result: Any, conditions: Sequence[Any], values: Sequence[Any]) -> None:
    by, parts = objects.bringing(conditions), objects.bringing(values)
    given = [*by, *parts]
    if all(one is objects.UNKNOWN for one in given):
        return
    # Not by programs that have arrays of nobody's alone.
    from headwater.capture.adapters import pandas_several_steps as several
    from headwater.capture.adapters.pandas_steps import by_dataset

    if result.ndim == 1:
        remember(result, Step(several.taken_from, given, len(by)))
    else:
        remember(result, Step(by_dataset, (Step(several.merged, given),)))


def _is_unknown(one: Any) -> bool:
    return not isinstance(one, (list, tuple, dict)) and not is_known(one)
