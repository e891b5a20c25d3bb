"""Admission: validate, deduplicate, append, claim, sign."""

from __future__ import annotations

from headwater.ingest.admitting import admit, admit_record
from headwater.ingest.labelling import admit_label
from headwater.ingest.receipts import Receipt

__all__ = ["Receipt", "admit", "admit_label", "admit_record"]
