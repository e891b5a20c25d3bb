"""Checking that what a store holds is what was committed, and saying where it is not.

The caller reads its tables in order and hands everything over; nothing here reads or decides what
to read. Memory does not grow with the ledger: the open subtrees, and up to `MISMATCHES_MAX` places
whose leaf and hash disagree, which are kept until it is known whether leaves were moved about.

Each difference is said once, where it is: after a node that is not the hash of its children the
check goes on with the node as stored, so that the nodes above it are judged for themselves.

    check = TreeCheck(origin, size, node=node, verifiers=[verifier])
    for row in rows:
        differences += check.entry(row.index, row.leaf, row.leaf_hash, row.parts)
    differences += check.finish()
    differences += check.head(stored_head)          # each of them, in any order
    differences += check.kept_head(head_from_outside)

Trusted? Whoever controls it can hide any change from `headwater verify`; a verifier of someone
else's, fed with the tiles and a head kept outside, cannot be fooled by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from headwater.errors import InvalidLeaf, InvalidNote, InvalidProof, NotFound
from headwater.ledger import leaf as leaves
from headwater.ledger.checkpoint import Checkpoint, parse_checkpoint
from headwater.ledger.difference import (
    CHANGED,
    CLAIMS_EDITED,
    FORKED,
    INSERTED,
    MISSING,
    RE_SIGNED,
    REORDERED,
    ROLLED_BACK,
    Difference,
    Mismatch,
    tell_apart,
)
from headwater.ledger.note import KnownKey, open_note, parse_note
from headwater.ledger.proof import root_at, subtrees
from headwater.ledger.tree import fold, leaf_hash, node_hash

__all__ = [
    "CHANGED",
    "CLAIMS_EDITED",
    "ERASED",
    "FORKED",
    "INSERTED",
    "MISMATCHES_MAX",
    "MISSING",
    "REORDERED",
    "RE_SIGNED",
    "ROLLED_BACK",
    "Difference",
    "StoredNodes",
    "StoredPart",
    "TreeCheck",
]

MISMATCHES_MAX = 10_000

StoredPart = tuple[bytes | None, bytes | None]
"""(salt, bytes) of a part as a store holds it."""
ERASED: StoredPart = (None, None)
"""A part whose bytes and salt were both destroyed, as erasure does."""

StoredNodes = Callable[[int, int], bytes | None]
"""(level, index) of a complete node → its hash as stored; None, or `NotFound`, if not there."""

_NOTHING: tuple[Difference, ...] = ()


class TreeCheck:
    """Follows the entries of a ledger, in order of index, and compares each with what is stored.

    `size` is the ledger's size as the store says it. `node` gives stored complete nodes; levels
    that are no multiple of `stored_levels` are not asked for while entries are followed (8 where
    only tiles are kept, and `node` is `tile.read_nodes`). `begin` starts at a later entry: what
    stands before is taken from `node`, so that ranges can be checked apart, or only what is new
    (the time of the entry at `begin` is then compared with no other).
    """

    def __init__(
        self,
        origin: str,
        size: int,
        *,
        node: StoredNodes,
        verifiers: Iterable[KnownKey] = (),
        stored_levels: int = 1,
        begin: int = 0,
    ) -> None:
        """Start at `begin`; `InvalidProof` if the store lacks a node that stands before it."""
        self._origin = origin
        self._size = size
        self._node = node
        self._verifiers = tuple(verifiers)
        self._stored_levels = stored_levels
        self._next = begin
        self._time = b""
        self._mismatches: dict[int, Mismatch] = {}
        self._left_out = 0
        self._held = 0
        # The open subtrees, largest first; None once a hash is nowhere to be had.
        self._open: list[bytes] | None = [self._require(*place) for place in subtrees(begin)]

    def entry(
        self,
        index: int,
        leaf: bytes,
        stored_hash: bytes | None = None,
        parts: Sequence[StoredPart] | None = None,
    ) -> tuple[Difference, ...]:
        """Take the next entry: its index, its leaf, and what stands beside them.

        `stored_hash` is the leaf's hash as the stored tree has it; None has it asked of `node`.
        `parts` are the leaf's parts in order; None leaves them unchecked. Returns the differences
        that are certain already; `finish` gives the rest.
        """
        if index < self._next:
            return (Difference(INSERTED, index, "an entry that stands out of its order"),)
        computed = leaf_hash(leaf)
        if index >= self._size:
            self._keep(index, Mismatch(computed, None))
            return _NOTHING
        found = self._skip_to(index) if index > self._next else _NOTHING
        if stored_hash is None:
            stored_hash = self._stored(0, index)
        self._next = index + 1
        if stored_hash is None and self._stored(1, index >> 1) is not None:
            # The tree was built over it: not a leaf that was put in, but a hash that was taken out.
            found += (Difference(MISSING, index, "its hash is not in the stored tree"),)
        elif stored_hash != computed:
            self._keep(index, Mismatch(computed, stored_hash))
            return found + self._follow(index, stored_hash or computed)
        found += self._follow(index, computed)
        try:
            return found + self._read(index, leaf, parts)
        except InvalidLeaf as error:
            return (*found, Difference(CHANGED, index, error.message))

    def finish(self) -> tuple[Difference, ...]:
        """Say what can be said only after the last entry: what is missing, what was moved."""
        found = [*self._skip_to(self._size)]
        found += sorted(tell_apart(self._mismatches, whole=not self._left_out), key=_by_index)
        if self._left_out:
            last = max(self._mismatches)
            detail = f"{self._left_out} further entries differ, after entry {last}"
            found.append(Difference(CHANGED, last, detail))
        self._mismatches = {}
        self._left_out = 0
        return tuple(found)

    def root(self) -> bytes | None:
        """Compute the root over all that was followed; None if a hash was nowhere to be had."""
        return None if self._open is None else fold(self._open)

    def head(self, data: bytes, *, size: int | None = None) -> tuple[Difference, ...]:
        """Check a stored head against the stored tree: signature, origin, size and root.

        `size` is the size that the store keeps beside it, if it does. The tree's own nodes must be
        checked too, with `entry`, for this to mean anything. A head that does not hold is told
        beside the largest that did before, so that heads in order of size say where it begins.
        """
        checkpoint = self._open_head(data)
        if isinstance(checkpoint, Difference):
            return (checkpoint,)
        if size is not None and checkpoint.size != size:
            detail = f"the head kept for size {size} is of size {checkpoint.size}"
            return (Difference(CHANGED, None, detail),)
        return self._compare(checkpoint)

    def kept_head(self, data: bytes) -> tuple[Difference, ...]:
        """Check the head that was kept outside the store: the only witness of a rollback."""
        return self.head(data)

    def _skip_to(self, index: int) -> tuple[Difference, ...]:
        """Note the entries before `index` that are not there."""
        found: tuple[Difference, ...] = _NOTHING
        while self._next < index:
            stored_hash = self._stored(0, self._next)
            if stored_hash is None:
                # Neither leaf nor hash: the tree cannot be followed over this, and nothing says
                # how far it goes, so that it is one difference.
                entries = "the entry" if index - self._next == 1 else f"entries up to {index - 1}"
                found += (Difference(MISSING, self._next, f"{entries}, leaf and hash"),)
                self._next, self._open = index, None
            else:
                self._keep(self._next, Mismatch(None, stored_hash))
                found += self._follow(self._next, stored_hash)
                self._next += 1
        return found

    def _stored(self, level: int, index: int) -> bytes | None:
        try:
            return self._node(level, index)
        except NotFound:
            return None

    def _require(self, level: int, index: int) -> bytes:
        hash_ = self._stored(level, index)
        if hash_ is None:
            raise InvalidProof(f"the store lacks node {index} of level {level}")
        return hash_

    def _keep(self, index: int, mismatch: Mismatch) -> None:
        if len(self._mismatches) < MISMATCHES_MAX:
            self._mismatches[index] = mismatch
        else:
            self._left_out += 1

    def _follow(self, index: int, hash_: bytes) -> tuple[Difference, ...]:
        """Add a leaf's hash to the open subtrees and compare each node that it completes."""
        found: tuple[Difference, ...] = _NOTHING
        if self._open is None:
            return found
        level = 0
        while index & 1:
            hash_ = node_hash(self._open.pop(), hash_)
            level, index = level + 1, index >> 1
            if level % self._stored_levels == 0:
                stored = self._stored(level, index)
                if stored != hash_:
                    found += (_name_node(level, index, stored),)
                    hash_ = stored or hash_
        self._open.append(hash_)
        return found

    def _read(
        self, index: int, data: bytes, parts: Sequence[StoredPart] | None
    ) -> tuple[Difference, ...]:
        """Check what the leaf says: its form, that time does not step back, its parts."""
        found: tuple[Difference, ...] = _NOTHING
        last, self._time = self._time, (time := leaves.read_time(data))
        if time < last:
            detail = f"its time {time.decode()} is before that of the one before, {last.decode()}"
            found = (Difference(REORDERED, index, detail),)
        if parts is not None:
            found += tuple(_compare_parts(index, leaves.decode(data).parts, parts))
        return found

    def _open_head(self, data: bytes) -> Checkpoint | Difference:
        known = {(key.name, key.key_id) for key in self._verifiers}
        try:
            text, signatures = parse_note(data)
            if not any((signature.name, signature.key_id) in known for signature in signatures):
                names = ", ".join(sorted({signature.name for signature in signatures}))
                return Difference(RE_SIGNED, None, f"signed by no known key, but {names}")
            open_note(data, self._verifiers)
            checkpoint = parse_checkpoint(text)
        except InvalidNote as error:
            return Difference(CHANGED, None, error.message)
        if checkpoint.origin != self._origin:
            return Difference(RE_SIGNED, None, f"a head of another ledger, {checkpoint.origin}")
        return checkpoint

    def _compare(self, checkpoint: Checkpoint) -> tuple[Difference, ...]:
        if checkpoint.size > self._size:
            detail = f"a head of {checkpoint.size} entries was signed; the ledger has {self._size}"
            return (Difference(ROLLED_BACK, None, detail),)
        try:
            root = root_at(checkpoint.size, self._require)
        except InvalidProof as error:
            detail = f"the head of size {checkpoint.size} cannot be checked: {error.message}"
            return (Difference(MISSING, None, detail),)
        if root != checkpoint.root:
            detail = f"the first {checkpoint.size} entries are not those of the signed head"
            if 0 < self._held < checkpoint.size:
                detail += f"; the first {self._held} are those of an earlier one"
            return (Difference(FORKED, None, detail),)
        self._held = max(self._held, checkpoint.size)
        return _NOTHING


def _compare_parts(
    index: int, commitments: Sequence[bytes], parts: Sequence[StoredPart]
) -> Iterator[Difference]:
    for place, (commitment, (salt, data)) in enumerate(zip(commitments, parts, strict=False)):
        if (salt, data) == ERASED:
            continue
        if salt is None or data is None:
            gone = "salt" if salt is None else "bytes"
            yield Difference(MISSING, index, f"part {place} lacks its {gone} and is not erased")
        elif len(salt) != leaves.SALT_BYTES or leaves.commit(salt, data) != commitment:
            yield Difference(CHANGED, index, f"part {place} is not what the leaf commits to")
    if len(parts) != len(commitments):
        kind = MISSING if len(parts) < len(commitments) else INSERTED
        detail = f"{len(parts)} parts are stored and the leaf commits to {len(commitments)}"
        yield Difference(kind, index, detail)


def _name_node(level: int, index: int, stored: bytes | None) -> Difference:
    first = index << level
    over = f"node {index} of level {level}, over entries {first} to {(first + (1 << level)) - 1},"
    if stored is None:
        return Difference(MISSING, first, f"{over} is not there")
    return Difference(CHANGED, first, f"{over} is not the hash of its children")


def _by_index(difference: Difference) -> tuple[int, str]:
    return (-1 if difference.index is None else difference.index, difference.kind)
