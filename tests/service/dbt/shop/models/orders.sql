select id, amount * 2 as doubled from {{ ref('raw_orders') }}
