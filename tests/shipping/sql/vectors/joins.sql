-- ON joins
-- duckdb t(k, a) u(k, b)
SELECT a, b FROM t JOIN u ON t.k = u.k
--> exact reads t, u
--> rows: a = t.a | b = u.b | all: t.k:J u.k:J

-- USING: the value is of the side that is kept
-- duckdb t(k, a) u(k, b)
SELECT k, a, b FROM t JOIN u USING (k)
--> exact reads t, u
--> rows: k = t.k | a = t.a | b = u.b | all: t.k:J u.k:J

-- RIGHT JOIN USING
-- postgres t(k, a) u(k, b)
SELECT k FROM t RIGHT JOIN u USING (k)
--> exact reads t, u
--> rows: k = u.k | all: t.k:J u.k:J

-- FULL JOIN USING has either
-- postgres t(k, a) u(k, b)
SELECT k FROM t FULL JOIN u USING (k)
--> exact reads t, u
--> rows: k = t.k u.k | all: t.k:J u.k:J

-- a star over USING: once, in its place
-- duckdb t(a, k) u(k, b)
SELECT * FROM t JOIN u USING (k)
--> exact reads t, u
--> rows: a = t.a | k = t.k | b = u.b | all: t.k:J u.k:J

-- a star over USING: once, first
-- postgres t(a, k) u(k, b)
SELECT * FROM t JOIN u USING (k)
--> exact reads t, u
--> rows: k = t.k | a = t.a | b = u.b | all: t.k:J u.k:J

-- a qualified column beside USING
-- postgres t(k, a) u(k, b)
SELECT u.k AS theirs FROM t LEFT JOIN u USING (k)
--> exact reads t, u
--> rows: theirs = u.k | all: t.k:J u.k:J

-- USING of unknown tables
-- duckdb
SELECT k, t.a FROM t JOIN u USING (k)
--> exact reads t, u
--> rows: k = t.k | a = t.a | all: t.k:J u.k:J

-- USING over three tables
-- duckdb t(k, a) u(k, b) v(k, c)
SELECT k, c FROM t JOIN u USING (k) JOIN v USING (k)
--> exact reads t, u, v
--> rows: k = t.k | c = v.c | all: t.k:J u.k:J v.k:J

-- NATURAL JOIN of known tables
-- sqlite t(k, a) u(k, b)
SELECT k, a, b FROM t NATURAL JOIN u
--> exact reads t, u
--> rows: k = t.k | a = t.a | b = u.b | all: t.k:J u.k:J

-- NATURAL JOIN of unknown tables
-- sqlite
SELECT t.a FROM t NATURAL JOIN u
--> conservative reads t, u
--> rows: a = t.a

-- comma and WHERE
-- duckdb t(k, a) u(j, b)
SELECT a FROM t, u WHERE k = j
--> exact reads t, u
--> rows: a = t.a | all: t.k:F u.j:F

-- self join
-- duckdb t(id, parent, name)
SELECT c.name AS child, p.name AS parent FROM t c LEFT JOIN t p ON c.parent = p.id
--> exact reads t
--> rows: child = t.name | parent = t.name | all: t.id:J t.parent:J

-- SEMI and ANTI JOIN hide their right side
-- duckdb t(k, a) u(k, b)
SELECT * FROM t SEMI JOIN u ON t.k = u.k
--> exact reads t, u
--> rows: k = t.k | a = t.a | all: t.k:J u.k:J

-- LEFT ANTI JOIN of Spark
-- spark t(k, a) u(k, b)
SELECT a FROM t LEFT ANTI JOIN u ON t.k = u.k
--> exact reads t, u
--> rows: a = t.a | all: t.k:J u.k:J

-- CROSS JOIN
-- duckdb t(a) u(b)
SELECT a, b FROM t CROSS JOIN u
--> exact reads t, u
--> rows: a = t.a | b = u.b

-- POSITIONAL JOIN
-- duckdb t(a) u(b)
SELECT a, b FROM t POSITIONAL JOIN u
--> exact reads t, u
--> rows: a = t.a | b = u.b

-- ASOF JOIN
-- duckdb trades(sym, ts, px) quotes(sym, ts, bid)
SELECT px, bid FROM trades t ASOF JOIN quotes q ON t.sym = q.sym AND t.ts >= q.ts
--> exact reads quotes, trades
--> rows: px = trades.px | bid = quotes.bid | all: quotes.sym:J quotes.ts:J trades.sym:J trades.ts:J

-- joins in parentheses
-- postgres t(k, a) u(k, j, b) v(j, c)
SELECT a, b, c FROM t LEFT JOIN (u JOIN v ON u.j = v.j) ON t.k = u.k
--> exact reads t, u, v
--> rows: a = t.a | b = u.b | c = v.c | all: t.k:J u.j:J u.k:J v.j:J

-- LATERAL sees what stands before it
-- postgres t(k, a) u(k, v, ts)
SELECT t.a, l.v FROM t CROSS JOIN LATERAL (SELECT v FROM u WHERE u.k = t.k ORDER BY ts DESC LIMIT 1) l
--> exact reads t, u
--> rows: a = t.a | v = u.v | all: t.k:F u.k:F u.ts:S

-- LEFT JOIN LATERAL … ON TRUE
-- postgres t(a, b)
SELECT a, d FROM t LEFT JOIN LATERAL (SELECT t.a + t.b AS d) x ON true
--> exact reads t
--> rows: a = t.a | d = t.a:T t.b:T

-- CROSS APPLY and OUTER APPLY
-- tsql t(k, a) u(k, v)
SELECT t.a, x.v FROM t OUTER APPLY (SELECT TOP 1 u.v FROM u WHERE u.k = t.k) x
--> exact reads t, u
--> rows: a = t.a | v = u.v | all: t.k:F u.k:F

-- a subquery of DuckDB sees its neighbours without a word
-- duckdb t(a) u(b)
SELECT x.s FROM t, (SELECT t.a + u.b AS s FROM u) x
--> exact reads t, u
--> rows: s = t.a:T u.b:T

-- LATERAL VIEW explodes a column
-- spark t(k, m)
SELECT k, kk, vv FROM t LATERAL VIEW explode(m) e AS kk, vv
--> exact reads t
--> rows: k = t.k | kk = t.m:T | vv = t.m:T | all: t.m:J

-- UNNEST of PostgreSQL
-- postgres t(k, tags)
SELECT k, tag FROM t, unnest(t.tags) AS tag
--> exact reads t
--> rows: k = t.k | tag = t.tags:T | all: t.tags:J

-- UNNEST with ordinality
-- postgres t(k, tags)
SELECT k, u.tag, u.n FROM t CROSS JOIN unnest(t.tags) WITH ORDINALITY AS u(tag, n)
--> exact reads t
--> rows: k = t.k | tag = t.tags:T | n = | all: t.tags:J

-- UNNEST of BigQuery, with fields
-- bigquery t(k, items)
SELECT k, i.price, off FROM t, UNNEST(t.items) AS i WITH OFFSET AS off
--> exact reads t
--> rows: k = t.k | price = t.items:T | off = | all: t.items:J

-- UNNEST in the list
-- duckdb t(l)
SELECT unnest(l) AS x FROM t
--> exact reads t
--> rows: x = t.l:T | all: t.l:J

-- LATERAL FLATTEN of Snowflake
-- snowflake T(K, V)
SELECT k, f.value:name::string AS n, f.index AS i FROM t, LATERAL FLATTEN(input => t.v) f
--> exact reads T
--> rows: K = T.K | N = T.V:T | I = | all: T.V:J

-- JSON functions of PostgreSQL
-- postgres t(k, doc)
SELECT k, e->>'x' AS x FROM t, jsonb_array_elements(t.doc) AS e
--> exact reads t
--> rows: k = t.k | x = t.doc:T | all: t.doc:J

-- generate_series reads nothing
-- postgres
SELECT n FROM generate_series(1, 10) AS g(n)
--> exact reads nothing
--> rows: n =

-- a table function that nobody knows may read anything
-- postgres
SELECT x FROM my_function(1) AS f(x)
--> conservative reads nothing
--> rows: x = ?

-- VALUES as a table
-- postgres t(k, a)
SELECT t.a, v.label FROM t JOIN (VALUES (1, 'x'), (2, 'y')) AS v(k, label) ON t.k = v.k
--> exact reads t
--> rows: a = t.a | label = | all: t.k:J

-- PIVOT of Snowflake and SQL Server
-- tsql t(k, m, v)
SELECT * FROM t PIVOT (SUM(v) FOR m IN ([jan], [feb])) AS p
--> exact reads t
--> rows: k = t.k | jan = t.m:C t.v:A | feb = t.m:C t.v:A | all: t.k:G

-- UNPIVOT
-- snowflake T(K, JAN, FEB)
SELECT k, month, sales FROM t UNPIVOT (sales FOR month IN (jan, feb))
--> exact reads T
--> rows: K = T.K | MONTH = | SALES = T.FEB T.JAN | all: T.FEB:F T.JAN:F

-- PIVOT of DuckDB with values
-- duckdb t(k, m, v)
PIVOT t ON m IN ('jan', 'feb') USING sum(v) GROUP BY k
--> exact reads t
--> rows: k = t.k | jan = t.m:C t.v:A | feb = t.m:C t.v:A | all: t.k:G

-- PIVOT of DuckDB by the data
-- duckdb t(k, m, v)
PIVOT t ON m USING sum(v)
--> conservative reads t
--> rows: k = t.k | all: t.k:G

-- UNPIVOT of DuckDB
-- duckdb t(k, jan, feb)
UNPIVOT t ON jan, feb INTO NAME month VALUE sales
--> exact reads t
--> rows: k = t.k | month = | sales = t.feb t.jan | all: t.feb:F t.jan:F

-- a column that USING did not join keeps its place in the star
-- duckdb t(k, a) u(k, b) v(k, c)
SELECT * FROM t JOIN u USING (k) JOIN v ON v.c = t.a
--> exact reads t, u, v
--> rows: k = t.k | a = t.a | b = u.b | k = v.k | c = v.c | all: t.a:J t.k:J u.k:J v.c:J

-- of USING, then USING, a star has the last first
-- postgres t(k, a) u(k, b) v(b, k, c)
SELECT * FROM t JOIN u USING (k) JOIN v USING (b)
--> exact reads t, u, v
--> rows: b = u.b | k = t.k | a = t.a | k = v.k | c = v.c | all: t.k:J u.b:J u.k:J v.b:J

-- the same where columns stay in their places
-- duckdb t(k, a) u(k, b) v(b, k, c)
SELECT * FROM t JOIN u USING (k) JOIN v USING (b)
--> exact reads t, u, v
--> rows: k = t.k | a = t.a | b = u.b | k = v.k | c = v.c | all: t.k:J u.b:J u.k:J v.b:J

-- two joins in brackets have a column of USING each
-- postgres t(k, a) u(k, b) v(k, c) w(k, d)
SELECT * FROM (t JOIN u USING (k)) JOIN (v JOIN w USING (k)) ON c = a
--> exact reads t, u, v, w
--> rows: k = t.k | a = t.a | b = u.b | k = v.k | c = v.c | d = w.d | all: t.a:J t.k:J u.k:J v.c:J v.k:J w.k:J

-- a comma binds less than JOIN
-- duckdb t(k, a) u(k, b) v(k, c)
SELECT * FROM t, u JOIN v USING (k)
--> exact reads t, u, v
--> rows: k = t.k | a = t.a | k = u.k | b = u.b | c = v.c | all: u.k:J v.k:J

-- in SQLite it binds as much
-- sqlite t(k, a) u(b) v(k, c)
SELECT * FROM t, u JOIN v USING (k)
--> exact reads t, u, v
--> rows: k = t.k | a = t.a | b = u.b | c = v.c | all: t.k:J v.k:J

-- NATURAL puts common columns in the order of the left side
-- postgres t(a, k, b) u(b, x, k)
SELECT * FROM t NATURAL JOIN u
--> exact reads t, u
--> rows: k = t.k | b = t.b | a = t.a | x = u.x | all: t.b:J t.k:J u.b:J u.k:J
