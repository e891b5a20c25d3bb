"""How fast column lineage is read from SQL, beside parsing alone and the parser's own lineage.

The statements are the vectors of the tests: some 300 scripts of ten dialects. The parser's own
`lineage` answers for one column at a time and for SELECT alone, so it is asked for every column of
the vectors that are one query over known tables, and compared on these. The cases take turns.

To measure with the parser compiled, install `sqlglot[c]` into the environment: the figures name
what was there.
"""

from __future__ import annotations

import logging
import sys
from importlib import util
from pathlib import Path

import _measuring
import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.shipping.sql.notation import Vector, read_vectors

from headwater.shipping.sql import Statement, analyse
from headwater.shipping.sql.dialects import dialect_of

VECTORS = Path(__file__).parents[1] / "tests" / "shipping" / "sql" / "vectors"
ROUNDS = 7


def main() -> None:
    """Measure, compare and report."""
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    vectors = [each for path in sorted(VECTORS.glob("*.sql")) for each in read_vectors(path)]
    queries = [each for each in vectors if is_query(each)]
    statements = sum(len(ours(each)) for each in vectors)
    expected = {each.name: ours(each)[0] for each in queries}
    names = {name: column_names(said) for name, said in expected.items()}
    same = sum(
        parsers_own(each, names[each.name]) == sources(expected[each.name]) for each in queries
    )
    taken = _measuring.alternate(
        {
            "all vectors": lambda: [ours(each) for each in vectors],
            "all vectors, parsing alone": lambda: [parse(each) for each in vectors],
            "queries": lambda: [ours(each) for each in queries],
            "queries, the parser's own lineage": lambda: [
                parsers_own(each, names[each.name]) for each in queries
            ],
        },
        rounds=ROUNDS,
    )
    counts = {"all": statements, "que": len(queries)}
    figures = [
        _measuring.Figure(
            name,
            tuple(counts[name[:3]] / sample * 1_000 for sample in samples),
            "statements/s",
        )
        for name, samples in taken.items()
    ]
    figures.append(
        _measuring.Figure(
            "queries of which the parser's own lineage says the same columns",
            (100 * same / len(queries),),
            "%",
            note=f"{same} of {len(queries)}",
        )
    )
    compiled = util.find_spec("sqlglotc") is not None
    _measuring.report(
        "sql", figures, packages=("sqlglot", "sqlglotc"), statements=statements, compiled=compiled
    )


def ours(vector: Vector) -> tuple[Statement, ...]:
    """The vector's statements, as we read them."""
    return analyse(vector.sql, dialect=vector.dialect, schemas=vector.schemas, frames=vector.frames)


def parse(vector: Vector) -> object:
    """The trees alone."""
    try:
        return sqlglot.parse(vector.sql, read=dialect_of(vector.dialect).name)
    except sqlglot.errors.SqlglotError:
        return None


def is_query(vector: Vector) -> bool:
    """Whether a vector is one exact query over known tables, which the parser's lineage takes."""
    said = ours(vector)
    known = {each[-1] for each in vector.schemas}
    return (
        len(said) == 1
        and said[0].exactness == "exact"
        and said[0].result is not None
        and not said[0].outputs
        and bool(said[0].inputs)
        and all(table.kind == "table" and table.name[-1] in known for table in said[0].inputs)
    )


def sources(statement: Statement) -> list[set[str]]:
    """For each column what its value, conditions and windows are made of, in small letters."""
    assert statement.result is not None
    return [
        {
            f"{each.table.name[-1]}.{each.column}".lower()
            for each in column.inputs
            if each.direct
            or any(how.subtype in {"CONDITIONAL", "WINDOW"} for how in each.transformations)
        }
        for column in statement.result.columns
    ]


def column_names(statement: Statement) -> list[str]:
    """The columns that a query gives."""
    assert statement.result is not None
    return [column.name for column in statement.result.columns]


def parsers_own(vector: Vector, names: list[str]) -> list[set[str]] | None:
    """The same by the parser's `lineage`, None where it fails."""
    schema: dict[str, object] = {}
    for name, columns in vector.schemas.items():
        at = schema
        for part in name[:-1]:
            at = at.setdefault(part, {})  # type: ignore[assignment]
        at[name[-1]] = dict.fromkeys(columns, "int")
    dialect = dialect_of(vector.dialect).name
    found = []
    try:
        for column in names:
            node = lineage(column, vector.sql, schema=schema, dialect=dialect)
            leaves = [each for each in node.walk() if not each.downstream]
            found.append(
                {
                    f"{leaf.source.name}.{leaf.name.split('.')[-1]}".lower().replace('"', "")
                    for leaf in leaves
                    if isinstance(leaf.source, exp.Table)
                }
            )
    except (sqlglot.errors.SqlglotError, ValueError, KeyError, AttributeError):
        return None
    return found


if __name__ == "__main__":
    main()
