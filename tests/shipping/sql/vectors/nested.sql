-- a common table expression passes edges on
-- duckdb t(k, v)
WITH c AS (SELECT k, sum(v) AS s FROM t WHERE v > 0 GROUP BY k) SELECT k, s * 2 AS d FROM c
--> exact reads t
--> rows: k = t.k | d = t.v:A | all: t.k:G t.v:F

-- names of a common table expression's columns
-- postgres t(a, b)
WITH c (x, y) AS (SELECT a, b FROM t) SELECT y, x FROM c
--> exact reads t
--> rows: y = t.b | x = t.a

-- expressions that build on one another
-- snowflake T(A, B)
WITH one AS (SELECT a + b AS s FROM t), two AS (SELECT s, s * 2 AS d FROM one) SELECT d FROM two
--> exact reads T
--> rows: D = T.A:T T.B:T

-- what no one uses is not read
-- duckdb t(a) u(b)
WITH c AS (SELECT b FROM u) SELECT a FROM t
--> exact reads t
--> rows: a = t.a

-- an inner name hides an outer table
-- duckdb t(a, b)
WITH t AS (SELECT b AS a FROM t) SELECT a FROM t
--> exact reads t
--> rows: a = t.b

-- a star over stars of an unknown table
-- bigquery
WITH src AS (SELECT * FROM raw), named AS (SELECT id AS user_id, name FROM src WHERE active) SELECT * FROM named
--> exact reads raw
--> rows: user_id = raw.id | name = raw.name | all: raw.active:F

-- a star that stays a star
-- snowflake
WITH src AS (SELECT * FROM raw) SELECT *, a + 1 AS b FROM src
--> conservative reads RAW
--> rows: B = RAW.A:T | * RAW

-- a subquery in FROM
-- mysql t(k, v)
SELECT x.k, x.n FROM (SELECT k, count(*) AS n FROM t GROUP BY k) AS x WHERE x.n > 1
--> exact reads t
--> rows: k = t.k | n = | all: t.k:G

-- columns renamed by an alias
-- postgres t(a, b)
SELECT p, q FROM (SELECT a, b FROM t) AS x(p, q)
--> exact reads t
--> rows: p = t.a | q = t.b

-- a scalar subquery: its value is the column's, its conditions too
-- duckdb t(k, a) u(k, v)
SELECT a, (SELECT max(v) FROM u WHERE u.k = t.k) AS m FROM t
--> exact reads t, u
--> rows: a = t.a | m = t.k:F u.k:F u.v:A

-- IN with a subquery
-- duckdb t(k, a) u(k, b)
SELECT a FROM t WHERE k IN (SELECT k FROM u WHERE b > 1)
--> exact reads t, u
--> rows: a = t.a | all: t.k:F u.b:F u.k:F

-- EXISTS does not care what is selected
-- postgres t(k, a) u(k, b)
SELECT a FROM t WHERE EXISTS (SELECT b FROM u WHERE u.k = t.k)
--> exact reads t, u
--> rows: a = t.a | all: t.k:F u.k:F

-- NOT EXISTS with a star
-- sqlite t(k, a) u(k, b)
SELECT a FROM t WHERE NOT EXISTS (SELECT * FROM u WHERE u.k = t.k)
--> exact reads t, u
--> rows: a = t.a | all: t.k:F u.k:F

-- a column of the inner table comes before one of the outer
-- duckdb t(k, a) u(k, a)
SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE a = 1)
--> exact reads t, u
--> rows: a = t.a | all: u.a:F

-- what the inner table lacks is of the outer
-- duckdb t(k, a) u(j, b)
SELECT a FROM t WHERE k = (SELECT max(j) FROM u WHERE b = a)
--> exact reads t, u
--> rows: a = t.a | all: t.a:F t.k:F u.b:F u.j:F

-- in an unknown inner table a column may be of the outer
-- duckdb t(k, a)
SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.j = k)
--> conservative reads t, u
--> rows: a = t.a | all: t.k:F u.j:F u.k:F

-- three levels of correlation
-- postgres t(k, a) u(k, b) v(b, c)
SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.k = t.k AND EXISTS (SELECT 1 FROM v WHERE v.b = u.b AND v.c = t.a))
--> exact reads t, u, v
--> rows: a = t.a | all: t.a:F t.k:F u.b:F u.k:F v.b:F v.c:F

-- a subquery in HAVING and in ORDER BY
-- duckdb t(k, v) u(m)
SELECT k FROM t GROUP BY k HAVING sum(v) > (SELECT avg(m) FROM u) ORDER BY (SELECT max(m) FROM u)
--> exact reads t, u
--> rows: k = t.k | all: t.k:G t.v:F u.m:FS

-- a subquery in CASE
-- postgres t(k, a) u(k)
SELECT CASE WHEN EXISTS (SELECT 1 FROM u WHERE u.k = t.k) THEN a END AS x FROM t
--> exact reads t, u
--> rows: x = t.a:T t.k:C u.k:C

-- UNION ALL goes by position
-- duckdb t(a, b) u(c, d)
SELECT a, b FROM t UNION ALL SELECT d, c FROM u
--> exact reads t, u
--> rows: a = t.a u.d | b = t.b u.c

-- UNION of stars
-- duckdb t(a, b) u(c, d)
SELECT * FROM t UNION SELECT * FROM u WHERE c > 1
--> exact reads t, u
--> rows: a = t.a u.c | b = t.b u.d | all: t.a:G t.b:G u.c:FG u.d:G

-- UNION of an unknown table with itself
-- duckdb
SELECT * FROM t WHERE a = 1 UNION ALL SELECT * FROM t WHERE a = 2
--> conservative reads t
--> rows: * t | all: t.a:F

-- UNION of unknown tables, one named column taken
-- duckdb t(a, b)
SELECT b FROM (SELECT * FROM t UNION ALL SELECT * FROM u) x
--> conservative reads t, u
--> rows: b = t.b ?

-- UNION BY NAME
-- duckdb t(a, b) u(b, c)
SELECT * FROM t UNION ALL BY NAME SELECT * FROM u
--> exact reads t, u
--> rows: a = t.a | b = t.b u.b | c = u.c

-- INTERSECT: the value is of both, and each column decides about the others
-- duckdb t(a, b) u(a, b)
SELECT a, b AS x FROM t INTERSECT SELECT a, b FROM u
--> exact reads t, u
--> rows: a = t.a u.a | x = t.b u.b | all: t.a:F t.b:F u.a:F u.b:F

-- EXCEPT: the right side only takes away
-- postgres t(a) u(b)
SELECT a FROM t EXCEPT SELECT b FROM u
--> exact reads t, u
--> rows: a = t.a | all: t.a:F u.b:F

-- three queries, ordered by a name of the first
-- duckdb t(a) u(b) v(c)
SELECT a AS x FROM t UNION SELECT b FROM u UNION SELECT c FROM v ORDER BY x
--> exact reads t, u, v
--> rows: x = t.a u.b v.c | all: t.a:GS u.b:GS v.c:GS

-- sides in parentheses with their own order
-- mysql t(a, b) u(c)
(SELECT a FROM t ORDER BY b LIMIT 1) UNION ALL (SELECT c FROM u) ORDER BY 1
--> exact reads t, u
--> rows: a = t.a u.c | all: t.a:S t.b:S u.c:S

-- WITH over a set operation
-- postgres t(a) u(b)
WITH c AS (SELECT a FROM t) SELECT a FROM c UNION ALL SELECT b FROM u
--> exact reads t, u
--> rows: a = t.a u.b

-- a recursive walk
-- postgres t(id, parent, name)
WITH RECURSIVE tree AS (SELECT id, name FROM t WHERE parent IS NULL UNION ALL SELECT t.id, tree.name || '/' || t.name FROM t JOIN tree ON t.parent = tree.id) SELECT id, name FROM tree
--> exact reads t
--> rows: id = t.id | name = t.name:IT | all: t.id:J t.parent:FJ

-- recursion that counts
-- sqlite
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n
--> exact reads nothing
--> rows: i =

-- columns that change places in each round
-- duckdb t(a, b)
WITH RECURSIVE r(x, y) AS (SELECT a, b FROM t UNION ALL SELECT y, x FROM r) SELECT x FROM r
--> exact reads t
--> rows: x = t.a t.b

-- SQL Server recurses without the word
-- tsql e(id, boss)
WITH up AS (SELECT id, boss FROM e WHERE id = 1 UNION ALL SELECT e.id, e.boss FROM e JOIN up ON e.id = up.boss) SELECT boss FROM up
--> exact reads e
--> rows: boss = e.boss | all: e.boss:J e.id:FJ

-- without the word a name within is the stored table
-- postgres t(a)
WITH t AS (SELECT a FROM t UNION ALL SELECT a + 1 FROM t) SELECT a FROM t
--> exact reads t
--> rows: a = t.a:IT

-- WITH within a subquery
-- duckdb t(a)
SELECT x FROM (WITH c AS (SELECT a AS x FROM t) SELECT x FROM c) y
--> exact reads t
--> rows: x = t.a

-- the best of each group, as dbt's deduplicate
-- bigquery t(id, ts, v)
WITH numbered AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts DESC) AS rn FROM t) SELECT * EXCEPT (rn) FROM numbered WHERE rn = 1
--> exact reads t
--> rows: id = t.id | ts = t.ts | v = t.v | all: t.id:F t.ts:F

-- a model of dbt: imports, logic, final
-- snowflake RAW.ORDERS(ID, USER_ID, STATUS, CREATED) RAW.PAYMENTS(ORDER_ID, AMOUNT, METHOD)
WITH orders AS (SELECT * FROM raw.orders),
payments AS (SELECT order_id, SUM(CASE WHEN method = 'card' THEN amount ELSE 0 END) AS card, SUM(amount) AS total FROM raw.payments GROUP BY 1),
final AS (SELECT o.id AS order_id, o.user_id, COALESCE(p.card, 0) AS card, p.total FROM orders o LEFT JOIN payments p ON o.id = p.order_id)
SELECT * FROM final
--> exact reads RAW.ORDERS, RAW.PAYMENTS
--> rows: ORDER_ID = RAW.ORDERS.ID | USER_ID = RAW.ORDERS.USER_ID | CARD = RAW.PAYMENTS.AMOUNT:A RAW.PAYMENTS.METHOD:C | TOTAL = RAW.PAYMENTS.AMOUNT:A | all: RAW.ORDERS.ID:J RAW.PAYMENTS.ORDER_ID:GJ

-- sessions by a gap
-- postgres hits(u, ts)
SELECT u, sum(new) OVER (PARTITION BY u ORDER BY ts) AS session FROM (SELECT u, ts, CASE WHEN ts - lag(ts) OVER (PARTITION BY u ORDER BY ts) > interval '30 min' THEN 1 ELSE 0 END AS new FROM hits) x
--> exact reads hits
--> rows: u = hits.u | session = hits.ts:CW hits.u:CW

-- year on year
-- duckdb s(y, v)
SELECT a.y, a.v - b.v AS diff, (a.v - b.v) / b.v AS rel FROM s a LEFT JOIN s b ON a.y = b.y + 1
--> exact reads s
--> rows: y = s.y | diff = s.v:T | rel = s.v:T | all: s.y:J

-- TPC-DS: ratio to a window over an aggregate
-- duckdb item(i_item_sk, i_class, i_price) sales(s_item_sk, s_amount, s_date_sk) dates(d_date_sk, d_year)
SELECT i_class, sum(s_amount) AS itemrevenue, sum(s_amount) * 100 / sum(sum(s_amount)) OVER (PARTITION BY i_class) AS revenueratio FROM sales, item, dates WHERE s_item_sk = i_item_sk AND s_date_sk = d_date_sk AND d_year = 2000 GROUP BY i_class ORDER BY revenueratio
--> exact reads dates, item, sales
--> rows: i_class = item.i_class | itemrevenue = sales.s_amount:A | revenueratio = item.i_class:W sales.s_amount:A | all: dates.d_date_sk:F dates.d_year:F item.i_class:GS item.i_item_sk:F sales.s_amount:S sales.s_date_sk:F sales.s_item_sk:F

-- TPC-DS: ROLLUP with GROUPING
-- postgres item(i_sk, i_cat, i_class) sales(s_sk, s_amt)
SELECT i_cat, i_class, sum(s_amt) AS total, grouping(i_cat) + grouping(i_class) AS lochierarchy FROM sales JOIN item ON s_sk = i_sk GROUP BY ROLLUP (i_cat, i_class)
--> exact reads item, sales
--> rows: i_cat = item.i_cat | i_class = item.i_class | total = sales.s_amt:A | lochierarchy = item.i_cat:Am item.i_class:Am | all: item.i_cat:G item.i_class:G item.i_sk:J sales.s_sk:J

-- TPC-DS: a customer's first return, correlated average
-- snowflake SR(CUSTOMER, STORE, AMT)
WITH ctr AS (SELECT customer AS c, store AS s, SUM(amt) AS total FROM sr GROUP BY customer, store) SELECT c FROM ctr ctr1 WHERE ctr1.total > (SELECT AVG(total) * 1.2 FROM ctr ctr2 WHERE ctr1.s = ctr2.s)
--> exact reads SR
--> rows: C = SR.CUSTOMER | all: SR.AMT:F SR.CUSTOMER:FG SR.STORE:FG

-- a relation without the column is passed over for an outer one of its name
-- duckdb t(a, b) u(a, c)
SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u AS t WHERE t.c = t.b)
--> exact reads t, u
--> rows: a = t.a | all: t.b:F u.c:F

-- what a known relation lacks is no column of an unknown one
-- postgres t(a)
SELECT t.z FROM t, x
--> conservative reads t, x
--> rows: z = ?

-- a qualified name over an unknown table is of the outer one, where no field is named by a dot
-- postgres t(k, a)
SELECT a FROM t WHERE EXISTS (SELECT 1 FROM x WHERE x.p = t.k)
--> exact reads t, x
--> rows: a = t.a | all: t.k:F x.p:F

-- a table of an outer query goes before a column of its name
-- postgres t(a, b) v(b, d, k)
SELECT (SELECT max(z.t) FROM v AS z(u, d, t) WHERE z.u > t.a) AS m FROM t
--> exact reads t, v
--> rows: m = t.a:F v.b:F v.k:A

-- where a dot may name a field, it may be of the unknown table
-- duckdb t(k, a)
SELECT a FROM t WHERE EXISTS (SELECT 1 FROM x WHERE x.p = t.k)
--> conservative reads t, x
--> rows: a = t.a | all: t.k:F x.p:F x.t:F
