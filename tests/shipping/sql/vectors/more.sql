-- $1 of a stage is a column of its files
-- snowflake
SELECT $1 AS a, t.$2::int AS b FROM @stage/x t
--> exact reads file @stage/x
--> rows: A = @stage/x.$1 | B = @stage/x.$2:T

-- $1 of a table with known columns is the first
-- snowflake T(P, Q)
SELECT $2 AS x FROM t
--> exact reads T
--> rows: X = T.Q

-- $1 without a table is a parameter
-- snowflake
SELECT $1 AS x
--> exact reads nothing
--> rows: X =

-- $1 of a table that is not known
-- snowflake
SELECT $1 AS x FROM t
--> conservative reads T
--> rows: X = T.$1 ?

-- OUTPUT of SQL Server
-- tsql t(k, v) s(k, v)
MERGE t AS a USING s AS b ON a.k = b.k WHEN MATCHED THEN UPDATE SET a.v = b.v OUTPUT inserted.v, deleted.v AS old_v;
--> exact reads s, t
--> upsert t: v = s.v | all: s.k:J t.k:J
--> rows: v = s.v | old_v = t.v | all: s.k:J t.k:J

-- RETURNING by the target's alias
-- postgres t(a, b)
INSERT INTO t AS x (a) VALUES (1) RETURNING x.a, b
--> exact reads nothing
--> append t: a =
--> rows: a = | b = t.b

-- MERGE with all three cases
-- tsql t(k, v) s(k, v)
MERGE t AS target USING (SELECT k, v FROM s WHERE v > 0) AS source (k, v) ON target.k = source.k WHEN MATCHED AND target.v <> source.v THEN UPDATE SET target.v = source.v WHEN NOT MATCHED BY TARGET THEN INSERT (k, v) VALUES (source.k, source.v) WHEN NOT MATCHED BY SOURCE THEN DELETE;
--> exact reads s, t
--> upsert t: k = s.k | v = s.v | all: s.k:J s.v:F t.k:J t.v:F

-- MERGE that only deletes
-- snowflake T(K) S(K)
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE
--> exact reads S, T
--> delete T: all: S.K:J T.K:J

-- MERGE whose source is deduplicated
-- snowflake T(K, V, TS) S(K, V, TS)
MERGE INTO t USING (SELECT * FROM s QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) = 1) s ON t.k = s.k WHEN MATCHED AND s.ts > t.ts THEN UPDATE SET t.v = s.v, t.ts = s.ts WHEN NOT MATCHED THEN INSERT (k, v, ts) VALUES (s.k, s.v, CURRENT_TIMESTAMP())
--> exact reads S, T
--> upsert T: K = S.K | V = S.V | TS = S.TS | all: S.K:FJ S.TS:F T.K:J T.TS:F

-- MERGE with INSERT *, of a source that is not known
-- databricks t(k, a)
MERGE INTO t USING s ON t.k = s.k WHEN NOT MATCHED THEN INSERT *
--> exact reads s, t
--> append t: k = s.k | a = s.a | all: s.k:J t.k:J

-- MERGE with INSERT *, of tables that are not known
-- databricks
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *
--> conservative reads s, t
--> upsert t: * s | all: s.k:J t.k:J

-- MERGE that inserts without a list
-- snowflake T(K, A) S(K, A)
MERGE INTO t USING s ON t.k = s.k WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.a + 1)
--> exact reads S, T
--> append T: K = S.K | A = S.A:T | all: S.K:J T.K:J

-- UPDATE of two tables by commas
-- mysql t(id, a) s(id, b)
UPDATE t, s SET t.a = s.b, s.b = 1 WHERE t.id = s.id
--> exact reads s, t
--> upsert t: a = s.b | all: s.id:F t.id:F
--> upsert s: b = | all: s.id:F t.id:F

-- UPDATE of SQL Server by the table's name
-- tsql t(k, a) s(k, x)
UPDATE t SET a = s.x FROM t JOIN s ON t.k = s.k
--> exact reads s, t
--> upsert t: a = s.x | all: s.k:J t.k:J

-- UPDATE of a row from a row
-- postgres t(a, b, c)
UPDATE t SET (a, b) = (c, b + 1)
--> exact reads t
--> upsert t: a = t.c | b = t.b:T

-- UPDATE of an unknown table from one that is known
-- postgres s(k, x)
UPDATE t SET a = x FROM s WHERE j = k
--> exact reads s, t
--> upsert t: a = s.x | all: s.k:F t.j:F

-- DELETE … RETURNING
-- postgres t(a, b)
DELETE FROM t AS x WHERE b = 1 RETURNING x.a
--> exact reads t
--> delete t: all: t.b:F
--> rows: a = t.a | all: t.b:F

-- DELETE from several tables
-- mysql
DELETE a, b FROM a JOIN b ON a.k = b.k
--> exact reads a, b
--> delete a: all: a.k:J b.k:J
--> delete b: all: a.k:J b.k:J

-- ON DUPLICATE KEY UPDATE with an alias of the row
-- mysql t(k, n)
INSERT INTO t (k, n) VALUES (1, 2) AS fresh ON DUPLICATE KEY UPDATE n = fresh.n + t.n
--> exact reads t
--> upsert t: k = | n = t.n:T

-- INSERT FIRST without values, on a condition
-- oracle S(C, D) A(X, Y)
INSERT FIRST WHEN c > 1 THEN INTO a SELECT c, d FROM s
--> exact reads S
--> append A: X = S.C | Y = S.D | all: S.C:F

-- INSERT BY NAME of columns that are not known
-- duckdb
INSERT INTO t BY NAME SELECT a AS b, * FROM s
--> conservative reads s
--> append t: b = s.a | * s

-- INSERT into a directory is not understood
-- hive t(a)
INSERT OVERWRITE DIRECTORY '/x' SELECT a FROM t
--> opaque reads t

-- a dynamic partition comes last
-- hive t(a, b, dt) s(x, y, d)
INSERT INTO TABLE t PARTITION (dt) SELECT x, y, d FROM s
--> exact reads s
--> append t: a = s.x | b = s.y | dt = s.d

-- TABLE and VALUES as queries
-- postgres t(a)
CREATE TABLE z AS TABLE t; CREATE TABLE y (p, q) AS VALUES (1, 2)
--> exact reads t
--> CREATE z: a = t.a
--> exact reads nothing
--> CREATE y: p = | q =

-- SELECT INTO an unknown copy
-- tsql
SELECT * INTO dbo.new FROM dbo.old WHERE x = @p
--> conservative reads dbo.old
--> CREATE dbo.new: * dbo.old | all: dbo.old.x:F

-- a temporary table of unknown columns passes them on
-- postgres
CREATE TEMP TABLE w AS SELECT * FROM s;
SELECT a FROM w
--> conservative reads nothing
--> exact reads s
--> rows: a = s.a

-- a temporary table is altered, emptied, renamed
-- postgres s(x, y) t(a, b)
CREATE TEMP TABLE w AS SELECT x, y FROM s;
ALTER TABLE w RENAME COLUMN x TO z;
ALTER TABLE w ADD COLUMN n int;
ALTER TABLE w DROP COLUMN y;
ALTER TABLE w RENAME TO w2;
INSERT INTO t SELECT z, n FROM w2;
TRUNCATE TABLE w2;
INSERT INTO t SELECT z, n FROM w2
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads s
--> append t: a = s.x | b =
--> exact reads nothing
--> exact reads nothing
--> append t: a = | b =

-- a temporary table that is updated from another
-- sqlite s(k, x) u(k, y)
CREATE TEMP TABLE w AS SELECT k, x FROM s;
UPDATE w SET x = (SELECT max(y) FROM u WHERE u.k = w.k);
SELECT x FROM w
--> exact reads nothing
--> exact reads nothing
--> exact reads s, u
--> rows: x = s.k:F s.x u.k:F u.y:A

-- several columns of one name
-- duckdb a(id, x) b(id, z)
CREATE TABLE t AS SELECT * FROM a JOIN b ON a.id = b.id
--> conservative reads a, b
--> CREATE t: id = a.id | x = a.x | id = b.id | z = b.z | all: a.id:J b.id:J

-- a name that two columns have
-- sqlite a(id, x) b(id, z)
SELECT id FROM (SELECT * FROM a JOIN b ON a.id = b.id)
--> conservative reads a, b
--> rows: id = a.id b.id ? | all: a.id:J b.id:J

-- LIKE of PostgreSQL
-- postgres s(x)
CREATE TABLE t (LIKE s INCLUDING ALL);
INSERT INTO t SELECT x FROM s
--> exact reads nothing
--> CREATE t:
--> exact reads s
--> append t: x = s.x

-- SWAP is not understood
-- snowflake
ALTER TABLE a SWAP WITH b
--> opaque reads nothing
--> writes A:

-- ALTER of what holds no rows
-- postgres
ALTER SEQUENCE q RESTART; ALTER INDEX i RENAME TO j
--> exact reads nothing
--> exact reads nothing

-- LOAD DATA
-- hive
LOAD DATA INPATH '/x' OVERWRITE INTO TABLE t
--> conservative reads file /x
--> overwrite t:

-- UNLOAD, EXPORT and EXECUTE are not understood
-- redshift
UNLOAD ('SELECT a FROM t') TO 's3://b/x' IAM_ROLE 'r'
--> opaque reads nothing

-- COPY to a place that is an expression
-- duckdb t(a)
COPY t TO getvariable('x')
--> opaque reads nothing

-- sqlite_scan reads a table of another database
-- duckdb
SELECT a FROM sqlite_scan('x.db', 's')
--> exact reads x.db.s
--> rows: a = x.db.s.a

-- sqlite_scan of a parameter
-- duckdb
SELECT a FROM sqlite_scan(?, 's')
--> conservative reads nothing
--> rows: a = ?

-- several files with known columns
-- duckdb 'a.csv'(p, q) 'b.csv'(q, r)
SELECT * FROM read_csv(['a.csv', 'b.csv'], union_by_name = true)
--> exact reads file a.csv, file b.csv
--> rows: p = a.csv.p | q = a.csv.q b.csv.q | r = b.csv.r

-- json_table and OPENJSON with their columns
-- mysql t(id, j)
SELECT t.id, jt.a FROM t, JSON_TABLE(t.j, '$[*]' COLUMNS (a INT PATH '$.a')) AS jt
--> exact reads t
--> rows: id = t.id | a = t.j:T | all: t.j:J

-- OPENJSON
-- tsql t(id, j)
SELECT t.id, o.value, w.x FROM t CROSS APPLY OPENJSON(t.j) o CROSS APPLY OPENJSON(o.value) WITH (x INT '$.x') w
--> exact reads t
--> rows: id = t.id | value = t.j:T | x = t.j:T | all: t.j:J

-- json_each numbers and gives
-- sqlite t(id, j)
SELECT t.id, e.id AS n, e.value FROM t, json_each(t.j) AS e
--> exact reads t
--> rows: id = t.id | n = | value = t.j:T | all: t.j:J

-- jsonb_to_recordset with a definition
-- postgres t(id, j)
SELECT t.id, r.* FROM t, jsonb_to_recordset(t.j) AS r(a int, b text)
--> exact reads t
--> rows: id = t.id | a = t.j:T | b = t.j:T | all: t.j:J

-- UNNEST of a map
-- trino t(id, m)
SELECT id, k, v FROM t CROSS JOIN UNNEST(m) AS x(k, v) WHERE k = 'a'
--> exact reads t
--> rows: id = t.id | k = t.m:T | v = t.m:T | all: t.m:FJ

-- TABLE(FLATTEN(…))
-- snowflake T(ID, ARR)
SELECT t.id, v.value::int AS x FROM t, TABLE(FLATTEN(t.arr)) v WHERE v.index = 0
--> exact reads T
--> rows: ID = T.ID | X = T.ARR:T | all: T.ARR:J

-- CROSS APPLY over VALUES
-- tsql t(id, a, b)
SELECT t.id, v.n, v.val FROM t CROSS APPLY (VALUES ('a', t.a), ('b', t.b)) v(n, val)
--> exact reads t
--> rows: id = t.id | n = | val = t.a t.b

-- an array of a row, without UNNEST
-- databricks t(id, items)
SELECT t.id, i.price FROM t, t.items i
--> exact reads t
--> rows: id = t.id | price = t.items:T | all: t.items:J

-- a struct of BigQuery from a correlated array
-- bigquery p.d.o(id, items)
SELECT o.id, (SELECT SUM(i.qty * i.price) FROM UNNEST(o.items) i) AS total, ARRAY(SELECT i.sku FROM UNNEST(o.items) i WHERE i.qty > 1) AS skus, STRUCT(o.id AS x) AS st FROM p.d.o AS o
--> exact reads p.d.o
--> rows: id = p.d.o.id | total = p.d.o.items:AJ | skus = p.d.o.items:TFJ | st = p.d.o.id:T

-- the fields of a struct
-- duckdb t(s)
SELECT t.s.* FROM t
--> conservative reads t
--> rows:

-- COLUMNS over a list without some
-- duckdb t(a, b, c)
SELECT COLUMNS(* EXCLUDE (a)) + 1 FROM t
--> exact reads t
--> rows: b = t.b:T | c = t.c:T

-- COLUMNS with a function is not understood
-- duckdb t(a, b)
SELECT COLUMNS(c -> c LIKE 'a%') FROM t
--> conservative reads t
--> rows:

-- COLUMNS with a pattern that is none
-- duckdb t(a, b)
SELECT COLUMNS('(') FROM t
--> conservative reads t
--> rows:

-- REPLACE and RENAME of columns that are not known
-- snowflake
SELECT * EXCLUDE (x) REPLACE (a + 1 AS a) RENAME (b AS c) FROM t
--> conservative reads T
--> rows: C = T.B | A = T.A:T | * T

-- several aliases of one expression
-- spark t(m)
SELECT posexplode(m) AS (p, v) FROM t
--> exact reads t
--> rows: p = | v = t.m:T | all: t.m:J

-- EXCLUDE at the end of the list
-- redshift t(a, b)
SELECT * EXCLUDE (a) FROM t
--> exact reads t
--> rows: b = t.b

-- aggregates of ClickHouse with a condition
-- clickhouse t(a, b, ts)
SELECT sumIf(b, a = 1) AS s, argMax(b, ts) AS m, countIf(b > 1) AS c, quantile(0.9)(b) AS q FROM t
--> exact reads t
--> rows: s = t.a:C t.b:A | m = t.b:A t.ts:C | c = t.b:Am | q = t.b:A

-- functions that the parser does not know
-- sqlite t(k, v)
SELECT my_udf(v, k) AS u, total(v) AS s, json_group_array(v) AS j, hash(v) AS h FROM t
--> exact reads t
--> rows: u = t.k:T t.v:T | s = t.v:A | j = t.v:A | h = t.v:Tm

-- CHOOSE decides by its first argument
-- tsql t(a, b, c)
SELECT CHOOSE(a, b, c) AS x FROM t
--> exact reads t
--> rows: x = t.a:C t.b:T t.c:T

-- MAX … HAVING MAX of BigQuery
-- bigquery t(a, b)
SELECT ANY_VALUE(a HAVING MAX b) AS x FROM t
--> exact reads t
--> rows: x = t.a:A t.b:C

-- hierarchies of Oracle
-- oracle EMP(ID, MGR, NAME)
SELECT id, LEVEL, SYS_CONNECT_BY_PATH(name, '/') AS p FROM emp START WITH mgr IS NULL CONNECT BY PRIOR id = mgr
--> exact reads EMP
--> rows: ID = EMP.ID | LEVEL = | P = EMP.NAME:T | all: EMP.ID:F EMP.MGR:F

-- an array comes from what was named before by itself
-- bigquery
WITH days AS (SELECT day FROM UNNEST(GENERATE_DATE_ARRAY('2020-01-01', '2020-02-01')) AS day) SELECT days.day, COALESCE(SUM(ev.n), 0) AS n FROM days LEFT JOIN ev ON ev.d = days.day GROUP BY 1
--> exact reads ev
--> rows: day = | n = ev.n:A | all: ev.d:J

-- a queue: take, delete, note
-- postgres q(id, p) done(id, p)
WITH c AS (SELECT id FROM q ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED), d AS (DELETE FROM q USING c WHERE q.id = c.id RETURNING q.*) INSERT INTO done SELECT * FROM d RETURNING id
--> exact reads q
--> delete q: all: q.id:FS
--> append done: id = q.id | p = q.p | all: q.id:FS
--> rows: id = q.id | all: q.id:FS

-- ORDER BY ALL
-- duckdb t(a, b)
SELECT a, b FROM t ORDER BY ALL
--> exact reads t
--> rows: a = t.a | b = t.b | all: t.a:S t.b:S

-- a number of a column behind unknown ones
-- duckdb
SELECT *, 1 AS x FROM t ORDER BY 2
--> conservative reads t
--> rows: x = | * t

-- a subquery as a table with a name over joined ones
-- postgres t(k, a) u(k, b)
SELECT j.a, j.b FROM (t JOIN u USING (k)) AS j
--> exact reads t, u
--> rows: a = t.a | b = u.b | all: t.k:J u.k:J

-- a scalar in WITH
-- clickhouse t(a)
WITH 5 AS x SELECT a + x AS y FROM t
--> exact reads t
--> rows: y = t.a:T

-- a set operation of unknown width, by position
-- duckdb t(a, b)
SELECT * FROM s UNION ALL SELECT a, b FROM t
--> conservative reads s, t
--> rows: * s

-- UNION BY NAME of a table that is not known
-- duckdb t(a)
SELECT * FROM t UNION ALL BY NAME SELECT * FROM s
--> conservative reads s, t
--> rows: a = s.a t.a | * s

-- names beyond the known columns
-- postgres
SELECT p FROM (SELECT * FROM t) AS x(p, q)
--> conservative reads t
--> rows: p = ?

-- unnamed columns of PostgreSQL, the rarer ones
-- postgres t(a, b)
SELECT (SELECT max(a) AS m FROM t), CASE WHEN a > 1 THEN b END, EXISTS (SELECT 1), my_f(a), -a, a::int::text, count(*) OVER (), 1, ARRAY[a] FROM t
--> exact reads t
--> rows: m = t.a:A | case = t.a:C t.b:T | exists = | my_f = t.a:T | ?column? = t.a:T | text = t.a:T | count = | ?column? = | array = t.a:T

-- a scalar subquery without a name
-- duckdb t(a)
SELECT (SELECT a FROM t), (SELECT (SELECT a FROM t)) FROM t
--> exact reads t
--> rows: a = t.a | NULL = t.a

-- UNPIVOT of pairs
-- databricks t(k, a1, b1, a2, b2)
SELECT * FROM t UNPIVOT ((a, b) FOR n IN ((a1, b1) AS one, (a2, b2) AS two))
--> exact reads t
--> rows: k = t.k | n = | a = t.a1 t.a2 | b = t.b1 t.b2 | all: t.a1:F t.a2:F t.b1:F t.b2:F

-- UNPIVOT of SQL Server puts the value first
-- tsql t(k, a, b)
SELECT * FROM t UNPIVOT (v FOR n IN (a, b)) AS u
--> exact reads t
--> rows: k = t.k | v = t.a t.b | n = | all: t.a:F t.b:F

-- PIVOT with several aggregates
-- duckdb t(k, m, v)
SELECT * FROM (PIVOT t ON m IN ('x', 'y') USING sum(v) AS s, max(v) AS mx GROUP BY k)
--> exact reads t
--> rows: k = t.k | x_s = t.m:C t.v:A | x_mx = t.m:C t.v:A | y_s = t.m:C t.v:A | y_mx = t.m:C t.v:A | all: t.k:G

-- UNPIVOT of a pattern
-- duckdb t(k, a, b)
UNPIVOT t ON COLUMNS(* EXCLUDE (k)) INTO NAME n VALUE v
--> exact reads t
--> rows: k = t.k | n = | v = t.a t.b | all: t.a:F t.b:F

-- dropping a schema takes its tables along
-- postgres
DROP SCHEMA s CASCADE
--> opaque reads nothing

-- what cannot be read leaves a doubt on a temporary table
-- postgres s(x) u(y)
CREATE TEMP TABLE w AS SELECT x FROM s;
INSERT OOPS INTO w SELECT y FROM u;
SELECT x FROM w;
OOPS FROM w
--> exact reads nothing
--> opaque reads u
--> conservative reads s, u
--> rows: x = s.x ?
--> opaque reads s, u

-- SQL Server writes through a common table expression
-- tsql s(id, d, v)
WITH c AS (SELECT id, v AS w, ROW_NUMBER() OVER (PARTITION BY id ORDER BY d DESC) AS rn FROM s) DELETE FROM c WHERE rn > 1;
WITH c AS (SELECT id, v AS w FROM s WHERE d = 1) UPDATE c SET w = id + 1
--> exact reads s
--> delete s: all: s.d:F s.id:F
--> exact reads s
--> upsert s: v = s.id:T | all: s.d:F

-- SQL Server cannot write through a join
-- tsql s(id) u(id)
WITH c AS (SELECT s.id FROM s JOIN u ON s.id = u.id) DELETE FROM c
--> opaque reads s, u

-- PostgreSQL writes the stored table whatever WITH says
-- postgres t(a, b)
WITH t AS (SELECT 1 AS a) UPDATE t SET a = b
--> exact reads t
--> upsert t: a = t.b

-- GROUP BY ALL leaves out windows over aggregates
-- duckdb p(id, name, price) s(pid, qty, d)
SELECT p.name, year(s.d) AS y, sum(s.qty * p.price) AS rev, rank() OVER (PARTITION BY year(s.d) ORDER BY sum(s.qty * p.price) DESC) AS rk FROM s JOIN p ON p.id = s.pid GROUP BY ALL
--> exact reads p, s
--> rows: name = p.name | y = s.d:T | rev = p.price:A s.qty:A | rk = p.price:W s.d:W s.qty:W | all: p.id:J p.name:G s.d:G s.pid:J

-- TPC-DS 2: weeks of two years beside one another, without schemas
-- duckdb
WITH wscs AS (SELECT sold_date_sk, sales_price FROM (SELECT ws_sold_date_sk AS sold_date_sk, ws_ext_sales_price AS sales_price FROM web_sales) AS t UNION ALL SELECT cs_sold_date_sk, cs_ext_sales_price FROM catalog_sales), wswscs AS (SELECT d_week_seq, sum(CASE WHEN d_day_name = 'Sunday' THEN sales_price END) AS sun FROM wscs, date_dim WHERE d_date_sk = sold_date_sk GROUP BY d_week_seq) SELECT d_week_seq1, round(sun1 / sun2, 2) AS r FROM (SELECT wswscs.d_week_seq AS d_week_seq1, sun AS sun1 FROM wswscs, date_dim WHERE date_dim.d_week_seq = wswscs.d_week_seq AND d_year = 2001) y, (SELECT wswscs.d_week_seq AS d_week_seq2, sun AS sun2 FROM wswscs, date_dim WHERE date_dim.d_week_seq = wswscs.d_week_seq AND d_year = 2002) z WHERE d_week_seq1 = d_week_seq2 - 53
--> exact reads catalog_sales, date_dim, web_sales
--> rows: d_week_seq1 = date_dim.d_week_seq | r = catalog_sales.cs_ext_sales_price:A date_dim.d_day_name:C web_sales.ws_ext_sales_price:A | all: catalog_sales.cs_sold_date_sk:F date_dim.d_date_sk:F date_dim.d_week_seq:FG date_dim.d_year:F web_sales.ws_sold_date_sk:F

-- flights with the weather of their hour
-- duckdb flights(delay, origin, hour) weather(origin, hour, temp)
CREATE OR REPLACE TABLE joined AS SELECT f.*, w.* EXCLUDE (origin, hour) FROM flights f LEFT JOIN weather w USING (origin, hour)
--> exact reads flights, weather
--> OVERWRITE joined: delay = flights.delay | origin = flights.origin | hour = flights.hour | temp = weather.temp | all: flights.hour:J flights.origin:J weather.hour:J weather.origin:J

-- an UPDATE from an aggregate over itself
-- postgres emp(id, sal, dept)
UPDATE emp e SET sal = sal * 1.1 FROM (SELECT dept, avg(sal) AS a FROM emp GROUP BY dept) d WHERE e.dept = d.dept AND e.sal < d.a
--> exact reads emp
--> upsert emp: sal = emp.sal:T | all: emp.dept:FG emp.sal:F
