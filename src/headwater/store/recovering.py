"""What is asked of a store before anything is written to it, and what is then put right.

The head that was kept outside is compared with the store: a store ahead of it lost its process
between two steps of a commit, and goes on; a store behind it, or with another root at its size, was
rolled back or forked, and nothing more is written to it.
"""

from __future__ import annotations

from typing import NamedTuple

from headwater.errors import (
    InvalidNote,
    LedgerConflict,
    NotFound,
    ProofError,
    StoreError,
    StoreReadOnly,
)
from headwater.ledger import note, proof
from headwater.ledger.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from headwater.ledger.note import Signer
from headwater.store import outside
from headwater.store.reading import Store


class Kept(NamedTuple):
    """What is kept outside: the last head, and as it was signed."""

    head: Checkpoint
    note: bytes


def load_signer(store: Store) -> Signer:
    """Load the signing key of this store; `StoreReadOnly` when it is not where it should be."""
    path = outside.key_path(store.origin)
    data = outside.load_key(store.origin)
    if data is None:
        raise StoreReadOnly(
            f"the signing key of {store.location} is not at {path}: it opens for reading only",
            remedy="put the key back from the machine that made the store, or name it by "
            "HEADWATER_KEY; a copy is meant to be read, not written",
        )
    try:
        signer = Signer.decode(data.decode().strip())
    except (InvalidNote, UnicodeDecodeError):
        signer = None
    if signer is None or signer.verifier.encode() != store.verifier:
        raise StoreReadOnly(
            f"{path} is not the key that signs {store.location} ({store.verifier})",
            remedy="name the right one by HEADWATER_KEY; headwater verify says whether the store "
            "was signed again by somebody else",
        )
    return signer


def load_kept(store: Store) -> Kept | None:
    """Read the head that was kept outside; None when none was.

    Raises `LedgerConflict` when what is kept there is no head of this store.
    """
    path = outside.head_path(store.origin)
    data = outside.load_head(store.origin)
    if data is None:
        return None
    try:
        head = parse_checkpoint(note.parse_note(data)[0])
    except InvalidNote as error:
        raise LedgerConflict(
            f"the head kept in {path} cannot be read: {error}",
            remedy="restore that file; without it a rollback cannot be noticed",
        ) from error
    if head.origin != store.origin:
        raise LedgerConflict(
            f"{path} keeps the head of another store ({head.origin})",
            remedy="unset HEADWATER_HEAD, or name the file that belongs to this store",
        )
    return Kept(head, data)


def conflict(store: Store, kept: Checkpoint, size: int) -> str | None:
    """Say how a store of `size` entries disagrees with the kept head; None when it does not."""
    if kept.size > size:
        return (
            f"{store.location} was rolled back: it has {size} entries, "
            f"and a head of {kept.size} was signed"
        )
    try:
        root = store.root(kept.size)
        if root == kept.root and kept.size:
            path = store.consistency(kept.size, size)
            proof.verify_consistency(kept.size, kept.root, size, store.root(size), path)
    except (ProofError, NotFound) as error:
        return f"{store.location} cannot prove that it continues the kept head: {error}"
    if root != kept.root:
        return (
            f"{store.location} was forked: its first {kept.size} entries "
            "are not those of the head that was signed"
        )
    return None


def require_continuity(store: Store, signer: Signer, size: int) -> str | None:
    """Raise `LedgerConflict` unless the store continues the kept head; return a warning or None."""
    kept = load_kept(store)
    path = outside.head_path(store.origin)
    if kept is None:
        if size == 0:
            return None
        return f"no head of this store was kept in {path}: a rollback before now cannot be noticed"
    try:
        open_checkpoint(kept.note, [signer.verifier])
    except InvalidNote as error:
        raise LedgerConflict(
            f"the head kept in {path} does not carry this store's signature: {error}",
            remedy="restore that file; without it a rollback cannot be noticed",
        ) from error
    wrong = conflict(store, kept.head, size)
    if wrong is not None:
        raise LedgerConflict(wrong, remedy=remedy(store))
    return None


def warn_reader(store: Store) -> tuple[str, ...]:
    """Say what a reader should know before it believes the store; never raises on a conflict."""
    try:
        kept = load_kept(store)
        # Read after the kept head, and what is committed rather than what is published: a writer
        # may be between the steps of a commit.
        wrong = conflict(store, kept.head, store.committed()) if kept else None
    except (StoreError, NotFound) as error:
        return (error.message,)
    return (f"{wrong}. {remedy(store)}",) if wrong else ()


def remedy(store: Store) -> str:
    """How to go on after a rollback or a fork."""
    path = outside.head_path(store.origin)
    return (
        "put back the newest copy of the store (headwater verify says what differs); "
        f"only to go on from this one, knowing what is lost, move {path} away"
    )
