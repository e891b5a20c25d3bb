-- ON DUPLICATE KEY with a row alias
-- mysql t(k, n) s(k, v)
INSERT INTO t (k, n) SELECT k, v FROM s ON DUPLICATE KEY UPDATE n = n + 1
--> exact reads s, t
--> upsert t: k = s.k | n = s.v t.n:T

-- ON DUPLICATE KEY with VALUES and an alias
-- mysql t(k, n, c)
INSERT INTO t (k, n) VALUES (1, 2) AS new ON DUPLICATE KEY UPDATE n = new.n + t.n, c = t.c + 1
--> exact reads t
--> upsert t: k = | n = t.n:T | c = t.c:T

-- UPDATE of two tables at once
-- mysql a(id, x, n) b(id, y, m)
UPDATE a JOIN b ON a.id = b.id SET a.x = b.y, b.m = a.n WHERE a.n > 0
--> exact reads a, b
--> upsert a: x = b.y | all: a.id:J a.n:F b.id:J
--> upsert b: m = a.n | all: a.id:J a.n:F b.id:J

-- DELETE from two tables
-- mysql a(id) b(id, z)
DELETE a, b FROM a INNER JOIN b ON a.id = b.id WHERE b.z = 1
--> exact reads a, b
--> delete a: all: a.id:J b.id:J b.z:F
--> delete b: all: a.id:J b.id:J b.z:F

-- GROUP_CONCAT with order
-- mysql t(k, v, o)
SELECT k, GROUP_CONCAT(DISTINCT v ORDER BY o SEPARATOR ';') AS l FROM t GROUP BY k WITH ROLLUP
--> exact reads t
--> rows: k = t.k | l = t.o:S t.v:A | all: t.k:G

-- paths of JSON by arrows
-- mysql t(id, doc)
SELECT doc->'$.a' AS a, doc->>'$.b' AS b, JSON_EXTRACT(doc, '$.c') AS c FROM t
--> exact reads t
--> rows: a = t.doc:T | b = t.doc:T | c = t.doc:T

-- JSON_TABLE
-- mysql t(id, doc)
SELECT t.id, j.sku FROM t, JSON_TABLE(t.doc, '$[*]' COLUMNS (sku VARCHAR(10) PATH '$.sku', qty INT PATH '$.q')) AS j
--> exact reads t
--> rows: id = t.id | sku = t.doc:T | all: t.doc:J

-- a user variable as a counter
-- mysql t(a)
SELECT a, @n := @n + 1 AS n FROM t
--> exact reads t
--> rows: a = t.a | n =

-- columns in backticks of any case
-- mysql Orders(Id, Amt)
SELECT `id`, AMT AS a FROM Orders AS o WHERE o.ID > 3
--> exact reads Orders
--> rows: id = Orders.Id | a = Orders.Amt | all: Orders.Id:F

-- STRAIGHT_JOIN and an index hint
-- mysql a(k, x) b(k, y)
SELECT x, y FROM a USE INDEX (i) STRAIGHT_JOIN b ON a.k = b.k
--> exact reads a, b
--> rows: x = a.x | y = b.y | all: a.k:J b.k:J

-- INSERT IGNORE, REPLACE … SET
-- mysql t(k, n) s(k)
INSERT IGNORE INTO t (k) SELECT k FROM s;
REPLACE INTO t SET k = 1, n = 2
--> exact reads s
--> append t: k = s.k
--> exact reads nothing
--> upsert t: k = | n =

-- IF, IFNULL, a null-safe comparison
-- mysql t(a, b, c)
SELECT IF(a <=> b, c, IFNULL(a, b)) AS x FROM t
--> exact reads t
--> rows: x = t.a:TC t.b:TC t.c:T

-- CREATE TABLE … SELECT without AS, columns declared first
-- mysql s(a, b)
CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY) SELECT a, b FROM s
--> exact reads s
--> CREATE t: id = | a = s.a | b = s.b

-- ON DUPLICATE KEY names what is selected from
-- mysql t(a, b) u(a, c)
INSERT INTO t (a, b) SELECT a, c FROM u AS s ON DUPLICATE KEY UPDATE b = s.c
--> exact reads u
--> upsert t: a = u.a | b = u.c

-- ON DUPLICATE KEY names a subquery
-- mysql t(a, b) u(a, c)
INSERT INTO t SELECT * FROM (SELECT a, c FROM u) AS new ON DUPLICATE KEY UPDATE b = new.c + t.b
--> exact reads t, u
--> upsert t: a = u.a | b = t.b:T u.c:IT

-- UPDATE with ORDER BY and LIMIT
-- mysql t(a, b) u(a, c)
UPDATE t, u SET t.b = u.c WHERE t.a = u.a ORDER BY t.a LIMIT 3
--> exact reads t, u
--> upsert t: b = u.c | all: t.a:FS u.a:F

-- DELETE by join, two ways, and TRUNCATE
-- mysql t(a, b) u(a, c)
DELETE t FROM t LEFT JOIN u USING (a) WHERE u.a IS NULL;
DELETE FROM t USING t JOIN u ON t.a = u.a;
TRUNCATE t
--> exact reads t, u
--> delete t: all: t.a:J u.a:FJ
--> exact reads t, u
--> delete t: all: t.a:J u.a:J
--> exact reads nothing
--> TRUNCATE t:

-- RENAME of two tables
-- mysql t(a, b)
CREATE TABLE n LIKE t;
INSERT n SELECT * FROM t;
RENAME TABLE t TO o, n TO t;
SELECT a FROM t
--> exact reads nothing
--> CREATE n:
--> exact reads t
--> append n: a = t.a | b = t.b
--> exact reads nothing
--> RENAME t to o: a = t.a | b = t.b
--> RENAME n to t: a = n.a | b = n.b
--> exact reads t
--> rows: a = t.a

-- a recursive query beside UPDATE
-- mysql t(a, b)
WITH RECURSIVE c AS (SELECT a, b FROM t UNION DISTINCT SELECT t.a, c.b FROM t JOIN c ON t.b = c.a) UPDATE t JOIN c ON t.a = c.a SET t.b = c.b
--> exact reads t
--> upsert t: b = t.b | all: t.a:GJ t.b:GJ

-- RENAME of several tables, one after the other
-- mysql a(x) b(y)
RENAME TABLE a TO c, db.b TO db.a; SELECT x FROM c
--> exact reads nothing
--> RENAME a to c: x = a.x
--> RENAME db.b to db.a:
--> exact reads c
--> rows: x = c.x

-- SET goes from left to right: what is set is read by those behind
-- mysql t(k, a, b)
UPDATE t SET a = b, b = a WHERE k = 1; UPDATE x SET a = b, b = a + c
--> exact reads t
--> upsert t: a = t.b | b = t.b | all: t.k:F
--> exact reads x
--> upsert x: a = x.b | b = x.b:T x.c:T
