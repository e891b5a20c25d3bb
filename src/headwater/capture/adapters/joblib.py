"""joblib: objects in files, by path or open. What its workers are sent is nobody's data."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from headwater.capture import handles, models
from headwater.capture.patching import Patches

SUPPORTED = ((1, 0), (2, 0))


def install(joblib: ModuleType, patches: Patches) -> None:
    """Observe `dump` and `load`."""
    patches.observe(joblib, "dump", _dump, before=handles.note, also=[joblib.numpy_pickle])
    patches.observe(joblib, "load", _load, also=[joblib.numpy_pickle])


def _load(result: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    models.loaded(result, args[0] if args else kwargs.get("filename"))


def _dump(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    given = dict(zip(("value", "filename"), args, strict=False)) | kwargs
    models.saved(given["value"], given["filename"])
