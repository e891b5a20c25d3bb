"""What the tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the public vectors and golden data: beside the checkout, or HEADWATER_SHARED."""
    path = Path(os.environ.get("HEADWATER_SHARED") or ROOT.parent / "shared")
    if not path.is_dir():
        pytest.skip(f"the shared vectors and data are not beside the checkout: {path}")
    return path
