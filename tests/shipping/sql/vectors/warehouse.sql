-- TPC-DS 1: a common table expression read twice, once correlated
-- postgres store_returns(sr_customer_sk, sr_store_sk, sr_returned_date_sk, sr_fee) date_dim(d_date_sk, d_year) store(s_store_sk, s_state) customer(c_customer_sk, c_customer_id)
WITH customer_total_return AS (
  SELECT sr_customer_sk AS ctr_customer_sk, sr_store_sk AS ctr_store_sk, sum(sr_fee) AS ctr_total_return
  FROM store_returns, date_dim
  WHERE sr_returned_date_sk = d_date_sk AND d_year = 2000
  GROUP BY sr_customer_sk, sr_store_sk)
SELECT c_customer_id
FROM customer_total_return ctr1, store, customer
WHERE ctr1.ctr_total_return > (SELECT avg(ctr_total_return) * 1.2 FROM customer_total_return ctr2
                               WHERE ctr1.ctr_store_sk = ctr2.ctr_store_sk)
  AND s_store_sk = ctr1.ctr_store_sk AND s_state = 'TN' AND ctr1.ctr_customer_sk = c_customer_sk
ORDER BY c_customer_id LIMIT 100
--> exact reads customer, date_dim, store, store_returns
--> rows: c_customer_id = customer.c_customer_id | all: customer.c_customer_id:S customer.c_customer_sk:F date_dim.d_date_sk:F date_dim.d_year:F store.s_state:F store.s_store_sk:F store_returns.sr_customer_sk:FG store_returns.sr_fee:F store_returns.sr_returned_date_sk:F store_returns.sr_store_sk:FG

-- TPC-DS 2: unions in a common table expression, conditional sums by day of the week
-- duckdb web_sales(ws_sold_date_sk, ws_ext_sales_price) catalog_sales(cs_sold_date_sk, cs_ext_sales_price) date_dim(d_date_sk, d_week_seq, d_day_name)
WITH wscs AS (
  SELECT sold_date_sk, sales_price FROM (
    SELECT ws_sold_date_sk AS sold_date_sk, ws_ext_sales_price AS sales_price FROM web_sales
    UNION ALL
    SELECT cs_sold_date_sk, cs_ext_sales_price FROM catalog_sales) sq),
wswscs AS (
  SELECT d_week_seq,
         sum(CASE WHEN d_day_name = 'Sunday' THEN sales_price ELSE NULL END) AS sun_sales,
         sum(CASE WHEN d_day_name = 'Monday' THEN sales_price ELSE NULL END) AS mon_sales
  FROM wscs, date_dim WHERE d_date_sk = sold_date_sk GROUP BY d_week_seq)
SELECT d_week_seq, round(sun_sales / mon_sales, 2) AS r FROM wswscs
--> exact reads catalog_sales, date_dim, web_sales
--> rows: d_week_seq = date_dim.d_week_seq | r = catalog_sales.cs_ext_sales_price:A date_dim.d_day_name:C web_sales.ws_ext_sales_price:A | all: catalog_sales.cs_sold_date_sk:F date_dim.d_date_sk:F date_dim.d_week_seq:G web_sales.ws_sold_date_sk:F

-- TPC-DS 5 and 18: ROLLUP over a union of channels with literals
-- snowflake STORE_SALES(SS_STORE_SK, SS_NET_PROFIT) WEB_SALES(WS_SITE_SK, WS_NET_PROFIT)
SELECT channel, id, SUM(profit) AS profit
FROM (SELECT 'store' AS channel, 's' || ss_store_sk AS id, ss_net_profit AS profit FROM store_sales
      UNION ALL SELECT 'web', 'w' || ws_site_sk, ws_net_profit FROM web_sales) x
GROUP BY ROLLUP (channel, id) ORDER BY channel, id LIMIT 100
--> exact reads STORE_SALES, WEB_SALES
--> rows: CHANNEL = | ID = STORE_SALES.SS_STORE_SK:T WEB_SALES.WS_SITE_SK:T | PROFIT = STORE_SALES.SS_NET_PROFIT:A WEB_SALES.WS_NET_PROFIT:A | all: STORE_SALES.SS_STORE_SK:GS WEB_SALES.WS_SITE_SK:GS

-- TPC-DS 14: INTERSECT of three channels in IN
-- postgres item(i_item_sk, i_brand_id) store_sales(ss_item_sk, ss_qty) catalog_sales(cs_item_sk) web_sales(ws_item_sk)
SELECT ss_item_sk, sum(ss_qty) AS q FROM store_sales
WHERE ss_item_sk IN (SELECT i_item_sk FROM item, (
  SELECT iss.i_brand_id AS brand_id FROM store_sales s2, item iss WHERE s2.ss_item_sk = iss.i_item_sk
  INTERSECT SELECT ics.i_brand_id FROM catalog_sales, item ics WHERE cs_item_sk = ics.i_item_sk
  INTERSECT SELECT iws.i_brand_id FROM web_sales, item iws WHERE ws_item_sk = iws.i_item_sk) x
  WHERE i_brand_id = brand_id)
GROUP BY ss_item_sk
--> exact reads catalog_sales, item, store_sales, web_sales
--> rows: ss_item_sk = store_sales.ss_item_sk | q = store_sales.ss_qty:A | all: catalog_sales.cs_item_sk:F item.i_brand_id:F item.i_item_sk:F store_sales.ss_item_sk:FG web_sales.ws_item_sk:F

-- TPC-DS 36: GROUPING in a window's partition
-- snowflake STORE_SALES(SS_ITEM_SK, SS_NET_PROFIT, SS_EXT_SALES_PRICE) ITEM(I_ITEM_SK, I_CATEGORY, I_CLASS)
SELECT SUM(ss_net_profit) / SUM(ss_ext_sales_price) AS gross_margin, i_category,
       RANK() OVER (PARTITION BY i_category ORDER BY SUM(ss_net_profit) ASC) AS rank_within_parent
FROM store_sales JOIN item ON i_item_sk = ss_item_sk
GROUP BY ROLLUP (i_category, i_class)
--> exact reads ITEM, STORE_SALES
--> rows: GROSS_MARGIN = STORE_SALES.SS_EXT_SALES_PRICE:A STORE_SALES.SS_NET_PROFIT:A | I_CATEGORY = ITEM.I_CATEGORY | RANK_WITHIN_PARENT = ITEM.I_CATEGORY:W STORE_SALES.SS_NET_PROFIT:W | all: ITEM.I_CATEGORY:G ITEM.I_CLASS:G ITEM.I_ITEM_SK:J STORE_SALES.SS_ITEM_SK:J

-- TPC-DS 47: windows in a common table expression joined to itself thrice
-- trino item(i_item_sk, i_brand) store_sales(ss_item_sk, ss_sold_date_sk, ss_sales_price) date_dim(d_date_sk, d_moy)
WITH v1 AS (
  SELECT i_brand, d_moy, sum(ss_sales_price) sum_sales,
         avg(sum(ss_sales_price)) OVER (PARTITION BY i_brand) avg_monthly_sales,
         rank() OVER (PARTITION BY i_brand ORDER BY d_moy) rn
  FROM item, store_sales, date_dim
  WHERE ss_item_sk = i_item_sk AND ss_sold_date_sk = d_date_sk
  GROUP BY i_brand, d_moy),
v2 AS (
  SELECT v1.i_brand, v1.avg_monthly_sales, v1_lag.sum_sales psum, v1_lead.sum_sales nsum
  FROM v1, v1 v1_lag, v1 v1_lead
  WHERE v1.i_brand = v1_lag.i_brand AND v1.i_brand = v1_lead.i_brand
    AND v1.rn = v1_lag.rn + 1 AND v1.rn = v1_lead.rn - 1)
SELECT * FROM v2 WHERE avg_monthly_sales > 0
--> exact reads date_dim, item, store_sales
--> rows: i_brand = item.i_brand | avg_monthly_sales = item.i_brand:W store_sales.ss_sales_price:A | psum = store_sales.ss_sales_price:A | nsum = store_sales.ss_sales_price:A | all: date_dim.d_date_sk:F date_dim.d_moy:FG item.i_brand:FG item.i_item_sk:F store_sales.ss_item_sk:F store_sales.ss_sales_price:F store_sales.ss_sold_date_sk:F

-- TPC-DS 9: scalar subqueries in the branches of CASE
-- spark store_sales(ss_quantity, ss_ext_discount_amt, ss_net_paid) reason(r_reason_sk)
SELECT CASE WHEN (SELECT count(*) FROM store_sales WHERE ss_quantity BETWEEN 1 AND 20) > 74129
            THEN (SELECT avg(ss_ext_discount_amt) FROM store_sales WHERE ss_quantity BETWEEN 1 AND 20)
            ELSE (SELECT avg(ss_net_paid) FROM store_sales) END AS bucket1
FROM reason WHERE r_reason_sk = 1
--> exact reads reason, store_sales
--> rows: bucket1 = store_sales.ss_ext_discount_amt:A store_sales.ss_net_paid:A store_sales.ss_quantity:CF | all: reason.r_reason_sk:F

-- TPC-DS 10: EXISTS or EXISTS
-- redshift customer(c_customer_sk, c_current_cdemo_sk) customer_demographics(cd_demo_sk, cd_gender) web_sales(ws_bill_customer_sk) catalog_sales(cs_ship_customer_sk)
SELECT cd_gender, count(*) AS cnt1 FROM customer c, customer_demographics
WHERE cd_demo_sk = c.c_current_cdemo_sk
  AND (EXISTS (SELECT * FROM web_sales WHERE c.c_customer_sk = ws_bill_customer_sk)
       OR EXISTS (SELECT * FROM catalog_sales WHERE c.c_customer_sk = cs_ship_customer_sk))
GROUP BY cd_gender ORDER BY cd_gender
--> exact reads catalog_sales, customer, customer_demographics, web_sales
--> rows: cd_gender = customer_demographics.cd_gender | cnt1 = | all: catalog_sales.cs_ship_customer_sk:F customer.c_current_cdemo_sk:F customer.c_customer_sk:F customer_demographics.cd_demo_sk:F customer_demographics.cd_gender:GS web_sales.ws_bill_customer_sk:F

-- TPC-DS 51: cumulative windows joined fully, COALESCE of both keys
-- duckdb web_sales(item_sk, d_date, price) store_sales(item_sk, d_date, price)
WITH web AS (SELECT item_sk, d_date, sum(sum(price)) OVER (PARTITION BY item_sk ORDER BY d_date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) cume FROM web_sales GROUP BY item_sk, d_date),
store AS (SELECT item_sk, d_date, sum(sum(price)) OVER (PARTITION BY item_sk ORDER BY d_date) cume FROM store_sales GROUP BY 1, 2)
SELECT coalesce(web.item_sk, store.item_sk) AS item_sk, max(web.cume) OVER (PARTITION BY web.item_sk ORDER BY web.d_date) AS web_cumulative
FROM web FULL OUTER JOIN store ON web.item_sk = store.item_sk AND web.d_date = store.d_date
--> exact reads store_sales, web_sales
--> rows: item_sk = store_sales.item_sk:T web_sales.item_sk:T | web_cumulative = web_sales.d_date:W web_sales.item_sk:W web_sales.price:A | all: store_sales.d_date:GJ store_sales.item_sk:GJ web_sales.d_date:GJ web_sales.item_sk:GJ

-- TPC-DS 95: IN over a self join in a common table expression, distinct counts
-- postgres web_sales(ws_order_number, ws_warehouse_sk, ws_ext_ship_cost) web_returns(wr_order_number)
WITH ws_wh AS (SELECT ws1.ws_order_number FROM web_sales ws1, web_sales ws2
               WHERE ws1.ws_order_number = ws2.ws_order_number AND ws1.ws_warehouse_sk <> ws2.ws_warehouse_sk)
SELECT count(DISTINCT ws_order_number) AS n, sum(ws_ext_ship_cost) AS cost FROM web_sales ws1
WHERE ws1.ws_order_number IN (SELECT ws_order_number FROM ws_wh)
  AND ws1.ws_order_number IN (SELECT wr_order_number FROM web_returns, ws_wh WHERE wr_order_number = ws_wh.ws_order_number)
--> exact reads web_returns, web_sales
--> rows: n = web_sales.ws_order_number:Am | cost = web_sales.ws_ext_ship_cost:A | all: web_returns.wr_order_number:F web_sales.ws_order_number:F web_sales.ws_warehouse_sk:F

-- a model as dbt compiles it: import, rename, final
-- snowflake RAW.JAFFLE.CUSTOMERS(ID, FIRST_NAME, LAST_NAME) RAW.JAFFLE.ORDERS(ID, USER_ID, ORDER_DATE, STATUS) RAW.STRIPE.PAYMENT(ID, ORDERID, AMOUNT)
create or replace transient table analytics.dbt.dim_customers as (
with customers as (select id as customer_id, first_name, last_name from raw.jaffle.customers),
orders as (select id as order_id, user_id as customer_id, order_date, status from raw.jaffle.orders),
payments as (select orderid as order_id, amount / 100 as amount from raw.stripe.payment),
customer_orders as (select customer_id, min(order_date) as first_order_date, count(order_id) as number_of_orders from orders group by 1),
customer_payments as (
  select orders.customer_id, sum(amount) as total_amount
  from payments left join orders on payments.order_id = orders.order_id group by orders.customer_id),
final as (
  select customers.customer_id, customers.first_name || ' ' || customers.last_name as full_name,
         customer_orders.first_order_date, coalesce(customer_orders.number_of_orders, 0) as number_of_orders,
         customer_payments.total_amount as customer_lifetime_value
  from customers
  left join customer_orders using (customer_id)
  left join customer_payments on customers.customer_id = customer_payments.customer_id)
select * from final);
--> exact reads RAW.JAFFLE.CUSTOMERS, RAW.JAFFLE.ORDERS, RAW.STRIPE.PAYMENT
--> OVERWRITE ANALYTICS.DBT.DIM_CUSTOMERS: CUSTOMER_ID = RAW.JAFFLE.CUSTOMERS.ID | FULL_NAME = RAW.JAFFLE.CUSTOMERS.FIRST_NAME:T RAW.JAFFLE.CUSTOMERS.LAST_NAME:T | FIRST_ORDER_DATE = RAW.JAFFLE.ORDERS.ORDER_DATE:A | NUMBER_OF_ORDERS = RAW.JAFFLE.ORDERS.ID:Am | CUSTOMER_LIFETIME_VALUE = RAW.STRIPE.PAYMENT.AMOUNT:A | all: RAW.JAFFLE.CUSTOMERS.ID:J RAW.JAFFLE.ORDERS.ID:J RAW.JAFFLE.ORDERS.USER_ID:GJ RAW.STRIPE.PAYMENT.ORDERID:J

-- an incremental model of dbt: delete and insert by a temporary table
-- postgres src.events(id, ts, payload) dwh.events(id, ts, payload)
create temporary table "events__dbt_tmp" as (
  with new as (select id, ts, payload from src.events where ts > (select max(ts) from dwh.events))
  select * from new);
delete from "dwh"."events" where (id) in (select (id) from "events__dbt_tmp");
insert into "dwh"."events" ("id", "ts", "payload") (select "id", "ts", "payload" from "events__dbt_tmp")
--> exact reads nothing
--> exact reads dwh.events, src.events
--> delete dwh.events: all: dwh.events.id:F dwh.events.ts:F src.events.id:F src.events.ts:F
--> exact reads dwh.events, src.events
--> append dwh.events: id = src.events.id | ts = src.events.ts | payload = src.events.payload | all: dwh.events.ts:F src.events.ts:F

-- a snapshot of dbt: a slowly changing dimension by MERGE
-- bigquery d.snap(k, v, valid_from, valid_to) d.src(k, v, updated_at)
MERGE INTO d.snap AS dest USING (
  SELECT k, v, updated_at AS valid_from, 'insert' AS change_type FROM d.src
  UNION ALL
  SELECT s.k, s.v, s.updated_at, 'update' FROM d.src s JOIN d.snap p ON s.k = p.k WHERE s.v != p.v
) AS i ON dest.k = i.k
WHEN MATCHED AND dest.valid_to IS NULL AND i.change_type = 'update' THEN UPDATE SET valid_to = i.valid_from
WHEN NOT MATCHED AND i.change_type = 'insert' THEN INSERT (k, v, valid_from) VALUES (i.k, i.v, i.valid_from)
--> exact reads d.snap, d.src
--> upsert d.snap: k = d.src.k | v = d.src.v | valid_from = d.src.updated_at | valid_to = d.src.updated_at | all: d.snap.k:J d.snap.v:F d.snap.valid_to:F d.src.k:J d.src.v:F

-- sessions: gaps and islands, four levels deep
-- redshift events(user_id, ts, url)
SELECT user_id, session_no, min(ts) AS started, count(*) AS hits FROM (
  SELECT user_id, ts, sum(is_new) OVER (PARTITION BY user_id ORDER BY ts ROWS UNBOUNDED PRECEDING) AS session_no FROM (
    SELECT user_id, ts, CASE WHEN datediff(minute, prev, ts) > 30 OR prev IS NULL THEN 1 ELSE 0 END AS is_new FROM (
      SELECT user_id, ts, lag(ts) OVER (PARTITION BY user_id ORDER BY ts) AS prev FROM events WHERE url <> '/ping') a) b) c
GROUP BY user_id, session_no
--> exact reads events
--> rows: user_id = events.user_id | session_no = events.ts:CW events.user_id:CW | started = events.ts:A | hits = | all: events.ts:G events.url:F events.user_id:G

-- a funnel: counts with FILTER over a self join
-- postgres ev(uid, name, ts)
SELECT count(DISTINCT a.uid) AS seen, count(DISTINCT b.uid) FILTER (WHERE b.ts > a.ts) AS bought
FROM ev a LEFT JOIN ev b ON a.uid = b.uid AND b.name = 'buy' WHERE a.name = 'view'
--> exact reads ev
--> rows: seen = ev.uid:Am | bought = ev.ts:C ev.uid:Am | all: ev.name:FJ ev.uid:J

-- median and mode by ordered sets
-- postgres t(k, v, w)
SELECT k, percentile_cont(0.5) WITHIN GROUP (ORDER BY v) AS med, mode() WITHIN GROUP (ORDER BY w DESC) AS m,
       string_agg(w, ',' ORDER BY v) AS l
FROM t GROUP BY GROUPING SETS ((k), ())
--> exact reads t
--> rows: k = t.k | med = t.v:A | m = t.w:A | l = t.v:S t.w:A | all: t.k:G

-- a calendar made by recursion, joined to facts
-- snowflake SALES(D, AMT)
WITH RECURSIVE cal (d) AS (SELECT '2024-01-01'::date UNION ALL SELECT dateadd(day, 1, d) FROM cal WHERE d < '2024-12-31')
SELECT cal.d, COALESCE(SUM(s.amt), 0) AS amt FROM cal LEFT JOIN sales s ON s.d = cal.d GROUP BY cal.d ORDER BY 1
--> exact reads SALES
--> rows: D = | AMT = SALES.AMT:A | all: SALES.D:J

-- a hierarchy by recursion: paths and depth
-- postgres emp(id, boss, name, active)
WITH RECURSIVE chain AS (
  SELECT id, boss, name::text AS path, 1 AS depth FROM emp WHERE boss IS NULL
  UNION ALL
  SELECT e.id, e.boss, c.path || '/' || e.name, c.depth + 1 FROM emp e JOIN chain c ON e.boss = c.id WHERE e.active)
SELECT id, path, depth FROM chain
--> exact reads emp
--> rows: id = emp.id | path = emp.name:T | depth = | all: emp.active:F emp.boss:FJ emp.id:J

-- recursion below a common table expression below another
-- duckdb edges(src, dst, w)
WITH base AS (SELECT src, dst, w FROM edges WHERE w > 0),
     walk AS (WITH RECURSIVE r AS (SELECT src, dst, w AS cost FROM base UNION ALL SELECT r.src, b.dst, r.cost + b.w FROM r JOIN base b ON r.dst = b.src) SELECT * FROM r),
     best AS (SELECT src, dst, min(cost) AS cost FROM walk GROUP BY ALL)
SELECT dst, cost FROM best WHERE src = 1
--> exact reads edges
--> rows: dst = edges.dst | cost = edges.w:A | all: edges.dst:GJ edges.src:FGJ edges.w:F

-- last row per key, two ways
-- postgres t(k, ts, v)
SELECT DISTINCT ON (k) k, v FROM t ORDER BY k, ts DESC;
SELECT k, v FROM (SELECT *, row_number() OVER (PARTITION BY k ORDER BY ts DESC) AS rn FROM t) q WHERE rn = 1
--> exact reads t
--> rows: k = t.k | v = t.v | all: t.k:GS t.ts:S
--> exact reads t
--> rows: k = t.k | v = t.v | all: t.k:F t.ts:F

-- a cross tab by hand: CASE within aggregates, CUBE
-- oracle SALES(REGION, YEAR, AMT)
SELECT region, SUM(CASE year WHEN 2023 THEN amt END) AS y23, SUM(DECODE(year, 2024, amt, 0)) AS y24, GROUP_ID() AS g FROM sales GROUP BY CUBE (region, year)
--> exact reads SALES
--> rows: REGION = SALES.REGION | Y23 = SALES.AMT:A SALES.YEAR:C | Y24 = SALES.AMT:A SALES.YEAR:C | G = | all: SALES.REGION:G SALES.YEAR:G

-- a derived table joined to a scalar subquery in its condition
-- duckdb o(id, cust, amt) c(id, tier)
SELECT x.cust, x.total, c.tier FROM (SELECT cust, sum(amt) AS total FROM o GROUP BY cust) x JOIN c ON c.id = x.cust AND x.total > (SELECT avg(amt) FROM o)
--> exact reads c, o
--> rows: cust = o.cust | total = o.amt:A | tier = c.tier | all: c.id:J o.amt:J o.cust:GJ

-- set operations nest by precedence
-- postgres a(x, y) b(x, y) c(x, y)
SELECT x FROM a UNION SELECT x FROM b INTERSECT SELECT y FROM c
--> exact reads a, b, c
--> rows: x = a.x b.x c.y | all: a.x:G b.x:FG c.y:FG

-- EXCEPT in parentheses on the left of UNION
-- duckdb a(x, y) b(p, q) c(m, n)
(SELECT x, y FROM a EXCEPT SELECT p, q FROM b) UNION ALL SELECT n, m FROM c ORDER BY y
--> exact reads a, b, c
--> rows: x = a.x c.n | y = a.y c.m | all: a.x:F a.y:FS b.p:F b.q:F c.m:S
