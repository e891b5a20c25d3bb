"""Threads and thread pools: the current run goes along (`headwater.capture.threads`)."""

from __future__ import annotations

from types import ModuleType

from headwater.capture import threads
from headwater.capture.patching import Patches


def install(_module: ModuleType, _patches: Patches) -> None:
    """Wrap what is imported by now."""
    threads.install()
