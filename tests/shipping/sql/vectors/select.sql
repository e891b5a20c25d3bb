-- columns pass unchanged, with and without alias
-- duckdb t(a, b)
SELECT a, t.b AS c FROM t
--> exact reads t
--> rows: a = t.a | c = t.b

-- an expression transforms, a constant comes from nowhere
-- duckdb t(a, b)
SELECT a + b AS s, 1 AS one, upper(a) AS u FROM t
--> exact reads t
--> rows: s = t.a:T t.b:T | one = | u = t.a:T

-- a cast transforms
-- postgres t(a)
SELECT a::text AS x, CAST(a AS int) AS y FROM t
--> exact reads t
--> rows: x = t.a:T | y = t.a:T

-- WHERE bears on all columns
-- duckdb t(a, b)
SELECT a FROM t WHERE b > 3
--> exact reads t
--> rows: a = t.a | all: t.b:F

-- a star takes the columns of the schema, in order
-- duckdb t(a, b)
SELECT * FROM t
--> exact reads t
--> rows: a = t.a | b = t.b

-- a star of a table that is not known passes all of it
-- duckdb
SELECT * FROM t
--> conservative reads t
--> rows: * t

-- a column of a single unknown table can only be of it
-- duckdb
SELECT a, b + 1 AS c FROM t WHERE d = 1
--> exact reads t
--> rows: a = t.a | c = t.b:T | all: t.d:F

-- a column that no known table has is of the unknown one
-- duckdb t(a)
SELECT a, b FROM t, u
--> exact reads t, u
--> rows: a = t.a | b = u.b

-- a column may be of either of two unknown tables
-- duckdb
SELECT a FROM t, u
--> conservative reads t, u
--> rows: a = t.a u.a ?

-- qualified columns of unknown tables are exact
-- duckdb
SELECT x.a, y.b FROM t x JOIN u y ON x.k = y.k
--> exact reads t, u
--> rows: a = t.a | b = u.b | all: t.k:J u.k:J

-- EXCLUDE, REPLACE
-- duckdb t(a, b, c)
SELECT * EXCLUDE (a) REPLACE (b + a AS b) FROM t
--> exact reads t
--> rows: b = t.a:T t.b:T | c = t.c

-- EXCEPT of BigQuery
-- bigquery t(a, b, c)
SELECT * EXCEPT (b) FROM t
--> exact reads t
--> rows: a = t.a | c = t.c

-- RENAME of Snowflake
-- snowflake T(A, B)
SELECT * RENAME (a AS z) FROM t
--> exact reads T
--> rows: Z = T.A | B = T.B

-- a qualified star beside other columns
-- duckdb t(a, b) u(c)
SELECT u.c, t.* FROM t, u
--> exact reads t, u
--> rows: c = u.c | a = t.a | b = t.b

-- COLUMNS with a pattern and a function
-- duckdb t(a1, a2, b)
SELECT max(COLUMNS('a.')) FROM t
--> exact reads t
--> rows: a1 = t.a1:A | a2 = t.a2:A

-- aggregates and GROUP BY
-- duckdb t(k, v)
SELECT k, sum(v) AS s, count(*) AS n, count(DISTINCT v) AS d FROM t GROUP BY k
--> exact reads t
--> rows: k = t.k | s = t.v:A | n = | d = t.v:Am | all: t.k:G

-- HAVING filters
-- duckdb t(k, v)
SELECT k FROM t GROUP BY k HAVING sum(v) > 10
--> exact reads t
--> rows: k = t.k | all: t.k:G t.v:F

-- GROUP BY an alias and a number
-- postgres t(ts, v)
SELECT date_trunc('day', ts) AS d, v AS w, count(*) AS n FROM t GROUP BY d, 2
--> exact reads t
--> rows: d = t.ts:T | w = t.v | n = | all: t.ts:G t.v:G

-- GROUP BY ALL takes what is not aggregated
-- duckdb t(a, b, v)
SELECT a, b + 1 AS c, sum(v) AS s FROM t GROUP BY ALL
--> exact reads t
--> rows: a = t.a | c = t.b:T | s = t.v:A | all: t.a:G t.b:G

-- GROUPING SETS, ROLLUP and CUBE
-- postgres t(a, b, c, v)
SELECT a, sum(v) AS s FROM t GROUP BY GROUPING SETS ((a, b), (c), ())
--> exact reads t
--> rows: a = t.a | s = t.v:A | all: t.a:G t.b:G t.c:G

-- ROLLUP
-- snowflake T(A, B, V)
SELECT a, SUM(v) AS s FROM t GROUP BY ROLLUP (a, b)
--> exact reads T
--> rows: A = T.A | S = T.V:A | all: T.A:G T.B:G

-- ORDER BY by name, alias and number
-- duckdb t(a, b, c)
SELECT a, b + c AS d FROM t ORDER BY d, 1 DESC
--> exact reads t
--> rows: a = t.a | d = t.b:T t.c:T | all: t.a:S t.b:S t.c:S

-- ORDER BY prefers the alias to a column of the same name
-- postgres t(a, b)
SELECT b AS a FROM t ORDER BY a
--> exact reads t
--> rows: a = t.b | all: t.b:S

-- WHERE prefers the column to the alias
-- duckdb t(a, b)
SELECT b AS a FROM t WHERE a > 1
--> exact reads t
--> rows: a = t.b | all: t.a:F

-- an alias may be used in the list where the dialect has it so
-- snowflake T(A, B)
SELECT a + b AS s, s * 2 AS d FROM t
--> exact reads T
--> rows: S = T.A:T T.B:T | D = T.A:T T.B:T

-- an alias in WHERE of SQLite
-- sqlite t(a, b)
SELECT a + b AS s FROM t WHERE s > 3
--> exact reads t
--> rows: s = t.a:T t.b:T | all: t.a:F t.b:F

-- CASE: conditions decide, branches give
-- duckdb t(a, b, c, d)
SELECT CASE WHEN a > 1 THEN b WHEN c THEN 2 ELSE d END AS x FROM t
--> exact reads t
--> rows: x = t.a:C t.b:T t.c:C t.d:T

-- CASE with an operand, IF, NULLIF, COALESCE
-- mysql t(a, b, c)
SELECT CASE a WHEN 1 THEN b END AS x, IF(a > 1, b, c) AS y, NULLIF(a, b) AS z, COALESCE(a, b) AS w FROM t
--> exact reads t
--> rows: x = t.a:C t.b:T | y = t.a:C t.b:T t.c:T | z = t.a:T t.b:C | w = t.a:T t.b:T

-- IFF, DECODE, NVL2 of Snowflake
-- snowflake T(A, B, C)
SELECT IFF(a = 1, b, c) AS x, DECODE(a, 1, b, c) AS y, NVL2(a, b, c) AS z FROM t
--> exact reads T
--> rows: X = T.A:C T.B:T T.C:T | Y = T.A:C T.B:T T.C:T | Z = T.A:C T.B:T T.C:T

-- an aggregate over CASE
-- duckdb t(a, v)
SELECT sum(CASE WHEN a = 'x' THEN v ELSE 0 END) AS s FROM t
--> exact reads t
--> rows: s = t.a:C t.v:A

-- FILTER of an aggregate is a condition
-- postgres t(a, v)
SELECT sum(v) FILTER (WHERE a > 0) AS s, count(*) FILTER (WHERE a > 0) AS n FROM t
--> exact reads t
--> rows: s = t.a:C t.v:A | n = t.a:C

-- values in order within an aggregate
-- postgres t(a, v, k)
SELECT array_agg(v ORDER BY a) AS l, string_agg(v, ',' ORDER BY k DESC) AS s FROM t
--> exact reads t
--> rows: l = t.a:S t.v:A | s = t.k:S t.v:A

-- WITHIN GROUP: the order gives a percentile its value, a list its order
-- postgres t(a, v)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v) AS m, mode() WITHIN GROUP (ORDER BY a) AS o FROM t
--> exact reads t
--> rows: m = t.v:A | o = t.a:A

-- LISTAGG WITHIN GROUP
-- snowflake T(A, V)
SELECT LISTAGG(v, ',') WITHIN GROUP (ORDER BY a) AS l FROM t
--> exact reads T
--> rows: L = T.A:S T.V:A

-- a hash masks
-- duckdb t(a, b)
SELECT md5(a) AS h, sha256(b) AS s FROM t
--> exact reads t
--> rows: h = t.a:Tm | s = t.b:Tm

-- DISTINCT ON groups
-- postgres t(a, b, c)
SELECT DISTINCT ON (a) b FROM t ORDER BY a, c
--> exact reads t
--> rows: b = t.b | all: t.a:GS t.c:S

-- DISTINCT groups by all its columns
-- duckdb t(a)
SELECT DISTINCT a FROM t
--> exact reads t
--> rows: a = t.a | all: t.a:G

-- struct fields, JSON paths and list elements are of their column
-- duckdb t(s, j, l)
SELECT s.x.y AS a, t.s.x AS b, j->>'$.k' AS c, l[1] AS d FROM t
--> exact reads t
--> rows: a = t.s:T | b = t.s:T | c = t.j:T | d = t.l:T

-- a path of Snowflake
-- snowflake T(V)
SELECT v:a.b::string AS x, t.v:c AS y FROM t
--> exact reads T
--> rows: X = T.V:T | Y = T.V:T

-- lambdas and list comprehensions bind their own names
-- duckdb t(l, x)
SELECT list_transform(l, y -> y + x) AS a, [i * 2 FOR i IN l IF i > 1] AS b FROM t
--> exact reads t
--> rows: a = t.l:T t.x:T | b = t.l:T

-- a struct is made of its values
-- duckdb t(a, b)
SELECT {'p': a, 'q': b + 1} AS s FROM t
--> exact reads t
--> rows: s = t.a:T t.b:T

-- a whole row
-- postgres t(a, b)
SELECT to_json(t) AS j, count(t.*) AS n FROM t
--> exact reads t
--> rows: j = t.a:T t.b:T | n = t.a:Am t.b:Am

-- unnamed columns of PostgreSQL
-- postgres t(a, b)
SELECT sum(a), a + b, b::int, lower(b) FROM t
--> exact reads t
--> rows: sum = t.a:A | ?column? = t.a:T t.b:T | b = t.b:T | lower = t.b:T

-- DuckDB begins with FROM
-- duckdb t(a)
FROM t SELECT a WHERE a > 1
--> exact reads t
--> rows: a = t.a | all: t.a:F

-- FROM alone is everything
-- duckdb t(a, b)
FROM t
--> exact reads t
--> rows: a = t.a | b = t.b

-- parameters of all drivers
-- postgres t(a, b)
SELECT a FROM t WHERE b = %s AND a = %(x)s AND b <> $1 AND a < :y AND b > ?
--> exact reads t
--> rows: a = t.a | all: t.a:F t.b:F

-- percent of two columns is no parameter
-- sqlite t(a, s)
SELECT a %s AS r FROM t
--> exact reads t
--> rows: r = t.a:T t.s:T

-- comments anywhere
-- duckdb t(a, b)
/* FROM x */ SELECT a -- , b
FROM t /* JOIN u */
--> exact reads t
--> rows: a = t.a

-- letters: PostgreSQL folds down, unless quoted
-- postgres t(a, B)
SELECT A AS Total, "B" AS "Kept" FROM T
--> exact reads t
--> rows: total = t.a | Kept = t.B

-- letters: Snowflake folds up
-- snowflake S.T(A, b)
SELECT a AS x, "b" AS "y" FROM s.t
--> exact reads S.T
--> rows: X = S.T.A | y = S.T.b

-- letters: DuckDB keeps and ignores them
-- duckdb Flights(DepDelay)
SELECT depdelay AS Delay FROM FLIGHTS
--> exact reads Flights
--> rows: Delay = Flights.DepDelay

-- brackets of SQL Server
-- tsql dbo.Orders(Id, Total)
SELECT TOP 10 [Id], o.[total] AS [My Total] FROM [dbo].[orders] AS o WITH (NOLOCK)
--> exact reads dbo.Orders
--> rows: Id = dbo.Orders.Id | My Total = dbo.Orders.Total

-- backticks and three parts of BigQuery
-- bigquery p.d.t(a)
SELECT a FROM `p.d.t`
--> exact reads p.d.t
--> rows: a = p.d.t.a

-- catalog, schema, table
-- snowflake DB.S.T(A)
SELECT t.a FROM db.s.t
--> exact reads DB.S.T
--> rows: A = DB.S.T.A

-- columns qualified by schema and table
-- postgres s.t(a)
SELECT s.t.a FROM s.t
--> exact reads s.t
--> rows: a = s.t.a

-- double quotes of SQLite are text where no column has the name
-- sqlite t(a)
SELECT a FROM t WHERE a = "x"
--> exact reads t
--> rows: a = t.a | all: t.a:F

-- LIMIT and OFFSET add nothing
-- duckdb t(a)
SELECT a FROM t LIMIT 10 OFFSET 5
--> exact reads t
--> rows: a = t.a

-- the catalog of the engine is no input
-- sqlite
SELECT name FROM sqlite_master
--> exact reads nothing
--> rows: name =

-- a column that no table has is a doubt
-- duckdb t(a)
SELECT b FROM t
--> conservative reads t
--> rows: b = ?

-- pseudo-columns are no columns
-- sqlite t(a)
SELECT rowid, a FROM t
--> exact reads t
--> rows: rowid = | a = t.a

-- date parts are no columns
-- snowflake T(A, B)
SELECT DATEDIFF(day, a, b) AS d, DATE_TRUNC('month', a) AS m, EXTRACT(year FROM a) AS y FROM t
--> exact reads T
--> rows: D = T.A:T T.B:T | M = T.A:T | Y = T.A:T

-- INTERVAL with a column
-- bigquery t(a, n)
SELECT DATE_ADD(a, INTERVAL n DAY) AS d FROM t
--> exact reads t
--> rows: d = t.a:T t.n:T

-- QUALIFY filters by a window
-- snowflake T(K, TS, V)
SELECT k, v FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) = 1
--> exact reads T
--> rows: K = T.K | V = T.V | all: T.K:F T.TS:F

-- BETWEEN, IN, LIKE, IS NULL
-- postgres t(a, b, c, d)
SELECT a FROM t WHERE a BETWEEN b AND c AND d IN (1, 2) OR b IS NULL AND c LIKE 'x%'
--> exact reads t
--> rows: a = t.a | all: t.a:F t.b:F t.c:F t.d:F

-- an expression in ORDER BY means the column, a name alone the alias
-- duckdb t(a, b)
SELECT a AS b FROM t ORDER BY b + 1 LIMIT 3; SELECT a AS b FROM t ORDER BY b LIMIT 3
--> exact reads t
--> rows: b = t.a | all: t.b:S
--> exact reads t
--> rows: b = t.a | all: t.a:S

-- elsewhere it means the alias
-- spark t(a, b)
SELECT a AS b FROM t ORDER BY b + 1
--> exact reads t
--> rows: b = t.a | all: t.a:S

-- ORDER BY a name that two columns have
-- duckdb t(a, b)
SELECT *, b AS a FROM t ORDER BY a
--> conservative reads t
--> rows: a = t.a | b = t.b | a = t.b | all: t.a:S t.b:S

-- GROUP BY 0 is no place
-- sqlite t(a)
SELECT count(a) AS n FROM t GROUP BY 0
--> exact reads t
--> rows: n = t.a:Am

-- HAVING names an alias that is a column too, which is not grouped by: it is the alias
-- duckdb t(a, b, c)
SELECT c, max(b) AS a FROM t GROUP BY c HAVING a > 4; SELECT a + 0 AS g, max(b) AS a FROM t GROUP BY ALL HAVING a > 4; SELECT count(*) AS a FROM t HAVING a > 2
--> exact reads t
--> rows: c = t.c | a = t.b:A | all: t.b:F t.c:G
--> exact reads t
--> rows: g = t.a:T | a = t.b:A | all: t.a:G t.b:F
--> exact reads t
--> rows: a =

-- HAVING names what is grouped by, or stands in an aggregate: it is the column
-- duckdb t(a, b, c)
SELECT a AS g, max(b) AS a FROM t GROUP BY g HAVING a > 4; SELECT c, max(b) AS a FROM t GROUP BY c HAVING max(a) > 1; SELECT max(b) AS a FROM t GROUP BY ALL HAVING sum(a) > 1; SELECT max(b) AS a FROM t GROUP BY GROUPING SETS ((a), ()) HAVING a > 4
--> exact reads t
--> rows: g = t.a | a = t.b:A | all: t.a:FG
--> exact reads t
--> rows: c = t.c | a = t.b:A | all: t.a:F t.c:G
--> exact reads t
--> rows: a = t.b:A | all: t.a:F
--> exact reads t
--> rows: a = t.b:A | all: t.a:FG

-- HAVING of PostgreSQL knows no aliases
-- postgres t(a, b, c)
SELECT a + 0 AS b FROM t GROUP BY a, b HAVING b > 1
--> exact reads t
--> rows: b = t.a:T | all: t.a:G t.b:FG

-- HAVING of MySQL takes what is grouped by, then an alias
-- mysql t(a, b, c)
SELECT MAX(b) AS a FROM t GROUP BY a HAVING a > 4; SELECT MAX(b) AS a FROM t GROUP BY c HAVING a > 4
--> exact reads t
--> rows: a = t.b:A | all: t.a:FG
--> exact reads t
--> rows: a = t.b:A | all: t.b:F t.c:G

-- HAVING names what is grouped by and an alias, where nobody says which goes first
-- snowflake T(A, B)
SELECT MAX(b) AS a FROM t GROUP BY a HAVING a > 4
--> conservative reads T
--> rows: A = T.B:A | all: T.A:FG

-- a count over distinct rows depends on what they are compared by
-- duckdb t(a, b)
SELECT count(*) AS n FROM (SELECT DISTINCT a FROM t); SELECT count(*) AS n FROM (SELECT a FROM t UNION SELECT b FROM t)
--> exact reads t
--> rows: n = | all: t.a:G
--> exact reads t
--> rows: n = | all: t.a:G t.b:G

-- numbers within ROLLUP and GROUPING SETS are columns
-- duckdb t(k, a, b)
SELECT k, sum(b) AS s FROM t GROUP BY ROLLUP (1); SELECT k, a, sum(b) AS s FROM t GROUP BY GROUPING SETS ((1, 2), (2), ())
--> exact reads t
--> rows: k = t.k | s = t.b:A | all: t.k:G
--> exact reads t
--> rows: k = t.k | a = t.a | s = t.b:A | all: t.a:G t.k:G
