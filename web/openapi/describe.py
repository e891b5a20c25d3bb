"""Write what the service says of itself to `openapi.json`, from which the types are generated."""

from __future__ import annotations

import json
from pathlib import Path

from headwater.service.app import handlers
from headwater.service.description import describe

DESCRIPTION = Path(__file__).with_name("openapi.json")


def written() -> str:
    """The description as it is kept: sorted, so that a change shows as a change."""
    return json.dumps(describe(handlers()), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DESCRIPTION.write_text(written(), "utf-8")
