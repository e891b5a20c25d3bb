"""A bundle from a store on this machine: its ledger signs, or the service that has the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from headwater.client.delivering import holder_url
from headwater.client.remote import Remote
from headwater.errors import StoreBusy
from headwater.evidence.bundle import prove
from headwater.query.gateway import Gateway
from headwater.store import open_store


def prove_here(root: Path, ref: str, **question: Any) -> bytes:
    """Prove an answer (`Gateway.prove` has the parameters) about the store in `root`.

    `ref` has to be a canonical reference, which a service understands too. Raises as
    `evidence.bundle.prove`, and as `open_store` for writing.
    """
    try:
        with open_store(root, mode="write") as store:
            return prove(Gateway(store), store.attest, ref, **question)
    except StoreBusy:
        url = holder_url(root)
        if url is None:
            raise
    return Remote.of_environment(url).prove(ref, **question)
