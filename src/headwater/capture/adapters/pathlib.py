"""pathlib: `Path.copy`, `move` and the like, of Python 3.14 and newer, as `copies` tells of files.

What that needs is imported by the first copy: most programs import pathlib, and copy nothing.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from headwater.capture.patching import Patches


def install(module: ModuleType, patches: Patches) -> None:
    """Observe the function through which every copy of a file goes."""
    patches.observe(module, "copyfileobj", _copied, also=[sys.modules["pathlib"]])


def _copied(_result: Any, args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
    from headwater.capture.adapters import copies

    copies.copied_whole(*args)
