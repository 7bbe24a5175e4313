"""Customers won: each once, on the day they became one."""

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import customers_of, living
from aar_platform.kpis.customer_rows import with_traits
from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact
from aar_platform.kpis.local_time import local_day


@fact("source", "channel", "campaign", "country", "region", *TRAITS, lasts=True)
def acquisitions(
    contacts: ir.Table,
    purchases: ir.Table,
    customer_links: ir.Table,
    traits: ir.Table,
    timezone: str,
) -> ir.Table:
    """The day is the first `acquired_at` that any contact record of the customer states, else that
    of the first purchase. Channel and campaign are those that the earliest contact record to state
    a channel or campaign names, else those of the first purchase; the source is where the day is
    from.
    """
    people = customers_of(living(contacts), "contacts", customer_links)
    people = people.filter(people.customer_id.notnull())
    dated = people.filter(people.acquired_at.notnull())
    earliest = [dated.acquired_at, dated.record_id, dated.source]
    stated = dated.group_by("customer_id").aggregate(
        stated_on=local_day(dated.acquired_at.min(), timezone),
        stated_source=dated.source.first(order_by=earliest),
        stated_record=dated.record_id.first(order_by=earliest),
    )
    people = people.mutate(
        told_channel=people.acquisition_channel.nullif(""),
        told_campaign=people.acquisition_campaign.nullif(""),
    )
    telling = people.filter(people.told_channel.notnull() | people.told_campaign.notnull())
    # Both of one record: a channel of one and a campaign of another would be no place at all.
    names = ("told_channel", "told_campaign")
    oldest = [
        telling.created_at.fill_null(ibis.timestamp("9999-01-01")),
        telling.record_id,
        *(telling[name] for name in names),
    ]
    told = telling.group_by("customer_id").aggregate(
        **{name: telling[name].first(order_by=oldest, include_null=True) for name in names}
    )
    bought = purchases.filter(purchases.nth == 0).select(
        "customer_id", "sold_on", "source", "record_id", "channel", "campaign", "country", "region"
    )
    won = stated.outer_join(bought, "customer_id")
    won = won.mutate(customer_id=won.customer_id.fill_null(won.customer_id_right))
    won = won.drop("customer_id_right").left_join(told, "customer_id")
    is_told = won.told_channel.notnull() | won.told_campaign.notnull()
    rows = won.select(
        "customer_id",
        "country",
        "region",
        table=won.stated_on.notnull().ifelse("contacts", "orders"),
        source=won.stated_source.fill_null(won.source),
        record_id=won.stated_record.fill_null(won.record_id),
        day=won.stated_on.fill_null(won.sold_on),
        channel=is_told.ifelse(won.told_channel, won.channel),
        campaign=is_told.ifelse(won.told_campaign, won.campaign),
    )
    return with_traits(rows, traits)
