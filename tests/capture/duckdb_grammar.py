"""The grammar of programs of DuckDB: queries over `<f>`, perhaps with another `<g>`, and steps.

Columns stand for what there is when a step is made: `<column>`, `<number>`, `<text>`, `<list>`,
`<struct>`, and of the other `<g_number>` and the like; `<shared>` is a column of both.
"""

from __future__ import annotations

from typing import Final

RULES: Final[dict[str, tuple[str, ...]]] = {
    # Steps: a line of a program that makes `<new>`, a table, view, relation or frame.
    "step": (
        'con.execute("create temp table <new> as <query>")',
        'con.execute("create table <new> as <query>")',
        'con.execute("create view <new> as <query>")',
        'con.execute("create macro <new>_m(p) as p + 1; create table <new> as <query>")',
        '<new> = con.sql("<query>")',
        '<new> = con.sql("<query>").df()',
        '<new> = con.sql("<query>").pl()',
        '<new> = con.sql("<query>").to_arrow_table()',
        '<new> = con.sql("from <f>").<chained>',
        '<new> = con.sql("from <f>").<chained>.<chained.b>',
        "con.execute(f\"copy (<query>) to '{d}/<new>.parquet'\"); "
        "<new> = con.read_parquet(f'{d}/<new>.parquet')",
        'con.execute("create table <new> as from <f>; <change>")',
        'con.execute("create temp table <new> as from <f>; <change>")',
        'con.execute("create temp table <new> as from <f>; <change>; <change.b>")',
        'con.register("<new>", con.sql("<query>").df())',
        'con.execute("prepare <new>_p as <query>"); '
        '<new> = con.sql("execute <new>_p").to_arrow_table()',
    ),
    "chained": (
        "filter('<cond>')", "project('*, <expr> as <as>')", "project('<column>, <expr> as <as>')",
        "aggregate('<column>, <agg> as <as>')", "aggregate('<agg> as <as>')",
        "aggregate('<agg> as <as>', '<column>')", "order('<expr>').limit(3)", "distinct()",
        "select('<column>')", "order('<column>')", "sum('<number>')", "max('<column>')",
        "count('<column>')", "union(con.sql('from <f>'))", "set_alias('q').filter('<cond>')",
        "query('q', 'select <column>, <expr> as <as> from q where <cond>')",
        "except_(con.sql('from <f> where <cond>'))", "intersect(con.sql('from <f>'))",
        "row_number('over (partition by <column> order by <number>)', '<column>')",
        "first('<number>')", "value_counts('<column>')", "unique('<column>')",
        "join(con.sql('from <g>').set_alias('r'), '<shared>')",
        "set_alias('l').join(con.sql('from <g>').set_alias('r'), 'l.<number> = r.<g_number>', "
        "how='left').select('l.<column>, r.<g_column> as <as>')",
    ),
    "change": (
        "insert into <new> from <f>", "insert into <new> by name select <column> from <f>",
        "update <new> set <number> = <num> where <cond>",
        "update <new> set <number> = r.<g_number> from <g> r where r.<g_number.b> = <new>.<number>",
        "delete from <new> where <cond>",
        "delete from <new> using <g> r where r.<g_number> = <new>.<number>",
        "alter table <new> add column added int; update <new> set added = <num>",
        "alter table <new> drop column <column>", "alter table <new> rename column <column> to ren",
        "truncate <new>; insert into <new> from <f> where <cond>",
        "merge into <new> using <g> r on <new>.<number> = r.<g_number> "
        "when matched then update set <number> = r.<g_number.b> "
        "when not matched then insert (<number.b>) values (r.<g_number>)",
        "merge into <new> using <g> r on <new>.<number> = r.<g_number> and <cond_of_new> "
        "when matched and r.<g_number.b> > 1 then delete "
        "when not matched by source then update set <number.b> = 9",
    ),
    "cond_of_new": ("<new>.<number> > 0", "<new>.<number> is not null"),
    # Queries, the simplest one first.
    "query": (
        "select <column>, <expr> as <as> from <f>",
        "select *, <expr> as <as> from <f>",
        "select *, <window> as <as> from <f>",
        "select <column>, <window> as <as> from <f>",
        "select <expr> as <as>, <expr.b> as w from <f> where <cond>",
        "select * exclude (<column>) from <f> where <cond>",
        "select * replace (<expr> as <column>) from <f>",
        "select * rename (<column> as ren) from <f>",
        "select columns(c -> c <> $$<raw>$$) from <f>",
        "select <number> + 1 as e1, e1 * 2 as e2, <expr> as <as> from <f> where e2 > 1",
        "<grouped>", "<grouped>", "<grouped>", "<joined>", "<joined>", "<joined>", "<joined>",
        "<nested>", "<nested>", "<nested>",
        "<of_sets>",
        "select distinct <column>, <column.b> from <f>",
        "select distinct on (<column>) <column>, <expr> as <as> from <f> order by <column>, all",
        "select * from <f> order by <expr> limit 3",
        "select <column>, <expr> as <as> from <f> order by <as> desc, <column> limit 3 offset 1",
        "select <column>, <expr> as <as> from <f> qualify <window> > 1",
        "select <column>, row_number() over (partition by <column> order by <number>) as rn "
        "from <f> qualify rn = 1",
        "select <expr> as <as> from <f> limit (select count(*) from <g> where <g_number> > 1)",
        "from <f> select <column>, <expr> as <as>",
        "select max(columns(* exclude (<column>))) from <f>",
        "select <column>, sum(<number>) over w as s1, count(*) over w2 as s2 from <f> "
        "window w as (partition by <column.b>), w2 as (w order by <number.b>)",
        "select <as>.f1 as m, <as> from (select {'f1': <expr>, 'f2': <column>} as <as> from <f>)",
        "select unnest({'f1': <expr>, 'f2': <column>}) from <f>",
        "select <column>, unnest(<list>) as <as> from <f>",
        "select unnest(<struct>), <column> as p from <f>",
        "select <struct>.*, <column> as p from <f>",
        "select <struct>.f1 as p from <f>",
        "select <column>, u.e as <as> from <f>, unnest(<list>) as u(e)",
        "select <column>, l.m as <as> from <f>, lateral (select <num> + 1 as m where <cond>) l",
        "pivot (select <number>, <text> from <f>) on <text> in ('u', 'v') using sum(<number>)",
        "unpivot (select <column>, <number>, <number.b> as nb from <f>) on nb",
        "select * from (select <number> as n1, <number.b> as n2, <column> as n3 from <f>) "
        "unpivot (val for nam in (n1, n2))",
        "values ((select max(<number>) from <f>), (select count(<column>) from <f>))",
        "summarize select <number> from <f>",
        "select <expr> as <as>, (from <f> select max(<number>)) as w from <g>",
        "select <f> as whole from <f>",
        "select <number> from <f> using sample 100%",
        "select <column>, try_cast(<text> as int) as <as> from <f>",
        "select count(*) as n from <f> where <cond>",
        "select count(*) as n, max(<column>) as m from <f>",
        "describe select <column> from <f>",
    ),
    "grouped": (
        "select <column>, <agg> as <as> from <f> group by <column>",
        "select <column>, <agg> as <as>, <agg.b> as w from <f> where <cond> group by all",
        "select <expr> as g, <agg> as w from <f> group by g",
        "select <expr> as g, <agg> as w from <f> group by 1 having <agg.b> > 1",
        "select <column>, <column.b> as cb, <agg> as w from <f> "
        "group by grouping sets ((<column>), (<column.b>), ())",
        "select <column>, <column.b> as cb, <agg> as w, grouping(<column>) as gr from <f> "
        "group by rollup (<column>, <column.b>)",
        "select <column>, count(*) as n from <f> group by cube (<column>)",
        "select <agg> as <as>, <agg.b> as w from <f>",
        "select <agg> as <number>, <column> as g from <f> group by <column> having <number> > 1",
        "select <column>, sum(<num>) filter (where <cond>) as <as> from <f> group by all",
        "select <column> from <f> group by <column> having count(*) > 1",
        "select <column>, sum(count(*)) over () as <as> from <f> group by <column>",
        "select <agg> as <as> from <f> having count(*) > 1",
        "select <column>, <agg> as <as> from <f> group by all order by <as>, <column> limit 2",
        "select <column>, list({'f1': <expr>, 'f2': <number>} order by <number>) as li "
        "from <f> group by all",
    ),
    "joined": (
        "select l.*, r.<g_column> as <as> from <f> l join <g> r on l.<number> = r.<g_number>",
        "select l.<column>, r.<g_column> as <as> from <f> l left join <g> r "
        "on l.<number> = r.<g_number> and r.<g_number.b> > 1",
        "select <shared>, l.<column> as <as>, r.<g_column> as w from <f> l full join <g> r "
        "using (<shared>)",
        "select * exclude (<shared>), <shared> as <as> from <f> join (select distinct <shared> "
        "from <g>) using (<shared>)",
        "select l.* from <f> l semi join <g> r on l.<number> = r.<g_number>",
        "select l.* from <f> l anti join <g> r using (<shared>)",
        "select l.<column>, r.<g_column> as <as> from <f> l right join <g> r using (<shared>)",
        "select l.<column>, r.<g_column> as <as> from <f> l, <g> r where l.<number> > r.<g_number>",
        "select l.<column>, r.<g_number> as <as> from <f> l asof left join <g> r "
        "on l.<number> >= r.<g_number>",
        "select l.<column>, r.m as <as> from <f> l, lateral (select max(<g_number>) as m from <g> "
        "where <g_number.b> = l.<number>) r",
        "select l.<column>, r.* from <f> l cross join (select <g_agg> as ga from <g>) r",
        "select count(*) as n from <f> l join <g> r on l.<number> = r.<g_number>",
        "select l.<column>, (select max(r.<g_number>) from <g> r where r.<g_number.b> = l.<number>)"
        " as <as> from <f> l",
        "select l.<column> from <f> l where exists (from <g> r where r.<g_number> = l.<number>)",
        "select <column> from <f> where <number> in (select <g_number> from <g>)",
        "select <column> from <f> where <number> > all (select <g_number> from <g>)",
        "select <column>, <number> in (select <g_number> from <g>) as <as> from <f>",
        "select <column>, array(select <g_number> from <g> order by all) as <as> from <f>",
    ),
    "nested": (
        "with q as (<query>) select * from q",
        "with q as (<query>), p as (select * from q) select count(*) as n from p",
        "select * from (<query>)",
        "with q(c1) as (select <expr> from <f>) select c1, count(*) as <as> from q group by c1",
        "with recursive q(n, m) as (select 1, <num> from <f> union all select n + 1, m + 1 from q "
        "where n < 3) select * from q",
        "select q1.<column>, q2.<column> as <as> from <f> q1 join <f> q2 "
        "on q1.<number> = q2.<number.b>",
        "select <column>, <as> from (select *, <window> as <as> from <f>) where <as> > 1",
        "with q as materialized (select <column>, <expr> as <as> from <f>) from q where <as> "
        "is not null",
    ),
    "of_sets": (
        "select <column> as p, <number> as q from <f> union all select <column>, <g_number> "
        "from <f>, <g>",
        "select <number> as p from <f> union select <g_number> from <g>",
        "select <number> as p from <f> except select <g_number> from <g>",
        "select <number> as p from <f> intersect select <g_number> from <g>",
        "select <number> as p from <f> except all select <g_number> from <g>",
        "select <number> as p, <column> as q from <f> union all by name select <g_number> as p "
        "from <g>",
        "select <number> as p from <f> union all select <g_number> from <g> order by p limit 3",
    ),
    # Expressions, the simplest one first.
    "num": ("<number>",),
    "g_agg": ("max(<g_number>)", "count(<g_column>)"),
    "expr": (
        "<column>", "(<num> + <num.b>)", "(<num> * 2 - 1)", "abs(<num>)", "<column> is null",
        "coalesce(<num>, <num.b>)", "case when <cond> then <num> else <num.b> end",
        "case <num> when 1 then <num.b> when 2 then 0 end", "nullif(<num>, <num.b>)",
        "if(<cond>, <num>, 0)", "greatest(<num>, <num.b>)", "<text> || '_'", "upper(<text>)",
        "length(<text>)", "substr(<text>, <num>::int, 1)", "<num> between 0 and <num.b>",
        "<num> in (1, 2, <num.b>)", "<text> like 'u%'", "[<num>, <num.b>]", "len(<list>)",
        "<list>[1]", "list_transform(<list>, x -> x + <num>)", "list_filter(<list>, x -> x > 1)",
        "list_sum(<list>)", "[x + 1 for x in <list> if x > 0]", "{'f1': <num>, 'f2': <column>}",
        "<struct>.f1", "<struct>['f1']", "struct_pack(f1 := <num>)",
        "list_contains(<list>, <num>::int)", "cast(<num> as varchar)", "concat(<text>, <num>)",
        "row(<num>, <num.b>)", "map {'p': <num>}['p']", "<num> is distinct from <num.b>",
        "not <cond>", "ifnull(<num>, 0)", "hash(<column>) % 100", "<num>::int % 2",
        "list_reduce(list_prepend(0, <list>), (x, y) -> x + y)", "regexp_replace(<text>, 'u', 'o')",
        "string_split(<text>, 'v')", "(select max(<number>) from <f>)", "format('{}', <column>)",
        "struct_insert({'f0': <num>}, f1 := <column>).f1", "struct_extract({'f0': <num>}, 'f0')",
        "list_aggregate(<list>, 'max')", "len([<num>, 1])", "coalesce(<column>::varchar, 'n')",
    ),
    "cond": (
        "<num> > 0", "<num> = <num.b>", "<column> is not null", "<num> > 0 and <num.b> < 3",
        "<num> > (select avg(<number>) from <f>)", "<text> in ('u', 'v')", "<num> <> 1",
        "length(<text>) = 1", "len(<list>) > 1", "<num> between 0 and 2 or <num.b> is null",
    ),
    "agg": (
        "count(*)", "sum(<num>)", "max(<expr>)", "min(<column>)", "count(<column>)",
        "count(distinct <column>)", "avg(<num>)", "sum(case when <cond> then <num> end)",
        "arg_max(<column>, <number>)", "max_by(<column>, <num>)", "list(<expr> order by <number>)",
        "string_agg(<text>, ',' order by <number>)", "median(<num>)", "bool_or(<cond>)",
        "sum(<num>) / count(*)", "max(<num>) - min(<num.b>)", "first(<expr> order by <number>)",
        "count(*) filter (where <cond>)", "any_value(<column> order by <number>)",
        "quantile_cont(<num>, 0.5)", "corr(<num>, <num.b>)", "approx_count_distinct(<column>)",
        "mode(<num>)", "histogram(<num>)", "product(<num>)", "max(<num>, 2)",
        "arg_min(<expr>, <num>)",
        "sum(distinct <num>)", "regr_slope(<num>, <num.b>)", "count_if(<cond>)",
    ),
    "window": (
        "row_number() over (order by <number>)", "sum(<num>) over (partition by <column>)",
        "rank() over (partition by <column> order by <number>)",
        "lag(<num>) over (order by <number>)",
        "lead(<num>, 1, <num.b>) over (partition by <column> order by <number>)",
        "count(*) over (partition by <column>)", "max(<num>) over ()",
        "avg(<num>) over (order by <number> rows between 1 preceding and current row)",
        "first_value(<num>) over (partition by <column> order by <number>)",
        "sum(<num>) filter (where <cond>) over (partition by <column>)",
        "ntile(2) over (order by <number>)", "count(*) over (order by <number> range between "
        "1 preceding and 1 following)", "sum(<num>) over (order by <number> groups current row)",
        "dense_rank() over (order by <num>)", "nth_value(<num>, 2) over (order by <number>)",
        "max(<num>) over (order by <number> rows unbounded preceding exclude current row)",
    ),
    "as": ("p", "q", "x", "k", "z"),
}  # fmt: skip
