"""A proof bundle: an answer, and all that a stranger needs to check it, in one file.

    {"answer":{…},"checkpoint":"…","entries":[…],"format":"headwater/bundle/v1","key":"…",
     "statement":"…"}

RFC 8785 JSON, so that it has one form: whatever reads it can write it again and compare.
`verify_bundle` reads and checks it.

Trusted? No: what it says is checked by whoever gets it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from headwater import canonical
from headwater.errors import LimitExceeded, StoreError
from headwater.evidence import verify_bundle
from headwater.ledger.entry_proof import EntryProof, format_proof
from headwater.ledger.statement import Statement, Withheld
from headwater.query.gateway import Gateway
from headwater.query.grounds import Ground, Grounds, Shown
from headwater.store.rows import Attested

Attest = Callable[[Statement], Attested]


def prove(gateway: Gateway, attest: Attest, ref: str, **question: Any) -> bytes:
    """Ask (`Gateway.prove` has the parameters), have it signed, and give the bundle.

    Raises as `Gateway.prove` and `Writer.attest`, and as `bundle`.
    """
    grounds = gateway.prove(ref, **question)
    return bundle(grounds, attest(state(grounds)))


def state(grounds: Grounds) -> Statement:
    """Make the statement that a ledger is to sign."""
    return Statement(
        origin=grounds.origin,
        size=grounds.size,
        root=grounds.root,
        rules=grounds.rules,
        query=grounds.query,
        answer=f"sha256:{canonical.digest(grounds.answer)}",
        entries=tuple(one.entry for one in grounds.entries),
        withheld=tuple(
            Withheld(one.entry, number, part)
            for one in grounds.entries
            for number, part in enumerate(one.parts)
            if isinstance(part, str)
        ),
    )


def bundle(grounds: Grounds, attested: Attested) -> bytes:
    """Write a bundle, and check it as whoever gets it will.

    Raises `LimitExceeded` for one that is too large, and `StoreError` where it does not hold: then
    the store is damaged.
    """
    entries = b",".join(canonical.encode(_entry(one)) for one in grounds.entries)
    rest = {
        "format": verify_bundle.FORMAT,
        "key": attested.key,
        "statement": attested.statement.decode(),
    }
    data = b"".join(
        (
            b'{"answer":',
            grounds.answer,
            b',"checkpoint":',
            canonical.encode(attested.head.decode()),
            b',"entries":[',
            entries,
            b"],",
            canonical.encode(rest)[1:],
        )
    )
    if len(data) > verify_bundle.BUNDLE_BYTES_MAX:
        raise LimitExceeded(
            f"the bundle would have {len(data):,} bytes; the limit is "
            f"{verify_bundle.BUNDLE_BYTES_MAX:,}",
            remedy="ask with a smaller depth, or of something nearer",
        )
    found = verify_bundle.audit(data, attested.key)
    if not found.holds:
        raise StoreError(
            "the store cannot prove the answer: "
            + "; ".join(f"{where}: {what}" for where, what in found.faults[:10]),
            remedy="headwater verify says what is damaged",
        )
    return data


def _entry(one: Ground) -> dict[str, Any]:
    parts = [
        {"bytes": b64encode(part.body).decode(), "salt": b64encode(part.salt).decode()}
        if isinstance(part, Shown)
        else {"withheld": part}
        for part in one.parts
    ]
    return {"parts": parts, "proof": format_proof(EntryProof(one.leaf, one.entry, one.path))}
