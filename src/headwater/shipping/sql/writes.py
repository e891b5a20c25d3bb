"""Statements that write rows: INSERT, UPDATE, DELETE, MERGE."""

from __future__ import annotations

from sqlglot import exp

from headwater.shipping.sql.analysis import UnsupportedError
from headwater.shipping.sql.fired import fire
from headwater.shipping.sql.inserts import insert
from headwater.shipping.sql.merges import merge
from headwater.shipping.sql.queries import with_ctes
from headwater.shipping.sql.relations import Relation
from headwater.shipping.sql.scope import Scope
from headwater.shipping.sql.updates import delete, update


def write(node: exp.Expr, outer: Scope) -> Relation:
    """Read a statement that writes, and what triggers do then; what it gives back is RETURNING."""
    scope = with_ctes(node, outer)
    first = len(scope.analysis.writes)
    returned = _written(node, scope)
    more = fire(node, first, returned.reads, scope)
    return returned.with_reads(returned.reads | more) if more else returned


def _written(node: exp.Expr, scope: Scope) -> Relation:
    if isinstance(node, exp.Insert):
        return insert(node, scope)
    if isinstance(node, exp.Update):
        return update(node, scope)
    if isinstance(node, exp.Delete):
        return delete(node, scope)
    if isinstance(node, exp.Merge):
        return merge(node, scope)
    raise UnsupportedError(node.key.upper())
