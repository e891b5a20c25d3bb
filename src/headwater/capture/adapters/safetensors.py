"""safetensors of numpy's arrays: written under another name and moved, in Rust, unseen by the net.

`safe_open`, a class in Rust, is not observed.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from headwater.capture import objects
from headwater.capture.patching import Patches

SUPPORTED = ((0, 4), (1, 0))

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(module: ModuleType, patches: Patches) -> None:
    """Observe what names a file."""
    patches.observe(module, "load_file", _load)
    patches.observe(module, "save_file", _save)


def _load(result: Any, args: Arguments, kwargs: Named) -> None:
    objects.load(result, args[0] if args else kwargs["filename"])


def _save(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("tensor_dict", "filename"), args, strict=False)) | kwargs
    objects.store(given["tensor_dict"], given["filename"])
