"""Tables the platform makes out of the core tables, from customers to reports."""

from aar_platform.tables.model import (
    Count,
    Day,
    Flag,
    Moment,
    Money,
    Number,
    Table,
    Text,
    column,
    key,
)

COHORTS_BY = ("all", "source", "channel", "country")
PERIODS = ("day", "week", "month", "quarter", "year")


class Customers(Table):
    """One row per customer: a person or a company, whatever systems know them by."""

    customer_id: Text = key("The platform's own id; outlives re-runs")
    kind: Text = key("person or company", isin=("person", "company"))
    display_name: Text = column("How to call the customer", privacy="direct")
    given_name: Text = column("Given name", privacy="direct")
    family_name: Text = column("Family name", privacy="direct")
    email: Text = column("E-mail address", privacy="direct")
    phone: Text = column("Phone number, E.164", privacy="direct")
    street: Text = column("Street and house number", privacy="direct")
    city: Text = column("City", privacy="quasi")
    region: Text = column("State, province or region", privacy="quasi")
    postcode: Text = column("Postal code", privacy="quasi")
    country: Text = column("Country, ISO 3166-1 alpha-2", privacy="quasi")
    birth_date: Day = column("Date of birth", privacy="quasi")
    gender: Text = column("Gender", privacy="quasi")
    company_id: Text = column("customer_id of the company a person belongs to")
    owner: Text = column("E-mail or name of who looks after the customer", privacy="direct")
    first_seen_at: Moment = column("First sign of the customer in any source, UTC")
    last_seen_at: Moment = column("Last sign of the customer in any source, UTC")
    sources: Text = key("Sources that know the customer, separated by commas")
    record_count: Count = key("Records that make the customer", unit="records", ge=1)

    facts = {
        "layer": "customers",
        "key": ["customer_id"],
        "owner": "data-engineering",
        # Consent by purpose: which purposes there are, the sources say.
        "further_columns": "consent_",
    }


class CustomerLinks(Table):
    """One row per record of a person or company: which customer it belongs to, and why."""

    source: Text = key("Name of the source in aar.yaml")
    object: Text = key("Core table the record stands in")
    record_id: Text = key("The record's own id in that source")
    customer_id: Text = key("Customer it belongs to")
    method: Text = key("How it was linked", isin=("key", "rule", "probabilistic", "manual"))
    match_probability: Number = column("Probability of the link", unit="0 to 1", ge=0, le=1)
    linked_at: Moment = key("When the link was first made, UTC")

    facts = {
        "layer": "customers",
        "key": ["source", "object", "record_id"],
        "owner": "data-engineering",
    }


class CustomerHistory(Table):
    """One row per event in the life of a customer_id."""

    customer_id: Text = key("Customer")
    event: Text = key("What happened", isin=("created", "merged_into", "split_from", "erased"))
    other_customer_id: Text = column("The other customer of a merge or split")
    occurred_at: Moment = key("When, UTC")

    facts = {
        "layer": "customers",
        "key": ["customer_id", "event", "other_customer_id", "occurred_at"],
        "owner": "data-engineering",
    }


class Activities(Table):
    """One row per thing a customer did, in order of customer and time."""

    customer_id: Text = key("Customer")
    occurred_at: Moment = key("When, UTC")
    kind: Text = key(
        "What",
        isin=("order", "refund", "ticket", "message", "feedback", "visit", "usage", "deal"),
    )
    source: Text = key("Name of the source in aar.yaml")
    record_id: Text = key("The record's own id in that source")
    title: Text = column("The activity in a few words", privacy="free_text")
    amount_reporting: Money = column(
        "Value in the reporting currency; refunds are negative",
        privacy="financial",
        unit="reporting currency",
    )

    facts = {
        "layer": "customers",
        "key": ["kind", "source", "record_id"],
        "owner": "data-engineering",
    }


class Sales(Table):
    """One row per order that counts and per refund, in the reporting currency: what KPIs sum up.

    Orders with a cancelled status and test orders are left out. An order without a known
    customer stays in, with a null customer_id.
    """

    source: Text = key("Name of the source in aar.yaml")
    kind: Text = key("order or refund", isin=("order", "refund"))
    record_id: Text = key("The record's own id in that source")
    order_id: Text = column("The order itself, or the one refunded")
    customer_id: Text = column("Customer; null for an unknown buyer")
    sold_at: Moment = key("When it was ordered or refunded, UTC")
    sold_on: Day = key("The same as a day in the organisation's timezone")
    country: Text = column("Country of the order, else of the customer, ISO 3166-1 alpha-2")
    region: Text = column("State, province or region of the buyer")
    channel: Text = column("Sales or marketing channel")
    campaign: Text = column("Campaign the order is attributed to")
    amount_reporting: Money = key(
        "Value; refunds and credit notes are negative",
        privacy="financial",
        unit="reporting currency",
    )
    currency: Text = key("Currency before conversion, ISO 4217")

    facts = {
        "layer": "kpis",
        "key": ["source", "kind", "record_id"],
        "owner": "data-engineering",
    }


class KpiFigures(Table):
    """Figures of KPIs: one row per KPI, period and member of a dimension."""

    kpi: Text = key("Name of the KPI")
    period_start: Day = key("First day of the period")
    period: Text = key("Length of the period", isin=PERIODS)
    dimension: Text = key("What the figure is split by; all for the whole")
    member: Text = key("Member of the dimension; all for the whole, unknown where not known")
    value: Number = column("The figure; null where the denominator is zero")
    unit: Text = key("Unit of the figure")
    numerator: Number = column("What is divided, or the figure itself")
    denominator: Number = column("What it is divided by; null where the KPI is no ratio")
    sample_size: Count = key("Rows or customers behind the figure", ge=0)
    is_small_sample: Flag = key("Whether a share, mean or median rests on fewer than 30")
    is_complete: Flag = key("Whether the period was over on the last day with data")

    facts = {
        "layer": "kpis",
        "key": ["kpi", "period_start", "period", "dimension", "member"],
        "owner": "data-engineering",
        "partition": "period_start",
    }


class KpiRestatements(Table):
    """One row per figure of a past period that was told and whose value later data changed, or that
    has a value only since, or no more.

    Figures by what a customer is today (segment, owner, city, age band, gender) are left out: they
    move with the customer.
    """

    kpi: Text = key("Name of the KPI")
    period_start: Day = key("First day of the period")
    period: Text = key("Length of the period", isin=PERIODS)
    dimension: Text = key("What the figure is split by; all for the whole")
    member: Text = key("Member of the dimension")
    unit: Text = key("Unit of the figure")
    old_value: Number = column("The figure as it was told before")
    new_value: Number = column("The figure as it is told since")
    old_numerator: Number = column("Its numerator before")
    new_numerator: Number = column("Its numerator since")
    old_denominator: Number = column("Its denominator before")
    new_denominator: Number = column("Its denominator since")
    restated_at: Moment = key("When it changed, UTC")

    facts = {
        "layer": "kpis",
        "key": ["kpi", "period_start", "period", "dimension", "member", "restated_at"],
        "owner": "data-engineering",
        "partition": "period_start",
    }


class KpiAlerts(Table):
    """One row per KPI and month whose figure, as a whole, left the range that its own past (trend
    and season of up to 36 months) leads one to expect."""

    kpi: Text = key("Name of the KPI")
    period_start: Day = key("First day of the month")
    value: Number = key("The figure")
    unit: Text = key("Unit of the figure")
    expected_value: Number = key("What was expected")
    expected_low: Number = key("Lower end of the range that holds 99 of 100 such months")
    expected_high: Number = key("Upper end of that range")
    is_good: Flag = column("Whether it left it to the better; null where neither is")
    moved_by: Text = key("The members that moved it most, with their effect in the KPI's unit")

    facts = {
        "layer": "kpis",
        "key": ["kpi", "period_start"],
        "owner": "data-engineering",
        "partition": "period_start",
    }


class CustomerCohorts(Table):
    """One row per cohort (customers by the month of their first purchase), member and month since:
    how many of them bought then, and for how much."""

    cohort: Day = key("First day of the month of the first purchase")
    dimension: Text = key("What the cohort is split by; all for the whole", isin=COHORTS_BY)
    member: Text = key("Member of the dimension, by the first purchase")
    months_since: Count = key("Months after that of the first purchase; 0 is that month", ge=0)
    customers: Count = key("Customers of the cohort", unit="customers", ge=1)
    active_customers: Count = key("Of these, with a purchase in that month", ge=0)
    retention: Number = key("Their share", unit="0 to 1", ge=0, le=1)
    revenue: Number = column(
        "Orders and credit notes of the cohort in that month, less refunds",
        privacy="financial",
        unit="reporting currency",
    )
    is_complete: Flag = key("Whether that month was over on the last day with data")

    facts = {
        "layer": "kpis",
        "key": ["cohort", "dimension", "member", "months_since"],
        "owner": "data-engineering",
    }


class CustomerScores(Table):
    """One row per customer who bought or did anything else: how recently, how often and for how
    much they buy, and how much they do with us."""

    customer_id: Text = key("Customer")
    as_of: Day = key("Day the scores are of: the last day with data")
    frequency: Count = key("Days with a purchase after the first one", unit="days", ge=0)
    recency_days: Number = column("Days from first to last purchase", unit="days")
    age_days: Number = column("Days from the first purchase to as_of", unit="days")
    monetary_value: Number = column(
        "Mean value of a purchase day after the first; null without a repeat purchase",
        privacy="financial",
        unit="reporting currency",
    )
    probability_alive: Number = column("Probability that the customer still buys", unit="0 to 1")
    expected_orders_365d: Number = column("Orders expected in the next 365 days", unit="orders")
    historic_clv: Number = column(
        "Net value of all purchases so far", privacy="financial", unit="reporting currency"
    )
    predicted_clv: Number = column(
        "Value expected over the next 365 days", privacy="financial", unit="reporting currency"
    )
    churn_probability: Number = column("Probability of leaving", unit="0 to 1")
    engagement_score: Number = column(
        "Points a month over the last 90 days, at most 100: purchase 30, feedback 10, click 6, "
        "visit 5, usage 5, open 3",
        unit="0 to 100",
    )

    facts = {"layer": "models", "key": ["customer_id"], "owner": "data-science"}


class ModelRuns(Table):
    """One row per parameter or measure of a fitted model."""

    run_id: Text = key("Fit")
    model: Text = key("Model")
    fitted_at: Moment = key("When, UTC")
    parameter: Text = key("Parameter or measure")
    value: Number = column("Its value")

    facts = {"layer": "models", "key": ["run_id", "parameter"], "owner": "data-science"}


class CustomerSegments(Table):
    """One row per customer and segment scheme."""

    customer_id: Text = key("Customer")
    scheme: Text = key("Scheme: rfm, behavioural, …")
    segment: Text = key("Segment's short code, such as an RFM cell 5-4-5 or a cluster's number")
    label: Text = key("Segment's name in words")
    as_of: Day = key("Day the segment is of: the last day with data")

    facts = {
        "layer": "segments",
        "key": ["customer_id", "scheme"],
        "owner": "data-science",
    }


class ExperimentResults(Table):
    """One row per experiment, metric and variant.

    Figures that cannot be told are null, and the verdict says why.
    """

    experiment: Text = key("Experiment")
    metric: Text = key("Metric")
    variant: Text = key("Variant")
    control: Text = key("Variant it is compared with")
    sample_size: Count = key("Customers in the variant", unit="customers", ge=0)
    value: Number = column("The metric in the variant")
    lift: Number = column("Relative difference to the control, of the adjusted values")
    ci_low: Number = column("Lower end of the 95 % interval of the lift")
    ci_high: Number = column("Upper end of the 95 % interval of the lift")
    p_value: Number = column("Two-sided p-value for one look at a fixed end", unit="0 to 1")
    adjusted_p_value: Number = column(
        "p-value corrected for all variants and metrics of the experiment", unit="0 to 1"
    )
    is_sample_ratio_ok: Flag = column("Whether the arms have the sizes they should")
    sample_ratio_p_value: Number = column(
        "Probability of sizes so far from the split by chance", unit="0 to 1"
    )
    contaminated_customers: Count = column(
        "Customers of the experiment left out for being in several variants",
        unit="customers",
        ge=0,
    )
    adjusted_value: Number = column(
        "The value without the differences there were before the assignment"
    )
    variance_reduction: Number = column(
        "Share of the variance that these differences took away; null without a before"
    )
    difference: Number = column("Difference to the control, of the adjusted values")
    difference_ci_low: Number = column("Lower end of the 95 % interval of the difference")
    difference_ci_high: Number = column("Upper end of the 95 % interval of the difference")
    sequential_ci_low: Number = column(
        "Lower end of the 95 % interval of the lift that holds however often one looks"
    )
    sequential_ci_high: Number = column(
        "Upper end of the 95 % interval of the lift that holds however often one looks"
    )
    sequential_p_value: Number = column("p-value however often one looks", unit="0 to 1")
    adjusted_sequential_p_value: Number = column(
        "The same corrected for all variants and metrics of the experiment", unit="0 to 1"
    )
    minimum_detectable_lift: Number = column(
        "Smallest lift, up or down, that would be noticed with a probability of 80 %"
    )
    verdict_en: Text = key("What it means, and when not to believe it, in English")
    verdict_zh: Text = key("The same in Chinese")

    facts = {
        "layer": "models",
        "key": ["experiment", "metric", "variant"],
        "owner": "data-science",
    }


class ReportFiles(Table):
    """One row per report file in the outbox."""

    path: Text = key("Path below the outbox; it names the recipient", privacy="direct")
    sha256: Text = key("Checksum of the file")
    template: Text = key("Template")
    recipient: Text = column("Recipient's e-mail address", privacy="direct")
    role: Text = key("Role the report was rendered for")
    rendered_at: Moment = key("When, UTC")
    data_as_of: Day = column("Last day with data in the report")
    stale_sources: Text = column("Sources whose data is late, separated by commas")

    facts = {"layer": "reports", "key": ["path"], "owner": "analytics"}
