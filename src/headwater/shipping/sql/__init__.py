"""SQL to column lineage, outside the process that ran it.

    session        scripts, statement by statement, as one connection runs them
    model          what is said about a statement
    facet          the same as a `columnLineage` facet
    catalog        tables, columns, frames and temporary tables as the connection sees them
    parsing        statements to trees, within `limits`, and `chunks` a script to statements;
                   `parts`, `spelling`, `opaque`, `words` help
    queries        SELECT, set operations, common table expressions; `groups`
    sources        FROM and its joins; `functions`, `pivots`
    projections    stars and names; `naming`, `generators`
    expressions    an expression to the columns it depends on, by what `operators` say
    variables      DECLARE and SET; `prepared` statements, `macros`
    scope          what a name means in its place
    writes         INSERT, UPDATE, DELETE, MERGE: `inserts`, `updates`, `merges`, over `targets`
    reactions      what tables do by themselves: `computed` columns, and `triggers`, once `fired`
    definitions    CREATE, ALTER, DROP, TRUNCATE; `copies`
    origins        edges, and how they follow one another; `relations`
    dialects       how dialects differ in what matters here

Pure: no disk, network or clock. Needs the parser of `headwater[server]`.
"""

from headwater.shipping.sql.catalog import Schemas
from headwater.shipping.sql.model import (
    ColumnLineage,
    Input,
    Lineage,
    Statement,
    Table,
    Transformation,
    Write,
)
from headwater.shipping.sql.session import Session, analyse

__all__ = [
    "ColumnLineage",
    "Input",
    "Lineage",
    "Schemas",
    "Session",
    "Statement",
    "Table",
    "Transformation",
    "Write",
    "analyse",
]
