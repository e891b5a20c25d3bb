"""The maps of packages are true."""

import re
from pathlib import Path

import headwater.capture


def test_every_module_of_capture_is_on_its_map() -> None:
    """The docstring of the package names each of its modules, and nothing that is not there."""
    text = headwater.capture.__doc__ or ""
    lines = [line for line in text.splitlines() if line.startswith("    ")]
    named = {word for line in lines for word in re.findall(r"\b[a-z_]+\b", line)}
    first = {
        word for line in lines if line[4] != " " for word in re.findall(r"[a-z_]+", line[4:27])
    }
    folder = Path(headwater.capture.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert modules <= named
    assert first <= modules | {"adapters"}
