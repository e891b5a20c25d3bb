"""What is written out in the program's source: lists and dicts of plain values, in so many words.

A list may have been typed in, or be of data (`column.tolist()`, `dict(zip(keys, values))`); the
object does not tell. The source does: either it stands in the call that is being made, or it was
assigned once to a name of its module, and is as it was written there.
"""

from __future__ import annotations

import re
import sys

from headwater.capture.quiet import quiet
from headwater.capture.stack import caller

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator, Mapping
    from types import CodeType, FrameType
    from typing import Any, Final

SOURCE_BYTES_MAX: Final = 1024 * 1024
"""Source of a module that is read for what is written in it."""
CALLS_MAX: Final = 10_000
"""Places in the program of which is remembered what is written there."""
DEPTH_MAX: Final = 8
"""Containers in one another that are looked into."""
MEMBERS_MAX: Final = 1_000
"""Members of a container that are looked at; a larger one counts as computed."""
_WRITABLE: Final = frozenset((int, float, complex, str, bytes, bool, type(None), type(...)))
CONTAINERS: Final = (dict, list, tuple, set, frozenset)
_ESCAPES: Final = re.compile(
    rb"""\b(?:[rR][bBfF]?|[bBfF][rR])(?P<quotes>'{3}|"{3}|'|")(?:\\.|[^\\])*?(?P=quotes)"""
    rb"""|\\(?:[\r\n\\'"abfnrtvxNuU]|[0-3]?[0-7]{1,2}|(?P<unknown>.))""",
    re.DOTALL,
)
"""Raw strings, and backslashes with what they escape: what means itself is `unknown`."""


class _Call:
    """What stands in one call: containers, the keys of dicts whose values are computed, names."""

    __slots__ = ("keys", "literals", "names")

    def __init__(self) -> None:
        self.literals: list[Any] = []
        self.keys: list[list[Any]] = []
        self.names: list[str] = []


_modules: Final[dict[str, dict[str, Any]]] = {}
_calls: Final[dict[tuple[CodeType, int], _Call]] = {}
_lines: Final[dict[str, list[bytes]]] = {}


def in_call(value: Any) -> bool:
    """Whether a container is written out in the call that the program is making, or is named there.

    A name counts if its module says what it is (`in_module`).
    """
    frame = caller(sys._getframe(1))
    found = None if frame is None else _call(frame)
    if frame is None or found is None or not _is_plain(value):
        return False
    if any(type(one) is type(value) and one == value for one in found.literals):
        return True
    space = frame.f_globals
    return any(space.get(name) is value and in_module(space, name, value) for name in found.names)


def _is_plain(value: Any, deep: int = DEPTH_MAX) -> bool:
    """Whether a value can be written out: classes of the program's may tell and compare at will."""
    if type(value) not in CONTAINERS:
        return type(value) in _WRITABLE
    if not deep or len(value) > MEMBERS_MAX:
        return False
    parts = (*value, *value.values()) if isinstance(value, dict) else value
    return all(_is_plain(one, deep - 1) for one in parts)


def keyed_in_call(value: Mapping[Any, Any]) -> bool:
    """Whether the keys of a dict are written out in the call that the program is making.

    So it was put together there; what its values are of is another matter.
    """
    frame = caller(sys._getframe(1)) if type(value) is dict else None
    found = None if frame is None else _call(frame)
    return found is not None and _is_plain([*value]) and [*value] in found.keys


def _call(frame: FrameType) -> _Call:
    place = (frame.f_code, frame.f_lasti)
    found = _calls.get(place)
    if found is None:
        if len(_calls) >= CALLS_MAX:
            _calls.clear()
        found = _calls[place] = _read_call(frame)
    return found


def in_module(space: Mapping[str, Any], name: str, value: Any) -> bool:
    """Whether a container is written out in its module, and is still as it is written there."""
    if type(value) not in CONTAINERS or not _is_plain(value):
        return False
    module = str(space.get("__name__"))
    known = _modules.get(module)
    if known is None:
        known = _modules[module] = _read_module(space.get("__file__"))
    return name in known and type(known[name]) is type(value) and bool(known[name] == value)


def _read_call(frame: FrameType) -> _Call:
    """Read the expression that a frame is at. Names that its function has are none of a module."""
    import ast

    tree = _parse(_expression(frame), "eval")
    found = _Call()
    code = frame.f_code
    own = {*code.co_cellvars, *code.co_freevars}
    own |= {*code.co_varnames} if code.co_name != "<module>" else set()
    for node in _parts(tree):
        if isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
            value = _literal(node)
            if value is not NotImplemented:
                found.literals.append(value)
        if isinstance(node, ast.Dict):
            found.keys.append([_literal(key) for key in node.keys])
        elif isinstance(node, ast.Name) and node.id not in own:
            found.names.append(node.id)
    return found


def _parts(tree: ast.AST | None) -> Iterator[ast.AST]:
    """Walk over what a call is given. What other calls in it are given is theirs."""
    import ast

    body = getattr(tree, "body", None)
    if isinstance(body, ast.Call):
        waiting: list[ast.AST] = [*body.args, *body.keywords]
    else:
        waiting = [] if body is None else [body]
    for node in waiting:  # grows meanwhile
        if not isinstance(node, ast.Call):
            yield node
            waiting += ast.iter_child_nodes(node)


def _expression(frame: FrameType) -> bytes:
    """Give the text of the call, or the part of something, that a frame is at, in brackets."""
    positions = frame.f_code.co_positions()
    place = frame.f_lasti // 2
    found = next((one for at, one in enumerate(positions) if at == place), (None,) * 4)
    first, last, start, end = found
    if first is None or last is None or start is None or end is None:
        return b""  # as with `python -X no_debug_ranges`
    lines = _source(frame.f_code.co_filename)[first - 1 : last]
    if len(lines) != last - first + 1:
        return b""
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][start:]
    return b"(" + b"\n".join(lines) + b")"


def _source(file: str) -> list[bytes]:
    """Give the lines of a notebook's cell, or of a file as it was when it was looked at first."""
    cells = getattr(sys.modules.get("linecache"), "cache", {})
    if not file.endswith(".py") and len(cells.get(file, ())) > 2:
        return "".join(cells[file][2]).encode().split(b"\n")
    known = _lines.get(file)
    if known is None:
        known = _lines[file] = _read(file).split(b"\n")
    return known


def _read(path: Any) -> bytes:
    if not isinstance(path, str) or not path.endswith(".py"):
        return b""
    try:
        with quiet(), open(path, "rb") as file:
            return file.read(SOURCE_BYTES_MAX)
    except OSError:
        return b""


def _read_module(path: Any) -> dict[str, Any]:
    """Read what a module's source assigns to its names once, in so many words; of classes too."""
    tree = _parse(_read(path), "exec")
    found: dict[str, Any] = {}
    _read_body(getattr(tree, "body", ()), "", found)
    return {name: value for name, value in found.items() if value is not NotImplemented}


def _parse(source: bytes, mode: str) -> ast.AST | None:
    """Parse source, None if it is none. Python warned of its escapes before, and does not again."""
    import ast

    try:
        return ast.parse(_ESCAPES.sub(_spelled, source), mode=mode)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _spelled(match: re.Match[bytes]) -> bytes:
    """Spell a backslash that means itself as two; raw strings stay as they are."""
    return match[0] if match["unknown"] is None else b"\\" + match[0]


def _read_body(body: Iterable[ast.stmt], front: str, found: dict[str, Any]) -> None:
    import ast

    for one in body:
        if isinstance(one, ast.ClassDef):
            _read_body(one.body, f"{front}{one.name}.", found)
        targets = one.targets if isinstance(one, ast.Assign) else [getattr(one, "target", None)]
        for target in targets:
            if isinstance(target, ast.Name):
                name = front + target.id
                again = name in found
                found[name] = NotImplemented if again else _literal(getattr(one, "value", None))


def _literal(node: Any) -> Any:
    import ast

    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return NotImplemented
