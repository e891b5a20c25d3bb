"""Threads and thread pools: the current run goes along (`headwater.capture.threads`)."""

from __future__ import annotations

from headwater.capture import threads
from headwater.capture.patching import Patches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


def install(_module: ModuleType, _patches: Patches) -> None:
    """Wrap what is imported by now."""
    threads.install()
