"""Programs of Arrow, made at random, that work: each step is tried as it is made."""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from tests.capture.duckdb_programs import DUCKDB, TABLES
from tests.capture.grammar import Grammar
from tests.capture.perturbing import Library

# What is imported by name would be what it was before the adapters are fitted.
from pyarrow.parquet import core as pq  # isort: skip

RULES: Final[dict[str, tuple[str, ...]]] = {
    "table": (
        "<f>.select([<column>, <column.b>])", "<f>.drop_columns([<column>])",
        "<f>.append_column(<as>, <value>)", "<f>.append_column(<as>, <value>)",
        "<f>.set_column(0, <as>, <value>)", "<f>.add_column(0, <as>, <value>)",
        "<f>.filter(<mask>)", "<f>.filter(<condition>)", "<f>.filter(<condition>)",
        "<f>.sort_by([(<number>, 'descending'), (<column>, 'ascending')])", "<f>.slice(1, 3)",
        "<f>.take(pc.sort_indices(<f>[<number>]))", "<f>.rename_columns({<column>: 'ren'})",
        "<f>.group_by([<column>]).aggregate([(<number>, <how>), (<column.b>, 'count')])",
        "<f>.group_by([<column>, <column.b>]).aggregate([([], 'count_all')])",
        "<f>.group_by([<column>], use_threads=False).aggregate([(<column.b>, 'first')])",
        "<f>.group_by(<column>).aggregate([(<number>, 'sum', pc.ScalarAggregateOptions())])",
        "<f>.join(<g>, keys=<number>, right_keys=<g_number>, join_type=<join>, right_suffix='_r')",
        "<f>.join(<g>, keys=[<shared>], join_type=<join>, right_suffix='_r')",
        "<f>.join(<g>.select([<g_number>]), keys=<number>, right_keys=<g_number>, "
        "join_type='inner', coalesce_keys=False, right_suffix='_r')",
        "pa.concat_tables([<f>.select([<column>]), <g>.select([<g_column>])], "
        "promote_options='permissive')",
        "pa.concat_tables([<f>, <f>])", "pa.table({<as>: <value>, 'w': <f>[<column>]})",
        "pa.Table.from_arrays([<value>, <f>[<column>]], names=['p', 'q'])",
        "pa.Table.from_batches(<f>.to_batches())", "pa.Table.from_pandas(<f>.to_pandas())",
        "ds.dataset(<f>).to_table(columns=[<column>], filter=<condition>)",
        "ds.dataset(<f>).to_table(columns={<as>: <expression>, 'w': pc.field(<column>)})",
        "ds.dataset(<f>).scanner(filter=<condition>).to_table()", "ds.dataset(<f>).head(3)",
        "ds.dataset(<f>).filter(<condition>).to_table()", "<f>.combine_chunks()",
        "ds.dataset(<f>).sort_by(<number>).to_table()", "<f>.unify_dictionaries()",
        "<f>.cast(<f>.schema)", "<f>.flatten()", "pa.table({'n': [<f>.num_rows]})",
        "pa.table({'n': [pc.sum(<f>[<number>]).as_py()]})",
        "<f>.to_reader().read_all()", "<f>.replace_schema_metadata({'p': 'q'})",
    ),
    "value": (
        "<f>[<column>]", "<num>", "pc.add(<num>, <num.b>)", "pc.multiply(<num>, 2)",
        "pc.is_null(<f>[<column>])", "pc.if_else(<mask>, <num>, <num.b>)",
        "pc.coalesce(<num>, <num.b>)", "pc.utf8_upper(<f>[<text>])", "pc.cumulative_sum(<num>)",
        "pc.fill_null(<num>, 0)", "pc.case_when(pc.make_struct(<mask>), <num>, <num.b>)",
        "pc.rank(<num>)", "pc.subtract(<num>, pc.mean(<num.b>))", "pc.abs(<num>)",
        "pc.list_value_length(<f>[<list>])", "pc.struct_field(<f>[<struct>], 'f1')",
        "pc.make_struct(<num>, <f>[<column>], field_names=['f1', 'f2'])", "<num>.cast('float64')",
        "pc.max_element_wise(<num>, <num.b>)", "pc.utf8_length(<f>[<text>])", "<num>.fill_null(7)",
        "pc.dictionary_encode(<f>[<text>]).cast('string')", "pc.replace_with_mask(<num>, <mask>, "
        "pc.filter(<num>, <mask>))", "pc.negate(<num>)", "pc.sort_indices(<num>)",
    ),
    "num": ("<f>[<number>]",),
    "mask": (
        "pc.greater(<num>, 1)", "pc.is_valid(<f>[<column>])", "pc.equal(<num>, <num.b>)",
        "pc.and_(pc.less(<num>, 3), pc.is_valid(<f>[<column>]))", "pc.invert(pc.greater(<num>, 1))",
        "pc.greater(<num>, pc.mean(<num.b>))", "pc.match_substring(<f>[<text>], 'u')",
    ),
    "condition": (
        "pc.field(<number>) > 1", "(pc.field(<number>) > 0) & pc.field(<column>).is_valid()",
        "pc.field(<number>) == pc.field(<number.b>)", "~(pc.field(<number>) > 1)",
        "pc.field(<column>).is_null()", "pc.field(<number>).isin([1, 2])",
    ),
    "expression": (
        "pc.field(<column>)", "pc.field(<number>) + pc.field(<number.b>)",
        "pc.if_else(<condition>, pc.field(<number>), 0)", "pc.field(<number>).cast('float64')",
        "pc.coalesce(pc.field(<number>), pc.field(<number.b>))", "<condition>",
    ),
    "as": ("'p'", "'q'", "'z'"),
    "how": ("'sum'", "'max'", "'count'", "'mean'", "'count_distinct'", "'list'"),
    "join": ("'inner'", "'left outer'", "'right outer'", "'full outer'", "'left semi'",
             "'left anti'"),
}  # fmt: skip
_OF_KIND: Final = {
    "number": ("int", "double", "uint"), "text": ("string",), "list": ("list",),
    "struct": ("struct",), "column": ("",),
}  # fmt: skip
READS: Final = (
    'a = pq.read_table(f"{d}/a.parquet")',
    'b = ds.dataset(f"{d}/b.parquet").to_table()',
    'c = csv.read_csv(f"{d}/c.csv")',
)
ROWS_MAX: Final = 200


def _names(folder: Path) -> dict[str, Any]:
    import pyarrow.csv as csv

    return {
        "pa": pa, "pc": pc, "pq": pq, "ds": ds, "csv": csv, "d": str(folder), "__name__": "job",
    }  # fmt: skip


ARROW: Final = Library(
    ("pandas", "pyarrow", "pyarrow._compute", "pyarrow.parquet.core", "pyarrow.dataset",
     "pyarrow.csv"),
    DUCKDB.store,
    _names,
    DUCKDB.values,
)  # fmt: skip


class Maker:
    """Makes a program step by step; `lines` are those that worked."""

    def __init__(self, chance: random.Random) -> None:
        self.lines: list[str] = [*READS]
        self._chance = chance
        self._grammar = Grammar(RULES, self._given, chance.choice)
        self._made = ["a", "b", "c"]
        self._f = self._g = "a"

    def make(self, steps: int) -> str:
        """Make a program, which gives the last of its tables."""
        folder = Path(tempfile.mkdtemp(prefix="arrow"))
        try:
            for name, columns in TABLES.items():
                DUCKDB.store(columns, folder / name)
            self._scope = _names(folder)
            exec("\n".join(READS), self._scope)  # noqa: S102
            for number in range(3 * steps):
                if len(self.lines) < len(READS) + steps:
                    self._step(f"v{number}")
        finally:
            shutil.rmtree(folder)
        return "\n".join([*self.lines, f'pq.write_table({self._made[-1]}, f"{{d}}/o.parquet")'])

    def _step(self, new: str) -> None:
        self._f = self._chance.choice([self._made[-1]] * 3 + self._made)
        self._g = self._chance.choice(self._made)
        try:
            line = f"{new} = {self._grammar.make('table', 4)}"
            exec(line, self._scope)  # noqa: S102
        except Exception:  # it does not go with these columns
            return
        table = self._scope[new]
        names = table.column_names
        if not 0 < table.num_rows <= ROWS_MAX or len(set(names)) < len(names):
            return
        self.lines.append(line)
        self._made.append(new)

    def _given(self, name: str) -> str:
        """The tables of a step (`f`, `g`), or a column of one, by its type."""
        if name in ("f", "g"):
            return {"f": self._f, "g": self._g}[name]
        schema = self._scope[self._g if name.startswith("g_") else self._f].schema
        if name == "shared":
            other = self._scope[self._g].schema
            return repr(self._chance.choice([one for one in schema.names if one in other.names]))
        kinds = _OF_KIND[name.removeprefix("g_")]
        found = [one.name for one in schema if str(one.type).startswith(kinds)]
        return repr(self._chance.choice(found))
