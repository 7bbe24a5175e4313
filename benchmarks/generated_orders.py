"""A made-up company of any size in a warehouse, generated in the engine: core tables, the customers
they are linked to, their segments and scores.

Usage: generated_orders.py LINES FOLDER [SEED]. Writes FOLDER/aar.yaml, its rates and warehouse.
Fifty order lines a customer, about ten an order, over 24 months; everything else in proportion to
the customers. Random numbers are hashes of what they are about, so that a seed makes the same rows
whatever order the threads write them in.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

from aar_platform.resources.warehouse import Warehouse
from aar_platform.tables import catalogue

START, END = date(2024, 7, 1), date(2026, 7, 1)
DAYS = (END - START).days
# Nothing happens in the last three hours: in Paris they are of the month after.
SECONDS = DAYS * 86_400 - 10_800
# The source that tells no orders, only their lines.
LINES_ONLY = "erp"
LINES_A_CUSTOMER, LINES_AN_ORDER = 50, 10
CONFIGURATION = """\
organisation: {name: Benchmark, currency: EUR, timezone: Europe/Paris, locale: en, country: FR}
start: 2024-07-01
exchange_rates: rates.csv
sources: []
warehouse: {url: duckdb://warehouse.duckdb}
"""
CHANNELS = "['web', 'store', 'app', 'phone', 'marketplace', 'email']"
COUNTRIES = "['FR', 'DE', 'GB', 'US', 'ES', 'IT', 'NL', 'BE']"

# A customer `c` and what they are. Records: all are in the shop, half in the ERP, a third in the
# marketplace, a third in the CRM, four in five get newsletters.
PEOPLE = """
select c, 'C' || upper(substr(md5(c::varchar || ':{seed}'), 1, 15)) as customer_id,
    {countries}[[1,1,1,1,1,1,1,2,2,2,2,3,3,3,4,4,5,6,7,8][1 + pick(c, 1, 20)]] as country,
    pick(c, 2, 300) as town, pick(c, 3, 730) as day,
    case when u(c, 4) < 0.8 then ['female', 'male'][1 + pick(c, 5, 2)] end as gender,
    case when u(c, 6) < 0.7 then date '1940-01-01' + pick(c, 7, 24000) end as birth_date,
    case when u(c, 8) < 0.6 then 'owner' || pick(c, 9, 30) || '@example.com' end as owner,
    {channels}[1 + pick(c, 10, 6)] as won_by
from range({customers}) t(c)
"""
RECORDS = """
select p.*, s.source, s.source || '-' || c as contact_id
from people p, (values ('shop', 1, 0), ('erp', 2, 0), ('market', 3, 0), ('crm', 3, 1),
    ('mail', 5, 0)) s(source, every, rest)
where case when s.source = 'mail' then c % 5 <> 0 else c % s.every = s.rest end
"""
# A customer's number is skewed: the busiest have a hundred orders, many one.
ORDERS = """
select o, p.c, source, p.country as home, p.town, source || '-' || o as order_id,
    case when u(o, 17) < 0.95 then source || '-' || p.c end as contact_id,
    case when u(o, 14) < 0.95 then p.country else {countries}[1 + pick(o, 15, 8)] end as country,
    case p.country when 'US' then 'USD' when 'GB' then 'GBP' else 'EUR' end as currency,
    timestamp '2024-07-01' + to_seconds(pick(o, 16, {seconds})) as ordered_at,
    1 + pick(o, 18, 19) as lines
from (
    select o, floor({customers} * pow(u(o, 11), 1.3))::bigint as c,
        case when u(o, 12) < 0.4 and c % 2 = 0 then 'erp'
            when u(o, 12) > 0.7 and c % 3 = 0 then 'market' else 'shop' end as source
    from range({orders}) t(o)
) o join people p on p.c = o.c
"""
TABLES = {
    "order_lines": """
select source, order_id || '/' || k as record_id, order_id, record_id as line_id,
    'SKU' || n as sku, 'Product ' || n as product, 'Category ' || n % 12 as category,
    1 + pick(o * 32 + k, 22, 4) as quantity, 5 + n % 97 + 0.9 as unit_price,
    quantity * unit_price as amount, currency, ordered_at, contact_id, country,
    ordered_at as updated_at, false as is_deleted
from (select *, floor(2000 * pow(u(o * 32 + k, 21), 2))::bigint as n
      from (select *, unnest(range(lines)) as k from bought))
""",
    "orders": """
select b.source, b.order_id as record_id, b.order_id, b.contact_id, b.ordered_at,
    case when u(o, 31) < 0.02 then 'cancelled' else 'paid' end as status,
    {channels}[1 + pick(o, 32, 6)] as channel,
    case when u(o, 33) < 0.4 then 'Campaign ' || pick(o, 34, 40) end as campaign, b.country,
    case when b.country = b.home then 'Region ' || b.town % 50 end as region, b.currency,
    l.amount as gross, 4.9 as shipping, l.amount + 4.9 as total, false as is_test,
    b.ordered_at as updated_at, false as is_deleted
from bought b join
    (select order_id, sum(amount) as amount from order_lines group by 1) l using (order_id)
where source <> 'erp'
""",
    "refunds": """
select source, 'r-' || order_id as record_id, record_id as refund_id, order_id, contact_id,
    ordered_at + to_days(1 + pick(o, 36, 30)) as refunded_at,
    10 + pick(o, 37, 4000) / 100 as amount, currency, refunded_at as updated_at, false as is_deleted
from bought where u(o, 35) < 0.03 and refunded_at < timestamp '2026-06-30'
""",
    "contacts": """
select source, contact_id as record_id, contact_id, 'Given ' || c as given_name,
    'Family ' || c as family_name, 'p' || c || '@example.com' as email, 'City ' || town as city,
    'Region ' || town % 50 as region, country, birth_date, gender, owner,
    case when u(c, 41) < 0.6 then timestamp '2024-07-01' + to_days(day) end as acquired_at,
    case when u(c, 41) < 0.6 then won_by end as acquisition_channel,
    case when u(c, 42) < 0.3 then 'Campaign ' || pick(c, 43, 40) end as acquisition_campaign,
    timestamp '2024-07-01' + to_days(day) as created_at, created_at as updated_at,
    false as is_deleted
from records
""",
    "companies": "select 'shop' as source where false",
    "customers": """
select customer_id, 'person' as kind, 'Given ' || c || ' Family ' || c as display_name,
    'p' || c || '@example.com' as email, 'City ' || town as city, 'Region ' || town % 50 as region,
    country, birth_date, gender, owner, timestamp '2024-07-01' + to_days(day) as first_seen_at,
    timestamp '2026-06-30' as last_seen_at, 3 as record_count
from people
""",
    "customer_links": """
select source, 'contacts' as object, contact_id as record_id, customer_id, 'exact' as method,
    1.0 as match_probability, timestamp '2026-06-30' as linked_at
from records
""",
    "customer_segments": """
select customer_id, 'rfm' as scheme, ['champions', 'loyal', 'new', 'at_risk', 'lost'][1 + n] as
    segment, ['Champions', 'Loyal', 'New', 'At risk', 'Lost'][1 + n] as label,
    date '2026-06-30' as as_of
from (select *, pick(c, 51, 5) as n from people)
""",
    "customer_scores": """
select customer_id, date '2026-06-30' as as_of, u(c, 52) as probability_alive,
    500 * u(c, 53) as historic_clv, 200 * u(c, 54) as predicted_clv, 1 - u(c, 52) as
    churn_probability
from people
""",
    "campaigns": """
select 'mail' as source, 'k' || n as record_id, record_id as campaign_id, 'Campaign ' || n as name,
    'email' as channel, timestamp '2024-07-01 09:00:00' + to_days((n * 18)::int) as sent_at,
    250 as cost, 'EUR' as currency, sent_at as updated_at, false as is_deleted
from range(40) t(n)
""",
    "messages": """
select 'mail' as source, 'm' || c || '-' || m || '-' || event as record_id,
    record_id as message_id, 'k' || k as campaign_id, 'mail-' || c as contact_id, event,
    timestamp '2024-07-01 09:00:00' + to_days((k * 18)::int)
        + to_seconds(pick(c, m + 66, 86400) * e) as occurred_at, occurred_at as updated_at,
    false as is_deleted
from (select *, (pick(c, 61, 40) + m * 7) % 40 as k from people, range(5) t(m) where c % 5 <> 0),
    (values ('sent', 0, 1), ('delivered', 1, 0.96), ('opened', 2, 0.4), ('clicked', 3, 0.1),
            ('bounced', 1, 0.02), ('unsubscribed', 3, 0.01)) events(event, e, share)
where case when event = 'bounced' then u(c * 8 + m, 1) >= 0.98 else u(c * 8 + m, e) < share end
""",
    "tickets": """
select 'crm' as source, 't' || c as record_id, record_id as ticket_id, 'crm-' || c as contact_id,
    ['mail', 'phone', 'chat'][1 + pick(c, 71, 3)] as channel,
    timestamp '2024-07-01' + to_seconds(pick(c, 72, {seconds})) as opened_at,
    opened_at + to_seconds(pick(c, 73, 90000)) as first_replied_at,
    case when u(c, 74) < 0.95 then opened_at + to_seconds(90000 + pick(c, 75, 500000)) end as
        solved_at,
    case when u(c, 76) < 0.3 then ['good', 'bad'][1 + pick(c, 77, 2)] else 'offered' end as
        satisfaction, opened_at as updated_at, false as is_deleted
from people where c % 3 = 1
""",
    "deals": """
select 'crm' as source, 'd' || c as record_id, record_id as deal_id, 'crm-' || c as contact_id,
    'seller' || pick(c, 81, 30) || '@example.com' as owner, u(c, 82) < 0.3 as is_won,
    u(c, 82) < 0.8 as is_closed, 1000 * u(c, 83) as amount, 'EUR' as currency,
    timestamp '2024-07-01' + to_days(pick(c, 84, 660)) as created_at,
    case when is_closed then created_at + to_days(pick(c, 85, 60)) end as closed_at,
    {channels}[1 + pick(c, 86, 6)] as channel, created_at as updated_at, false as is_deleted
from people where c % 18 = 1
""",
    "feedback": """
select 'crm' as source, 'f' || c as record_id, record_id as feedback_id,
    'crm-' || c as contact_id, 'survey' as channel,
    case when u(c, 91) < 0.5 then pick(c, 92, pick(c, 95, 2) * 6 + 5) end as score,
    case when pick(c, 95, 2) = 1 then 0 else 1 end as scale_min,
    case when pick(c, 95, 2) = 1 then 10 else 5 end as scale_max,
    timestamp '2024-07-01' + to_seconds(pick(c, 93, {seconds})) as given_at,
    given_at as updated_at, false as is_deleted
from people where c % 3 = 1 and u(c, 94) < 0.6
""",
    "web_visits": """
select 'shop' as source, 'w' || c || '-' || m as record_id, record_id as visit_id,
    case when u(c * 8 + m, 101) < 0.5 then 'shop-' || c end as contact_id,
    timestamp '2024-07-01' + to_seconds(pick(c * 8 + m, 102, {seconds})) as visited_at,
    {channels}[1 + pick(c * 8 + m, 103, 6)] as channel,
    case when u(c * 8 + m, 104) < 0.3 then 'Campaign ' || pick(c * 8 + m, 105, 40) end as campaign,
    country, 1 as sessions, 4 as page_views, (u(c * 8 + m, 106) < 0.05)::int as conversions,
    visited_at as updated_at, false as is_deleted
from people, range(2) t(m)
""",
    "spend": """
select 'ads' as source, 's' || n || '-' || k as record_id, record_id as spend_id,
    date '2024-07-01' + n::int as day, {channels}[1 + k % 6] as channel,
    'Campaign ' || k as campaign, 20 + pick(n * 64 + k, 111, 8000) / 100 as amount,
    'EUR' as currency, false as is_deleted
from range({days}) d(n), range(40) c(k)
""",
    "subscriptions": """
select 'shop' as source, 'a' || c as record_id, record_id as subscription_id,
    'shop-' || c as contact_id, 'plus' as plan,
    timestamp '2024-07-01' + to_days(pick(c, 121, 700)) as started_at,
    case when u(c, 122) < 0.4 then started_at + to_days(30 + pick(c, 123, 300)) end as ended_at,
    9.9 as monthly_amount, 'EUR' as currency, started_at as updated_at, false as is_deleted
from people where c % 20 = 7
""",
    "usage": """
select 'shop' as source, 'u' || c || '-' || m as record_id, record_id as usage_id,
    'shop-' || c as contact_id, date '2024-07-01' + pick(c * 8 + m, 131, {days}) as day,
    1 as quantity, false as is_deleted
from people, range(5) t(m) where c % 20 = 7
""",
}


def generate(lines: int, folder: Path, seed: int = 1) -> None:
    """Write the settings, rates and warehouse of a company with about `lines` order lines."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "aar.yaml").write_text(CONFIGURATION, encoding="utf-8")
    _write_rates(folder / "rates.csv")
    sizes = {"customers": lines // LINES_A_CUSTOMER, "orders": lines // LINES_AN_ORDER,
             "days": DAYS, "seconds": SECONDS, "seed": seed, "channels": CHANNELS,
             "countries": COUNTRIES}  # fmt: skip
    warehouse = Warehouse(folder / "warehouse.duckdb")
    run = warehouse.backend.raw_sql
    # A number from 0 to 1, and one of `n` whole ones, about `a`; `b` tells apart what is asked.
    run(f"create temp macro u(a, b) as hash(a, b, {seed}) / 18446744073709551616.0")
    run("create temp macro pick(a, b, n) as floor(u(a, b) * n)::int")
    for name, query in (("people", PEOPLE), ("records", RECORDS), ("bought", ORDERS)):
        run(f"create temp table {name} as {query.format(**sizes)}")
    for name, query in TABLES.items():
        _fill(warehouse, name, query.format(**sizes))
    warehouse.close()


def _fill(warehouse: Warehouse, name: str, query: str) -> None:
    """A table of the catalogue; columns that the query does not name are null."""
    run = warehouse.backend.raw_sql
    known = {row[0] for row in run(f"describe {query}").fetchall()}
    types = warehouse.backend.compiler.type_mapper
    columns = ", ".join(
        f'cast({column if column in known else "null"} as {types.to_string(dtype)}) as "{column}"'
        for column, dtype in catalogue.ibis_schema(name).items()
    )
    run(f"create or replace table main.{name} as select {columns} from ({query})")


def _write_rates(path: Path) -> None:
    rows = ["date,currency,rate"]
    for day in range(DAYS + 31):
        swing = (day % 60 - 30) / 1000
        when = START + timedelta(days=day)
        rows += [f"{when},USD,{0.91 + swing:.4f}", f"{when},GBP,{1.17 - swing:.4f}"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    generate(int(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
