"""Words that tell a reader of artifacts that are hidden: their names, parts of them, namespaces.

A word that something has which the reader may see is no secret. The words of a whole catalogue take
seconds to gather where it is large: those of the mapped base of an index are gathered once for a
reader, and what came after it is put beside them.

Trusted? Whoever controls it decides which bytes a reader with a limited scope is shown.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from threading import Lock

from headwater.graph.lineage import Lineage
from headwater.index.index import Index
from headwater.index.links import GONE
from headwater.query.principal import Principal
from headwater.refs import Artifact
from headwater.store.sections import Sections

BASES_KEPT = 4
"""Of how many readers, each on a base, the words are kept."""
_CUT = re.compile(r"[./]")

_lock = Lock()
_kept: OrderedDict[tuple[int, Principal], tuple[Sections, Words]] = OrderedDict()


class Words:
    """Of some artifacts: words of those that a reader may see, and other words of the others.

    `endings` has every ending of names, `qualified` whole names and those endings that are
    qualified; both have namespaces. The case aside.
    """

    def __init__(self, artifacts: Iterable[Artifact], principal: Principal) -> None:
        self.seen: set[str] = set()
        self.endings: set[str] = set()
        self.qualified: set[str] = set()
        sees = cache(principal.reads)
        for artifact in artifacts:
            namespace, name = artifact.namespace.casefold(), artifact.name.casefold()
            ends = [name, *ends_of(name)]
            if sees(artifact.namespace):
                self.seen.update(ends, (namespace,))
            else:
                self.endings.update(ends, (namespace,))
                self.qualified.update(ends[:2], filter(_CUT.search, ends), (namespace,))
        self.endings -= self.seen
        self.qualified -= self.seen


class Hidden:
    """Words that nothing has which the reader may see."""

    def __init__(self, parts: Sequence[Words]) -> None:
        self._parts = parts

    def ends(self, word: str) -> bool:
        """Whether the word, without case, is hidden: any ending of a name, or a namespace."""
        parts = self._parts
        return any(word in part.endings for part in parts) and not self._is_seen(word)

    def qualifies(self, word: str) -> bool:
        """The same of whole names, endings that are qualified, and namespaces."""
        parts = self._parts
        return any(word in part.qualified for part in parts) and not self._is_seen(word)

    def _is_seen(self, word: str) -> bool:
        return any(word in part.seen for part in self._parts)


def hidden(lineage: Lineage, principal: Principal) -> Hidden:
    """What is hidden of all artifacts of a graph, not only those that the reader may see."""
    later = _after_base(lineage) if isinstance(lineage, Index) else None
    if later is None or not isinstance(lineage, Index):
        return Hidden([Words(lineage.artifacts(), principal)])
    return Hidden([_of_base(lineage.sections, principal), Words(later, principal)])


def ends_of(name: str) -> Iterator[str]:
    """Give a name, and what of it may stand for it: `salaries` for `hr.salaries`."""
    name = name.strip("./:")
    if name:
        yield name
    for cut in _CUT.finditer(name):
        if cut.end() < len(name):
            yield name[cut.end() :]


def _of_base(base: Sections, principal: Principal) -> Words:
    key = id(base), principal
    with _lock:
        found = _kept.get(key)
    if found is None:
        links = Index(base).links
        kinds = links.artifact_kind
        there = (one for number, one in enumerate(links.artifacts) if kinds[number] != GONE)
        found = base, Words(there, principal)
    with _lock:
        _kept[key] = found
        _kept.move_to_end(key)
        while len(_kept) > BASES_KEPT:
            _kept.popitem(last=False)
    return found[1]


def _after_base(index: Index) -> list[Artifact] | None:
    """The artifacts that are not as in the base; None where some of the base are there no more."""
    artifacts, kinds = index.links.artifacts, index.links.artifact_kind
    changed = {*kinds.instead, *range(artifacts.base, len(artifacts))}
    gone = {number for number in changed if kinds[number] == GONE}
    if any(number < artifacts.base and kinds.base[number] != GONE for number in gone):
        return None
    return [artifacts[number] for number in changed - gone]
