"""How the dialects differ in what matters here: letters, aliases, the order of joined columns."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from sqlglot import exp

_ALIASES: Final = {
    "ansi": "",
    "postgresql": "postgres",
    "cockroachdb": "postgres",
    "greenplum": "postgres",
    "mariadb": "mysql",
    "mssql": "tsql",
    "sqlserver": "tsql",
    "awsathena": "athena",
    "sparksql": "spark",
    "trinodb": "trino",
}
"""Names that other tools have for a dialect of the parser."""


class Dialect(NamedTuple):
    """A dialect. `name` is the parser's name for it.

    unquoted: what the engine makes of letters without quotes
    exact_tables: names of tables that differ in letters are different tables
    aliases_in_select: an expression may name an alias before it
    aliases_in_where: WHERE may name an alias
    aliases_in_having: HAVING may name an alias, also one that is a column's name
    aliases_anywhere: an alias may stand in the middle of an expression
    columns_in_order: an expression in ORDER BY means a column before an alias of the same name
    dotted_fields: `a.b` may be a field of a column, not only a column of a table
    lateral: a subquery in FROM may name what stands before it
    merged_first: a star puts the columns of USING first
    bare_variables: a variable of the script is named like a column
    """

    name: str
    unquoted: Literal["lower", "upper", "kept"] = "kept"
    exact_tables: bool = False
    aliases_in_select: bool = False
    aliases_in_where: bool = False
    aliases_in_having: bool = True
    aliases_anywhere: bool = False
    columns_in_order: bool = False
    dotted_fields: bool = True
    lateral: bool = False
    merged_first: bool = True
    bare_variables: bool = False

    def fold(self, identifier: exp.Expr) -> str:
        """The name that the engine has for an identifier."""
        return self.fold_name(identifier.name, quoted=bool(identifier.args.get("quoted")))

    def fold_name(self, name: str, *, quoted: bool) -> str:
        """The name that the engine has for what is written."""
        if self.unquoted == "kept" or quoted:
            return name
        return name.lower() if self.unquoted == "lower" else name.upper()


_KNOWN: Final = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            "duckdb",
            aliases_in_select=True,
            aliases_in_where=True,
            columns_in_order=True,
            lateral=True,
            merged_first=False,
        ),
        Dialect(
            "sqlite",
            aliases_in_having=False,
            aliases_in_where=True,
            columns_in_order=True,
            dotted_fields=False,
            merged_first=False,
        ),
        Dialect(
            "postgres",
            "lower",
            aliases_in_having=False,
            exact_tables=True,
            columns_in_order=True,
            dotted_fields=False,
        ),
        Dialect(
            "redshift",
            "lower",
            aliases_in_having=False,
            aliases_in_select=True,
            columns_in_order=True,
        ),
        Dialect(
            "materialize",
            "lower",
            aliases_in_having=False,
            exact_tables=True,
            columns_in_order=True,
            dotted_fields=False,
        ),
        Dialect(
            "risingwave",
            "lower",
            aliases_in_having=False,
            exact_tables=True,
            columns_in_order=True,
            dotted_fields=False,
        ),
        Dialect("tsql", aliases_in_having=False, columns_in_order=True, dotted_fields=False),
        Dialect("fabric", aliases_in_having=False, columns_in_order=True, dotted_fields=False),
        Dialect(
            "snowflake",
            "upper",
            exact_tables=True,
            aliases_in_select=True,
            aliases_in_where=True,
            dotted_fields=False,
        ),
        Dialect(
            "oracle",
            "upper",
            bare_variables=True,
            aliases_in_having=False,
            exact_tables=True,
            dotted_fields=False,
        ),
        Dialect("mysql", exact_tables=True, dotted_fields=False),
        Dialect("bigquery", exact_tables=True, bare_variables=True),
        Dialect("databricks", aliases_in_select=True, bare_variables=True),
        Dialect("spark", aliases_in_select=True, bare_variables=True),
        Dialect("teradata", aliases_in_select=True, aliases_in_where=True),
        Dialect(
            "clickhouse",
            exact_tables=True,
            aliases_in_select=True,
            aliases_in_where=True,
            aliases_anywhere=True,
            merged_first=False,
        ),
    )
}


def dialect_of(name: str) -> Dialect:
    """The dialect of this name, as the parser or other tools call it."""
    lowered = name.strip().lower()
    lowered = _ALIASES.get(lowered, lowered)
    return _KNOWN.get(lowered, Dialect(lowered))
