"""Admission: validate, deduplicate, append, claim, sign."""

from __future__ import annotations

from headwater.ingest.admitting import Offer, admit, admit_offers, admit_record
from headwater.ingest.labelling import admit_label
from headwater.ingest.receipts import Receipt
from headwater.ingest.sharing import SharedWriter

__all__ = [
    "Offer",
    "Receipt",
    "SharedWriter",
    "admit",
    "admit_label",
    "admit_offers",
    "admit_record",
]
