"""The aar.yaml of the company whose systems are served: what its own entries stand between."""

# What begins the aar.yaml of the company whose systems are served over HTTP.
INTRODUCTION = """\
# Maison Orvane: a made-up homeware company, its systems from {start} to {until}.
# Everything here is invented. What is true of its customers lies in truth/, which the platform
# never reads. The systems are served by `aar sandbox`; their secrets lie in secrets/, which
# AAR_SECRETS_DIR names.

organisation:
  name: Maison Orvane
  currency: EUR
  timezone: Europe/Paris                # days and months are cut here
  locale: en
  country: FR
start: {start}                       # first partition
warehouse: {{url: duckdb://data/warehouse.duckdb}}
landing: data/landing
operations: sqlite:///data/operations.db
exchange_rates: rates.csv               # euros per unit of GBP, USD and CNY, daily

sources:
"""

LEFT_SOURCES = """\
  # The shops in Asia and eastern Europe export a file of order lines a month, local time without a
  # zone. A cancelled order comes back under C + its number, every line negative.
  - name: erp
    kind: files
    tables:
      - path: exports/erp/order-lines-*.csv
        into: order_lines
        date_order: ymd
        columns:
          order_id: Order
          sku: SKU
          product: Product
          category: Category
          quantity: Quantity
          unit_price: Unit price
          discount: Discount
          ordered_at: Ordered at
          contact_id: Customer
          country: Country
          currency: Currency
      - path: exports/erp/customers.csv
        into: contacts
        columns:
          contact_id: Customer ID
          given_name: First name
          family_name: Last name
          email: E-mail
          phone: Phone
          street: Address
          city: City
          region: State
          postcode: Postcode
          country: Country
          consents: Consents
          created_at: Registered
          updated_at: Last change
          is_deleted: Deleted
      # The bookkeeping writes French: semicolons, decimal comma, day before month, cp1252.
      - path: exports/erp/refunds.csv
        into: refunds
        encoding: cp1252
        delimiter: ";"
        decimal: ","
        date_order: dmy
        columns:
          refund_id: Avoir
          order_id: Commande
          contact_id: Client
          refunded_at: Date
          amount: Montant
          currency: Devise
          reason: Motif

  # Product reviews: of the Chinese shop in GB18030, of the others in UTF-8.
  - name: reviews
    kind: files
    tables:
      - path: exports/reviews/reviews-zh.csv
        into: feedback
        encoding: gb18030
        columns: {feedback_id: 评价编号, email: 邮箱, score: 评分, text: 内容, given_at: 评价时间}
        constants: {channel: review, scale_min: 1, scale_max: 5, language: zh}
      - path: exports/reviews/reviews-en.csv
        into: feedback
        columns: {feedback_id: id, email: email, score: score, text: text, given_at: day}
        constants: {channel: review, scale_min: 1, scale_max: 5, language: en}

  # The web shop's database: who signed in, and the test of its new checkout.
  - name: web
    kind: sql
    url: sqlite:///exports/web.db
    timezone: UTC
    tables:
      - query: select * from accounts
        into: contacts
        columns:
          contact_id: user_id
          external_ids: external_ids
          country: country
          created_at: first_seen
      - query: select * from experiment
        into: experiment_assignments
        columns:
          experiment: experiment
          variant: variant
          contact_id: user_id
          assigned_at: assigned_at

"""
