"""Recording inside the pipeline's own process: standard library only, never felt, never raising.

From a command to its processes:

    launching, bootstrap     how `headwater run` begins, in every Python process that it starts
    roll, children, links    which processes are started, how they know of one another; and which
                             of them are captured
    pipes, exits             what they are sent, and how they end
    handover                 what was recorded goes over to shipping

Within a process, from a library to a record:

    adapting, adapters/      which libraries are understood, and what is observed of each
    patching, watching       functions that have an observer behind them; dressing, so that they
                             pass for the others; swapping, where programs hold those already;
                             compiled, where they are written in C; awaiting, where they are async
    quiet, stack, callers    when nothing is observed, whose code is at work, and who looks for it;
                             signals, whose exceptions are the program's
    opens                    the net below the adapters

What things came from:

    origins, beside          where an object came from, in tables beside the objects
    contents, rows           whether an array is as it was; rows, which cannot be followed
    objects, models          what is stored and loaded whole; boosters; learning: of which columns
    own_code, settings       what a library was given to call, and what an estimator is set to
    files, handles, filled   what a library was given to read or write, and if that is all of it
    statements, sql_texts    SQL that was executed, to be read later; transactions, drivers

Runs and their records:

    runs, tasks, current     what users call: begin, read, write, end
    process, context         which run speaks in this process, and is the current one; threads
    recording, hearing       what a run reads and writes; repeats, of a loop; outcomes
    memory, notebooks        cells, each execution as a run, and what they have read so far
    facts, git               where and with what code this process runs; git_index, git_objects
    datasets, places         what users name, as OpenLineage names, and where a path leads
    digests, open_files      content of files, exactly or not at all; hashing
    runtime, encoding        the recorder of this process: one segment, one warning
    spool, segments          the segments on disk, and how they are read back; location

Adapters record through `runs.current()` and the `Run` that it gives; they never touch a segment.

Trusted? It says what the pipeline did, and can be wrong or lie; it cannot reach the ledger.
"""
