"""What names mean at one place of a statement, from the innermost query outwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlglot import exp

from headwater.shipping.sql.analysis import Analysis
from headwater.shipping.sql.model import Table
from headwater.shipping.sql.origins import TRANSFORMATION, Origins, union
from headwater.shipping.sql.relations import Column, Item, Relation
from headwater.shipping.sql.structs import inside

Aliases = Literal["after", "before", "never"]
"""Whether an alias of the query is looked for after its columns, before them, or not at all."""

_PSEUDO = frozenset(
    {"rowid", "oid", "_rowid_", "ctid", "rownum", "level", "sysdate", "_partitiontime",
     "_partitiondate", "_table_suffix", "xmin", "tableoid", "filename", "file_row_number",
     "metadata$filename", "metadata$file_row_number", "merge_action", "$action",
     "connect_by_isleaf", "connect_by_iscycle", "nextval", "currval", "_metadata", "user",
     "current_user"}
)  # fmt: skip


class Named:
    """A relation under a name. `parts` are schema and name where it is a table without alias."""

    def __init__(
        self, parts: Sequence[str], relation: Relation, *, qualified_only: bool = False
    ) -> None:
        self.parts = tuple(parts)
        self.relation = relation
        self.qualified_only = qualified_only
        self.hidden = False
        self.learned: set[str] = set()

    def find(self, name: str) -> list[Origins]:
        """What a column of this name is: one that is known, or that the statement took from here.

        A name that was understood once as a column of an unknown table is one of its columns.
        """
        known = [column.origins for column in self.relation.find(name)]
        if not known and name.casefold() in self.learned:
            return self.maybe(name)
        return known

    def maybe(self, name: str) -> list[Origins]:
        """What a column of this name would be, if it is one of those that are not known."""
        if name.casefold().startswith("metadata$"):
            return []
        found = [rest.find(name) for rest in self.relation.rests]
        return [each for each in found if each is not None]

    def numbered(self, number: str) -> Origins:
        """What `$1` means: the first column."""
        place = int(number) if number.isdigit() else 0
        before = self.relation.items[:place]
        if place and len(before) == place and isinstance(before[-1], Column):
            return before[-1].origins
        origins = union(*self.maybe(f"${number}"))
        if any(source.table.kind != "file" for source in origins.sources):
            origins.doubt(f"column ${number} is not known by its number")
        return origins

    def answers(self, qualifier: Sequence[str]) -> bool:
        """Whether a column's qualifier means this relation."""
        if not self.parts or len(qualifier) > len(self.parts):
            return False
        own = self.parts[-len(qualifier) :]
        return all(a.casefold() == b.casefold() for a, b in zip(own, qualifier, strict=True))


class Guess(NamedTuple):
    """What a name may mean; `source` is None where it is an alias or of an outer query."""

    source: Named | None
    origins: Origins

    @property
    def label(self) -> str:
        """Where it would be, for people."""
        if self.source is None:
            return "an alias, a variable or an outer query"
        return ".".join(self.source.parts) or "a subquery"


class Scope:
    """Relations, aliases and common table expressions that can be named here.

    `values` are expressions that WITH names (ClickHouse): they mean what they do where they are
    used. `star` is what `*` stands for after joins; without, it is all that the sources have.
    `joined` is the number of sources that stand before the item of FROM that is being read: its
    JOINs are not with them.
    """

    def __init__(
        self,
        analysis: Analysis,
        parent: Scope | None = None,
        *,
        sources: list[Named] | None = None,
        weak: bool = False,
    ) -> None:
        self.analysis = analysis
        self.parent = parent
        self.sources = sources if sources is not None else []
        self.weak = weak
        self.ctes: dict[str, Relation] = {}
        self.values: dict[str, exp.Expr] = {}
        self.aliases: dict[str, Origins] = {}
        self.merged: dict[str, Origins] = {}
        self.star: list[Item] | None = None
        self.joined = 0
        self.windows: dict[str, exp.Window] = {}
        self.reads: dict[Table, None] = {}

    def cte(self, name: str) -> Relation | None:
        """The common table expression of this name."""
        scope: Scope | None = self
        while scope is not None:
            if name.casefold() in scope.ctes:
                return scope.ctes[name.casefold()]
            scope = scope.parent
        return None

    def variable(self, name: str) -> Origins | None:
        """What is in the script's variable of this name, which is read with it."""
        value = self.analysis.catalog.variable(name)
        if value is None:
            return None
        self.reads.update(dict.fromkeys(value.reads))
        return value.columns[0].origins

    def window(self, name: str) -> exp.Window | None:
        """The named window."""
        scope: Scope | None = self
        while scope is not None:
            if name.casefold() in scope.windows:
                return scope.windows[name.casefold()]
            scope = scope.parent
        return None

    def source(self, qualifier: Sequence[str]) -> Named | None:
        """The relation that a qualifier means, looking outwards."""
        scope: Scope | None = self
        while scope is not None:
            for source in scope.sources:
                if source.answers(qualifier):
                    return source
            scope = scope.parent
        return None

    def resolve(self, names: Sequence[str], aliases: Aliases = "after") -> Origins:
        """What a column is made from, by its name in parts.

        With all columns known there is one answer. Where some are not, the statement is valid all
        the same, so a known column beats an unknown one, and a single unknown relation is it;
        several candidates are a doubt.
        """
        if len(names) > 1 and not self.analysis.dialect.dotted_fields:
            column = self._of_named(names)
            if column is not None:
                return column
        guesses: list[Guess] = []
        missed = False
        scope: Scope | None = self
        while scope is not None:
            if not (scope.weak and guesses):
                found, answered = scope._qualified(names)
                missed = missed or answered
                if found is None:
                    # What a relation of that name lacks is no column that nobody knows.
                    maybe = [] if missed else guesses
                    found = scope._here(names, maybe, aliases if scope is self else "after")
                if found is not None:
                    return _decided(names, [*guesses, Guess(None, found)])
            scope = scope.parent
        bare = len(names) == 1 and self.analysis.dialect.bare_variables
        variable = self.variable(names[0]) if bare else None
        if variable is not None:
            guesses.append(Guess(None, variable))
        if guesses:
            return _decided(names, guesses)
        return self._nothing(names)

    def _of_named(self, names: Sequence[str]) -> Origins | None:
        """The column of a relation that the first parts name, looking outwards."""
        scope: Scope | None = self
        while scope is not None:
            found, _ = scope._qualified(names)
            if found is not None:
                return found
            scope = scope.parent
        return None

    def _qualified(self, names: Sequence[str]) -> tuple[Origins | None, bool]:
        """The column of a relation that the first parts name, and whether there is such a one.

        One that lacks the column is passed over: engines look on, outwards too.
        """
        answered = False
        for length in range(min(3, len(names) - 1), 0, -1):
            for source in self.sources:
                if source.answers(names[:length]):
                    answered = True
                    found = _column_of(source, names[length], names[length + 1 :])
                    if found is not None:
                        return found, True
        return None, answered

    def _here(self, names: Sequence[str], guesses: list[Guess], aliases: Aliases) -> Origins | None:
        """What this scope alone says for sure; what it may mean goes to `guesses`."""
        name = names[0]
        alias = self.aliases.get(name.casefold())
        if alias is not None and aliases == "before" and len(names) == 1:
            return alias
        found = self._unqualified(name, guesses)
        if found is None and aliases != "never" and alias is not None:
            if not guesses:
                return alias if len(names) == 1 else inside(alias, names[1:])
            guesses.append(Guess(None, alias))
        if found is None and len(names) == 1:
            found = self._whole_row(name)
        if found is not None and len(names) > 1:
            return inside(found, names[1:])
        return found

    def _unqualified(self, name: str, guesses: list[Guess]) -> Origins | None:
        merged = self.merged.get(name.casefold())
        if merged is not None:
            return merged
        open_sources = [s for s in self.sources if not (s.qualified_only or s.hidden)]
        known = [origins for source in open_sources for origins in source.find(name)]
        if known:
            if all(each == known[0] for each in known):
                return known[0]
            both = union(*known)
            both.doubt(f"{name} is the name of several columns")
            return both
        for source in open_sources:
            guesses += [Guess(source, maybe) for maybe in source.maybe(name)]
        return None

    def _whole_row(self, name: str) -> Origins | None:
        """A relation's name in place of a column: its whole row."""
        for source in self.sources:
            if source.answers([name]) and not source.hidden:
                return whole(source.relation)
        return None

    def _nothing(self, names: Sequence[str]) -> Origins:
        origins = Origins()
        if names[-1].casefold() not in _PSEUDO:
            origins.doubt(f"{'.'.join(names)} is no column of any table here")
        return origins


def whole(relation: Relation) -> Origins:
    """Every column of a relation, as one value."""
    origins = Origins()
    fields: dict[str, Origins] = {}
    for column in relation.columns:
        origins.take(column.origins, TRANSFORMATION)
        fields[column.name.casefold()] = field = Origins()
        field.take(column.origins, TRANSFORMATION)
        field.fields = column.origins.fields
    origins.fields = fields or None
    for rest in relation.rests:
        origins.take(rest.as_doubt(), TRANSFORMATION)
    return origins


def _column_of(source: Named, name: str, path: Sequence[str]) -> Origins | None:
    """A column of a relation; None if it has none of this name, and another has to be meant."""
    known = source.find(name)
    guesses = source.maybe(name)
    label = ".".join(source.parts)
    if known:
        found = union(*known)
        if any(origins != known[0] for origins in known):
            found.doubt(f"{label} has several columns {name}")
    elif guesses:
        found = _decided([name], [Guess(source, guess) for guess in guesses])
    elif name.casefold() in _PSEUDO:
        found = Origins()
    else:
        return None
    return inside(found, path) if path else found


def _decided(names: Sequence[str], candidates: list[Guess]) -> Origins:
    first = candidates[0]
    if all(guess.origins == first.origins for guess in candidates):
        if len(candidates) == 1 and first.source is not None:
            first.source.learned.add(names[0].casefold())
        return first.origins
    both = union(*(guess.origins for guess in candidates))
    where = " or ".join(dict.fromkeys(guess.label for guess in candidates))
    both.doubt(f"{names[-1]} may be of {where}: not all columns are known")
    return both
