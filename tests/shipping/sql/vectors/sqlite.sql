-- an upsert that has no WHERE of its own, from VALUES
-- sqlite t(k, n)
INSERT INTO t (k, n) VALUES ('a', 1) ON CONFLICT (k) DO UPDATE SET n = n + excluded.n
--> exact reads t
--> upsert t: k = | n = t.n:T | all: t.k:J

-- json_each over a column
-- sqlite t(id, doc)
SELECT t.id, j.value AS v, j.key AS k FROM t, json_each(t.doc, '$.tags') j WHERE j.type = 'text'
--> exact reads t
--> rows: id = t.id | v = t.doc:T | k = t.doc:T | all: t.doc:FJ

-- a subquery in UPDATE … FROM
-- sqlite inv(item, qty) sales(item, n)
UPDATE inv SET qty = qty - d.s FROM (SELECT sum(n) AS s, item FROM sales GROUP BY item) AS d WHERE inv.item = d.item
--> exact reads inv, sales
--> upsert inv: qty = inv.qty:T sales.n:A | all: inv.item:F sales.item:FG

-- rowid is no column that is declared
-- sqlite t(a)
SELECT rowid AS r, a FROM t WHERE rowid > 5
--> exact reads t
--> rows: r = | a = t.a

-- double quotes may be text
-- sqlite t(a)
SELECT a FROM t WHERE a = "text"
--> exact reads t
--> rows: a = t.a | all: t.a:F

-- attached databases with the same table
-- sqlite main.t(a) aux.t(b)
INSERT INTO aux.t (b) SELECT a FROM main.t
--> exact reads main.t
--> append aux.t: b = main.t.a

-- GLOB, MATCH, bare columns beside max
-- sqlite t(k, v, w)
SELECT k, max(v) AS m, w FROM t WHERE w GLOB 'a*' GROUP BY k
--> exact reads t
--> rows: k = t.k | m = t.v:A | w = t.v:C t.w | all: t.k:G t.w:F

-- compound with ORDER BY a name and LIMIT
-- sqlite a(x) b(y)
SELECT x FROM a UNION SELECT y FROM b ORDER BY x LIMIT 3
--> exact reads a, b
--> rows: x = a.x b.y | all: a.x:GS b.y:GS

-- a recursive query with two recursive parts
-- sqlite org(name, boss)
WITH RECURSIVE under(n, lvl) AS (VALUES ('Alice', 0) UNION ALL SELECT org.name, under.lvl + 1 FROM org JOIN under ON org.boss = under.n ORDER BY 2 DESC) SELECT substr('....', 1, lvl * 3) || n AS line FROM under
--> exact reads org
--> rows: line = org.name:T | all: org.boss:J org.name:J

-- a window with a GROUPS frame and EXCLUDE
-- sqlite t(a, b)
SELECT group_concat(b, '.') OVER (ORDER BY a GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES) AS s FROM t
--> exact reads t
--> rows: s = t.a:W t.b:A

-- UPDATE OR IGNORE, names in brackets and backticks
-- sqlite t([my col], b)
UPDATE OR IGNORE t SET [my col] = `b` || '!' WHERE "b" IS NOT NULL
--> exact reads t
--> upsert t: my col = t.b:T | all: t.b:F

-- a trigger's body is not run
-- sqlite t(a) log(a)
CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log SELECT new.a; END
--> exact reads nothing

-- CREATE TABLE AS from a compound with names of the first
-- sqlite a(x, y) b(p, q)
CREATE TABLE c AS SELECT x, y AS z FROM a EXCEPT SELECT p, q FROM b
--> exact reads a, b
--> CREATE c: x = a.x | z = a.y | all: a.x:F a.y:F b.p:F b.q:F

-- RETURNING of a DELETE
-- sqlite t(a, b)
DELETE FROM t WHERE b > 1 RETURNING a, b * 2 AS d
--> exact reads t
--> delete t: all: t.b:F
--> rows: a = t.a | d = t.b:T | all: t.b:F

-- two ON CONFLICT, the second of which does nothing
-- sqlite t(a, b) u(a, c)
INSERT INTO t SELECT * FROM u WHERE true ON CONFLICT(a) DO UPDATE SET b = excluded.b ON CONFLICT(b) DO NOTHING
--> exact reads t, u
--> upsert t: a = u.a | b = u.c | all: t.a:J t.b:J u.a:J u.c:J

-- UPDATE of a row beside FROM, RETURNING *
-- sqlite t(a, b) u(a, c)
UPDATE t SET (a, b) = (SELECT a, c FROM u WHERE u.a = t.a), b = coalesce(b, 0) FROM u AS z WHERE z.a = t.a RETURNING *
--> exact reads t, u
--> upsert t: a = t.a:F u.a:IF | b = t.a:F t.b:T u.a:F u.c | all: t.a:F u.a:F
--> rows: a = t.a:F u.a:IF | b = t.a:F t.b:T u.a:F u.c | all: t.a:F u.a:F

-- a comma before USING is not read
-- sqlite t(a, b) u(a, c)
SELECT * FROM t, u USING (a);
SELECT * FROM t LEFT JOIN u;
SELECT * FROM t NATURAL FULL OUTER JOIN u
--> opaque reads t, u
--> exact reads t, u
--> rows: a = t.a | b = t.b | a = u.a | c = u.c
--> exact reads t, u
--> rows: a = t.a u.a | b = t.b | c = u.c | all: t.a:J u.a:J

-- IN a common table expression by name
-- sqlite t(a, b)
WITH x AS NOT MATERIALIZED (SELECT a FROM t) DELETE FROM t WHERE a IN x AND b NOT IN (SELECT b FROM t LIMIT 3)
--> exact reads t
--> delete t: all: t.a:F t.b:F

-- columns beside one MAX are of the row that it chooses
-- sqlite t(k, a, b)
SELECT *, max(a) AS m FROM t GROUP BY k; SELECT k, b, max(a) AS m, min(a) AS n FROM t GROUP BY k
--> exact reads t
--> rows: k = t.k | a = t.a:IC | b = t.a:C t.b | m = t.a:A | all: t.k:G
--> exact reads t
--> rows: k = t.k | b = t.b | m = t.a:A | n = t.a:A | all: t.k:G

-- several ON CONFLICT
-- sqlite t(k, a, b) s(k, a, b)
INSERT INTO t SELECT k, a, b FROM s WHERE true ON CONFLICT (k) DO UPDATE SET a = excluded.a ON CONFLICT (b) DO UPDATE SET a = t.a + 1 WHERE t.k > 1 RETURNING a
--> exact reads s, t
--> upsert t: k = s.k | a = s.a t.a:T | b = s.b | all: s.b:J s.k:J t.b:J t.k:FJ
--> rows: a = s.a t.a:T | all: s.b:J s.k:J t.b:J t.k:FJ

-- tables without row ids, strict ones
-- sqlite t(a, b)
CREATE TABLE w (a INT PRIMARY KEY, b TEXT DEFAULT CURRENT_TIMESTAMP) WITHOUT ROWID; CREATE TABLE x (a INT PRIMARY KEY) STRICT, WITHOUT ROWID; INSERT INTO w SELECT a, b FROM t
--> exact reads nothing
--> CREATE w:
--> exact reads nothing
--> CREATE x:
--> exact reads t
--> append w: a = t.a | b = t.b
