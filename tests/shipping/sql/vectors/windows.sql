-- a window: the argument gives, partition and order decide
-- postgres t(k, ts, v)
SELECT sum(v) OVER (PARTITION BY k ORDER BY ts) AS s FROM t
--> exact reads t
--> rows: s = t.k:W t.ts:W t.v:A

-- ROW_NUMBER and RANK have nothing but their window
-- duckdb t(k, ts)
SELECT row_number() OVER (PARTITION BY k ORDER BY ts) AS n, rank() OVER (ORDER BY ts) AS r FROM t
--> exact reads t
--> rows: n = t.k:W t.ts:W | r = t.ts:W

-- LAG, LEAD and FIRST_VALUE hand on one value
-- snowflake T(K, TS, V)
SELECT LAG(v, 1, 0) OVER (PARTITION BY k ORDER BY ts) AS l, FIRST_VALUE(v) IGNORE NULLS OVER (ORDER BY ts) AS f FROM t
--> exact reads T
--> rows: L = T.K:W T.TS:W T.V:T | F = T.TS:W T.V:T

-- a named window
-- postgres t(k, ts, v)
SELECT avg(v) OVER w AS a, min(v) OVER w AS m FROM t WINDOW w AS (PARTITION BY k ORDER BY ts)
--> exact reads t
--> rows: a = t.k:W t.ts:W t.v:A | m = t.k:W t.ts:W t.v:A

-- a named window that is extended
-- duckdb t(k, ts, v)
SELECT sum(v) OVER (w ORDER BY ts) AS s FROM t WINDOW w AS (PARTITION BY k)
--> exact reads t
--> rows: s = t.k:W t.ts:W t.v:A

-- a named window made of another
-- postgres t(k, ts, v)
SELECT sum(v) OVER w2 AS s FROM t WINDOW w1 AS (PARTITION BY k), w2 AS (w1 ORDER BY ts)
--> exact reads t
--> rows: s = t.k:W t.ts:W t.v:A

-- frames
-- postgres t(k, ts, v)
SELECT sum(v) OVER (ORDER BY ts ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS s FROM t
--> exact reads t
--> rows: s = t.ts:W t.v:A

-- an expression around a window
-- duckdb t(k, v)
SELECT v / sum(v) OVER (PARTITION BY k) AS share FROM t
--> exact reads t
--> rows: share = t.k:W t.v:AT

-- a window with FILTER
-- postgres t(k, v, b)
SELECT count(*) FILTER (WHERE b) OVER (PARTITION BY k) AS n FROM t
--> exact reads t
--> rows: n = t.b:C t.k:W

-- an aggregate within a window
-- duckdb t(k, v)
SELECT k, sum(sum(v)) OVER (ORDER BY k) AS running FROM t GROUP BY k
--> exact reads t
--> rows: k = t.k | running = t.k:W t.v:A | all: t.k:G

-- ORDER BY a window
-- postgres t(k, v)
SELECT v FROM t ORDER BY row_number() OVER (PARTITION BY k)
--> exact reads t
--> rows: v = t.v | all: t.k:S

-- windows through a subquery, filtered outside
-- tsql t(k, ts, v)
SELECT k, v FROM (SELECT k, v, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS rn FROM t) x WHERE rn = 1
--> exact reads t
--> rows: k = t.k | v = t.v | all: t.k:F t.ts:F
