"""What lineage becomes when a file on the way is gone, or is called otherwise, at its run's end.

A temporary file is no output of a run: what came from it came from what that one came from. Column
by column that is followed where both steps are known by column; what the one does not know of its
columns, the other does not either. All functions give what is said of one output anew.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any, Final, Generic, Protocol, TypeVar

from headwater.capture.origins import through

Key = tuple[str, str]
Said = dict[str, Any]

_FIELDS: Final = ("columns", "shaped_by")


class Output(Protocol):
    """Something written, and what is said of it."""

    said: Said


Written = TypeVar("Written", bound=Output)


class Passed(Generic[Written]):
    """What a run wrote that is gone, or was moved, and what came from what it wrote."""

    def __init__(self) -> None:
        self._gone: dict[Key, Written] = {}
        self._called: dict[Key, Key] = {}
        self._from: dict[Key, dict[int, Written]] = {}
        """What the run made and came from again → the outputs that did."""

    def write(self, key: Key, output: Written, said: Said, *, made: Container[Key]) -> Said:
        """Give what is said of a write in the names of what is there; `made` is by this run."""
        self._gone.pop(key, None)
        self._called.pop(key, None)
        done: set[Key] = set()
        while passed := [one for one in sources(said) - done if self._is_passed(one)]:
            for one in passed:
                if one in self._called:
                    said = renamed(said, one, self._called[one])
                else:
                    said = without(said, one, self._gone[one].said)
            done.update(passed)  # what was rewritten from itself came from what it was before
        self._note(output, said, made)
        return said

    def move(self, old: Key, new: Key) -> None:
        """A file that the run wrote has another name."""
        self._gone.pop(new, None)
        self._called.pop(new, None)
        self._called[old] = new
        users = self._from.pop(old, {})
        self._change(users, lambda said: renamed(said, old, new))
        self._from[new] = users

    def remove(self, key: Key, gone: Written) -> None:
        """A file that the run wrote is gone."""
        self._gone[key] = gone
        users = self._from.pop(key, {})
        self._change(users, lambda said: without(said, key, gone.said))
        for one in users.values():
            self._note(one, gone.said, self._from)

    def _is_passed(self, key: Key) -> bool:
        return key in self._called or key in self._gone

    def _note(self, output: Written, said: Said, made: Container[Key]) -> None:
        for one in sources(said):
            if one in made:
                self._from.setdefault(one, {})[id(output)] = output

    def _change(self, users: dict[int, Written], change: Callable[[Said], Said]) -> None:
        for one in users.values():
            one.said = change(one.said)


def sources(said: Said) -> set[Key]:
    """The datasets that an output is said to have come from."""
    return {_key(one) for one in (*(said.get("inputs") or ()), *_fields(said))}


def renamed(said: Said, old: Key, new: Key) -> Said:
    """Call a dataset that an output came from otherwise."""
    if old not in sources(said):
        return said
    found = dict(said)
    if said.get("inputs") is not None:
        inputs = [list(new) if _key(one) == old else list(one) for one in said["inputs"]]
        found["inputs"] = _once(inputs)

    def named(fields: list[list[str]]) -> list[list[str]]:
        return [[*new, *one[2:]] if _key(one) == old else one for one in fields]

    return found | _each(said, named)


def without(said: Said, gone: Key, of: Said) -> Said:
    """Let an output have come from what `gone` had come from, which `of` says."""
    if gone not in sources(said):
        return said
    found = dict(said)
    beyond = None if of.get("mode") == "append" else of.get("inputs")
    if beyond is None:
        # Nobody knows what it was of: nobody knows of this one either.
        found.pop("inputs", None)
    elif said.get("inputs") is not None:
        kept = [list(one) for one in said["inputs"] if _key(one) != gone]
        found["inputs"] = _once(sorted([*kept, *map(list, beyond)]))
    known: dict[str, list[list[str]]] = of.get("columns") or {}
    columns = {
        name: _through(fields, gone, known)
        for name, fields in (said.get("columns") or {}).items()
        if all(_key(one) != gone or one[2] in known for one in fields)
    }
    shaped = [one for one in said.get("shaped_by") or () if _key(one) != gone or one[2] in known]
    shaped = _once([*_through(shaped, gone, known), *(of.get("shaped_by") or ())])
    for member, value in zip(_FIELDS, (columns, shaped), strict=True):
        if value:
            found[member] = value
        else:
            found.pop(member, None)
    return found


def rewritten(said: Said, own: Key, before: Said, *, anew: bool) -> Said:
    """Say what a table that was written in this run came from where it is written from itself.

    What it was `before` is of this run, too: nothing but that where the run began it `anew`, else
    also what was there when the run began.
    """
    if own not in sources(said):
        return said
    found = without(said, own, {name: before[name] for name in before if name != "mode"})
    if anew:
        return found
    both = dict(said)
    if "inputs" in said and "inputs" in found:
        both["inputs"] = _once(sorted([*map(list, said["inputs"]), *found["inputs"]]))
    else:
        both.pop("inputs", None)
    columns = {
        name: _once([*fields, *(found.get("columns") or {}).get(name, [])])
        for name, fields in (said.get("columns") or {}).items()
    }
    shaped = _once([*(said.get("shaped_by") or ()), *(found.get("shaped_by") or ())])
    return both | {
        member: value for member, value in zip(_FIELDS, (columns, shaped), strict=True) if value
    }


def _through(
    fields: list[list[str]], gone: Key, known: dict[str, list[list[str]]]
) -> list[list[str]]:
    found: list[list[str]] = []
    for one in fields:
        if _key(one) == gone:
            for before in known[one[2]]:
                masked = before[4:] or one[4:]  # columns of statements say whether they mask
                space, name, column, how = before[:4]
                (field,) = through(frozenset(((space, name, column, how),)), one[3])
                found.append([*field, *masked])
        else:
            found.append(one)
    return _once(found)


def _each(said: Said, change: Any) -> Said:
    found: Said = {}
    if said.get("columns"):
        found["columns"] = {name: change(fields) for name, fields in said["columns"].items()}
    if said.get("shaped_by"):
        found["shaped_by"] = change(said["shaped_by"])
    return found


def _fields(said: Said) -> list[list[str]]:
    columns = (said.get("columns") or {}).values()
    return [one for fields in (*columns, said.get("shaped_by") or ()) for one in fields]


def _key(one: Any) -> Key:
    return one[0], one[1]


def _once(found: list[list[str]]) -> list[list[str]]:
    return [list(one) for one in dict.fromkeys(map(tuple, found))]
