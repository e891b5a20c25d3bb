"""What a loop does again and again: one by one for the first hundred times, then it is counted.

Alike are operations of one kind on one dataset, with the same said of it, at one line of the
program. Datasets are never left out: each is recorded when it is first read or written.
"""

from __future__ import annotations

import os
import sys

from headwater.capture.stack import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, TypeAlias


REPEATS_MAX: Final = 100
"""Times that an operation is recorded; from then on it is counted."""
REPEATED_MAX: Final = 10_000
"""Operations that are counted apart from others; of further ones every time is recorded."""
TOLD_MAX: Final = 1_000
"""Counted operations that are told of, those that were repeated most."""

_OURS_AT_LEAST: Final = 4
"""Frames up to who called what has something recorded: none before that is a program's."""

Operation: TypeAlias = "tuple[str, str, str, str, int]"
"""What was done, namespace and name of the dataset (or nothing, and names), file and line."""


class Repeats:
    """How often each operation of one run was done."""

    def __init__(self) -> None:
        self._times: dict[Operation, int] = {}

    def count(self, what: str, namespace: str, name: str) -> bool:
        """Count an operation at the line where the program is; whether it is only to be counted."""
        key = (what, namespace, name, *line(sys._getframe(_OURS_AT_LEAST)))
        times = self._times.get(key, 0) + 1
        if times == 1 and len(self._times) >= REPEATED_MAX:
            return False
        self._times[key] = times
        return times > REPEATS_MAX

    def told(self) -> list[dict[str, Any]]:
        """Tell of the operations that were counted, the most frequent first."""
        counted = [(n, key) for key, n in self._times.items() if n > REPEATS_MAX]
        counted.sort(key=lambda one: (-one[0], one[1]))
        return [
            {
                "operation": what,
                **({"namespace": namespace} if namespace else {}),
                "name": name,
                "line": f"{_shown(file)}:{number}",
                "count": times,
            }
            for times, (what, namespace, name, file, number) in counted[:TOLD_MAX]
        ]


def _shown(file: str) -> str:
    inside = os.path.join(os.getcwd(), "")
    return file.removeprefix(inside)
