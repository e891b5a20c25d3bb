-- ARRAY JOIN
-- clickhouse t(id, arr)
SELECT id, x FROM t ARRAY JOIN arr AS x
--> exact reads t
--> rows: id = t.id | x = t.arr:T | all: t.arr:J

-- aggregates with conditions and parameters
-- clickhouse t(k, v, ok, ts)
SELECT k, sumIf(v, ok) AS s, quantile(0.9)(v) AS q, argMax(v, ts) AS last, uniqExact(v) AS u FROM t GROUP BY k
--> exact reads t
--> rows: k = t.k | s = t.ok:C t.v:A | q = t.v:A | last = t.ts:C t.v:A | u = t.v:Am | all: t.k:G

-- PREWHERE, FINAL, LIMIT BY
-- clickhouse t(k, v, d)
SELECT k, v FROM t FINAL PREWHERE d = today() WHERE v > 0 ORDER BY v LIMIT 2 BY k
--> exact reads t
--> rows: k = t.k | v = t.v | all: t.d:F t.k:G t.v:FS

-- an alias within an expression is known elsewhere
-- clickhouse t(a, b)
SELECT (a + 1 AS x) * 2 AS y, x + b AS z FROM t WHERE x > 1
--> exact reads t
--> rows: y = t.a:T | z = t.a:T t.b:T | all: t.a:F

-- WITH of a value
-- clickhouse t(a, b)
WITH a * 2 AS dbl, (SELECT max(b) FROM t) AS m SELECT dbl, b / m AS share FROM t
--> exact reads t
--> rows: dbl = t.a:T | share = t.b:AT

-- ANY LEFT JOIN, ASOF
-- clickhouse a(k, ts, x) b(k, ts, y)
SELECT a.x, b.y FROM a ANY LEFT JOIN b ON a.k = b.k;
SELECT a.x, b.y FROM a ASOF LEFT JOIN b ON a.k = b.k AND a.ts >= b.ts
--> exact reads a, b
--> rows: x = a.x | y = b.y | all: a.k:J b.k:J
--> exact reads a, b
--> rows: x = a.x | y = b.y | all: a.k:J a.ts:J b.k:J b.ts:J

-- a materialised view that writes to a table
-- clickhouse src(k, v) dst(k, s)
CREATE MATERIALIZED VIEW mv TO dst AS SELECT k, sum(v) AS s FROM src GROUP BY k
--> exact reads src
--> CREATE view mv: k = src.k | s = src.v:A | all: src.k:G

-- lambdas over arrays, tuples by number
-- clickhouse t(arr, tup, n)
SELECT arrayMap(x -> x * n, arr) AS m, tup.1 AS one, arr[1] AS first FROM t
--> exact reads t
--> rows: m = t.arr:T t.n:T | one = t.tup:T | first = t.arr:T

-- SELECT * EXCEPT, APPLY
-- clickhouse t(a, b, c)
SELECT * EXCEPT (c) FROM t
--> exact reads t
--> rows: a = t.a | b = t.b

-- GLOBAL IN, INSERT with a list
-- clickhouse db.t(a, b) db.s(a, b) db.u(a)
INSERT INTO db.t (a, b) SELECT a, b FROM db.s WHERE a GLOBAL IN (SELECT a FROM db.u)
--> exact reads db.s, db.u
--> append db.t: a = db.s.a | b = db.s.b | all: db.s.a:F db.u.a:F

-- stars with APPLY and REPLACE, COLUMNS
-- clickhouse t(a, b, arr)
SELECT * APPLY(sum) FROM t;
SELECT COLUMNS('a') FROM t;
SELECT t.* REPLACE (a + 1 AS a) FROM t;
SELECT a, arr FROM t ARRAY JOIN arr
--> conservative reads t
--> rows:
--> exact reads t
--> rows: a = t.a | arr = t.arr
--> exact reads t
--> rows: a = t.a:T | b = t.b | arr = t.arr
--> exact reads t
--> rows: a = t.a | arr = t.arr:T | all: t.arr:J

-- ALTER TABLE … UPDATE and DELETE are not read
-- clickhouse t(a, b)
ALTER TABLE t UPDATE b = a + 1 WHERE a > 2;
ALTER TABLE t DELETE WHERE a = 1;
OPTIMIZE TABLE t FINAL
--> opaque reads nothing
--> writes t:
--> opaque reads nothing
--> writes t:
--> exact reads nothing

-- SEMI JOIN has the columns of both
-- clickhouse t(a, b) u(a, c)
SELECT a, b, c FROM t LEFT SEMI JOIN u USING a SETTINGS x = 1 FORMAT JSON
--> exact reads t, u
--> rows: a = t.a | b = t.b | c = u.c | all: t.a:J u.a:J
