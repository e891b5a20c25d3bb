"""The page on assistants says what the tools do."""

from __future__ import annotations

import re
from pathlib import Path

from headwater.mcp import arguments, bounds, tools, walks

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "ask-from-an-assistant.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_tool_is_said_with_its_arguments() -> None:
    """One row a tool, in the order in which agents see them; `the same` is of the row above."""
    said: dict[str, set[str]] = {}
    for name, cell in re.findall(r"^\| `(\w+)` \| ([^|]+) \|", TEXT, re.MULTILINE):
        same = cell.strip() == "the same"
        said[name] = list(said.values())[-1] if same else set(re.findall(r"`(\w+)`", cell))
    assert list(said) == [tool.name for tool in tools.TOOLS]
    assert said == {
        tool.name: set(arguments.schema(tool.arguments)["properties"]) for tool in tools.TOOLS
    }


def test_every_limit_is_said_with_its_value() -> None:
    """Bytes, texts, objects, lists, counts and arguments."""
    for limit in (
        f"{bounds.ANSWER_BYTES_MAX:,} bytes",
        f"{bounds.TEXT_CHARS_MAX:,} characters",
        f"{bounds.MEMBERS_MAX} members",
        f"{arguments.NODES_DEFAULT} nodes",
        f"{arguments.ITEMS_DEFAULT} items",
        f"at most {arguments.ITEMS_MAX})",
        f"{walks.COUNTED_NODES_MAX:,} nodes",
        f"{arguments.TEXT_CHARS_MAX:,}",
    ):
        assert limit in " ".join(TEXT.split()), limit
    assert arguments.ITEMS_MAX == arguments.NODES_MAX
    assert walks.LISTED_MAX == 10
