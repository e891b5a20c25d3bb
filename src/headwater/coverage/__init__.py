"""What capture saw of a program, and what it did not: by trial, and by reading.

strace     a command under strace, and the lines that come of it
seen       lines of strace → processes, and the files of data that they read and wrote
audit      what the operating system saw, beside what was captured
"""
