"""Inclusion and consistency proofs."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from headwater.errors import InvalidProof
from headwater.ledger import proof, tree
from tests.ledger import naive

SIZES = st.integers(1, 40)


def cases(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The published cases below a folder."""
    for path in sorted(folder.rglob("*.json")):
        yield str(path.relative_to(folder)), json.loads(path.read_bytes())


def hashes(encoded: list[str] | None) -> list[bytes]:
    """The path of a published case."""
    return [b64decode(hash_) for hash_ in encoded or []]


def refuses_inclusion(case: dict[str, Any]) -> bool:
    """Whether our checker refuses a published inclusion case."""
    leaf_hash, root = b64decode(case["leafHash"]), b64decode(case["root"])
    try:
        proof.verify_inclusion(
            leaf_hash, case["leafIdx"], case["treeSize"], hashes(case["proof"]), root
        )
    except InvalidProof:
        return True
    return False


def refuses_consistency(case: dict[str, Any]) -> bool:
    """Whether our checker refuses a published consistency case."""
    old_root, new_root = b64decode(case["root1"]), b64decode(case["root2"])
    try:
        proof.verify_consistency(
            case["size1"], old_root, case["size2"], new_root, hashes(case["proof"])
        )
    except InvalidProof:
        return True
    return False


def test_published_inclusion_proofs_hold_or_fail_as_published(shared: Path) -> None:
    """Each of the 98 published inclusion cases is taken or refused as it says."""
    published = dict(cases(shared / "vectors" / "merkle" / "inclusion"))

    refused = {name for name, case in published.items() if refuses_inclusion(case)}

    assert len(published) == 98
    assert refused == {name for name, case in published.items() if case["wantErr"]}


def test_published_consistency_proofs_hold_or_fail_as_published(shared: Path) -> None:
    """Each of the 98 published consistency cases is taken or refused as it says."""
    published = dict(cases(shared / "vectors" / "merkle" / "consistency"))

    refused = {name for name, case in published.items() if refuses_consistency(case)}

    assert len(published) == 98
    assert refused == {name for name, case in published.items() if case["wantErr"]}


@given(st.data(), SIZES)
@settings(max_examples=50, deadline=None)
def test_inclusion_paths_are_those_of_the_definition(data: st.DataObject, size: int) -> None:
    """A path is PATH(m, D[n]), made from complete nodes alone, and it is accepted."""
    index = data.draw(st.integers(0, size - 1))
    leaves = naive.leaves(size)

    path = proof.inclusion_path(index, size, naive.reader(leaves))

    assert path == naive.path(index, leaves)
    proof.verify_inclusion(tree.leaf_hash(leaves[index]), index, size, path, naive.mth(leaves))


@given(st.data(), SIZES)
@settings(max_examples=50, deadline=None)
def test_consistency_paths_are_those_of_the_definition(data: st.DataObject, size: int) -> None:
    """A path is PROOF(m, D[n]), made from complete nodes alone, and it is accepted."""
    old = data.draw(st.integers(1, size))
    leaves = naive.leaves(size)

    path = proof.consistency_path(old, size, naive.reader(leaves))

    assert path == naive.proof(old, leaves)
    proof.verify_consistency(old, naive.mth(leaves[:old]), size, naive.mth(leaves), path)


@given(st.integers(0, 40), st.integers(0, 20))
@settings(max_examples=50, deadline=None)
def test_the_root_of_any_past_size_is_known(size: int, more: int) -> None:
    """Complete nodes of a larger tree give the root of a smaller one."""
    leaves = naive.leaves(size + more)

    assert proof.root_at(size, naive.reader(leaves)) == naive.mth(leaves[:size])


def mutate(data: st.DataObject, path: list[bytes]) -> list[bytes]:
    """The path with one hash changed, dropped, doubled, added, or two of them swapped."""
    changed = list(path)
    place = data.draw(st.integers(0, len(path)), label="place")
    kind = data.draw(st.sampled_from(["flip", "drop", "add", "swap", "cut"]), label="kind")
    if kind == "add":
        changed.insert(place, data.draw(st.binary(min_size=32, max_size=32)))
        return changed
    assume(place < len(path))
    if kind == "flip":
        bit = data.draw(st.integers(0, 255), label="bit")
        hash_ = int.from_bytes(path[place], "big") ^ 1 << bit
        changed[place] = hash_.to_bytes(32, "big")
    elif kind == "drop":
        del changed[place]
    elif kind == "cut":
        changed[place] = changed[place][:31]
    else:
        changed[place], changed[0] = changed[0], changed[place]
        assume(changed != path)
    return changed


@given(st.data(), SIZES)
@settings(max_examples=100, deadline=None)
def test_a_changed_inclusion_path_is_refused(data: st.DataObject, size: int) -> None:
    """No change to a path leaves it valid."""
    index = data.draw(st.integers(0, size - 1))
    leaves = naive.leaves(size)
    path = mutate(data, naive.path(index, leaves))

    with pytest.raises(InvalidProof):
        proof.verify_inclusion(tree.leaf_hash(leaves[index]), index, size, path, naive.mth(leaves))


@given(st.data(), SIZES)
@settings(max_examples=100, deadline=None)
def test_a_changed_consistency_path_is_refused(data: st.DataObject, size: int) -> None:
    """No change to a path leaves it valid."""
    old = data.draw(st.integers(1, size))
    leaves = naive.leaves(size)
    path = mutate(data, naive.proof(old, leaves))
    old_root, new_root = naive.mth(leaves[:old]), naive.mth(leaves)

    with pytest.raises(InvalidProof):
        proof.verify_consistency(old, old_root, size, new_root, path)


@given(st.data(), SIZES)
@settings(max_examples=100, deadline=None)
def test_a_path_proves_nothing_about_another_leaf(data: st.DataObject, size: int) -> None:
    """A path holds at its own index only."""
    index, other = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    assume(index != other)
    leaves = naive.leaves(size)
    path = naive.path(index, leaves)

    with pytest.raises(InvalidProof):
        proof.verify_inclusion(tree.leaf_hash(leaves[index]), other, size, path, naive.mth(leaves))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (4, 3)])
def test_a_leaf_beyond_the_tree_cannot_be_proven(index: int, size: int) -> None:
    """Neither making nor checking a proof takes an index outside the tree."""
    with pytest.raises(InvalidProof, match="has no leaf"):
        proof.inclusion_path(index, size, naive.reader(naive.leaves(3)))
    with pytest.raises(InvalidProof, match="has no leaf"):
        proof.verify_inclusion(bytes(32), index, size, [], bytes(32))


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 3), (-1, 3), (3, 2)])
def test_consistency_from_nothing_or_backwards_is_an_error(old: int, new: int) -> None:
    """A proof from size 0, or to a smaller size, is neither made nor accepted."""
    with pytest.raises(InvalidProof, match="no proof of consistency"):
        proof.consistency_path(old, new, naive.reader(naive.leaves(3)))
    with pytest.raises(InvalidProof, match="no proof of consistency"):
        proof.verify_consistency(old, tree.EMPTY_ROOT, new, tree.EMPTY_ROOT, [])


def test_a_tree_has_no_negative_size() -> None:
    """Asking for the root at a negative size is an error."""
    with pytest.raises(InvalidProof, match="cannot have -1"):
        proof.root_at(-1, naive.reader([]))
