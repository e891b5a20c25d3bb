"""What a statement says about data: which tables and columns went where, and how surely.

`exactness` is `exact` where the statement and the known schemas leave no other reading,
`conservative` where some columns could not be told apart (`doubts` says which and why; the tables
are complete), `opaque` where the statement could not be read (its tables are what stands behind
words like FROM and INTO).
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Name = tuple[str, ...]
"""A name in its parts: catalog and schema, where they count, then the table."""

Exactness = Literal["exact", "conservative", "opaque"]
Mode = Literal["append", "overwrite", "upsert", "delete"]
Change = Literal["CREATE", "OVERWRITE", "ALTER", "RENAME", "DROP", "TRUNCATE"]


class Table(NamedTuple):
    """Something with columns: a table, a file, a frame, or a dataset that is known already.

    A file's name has one part: path, pattern or URL. A frame is a variable of the calling program
    that is read in place of a table. A dataset's name is its namespace and its name. What the
    program itself gave has no name.
    """

    name: Name
    kind: Literal["table", "file", "frame", "dataset", "given"] = "table"


GIVEN: Final = Table((), "given")
"""What the program gave: parameters, rows of VALUES, COPY from its own stream."""


class Transformation(NamedTuple):
    """How an input went into an output, in the words of `columnLineage` 1-2-0.

    DIRECT: IDENTITY, TRANSFORMATION, AGGREGATION. INDIRECT: JOIN, FILTER, GROUP_BY, SORT, WINDOW,
    CONDITIONAL. `masking` says that the value cannot be read from the output (a hash, a count).
    """

    type: Literal["DIRECT", "INDIRECT"]
    subtype: str
    masking: bool = False


class Input(NamedTuple):
    """A column that an output depends on, and in which ways."""

    table: Table
    column: str
    transformations: tuple[Transformation, ...]

    @property
    def direct(self) -> bool:
        """Whether values of this column went into the output."""
        return any(how.type == "DIRECT" for how in self.transformations)


class ColumnLineage(NamedTuple):
    """Where one output column came from. Without `inputs` from no column, as COUNT(*) does."""

    name: str
    inputs: tuple[Input, ...]
    exactness: Exactness = "exact"


class Lineage(NamedTuple):
    """Columns in their order, and what bears on all of them alike (`dataset`: filters, joins …).

    `rest` are tables whose columns are not known and which go, each column that `columns` does not
    have, into the column of the same name (`SELECT *`).
    """

    columns: tuple[ColumnLineage, ...] = ()
    dataset: tuple[Input, ...] = ()
    rest: tuple[Table, ...] = ()


class Write(NamedTuple):
    """What a statement does to one table.

    `mode` is how rows get there (`headwater_write`), `change` what happens to the table itself
    (`lifecycleStateChange`), `previous` the name before a RENAME. `columns` are the table's own
    after the statement, where they are known. `reads` are the tables that this write is of, where
    they are not those that the statement reads.
    """

    table: Table
    mode: Mode | None = None
    change: Change | None = None
    previous: Table | None = None
    view: bool = False
    lineage: Lineage = Lineage()
    columns: tuple[str, ...] | None = None
    reads: frozenset[Table] | None = None


class Statement(NamedTuple):
    """One statement: what it read, wrote and gave back.

    `result` is what a query, or RETURNING, hands to the program. `attached` are databases that it
    attached, as name and path. `given` says that values of the program, as parameters or rows
    of VALUES, are in what it writes or reads.
    """

    sql: str
    kind: str
    inputs: tuple[Table, ...] = ()
    outputs: tuple[Write, ...] = ()
    result: Lineage | None = None
    exactness: Exactness = "exact"
    doubts: tuple[str, ...] = ()
    attached: tuple[tuple[str, str], ...] = ()
    given: bool = False
