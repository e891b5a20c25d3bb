"""Who asks, and what they may see. Access policy plugs in here, once for every surface."""

from __future__ import annotations

from fnmatch import fnmatchcase

import msgspec

from headwater.refs import Artifact


class Principal(msgspec.Struct, frozen=True):
    """A subject and the namespaces (globs) that it may read.

    Trusted? Whoever makes a principal decides what its answers show.
    """

    subject: str
    read: tuple[str, ...] = ()

    def sees(self, artifact: Artifact) -> bool:
        """Whether this artifact may appear in answers to the principal."""
        return any(fnmatchcase(artifact.namespace, glob) for glob in self.read)


LOCAL = Principal("local", ("*",))
"""The person at the machine, who can read the store's files anyway."""
