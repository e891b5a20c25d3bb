-- CONNECT BY
-- oracle EMP(ID, BOSS, NAME)
SELECT name, LEVEL AS depth, PRIOR name AS above FROM emp START WITH boss IS NULL CONNECT BY PRIOR id = boss
--> exact reads EMP
--> rows: NAME = EMP.NAME | DEPTH = | ABOVE = EMP.NAME:T | all: EMP.BOSS:F EMP.ID:F

-- MINUS
-- oracle A(X, Y) B(X, Y)
SELECT x FROM a MINUS SELECT y FROM b
--> exact reads A, B
--> rows: X = A.X | all: A.X:F B.Y:F

-- outer joins by (+)
-- oracle A(K, X) B(K, Y)
SELECT a.x, b.y FROM a, b WHERE a.k = b.k(+)
--> exact reads A, B
--> rows: X = A.X | Y = B.Y | all: A.K:F B.K:F

-- KEEP (DENSE_RANK LAST)
-- oracle T(K, TS, V)
SELECT k, MAX(v) KEEP (DENSE_RANK LAST ORDER BY ts) AS v FROM t GROUP BY k
--> exact reads T
--> rows: K = T.K | V = T.TS:S T.V:A | all: T.K:G

-- MERGE with DELETE after UPDATE
-- oracle T(K, V) S(K, V)
MERGE INTO t USING s ON (t.k = s.k) WHEN MATCHED THEN UPDATE SET t.v = s.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, s.v)
--> exact reads S, T
--> upsert T: K = S.K | V = S.V | all: S.K:J T.K:J

-- UPDATE from a row of a correlated subquery
-- oracle T(K, A, B) S(K, X, Y)
UPDATE t SET (a, b) = (SELECT x, y FROM s WHERE s.k = t.k) WHERE EXISTS (SELECT 1 FROM s WHERE s.k = t.k)
--> exact reads S, T
--> upsert T: A = S.K:F S.X T.K:F | B = S.K:F S.Y T.K:F | all: S.K:F T.K:F

-- INSERT ALL with conditions
-- oracle S(A, B) HI(X) LO(X)
INSERT ALL WHEN a > 1 THEN INTO hi (x) VALUES (a) WHEN b > 1 THEN INTO lo (x) VALUES (b) SELECT a, b FROM s
--> exact reads S
--> append HI: X = S.A | all: S.A:F
--> append LO: X = S.B | all: S.B:F

-- DUAL has no columns
-- oracle T(A)
INSERT INTO t (a) SELECT SYSDATE FROM dual
--> exact reads nothing
--> append T: A =

-- ROWNUM over an ordered query
-- oracle T(A, B)
SELECT a, ROWNUM AS n FROM (SELECT a FROM t ORDER BY b) WHERE ROWNUM <= 10
--> exact reads T
--> rows: A = T.A | N = | all: T.B:S

-- quoted names
-- oracle T(a, B)
SELECT "a", b FROM t
--> exact reads T
--> rows: a = T.a | B = T.B

-- LISTAGG over a window, RATIO_TO_REPORT
-- oracle T(K, V, W)
SELECT k, LISTAGG(v, ',') WITHIN GROUP (ORDER BY w) OVER (PARTITION BY k) AS l, RATIO_TO_REPORT(w) OVER (PARTITION BY k) AS r FROM t
--> exact reads T
--> rows: K = T.K | L = T.K:W T.V:A T.W:S | R = T.K:W T.W:A

-- PIVOT of Oracle
-- oracle S(CUST, PROD, QTY)
SELECT * FROM (SELECT cust, prod, qty FROM s) PIVOT (SUM(qty) FOR prod IN ('A' AS a, 'B' AS b))
--> exact reads S
--> rows: CUST = S.CUST | A = S.PROD:C S.QTY:A | B = S.PROD:C S.QTY:A | all: S.CUST:G

-- MERGE with WHERE and DELETE WHERE
-- oracle T(A, B) U(A, C)
MERGE INTO t USING u ON (t.a = u.a) WHEN MATCHED THEN UPDATE SET t.b = u.c WHERE u.c > 0 DELETE WHERE t.b = 0 WHEN NOT MATCHED THEN INSERT (a, b) VALUES (u.a, u.c) WHERE u.c IS NOT NULL
--> exact reads T, U
--> upsert T: A = U.A | B = U.C | all: T.A:J T.B:F U.A:J U.C:F

-- recursion with SEARCH and CYCLE
-- oracle T(A, B)
WITH r (a, l) AS (SELECT a, 1 FROM t WHERE b IS NULL UNION ALL SELECT t.a, r.l + 1 FROM t JOIN r ON t.b = r.a) SEARCH DEPTH FIRST BY a SET o CYCLE a SET c TO 'Y' DEFAULT 'N' SELECT a, l FROM r
--> exact reads T
--> rows: A = T.A | L = | all: T.A:J T.B:FJ

-- CONNECT BY with its pseudo columns
-- oracle T(A, B)
SELECT SYS_CONNECT_BY_PATH(a, '/') AS p, CONNECT_BY_ROOT a AS r, CONNECT_BY_ISLEAF AS f FROM t START WITH b IS NULL CONNECT BY NOCYCLE PRIOR a = b ORDER SIBLINGS BY a
--> exact reads T
--> rows: P = T.A:T | R = T.A:T | F = | all: T.A:FS T.B:F
