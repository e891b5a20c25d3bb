"""IPython: the cells of a kernel or of the prompt are runs (`headwater.capture.notebooks`)."""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any

from headwater.capture import opens
from headwater.capture.patching import Patches

SUPPORTED = ((8, 0), (11, 0))


def install(module: ModuleType, patches: Patches) -> None:
    """Follow the cells of the shell that is made next."""
    # An application writes there before it has a shell, which is asked where that is (`notebooks`).
    home = os.environ.get("IPYTHONDIR") or os.path.join(os.path.expanduser("~"), ".ipython")
    opens.ignore(os.path.join(home, ""))
    patches.observe(module.InteractiveShell, "__init__", _made)


def _made(_: Any, args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
    from headwater.capture import notebooks

    notebooks.attach(args[0])
