"""IPython: the cells of a kernel or of the prompt are runs (`headwater.capture.notebooks`)."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from headwater.capture.patching import Patches

SUPPORTED = ((8, 0), (11, 0))


def install(module: ModuleType, patches: Patches) -> None:
    """Follow the cells of the shell that is made next."""
    patches.observe(module.InteractiveShell, "__init__", _made)


def _made(_: Any, args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
    from headwater.capture import notebooks

    notebooks.attach(args[0])
