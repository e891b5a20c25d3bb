-- generated columns are of what they are computed from, one of another too
-- duckdb src(a, b, p)
CREATE TABLE t (a INT, g INT GENERATED ALWAYS AS (a * 2), b INT, h INT AS (g + b)); INSERT INTO t SELECT a, b FROM src; UPDATE t SET a = p FROM src WHERE src.b = t.b; UPDATE t SET b = 1; SELECT * FROM t
--> exact reads nothing
--> CREATE t:
--> exact reads src
--> append t: a = src.a | g = src.a:T | b = src.b | h = src.a:T src.b:T
--> exact reads src, t
--> upsert t: a = src.p | g = src.p:T | h = src.p:T t.b:T | all: src.b:F t.b:F
--> exact reads t
--> upsert t: b = | h = t.g:T
--> exact reads t
--> rows: a = t.a | g = t.g | b = t.b | h = t.h

-- generated columns of temporary tables, and what RETURNING gives of them
-- sqlite src(a, b)
CREATE TEMP TABLE t (a INT, g GENERATED ALWAYS AS (a * 2) VIRTUAL, b INT); INSERT INTO t SELECT a, b FROM src RETURNING g; SELECT g, b FROM t
--> exact reads nothing
--> exact reads nothing
--> rows: g = src.a:T
--> exact reads src
--> rows: g = src.a:T | b = src.b

-- a generated column that is added, and a table that is renamed
-- sqlite src(a)
CREATE TABLE t (a INT); ALTER TABLE t ADD COLUMN z INT AS (a + 1); ALTER TABLE t RENAME TO w; INSERT INTO w (a) SELECT a FROM src ON CONFLICT (a) DO UPDATE SET a = excluded.a
--> exact reads nothing
--> CREATE t:
--> exact reads t
--> ALTER t: z = t.a:T
--> exact reads nothing
--> RENAME t to w: a = t.a | z = t.z
--> exact reads src, w
--> upsert w: a = src.a | z = src.a:T | all: src.a:J w.a:J

-- values by position go into generated columns where the engine wants a value for them
-- postgres src(a, b)
CREATE TABLE t (a INT, g INT GENERATED ALWAYS AS (a * 2) STORED, b INT); INSERT INTO t (a, b) SELECT a, b FROM src
--> exact reads nothing
--> CREATE t:
--> exact reads src
--> append t: a = src.a | g = src.a:T | b = src.b

-- a trigger writes other tables, on a condition, for the rows that were chosen
-- sqlite orders(id, amount, city) audit(id, old, new, why) rates(city, rate) tot(city, s)
CREATE TRIGGER up AFTER UPDATE OF amount ON orders WHEN new.amount > 3 BEGIN INSERT INTO audit VALUES (old.id, old.amount, new.amount, 'x'); UPDATE tot SET s = s + new.amount * (SELECT rate FROM rates r WHERE r.city = new.city) WHERE city = new.city; END; UPDATE orders SET amount = amount * 2 WHERE city = 'a'; UPDATE orders SET city = 'x'
--> exact reads nothing
--> exact reads orders, rates, tot
--> upsert orders: amount = orders.amount:T | all: orders.city:F
--> append audit: id = orders.id | old = orders.amount | new = orders.amount:T | why = | all: orders.amount:F orders.city:F
--> upsert tot: s = orders.amount:T orders.city:F rates.city:F rates.rate:T tot.s:T | all: orders.amount:F orders.city:F tot.city:F
--> exact reads nothing
--> upsert orders: city =

-- a trigger that is dropped does nothing
-- sqlite orders(id, amount) audit(id, new) src(id, a)
CREATE TRIGGER ins AFTER INSERT ON orders BEGIN INSERT INTO audit (id, new) VALUES (new.id, new.amount); END; INSERT INTO orders SELECT id, a FROM src; DELETE FROM orders WHERE id = 1; DROP TRIGGER IF EXISTS ins; INSERT INTO orders SELECT id, a FROM src
--> exact reads nothing
--> exact reads src
--> append orders: id = src.id | amount = src.a
--> append audit: id = src.id | new = src.a
--> exact reads orders
--> delete orders: all: orders.id:F
--> exact reads nothing
--> exact reads src
--> append orders: id = src.id | amount = src.a

-- triggers fire triggers, but not themselves
-- sqlite a(x) b(x) c(x) src(x)
CREATE TRIGGER ta AFTER INSERT ON a BEGIN INSERT INTO b SELECT new.x + 1; END; CREATE TRIGGER tb AFTER INSERT ON b BEGIN INSERT INTO c SELECT new.x; INSERT INTO a SELECT 1; END; INSERT INTO a SELECT x FROM src
--> exact reads nothing
--> exact reads nothing
--> exact reads src
--> append a: x = src.x
--> append b: x = src.x:T
--> append c: x = src.x:T
--> append a: x =

-- INSTEAD OF: the view is not written
-- sqlite orders(id, amount) v(id, amount)
CREATE TRIGGER iv INSTEAD OF UPDATE ON v BEGIN UPDATE orders SET amount = new.amount WHERE id = old.id; END; UPDATE v SET amount = amount + 1 WHERE id = 3
--> exact reads nothing
--> exact reads orders, v
--> upsert orders: amount = v.amount:T | all: orders.id:F v.id:F

-- a trigger's function of PostgreSQL: it writes, and it changes the row
-- postgres orders(id, amount, city) hist(id, old, new) src(id, a, b)
CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO hist VALUES (old.id, old.amount, new.amount); RETURN new; END $$; CREATE TRIGGER t AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION log_it(); CREATE FUNCTION low() RETURNS trigger AS $f$ BEGIN NEW.city := lower(NEW.city); RETURN NEW; END; $f$ LANGUAGE plpgsql; CREATE TRIGGER l BEFORE INSERT ON orders FOR EACH ROW EXECUTE PROCEDURE low(); UPDATE orders SET amount = amount + 1 WHERE city = 'b'; INSERT INTO orders SELECT id, a, b FROM src
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads nothing
--> exact reads orders
--> upsert orders: amount = orders.amount:T | all: orders.city:F
--> append hist: id = orders.id | old = orders.amount | new = orders.amount:T | all: orders.city:F
--> exact reads src
--> append orders: id = src.id | amount = src.a | city = src.b:T

-- steps on a condition are not followed, but their tables are told
-- postgres orders(id, amount) hist(id) src(id, a)
CREATE FUNCTION c() RETURNS trigger AS $$ BEGIN IF tg_op = 'INSERT' THEN INSERT INTO hist SELECT new.id; END IF; RETURN null; END $$ LANGUAGE plpgsql; CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION c(); INSERT INTO orders SELECT id, a FROM src
--> exact reads nothing
--> exact reads nothing
--> conservative reads src
--> append orders: id = src.id | amount = src.a
--> writes hist:

-- SET of a column in a trigger of MySQL
-- mysql orders(id, amount, city) src(id, a, b)
CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.city = concat(NEW.city, NEW.amount); INSERT INTO orders SELECT id, a, b FROM src
--> exact reads nothing
--> exact reads src
--> append orders: id = src.id | amount = src.a | city = src.a:T src.b:T
