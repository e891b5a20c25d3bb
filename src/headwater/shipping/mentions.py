"""A dataset in a run: what is said of it there, and where its content came from."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, Final

from headwater.shipping import passing
from headwater.shipping.executed import together
from headwater.shipping.told import Written

_CONTENT: Final[tuple[str, ...]] = ("inputs", "columns", "shaped_by")
"""What is said of where the content of an output came from."""


class Mention:
    """A dataset in one role: what was said of it, when first and when last."""

    def __init__(self, at: int, *, own: bool) -> None:
        self.first = at
        self.last = at
        self.own = own
        self.said: dict[str, Any] = {}
        self.digest: dict[str, Any] | None = None
        self.stated = False
        """Whether it was said how it was at some time, before the run's end."""
        self.handed_over = 0
        """When it was last written before another process may have read it; of a table."""
        self._content: dict[str, Any] | None = None
        """What is known of where its content came from; None where nothing was put in yet."""
        self._opened = False
        """Whether it was opened to be written, and nobody said since what was put in."""
        self.anew = False
        """Whether the run began it anew, so that nothing of what was there before is in it."""
        self.adds = False
        """Whether it was said last what was put into a file that the program has open.

        Where a program was killed, nobody saw what else it put there.
        """
        self.told: Set[str] = frozenset()
        """Names of the facets by which it was told while its run went on what it came from."""
        self.statements: set[int] = set()

    def say(self, said: dict[str, Any], at: int) -> None:
        """Add what was said: the newer counts, member by member of facets too.

        A write that was said outright is none that may still be moved or removed.
        """
        draft = said.get("draft") and (not self.said or self.said.get("draft"))
        facets = dict(self.said.get("facets") or {})
        for name, body in (said.get("facets") or {}).items():
            facets[name] = {**facets.get(name, {}), **body}
        self.last = at
        self.said.update(said, facets=facets, draft=draft)

    def put(self, said: dict[str, Any], at: int) -> None:
        """Add what was said of a write, which puts something in the place of what was there.

        Or adds to it: by `mode`, or (`adds`: `content`) into a file that the program has open. A
        file that is opened (`opened`: `new` or `more`) gets what nobody knows, unless it is said
        then. What is told of it besides (`adds`: `facts`) leaves the rest as it is, and so does a
        draft where the program said something outright.
        """
        adds, opened = said.get("adds"), said.get("opened")
        said = {name: value for name, value in said.items() if name not in ("adds", "opened")}
        outright = self.said and not self.said.get("draft") and not self.statements
        if adds == "facts" or (said.get("draft") and outright):
            content = {name: said[name] for name in _CONTENT if name in said}
            if content and not said.get("draft"):
                self._content, self._opened = content, False
            self.say(said, at)
            return
        content = {name: said.pop(name) for name in _CONTENT if name in said}
        before = self._content
        if opened is not None:
            self._content, content = (None if opened == "new" else before), {}
        elif adds == "content" or said.get("mode") == "append":
            if self._opened and adds != "content":
                before = {}
            content = content if before is None else together(before, content)
            self._content = content
        else:
            self._content = content
        self.adds = adds == "content"
        begins = opened == "new" or not (adds or opened or said.get("mode") == "append")
        self.anew, self._opened = self.anew or begins, opened is not None
        if begins:
            self.said = {name: self.said[name] for name in ("draft",) if name in self.said}
        elif self.anew:
            said.pop("mode", None)
        for name in _CONTENT:
            self.said.pop(name, None)
        self.say(said | content, at)

    def write(self, written: Written, *, keep: bool) -> None:
        """Add what a statement did; what was there is left out where it is gone (not `keep`)."""
        said, before = written.said, self.said
        if before:
            said = passing.rewritten(said, written.key, before, anew=self.anew)
        self.anew = self.anew or written.anew
        if not before or (written.anew and not keep):
            self.said = dict(said)
        else:
            self.said = together(before, said)
        self._content = {name: self.said[name] for name in _CONTENT if name in self.said}
        self._opened = False
        self.last = max(self.last, written.at)
        self.statements.add(written.statement)
