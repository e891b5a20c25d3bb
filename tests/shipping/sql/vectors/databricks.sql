-- LATERAL VIEW explode, of a map too
-- spark t(id, arr, m)
SELECT id, x, k, v FROM t LATERAL VIEW explode(arr) e AS x LATERAL VIEW OUTER explode(m) f AS k, v
--> exact reads t
--> rows: id = t.id | x = t.arr:T | k = t.m:T | v = t.m:T | all: t.arr:J t.m:J

-- a later LATERAL VIEW reads an earlier one
-- spark t(id, nested)
SELECT id, y FROM t LATERAL VIEW explode(nested) a AS x LATERAL VIEW explode(x) b AS y WHERE y > 0
--> exact reads t
--> rows: id = t.id | y = t.nested:T | all: t.nested:FJ

-- posexplode and inline
-- spark t(id, arr, structs)
SELECT id, p, x, s1, s2 FROM t LATERAL VIEW posexplode(arr) e AS p, x LATERAL VIEW inline(structs) f AS s1, s2
--> exact reads t
--> rows: id = t.id | p = t.arr:T | x = t.arr:T | s1 = t.structs:T | s2 = t.structs:T | all: t.arr:J t.structs:J

-- explode among the columns
-- databricks t(id, arr)
SELECT id, explode(arr) AS x FROM t
--> exact reads t
--> rows: id = t.id | x = t.arr:T | all: t.arr:J

-- higher-order functions: the parameter is not a column
-- spark t(x, arr, k)
SELECT transform(arr, x -> x + k) AS a, aggregate(arr, 0, (acc, v) -> acc + v) AS s, filter(arr, (e, i) -> i > x) AS f FROM t
--> exact reads t
--> rows: a = t.arr:T t.k:T | s = t.arr:T | f = t.arr:T t.x:T

-- LEFT SEMI and LEFT ANTI
-- spark t(k, a) u(k, b) v(k)
SELECT * FROM t LEFT SEMI JOIN u ON t.k = u.k AND u.b > 1 LEFT ANTI JOIN v ON t.k = v.k
--> exact reads t, u, v
--> rows: k = t.k | a = t.a | all: t.k:J u.b:J u.k:J v.k:J

-- SORT BY, DISTRIBUTE BY
-- spark t(k, a)
SELECT k, a FROM t DISTRIBUTE BY k SORT BY a
--> exact reads t
--> rows: k = t.k | a = t.a | all: t.a:S t.k:S

-- an alias of the same SELECT, and GROUP BY it
-- databricks t(ts, v)
SELECT date_trunc('day', ts) AS d, year(d) AS y, sum(v) AS s FROM t GROUP BY d, y
--> exact reads t
--> rows: d = t.ts:T | y = t.ts:T | s = t.v:A | all: t.ts:G

-- SELECT * EXCEPT
-- databricks t(a, b, c)
SELECT * EXCEPT (b) FROM t
--> exact reads t
--> rows: a = t.a | c = t.c

-- FROM before INSERT
-- spark t(a, dt) s(a, dt, x)
FROM s INSERT OVERWRITE TABLE t PARTITION (dt) SELECT a, dt WHERE x > 1
--> exact reads s
--> upsert t: a = s.a | dt = s.dt | all: s.x:F

-- INSERT BY NAME, INSERT with a list
-- databricks t(a, b, c) s(c, a)
INSERT INTO t BY NAME SELECT c, a FROM s;
INSERT INTO t (b) SELECT upper(c) FROM s
--> exact reads s
--> append t: a = s.a | c = s.c
--> exact reads s
--> append t: b = s.c:T

-- INSERT … REPLACE WHERE
-- databricks t(a, d) s(a, d)
INSERT INTO t REPLACE WHERE d = '2024-01-01' SELECT a, d FROM s
--> exact reads s, t
--> upsert t: a = s.a | d = s.d | all: t.d:F

-- MERGE with NOT MATCHED BY SOURCE
-- databricks t(k, v, gone) s(k, v)
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (k, v, gone) VALUES (s.k, s.v, false) WHEN NOT MATCHED BY SOURCE AND t.v > 0 THEN UPDATE SET gone = true
--> exact reads s, t
--> upsert t: k = s.k | v = s.v | gone = | all: s.k:J t.k:J t.v:F

-- TRANSFORM of a path, colon paths of JSON
-- databricks raw(id, body)
SELECT id, body:order.id::bigint AS oid, get_json_object(body, '$.x') AS x, from_json(body, 'a INT').a AS a FROM raw
--> exact reads raw
--> rows: id = raw.id | oid = raw.body:T | x = raw.body:T | a = raw.body:T

-- PIVOT with an alias for each value
-- spark s(y, q, amt)
SELECT * FROM s PIVOT (sum(amt) FOR q IN ('q1' AS one, 'q2' AS two))
--> exact reads s
--> rows: y = s.y | one = s.amt:A s.q:C | two = s.amt:A s.q:C | all: s.y:G

-- stack turns columns to rows
-- spark t(id, a, b)
SELECT id, stack(2, 'a', a, 'b', b) AS (name, value) FROM t
--> exact reads t
--> rows: id = t.id | name = | value = t.a:T t.b:T

-- a file by its format
-- spark
SELECT id FROM parquet.`/data/x.parquet` WHERE ok
--> exact reads file /data/x.parquet
--> rows: id = /data/x.parquet.id | all: /data/x.parquet.ok:F

-- CREATE TABLE … USING DELTA AS
-- databricks c.s.t(a, b)
CREATE OR REPLACE TABLE c.s.n USING DELTA PARTITIONED BY (a) LOCATION '/x' AS SELECT a, b FROM c.s.t
--> exact reads c.s.t
--> OVERWRITE c.s.n: a = c.s.t.a | b = c.s.t.b

-- a temporary view that later statements read
-- spark t(k, v)
CREATE OR REPLACE TEMPORARY VIEW tv AS SELECT k, sum(v) AS s FROM t GROUP BY k;
CREATE TABLE o AS SELECT k, s / 2 AS h FROM tv WHERE s > 0
--> exact reads nothing
--> exact reads t
--> CREATE o: k = t.k | h = t.v:A | all: t.k:G t.v:F

-- a named window, RANGE frames
-- spark t(k, ts, v)
SELECT sum(v) OVER w AS s, first_value(v, true) OVER w AS f FROM t WINDOW w AS (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL 7 DAYS PRECEDING AND CURRENT ROW)
--> exact reads t
--> rows: s = t.k:W t.ts:W t.v:A | f = t.k:W t.ts:W t.v:T

-- names are not told apart by case
-- spark Db.Orders(OrderId, Amt)
SELECT ORDERID AS id, amt FROM db.orders
--> exact reads Db.Orders
--> rows: id = Db.Orders.OrderId | amt = Db.Orders.Amt

-- ORDER BY names a column of the list before one of FROM
-- spark t(a, b) u(a, c)
SELECT /*+ BROADCAST(u) */ t.*, u.c FROM t JOIN u ON t.a <=> u.a CLUSTER BY a
--> exact reads t, u
--> rows: a = t.a | b = t.b | c = u.c | all: t.a:JS u.a:J

-- TRANSFORM by a script
-- spark t(a, b)
SELECT TRANSFORM(a, b) USING 'cat' AS (x, y) FROM t
--> exact reads t
--> rows: x = t.a:T t.b:T | y = t.a:T t.b:T

-- UNPIVOT with names in parentheses
-- spark t(id, a, b)
SELECT * FROM t UNPIVOT INCLUDE NULLS ((v) FOR k IN ((a) AS `A`, (b) AS `B`))
--> exact reads t
--> rows: id = t.id | k = | v = t.a t.b

-- a dynamic partition, and a directory
-- spark t(a, b)
INSERT INTO TABLE t PARTITION (b) SELECT a, b FROM s;
INSERT OVERWRITE DIRECTORY '/x' USING parquet SELECT a FROM t
--> exact reads s
--> append t: a = s.a | b = s.b
--> opaque reads t

-- fields of named_struct and struct
-- spark t(a, b)
SELECT s.p, q.z FROM (SELECT named_struct('p', a, 'q', b) AS s, struct(a, b AS z) AS q FROM t)
--> exact reads t
--> rows: p = t.a:T | z = t.b:T

-- a list of structs, exploded
-- spark t(a, b, c)
SELECT a, x.b, x.cc FROM (SELECT a, collect_list(struct(b, c AS cc)) AS l FROM t GROUP BY a) LATERAL VIEW explode(l) e AS x
--> exact reads t
--> rows: a = t.a | b = t.b:A | cc = t.c:A | all: t.a:G t.b:J t.c:J

-- generators among the columns: as many as they give
-- spark t(a, b, arr, j)
SELECT posexplode(arr) AS (p, x) FROM t; SELECT stack(2, a, b, 1, 2) AS (x, y) FROM t; SELECT json_tuple(j, 'p', 'q') FROM t; SELECT inline(array(struct(a AS x, b AS y))) FROM t
--> exact reads t
--> rows: p = | x = t.arr:T | all: t.arr:J
--> exact reads t
--> rows: x = t.a:T | y = t.b:T
--> exact reads t
--> rows: c0 = t.j:T | c1 = t.j:T
--> exact reads t
--> rows: x = t.a:T | y = t.b:T

-- generators of an unknown number of columns
-- spark t(arr)
SELECT inline(arr) FROM t; SELECT posexplode(arr) FROM t
--> conservative reads t
--> rows: all: t.arr:J
--> conservative reads t
--> rows: pos = | all: t.arr:J

-- one FROM, several INSERT
-- hive t(a) u(b, c) s(a, b, x)
FROM (SELECT a, b FROM s WHERE x > 1) q INSERT OVERWRITE TABLE t SELECT a WHERE b > 2 INSERT INTO TABLE u PARTITION (c = 1) SELECT max(b) GROUP BY a
--> exact reads s
--> overwrite t: a = s.a | all: s.b:F s.x:F
--> append u: b = s.b:A | c = | all: s.a:G s.x:F

-- MERGE WITH SCHEMA EVOLUTION adds the columns that are new
-- databricks t(k, a) s(k, a, z)
MERGE WITH SCHEMA EVOLUTION INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *; SELECT * FROM t; SELECT z FROM t
--> exact reads s, t
--> upsert t: k = s.k | a = s.a | z = s.z | all: s.k:J t.k:J
--> conservative reads t
--> rows: * t
--> exact reads t
--> rows: z = t.z

-- MERGE with UPDATE * alone
-- snowflake T(K, A) S(K, A, Z)
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE * WHEN NOT MATCHED THEN INSERT *
--> exact reads S, T
--> upsert T: K = S.K | A = S.A | all: S.K:J T.K:J
