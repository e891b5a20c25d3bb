"""Who asks, and what they may see. Access policy plugs in here, once for every surface."""

from __future__ import annotations

from fnmatch import fnmatchcase

import msgspec

from headwater.refs import Artifact


class Principal(msgspec.Struct, frozen=True):
    """A subject and the namespaces (globs) that it may read.

    What a `local` one types may also be the path of a file on this machine, which is then read.

    Trusted? Whoever makes a principal decides what its answers show.
    """

    subject: str
    read: tuple[str, ...] = ()
    local: bool = False

    @property
    def sees_everything(self) -> bool:
        """Whether nothing at all is hidden from the principal."""
        return "*" in self.read

    def sees(self, artifact: Artifact) -> bool:
        """Whether this artifact may appear in answers to the principal."""
        return self.reads(artifact.namespace)

    def reads(self, namespace: str) -> bool:
        """Whether the artifacts of this namespace may: nothing else of one decides."""
        return any(fnmatchcase(namespace, glob) for glob in self.read)


LOCAL = Principal("local", ("*",), local=True)
"""The person at the machine, who can read the store's files anyway."""
