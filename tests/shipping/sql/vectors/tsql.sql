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
--> rows: id = dbo.t.id | sku = dbo.t.doc:T

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
--> rows: id = dbo.p.id | mon = | amt = dbo.p.feb dbo.p.jan

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
