-- UNNEST of an array of structs, with an offset
-- bigquery d.o(id, items)
SELECT o.id, i.sku, i.qty * i.price AS amt, pos FROM d.o AS o, UNNEST(o.items) AS i WITH OFFSET AS pos WHERE i.qty > 0
--> exact reads d.o
--> rows: id = d.o.id | sku = d.o.items:T | amt = d.o.items:T | pos = | all: d.o.items:FJ

-- an implied UNNEST by path
-- bigquery d.o(id, items)
SELECT o.id, i.sku FROM d.o AS o, o.items AS i
--> exact reads d.o
--> rows: id = d.o.id | sku = d.o.items:T | all: d.o.items:J

-- a scalar subquery over an array of the row
-- bigquery d.e(id, params)
SELECT id, (SELECT value.string_value FROM UNNEST(params) WHERE key = 'page') AS page FROM d.e
--> exact reads d.e
--> rows: id = d.e.id | page = d.e.params:TFJ

-- SELECT * EXCEPT, REPLACE
-- bigquery d.t(a, b, c)
SELECT * EXCEPT (c) REPLACE (UPPER(b) AS b) FROM d.t
--> exact reads d.t
--> rows: a = d.t.a | b = d.t.b:T

-- a star of a struct's fields is not known
-- bigquery d.t(id, s)
SELECT id, s.* FROM d.t
--> conservative reads d.t
--> rows: id = d.t.id

-- STRUCT, its field, and ARRAY_AGG of a struct
-- bigquery d.t(a, b, c)
SELECT a, STRUCT(b AS x, c AS y) AS s, ARRAY_AGG(STRUCT(b, c) ORDER BY c LIMIT 1)[OFFSET(0)].b AS first_b FROM d.t GROUP BY a, b, c
--> exact reads d.t
--> rows: a = d.t.a | s = d.t.b:T d.t.c:T | first_b = d.t.b:A d.t.c:S | all: d.t.a:G d.t.b:G d.t.c:G

-- an array from a subquery
-- bigquery d.t(k, a) d.u(k, v)
SELECT k, ARRAY(SELECT v FROM d.u WHERE u.k = t.k ORDER BY v) AS vs FROM d.t AS t
--> exact reads d.t, d.u
--> rows: k = d.t.k | vs = d.t.k:F d.u.k:F d.u.v:TS

-- QUALIFY without an alias, SAFE functions
-- bigquery d.t(k, ts, v)
SELECT k, SAFE_CAST(v AS INT64) AS v, SAFE_DIVIDE(1, v) AS r FROM d.t WHERE TRUE QUALIFY RANK() OVER (PARTITION BY k ORDER BY ts) = 1
--> exact reads d.t
--> rows: k = d.t.k | v = d.t.v:T | r = d.t.v:T | all: d.t.k:F d.t.ts:F

-- names in backticks with project and dashes
-- bigquery my-proj.d.t(a)
SELECT a FROM `my-proj.d.t` UNION ALL SELECT a FROM `my-proj`.d.t
--> exact reads my-proj.d.t
--> rows: a = my-proj.d.t.a

-- a date-sharded table by wildcard
-- bigquery
SELECT event, _TABLE_SUFFIX AS day FROM `p.d.events_*` WHERE _TABLE_SUFFIX BETWEEN '20240101' AND '20240131'
--> exact reads p.d.events_*
--> rows: event = p.d.events_*.event | day = p.d.events_*._TABLE_SUFFIX | all: p.d.events_*._TABLE_SUFFIX:F

-- columns are not told apart by case
-- bigquery d.t(UserId, Name)
SELECT userid, NAME AS n FROM d.t
--> exact reads d.t
--> rows: userid = d.t.UserId | n = d.t.Name

-- PIVOT with aliases
-- bigquery d.s(product, sales, quarter)
SELECT * FROM d.s PIVOT (SUM(sales) AS total, COUNT(*) AS n FOR quarter IN ('Q1' AS q1, 'Q2' AS q2))
--> exact reads d.s
--> rows: product = d.s.product | total_q1 = d.s.quarter:C d.s.sales:A | n_q1 = d.s.quarter:C | total_q2 = d.s.quarter:C d.s.sales:A | n_q2 = d.s.quarter:C | all: d.s.product:G

-- UNPIVOT of several columns at once
-- bigquery d.p(id, a1, b1, a2, b2)
SELECT id, a, b, half FROM d.p UNPIVOT ((a, b) FOR half IN ((a1, b1) AS 'h1', (a2, b2) AS 'h2'))
--> exact reads d.p
--> rows: id = d.p.id | a = d.p.a1 d.p.a2 | b = d.p.b1 d.p.b2 | half = | all: d.p.a1:F d.p.a2:F d.p.b1:F d.p.b2:F

-- WITH of a table function-like recursion
-- bigquery
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n
--> exact reads nothing
--> rows: i =

-- GROUP BY an alias, HAVING an alias, ORDER BY a number
-- bigquery d.t(ts, v)
SELECT DATE_TRUNC(ts, MONTH) AS m, SUM(v) AS s FROM d.t GROUP BY m HAVING s > 10 ORDER BY 2 DESC
--> exact reads d.t
--> rows: m = d.t.ts:T | s = d.t.v:A | all: d.t.ts:G d.t.v:FS

-- CREATE TABLE with partitions and clusters
-- bigquery d.t(ts, k, v)
CREATE OR REPLACE TABLE d.agg PARTITION BY day CLUSTER BY k OPTIONS (description = 'x') AS SELECT DATE(ts) AS day, k, SUM(v) AS v FROM d.t GROUP BY day, k
--> exact reads d.t
--> OVERWRITE d.agg: day = d.t.ts:T | k = d.t.k | v = d.t.v:A | all: d.t.k:G d.t.ts:G

-- DELETE and INSERT in a script with variables
-- bigquery d.t(day, v) d.s(day, v)
DECLARE cutoff DATE DEFAULT CURRENT_DATE();
DELETE FROM d.t WHERE day >= cutoff;
INSERT INTO d.t (day, v) SELECT day, v FROM d.s WHERE day >= cutoff
--> exact reads nothing
--> exact reads d.t
--> delete d.t: all: d.t.day:F
--> exact reads d.s
--> append d.t: day = d.s.day | v = d.s.v | all: d.s.day:F

-- UPDATE of a nested field
-- bigquery d.t(id, s) d.u(id, v)
UPDATE d.t AS t SET s.x = u.v FROM d.u AS u WHERE t.id = u.id
--> exact reads d.t, d.u
--> upsert d.t: s = d.u.v:T | all: d.t.id:F d.u.id:F

-- the pipe syntax
-- bigquery d.t(k, a, b)
FROM d.t |> WHERE a > 1 |> EXTEND a + b AS c |> AGGREGATE SUM(c) AS s GROUP BY k |> ORDER BY s
--> exact reads d.t
--> rows: k = d.t.k | s = d.t.a:A d.t.b:A | all: d.t.a:FS d.t.b:S d.t.k:G

-- a materialised view over a join by USING
-- bigquery d.t(k, a) d.u(k, b)
CREATE MATERIALIZED VIEW d.mv AS SELECT k, SUM(a) AS a, APPROX_COUNT_DISTINCT(b) AS n FROM d.t JOIN d.u USING (k) GROUP BY k
--> exact reads d.t, d.u
--> CREATE view d.mv: k = d.t.k | a = d.t.a:A | n = d.u.b:Am | all: d.t.k:GJ d.u.k:J

-- fields of fields
-- bigquery d.t(a, b, s) d.u(a, c)
SELECT s.x.y AS xy, s.arr[SAFE_OFFSET(0)].z AS z, t.s.q AS q FROM d.t AS t
--> exact reads d.t
--> rows: xy = d.t.s:T | z = d.t.s:T | q = d.t.s:T

-- a name in an array, a table or the row
-- bigquery d.t(a, arr)
SELECT a, (SELECT SUM(x.v) FROM UNNEST(arr) AS x WHERE x.k IN (SELECT k FROM d.u)) AS s FROM d.t
--> conservative reads d.t, d.u
--> rows: a = d.t.a | s = d.t.arr:AFJ d.u.k:F ?

-- a star over an array of structs is not told
-- bigquery d.t(a, b)
SELECT * FROM (SELECT STRUCT(a AS x, b AS y) AS s FROM d.t), UNNEST([s]) AS z
--> conservative reads d.t
--> rows: s = d.t.a:T d.t.b:T | z = d.t.a:T d.t.b:T

-- FULL UNION BY NAME
-- bigquery d.t(a, b) d.u(a, b)
SELECT * FROM d.t FULL OUTER UNION ALL BY NAME SELECT a AS c FROM d.u
--> exact reads d.t, d.u
--> rows: a = d.t.a | b = d.t.b | c = d.u.a

-- IF … THEN is not read
-- bigquery d.t(a, b)
IF (SELECT COUNT(*) FROM d.t) > 1 THEN INSERT INTO d.u SELECT a FROM d.t;
END IF
--> opaque reads d.t
--> writes d.u:

-- the pipe syntax with JOIN and AGGREGATE
-- bigquery d.t(a, b) d.u(a, c)
FROM d.t |> JOIN d.u USING (a) |> AGGREGATE SUM(c) AS s, COUNT(*) AS n GROUP BY a AS k |> WHERE s > 1 |> LIMIT 3
--> exact reads d.t, d.u
--> rows: k = d.t.a | s = d.u.c:A | n = | all: d.t.a:J d.u.a:J d.u.c:F

-- DELETE without FROM
-- bigquery d.t(a, b)
DELETE d.t WHERE TRUE
--> exact reads nothing
--> delete d.t:

-- fields of structs within structs
-- bigquery d.t(a, b)
WITH q AS (SELECT STRUCT(a AS x, STRUCT(b AS y, a + b AS z) AS n) AS s FROM d.t) SELECT s.x, s.n.y AS ny, s.n.z AS nz, s.n AS n, s.* FROM q
--> exact reads d.t
--> rows: x = d.t.a:T | ny = d.t.b:T | nz = d.t.a:T d.t.b:T | n = d.t.a:T d.t.b:T | x = d.t.a:T | n = d.t.a:T d.t.b:T

-- an array of structs, unnested
-- bigquery d.t(a, b, c)
WITH q AS (SELECT a, ARRAY_AGG(STRUCT(b, c AS d) ORDER BY c) AS items FROM d.t GROUP BY a) SELECT a, i.b, i.d AS dd FROM q, UNNEST(items) AS i
--> exact reads d.t
--> rows: a = d.t.a | b = d.t.b:A d.t.c:S | dd = d.t.c:AS | all: d.t.a:G d.t.b:J d.t.c:J

-- fields of an unnested array by their own names
-- bigquery d.t(a, b, c)
WITH q AS (SELECT a, ARRAY_AGG(STRUCT(b, c AS d) ORDER BY c) AS items FROM d.t GROUP BY a) SELECT a, b, items[OFFSET(0)].d AS d0 FROM q, UNNEST(items)
--> exact reads d.t
--> rows: a = d.t.a | b = d.t.b:A d.t.c:S | d0 = d.t.c:AS | all: d.t.a:G d.t.b:J d.t.c:J

-- a field of an unnested struct, and its star
-- bigquery d.t(id, items)
SELECT id, i.sku.name, i.* FROM d.t, UNNEST(items) AS i
--> conservative reads d.t
--> rows: id = d.t.id | name = d.t.items:T | all: d.t.items:J

-- SELECT AS VALUE of a struct has its fields
-- bigquery d.t(k, a)
SELECT AS VALUE STRUCT(k, a AS z) FROM d.t; SELECT x.z FROM (SELECT AS VALUE STRUCT(k, a AS z) FROM d.t) x; SELECT AS VALUE a FROM d.t
--> exact reads d.t
--> rows: k = d.t.k:T | z = d.t.a:T
--> exact reads d.t
--> rows: z = d.t.a:T
--> exact reads d.t
--> rows: a = d.t.a
