-- INSERT … SELECT with a column list
-- postgres s(x, y, z) t(a, b, c)
INSERT INTO t (c, a) SELECT x, y + 1 FROM s WHERE z
--> exact reads s
--> append t: a = s.y:T | c = s.x | all: s.z:F

-- INSERT without a list goes by the table's order
-- sqlite s(x, y) t(a, b)
INSERT INTO t SELECT y, x FROM s
--> exact reads s
--> append t: a = s.y | b = s.x

-- INSERT without a list into an unknown table
-- sqlite s(x, y)
INSERT INTO t SELECT y, x FROM s
--> conservative reads s
--> append t:

-- INSERT with a list into an unknown table
-- sqlite
INSERT INTO t (a, b) SELECT x, 1 FROM s
--> exact reads s
--> append t: a = s.x | b =

-- INSERT of a star whose columns are not known
-- postgres t(a, b)
INSERT INTO t SELECT * FROM s
--> conservative reads s
--> append t:

-- INSERT … VALUES
-- sqlite t(a, b)
INSERT INTO t VALUES (1, ?), (2, 'x')
--> exact reads nothing
--> append t: a = | b =

-- VALUES with a subquery
-- sqlite t(a, b) s(x)
INSERT INTO t (a, b) VALUES ((SELECT max(x) FROM s), 1)
--> exact reads s
--> append t: a = s.x:A | b =

-- DEFAULT VALUES
-- postgres t(a)
INSERT INTO t DEFAULT VALUES
--> exact reads nothing
--> append t:

-- INSERT BY NAME
-- duckdb t(a, b) s(b, a)
INSERT INTO t BY NAME SELECT * FROM s
--> exact reads s
--> append t: a = s.a | b = s.b

-- INSERT … WITH
-- postgres s(x) t(a)
WITH c AS (SELECT x * 2 AS d FROM s) INSERT INTO t (a) SELECT d FROM c
--> exact reads s
--> append t: a = s.x:T

-- SET of MySQL
-- mysql t(a, b)
INSERT INTO t SET a = 1, b = 2
--> exact reads nothing
--> append t: a = | b =

-- OR REPLACE, REPLACE INTO
-- sqlite t(a, b) s(x, y)
INSERT OR REPLACE INTO t SELECT x, y FROM s;
REPLACE INTO t (b, a) SELECT x, y FROM s
--> exact reads s
--> upsert t: a = s.x | b = s.y
--> exact reads s
--> upsert t: a = s.y | b = s.x

-- OR IGNORE and DO NOTHING append
-- sqlite t(a) s(x)
INSERT OR IGNORE INTO t SELECT x FROM s;
INSERT INTO t SELECT x FROM s WHERE true ON CONFLICT DO NOTHING
--> exact reads s
--> append t: a = s.x
--> exact reads s
--> append t: a = s.x

-- ON CONFLICT DO UPDATE from what was to be inserted
-- postgres t(k, n, m) s(k, v)
INSERT INTO t (k, n) SELECT k, v FROM s ON CONFLICT (k) DO UPDATE SET n = t.n + excluded.n, m = excluded.k
--> exact reads s, t
--> upsert t: k = s.k | n = s.v:IT t.n:T | m = s.k | all: s.k:J t.k:J

-- ON CONFLICT … WHERE
-- sqlite t(k, n) s(k, v)
INSERT INTO t SELECT k, v FROM s WHERE true ON CONFLICT (k) DO UPDATE SET n = excluded.n WHERE excluded.n > t.n
--> exact reads s, t
--> upsert t: k = s.k | n = s.v | all: s.k:J s.v:F t.k:J t.n:F

-- ON DUPLICATE KEY UPDATE
-- mysql t(k, n) s(k, v)
INSERT INTO t (k, n) SELECT k, v FROM s ON DUPLICATE KEY UPDATE n = VALUES(n) + n
--> exact reads s, t
--> upsert t: k = s.k | n = s.v:IT t.n:T

-- RETURNING gives what was written
-- postgres s(x) t(id, a)
INSERT INTO t (a) SELECT x FROM s RETURNING id, a
--> exact reads s
--> append t: a = s.x
--> rows: id = t.id | a = s.x

-- INSERT OVERWRITE
-- spark t(a, b) s(x, y)
INSERT OVERWRITE TABLE t SELECT x, y FROM s
--> exact reads s
--> overwrite t: a = s.x | b = s.y

-- INSERT OVERWRITE of a partition keeps the others
-- hive t(a, dt) s(x)
INSERT OVERWRITE TABLE t PARTITION (dt = '2026-01-01') SELECT x FROM s
--> exact reads s
--> upsert t: a = s.x | dt =

-- INSERT ALL of Oracle
-- oracle S(C, D) A(X) B(Y)
INSERT ALL INTO a (x) VALUES (c) INTO b (y) VALUES (d) SELECT c, d FROM s
--> exact reads S
--> append A: X = S.C
--> append B: Y = S.D

-- UPDATE from its own columns
-- postgres t(a, b, c)
UPDATE t SET a = b + 1 WHERE c > 0
--> exact reads t
--> upsert t: a = t.b:T | all: t.c:F

-- UPDATE to constants reads nothing
-- postgres t(a)
UPDATE t SET a = 1
--> exact reads nothing
--> upsert t: a =

-- UPDATE … FROM
-- postgres t(k, a) s(k, x)
UPDATE t SET a = s.x FROM s WHERE s.k = t.k
--> exact reads s, t
--> upsert t: a = s.x | all: s.k:F t.k:F

-- UPDATE … FROM with an alias and itself
-- postgres t(id, parent, a)
UPDATE t AS c SET a = p.a FROM t AS p WHERE c.parent = p.id
--> exact reads t
--> upsert t: a = t.a | all: t.id:F t.parent:F

-- UPDATE of SQL Server by alias
-- tsql dbo.t(k, a) dbo.s(k, x)
UPDATE x SET x.a = y.x FROM dbo.t x JOIN dbo.s y ON x.k = y.k
--> exact reads dbo.s, dbo.t
--> upsert dbo.t: a = dbo.s.x | all: dbo.s.k:J dbo.t.k:J

-- UPDATE of joined tables in MySQL
-- mysql t(k, a) s(k, x)
UPDATE t JOIN s ON t.k = s.k SET t.a = s.x WHERE s.x > 1
--> exact reads s, t
--> upsert t: a = s.x | all: s.k:J s.x:F t.k:J

-- UPDATE with a correlated subquery
-- sqlite t(k, a) s(k, x)
UPDATE t SET a = (SELECT sum(x) FROM s WHERE s.k = t.k)
--> exact reads s, t
--> upsert t: a = s.k:F s.x:A t.k:F

-- UPDATE of several columns from a row
-- postgres t(k, a, b) s(k, x, y)
UPDATE t SET (a, b) = (SELECT x, y FROM s WHERE s.k = t.k)
--> exact reads s, t
--> upsert t: a = s.k:F s.x t.k:F | b = s.k:F s.y t.k:F

-- UPDATE … RETURNING
-- postgres t(k, a, b)
UPDATE t SET a = b RETURNING k, a
--> exact reads t
--> upsert t: a = t.b
--> rows: k = t.k | a = t.b

-- WITH … UPDATE
-- duckdb t(k, a) s(k, x)
WITH m AS (SELECT k, max(x) AS mx FROM s GROUP BY k) UPDATE t SET a = m.mx FROM m WHERE m.k = t.k
--> exact reads s, t
--> upsert t: a = s.x:A | all: s.k:FG t.k:F

-- DELETE
-- sqlite t(k, a) s(k)
DELETE FROM t WHERE k IN (SELECT k FROM s)
--> exact reads s, t
--> delete t: all: s.k:F t.k:F

-- DELETE of everything leaves nothing
-- postgres t(a)
DELETE FROM t
--> exact reads nothing
--> TRUNCATE delete t:

-- DELETE … USING
-- postgres t(k) s(k)
DELETE FROM t USING s WHERE t.k = s.k
--> exact reads s, t
--> delete t: all: s.k:F t.k:F

-- DELETE of one of joined tables in MySQL
-- mysql t(k) s(k)
DELETE a FROM t a JOIN s b ON a.k = b.k
--> exact reads s, t
--> delete t: all: s.k:J t.k:J

-- a write within WITH
-- postgres t(a, b) log(x)
WITH gone AS (DELETE FROM t WHERE b RETURNING a) INSERT INTO log (x) SELECT a FROM gone
--> exact reads t
--> delete t: all: t.b:F
--> append log: x = t.a | all: t.b:F

-- MERGE: update and insert
-- snowflake T(K, A, B) S(K, X)
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET a = s.x WHEN NOT MATCHED THEN INSERT (k, a) VALUES (s.k, s.x)
--> exact reads S, T
--> upsert T: K = S.K | A = S.X | all: S.K:J T.K:J

-- MERGE with conditions, a subquery and DELETE
-- postgres t(k, a) s(k, x, gone)
MERGE INTO t USING (SELECT k, x * 2 AS x2, gone FROM s) AS q ON t.k = q.k WHEN MATCHED AND q.gone THEN DELETE WHEN MATCHED AND t.a < q.x2 THEN UPDATE SET a = t.a + q.x2
--> exact reads s, t
--> upsert t: a = s.x:T t.a:T | all: s.gone:F s.k:J s.x:F t.a:F t.k:J

-- MERGE that only inserts appends
-- bigquery d.t(k, a) d.s(k, a)
MERGE d.t AS t USING d.s AS s ON t.k = s.k WHEN NOT MATCHED THEN INSERT (k, a) VALUES (k, a)
--> exact reads d.s, d.t
--> append d.t: k = d.s.k | a = d.s.a | all: d.s.k:J d.t.k:J

-- MERGE of BigQuery: INSERT ROW
-- bigquery d.t(k, a) d.s(k, a)
MERGE d.t t USING d.s s ON t.k = s.k WHEN NOT MATCHED THEN INSERT ROW
--> exact reads d.s, d.t
--> append d.t: k = d.s.k | a = d.s.a | all: d.s.k:J d.t.k:J

-- MERGE of Databricks: UPDATE SET *, INSERT *
-- databricks t(k, a) s(k, a)
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *
--> exact reads s, t
--> upsert t: k = s.k | a = s.a | all: s.k:J t.k:J

-- CREATE TABLE of LIKE among columns
-- postgres t(k, a)
CREATE TABLE n (z int, LIKE t INCLUDING ALL, y int); INSERT INTO n SELECT k, a, k, a FROM t
--> exact reads nothing
--> CREATE n:
--> exact reads t
--> append n: z = t.k | k = t.a | a = t.k | y = t.a

-- LIKE alone
-- mysql t(k, a)
CREATE TABLE n LIKE t; INSERT INTO n SELECT a, k FROM t
--> exact reads nothing
--> CREATE n:
--> exact reads t
--> append n: k = t.a | a = t.k

-- LIKE of an unknown table
-- postgres t(k, a)
CREATE TABLE n (LIKE x); INSERT INTO n SELECT a FROM t
--> exact reads nothing
--> CREATE n:
--> exact reads t
--> append n:

-- MERGE BY SOURCE names columns of the target alone
-- bigquery d.t(k, a) d.s(k, a)
MERGE d.t T USING d.s S ON T.k = S.k WHEN NOT MATCHED THEN INSERT ROW WHEN NOT MATCHED BY SOURCE AND a > 1 THEN UPDATE SET a = a + 1
--> exact reads d.s, d.t
--> upsert d.t: k = d.s.k | a = d.s.a d.t.a:T | all: d.s.k:J d.t.a:F d.t.k:J

-- ON CONFLICT DO NOTHING joins by the keys that it names; one that comes by default adds nothing
-- postgres t(id, k, n) s(k, v)
INSERT INTO t (k, n) SELECT k, v FROM s ON CONFLICT (k) DO NOTHING; INSERT INTO t (k) SELECT k FROM s ON CONFLICT (id) DO NOTHING
--> exact reads s, t
--> append t: k = s.k | n = s.v | all: s.k:J t.k:J
--> exact reads s, t
--> append t: k = s.k | all: t.id:J

-- INSERT BY NAME with ON CONFLICT: what was to be inserted has its own names
-- duckdb t(k, a) u(a, k)
INSERT INTO t BY NAME SELECT * FROM u ON CONFLICT (k) DO UPDATE SET a = greatest(a, excluded.a)
--> exact reads t, u
--> upsert t: k = u.k | a = t.a:T u.a:IT | all: t.k:J u.k:J

-- RETURNING of an upsert and a MERGE: what was not set is as it was
-- duckdb t(k, a, b) u(k, c)
INSERT INTO t SELECT k, c, c FROM u ON CONFLICT (k) DO UPDATE SET a = excluded.a RETURNING k, a, b; MERGE INTO t USING u ON t.k = u.k WHEN MATCHED AND u.c > 1 THEN UPDATE SET a = u.c WHEN NOT MATCHED THEN INSERT (k, a) VALUES (u.k, u.c) RETURNING k, a; MERGE INTO t USING u ON t.k = u.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (k, a) VALUES (u.k, u.c) RETURNING a
--> exact reads t, u
--> upsert t: k = u.k | a = u.c | b = u.c | all: t.k:J u.k:J
--> rows: k = t.k u.k | a = u.c | b = t.b u.c | all: t.k:J u.k:J
--> exact reads t, u
--> upsert t: k = u.k | a = u.c | all: t.k:J u.c:F u.k:J
--> rows: k = t.k u.k | a = u.c | all: t.k:J u.c:F u.k:J
--> exact reads t, u
--> upsert t: k = u.k | a = u.c | all: t.k:J u.k:J
--> rows: a = t.a u.c | all: t.k:J u.k:J
