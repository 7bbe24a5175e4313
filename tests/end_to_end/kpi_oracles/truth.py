"""What is true of the made-up company, as plain frames of what happened: one row per event, with
its day in Paris, its true person and everything it can be split by. Nothing here is the platform's
own work but what stands in `customers`: the traits of a person chosen from several records."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import pairwise

import pandas as pd

ZONE = "Europe/Paris"
TRAITS = ("city", "segment", "owner", "age_band", "gender")
WOMEN, MEN = ("f", "女"), ("m", "男")
POINTS = {"purchase": 30, "feedback": 10, "click": 6, "visit": 5, "usage": 5, "open": 3}


class Truth:
    """The truth in a folder; `linked` says what the platform knows of each true customer."""

    def __init__(self, read, rates, linked):
        self.read = read
        self.quotes = {
            (row["date"], row["currency"]): Decimal(row["rate"]) for _, row in rates.iterrows()
        }
        self.linked = linked
        self.customers_on = {}

    def euros(self, amount, currency, day):
        """An amount in ten-thousandths of a euro at the last rate of the eight days to `day`."""
        if amount == "":
            return 0
        worth = Decimal(amount)
        if currency != "EUR":
            days = [(day - pd.Timedelta(days=back)).strftime("%Y-%m-%d") for back in range(8)]
            worth *= next(self.quotes[one, currency] for one in days if (one, currency) in
                          self.quotes)  # fmt: skip
        return int(worth.quantize(Decimal("0.0001"), ROUND_HALF_UP).scaleb(4))

    @cached_property
    def traits(self):
        """What is known of each customer, by customer."""
        known = self.linked.customers.set_index("customer_id")
        known = known.assign(segment=self.linked.labels)
        known["age_band"] = [band_of(born, self.last) for born in pd.to_datetime(known.birth_date)]
        known["gender"] = [gender_of(said) for said in known.gender]
        names = ["city", "segment", "owner", "age_band", "gender", "country", "region"]
        return known[names].astype(object).where(known[names].notna(), "")

    def of(self, rows, own=()):
        """The rows with the traits of their customers, but for columns that are their `own`; what
        is not known is "unknown"."""
        rows = rows.copy()
        rows["all"] = "all"
        for name in (*TRAITS, "country", "region"):
            home = rows["customer"].map(self.traits[name]).fillna("")
            rows[name] = rows[name].where(rows[name] != "", home) if name in own else home
        for name in (*TRAITS, "country", "region", "channel", "campaign"):
            rows[name] = rows[name].replace("", "unknown") if name in rows else "unknown"
        return rows

    @cached_property
    def sales(self):
        """Orders that count and refunds, by the moment; nothing is cancelled or a test."""
        orders = self.read("orders")
        assert (orders["is_test"] == "false").all()
        assert (orders["cancelled_at"] == "").all()
        assert (orders["country"] != "").all()
        orders = orders.assign(kind="order", order=orders["record_id"], at=orders["ordered_at"])
        refunds = self.read("refunds").rename(columns={"order_id": "order"})
        at = refunds["refunded_at"]
        refunds = refunds.assign(kind="refund", at=at, total="-" + refunds["amount"])
        place = orders[["source", "order", "entity", "country", "channel", "campaign"]]
        refunds = refunds.drop(columns="entity").merge(place, on=["source", "order"], how="left")
        assert refunds["entity"].notna().all()
        columns = ["source", "kind", "record_id", "order", "entity", "at", "country", "channel",
                   "campaign", "total", "currency"]  # fmt: skip
        rows = pd.concat([orders[columns], refunds[columns]], ignore_index=True)
        rows = rows.rename(columns={"entity": "customer"})
        rows["day"] = local(rows["at"]).dt.normalize()
        rows["worth"] = [
            self.euros(*one)
            for one in zip(rows["total"], rows["currency"], rows["day"], strict=True)
        ]
        return rows.sort_values(["at", "source", "record_id"]).reset_index(drop=True)

    @cached_property
    def last(self):
        """The last day with data: that of the last sale."""
        return self.sales["day"].max()

    @cached_property
    def sold(self):
        """Sales with what they can be split by."""
        return self.of(self.sales, own=("country",))

    @cached_property
    def lines(self):
        """Sales, a row for each line of the order: what the order was worth, shared out by what
        its lines are worth."""
        by_order = {}
        for line in self.read("order_lines").itertuples():
            parts = by_order.setdefault((line.source, line.order_id), [])
            parts.append((line.category, line.product, Decimal(line.amount)))
        rows = []
        for sale in self.sales.itertuples():
            parts = by_order[sale.source, sale.order]
            whole = sum(value for _, _, value in parts)
            assert whole != 0
            for category, product, value in parts:
                worth = float(Decimal(sale.worth) * value / whole)
                rows.append((sale.kind, sale.day, category or "unknown", product or "unknown",
                             worth, sale.worth))  # fmt: skip
        names = ["kind", "day", "category", "product", "worth", "whole"]
        return pd.DataFrame(rows, columns=names).assign(all="all")

    @cached_property
    def purchases(self):
        """Orders of more than nothing of known customers, with the days before and after."""
        sold = self.sold
        rows = sold[(sold.kind == "order") & (sold.worth > 0) & (sold.customer != "")].copy()
        own = rows.groupby("customer")
        rows["nth"] = own.cumcount()
        rows["before"], rows["after"] = own["day"].shift(1), own["day"].shift(-1)
        return rows

    @cached_property
    def purchases_of(self):
        """The purchases of each customer."""
        return dict(list(self.purchases.groupby("customer")))

    @cached_property
    def churn_days(self):
        """Nine in ten gaps between the days on which a customer bought are at most so long."""
        gaps = []
        for _, own in self.purchases.groupby("customer"):
            days = sorted(set(own["day"]))
            gaps += [(after - before).days for before, after in pairwise(days)]
        assert len(gaps) >= 30
        return min(max(int(-(-pd.Series(gaps).quantile(0.9) // 1)), 30), 365)

    @cached_property
    def subscriptions(self):
        """Subscriptions by their first and last day; no end while one runs."""
        rows = self.read("subscriptions").rename(columns={"entity": "customer"})
        rows["day"] = local(rows["started_at"]).dt.normalize()
        rows["ends"] = local(rows["ended_at"]).dt.normalize()
        rows["ran"] = rows["ends"].isna() | (rows["ends"] > rows["day"])
        return self.of(rows)

    @cached_property
    def acquisitions(self):
        """Customers by the day on which a contact says they became one, else of the first purchase;
        their channel and campaign by the oldest contact that says either, else the purchase."""
        contacts = self.read("contacts").merge(self.linked.created, on=["source", "record_id"])
        contacts = contacts.sort_values(["created_at", "source", "record_id"], na_position="last")
        firsts = self.purchases[self.purchases["nth"] == 0].set_index("customer")
        stated = contacts[contacts["acquired_at"] != ""].sort_values(["acquired_at", "source"])
        stated = stated.drop_duplicates("entity").set_index("entity")
        says = (contacts["acquisition_channel"] != "") | (contacts["acquisition_campaign"] != "")
        told = contacts[says].drop_duplicates("entity").set_index("entity")
        rows = []
        for customer in sorted({*firsts.index, *stated.index}):
            first = firsts.loc[customer] if customer in firsts.index else None
            row = {"customer": customer, "country": "", "region": "", "channel": "", "campaign": ""}
            if first is not None:
                row |= {"source": first.source, "day": first.day}
                row |= {
                    name: "" if first[name] == "unknown" else first[name]
                    for name in ("country", "region", "channel", "campaign")
                }
            if customer in stated.index:
                said = stated.loc[customer]
                day = local(pd.Series([said.acquired_at])).dt.normalize()[0]
                row |= {"source": said.source, "day": day}
            if customer in told.index:
                said = told.loc[customer]
                row |= {
                    "channel": said.acquisition_channel,
                    "campaign": said.acquisition_campaign,
                }
            rows.append(row)
        return self.of(pd.DataFrame(rows), own=("country", "region"))

    @cached_property
    def earned(self):
        """Sales of customers who were won, in the channel and campaign that won them."""
        won = self.acquisitions.set_index("customer")
        rows = self.sold[self.sold["customer"].isin(won.index)].copy()
        rows["channel"] = rows["customer"].map(won["channel"])
        rows["campaign"] = rows["customer"].map(won["campaign"])
        rows["day"] = rows[["day"]].assign(won=rows["customer"].map(won["day"])).max(axis=1)
        return rows

    @cached_property
    def spend(self):
        """What was spent; no campaign tells a cost of its own."""
        assert (self.read("campaigns")["cost"] == "").all()
        rows = self.read("spend").assign(all="all")
        rows["day"] = pd.to_datetime(rows["day"])
        rows["worth"] = [
            self.euros(*one)
            for one in zip(rows["amount"], rows["currency"], rows["day"], strict=True)
        ]
        return rows.replace({"channel": {"": "unknown"}, "campaign": {"": "unknown"}})

    @cached_property
    def messages(self):
        """Events of messages, with their hour of the week."""
        rows = self.read("messages").rename(columns={"entity": "customer"})
        campaigns = self.read("campaigns")
        key = campaigns.set_index(["source", "record_id"])["channel"].to_dict()
        at = local(rows["occurred_at"])
        rows["at"], rows["day"] = at, at.dt.normalize()
        rows["weekday_hour"] = at.dt.strftime("%a %H")
        rows["channel"] = [key[one] for one in zip(rows.source, rows.campaign_id, strict=True)]
        return self.of(rows)

    @cached_property
    def mailings(self):
        """One row per campaign and recipient, as it was sent, and what became of it."""
        tells = set(self.messages.loc[self.messages["event"] == "delivered", "source"])
        events_of = {}
        for row in self.messages.sort_values("at").to_dict("records"):
            key = row["source"], row["campaign_id"], row["contact_id"]
            events_of.setdefault(key, []).append(row)
        rows = []
        for (source, _, _), events in events_of.items():
            happened = {one["event"] for one in events}
            first = next((one for one in events if one["event"] == "sent"), events[0])
            opened = bool(happened & {"opened", "clicked"})
            came = "delivered" in happened if source in tells else "bounced" not in happened
            rows.append(
                {
                    **first,
                    "opened": opened,
                    "clicked": "clicked" in happened,
                    "bounced": "bounced" in happened,
                    "left": "unsubscribed" in happened,
                    "delivered": came or opened or "unsubscribed" in happened,
                }
            )
        return pd.DataFrame(rows)

    @cached_property
    def tickets(self):
        """Tickets by the days on which they were opened, first answered and solved."""
        rows = self.read("tickets").rename(columns={"entity": "customer"})
        opened, replied, solved = (
            pd.to_datetime(rows[name], utc=True, errors="coerce")
            for name in ("opened_at", "first_replied_at", "solved_at")
        )
        rows["day"] = local(rows["opened_at"]).dt.normalize()
        rows["replied"] = local(rows["first_replied_at"]).dt.normalize()
        rows["solved"] = local(rows["solved_at"]).dt.normalize()
        rows["response"] = (replied - opened).dt.total_seconds() / 3600
        rows["resolution"] = (solved - opened).dt.total_seconds() / 3600
        rows["rated"] = rows["satisfaction"] != ""
        rows["good"] = rows["satisfaction"].isin(["good", "extremely happy"])
        return self.of(rows)

    @cached_property
    def feedback(self):
        """Answers, on which scale they are and whether they are good."""
        rows = self.read("feedback").rename(columns={"entity": "customer"})
        rows["day"] = local(rows["given_at"]).dt.normalize()
        score, low, high = (rows[name].astype(float) for name in ("score", "scale_min",
                                                                  "scale_max"))  # fmt: skip
        rows["ten"] = (low == 0) & (high == 10)
        rows["number"] = score
        rows["good"] = (score >= low + 0.75 * (high - low)) & ~rows["ten"]
        return self.of(rows)

    @cached_property
    def deals(self):
        """Deals by their first and last day; their owner is the seller."""
        rows = self.read("deals").rename(columns={"entity": "customer", "owner": "seller"})
        rows["opened"] = local(rows["created_at"]).dt.normalize()
        rows["closed"] = local(rows["closed_at"]).dt.normalize()
        rows["won"] = rows["is_won"] == "true"
        rows["ended"] = rows["is_closed"] == "true"
        rows["day"] = rows[["opened", "closed"]].min(axis=1)
        rows = self.of(rows)
        return rows.assign(owner=rows["seller"].replace("", "unknown"))

    @cached_property
    def visits(self):
        """Visits as they are counted: none of a known customer."""
        rows = self.read("web_visits").assign(all="all")
        rows["day"] = local(rows["visited_at"]).dt.normalize()
        for name in ("sessions", "conversions"):
            rows[name] = rows[name].astype(int)
        return rows.replace({name: {"": "unknown"} for name in ("channel", "campaign", "country")})

    @cached_property
    def engagements(self):
        """Everything a known customer did that is worth points."""
        usage = self.read("usage").rename(columns={"entity": "customer"})
        usage["day"] = pd.to_datetime(usage["day"])
        parts = [
            self.purchases.assign(what="purchase"),
            self.messages[self.messages["event"] == "opened"].assign(what="open"),
            self.messages[self.messages["event"] == "clicked"].assign(what="click"),
            self.feedback.assign(what="feedback"),
            usage.assign(what="usage"),
        ]
        rows = pd.concat([one[["customer", "day", "what"]] for one in parts], ignore_index=True)
        rows = rows[rows["customer"] != ""]
        return self.of(rows.assign(points=rows["what"].map(POINTS)))

    @cached_property
    def predictions(self):
        """What a model expects of customers, said on the last day."""
        rows = self.linked.scores.rename(columns={"customer_id": "customer"})
        return self.of(rows.assign(day=self.last))


def local(moments):
    """Moments in UTC as a clock in Paris shows them; none for ""."""
    utc = pd.to_datetime(moments.replace("", None), utc=True)
    return utc.dt.tz_convert(ZONE).dt.tz_localize(None)


def band_of(born, today):
    """The age on a day, in bands of ten years."""
    if pd.isna(born) or born > today:
        return ""
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if age < 18:
        return "under 18"
    if age >= 65:
        return "65 and over"
    if age < 25:
        return "18-24"
    low = 25 + (age - 25) // 10 * 10
    return f"{low}-{low + 9}"


def gender_of(said):
    """Female or male, as a source's letter says."""
    if pd.isna(said):
        return ""
    return "female" if said in WOMEN else "male" if said in MEN else said.strip().lower()
