"""Texts of programs, made at random by a grammar.

A rule is a list of templates; `<name>` in one stands for a text that the rule of that name makes,
and the same word twice in one template (`<name>`, `<name.b>`) for the same text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Choose = Callable[[Sequence[Any]], Any]
"""Takes one of several."""

_SYMBOL: Final = re.compile(r"<(\w+)(?:\.\w+)?>")


class Grammar:
    """Makes texts. `given` makes those for which there is no rule: names of what is there now."""

    def __init__(
        self, rules: Mapping[str, Sequence[str]], given: Callable[[str], str], choose: Choose
    ) -> None:
        self._rules = rules
        self._given = given
        self._choose = choose

    def make(self, name: str, depth: int) -> str:
        """Make a text; at depth 0 of the first template, which is the simplest one."""
        templates = self._rules.get(name)
        if templates is None:
            return self._given(name)
        template = self._choose(templates) if depth > 0 else templates[0]
        made: dict[str, str] = {}

        def put(symbol: re.Match[str]) -> str:
            if symbol[0] not in made:
                made[symbol[0]] = self.make(symbol[1], depth - 1)
            return made[symbol[0]]

        return _SYMBOL.sub(put, str(template))
