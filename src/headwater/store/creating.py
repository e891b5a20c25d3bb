"""Making a store: its key outside first, then the database under another name, then the name.

A process that dies on the way leaves no store, only files that the next attempt replaces.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from headwater.errors import StoreError
from headwater.ledger import tree
from headwater.ledger.note import Signer
from headwater.store import database, layout, outside, schema, sealing
from headwater.store.rows import Identity, State

ORIGIN_BYTES = 16
SEED_BYTES = 32
ORIGIN_PREFIX = "headwater.local/"
_UNFINISHED = "ledger.new"


def create(root: Path, *, now: Callable[[], int], entropy: Callable[[int], bytes]) -> None:
    """Make an empty store in `root`, where there is none; the caller holds the writer's lock.

    Its signing key is made and kept outside. Raises `StoreError` if `HEADWATER_KEY` names the key
    of another store, and where a store has lost its database: that is not the place for a new one.
    """
    if layout.inside(root, layout.PAGES).exists():
        raise StoreError(
            f"{root / layout.DATABASE} is gone: there was a ledger here",
            remedy=f"put it back; to begin a new ledger, move {root} away first",
        )
    signer = Signer.generate(ORIGIN_PREFIX + entropy(ORIGIN_BYTES).hex(), entropy(SEED_BYTES))
    secret = entropy(sealing.SECRET_BYTES)
    identity = Identity(signer.name, signer.verifier.encode(), secret, now())
    outside.save_key(identity.origin, signer.encode().encode() + b"\n")
    for suffix in ("", "-wal", "-shm"):
        layout.inside(root, _UNFINISHED + suffix).unlink(missing_ok=True)
    connection = database.connect_writer(root, name=_UNFINISHED)
    try:
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        schema.migrate(connection)
        connection.executescript(schema.PROJECTION.format(claims="claims"))
        connection.executescript(schema.PROJECTION_STATE)
        state = State(0, tree.EMPTY_ROOT, 0, 0)
        with database.transaction(connection):
            connection.execute(
                "INSERT INTO store VALUES (1, ?, ?, ?, ?, ?)", (*identity, identity.seal())
            )
            connection.execute(
                "INSERT INTO ledger VALUES (1, ?, ?, ?, ?, ?)", (*state, state.seal(secret))
            )
            connection.execute("INSERT INTO projection VALUES (1, ?, 0)", (schema.RULES,))
    finally:
        database.close_cleanly(connection, root)
    layout.inside(root, _UNFINISHED).replace(layout.inside(root, layout.DATABASE))
    layout.sync_directory(root)
