-- an upsert that has no WHERE of its own, from VALUES
-- sqlite t(k, n)
INSERT INTO t (k, n) VALUES ('a', 1) ON CONFLICT (k) DO UPDATE SET n = n + excluded.n
--> exact reads t
--> upsert t: k = | n = t.n:T

-- json_each over a column
-- sqlite t(id, doc)
SELECT t.id, j.value AS v, j.key AS k FROM t, json_each(t.doc, '$.tags') j WHERE j.type = 'text'
--> exact reads t
--> rows: id = t.id | v = t.doc:T | k = t.doc:T | all: t.doc:F

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
--> rows: k = t.k | m = t.v:A | w = t.w | all: t.k:G t.w:F

-- compound with ORDER BY a name and LIMIT
-- sqlite a(x) b(y)
SELECT x FROM a UNION SELECT y FROM b ORDER BY x LIMIT 3
--> exact reads a, b
--> rows: x = a.x b.y | all: a.x:S b.y:S

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
--> CREATE c: x = a.x | z = a.y | all: b.p:F b.q:F

-- RETURNING of a DELETE
-- sqlite t(a, b)
DELETE FROM t WHERE b > 1 RETURNING a, b * 2 AS d
--> exact reads t
--> delete t: all: t.b:F
--> rows: a = t.a | d = t.b:T | all: t.b:F
