"""pickle: objects in open files, which are known by their names. Streams in memory are nobody's.

`pickle.Pickler` and `Unpickler`, used as classes, are left to the net below.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from headwater.capture import models
from headwater.capture.patching import Patches


def install(pickle: ModuleType, patches: Patches) -> None:
    """Observe the two functions, in C too: their pickles name that module."""
    native = [sys.modules[name] for name in ("_pickle",) if name in sys.modules]
    patches.observe(pickle, "load", _load, also=native)
    patches.observe(pickle, "dump", _dump, also=native)


def _load(result: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    models.loaded(result, args[0] if args else kwargs.get("file"))


def _dump(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    given = dict(zip(("obj", "file"), args, strict=False)) | kwargs
    models.saved(given["obj"], given["file"])
