"""The tamper-evident log, pure: bytes in, bytes or an error out.

Published formats throughout, so that anyone's verifier works: the tree and proofs of RFC 6962 and
9162, heads as C2SP tlog-checkpoint in signed notes, tiles as in C2SP tlog-tiles.

Trusted? Whoever controls it can have `headwater verify` find nothing; proofs that left the house
still tell everybody else.
"""
