"""What a reader must not learn from bytes that are shown as they came.

Answers are made of what a reader may see. An event's own bytes may name more: other inputs, a
table in the text of a query. Every dataset that the bytes name by namespace and name has to be one
that the reader may see; and no text in them may be, or hold as a word, the name of one in the
ledger that is hidden. Where several things have a name and one of them may be seen, the name is no
secret.

Trusted? Whoever controls it decides which bytes a reader with a limited scope is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from headwater.claims.model import Claim, Defined, Described, Labelled, Mentioned
from headwater.errors import InvalidReference
from headwater.graph.lineage import Lineage
from headwater.query.principal import Principal
from headwater.refs import Artifact, Column, Version, parse

_WORD = re.compile(r"[^\s\"'`,;()\[\]{}<>=|]+")
_CUT = re.compile(r"[./]")
_REFERENCE = re.compile(r"(?:artifact|version|column):")


class Secrecy:
    """What one reader may be shown of the bytes of entries."""

    def __init__(self, lineage: Lineage, principal: Principal) -> None:
        self._lineage = lineage
        self._sees = principal.sees
        self._everything = principal.sees_everything
        self._known: frozenset[str] | None = None

    def hides(self, body: bytes, claims: Iterable[Claim] = ()) -> bool:
        """Whether these bytes of an entry with these claims name what the reader may not see."""
        if self._everything:
            return False
        if not all(self._sees(artifact) for claim in claims for artifact in _about(claim)):
            return True
        try:
            return self.hides_value(json.loads(body))
        except (ValueError, RecursionError):
            return True

    def hides_value(self, value: Any) -> bool:
        """The same of a JSON value that was read."""
        if self._everything:
            return False
        return not all(map(self._sees, _named(value))) or any(map(self._tells, _texts(value)))

    def _tells(self, text: str) -> bool:
        if _REFERENCE.match(text) and not all(map(self._sees, _referred(text))):
            return True
        hidden = self._hidden()
        folded = text.casefold()
        return folded in hidden or any(
            end in hidden for word in _WORD.findall(folded) for end in _ends(word)
        )

    def _hidden(self) -> frozenset[str]:
        """Names, their endings, and namespaces that nothing which the reader may see has."""
        if self._known is None:
            seen: set[str] = set()
            hidden: set[str] = set()
            for artifact in self._lineage.artifacts():
                into = seen if self._sees(artifact) else hidden
                into.update(_ends(artifact.name.casefold()), (artifact.namespace.casefold(),))
            self._known = frozenset(hidden - seen)
        return self._known


def _ends(name: str) -> Iterator[str]:
    """Give a name, and what of it may stand for it: `salaries` for `hr.salaries`."""
    name = name.strip("./:")
    if name:
        yield name
    for cut in _CUT.finditer(name):
        if cut.end() < len(name):
            yield name[cut.end() :]


def _about(claim: Claim) -> Iterator[Artifact]:
    match claim:
        case Mentioned() | Described():
            yield claim.artifact
        case Defined():
            yield from claim.inputs or ()
            yield from claim.outputs or ()
        case Labelled():
            yield from _referred(claim.subject)
        case _:
            pass


def _referred(text: str) -> Iterator[Artifact]:
    try:
        reference = parse(text)
    except InvalidReference:
        return
    if isinstance(reference, Column):
        reference = reference.version
    if isinstance(reference, Version):
        reference = reference.artifact
    if isinstance(reference, Artifact):
        yield reference


def _named(value: Any, *, job: bool = False) -> Iterator[Artifact]:
    """Every dataset that a JSON value names by namespace and name, wherever; jobs are none."""
    if isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, dict):
        namespace, name = value.get("namespace"), value.get("name")
        if (
            isinstance(namespace, str)
            and isinstance(name, str)
            and not job
            and value.get("type") != "JOB"
        ):
            yield Artifact(namespace, name)
        for key, item in value.items():
            yield from _named(item, job=key == "job")


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, the names of members among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
