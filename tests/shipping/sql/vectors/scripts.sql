-- CREATE TABLE AS
-- duckdb s(x, y)
CREATE TABLE t AS SELECT x, y + 1 AS z FROM s
--> exact reads s
--> CREATE t: x = s.x | z = s.y:T

-- what was created is known afterwards
-- duckdb s(x, y)
CREATE TABLE t AS SELECT x, y AS z FROM s;
SELECT * FROM t
--> exact reads s
--> CREATE t: x = s.x | z = s.y
--> exact reads t
--> rows: x = t.x | z = t.z

-- CREATE OR REPLACE
-- snowflake S(X)
CREATE OR REPLACE TABLE t AS SELECT x FROM s
--> exact reads S
--> OVERWRITE T: X = S.X

-- names of a view's columns
-- postgres s(x, y)
CREATE VIEW v (a, b) AS SELECT x, y FROM s
--> exact reads s
--> CREATE view v: a = s.x | b = s.y

-- a view is read as itself
-- postgres s(x)
CREATE VIEW v AS SELECT x FROM s;
SELECT x FROM v
--> exact reads s
--> CREATE view v: x = s.x
--> exact reads v
--> rows: x = v.x

-- materialised view
-- postgres s(x)
CREATE MATERIALIZED VIEW v AS SELECT max(x) AS m FROM s
--> exact reads s
--> CREATE view v: m = s.x:A

-- IF NOT EXISTS may have done nothing
-- sqlite s(x)
CREATE TABLE IF NOT EXISTS t AS SELECT x FROM s
--> conservative reads s
--> append t: x = s.x

-- IF NOT EXISTS of what exists does nothing
-- sqlite s(x) t(x)
CREATE TABLE IF NOT EXISTS t AS SELECT x FROM s
--> exact reads nothing

-- WITH NO DATA moves none
-- postgres s(x)
CREATE TABLE t AS SELECT x FROM s WITH NO DATA;
SELECT x FROM t
--> exact reads nothing
--> CREATE t:
--> exact reads t
--> rows: x = t.x

-- definitions make columns known
-- sqlite s(x, y)
CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);
INSERT INTO t SELECT x, y FROM s
--> exact reads nothing
--> CREATE t:
--> exact reads s
--> append t: a = s.x | b = s.y

-- LIKE copies the form, CLONE the rows
-- snowflake S(X)
CREATE TABLE l LIKE s;
CREATE TABLE c CLONE s
--> exact reads nothing
--> CREATE L:
--> exact reads S
--> CREATE C: X = S.X

-- a temporary table is no artifact
-- postgres s(k, x) t(a)
CREATE TEMP TABLE tmp AS SELECT x * 2 AS d FROM s WHERE k > 0;
INSERT INTO t SELECT d FROM tmp;
DROP TABLE tmp
--> exact reads nothing
--> exact reads s
--> append t: a = s.x:T | all: s.k:F
--> exact reads nothing

-- a temporary table that is filled step by step
-- sqlite s(x) u(y) t(a)
CREATE TEMP TABLE tmp (v);
INSERT INTO tmp SELECT x FROM s;
INSERT INTO tmp SELECT y FROM u;
INSERT INTO t SELECT v FROM tmp
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads s, u
--> append t: a = s.x u.y

-- SELECT INTO, temporary by its name
-- tsql s(x)
SELECT x AS y INTO #tmp FROM s;
SELECT y INTO t FROM #tmp
--> exact reads nothing
--> exact reads s
--> CREATE t: y = s.x

-- a temporary table hides a stored one until it is dropped
-- postgres s(x) t(x)
CREATE TEMP TABLE t AS SELECT x FROM s;
SELECT x FROM t;
DROP TABLE t;
SELECT x FROM t
--> exact reads nothing
--> exact reads s
--> rows: x = s.x
--> exact reads nothing
--> exact reads t
--> rows: x = t.x

-- a temporary view goes through
-- duckdb s(x, y)
CREATE TEMP VIEW v AS SELECT x + y AS z FROM s;
CREATE TABLE t AS SELECT z FROM v
--> exact reads nothing
--> exact reads s
--> CREATE t: z = s.x:T s.y:T

-- DROP, TRUNCATE, RENAME
-- postgres a(x) b(x)
DROP TABLE IF EXISTS a;
TRUNCATE TABLE b;
ALTER TABLE b RENAME TO c;
SELECT * FROM c
--> exact reads nothing
--> DROP a:
--> exact reads nothing
--> TRUNCATE b:
--> exact reads nothing
--> RENAME b to c: x = b.x
--> exact reads c
--> rows: x = c.x

-- RENAME stays in the schema
-- postgres s.a(x)
ALTER TABLE s.a RENAME TO b
--> exact reads nothing
--> RENAME s.a to s.b: x = s.a.x

-- ALTER of columns is followed
-- duckdb t(a, b)
ALTER TABLE t ADD COLUMN c INTEGER;
ALTER TABLE t DROP COLUMN a;
ALTER TABLE t RENAME COLUMN b TO d;
SELECT * FROM t
--> exact reads nothing
--> ALTER t:
--> exact reads nothing
--> ALTER t:
--> exact reads t
--> ALTER t: d = t.b
--> exact reads t
--> rows: d = t.d | c = t.c

-- a swap by rename
-- postgres s(x) t(x)
CREATE TABLE t_new AS SELECT x FROM s;
ALTER TABLE t RENAME TO t_old;
ALTER TABLE t_new RENAME TO t;
DROP TABLE t_old
--> exact reads s
--> CREATE t_new: x = s.x
--> exact reads nothing
--> RENAME t to t_old: x = t.x
--> exact reads nothing
--> RENAME t_new to t: x = t_new.x
--> exact reads nothing
--> DROP t_old:

-- statements about the session move no data
-- postgres t(a)
BEGIN; SET search_path TO x; SAVEPOINT s; COMMIT; EXPLAIN SELECT a FROM t; GRANT SELECT ON t TO u
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing

-- indexes, sequences and functions hold no rows
-- postgres t(a)
CREATE INDEX i ON t (a); CREATE SEQUENCE q; DROP INDEX i
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing

-- a trigger is one statement
-- sqlite t(a)
CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (1); UPDATE t SET a = 2; END;
SELECT a FROM t
--> exact reads nothing
--> exact reads t
--> rows: a = t.a

-- ATTACH makes a database known
-- duckdb
ATTACH 'other.db' AS o;
CREATE TABLE t AS SELECT a FROM o.s
--> exact reads nothing
--> exact reads o.main.s
--> CREATE t: a = o.main.s.a

-- a file in place of a table
-- duckdb
SELECT a FROM 'data/x.parquet' WHERE b > 1
--> exact reads file data/x.parquet
--> rows: a = data/x.parquet.a | all: data/x.parquet.b:F

-- readers of files, with known columns and without
-- duckdb 'x.csv'(p, q)
SELECT * FROM read_csv_auto('x.csv', header = true) UNION ALL SELECT p, q FROM read_parquet(['a.parquet', 'b.parquet'])
--> exact reads file a.parquet, file b.parquet, file x.csv
--> rows: p = a.parquet.p b.parquet.p x.csv.p | q = a.parquet.q b.parquet.q x.csv.q

-- a reader whose path is a parameter
-- duckdb
SELECT a FROM read_parquet(?)
--> conservative reads nothing
--> rows: a = ?

-- COPY … TO writes a file
-- duckdb t(a, b)
COPY (SELECT a, b * 2 AS c FROM t) TO 'out.parquet' (FORMAT parquet)
--> exact reads t
--> overwrite file out.parquet: a = t.a | c = t.b:T

-- COPY of a table
-- postgres t(a, b)
COPY t (b) TO '/tmp/x.csv'
--> exact reads t
--> overwrite file /tmp/x.csv: b = t.b

-- COPY … FROM reads one
-- duckdb t(a)
COPY t FROM 'in.csv'
--> conservative reads file in.csv
--> append t:

-- COPY of the program's own streams
-- postgres t(a)
COPY t FROM STDIN
--> exact reads nothing
--> append t:

-- the options of such a COPY need no WITH
-- postgres t(a, b)
COPY t (b) FROM STDIN (FORMAT csv); COPY (SELECT a FROM t) TO STDOUT (FORMAT csv)
--> exact reads nothing
--> append t:
--> exact reads t

-- parameters as drivers number them begin no string in dollars
-- postgres t(a, b) s(x)
INSERT INTO t (a,b) VALUES ($1,$2),($3,$4); SELECT x FROM s WHERE x IN ($1,$2)
--> exact reads nothing
--> append t: a = | b =
--> exact reads s
--> rows: x = s.x | all: s.x:F

-- COPY INTO from a stage
-- snowflake T(A)
COPY INTO t FROM @stage/x.csv
--> conservative reads file @stage/x.csv
--> append T:

-- a path of Spark
-- spark
SELECT a FROM parquet.`/data/x`
--> exact reads file /data/x
--> rows: a = /data/x.a

-- a frame of the program in place of a table
-- duckdb t(a) @df(x, y) @t(z)
CREATE TABLE u AS SELECT x, a FROM df, t
--> exact reads frame df, t
--> CREATE u: x = df.x | a = t.a

-- a frame of unknown columns
-- duckdb @df
SELECT a FROM df
--> exact reads frame df
--> rows: a = df.a

-- what cannot be parsed is opaque, the rest of the script is not
-- postgres t(a)
SELECT a FROM t; SELECT FROM WHERE; MERGE ALL THINGS FROM x JOIN y.z INTO w; SELECT a FROM t
--> exact reads t
--> rows: a = t.a
--> opaque reads nothing
--> opaque reads x, y.z
--> writes w:
--> exact reads t
--> rows: a = t.a

-- procedures may do anything
-- postgres
CALL refresh_all(1)
--> opaque reads nothing

-- EXPLAIN ANALYZE runs what it explains
-- postgres t(a) s(x)
EXPLAIN ANALYZE INSERT INTO t SELECT x FROM s
--> opaque reads s
--> writes t:

-- MATCH_RECOGNIZE is not understood
-- snowflake T(A)
SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY a ORDER BY a MEASURES FIRST(a) AS f PATTERN (x+) DEFINE x AS a > 1)
--> opaque reads T

-- SUMMARIZE reads
-- duckdb t(a)
SUMMARIZE t
--> exact reads t

-- what was prepared is what is executed, with other parameters each time
-- postgres s(x, y) t(a)
PREPARE "Fill" (int) AS INSERT INTO t (a) SELECT x FROM s WHERE y > $1;
EXECUTE "Fill" (3);
DEALLOCATE "Fill"
--> exact reads nothing
--> exact reads s
--> append t: a = s.x | all: s.y:F
--> exact reads nothing

-- a table made of what was prepared
-- postgres s(x)
PREPARE p AS SELECT x FROM s;
CREATE TABLE t AS EXECUTE p
--> exact reads nothing
--> exact reads s
--> CREATE t: x = s.x

-- what was never prepared here
-- duckdb s(x)
EXECUTE p
--> opaque reads nothing

-- a function of the session that reads tables
-- duckdb s(x) u(c)
CREATE MACRO most(e) AS e + (SELECT max(c) FROM u);
SELECT most(x) AS m FROM s
--> exact reads nothing
--> exact reads s, u
--> rows: m = s.x:T u.c:A

-- a function of the session that computes
-- duckdb s(x)
CREATE MACRO twice(e) AS e * 2;
SELECT twice(x) AS m FROM s
--> exact reads nothing
--> exact reads s
--> rows: m = s.x:T

-- blocks: the statement behind BEGIN counts
-- bigquery d.t(k, a) d.u(k, a)
BEGIN INSERT INTO d.u (k) SELECT k FROM d.t; DELETE FROM d.t WHERE a = 1; END; BEGIN TRANSACTION; COMMIT
--> exact reads d.t
--> append d.u: k = d.t.k
--> exact reads d.t
--> delete d.t: all: d.t.a:F
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing

-- SET, DROP and RENAME in a pipe
-- bigquery t(k, a, b)
FROM t |> SET a = a + b, k = b |> DROP b; CREATE TABLE w AS FROM t |> SET a = f(a, b) |> RENAME k AS id; SELECT * FROM (FROM t |> DROP a, b)
--> exact reads t
--> rows: k = t.b | a = t.a:T t.b:T
--> exact reads t
--> CREATE w: id = t.k | a = t.a:T t.b:T | b = t.b
--> exact reads t
--> rows: k = t.k

-- SELECT INTO in a block of PL/SQL sets variables
-- oracle T(K, A, B) U(K, C)
DECLARE v NUMBER; BEGIN SELECT max(a), min(b) INTO v, w FROM t; INSERT INTO u (c, k) VALUES (v, w); END;
--> exact reads nothing
--> exact reads T
--> exact reads T
--> append U: K = T.B:A | C = T.A:A
--> exact reads nothing

-- SELECT INTO a variable of the session
-- mysql t(k, a) u(k, c)
SELECT max(a) INTO @v FROM t; INSERT INTO u (c) VALUES (@v); INSERT INTO u (c) VALUES (@w)
--> exact reads t
--> exact reads t
--> append u: c = t.a:A
--> exact reads nothing
--> append u: c =

-- what a block of SQL Server does on a condition, it may not do
-- tsql t(k, a) u(k, c) v(k, a)
IF EXISTS (SELECT 1 FROM t) BEGIN INSERT INTO u SELECT k, a FROM t; DELETE FROM v; END; DELETE FROM t; WHILE @x > 1 BEGIN SELECT * INTO w FROM t; BEGIN DELETE FROM v; END; END; SELECT 1 AS q
--> opaque reads t
--> writes u:
--> writes v:
--> exact reads nothing
--> TRUNCATE delete t:
--> opaque reads t
--> writes w:
--> writes v:
--> exact reads nothing
--> rows: q =

-- BEGIN TRY runs what follows
-- tsql t(k, a) u(k, c)
BEGIN TRY INSERT INTO u SELECT k, a FROM t; END TRY BEGIN CATCH SELECT 1; END CATCH
--> exact reads t
--> append u: k = t.k | c = t.a
--> exact reads nothing
--> exact reads nothing

-- loops with an END of their own are one statement, up to it
-- bigquery t(k, a) u(k, c) v(k, a)
FOR r IN (SELECT k, a FROM t) DO INSERT INTO u VALUES (r.k, CASE WHEN 1=1 THEN r.a END); DELETE FROM v; END FOR; LOOP INSERT INTO u SELECT k, a FROM t; IF x > 3 THEN BREAK; END IF; END LOOP; SELECT 1 AS q
--> opaque reads t
--> writes u:
--> writes v:
--> opaque reads t
--> writes u:
--> exact reads nothing
--> rows: q =

-- what SELECT INTO names in a block that is not read is a variable
-- postgres t(k, a) u(k, c) v(k, a)
DO $$ BEGIN FOR r IN SELECT * FROM t LOOP INSERT INTO u VALUES (r.k, r.a); END LOOP; SELECT max(a) INTO x FROM v; END $$
--> opaque reads t, v
--> writes u:
