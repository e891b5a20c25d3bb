"""What capture sees of a library: asked of its adapter, fitted to the library installed here.

The libraries that a program uses are imported, with adapters in place; the program itself is not.
Where one is not installed, its adapter counts as seeing all that is looked for.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from types import ModuleType
from typing import Any

from headwater.capture import adapting
from headwater.capture.quiet import quiet
from headwater.capture.watching import MARK
from headwater.coverage.calls import DATABASE, Known


class Adapters:
    """Fits adapters to libraries as they are asked about."""

    def __init__(self) -> None:
        self.not_installed: set[str] = set()
        self.broken: list[str] = []
        self._hook: adapting.Hook | None = None
        self._adapters = dict(adapting.ADAPTERS) | adapting.look_up()
        self._adapted = {name.partition(".")[0] for name in self._adapters}
        self._imported: dict[str, ModuleType | None] = {}
        self._methods: set[tuple[str, str]] = set()

    def sees(self, dotted: str, known: Known) -> bool:
        """Whether a call, by its whole name (`pandas.read_csv`, `sklearn.x.Y().fit`), is seen.

        A database is seen by its connections, whatever makes them.
        """
        root = dotted.partition(".")[0]
        if root not in self._adapted:
            return False
        with quiet():
            library = self._import(root)
            if library is None:
                self.not_installed.add(root)
                return True
            if known.kind == DATABASE and dotted.startswith(tuple(self._adapters)):
                return True
            owner, called, method = dotted.rpartition("().")
            if called:
                return self._sees_method(owner, method, library)
            found = self._find(dotted)
            # A class is seen if anything that its objects do is.
            return _is_observed(found) or any(
                _is_observed(value)
                for one in getattr(found, "__mro__", ())
                for value in list(vars(one).values())
            )

    def exports(self, module: str, name: str) -> bool:
        """Whether `from module import *` gives a name; only asked of libraries with adapters."""
        if module.partition(".")[0] not in self._adapted:
            return False
        with quiet():
            found = self._import(module)
        return found is not None and (name in getattr(found, "__all__", vars(found)))

    def _sees_method(self, owner: str, method: str, library: ModuleType) -> bool:
        found = self._find(owner.partition("()")[0])
        if isinstance(found, type) and "()" not in owner:
            return _has_observed(found, method)
        # What a function or method of a library gives is of some class of it, of those with such
        # a method; where there is none among those that are loaded, nothing is known.
        root = library.__name__
        if (root, method) not in self._methods:
            known = [
                _has_observed(one, method)
                for name, module in list(sys.modules.items())
                if name.partition(".")[0] == root
                for one in list(vars(module).values())
                if isinstance(one, type) and hasattr(one, method)
            ]
            if known and not any(known):
                return False
            self._methods.add((root, method))
        return True

    def _find(self, dotted: str) -> Any:
        parts = dotted.split(".")
        for cut in range(len(parts), 0, -1):
            module = self._import(".".join(parts[:cut]))
            if module is None:
                continue
            found: Any = module
            for name in parts[cut:]:
                try:
                    found = getattr(found, name)
                except Exception:  # what libraries raise for names that they have not
                    return None
            return found
        return None

    def _import(self, name: str) -> ModuleType | None:
        if self._hook is None:
            self._hook = adapting.Hook(self._adapters, self.broken.append)
            sys.meta_path.insert(0, self._hook)
            self._hook.adapt_imported(late=False)
        if name not in self._imported:
            found = None
            with contextlib.suppress(Exception):
                found = importlib.import_module(name)
            self._imported[name] = found
        return self._imported[name]

    def close(self) -> None:
        """Leave the libraries as they were."""
        if self._hook is not None:
            self._hook.remove()


def _has_observed(kind: type, method: str) -> bool:
    holder = next((one for one in kind.__mro__ if method in vars(one)), None)
    return holder is not None and _is_observed(vars(holder)[method])


def _is_observed(found: Any) -> bool:
    inner = ("__func__", "fget", "fn", "_implementation")
    known = (found, *(getattr(found, name, None) for name in inner))
    return any(getattr(one, MARK, None) is not None for one in known)
