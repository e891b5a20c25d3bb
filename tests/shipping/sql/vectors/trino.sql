-- CROSS JOIN UNNEST of two arrays with ordinality
-- trino t(id, a, b)
SELECT id, x, y, n FROM t CROSS JOIN UNNEST(a, b) WITH ORDINALITY AS u (x, y, n)
--> exact reads t
--> rows: id = t.id | x = t.a:T | y = t.b:T | n = | all: t.a:J t.b:J

-- UNNEST of a map
-- trino t(id, m)
SELECT id, k, v FROM t CROSS JOIN UNNEST(m) AS u (k, v)
--> exact reads t
--> rows: id = t.id | k = t.m:T | v = t.m:T | all: t.m:J

-- reduce and filter with lambdas
-- trino t(arr, lo)
SELECT reduce(filter(arr, x -> x > lo), 0, (s, x) -> s + x, s -> s) AS total FROM t
--> exact reads t
--> rows: total = t.arr:T t.lo:T

-- max_by, approx_distinct, count_if
-- trino t(k, v, ts, ok)
SELECT k, max_by(v, ts) AS last, approx_distinct(v) AS n, count_if(ok) AS c FROM t GROUP BY k
--> exact reads t
--> rows: k = t.k | last = t.ts:C t.v:A | n = t.v:Am | c = t.ok:Am | all: t.k:G

-- GROUPING SETS with grouping()
-- trino t(a, b, v)
SELECT a, b, sum(v) AS s FROM t GROUP BY GROUPING SETS ((a, b), (a), ()) HAVING sum(v) > 0
--> exact reads t
--> rows: a = t.a | b = t.b | s = t.v:A | all: t.a:G t.b:G t.v:F

-- catalogs: the same name thrice
-- trino hive.d.t(k, x) pg.d.t(k, y) hive.e.t(k, z)
SELECT h.x, p.y, e.z FROM hive.d.t h JOIN pg.d.t p USING (k) JOIN hive.e.t e USING (k)
--> exact reads hive.d.t, hive.e.t, pg.d.t
--> rows: x = hive.d.t.x | y = pg.d.t.y | z = hive.e.t.z | all: hive.d.t.k:J hive.e.t.k:J pg.d.t.k:J

-- CTAS with properties, names folded
-- trino Hive.D.T(Ts, V)
CREATE TABLE hive.d.n WITH (format = 'ORC', partitioned_by = ARRAY['day']) AS SELECT V AS val, date(TS) AS day FROM HIVE.d.T
--> exact reads Hive.D.T
--> CREATE hive.d.n: val = Hive.D.T.V | day = Hive.D.T.Ts:T

-- a correlated LATERAL under a left join
-- trino t(id, arr) u(id, v)
SELECT t.id, l.m FROM t LEFT JOIN LATERAL (SELECT max(v) AS m FROM u WHERE u.id = t.id) l ON TRUE
--> exact reads t, u
--> rows: id = t.id | m = u.v:A | all: t.id:F u.id:F

-- rows of VALUES joined
-- trino t(code, amt)
SELECT v.name, sum(t.amt) AS s FROM t JOIN (VALUES (1, 'a'), (2, 'b')) AS v (code, name) ON t.code = v.code GROUP BY 1
--> exact reads t
--> rows: name = | s = t.amt:A | all: t.code:J

-- try, element_at and rows' fields
-- trino t(m, r, s)
SELECT try(element_at(m, 'k')) AS e, r.x AS x, CAST(json_parse(s) AS ROW(a integer)).a AS a FROM t
--> exact reads t
--> rows: e = t.m:T | x = t.r:T | a = t.s:T

-- fields by the type of a cast
-- trino t(a, b)
SELECT r.x, r.y FROM (SELECT CAST(ROW(a, b) AS ROW(x bigint, y varchar)) AS r FROM t)
--> exact reads t
--> rows: x = t.a:T | y = t.b:T
