"""The project that the tests of capture use."""

from __future__ import annotations

from tests.capture.conftest import project

__all__ = ["project"]
