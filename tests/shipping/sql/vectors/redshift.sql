-- an alias of the same SELECT
-- redshift t(a, b)
SELECT a + b AS s, s / 2 AS h FROM t
--> exact reads t
--> rows: s = t.a:T t.b:T | h = t.a:T t.b:T

-- CTAS with keys
-- redshift public.s(k, v)
CREATE TABLE public.t DISTKEY(k) SORTKEY(k) AS SELECT k, MAX(v) AS v FROM public.s GROUP BY k
--> exact reads public.s
--> CREATE public.t: k = public.s.k | v = public.s.v:A | all: public.s.k:G

-- LISTAGG over groups, names folded
-- redshift t(k, v)
SELECT K, LISTAGG(V, ',') WITHIN GROUP (ORDER BY V) AS L FROM T GROUP BY K
--> exact reads t
--> rows: k = t.k | l = t.v:AS | all: t.k:G

-- staging, delete by join, insert
-- redshift public.t(id, v) raw.s(id, v)
BEGIN;
CREATE TEMP TABLE stage (LIKE public.t);
INSERT INTO stage SELECT id, v FROM raw.s;
DELETE FROM public.t USING stage WHERE public.t.id = stage.id;
INSERT INTO public.t SELECT * FROM stage;
END;
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads public.t, raw.s
--> delete public.t: all: public.t.id:F raw.s.id:F
--> exact reads raw.s
--> append public.t: id = raw.s.id | v = raw.s.v
--> exact reads nothing

-- a swap by renaming
-- redshift s(a, b) t(a, b)
CREATE TABLE t_new AS SELECT a, b FROM s;
ALTER TABLE t RENAME TO t_old;
ALTER TABLE t_new RENAME TO t;
SELECT a FROM t;
DROP TABLE t_old
--> exact reads s
--> CREATE t_new: a = s.a | b = s.b
--> exact reads nothing
--> RENAME t to t_old: a = t.a | b = t.b
--> exact reads nothing
--> RENAME t_new to t: a = t_new.a | b = t_new.b
--> exact reads t
--> rows: a = t.a
--> exact reads nothing
--> DROP t_old:

-- UPDATE … FROM a subquery
-- redshift t(k, n) e(k, x)
UPDATE t SET n = c.n FROM (SELECT k, COUNT(x) AS n FROM e GROUP BY k) c WHERE c.k = t.k
--> exact reads e, t
--> upsert t: n = e.x:Am | all: e.k:FG t.k:F

-- QUALIFY
-- redshift t(k, ts)
SELECT k FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) = 1
--> exact reads t
--> rows: k = t.k | all: t.k:F t.ts:F

-- an array in a SUPER column walked in FROM
-- redshift t(id, items)
SELECT t.id, i.sku FROM t, t.items AS i
--> exact reads t
--> rows: id = t.id | sku = t.items:T | all: t.items:J
