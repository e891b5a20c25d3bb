-- paths of JSON, containment, arrays
-- postgres t(id, j, a)
SELECT j->'x'->>'y' AS y, j #>> '{a,b}' AS ab, a[1] AS first, array_length(a, 1) AS n FROM t WHERE j @> '{"k": 1}' AND 3 = ANY(a)
--> exact reads t
--> rows: y = t.j:T | ab = t.j:T | first = t.a:T | n = t.a:T | all: t.a:F t.j:F

-- jsonb_array_elements in FROM, with ordinality
-- postgres t(id, j)
SELECT t.id, e.value->>'sku' AS sku, e.ordinality AS n FROM t, jsonb_array_elements(t.j) WITH ORDINALITY AS e
--> exact reads t
--> rows: id = t.id | sku = t.j:T | n = | all: t.j:J

-- jsonb_to_recordset declares its columns
-- postgres t(id, j)
SELECT t.id, r.sku, r.qty FROM t CROSS JOIN LATERAL jsonb_to_recordset(t.j) AS r(sku text, qty int) WHERE r.qty > 1
--> exact reads t
--> rows: id = t.id | sku = t.j:T | qty = t.j:T | all: t.j:FJ

-- ROWS FROM of two functions
-- postgres t(a, b)
SELECT x, y FROM t, unnest(t.a, t.b) AS u(x, y)
--> exact reads t
--> rows: x = t.a:T | y = t.b:T | all: t.a:J t.b:J

-- generate_series from columns
-- postgres t(id, lo, hi)
SELECT id, d FROM t, generate_series(lo, hi, interval '1 day') AS g(d)
--> exact reads t
--> rows: id = t.id | d = t.hi:T t.lo:T | all: t.hi:J t.lo:J

-- LATERAL after LATERAL
-- postgres t(id) u(tid, x) v(x, y)
SELECT t.id, a.x, b.y FROM t CROSS JOIN LATERAL (SELECT x FROM u WHERE tid = t.id LIMIT 1) a LEFT JOIN LATERAL (SELECT max(y) AS y FROM v WHERE v.x = a.x) b ON true
--> exact reads t, u, v
--> rows: id = t.id | x = u.x | y = v.y:A | all: t.id:F u.tid:F u.x:F v.x:F

-- a whole row as a value
-- postgres t(a, b)
SELECT to_jsonb(t) AS j, row_to_json(t) AS k FROM t
--> exact reads t
--> rows: j = t.a:T t.b:T | k = t.a:T t.b:T

-- a whole row of an alias within an aggregate
-- postgres t(k, a)
SELECT k, json_agg(x ORDER BY x.a) AS rows FROM t AS x GROUP BY k
--> exact reads t
--> rows: k = t.k | rows = t.a:AS t.k:A | all: t.k:G

-- UPDATE with a self join and a window below
-- postgres t(id, k, ts, prev)
UPDATE t SET prev = q.p FROM (SELECT id, lag(ts) OVER (PARTITION BY k ORDER BY ts) AS p FROM t) q WHERE q.id = t.id RETURNING t.id, t.prev
--> exact reads t
--> upsert t: prev = t.k:W t.ts:TW | all: t.id:F
--> rows: id = t.id | prev = t.k:W t.ts:TW | all: t.id:F

-- DELETE … USING two tables joined
-- postgres t(id) u(id, gid) g(id, bad)
DELETE FROM t USING u JOIN g ON g.id = u.gid WHERE u.id = t.id AND g.bad
--> exact reads g, t, u
--> delete t: all: g.bad:F g.id:J t.id:F u.gid:J u.id:F

-- writes chained in WITH
-- postgres q(id, v, done) log(id, v) cnt(n)
WITH moved AS (DELETE FROM q WHERE done RETURNING id, v), ins AS (INSERT INTO log (id, v) SELECT id, v * 2 FROM moved RETURNING v) INSERT INTO cnt (n) SELECT sum(v) FROM ins
--> exact reads q
--> delete q: all: q.done:F
--> append log: id = q.id | v = q.v:T | all: q.done:F
--> append cnt: n = q.v:A | all: q.done:F

-- an upsert from a common table expression that reads the target
-- postgres t(k, n, at) s(k)
WITH fresh AS (SELECT k, count(*) AS c FROM s WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.k = s.k AND t.at > now()) GROUP BY k)
INSERT INTO t AS tgt (k, n) SELECT k, c FROM fresh ON CONFLICT (k) DO UPDATE SET n = tgt.n + EXCLUDED.n, at = now()
--> exact reads s, t
--> upsert t: k = s.k | n = t.n:T | at = | all: s.k:FGJ t.at:F t.k:FJ

-- ON CONFLICT with a subquery in SET
-- postgres t(k, n) s(k, v) u(m)
INSERT INTO t (k, n) SELECT k, v FROM s ON CONFLICT (k) DO UPDATE SET n = (SELECT max(m) FROM u)
--> exact reads s, t, u
--> upsert t: k = s.k | n = s.v u.m:A | all: s.k:J t.k:J

-- INSERT with fewer columns than the table
-- postgres t(a, b, c) s(x)
INSERT INTO t SELECT x FROM s
--> exact reads s
--> append t: a = s.x

-- INSERT of DEFAULT among values
-- postgres t(a, b)
INSERT INTO t (a, b) VALUES (DEFAULT, 1) RETURNING *
--> exact reads nothing
--> append t: a = | b =
--> rows: a = | b =

-- MERGE with DO NOTHING and a subquery for its source
-- postgres t(k, v) s(k, v)
MERGE INTO t USING (SELECT k, max(v) AS v FROM s GROUP BY k) x ON x.k = t.k WHEN MATCHED AND t.v >= x.v THEN DO NOTHING WHEN MATCHED THEN UPDATE SET v = x.v WHEN NOT MATCHED THEN INSERT VALUES (x.k, x.v)
--> exact reads s, t
--> upsert t: k = s.k | v = s.v:A | all: s.k:GJ s.v:F t.k:J t.v:F

-- search_path decides which of two tables of one name
-- postgres a.t(x) b.t(x)
SET search_path TO b, a;
SELECT x FROM t
--> exact reads nothing
--> exact reads b.t
--> rows: x = b.t.x

-- a temporary table hides a stored one, until it is dropped
-- postgres t(a) s(b)
CREATE TEMP TABLE t AS SELECT b AS a FROM s;
SELECT a FROM t;
DROP TABLE t;
SELECT a FROM t
--> exact reads nothing
--> exact reads s
--> rows: a = s.b
--> exact reads nothing
--> exact reads t
--> rows: a = t.a

-- ADD, RENAME, DROP of columns between statements
-- postgres t(a, b) s(x, y)
ALTER TABLE t ADD COLUMN c int;
ALTER TABLE t RENAME COLUMN b TO bb;
INSERT INTO t SELECT x, y, x + y FROM s;
ALTER TABLE t DROP COLUMN a;
SELECT * FROM t
--> exact reads nothing
--> ALTER t:
--> exact reads t
--> ALTER t: bb = t.b
--> exact reads s
--> append t: a = s.x | bb = s.y | c = s.x:T s.y:T
--> exact reads nothing
--> ALTER t:
--> exact reads t
--> rows: bb = t.bb | c = t.c

-- a common table expression hides a table only within its query
-- postgres t(a, b) u(a)
SELECT x.a, y.a AS outer_a FROM (WITH t AS (SELECT a FROM u) SELECT a FROM t) x JOIN t y ON x.a = y.b
--> exact reads t, u
--> rows: a = u.a | outer_a = t.a | all: t.b:J u.a:J

-- a subquery in LIMIT, FETCH WITH TIES
-- postgres t(a, b)
SELECT a FROM t ORDER BY b FETCH FIRST 3 ROWS WITH TIES
--> exact reads t
--> rows: a = t.a | all: t.b:S

-- nested correlated subqueries in SELECT
-- postgres a(id, x) b(aid, id, y) c(bid, z)
SELECT a.x, (SELECT sum(b.y * (SELECT count(c.z) FROM c WHERE c.bid = b.id)) FROM b WHERE b.aid = a.id) AS s FROM a
--> exact reads a, b, c
--> rows: x = a.x | s = a.id:F b.aid:F b.id:F b.y:A c.bid:F c.z:Am

-- ORDER BY a correlated subquery, in an alias
-- postgres t(id, a) u(tid, w)
SELECT a, (SELECT max(w) FROM u WHERE tid = t.id) AS m FROM t ORDER BY m DESC NULLS LAST, a
--> exact reads t, u
--> rows: a = t.a | m = t.id:F u.tid:F u.w:A | all: t.a:S t.id:S u.tid:S u.w:S

-- = ANY, ALL and rows of a subquery
-- postgres t(a, b) u(a, b, ok)
SELECT a FROM t WHERE (a, b) IN (SELECT a, b FROM u WHERE ok) AND a > ALL (SELECT b FROM u)
--> exact reads t, u
--> rows: a = t.a | all: t.a:F t.b:F u.a:F u.b:F u.ok:F

-- EXISTS as a value
-- postgres t(id) u(tid)
SELECT id, EXISTS (SELECT 1 FROM u WHERE u.tid = t.id) AS has, id IN (SELECT tid FROM u) AS isin FROM t
--> exact reads t, u
--> rows: id = t.id | has = t.id:F u.tid:F | isin = t.id:T u.tid:T

-- FILTER and ORDER BY in one aggregate, windows with FILTER
-- postgres t(k, v, o, ok)
SELECT array_agg(v ORDER BY o) FILTER (WHERE ok) AS a, count(*) FILTER (WHERE v > 1) AS c FROM t
--> exact reads t
--> rows: a = t.o:S t.ok:C t.v:A | c = t.v:C

-- names quoted and not
-- postgres T(A) t(a)
SELECT x."A" AS up, y.a AS low FROM "T" x, T y
--> exact reads T, t
--> rows: up = T.A | low = t.a

-- a materialised view with names and no data
-- postgres t(a, b)
CREATE MATERIALIZED VIEW IF NOT EXISTS v (x, y) AS SELECT a, max(b) FROM t GROUP BY a WITH DATA;
REFRESH MATERIALIZED VIEW CONCURRENTLY v
--> conservative reads t
--> append view v: x = t.a | y = t.b:A | all: t.a:G
--> opaque reads nothing
--> writes v:

-- a recursive view
-- postgres t(id, p)
CREATE RECURSIVE VIEW r (id, root) AS SELECT id, id FROM t WHERE p IS NULL UNION ALL SELECT t.id, r.root FROM t JOIN r ON t.p = r.id
--> exact reads t
--> CREATE view r: id = t.id | root = t.id | all: t.id:J t.p:FJ

-- VALUES as a table in a join and as a query
-- postgres t(code)
SELECT t.code, m.label FROM t LEFT JOIN (VALUES ('a', 'A'), ('b', 'B')) m(code, label) USING (code)
--> exact reads t
--> rows: code = t.code | label = | all: t.code:J

-- a join within parentheses with an alias
-- postgres a(k, x) b(k, y) c(k, z)
SELECT j.x, j.y, c.z FROM (a JOIN b USING (k)) AS j JOIN c USING (k)
--> exact reads a, b, c
--> rows: x = a.x | y = b.y | z = c.z | all: a.k:J b.k:J c.k:J

-- DISTINCT, a window over it, and a name that shadows
-- postgres t(v, w)
SELECT DISTINCT w AS v, sum(t.v) OVER (ORDER BY v) AS s FROM t
--> exact reads t
--> rows: v = t.w | s = t.v:AW | all: t.v:G t.w:G

-- GROUP BY prefers a column, ORDER BY an alias
-- postgres t(a, b)
SELECT b AS a, count(*) AS n FROM t GROUP BY b, a ORDER BY a
--> exact reads t
--> rows: a = t.b | n = | all: t.a:G t.b:GS

-- TABLE, and SELECT without columns
-- postgres t(a, b)
INSERT INTO t TABLE t
--> exact reads t
--> append t: a = t.a | b = t.b

-- a column goes before a whole row of its name
-- postgres t(a, b) u(t)
SELECT t FROM u, t
--> exact reads t, u
--> rows: t = u.t

-- a field of a whole row
-- postgres t(a, b)
SELECT (t).a, (t.*) AS r FROM t
--> exact reads t
--> rows: a = t.a:T | r = t.a:T t.b:T

-- ON CONFLICT SET of a row
-- postgres t(a, b) u(a, c)
INSERT INTO t SELECT * FROM u ON CONFLICT ON CONSTRAINT pk DO UPDATE SET (a, b) = (excluded.a, t.b || excluded.b)
--> exact reads t, u
--> upsert t: a = u.a | b = t.b:T u.c:IT

-- SET of several columns from ROW(…)
-- postgres t(a, b) u(a, c)
UPDATE t SET (a, b) = ROW(u.a, u.c) FROM u WHERE t.a = u.a
--> exact reads t, u
--> upsert t: a = u.a | b = u.c | all: t.a:F u.a:F

-- RETURNING of a name and of all
-- postgres t(a, b) u(a, c)
UPDATE t x SET b = (SELECT c FROM u WHERE u.a = x.a ORDER BY c LIMIT 1) WHERE x.a IN (SELECT a FROM u) RETURNING x.a, x.b AS nb, *
--> exact reads t, u
--> upsert t: b = t.a:F u.a:F u.c:IS | all: t.a:F u.a:F
--> rows: a = t.a | nb = t.a:F u.a:F u.c:IS | a = t.a | b = t.a:F u.a:F u.c:IS | all: t.a:F u.a:F

-- DELETE of all but one of each
-- postgres t(a, b) u(a, c)
DELETE FROM t WHERE ctid NOT IN (SELECT min(ctid) FROM t GROUP BY a)
--> exact reads t
--> delete t: all: t.a:F

-- LATERAL over VALUES
-- postgres t(a, b)
SELECT x FROM t CROSS JOIN LATERAL (VALUES (t.a), (t.b)) v(x)
--> exact reads t
--> rows: x = t.a t.b

-- LATERAL over LATERAL
-- postgres t(a, b)
SELECT * FROM t, LATERAL (SELECT a + b AS s) x, LATERAL (SELECT s * 2 AS d) y
--> exact reads t
--> rows: a = t.a | b = t.b | s = t.a:T t.b:T | d = t.a:T t.b:T

-- USING within parentheses, then outside
-- postgres t(a, b) u(a, c) v(a, d)
SELECT * FROM t JOIN (u JOIN v USING (a)) USING (a)
--> exact reads t, u, v
--> rows: a = t.a | b = t.b | c = u.c | d = v.d | all: t.a:J u.a:J v.a:J

-- FULL and LEFT JOIN by one column
-- postgres t(a, b) u(a, c) v(a, d)
SELECT a, t.a AS ta, u.a AS ua, v.a AS va FROM t FULL JOIN u USING (a) LEFT JOIN v USING (a)
--> exact reads t, u, v
--> rows: a = t.a u.a | ta = t.a | ua = u.a | va = v.a | all: t.a:J u.a:J v.a:J

-- columns that change places in recursion
-- postgres t(a, b)
WITH RECURSIVE fib(n, x, y) AS (SELECT 1, a, b FROM t UNION ALL SELECT n + 1, y, x + y FROM fib WHERE n < 10) SELECT n, x FROM fib
--> exact reads t
--> rows: n = | x = t.a:IT t.b:IT

-- paths in a graph, with SEARCH
-- postgres edges(s, d, w)
WITH RECURSIVE p AS (SELECT s, d, ARRAY[s] AS path, w FROM edges UNION ALL SELECT p.s, e.d, p.path || e.s, p.w + e.w FROM p, edges e WHERE p.d = e.s AND NOT e.s = ANY(p.path)) SEARCH DEPTH FIRST BY s SET o SELECT s, d, path FROM p
--> exact reads edges
--> rows: s = edges.s | d = edges.d | path = edges.s:T | all: edges.d:F edges.s:F

-- two columns of one name
-- postgres t(a, b)
CREATE VIEW v AS SELECT a, b AS a FROM t
--> conservative reads t
--> CREATE view v: a = t.a | a = t.b

-- rows that move through two writes
-- postgres t(id, val) h(id, val, op)
WITH d AS (DELETE FROM t WHERE val < 0 RETURNING *), i AS (INSERT INTO h SELECT id, val, 'del' FROM d RETURNING id) SELECT count(*) FROM i
--> exact reads t
--> delete t: all: t.val:F
--> append h: id = t.id | val = t.val | op = | all: t.val:F
--> rows: count = | all: t.val:F

-- an alias for some of the columns
-- postgres t(a, b)
SELECT x.p, x.b FROM t AS x (p)
--> exact reads t
--> rows: p = t.a | b = t.b

-- EXCEPT, then UNION, by place
-- postgres t(a, b) u(a, b)
SELECT a, b FROM t EXCEPT ALL SELECT a, b FROM u UNION SELECT b, a FROM u ORDER BY 2
--> exact reads t, u
--> rows: a = t.a u.b | b = t.b u.a | all: t.a:FG t.b:FGS u.a:FGS u.b:FG

-- aggregates within windows over groups
-- postgres t(a, b)
SELECT a, rank() OVER (ORDER BY sum(b) DESC) AS r, sum(sum(b)) OVER () AS tot, 100.0 * sum(b) / sum(sum(b)) OVER (PARTITION BY a) AS pct FROM t GROUP BY a
--> exact reads t
--> rows: a = t.a | r = t.b:W | tot = t.b:A | pct = t.a:W t.b:A | all: t.a:G

-- a field of a function in the list
-- postgres t(a, j)
SELECT a, (jsonb_array_elements(j)).value AS v, jsonb_build_object('a', a, 'j', j) AS o FROM t
--> exact reads t
--> rows: a = t.a | v = t.j:T | o = t.a:T t.j:T | all: t.j:J

-- JSON_TABLE with a number of its rows
-- postgres t(a, j)
SELECT jt.* FROM t, JSON_TABLE(t.j, '$[*]' COLUMNS (id FOR ORDINALITY, name text PATH '$.n')) AS jt
--> exact reads t
--> rows: id = | name = t.j:T | all: t.j:J

-- MERGE from VALUES
-- postgres t(a, b)
MERGE INTO t USING (VALUES (1, 2), (3, 4)) AS s(a, b) ON t.a = s.a WHEN MATCHED AND s.b IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET b = s.b WHEN NOT MATCHED THEN INSERT (a, b) VALUES (s.a, s.b)
--> exact reads t
--> upsert t: a = | b = | all: t.a:J

-- fields of rows that are columns
-- postgres t(a, b)
SELECT (t).a, (x).b FROM (SELECT t AS x, t.* FROM t) t
--> exact reads t
--> rows: a = t.a:T | b = t.b:T

-- all fields of a value
-- postgres t(a, j)
SELECT (jsonb_each(j)).* FROM t
--> conservative reads t
--> rows: all: t.j:J

-- text that a statement runs
-- postgres
DO $$ BEGIN INSERT INTO x SELECT * FROM y; END $$
--> opaque reads y
--> writes x:

-- a materialized view is filled anew where its query is known
-- postgres t(k, a)
CREATE MATERIALIZED VIEW m (x, y) AS SELECT k, sum(a) FROM t GROUP BY k WITH NO DATA; REFRESH MATERIALIZED VIEW CONCURRENTLY m WITH DATA; REFRESH MATERIALIZED VIEW other
--> exact reads t
--> CREATE view m: x = t.k | y = t.a:A | all: t.k:G
--> exact reads t
--> overwrite view m: x = t.k | y = t.a:A | all: t.k:G
--> opaque reads nothing
--> writes other:

-- a temporary view has the columns that it names
-- postgres t(k, a)
CREATE TEMP VIEW v (p, q) AS SELECT a, k FROM t;
CREATE TABLE o AS SELECT p FROM v WHERE q > 1
--> exact reads nothing
--> exact reads t
--> CREATE o: p = t.a | all: t.k:F

-- OVERRIDING says nothing of what comes in
-- postgres t(k, a) u(k, c)
INSERT INTO t (a, k) OVERRIDING SYSTEM VALUE TABLE u;
INSERT INTO t (k) OVERRIDING USER VALUE SELECT c FROM u
--> exact reads u
--> append t: k = u.c | a = u.k
--> exact reads u
--> append t: k = u.c

-- UPDATE and DELETE by VALUES that are joined
-- postgres t(k, a) u(k, c)
UPDATE t SET a = u.c FROM (VALUES (1, 2)) AS v(m, n) JOIN u ON u.k = v.m WHERE t.k = v.n;
DELETE FROM t USING (VALUES (1)) AS v(m) JOIN u ON u.k = v.m WHERE t.k = u.c
--> exact reads t, u
--> upsert t: a = u.c | all: t.k:F u.k:J
--> exact reads t, u
--> delete t: all: t.k:F u.c:F u.k:J

-- DEFAULT is of no column
-- postgres t(k, a, b) u(k, c)
UPDATE t SET a = DEFAULT, (k, b) = (DEFAULT, u.c) FROM u
--> exact reads u
--> upsert t: k = | a = | b = u.c

-- functions side by side
-- postgres t(l, m)
SELECT g.p, g.q FROM t, ROWS FROM (generate_series(1, t.m), unnest(t.l)) AS g(p, q)
--> exact reads t
--> rows: p = t.m:T | q = t.l:T | all: t.l:J t.m:J

-- a column that ALTER fills anew
-- postgres t(k, a, b)
ALTER TABLE t ALTER COLUMN a TYPE text USING (b || k);
CREATE TEMP TABLE v AS TABLE t;
ALTER TABLE v ALTER a SET DATA TYPE text USING k || b;
SELECT a, k FROM v
--> exact reads t
--> ALTER t: a = t.b:T t.k:T
--> exact reads nothing
--> exact reads nothing
--> exact reads t
--> rows: a = t.b:T t.k:T | k = t.k

-- RENAME of a column without the word
-- postgres t(k, a)
ALTER TABLE t RENAME a TO z;
ALTER TABLE t RENAME TO a;
SELECT z FROM a
--> exact reads t
--> ALTER t: z = t.a
--> exact reads nothing
--> RENAME t to a: k = t.k | z = t.z
--> exact reads a
--> rows: z = a.z

-- SET SCHEMA moves a table
-- postgres t(k) s.u(a)
ALTER TABLE t SET SCHEMA s;
ALTER TABLE IF EXISTS s."u" SET SCHEMA "S2";
SELECT k FROM s.t
--> exact reads nothing
--> RENAME t to s.t: k = t.k
--> exact reads nothing
--> RENAME s.u to S2.u: a = s.u.a
--> exact reads s.t
--> rows: k = s.t.k

-- COPY from and to a command
-- postgres t(k, a)
COPY t (a, k) TO PROGRAM 'gzip > x';
COPY t (a) FROM PROGRAM 'cat x'
--> exact reads t
--> exact reads nothing
--> append t:

-- a table of what was prepared where nobody saw it
-- postgres t(k)
CREATE TABLE o AS EXECUTE q(1);
PREPARE p AS SELECT k FROM t WHERE k > $1;
CREATE TABLE o AS EXECUTE p(1)
--> opaque reads nothing
--> writes o:
--> exact reads nothing
--> exact reads t
--> CREATE o: k = t.k | all: t.k:F

-- DROP IF EXISTS of what was never seen makes nothing known of it
-- postgres a(x)
DROP TABLE IF EXISTS a, b
--> conservative reads nothing
--> DROP a:

-- a search path of several schemas
-- postgres s1.t(k, a) s2.t(k, b) s2.q(k, b)
SET search_path TO s1, s2;
SELECT a FROM t;
SELECT b FROM q;
CREATE TABLE q AS SELECT k FROM t;
SELECT k FROM q;
SELECT z FROM nobody;
INSERT INTO nobody (z) SELECT a FROM t
--> exact reads nothing
--> exact reads s1.t
--> rows: a = s1.t.a
--> exact reads s2.q
--> rows: b = s2.q.b
--> exact reads s1.t
--> CREATE s1.q: k = s1.t.k
--> exact reads s1.q
--> rows: k = s1.q.k
--> conservative reads s1.nobody
--> rows: z = s1.nobody.z
--> conservative reads s1.t
--> append s1.nobody: z = s1.t.a

-- words of a search path that are no schemas
-- postgres t(k) app.t(k)
SET SESSION search_path = "$user", app;
SELECT k FROM t;
SET search_path TO DEFAULT;
SELECT k FROM t
--> exact reads nothing
--> exact reads app.t
--> rows: k = app.t.k
--> exact reads nothing
--> exact reads t
--> rows: k = t.k
