"""From the spool to whoever takes OpenLineage: translate, deliver, remember how far.

    translating   records of one process → events, a pure function: the same bytes every time
    queries       SQL in the records → datasets, once it is committed; `executed`
    facets        the facets that are written, with their schemas
    streams       the segments of one process, read as one
    remembering   which records of a process that goes on its translator still needs
    kept          these, and how far reading got, on disk
    settled       digests that were taken for a process, on disk
    shipping      one pass over the spool: deliver, quarantine, go on from the cursor
    status        what waits, and why
    posting       delivery to a service over HTTP
    quarantine    what nobody takes, and why
    sql           SQL to column lineage; needs the parser of `headwater[server]`

Delivery is at least once; admission finds repeats by their bytes, and the bytes are always the
same: that is exactly once.

Trusted? It can leave out and garble what was recorded; it cannot reach what is in the ledger.
"""
