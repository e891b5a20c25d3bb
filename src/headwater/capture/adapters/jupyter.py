"""jupyter_client, ipykernel: the file by which front end and kernel find one another is no data."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from headwater.capture.patching import Patches

_METHODS: Final = {
    "ConnectionFileMixin": ("load_connection_file", "_reconcile_connection_info"),
    "IPKernelApp": ("init_connection_file", "write_connection_file"),
}


def install(module: ModuleType, patches: Patches) -> None:
    """Look away where it is written and read: within what is observed, nothing else is."""
    if module.__name__ == "jupyter_client.connect":
        patches.observe_function(module, "write_connection_file", _nothing)
    for name, methods in _METHODS.items():
        owner = vars(module).get(name)
        if owner is not None and owner.__module__ == module.__name__:
            for method in methods:
                if hasattr(owner, method):
                    patches.observe(owner, method, _nothing)


def _nothing(_: Any, _args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
    return
