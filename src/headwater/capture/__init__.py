"""Recording inside the pipeline's own process: standard library only, never felt, never raising.

    runs, tasks      what users call: begin, read, write, end
    process          which run speaks in this process; outcomes: how one ends
    recording        what a run reads and writes; memory: what a notebook has read so far
    context          which run is the current one, across threads, tasks, generators, processes
    runtime          the recorder of this process: one segment, one warning
    spool, segments  the segments on disk, and how they are read back
    datasets         what users name → OpenLineage names; places: where a path leads
    statements       SQL that was executed, as text, to be read later
    digests          content of files, exactly or not at all
    facts, git       where and with what code this process runs
    roll, children   which processes are started, and which of them are captured
    exits, pipes     how a program ends, and what it is sent
    notebooks        cells, each execution as a run

Adapters record through `context.current()` and the `Run` that it gives; they never touch a segment.

Trusted? It says what the pipeline did, and can be wrong or lie; it cannot reach the ledger.
"""
