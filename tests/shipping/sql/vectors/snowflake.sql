-- an alias of the same SELECT
-- snowflake T(A, B)
SELECT a + 1 AS x, x * b AS y, y AS z FROM t WHERE x > 3
--> exact reads T
--> rows: X = T.A:T | Y = T.A:T T.B:T | Z = T.A:T T.B:T | all: T.A:F

-- a column goes before an alias of the same name
-- snowflake T(A, B)
SELECT b AS a, a + 1 AS c FROM t
--> exact reads T
--> rows: A = T.B | C = T.A:T

-- QUALIFY by an alias
-- snowflake T(K, TS, V)
SELECT k, v, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS rn FROM t QUALIFY rn = 1
--> exact reads T
--> rows: K = T.K | V = T.V | RN = T.K:W T.TS:W | all: T.K:F T.TS:F

-- a path into a variant
-- snowflake RAW(ID, SRC)
SELECT id, src:customer.name::string AS name, src['items'][0]:sku AS sku FROM raw
--> exact reads RAW
--> rows: ID = RAW.ID | NAME = RAW.SRC:T | SKU = RAW.SRC:T

-- FLATTEN twice, one over the other
-- snowflake RAW(ID, SRC)
SELECT r.id, f.index AS i, g.value:sku::string AS sku FROM raw r, LATERAL FLATTEN(input => r.src:orders) f, LATERAL FLATTEN(f.value:items) g
--> exact reads RAW
--> rows: ID = RAW.ID | I = | SKU = RAW.SRC:T | all: RAW.SRC:J

-- SELECT * EXCLUDE, RENAME
-- snowflake T(A, B, C)
SELECT * EXCLUDE (b) RENAME (c AS d) FROM t
--> exact reads T
--> rows: A = T.A | D = T.C

-- SELECT * REPLACE of one side
-- snowflake T(A, B) U(A, C)
SELECT t.* REPLACE (b * 2 AS b), u.* EXCLUDE a FROM t JOIN u ON t.a = u.a
--> exact reads T, U
--> rows: A = T.A | B = T.B:T | C = U.C | all: T.A:J U.A:J

-- PIVOT over a subquery
-- snowflake S(EMP, AMT, MON, NOTE)
SELECT * FROM (SELECT emp, amt, mon FROM s) PIVOT (SUM(amt) FOR mon IN ('JAN', 'FEB')) AS p (emp, jan, feb)
--> exact reads S
--> rows: EMP = S.EMP | JAN = S.AMT:A S.MON:C | FEB = S.AMT:A S.MON:C | all: S.EMP:G

-- UNPIVOT
-- snowflake S(EMP, JAN, FEB)
SELECT emp, mon, amt FROM s UNPIVOT (amt FOR mon IN (jan, feb))
--> exact reads S
--> rows: EMP = S.EMP | MON = | AMT = S.FEB S.JAN | all: S.FEB:F S.JAN:F

-- three-part names in two schemas of the same name
-- snowflake DB.A.T(X) DB.B.T(X)
SELECT a.t.x AS ax, b.t.x AS bx FROM db.a.t, db.b.t WHERE a.t.x = b.t.x
--> exact reads DB.A.T, DB.B.T
--> rows: AX = DB.A.T.X | BX = DB.B.T.X | all: DB.A.T.X:F DB.B.T.X:F

-- quoted names keep their case
-- snowflake T(a, A)
SELECT "a" AS low, a AS up, "A" AS up2 FROM t
--> exact reads T
--> rows: LOW = T.a | UP = T.A | UP2 = T.A

-- a quoted table beside one that is folded
-- snowflake t(X) T(X)
SELECT q.x AS lower_one, f.x AS upper_one FROM "t" q, t f
--> exact reads T, t
--> rows: LOWER_ONE = t.X | UPPER_ONE = T.X

-- ASOF JOIN with MATCH_CONDITION
-- snowflake TR(S, TS, P) QU(S, TS, BID)
SELECT tr.s, tr.p, qu.bid FROM tr ASOF JOIN qu MATCH_CONDITION (tr.ts >= qu.ts) ON tr.s = qu.s
--> exact reads QU, TR
--> rows: S = TR.S | P = TR.P | BID = QU.BID | all: QU.S:J QU.TS:J TR.S:J TR.TS:J

-- columns of stages by number
-- snowflake T(A, B)
COPY INTO t (a, b) FROM (SELECT $1, $2 FROM @stage/f.csv)
--> exact reads file @stage/f.csv
--> append T: A = @stage/f.csv.$1 | B = @stage/f.csv.$2

-- MERGE with several branches
-- snowflake T(K, V, N, DEL) S(K, V, OP)
MERGE INTO t USING s ON t.k = s.k
WHEN MATCHED AND s.op = 'D' THEN DELETE
WHEN MATCHED AND s.op = 'U' THEN UPDATE SET t.v = s.v, t.n = t.n + 1
WHEN NOT MATCHED AND s.op <> 'D' THEN INSERT (k, v, n) VALUES (s.k, UPPER(s.v), 0)
--> exact reads S, T
--> upsert T: K = S.K | V = S.V:IT | N = T.N:T | all: S.K:J S.OP:F T.K:J

-- multi-table INSERT with conditions
-- snowflake S(A, B) HI(X) LO(X, Y)
INSERT FIRST WHEN a > 10 THEN INTO hi (x) VALUES (a) ELSE INTO lo (x, y) VALUES (a, b) SELECT a, b FROM s
--> exact reads S
--> append HI: X = S.A | all: S.A:F
--> append LO: X = S.A | Y = S.B | all: S.A:F

-- CLONE hands on every column
-- snowflake T(A, B)
CREATE TABLE c CLONE t
--> exact reads T
--> CREATE C: A = T.A | B = T.B

-- LISTAGG and ARRAY_AGG within groups, OBJECT_CONSTRUCT
-- snowflake T(K, V, O)
SELECT k, LISTAGG(DISTINCT v, ',') WITHIN GROUP (ORDER BY o) AS l, OBJECT_CONSTRUCT('v', MAX(v), 'o', o) AS j FROM t GROUP BY k, o
--> exact reads T
--> rows: K = T.K | L = T.O:S T.V:A | J = T.O:T T.V:A | all: T.K:G T.O:G

-- TABLE(RESULT) of a generator
-- snowflake T(A)
CREATE TABLE g AS SELECT SEQ4() AS n, UNIFORM(1, 10, RANDOM()) AS r FROM TABLE(GENERATOR(ROWCOUNT => 10))
--> exact reads nothing
--> CREATE G: N = | R =

-- a view with a column list and comments
-- snowflake T(A, B)
CREATE OR REPLACE SECURE VIEW v (x COMMENT 'first', y) COMMENT = 'both' AS SELECT a, b FROM t
--> exact reads T
--> OVERWRITE view V: X = T.A | Y = T.B

-- a dynamic table
-- snowflake T(A, B)
CREATE OR REPLACE DYNAMIC TABLE d TARGET_LAG = '1 minute' WAREHOUSE = wh AS SELECT a, SUM(b) AS s FROM t GROUP BY a
--> exact reads T
--> OVERWRITE D: A = T.A | S = T.B:A | all: T.A:G

-- a script: staging, merge, clean up
-- snowflake RAW(ID, J) DIM(ID, NAME)
CREATE TEMPORARY TABLE stg AS SELECT id, j:name::string AS name FROM raw QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY j:ts DESC) = 1;
UPDATE dim SET name = stg.name FROM stg WHERE dim.id = stg.id;
INSERT INTO dim SELECT id, name FROM stg WHERE id NOT IN (SELECT id FROM dim);
DROP TABLE stg
--> exact reads nothing
--> exact reads DIM, RAW
--> upsert DIM: NAME = RAW.J:T | all: DIM.ID:F RAW.ID:F RAW.J:F
--> exact reads DIM, RAW
--> append DIM: ID = RAW.ID | NAME = RAW.J:T | all: DIM.ID:F RAW.ID:F RAW.J:F
--> exact reads nothing

-- a star ILIKE
-- snowflake T(A, B, C)
SELECT * ILIKE '%a%' FROM t
--> exact reads T
--> rows: A = T.A

-- columns by number
-- snowflake T(A, B, C)
SELECT t.$1 AS x, $2 AS y FROM t
--> exact reads T
--> rows: X = T.A | Y = T.B

-- NATURAL JOIN beside LATERAL
-- snowflake T(A, B) U(A, C)
SELECT * FROM t NATURAL JOIN u, LATERAL (SELECT MAX(c) AS m FROM u WHERE u.a = t.a)
--> exact reads T, U
--> rows: A = T.A | B = T.B | C = U.C | M = U.C:A | all: T.A:FJ U.A:FJ

-- a stage by number, with its file name
-- snowflake T(A, B)
CREATE OR REPLACE TABLE n AS SELECT $1 AS x, metadata$filename AS f FROM @st/p (FILE_FORMAT => 'csv')
--> exact reads file @st/p
--> OVERWRITE N: X = @st/p.$1 | F =

-- MERGE BY NAME
-- snowflake T(A, B) S(A, B)
MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE ALL BY NAME WHEN NOT MATCHED THEN INSERT ALL BY NAME
--> exact reads S, T
--> upsert T: A = S.A | B = S.B | all: S.A:J T.A:J

-- a star within functions
-- snowflake T(A, B)
SELECT OBJECT_CONSTRUCT(*) AS o, HASH(*) AS h, ARRAY_AGG(OBJECT_CONSTRUCT('a', a)) WITHIN GROUP (ORDER BY b) AS ar FROM t GROUP BY a, b
--> exact reads T
--> rows: O = T.A:T T.B:T | H = T.A:Tm T.B:Tm | AR = T.A:A T.B:S | all: T.A:G T.B:G

-- a window over an alias of a window
-- snowflake T(A, B)
SELECT a, b, SUM(b) OVER (ORDER BY a) AS s, s - LAG(s) OVER (ORDER BY a) AS d FROM t
--> exact reads T
--> rows: A = T.A | B = T.B | S = T.A:W T.B:A | D = T.A:W T.B:A

-- aliases that differ in quotes
-- snowflake T(A, B)
SELECT a AS "x", b AS x, "x" || x AS z FROM t
--> exact reads T
--> rows: x = T.A | X = T.B | Z = T.B:T

-- LIKE copies columns
-- snowflake T(A, B)
CREATE TABLE c LIKE t;
INSERT INTO c SELECT * FROM t;
ALTER TABLE c SWAP WITH t;
SELECT a FROM c
--> exact reads nothing
--> CREATE C:
--> exact reads T
--> append C: A = T.A | B = T.B
--> opaque reads nothing
--> writes C:
--> exact reads C
--> rows: A = C.A

-- UPDATE … FROM with a scalar subquery
-- snowflake T(A, B) U(A, B)
UPDATE t SET t.b = u.b FROM u WHERE t.a = u.a AND u.b > (SELECT AVG(b) FROM u)
--> exact reads T, U
--> upsert T: B = U.B | all: T.A:F U.A:F U.B:F

-- a variable from a query
-- snowflake T(A, B)
SET m = (SELECT MAX(a) FROM t);
INSERT INTO t (a) SELECT $m + 1
--> exact reads T
--> exact reads T
--> append T: A = T.A:A

-- PIVOT of values that a query gives
-- snowflake T(K, M, V) S(M)
SELECT * FROM t PIVOT (SUM(v) FOR m IN (SELECT DISTINCT m FROM s))
--> conservative reads S, T
--> rows: K = T.K | all: T.K:G
