"""What the names in a source file stand for: imports, aliases, and what calls were given.

Nothing is executed. A name that is given twice stands for what it was given last, in the order of
the text; what functions are given is not known.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

Exports = Callable[[str, str], bool]
"""(module, name) → whether `from module import *` gives the name."""


class Scope:
    """Names of a module, class or function, in those of what it stands in."""

    def __init__(self, outer: Scope | None = None) -> None:
        self._outer = outer
        self._names: dict[str, str | None] = {}
        self._stars: list[str] = []

    def inner(self) -> Scope:
        """Begin a scope within."""
        return Scope(self)

    def bind(self, name: str, dotted: str | None) -> None:
        """Let a name stand for something; for nothing that is known: None."""
        self._names[name] = dotted

    def take_all(self, module: str) -> None:
        """Let every name of a module be known."""
        self._stars.append(module)

    def find(self, name: str, exports: Exports) -> str | None:
        """Give what a name stands for."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope._names:
                return scope._names[name]
            for module in reversed(scope._stars):
                if exports(module, name):
                    return f"{module}.{name}"
            scope = scope._outer
        return None


def bind_imports(node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
    """Let the names of an import stand for what they import."""
    if isinstance(node, ast.Import):
        for one in node.names:
            scope.bind(one.asname or one.name.partition(".")[0],
                       one.name if one.asname else one.name.partition(".")[0])  # fmt: skip
        return
    for one in node.names:
        if node.level or node.module is None:
            scope.bind(one.asname or one.name, None)
        elif one.name == "*":
            scope.take_all(node.module)
        else:
            scope.bind(one.asname or one.name, f"{node.module}.{one.name}")


def dotted_name(node: ast.expr, scope: Scope, exports: Exports) -> str | None:
    """Give the whole name of an expression: `pd.read_csv` → `pandas.read_csv`; None if unknown."""
    if isinstance(node, ast.Name):
        return scope.find(node.id, exports)
    if isinstance(node, ast.Attribute):
        whole = key(node)
        if whole is not None and whole.startswith("self."):
            found = scope.find(whole, exports)
            if found is not None:
                return found
        owner = dotted_name(node.value, scope, exports)
        return None if owner is None else f"{owner}.{node.attr}"
    if isinstance(node, ast.Call):
        made = dotted_name(node.func, scope, exports)
        return None if made is None else f"{made}()"
    if isinstance(node, ast.Await):
        return dotted_name(node.value, scope, exports)
    return None


def key(node: ast.expr) -> str | None:
    """Write a name, or an attribute of `self`, as what it is kept under."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return None
