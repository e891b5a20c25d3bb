"""The entries of a store, one by one: leaves and tree, parts, receipts, and claims made again.

Entries are read in chunks, so memory does not grow with the ledger and no snapshot lasts. Where a
page cannot be read the chunk is read row by row, so that what can be said is said.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from headwater.errors import InvalidLeaf, NotFound
from headwater.ledger import leaf, note
from headwater.ledger.verify import CHANGED, CLAIMS_EDITED, INSERTED, MISSING, TreeCheck
from headwater.store import marking
from headwater.store.inspecting import Frame
from headwater.store.projecting import Progress, claims_of
from headwater.store.report import UNREADABLE, Findings
from headwater.store.rows import ask_receipts
from headwater.store.writing import MINUTE_US

CHUNK_ENTRIES = 1_024

Row = tuple[Any, ...]
"""A row as it stands: its cells can be of any type where somebody wrote into the file."""


class Comparison:
    """One pass over the entries from `begin` to the end of the ledger."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        frame: Frame,
        findings: Findings,
        *,
        begin: int = 0,
        contents: Callable[[int], bool],
        tree_only: bool = False,
    ) -> None:
        """Prepare; `contents` says of which entries parts, receipts and claims are checked."""
        self._connection = connection
        self._frame = frame
        self._findings = findings
        self._begin = begin
        self._contents = contents
        self._tree_only = tree_only
        self._nodes: dict[tuple[int, int], Any] = {}
        self._minute: int | None = None
        self._minute_ends: set[int] = set()
        self.verifiers = [note.Verifier.decode(frame.identity.key)]
        self.check = TreeCheck(
            frame.identity.origin,
            frame.state.size,
            node=self._node,
            verifiers=self.verifiers,
            begin=begin,
        )

    def run(self, progress: Progress | None = None) -> None:
        """Follow every entry, then say what is missing and whether the root is the ledger's."""
        size = self._frame.state.size
        for first in range(self._begin, size, CHUNK_ENTRIES):
            end = min(first + CHUNK_ENTRIES, size)
            self._load_nodes(first, end)
            if self._tree_only:
                self._follow_chunk(first, end)
            else:
                self._compare_chunk(first, end)
            if progress is not None:
                progress(end, size)
        for index, *cells in self._frame.spare:
            if all(isinstance(cell, bytes) for cell in cells):
                self._findings.take(self.check.entry(index, *cells))
        self._findings.take(self.check.finish())
        root = self._frame.state.root
        if root and self.check.root() != root:
            self._findings.add(CHANGED, "ledger", "its root is not the root over the entries")

    def report_to(self, findings: Findings) -> None:
        """Add what is found from here on to another report in the making."""
        self._findings = findings

    def compare_heads(self) -> None:
        """Check every stored head, and that each minute of admission has kept its last one."""
        sizes = set()
        for size, signed in self._frame.heads:
            self._findings.take(self.check.head(signed, size=size))
            self._findings.count("heads")
            sizes.add(size)
        if self._tree_only:
            return
        expected = {size for size in self._minute_ends if size > self._begin} | {0}
        expected |= self._frame.answered
        for size in sorted(expected - sizes):
            self._findings.add(MISSING, "head", f"the signed head of size {size} is gone")
        # The last one may be behind, while its writer is between the steps of a commit.
        spare = sizes - expected - {max(sizes, default=0)}
        for size in sorted(size for size in spare if size > self._begin):
            self._findings.add(INSERTED, "head", f"one of size {size}, which nothing asked to keep")

    def _follow_chunk(self, first: int, end: int) -> None:
        """Follow leaves and hashes alone."""
        found = self._select("SELECT entry, leaf, hash FROM entries", first, end)
        for index, data, stored_hash in found:
            if self._require_bytes(index, data, stored_hash):
                self._findings.take(self.check.entry(index, data, stored_hash))
        self._findings.count("leaves", len(found))

    def _compare_chunk(self, first: int, end: int) -> None:
        found = self._select("SELECT entry, leaf, hash FROM entries", first, end)
        wanted = [row[0] for row in found if self._contents(row[0])]
        parts = self._grouped("SELECT entry, number, salt, body, key FROM parts", wanted)
        claims = self._grouped("SELECT entry, total, body FROM claims", wanted)
        chosen = set(wanted)
        sound: list[tuple[int, bytes]] = []
        for index, data, stored_hash in found:
            if not self._require_bytes(index, data, stored_hash):
                continue
            stored = parts[index] if index in chosen else None
            try:
                body = self._compare_entry(index, data, stored_hash, stored, claims[index])
            except (TypeError, ValueError, AttributeError) as error:
                # A cell of another type than its column's: only bytes written past SQLite do that.
                self._findings.add(UNREADABLE, "entry", str(error), index=index)
                continue
            if body is not None:
                sound.append((index, body))
        self._findings.count("leaves", len(found))
        self._compare_receipts(sound)

    def _compare_entry(
        self,
        index: int,
        data: bytes,
        stored_hash: bytes,
        parts: list[Row] | None,
        claims: list[Row],
    ) -> bytes | None:
        """Compare one entry with all that stands beside it; return its bytes if they are sound."""
        stored = None if parts is None else [(salt, body) for _, salt, body, _ in parts]
        wrong = self._findings.take(self.check.entry(index, data, stored_hash, stored))
        stated = self._note_minute(index, data)
        if parts is None or stated is None:
            return None
        body = self._compare_parts(index, stated.kind, parts)
        if wrong or body is None:
            return None
        self._compare_claims(index, stated, body, claims)
        return body

    def _require_bytes(self, index: int, data: object, stored_hash: object) -> bool:
        if isinstance(data, bytes) and isinstance(stored_hash, bytes):
            return True
        self._findings.add(UNREADABLE, "entry", "leaf or hash are no bytes", index=index)
        return False

    def _note_minute(self, index: int, data: bytes) -> leaf.Leaf | None:
        try:
            stated = leaf.decode(data)
        except InvalidLeaf:
            return None  # the check of the tree has said so
        minute = stated.at // MINUTE_US
        if self._minute is not None and minute != self._minute:
            self._minute_ends.add(index)
        self._minute = minute
        if self._frame.sealed and stated.by not in self._frame.actors:
            self._findings.add(MISSING, "actors", f"{stated.by}, who made entry {index}")
        return stated

    def _compare_parts(self, index: int, kind: str, stored: list[Row]) -> bytes | None:
        """Check what the tree cannot: numbers, and that nothing is gone without a record of it."""
        if [part[0] for part in stored] != list(range(len(stored))):
            self._findings.add(CHANGED, "entry", "its parts are numbered otherwise", index=index)
        self._findings.count("parts", len(stored))
        for number, salt, body, key in stored:
            if key is not None:
                detail = f"part {number} names a key, and parts are not sealed by keys"
                self._findings.add(CHANGED, "entry", detail, index=index)
            if salt is None and body is None:
                detail = f"part {number} of a {kind} is gone, and no entry says that it was erased"
                self._findings.add(MISSING, "entry", detail, index=index)
        return stored[0][2] if stored else None

    def _compare_claims(
        self, index: int, stated: leaf.Leaf, body: bytes, stored: list[Row]
    ) -> None:
        """Make the entry's claims again and compare."""
        try:
            made = claims_of(index, stated.kind, body, at=stated.at)
        except Exception as error:  # noqa: BLE001, RUF100 (whatever a newer projection stumbles over)
            self._findings.add(UNREADABLE, "entry", f"no claims from it: {error}", index=index)
            return
        self._findings.count("claims", made.total)
        if stored != ([made] if made.total else []):
            total = stored[0][0] if stored else 0
            detail = f"the {total} claims that are stored of a {stated.kind} are not the "
            detail += f"{made.total} that its bytes make"
            self._findings.add(CLAIMS_EDITED, "entry", detail, index=index)

    def _compare_receipts(self, entries: list[tuple[int, bytes]]) -> None:
        if not self._frame.sealed or not entries:
            return
        secret = self._frame.identity.secret
        marks = {marking.mark(secret, body): index for index, body in entries}
        rows = self._rows(*ask_receipts(tuple(marks)), "receipts")
        found: dict[Any, Any] = {(second, mac): index for second, mac, index in rows}
        for mark, index in marks.items():
            self._findings.count("receipts")
            if found.get(mark) != index:
                kind = MISSING if mark not in found else CHANGED
                self._findings.add(kind, "entry", "the mark that finds its repeats", index=index)

    def _load_nodes(self, first: int, end: int) -> None:
        """Fetch the nodes that these entries complete, with one statement a level."""
        self._nodes.clear()
        query = "SELECT place, hash FROM nodes WHERE level = ? AND place >= ? AND place < ?"
        for level in range(1, end.bit_length()):
            bounds = (level, first >> level, end >> level)
            for place, hash_ in self._rows(query, bounds, f"nodes of level {level}"):
                self._nodes[level, place] = hash_

    def _node(self, level: int, place: int) -> bytes:
        known = self._nodes.get((level, place))
        if isinstance(known, bytes):
            return known
        key: tuple[int, ...]
        if level == 0:
            query, key = "SELECT hash FROM entries WHERE entry = ?", (place,)
        else:
            query, key = "SELECT hash FROM nodes WHERE level = ? AND place = ?", (level, place)
        found = self._rows(query, key, f"node {place} of level {level}")
        if not found or not isinstance(found[0][0], bytes):
            raise NotFound(f"there is no node {place} at level {level}")
        return found[0][0]

    def _grouped(self, query: str, indexes: list[int]) -> defaultdict[int, list[Row]]:
        """Rows of these entries, by entry and in order, each without its entry."""
        groups: defaultdict[int, list[Row]] = defaultdict(list)
        for first, end in _ranges(indexes):
            for index, *cells in self._select(query, first, end, then=query.split()[2].strip(",")):
                groups[index].append(tuple(cells))
        return groups

    def _select(self, query: str, first: int, end: int, *, then: str = "") -> list[Row]:
        """Rows of the entries from `first` to `end`, in order; what cannot be read is noted."""
        tail = f" WHERE entry >= ? AND entry < ? ORDER BY entry{', ' + then if then else ''}"
        try:
            return self._connection.execute(query + tail, (first, end)).fetchall()
        except (sqlite3.DatabaseError, OverflowError, UnicodeDecodeError) as error:
            if end - first <= 1:
                table = query.split()[-1]
                detail = f"its row in {table} cannot be read: {error}"
                self._findings.add(UNREADABLE, "entry", detail, index=first)
                return []
        middle = (first + end) // 2
        return [
            *self._select(query, first, middle, then=then),
            *self._select(query, middle, end, then=then),
        ]

    def _rows(self, query: str, key: tuple[object, ...], what: str) -> list[Row]:
        try:
            return self._connection.execute(query, key).fetchall()
        except sqlite3.DatabaseError as error:
            self._findings.add(UNREADABLE, what, str(error))
            return []


def _ranges(indexes: list[int]) -> Iterator[tuple[int, int]]:
    """Cut sorted indexes into runs: (first, end)."""
    first = end = -1
    for index in indexes:
        if index != end:
            if end > first:
                yield first, end
            first = index
        end = index + 1
    if end > first >= 0:
        yield first, end
