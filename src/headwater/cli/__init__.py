"""The command line: `headwater`, and `python -m headwater`.

One file a command, and only the file of the command that was asked for is imported, with its heavy
imports inside: `headwater trace` answers from a cold shell in about 300 ms. The base installation
has no dependencies; a command that needs some says which to install.

Exit codes: 0 done, 1 not found or check failed, 2 usage, 3 store or network, 130 interrupted.
"""

from __future__ import annotations

from headwater.cli.running import main

__all__ = ["main"]
