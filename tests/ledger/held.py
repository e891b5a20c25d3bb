"""A store of the simplest kind, to check and to tamper with."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.ledger import leaf, proof, tree
from headwater.ledger.checkpoint import Checkpoint, sign_checkpoint
from headwater.ledger.leaf import Leaf
from headwater.ledger.note import Signer
from headwater.ledger.verify import Difference, StoredPart, TreeCheck

ORIGIN = "headwater.local/00"
SIGNER = Signer.generate(ORIGIN, bytes(range(32)))
SIZE = 21


class Held:
    """What a store holds, open to any change."""

    def __init__(self, size: int = SIZE) -> None:
        self.size = size
        self.leaves: dict[int, bytes] = {}
        self.parts: dict[int, list[StoredPart]] = {}
        self.nodes: dict[tuple[int, int], bytes] = {}
        frontier = tree.Frontier()
        for index in range(size):
            self.write(index)
            for level, place, hash_ in frontier.append(tree.leaf_hash(self.leaves[index])):
                self.nodes[level, place] = hash_

    def write(self, index: int, *, at: int | None = None, body: bytes = b"body") -> None:
        """Put a leaf with two parts at this index."""
        salt = index.to_bytes(leaf.SALT_BYTES, "big")
        parts: list[StoredPart] = [(salt, body), (salt, b"more")]
        commitments = tuple(leaf.commit(salt, data) for data in (body, b"more"))
        when = index * 1_000_000 if at is None else at
        self.leaves[index] = leaf.encode(Leaf(when, "A" * 22, "test", commitments))
        self.parts[index] = parts

    def rebuild(self) -> None:
        """Make all nodes anew from the leaves, as a forger would."""
        frontier = tree.Frontier()
        for index in range(self.size):
            for level, place, hash_ in frontier.append(tree.leaf_hash(self.leaves[index])):
                self.nodes[level, place] = hash_

    def head(self, size: int = SIZE, *, signer: Signer = SIGNER, origin: str = ORIGIN) -> bytes:
        """Sign the head of this size."""
        root = proof.root_at(size, lambda *place: self.nodes[place])
        return sign_checkpoint(Checkpoint(origin, size, root), signer)

    def check(self, begin: int = 0) -> TreeCheck:
        """Start checking."""
        verifiers = [SIGNER.verifier]
        return TreeCheck(
            ORIGIN, self.size, node=lambda *at: self.nodes.get(at), verifiers=verifiers, begin=begin
        )

    def differences(self, begin: int = 0) -> list[Difference]:
        """Check every entry, leaves with the hash as the tree has it."""
        return list(self.run(self.check(begin), begin))

    def run(self, check: TreeCheck, begin: int = 0) -> Iterator[Difference]:
        """Feed a check with every entry from `begin` on."""
        for index in sorted(self.leaves):
            if index >= begin:
                yield from check.entry(
                    index, self.leaves[index], self.nodes.get((0, index)), self.parts.get(index)
                )
        yield from check.finish()


def named(differences: list[Difference]) -> list[tuple[str, int | None]]:
    """Kinds and indexes."""
    return [(difference.kind, difference.index) for difference in differences]
