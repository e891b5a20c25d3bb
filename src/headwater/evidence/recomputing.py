"""A bundle beside the ledger that it is from: the same root, the same entries, the same answer."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from headwater import canonical
from headwater.errors import HeadwaterError
from headwater.evidence.verify_bundle import NOT_SHOWN, Audit
from headwater.graph.model import RULES
from headwater.query.gateway import Gateway
from headwater.query.principal import Principal
from headwater.store import Store

LEDGER = "ledger"
ANSWER = "answer"


def compare(found: Audit, store: Store, *, trusted: bool) -> None:
    """Compare a bundle with a store, and add to what was found.

    Nothing is compared, and that is said, unless both are of one ledger. Without a `trusted` key
    the bundle's has to be the store's.
    """
    said = found.statement
    if not said or found.head is None:
        found.not_checked.append("the ledger at hand: the bundle does not say what it is about")
        return
    if said["origin"] != store.origin:
        found.not_checked.append(f"the ledger at hand: it is another one, {store.origin}")
        return
    if not trusted:
        _compare_key(found, store)
    size = store.head().size
    if said["size"] > size:
        found.fault(LEDGER, f"it has {size} entries, and the bundle is of {said['size']}")
        return
    if b64decode(said["root"]) != store.root(said["size"]):
        found.fault(LEDGER, f"its first {said['size']} entries are not those of the bundle")
        return
    found.count("root of the ledger at hand")
    if said["rules"] != RULES:
        found.not_checked.append(
            f"the answer once more: it was made by rules {said['rules']}, and these are {RULES}"
        )
        return
    _compare_answer(found, store)


def _compare_key(found: Audit, store: Store) -> None:
    if found.key is not None and found.key.text != store.verifier:
        found.fault(
            "key",
            f"it is not that of the ledger at hand, {store.verifier}; give the one that you trust",
        )
        return
    found.warnings.clear()
    found.count("key of the ledger at hand")


def _compare_answer(found: Audit, store: Store) -> None:
    said = found.statement
    try:
        grounds = _ask(store, said["query"], said["size"])
    except (HeadwaterError, KeyError, TypeError, ValueError) as error:
        found.fault(ANSWER, f"the ledger at hand cannot give it again: {error}")
        return
    if f"sha256:{canonical.digest(grounds.answer)}" != said["answer"]:
        found.fault(ANSWER, "the ledger at hand gives another one")
        return
    if [one.entry for one in grounds.entries] != said["entries"]:
        found.fault(ANSWER, "by the ledger at hand it rests on other entries")
        return
    found.count("answer made again")
    found.not_checked[:] = [text for text in found.not_checked if text not in NOT_SHOWN]


def _ask(store: Store, query: dict[str, Any], size: int) -> Any:
    reader = Principal("whoever asked", tuple(query["read"]))
    return Gateway(store, reader).prove(
        query["ref"],
        ask=query["ask"],
        depth=query["depth"],
        at=str(size),
        columns=query["columns"],
        revisions=query["revisions"],
    )
