"""Put the built web interface into distributions; fail rather than leave it out.

A checkout builds it anew. An unpacked source distribution has it already. An editable installation
works without: its service says how to build it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OUTPUT = Path("src", "headwater", "service", "web")
BUILDER = Path("web", "build.py")


class WebInterface(BuildHookInterface[Any]):
    """Builds `web/` before files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build, unless the installation is editable. Raises `RuntimeError` if there is nothing."""
        if version == "editable":
            return
        root = Path(self.root)
        if (root / BUILDER).is_file():
            done = subprocess.run([sys.executable, str(root / BUILDER)], check=False)  # noqa: S603
            if done.returncode:
                raise RuntimeError("the web interface is part of a distribution; see above")
        if not (root / OUTPUT / "index.html").is_file():
            raise RuntimeError(f"the web interface is missing from {OUTPUT}; make web builds it")
