"""skops: objects in files, by path or open, as MLflow keeps estimators of scikit-learn."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from headwater.capture import handles, models
from headwater.capture.patching import Patches

SUPPORTED = ((0, 8), (1, 0))


def install(persist: ModuleType, patches: Patches) -> None:
    """Observe `dump` and `load`, before `skops.io` takes them over."""
    patches.observe(persist, "dump", _dump, before=handles.note)
    patches.observe(persist, "load", _load)


def _load(result: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    models.loaded(result, args[0] if args else kwargs["file"])


def _dump(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    given = dict(zip(("obj", "file"), args, strict=False)) | kwargs
    models.saved(given["obj"], given["file"])
