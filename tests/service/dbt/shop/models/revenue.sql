select sum(doubled) as total from {{ ref('orders') }}
