-- CROSS APPLY of a query with TOP
-- tsql dbo.c(id, name) dbo.o(cid, amt, ts)
SELECT c.name, x.amt FROM dbo.c AS c CROSS APPLY (SELECT TOP 3 o.amt FROM dbo.o AS o WHERE o.cid = c.id ORDER BY o.ts DESC) AS x
--> exact reads dbo.c, dbo.o
--> rows: name = dbo.c.name | amt = dbo.o.amt | all: dbo.c.id:F dbo.o.cid:F dbo.o.ts:S

-- OUTER APPLY of a row of values
-- tsql dbo.t(id, a, b)
SELECT t.id, v.n, v.x FROM dbo.t t OUTER APPLY (VALUES ('a', t.a), ('b', t.b)) AS v(n, x)
--> exact reads dbo.t
--> rows: id = dbo.t.id | n = | x = dbo.t.a dbo.t.b

-- OPENJSON with columns
-- tsql dbo.t(id, doc)
SELECT t.id, j.sku FROM dbo.t CROSS APPLY OPENJSON(t.doc, '$.items') WITH (sku varchar(20) '$.sku', qty int '$.qty') AS j
--> exact reads dbo.t
--> rows: id = dbo.t.id | sku = dbo.t.doc:T | all: dbo.t.doc:J

-- alias = expression
-- tsql dbo.t(a, b)
SELECT total = a + b, [odd name] = a FROM dbo.t
--> exact reads dbo.t
--> rows: total = dbo.t.a:T dbo.t.b:T | odd name = dbo.t.a

-- SELECT INTO a temporary table that is joined later
-- tsql dbo.s(k, v) dbo.d(k, label) dbo.out(label, v)
SELECT k, SUM(v) AS v INTO #tmp FROM dbo.s GROUP BY k;
INSERT INTO dbo.out (label, v) SELECT d.label, t.v FROM #tmp t INNER JOIN dbo.d d ON d.k = t.k;
DROP TABLE #tmp
--> exact reads nothing
--> exact reads dbo.d, dbo.s
--> append dbo.out: label = dbo.d.label | v = dbo.s.v:A | all: dbo.d.k:J dbo.s.k:GJ
--> exact reads nothing

-- UPDATE through a common table expression
-- tsql dbo.t(id, k, ts, rn)
WITH c AS (SELECT id, rn, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) AS n FROM dbo.t) UPDATE c SET rn = n
--> exact reads dbo.t
--> upsert dbo.t: rn = dbo.t.k:W dbo.t.ts:W

-- DELETE through a common table expression
-- tsql dbo.t(id, k, ts)
WITH d AS (SELECT k, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS n FROM dbo.t) DELETE FROM d WHERE n > 1
--> exact reads dbo.t
--> delete dbo.t: all: dbo.t.k:F dbo.t.ts:F

-- MERGE with OUTPUT
-- tsql dbo.t(k, v) dbo.s(k, v)
MERGE dbo.t AS tgt USING dbo.s AS src ON tgt.k = src.k WHEN MATCHED THEN UPDATE SET tgt.v = src.v WHEN NOT MATCHED BY TARGET THEN INSERT (k, v) VALUES (src.k, src.v) WHEN NOT MATCHED BY SOURCE THEN DELETE;
--> exact reads dbo.s, dbo.t
--> upsert dbo.t: k = dbo.s.k | v = dbo.s.v | all: dbo.s.k:J dbo.t.k:J

-- PIVOT in brackets
-- tsql dbo.s(emp, mon, amt)
SELECT emp, [1] AS jan, [2] AS feb FROM (SELECT emp, mon, amt FROM dbo.s) AS src PIVOT (SUM(amt) FOR mon IN ([1], [2])) AS p
--> exact reads dbo.s
--> rows: emp = dbo.s.emp | jan = dbo.s.amt:A dbo.s.mon:C | feb = dbo.s.amt:A dbo.s.mon:C | all: dbo.s.emp:G

-- UNPIVOT
-- tsql dbo.p(id, jan, feb)
SELECT id, mon, amt FROM dbo.p UNPIVOT (amt FOR mon IN (jan, feb)) AS u
--> exact reads dbo.p
--> rows: id = dbo.p.id | mon = | amt = dbo.p.feb dbo.p.jan | all: dbo.p.feb:F dbo.p.jan:F

-- a table variable
-- tsql dbo.s(k, v) dbo.o(k)
DECLARE @t TABLE (k int, v int);
INSERT INTO @t SELECT k, v FROM dbo.s;
INSERT INTO dbo.o (k) SELECT k FROM @t WHERE v > 1
--> exact reads nothing
--> exact reads nothing
--> exact reads dbo.s
--> append dbo.o: k = dbo.s.k | all: dbo.s.v:F

-- IIF, STRING_AGG, hints
-- tsql dbo.t(k, a, b)
SELECT k, STRING_AGG(IIF(a > 1, b, NULL), ',') WITHIN GROUP (ORDER BY a) AS l FROM dbo.t WITH (NOLOCK) GROUP BY k OPTION (MAXDOP 1)
--> exact reads dbo.t
--> rows: k = dbo.t.k | l = dbo.t.a:CS dbo.t.b:A | all: dbo.t.k:G

-- names of three parts, in brackets, of any case
-- tsql Sales.dbo.Orders(OrderID, Amount)
SELECT o.orderid, [Amount] * 2 AS dbl FROM [SALES].[DBO].[orders] o
--> exact reads Sales.dbo.Orders
--> rows: orderid = Sales.dbo.Orders.OrderID | dbl = Sales.dbo.Orders.Amount:T

-- UPDATE … FROM with a left join and an aggregate below
-- tsql dbo.t(k, total) dbo.o(k, amt)
UPDATE t SET total = ISNULL(x.s, 0) FROM dbo.t AS t LEFT JOIN (SELECT k, SUM(amt) AS s FROM dbo.o GROUP BY k) AS x ON x.k = t.k WHERE t.total IS NULL
--> exact reads dbo.o, dbo.t
--> upsert dbo.t: total = dbo.o.amt:A | all: dbo.o.k:GJ dbo.t.k:J dbo.t.total:F

-- OFFSET FETCH, ordering by an alias
-- tsql dbo.t(a, b)
SELECT a AS x FROM dbo.t ORDER BY x OFFSET 10 ROWS FETCH NEXT 5 ROWS ONLY
--> exact reads dbo.t
--> rows: x = dbo.t.a | all: dbo.t.a:S

-- DELETE without FROM, with TOP, with OUTPUT INTO
-- tsql dbo.t(a, b) dbo.u(a, c)
DELETE dbo.t WHERE a > 1;
DELETE TOP (5) FROM dbo.t;
DELETE x FROM dbo.t x JOIN dbo.u y ON x.a = y.a OUTPUT deleted.a INTO dbo.log (a)
--> exact reads dbo.t
--> delete dbo.t: all: dbo.t.a:F
--> exact reads nothing
--> delete dbo.t:
--> exact reads dbo.t, dbo.u
--> delete dbo.t: all: dbo.t.a:J dbo.u.a:J
--> append dbo.log: a = dbo.t.a | all: dbo.t.a:J dbo.u.a:J

-- INSERT … OUTPUT
-- tsql dbo.t(a, b) dbo.u(a, c)
INSERT dbo.t (a, b) OUTPUT inserted.a SELECT a, c FROM dbo.u
--> exact reads dbo.u
--> append dbo.t: a = dbo.u.a | b = dbo.u.c
--> rows: a = dbo.u.a

-- STUFF over FOR XML
-- tsql dbo.t(a, b) dbo.u(a, c)
SELECT a, STUFF((SELECT ',' + CAST(c AS varchar) FROM dbo.u WHERE u.a = t.a FOR XML PATH('')), 1, 1, '') AS l FROM dbo.t AS t
--> exact reads dbo.t, dbo.u
--> rows: a = dbo.t.a | l = dbo.t.a:F dbo.u.a:F dbo.u.c:T

-- OUTPUT of both sides
-- tsql dbo.t(a, b) dbo.u(a, c)
UPDATE dbo.t SET b = u.c OUTPUT inserted.b, deleted.b AS old FROM dbo.u AS u WHERE u.a = dbo.t.a
--> exact reads dbo.t, dbo.u
--> upsert dbo.t: b = dbo.u.c | all: dbo.t.a:F dbo.u.a:F
--> rows: b = dbo.u.c | old = dbo.t.b | all: dbo.t.a:F dbo.u.a:F

-- a variable from a SELECT
-- tsql dbo.t(a, b) dbo.u(a, c)
DECLARE @m int;
SELECT @m = MAX(a) FROM dbo.t;
UPDATE dbo.u SET c = @m
--> exact reads nothing
--> exact reads dbo.t
--> exact reads dbo.t
--> upsert dbo.u: c = dbo.t.a:A

-- MERGE from a common table expression, OUTPUT $action
-- tsql dbo.t(a, b) dbo.u(a, c)
WITH x AS (SELECT a, b FROM dbo.t) MERGE dbo.u AS d USING x ON d.a = x.a WHEN MATCHED THEN UPDATE SET c = x.b OUTPUT $action, inserted.a;
--> exact reads dbo.t, dbo.u
--> upsert dbo.u: c = dbo.t.b | all: dbo.t.a:J dbo.u.a:J
--> rows: $action = | a = dbo.u.a | all: dbo.t.a:J dbo.u.a:J

-- a view WITH CHECK OPTION
-- tsql dbo.t(a, b)
CREATE VIEW dbo.v AS SELECT a AS [My Col], b FROM dbo.t WITH CHECK OPTION
--> exact reads dbo.t
--> CREATE view dbo.v: My Col = dbo.t.a | b = dbo.t.b

-- OUTPUT INTO of a DELETE, with a list
-- tsql t(k, a) log(k, old)
DELETE FROM t OUTPUT deleted.k, deleted.a INTO log (k, old) WHERE t.a > 1
--> exact reads t
--> delete t: all: t.a:F
--> append log: k = t.k | old = t.a | all: t.a:F

-- OUTPUT INTO of an INSERT
-- tsql t(k, a) log(k, a) s(k, a)
INSERT INTO t (k, a) OUTPUT inserted.k, inserted.a INTO dbo.log2 (p, q) SELECT k, a FROM s
--> exact reads s
--> append t: k = s.k | a = s.a
--> append dbo.log2: p = s.k | q = s.a

-- OUTPUT INTO of an UPDATE: the row before and after
-- tsql t(k, a) log(k, old, new)
UPDATE t SET a = a + 1 OUTPUT inserted.k, deleted.a, inserted.a INTO log (k, old, new) WHERE k = 3
--> exact reads t
--> upsert t: a = t.a:T | all: t.k:F
--> append log: k = t.k | old = t.a | new = t.a:T | all: t.k:F

-- OUTPUT INTO of a MERGE
-- tsql t(k, a) log(k, act) s(k, a)
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT (k, a) VALUES (s.k, s.a) OUTPUT inserted.k, $action INTO log (k, act);
--> exact reads s, t
--> upsert t: k = s.k | a = s.a | all: s.k:J t.k:J
--> append log: k = s.k t.k | act = | all: s.k:J t.k:J

-- into a table variable, which is read then
-- tsql t(k, a) n(k)
DECLARE @gone TABLE (k int); DELETE t OUTPUT deleted.k INTO @gone FROM t WHERE a = 1; INSERT INTO n (k) SELECT k FROM @gone
--> exact reads nothing
--> exact reads t
--> delete t: all: t.a:F
--> exact reads t
--> append n: k = t.k | all: t.a:F

-- unknown log columns
-- tsql t(k, a)
DELETE FROM t OUTPUT deleted.k, deleted.a INTO log WHERE t.a > 1
--> conservative reads t
--> delete t: all: t.a:F
--> append log: all: t.a:F

-- delete output with joins and alias
-- tsql t(k, a) s(k, z)
DELETE x OUTPUT deleted.k, s.z FROM t AS x JOIN s ON s.k = x.k WHERE s.z > 1
--> exact reads s, t
--> delete t: all: s.k:J s.z:F t.k:J
--> rows: k = t.k | z = s.z | all: s.k:J s.z:F t.k:J

-- BEGIN TRY
-- tsql t(k, a)
BEGIN TRY INSERT INTO h VALUES (1) END TRY BEGIN CATCH SELECT 1 END CATCH; BEGIN TRAN; BEGIN; BEGIN TRAN x; COMMIT TRAN
--> opaque reads nothing
--> writes h:
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
