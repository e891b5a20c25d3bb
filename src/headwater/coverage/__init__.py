"""What capture saw of a program, and what it did not: by trial, and by reading.

strace     a command under strace, and the lines that come of it
seen       lines of strace → processes, and the files of data that they read and wrote
audit      what the operating system saw, beside what was captured

lint       source files → calls that capture cannot see
naming     what names in a source file stand for; `notebooks` the pieces that it has
calls      what is looked for; `watched` what adapters see of it
"""
