-- FROM first, SELECT left out
-- duckdb t(a, b)
FROM t WHERE b > 1
--> exact reads t
--> rows: a = t.a | b = t.b | all: t.b:F

-- COLUMNS by pattern and by lambda
-- duckdb t(a1, a2, b)
SELECT max(COLUMNS('a.')) FROM t;
SELECT COLUMNS(c -> c LIKE 'a%') FROM t
--> exact reads t
--> rows: a1 = t.a1:A | a2 = t.a2:A
--> conservative reads t
--> rows:

-- an alias in WHERE, GROUP BY ALL, ORDER BY ALL
-- duckdb t(a, b, v)
SELECT a + b AS s, sum(v) AS t FROM t WHERE s > 1 GROUP BY ALL ORDER BY ALL
--> exact reads t
--> rows: s = t.a:T t.b:T | t = t.v:A | all: t.a:FGS t.b:FGS t.v:S

-- ASOF JOIN by USING
-- duckdb tr(s, ts, p) qu(s, ts, bid)
SELECT s, ts, p, bid FROM tr ASOF JOIN qu USING (s, ts)
--> exact reads qu, tr
--> rows: s = tr.s | ts = tr.ts | p = tr.p | bid = qu.bid | all: qu.s:J qu.ts:J tr.s:J tr.ts:J

-- PIVOT with GROUP BY
-- duckdb s(y, city, amt, note)
PIVOT s ON city IN ('A', 'B') USING sum(amt) GROUP BY y
--> exact reads s
--> rows: y = s.y | A = s.amt:A s.city:C | B = s.amt:A s.city:C | all: s.y:G

-- UNPIVOT with columns by pattern
-- duckdb s(id, m1, m2)
UNPIVOT s ON m1, m2 INTO NAME mon VALUE amt
--> exact reads s
--> rows: id = s.id | mon = | amt = s.m1 s.m2 | all: s.m1:F s.m2:F

-- struct.*, list comprehension
-- duckdb t(l, k, st)
SELECT [x * k FOR x IN l IF x > 1] AS c, st.a AS a, l[1:2] AS sl FROM t
--> exact reads t
--> rows: c = t.k:T t.l:T | a = t.st:T | sl = t.l:T

-- unnest among the columns
-- duckdb t(id, l)
SELECT id, unnest(l) AS x FROM t
--> exact reads t
--> rows: id = t.id | x = t.l:T | all: t.l:J

-- UNION BY NAME fills what is missing
-- duckdb a(x, y) b(y, z)
SELECT x, y FROM a UNION ALL BY NAME SELECT z, y FROM b
--> exact reads a, b
--> rows: x = a.x | y = a.y b.y | z = b.z

-- INSERT OR REPLACE BY NAME
-- duckdb t(k, v, w) s(w, k)
INSERT OR REPLACE INTO t BY NAME FROM s
--> exact reads s
--> upsert t: k = s.k | w = s.w

-- ON CONFLICT DO UPDATE SET, over several columns
-- duckdb t(k, v, n) s(k, v)
INSERT INTO t SELECT k, v, 1 FROM s ON CONFLICT (k) DO UPDATE SET v = excluded.v, n = t.n + excluded.n WHERE t.v IS DISTINCT FROM excluded.v
--> exact reads s, t
--> upsert t: k = s.k | v = s.v | n = t.n:T | all: s.k:J s.v:F t.k:J t.v:F

-- a macro of the user is not seen
-- duckdb t(a)
CREATE MACRO f(x) AS x + 1;
SELECT f(a) AS y FROM t
--> exact reads nothing
--> exact reads t
--> rows: y = t.a:T

-- positional join, cross join, semi join
-- duckdb t(a) u(b) v(a)
SELECT a, b FROM t POSITIONAL JOIN u;
SELECT t.a FROM t SEMI JOIN v USING (a)
--> exact reads t, u
--> rows: a = t.a | b = u.b
--> exact reads t, v
--> rows: a = t.a | all: t.a:J v.a:J

-- arg_max, list with FILTER, quantiles
-- duckdb t(k, v, ts, ok)
SELECT k, arg_max(v, ts) AS last, list(v ORDER BY ts) FILTER (WHERE ok) AS l, quantile_cont(v, 0.5) AS q FROM t GROUP BY k
--> exact reads t
--> rows: k = t.k | last = t.ts:C t.v:A | l = t.ok:C t.ts:S t.v:A | q = t.v:A | all: t.k:G

-- EXCLUDE from a window, named and inline
-- duckdb t(k, ts, v)
SELECT avg(v) OVER (w ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) AS a FROM t WINDOW w AS (PARTITION BY k ORDER BY ts)
--> exact reads t
--> rows: a = t.k:W t.ts:W t.v:A

-- COPY of a query, then of a file
-- duckdb t(a, b)
COPY (SELECT a, b * 2 AS c FROM t WHERE a > 0) TO 'o.parquet' (FORMAT parquet)
--> exact reads t
--> overwrite file o.parquet: a = t.a | c = t.b:T | all: t.a:F

-- globs of files with a filename
-- duckdb
CREATE TABLE t AS SELECT id, filename FROM read_csv('d/*.csv', filename = true)
--> exact reads file d/*.csv
--> CREATE t: id = d/*.csv.id | filename =

-- the same name in two schemas
-- duckdb a.t(x) b.t(x, y)
SELECT a.t.x AS ax, b.t.x AS bx, y FROM a.t JOIN b.t ON a.t.x = b.t.x
--> exact reads a.t, b.t
--> rows: ax = a.t.x | bx = b.t.x | y = b.t.y | all: a.t.x:J b.t.x:J

-- a name is found whatever its case
-- duckdb MyTable(Id, Val)
SELECT ID, val AS v FROM mytable
--> exact reads MyTable
--> rows: ID = MyTable.Id | v = MyTable.Val

-- SUMMARIZE and DESCRIBE
-- duckdb t(a)
DESCRIBE t
--> exact reads nothing

-- QUALIFY with a window of an aggregate
-- duckdb t(k, g, v)
SELECT k, g, sum(v) AS s FROM t GROUP BY k, g QUALIFY rank() OVER (PARTITION BY k ORDER BY s DESC) <= 3
--> exact reads t
--> rows: k = t.k | g = t.g | s = t.v:A | all: t.g:G t.k:FG t.v:F

-- lateral join without the word
-- duckdb t(a) u(k, v)
SELECT t.a, x.m FROM t, (SELECT max(v) AS m FROM u WHERE u.k = t.a) x
--> exact reads t, u
--> rows: a = t.a | m = u.v:A | all: t.a:F u.k:F

-- columns made by an alias of a table function
-- duckdb t(n)
SELECT n, i FROM t, range(0, n) r(i) WHERE i % 2 = 0
--> exact reads t
--> rows: n = t.n | i = t.n:T | all: t.n:FJ

-- a common table expression used in a subquery of another's filter
-- duckdb t(k, v) u(k)
WITH good AS MATERIALIZED (SELECT k FROM u), q AS (SELECT k, v FROM t WHERE k IN (SELECT k FROM good)) SELECT sum(v) AS s FROM q
--> exact reads t, u
--> rows: s = t.v:A | all: t.k:F u.k:F

-- COLUMNS of all, twice
-- duckdb t(a, b, c)
SELECT min(COLUMNS(*)), max(COLUMNS(* REPLACE (b + 1 AS b))) FROM t
--> exact reads t
--> rows: a = t.a:A | b = t.b:A | c = t.c:A | a = t.a:A | b = t.b:A | c = t.c:A

-- a star LIKE
-- duckdb t(a, b, c)
SELECT * LIKE 'a%' FROM t
--> exact reads t
--> rows: a = t.a

-- COLUMNS with groups in the alias
-- duckdb t(a, b, c)
SELECT COLUMNS('(a)|(b)') AS 'x_\1\2' FROM t
--> exact reads t
--> rows: x_a = t.a | x_b = t.b

-- PIVOT in FROM, joined
-- duckdb t(a, b, c)
SELECT * FROM (PIVOT t ON a IN (1, 2) USING sum(b) GROUP BY c) JOIN t USING (c)
--> exact reads t
--> rows: c = t.c | 1 = t.a:C t.b:A | 2 = t.a:C t.b:A | a = t.a | b = t.b | all: t.c:GJ

-- UNPIVOT by COLUMNS
-- duckdb t(id, jan, feb, mar)
UNPIVOT t ON COLUMNS(* EXCLUDE (id)) INTO NAME m VALUE v
--> exact reads t
--> rows: id = t.id | m = | v = t.feb t.jan t.mar | all: t.feb:F t.jan:F t.mar:F

-- UNPIVOT behind FROM
-- duckdb t(id, jan, feb)
FROM t UNPIVOT (v FOR m IN (jan, feb))
--> exact reads t
--> rows: id = t.id | m = | v = t.feb t.jan | all: t.feb:F t.jan:F

-- INSERT BY POSITION
-- duckdb t(a, b) u(a, c)
INSERT INTO t BY POSITION SELECT c, a FROM u
--> exact reads u
--> append t: a = u.c | b = u.a

-- a table that is created, filled and read
-- duckdb t(a, b)
CREATE TABLE y (p INTEGER, q INTEGER);
INSERT INTO y SELECT a, b FROM t;
SELECT q FROM y
--> exact reads nothing
--> CREATE y:
--> exact reads t
--> append y: p = t.a | q = t.b
--> exact reads y
--> rows: q = y.q

-- a view is renamed
-- duckdb t(a, b)
CREATE VIEW v(x) AS SELECT a FROM t;
SELECT x FROM v;
ALTER VIEW v RENAME TO w;
SELECT x FROM w;
DROP VIEW w
--> exact reads t
--> CREATE view v: x = t.a
--> exact reads v
--> rows: x = v.x
--> exact reads nothing
--> RENAME v to w: x = v.x
--> exact reads w
--> rows: x = w.x
--> exact reads nothing
--> DROP w:

-- an alias of an alias in HAVING and ORDER BY
-- duckdb t(a, b)
SELECT a % 2 AS g, sum(b) AS s, s / 2 AS h FROM t GROUP BY g HAVING h > 1 ORDER BY 1, h
--> exact reads t
--> rows: g = t.a:T | s = t.b:A | h = t.b:A | all: t.a:GS t.b:FS

-- an upsert of rows with a subquery
-- duckdb t(a, b)
INSERT INTO t VALUES (1, (SELECT max(b) FROM t)), (2, 3) ON CONFLICT DO UPDATE SET b = EXCLUDED.b
--> exact reads t
--> upsert t: a = | b = t.b:A

-- MERGE USING (column)
-- duckdb t(a, b) u(a, c)
MERGE INTO t USING u USING (a) WHEN MATCHED THEN UPDATE SET b = c WHEN NOT MATCHED THEN INSERT
--> exact reads t, u
--> upsert t: a = u.a | b = u.c | all: t.a:J u.a:J

-- MERGE BY NAME with RETURNING
-- duckdb t(a, b) u(a, b)
MERGE INTO t USING (SELECT * FROM u) AS src ON t.a = src.a WHEN MATCHED THEN UPDATE WHEN NOT MATCHED THEN INSERT BY NAME RETURNING merge_action, *
--> exact reads t, u
--> upsert t: a = u.a | b = u.b | all: t.a:J u.a:J
--> rows: merge_action = | a = u.a | b = u.b | all: t.a:J u.a:J

-- a variable from a query
-- duckdb t(a, b)
SET VARIABLE m = (SELECT max(a) FROM t);
SELECT b FROM t WHERE a = getvariable('m')
--> exact reads t
--> exact reads t
--> rows: b = t.b | all: t.a:F

-- an alias before its expression
-- duckdb t(a, b)
SELECT x: a, y: b + 1 FROM t
--> exact reads t
--> rows: x = t.a | y = t.b:T

-- fields by dot, bracket and star
-- duckdb t(a, b)
WITH q AS (SELECT {'x': a, 'y': b} AS s FROM t) SELECT s.x, s['y'] AS y, (s).x AS z, s.* FROM q
--> exact reads t
--> rows: x = t.a:T | y = t.b:T | z = t.a:T | x = t.a:T | y = t.b:T

-- a field of an alias of the same SELECT
-- duckdb t(a, b)
SELECT {'x': a, 'y': b} AS s, s.x AS sx FROM t
--> exact reads t
--> rows: s = t.a:T t.b:T | sx = t.a:T

-- a field of a list of structs
-- duckdb t(a, b)
SELECT list(x).a AS l FROM (SELECT {'a': a, 'b': b} AS x FROM t)
--> exact reads t
--> rows: l = t.a:A

-- fields of a union of structs
-- duckdb t(a, b) u(a, b)
SELECT s.a FROM (SELECT {'a': a, 'b': b} AS s FROM t UNION ALL SELECT {'a': b, 'b': a} FROM u)
--> exact reads t, u
--> rows: a = t.a:T u.b:T

-- a field of a struct in CASE is not told
-- duckdb t(a, b)
SELECT s.a FROM (SELECT CASE WHEN a > 1 THEN {'a': a, 'b': b} END AS s FROM t)
--> conservative reads t
--> rows: a = t.a:TC t.b:T ?

-- a table, a view and a common table expression that are turned
-- duckdb t(k, m, v)
CREATE TABLE o AS PIVOT t ON m IN ('p', 'q') USING sum(v) GROUP BY k;
CREATE VIEW w AS UNPIVOT t ON m, v INTO NAME n VALUE x;
CREATE TABLE p AS WITH c AS (SELECT k, m, v + 1 AS v FROM t) PIVOT c ON m IN ('p') USING max(v)
--> exact reads t
--> CREATE o: k = t.k | p = t.m:C t.v:A | q = t.m:C t.v:A | all: t.k:G
--> exact reads t
--> CREATE view w: k = t.k | n = | x = t.m t.v | all: t.m:F t.v:F
--> exact reads t
--> CREATE p: k = t.k | p = t.m:C t.v:A | all: t.k:G

-- INSERT of a table that is turned
-- duckdb o(k, x) t(k, m, v)
INSERT INTO o PIVOT t ON m IN ('p') USING sum(v)
--> exact reads t
--> append o: k = t.k | x = t.m:C t.v:A | all: t.k:G

-- UNNEST of a struct gives its fields, of a list of structs by `recursive`
-- duckdb t(a, b)
SELECT unnest({'x': a, 'y': b}) FROM t; SELECT unnest([{'x': a, 'y': b}], recursive := true) FROM t; SELECT unnest([a, b]) AS z FROM t
--> exact reads t
--> rows: x = t.a:T | y = t.b:T
--> exact reads t
--> rows: x = t.a:T | y = t.b:T
--> exact reads t
--> rows: z = t.a:T t.b:T

-- UNNEST of what may be a struct or a list of them
-- duckdb t(a, b)
SELECT unnest(s) FROM (SELECT [{'x': a, 'y': b}] AS s FROM t)
--> conservative reads t
--> rows: all: t.a:J t.b:J

-- GROUPING shows no value
-- duckdb t(a, b)
SELECT GROUPING(a) AS g, sum(b) AS s FROM t GROUP BY ROLLUP (a)
--> exact reads t
--> rows: g = t.a:Am | s = t.b:A | all: t.a:G

-- INSERT of PIVOT and UNPIVOT
-- duckdb t(k, a, b) x(b, m, n) y(k, n, v)
INSERT INTO x PIVOT t ON k IN ('m', 'n') USING sum(a); INSERT INTO y UNPIVOT t ON a, b INTO NAME n VALUE v
--> exact reads t
--> append x: b = t.b | m = t.a:A t.k:C | n = t.a:A t.k:C | all: t.b:G
--> exact reads t
--> append y: k = t.k | n = | v = t.a t.b | all: t.a:F t.b:F

-- UNPIVOT of all columns but one
-- duckdb t(k, a, b)
UNPIVOT t ON COLUMNS(* EXCLUDE (k)) INTO NAME n VALUE v; UNPIVOT t ON COLUMNS('[ab]') INTO NAME n VALUE v
--> exact reads t
--> rows: k = t.k | n = | v = t.a t.b | all: t.a:F t.b:F
--> exact reads t
--> rows: k = t.k | n = | v = t.a t.b | all: t.a:F t.b:F

-- UNPIVOT of several columns at a time
-- duckdb t(k, a1, b1, a2, b2)
UNPIVOT t ON (a1, b1) AS p, (a2, b2) AS q INTO NAME n VALUE va, vb
--> exact reads t
--> rows: k = t.k | n = | va = t.a1 t.a2 | vb = t.b1 t.b2 | all: t.a1:F t.a2:F t.b1:F t.b2:F

-- UNPIVOT of columns that nobody knows
-- duckdb x
UNPIVOT x ON COLUMNS(* EXCLUDE (k)) INTO NAME n VALUE v
--> conservative reads x
--> rows:

-- UNPIVOT behind a table, of COLUMNS and of several at a time
-- duckdb t(k, a, b)
FROM t UNPIVOT (v FOR n IN (a, b)); FROM t UNPIVOT INCLUDE NULLS (v FOR n IN (COLUMNS(* EXCLUDE (k)))); FROM t UNPIVOT ((v, w) FOR n IN ((a, b) AS x))
--> exact reads t
--> rows: k = t.k | n = | v = t.a t.b | all: t.a:F t.b:F
--> exact reads t
--> rows: k = t.k | n = | v = t.a t.b
--> exact reads t
--> rows: k = t.k | n = | v = t.a | w = t.b | all: t.a:F t.b:F

-- unpacked COLUMNS are operands of one expression
-- duckdb t(k, a1, a2)
SELECT coalesce(*COLUMNS('a.')) AS c, k FROM t; SELECT greatest(k, *COLUMNS('a.')) FROM t
--> exact reads t
--> rows: c = t.a1:T t.a2:T | k = t.k
--> exact reads t
--> rows: GREATEST(k, *COLUMNS('a.')) = t.a1:T t.a2:T t.k:T

-- PIVOT of values that a query gives
-- duckdb t(k, m, v) s(m)
PIVOT t ON m IN (SELECT m FROM s) USING sum(v)
--> conservative reads s, t
--> rows: k = t.k | all: t.k:G

-- a star of names that do not fit a pattern
-- duckdb t(k, ka, b)
SELECT * NOT LIKE 'k%' FROM t
--> exact reads t
--> rows: b = t.b

-- macros are what they stand for: values, aggregates, queries, defaults, macros of macros
-- duckdb t(k, a, b) u(k, c)
CREATE MACRO more(x, y := 2) AS x + y; CREATE MACRO top() AS (SELECT max(a) FROM t); CREATE MACRO sums(kk) AS (SELECT sum(c) FROM u WHERE k = kk); CREATE MACRO positive(x) AS sum(x) FILTER (WHERE x > 0); CREATE MACRO both(p) AS more(p) * top(); SELECT more(a) AS q, more(a, y := b) AS r FROM t; SELECT k, sums(k) AS s, both(b) AS w FROM t; SELECT k, positive(a) AS s FROM t GROUP BY k
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads t
--> rows: q = t.a:T | r = t.a:T t.b:T
--> exact reads t, u
--> rows: k = t.k | s = t.k:F u.c:A u.k:F | w = t.a:A t.b:T
--> exact reads t
--> rows: k = t.k | s = t.a:AC | all: t.k:G

-- macros that give rows, beside tables too
-- duckdb t(k, a, b)
CREATE MACRO m(v INTEGER) AS TABLE SELECT k, a + v AS z FROM t WHERE b > v; SELECT * FROM m(3); SELECT x.z, t.b FROM t, m(t.a) AS x(k2, z) WHERE x.k2 = t.k; CREATE TABLE w AS FROM m((SELECT max(b) FROM t))
--> exact reads nothing
--> exact reads t
--> rows: k = t.k | z = t.a:T | all: t.b:F
--> exact reads t
--> rows: z = t.a:T | b = t.b | all: t.a:F t.b:F t.k:F
--> exact reads t
--> CREATE w: k = t.k | z = t.a:T t.b:A | all: t.b:F

-- a macro of several forms, and one that cannot be called so, are not followed
-- duckdb t(k, a)
CREATE MACRO f() AS (SELECT max(a) FROM t); CREATE OR REPLACE MACRO f(p) AS (SELECT p + max(a) FROM t), (p, q) AS p + q; SELECT f(k) AS s FROM t; CREATE MACRO g(p) AS (SELECT p + max(a) FROM t); SELECT g(1, 2) AS s FROM t
--> exact reads nothing
--> exact reads nothing
--> conservative reads t
--> rows: s = t.k:T
--> exact reads nothing
--> opaque reads t

-- COLUMNS of a list of names, in the order of the table
-- duckdb t(k, a, b)
SELECT coalesce(COLUMNS(['b', 'a'])), max(COLUMNS(['k'])) OVER () FROM t; SELECT coalesce(*COLUMNS(['b', 'a'])) AS z FROM t
--> exact reads t
--> rows: a = t.a:T | b = t.b:T | k = t.k:A
--> exact reads t
--> rows: z = t.a:T t.b:T

-- SUMMARIZE and DESCRIBE in FROM
-- duckdb t(k, a) 'x.csv'(p)
SELECT column_name, min, count FROM (SUMMARIZE SELECT a FROM t WHERE k > 1); COPY (SELECT max FROM (SUMMARIZE 'x.csv')) TO 's.csv'; SELECT column_type FROM (DESCRIBE t)
--> exact reads t
--> rows: column_name = | min = t.a:A | count = | all: t.k:F
--> exact reads x.csv
--> overwrite file s.csv: max = x.csv.p:A
--> exact reads nothing
--> rows: column_type =

-- names without schema are looked for in main, too
-- duckdb memory.main.t(k) memory.s.u(a)
USE memory.s;
CREATE TABLE o AS SELECT k, a FROM t, u
--> exact reads nothing
--> exact reads memory.main.t, memory.s.u
--> CREATE memory.s.o: k = memory.main.t.k | a = memory.s.u.a

-- a database that is copied or exported is no table
-- duckdb
COPY FROM DATABASE a TO b;
EXPORT DATABASE 'd'
--> opaque reads nothing
--> opaque reads nothing
