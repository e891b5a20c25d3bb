"""pickle: objects in open files, which are known by their names. Streams in memory are nobody's.

cloudpickle and dill have functions of the same names and order. What is used as a class tells of
its file only by what it refers to: the methods of the file by which it reads and writes.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from headwater.capture import handles, models
from headwater.capture.patching import Patches
from headwater.capture.watching import MARK


def install(pickle: ModuleType, patches: Patches) -> None:
    """Observe the two functions, where they come from too: their pickles name that module."""
    for name, observer, before in (("load", _load, None), ("dump", _dump, handles.note)):
        if not hasattr(getattr(pickle, name), MARK):  # cloudpickle's `load` is that of pickle
            patches.observe_function(pickle, name, observer, before=before)
    if pickle.__name__ == "pickle":
        patches.observe(pickle.Pickler, "dump", _dump_by, before=_note)
        patches.observe(pickle.Unpickler, "load", _load_by)


def _load(result: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    models.loaded(result, args[0] if args else kwargs.get("file"))


def _dump(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    given = dict(zip(("obj", "file"), args, strict=False)) | kwargs
    models.saved(given["obj"], given["file"])


def _load_by(result: Any, args: tuple[Any, ...], _: dict[str, Any]) -> None:
    file = _file(args[0], "readline")
    if file is not None:
        models.loaded(result, file)


def _note(args: tuple[Any, ...], _: dict[str, Any]) -> Any:
    file = _file(args[0], "write")
    handles.note((file,), {})
    return file


def _dump_by(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    file = kwargs["__before__"]
    if file is not None:
        models.saved(args[1] if len(args) > 1 else kwargs["obj"], file)


def _file(by: object, method: str) -> Any:
    """Give the file that a pickler or unpickler has; None where it is no object of its own."""
    import gc

    for one in gc.get_referents(by):
        if getattr(one, "__name__", None) == method and hasattr(one, "__self__"):
            return one.__self__
    return None
