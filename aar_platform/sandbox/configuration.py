"""The aar.yaml that makes the made-up company's export files run through the platform."""

from datetime import date

_TEMPLATE = """\
# Maison Orvane: a made-up homeware company, its systems' exports from {start} to {until}.
# Everything here is invented. What is true of its customers lies in truth/, which the platform
# never reads.

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
  # The shop exports every night: one file of order lines a day, local time without a zone.
  # A cancelled order comes back under C + its number, every line negative.
  - name: shop
    kind: files
    tables:
      - path: exports/shop/order-lines-*.csv
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
      - path: exports/shop/customers.csv
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
      - path: exports/shop/refunds.csv
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

  # The CRM keeps people and companies under French headings.
  - name: crm
    kind: files
    tables:
      - path: exports/crm/contacts.xlsx
        into: contacts
        sheet: Contacts
        date_order: dmy
        columns:
          contact_id: Identifiant
          company_id: Compte
          given_name: Prénom
          family_name: Nom
          email: Courriel
          phone: Téléphone
          street: Rue
          city: Ville
          region: Région
          postcode: Code postal
          country: Pays
          birth_date: Date de naissance
          gender: Sexe
          language: Langue
          job_title: Fonction
          owner: Chargé de compte
          lifecycle_stage: Étape
          acquisition_channel: Origine
          created_at: Créé le
          updated_at: Modifié le
          is_deleted: Supprimé
      - path: exports/crm/companies.csv
        into: companies
        delimiter: ";"
        decimal: ","
        date_order: dmy
        columns:
          company_id: Compte
          name: Raison sociale
          domain: Domaine
          phone: Téléphone
          street: Rue
          city: Ville
          region: Région
          postcode: Code postal
          country: Pays
          industry: Secteur
          employee_count: Effectif
          owner: Chargé de compte
          created_at: Créé le
          updated_at: Modifié le
      - path: exports/crm/deals.jsonl
        into: deals
        columns:
          deal_id: id
          contact_id: contact
          company_id: account
          owner: owner
          stage: stage
          is_won: won
          is_closed: closed
          amount: amount
          currency: currency
          created_at: created
          closed_at: closed_at
          channel: lead_source

  # The help desk counts in UTC. Ids begin with zeros; external_id holds the CRM's id as JSON.
  # users-changes.csv brings later versions of users that users-full.csv holds as well.
  - name: helpdesk
    kind: files
    timezone: UTC
    tables:
      - path: exports/helpdesk/users-*.csv
        into: contacts
        columns:
          contact_id: id
          full_name: name
          email: email
          phone: phone
          country: country_code
          language: locale
          external_ids: external_id
          created_at: created_at
          updated_at: updated_at
          is_deleted: suspended
      - path: exports/helpdesk/tickets.jsonl.gz
        into: tickets
        columns:
          ticket_id: id
          contact_id: requester_id
          subject: subject
          text: description
          topic: type
          priority: priority
          channel: via
          status: status
          assignee: assignee
          opened_at: created_at
          first_replied_at: first_reply_at
          solved_at: solved_at
          satisfaction: satisfaction

  # The mail tool writes American dates in New York time, tab-separated, in UTF-16.
  - name: mail
    kind: files
    timezone: America/New_York
    tables:
      - path: exports/mail/members.tsv
        into: contacts
        encoding: utf-16
        delimiter: tab
        date_order: mdy
        columns:
          contact_id: Member
          email: Email Address
          given_name: First Name
          family_name: Last Name
          country: Country
          consents: Consents
          created_at: Joined
          updated_at: Last Changed
      - path: exports/mail/campaigns.csv
        into: campaigns
        columns:
          campaign_id: Campaign
          name: Title
          channel: Channel
          sent_at: Sent
          cost: Cost
          currency: Currency
      - path: exports/mail/messages.parquet
        into: messages
        columns:
          message_id: event_id
          campaign_id: campaign
          contact_id: member
          event: event
          occurred_at: occurred_at
          url: link

  # Product reviews: of the Chinese shop in GB18030, of the others in UTF-8.
  - name: reviews
    kind: files
    tables:
      - path: exports/reviews/reviews-zh.csv
        into: feedback
        encoding: gb18030
        columns: {{feedback_id: 评价编号, email: 邮箱, score: 评分, text: 内容, given_at: 评价时间}}
        constants: {{channel: review, scale_min: 1, scale_max: 5, language: zh}}
      - path: exports/reviews/reviews-en.csv
        into: feedback
        columns: {{feedback_id: id, email: email, score: score, text: text, given_at: day}}
        constants: {{channel: review, scale_min: 1, scale_max: 5, language: en}}

  # Visits to the web shop, and the test of its new checkout. A user is a shop customer signed in.
  - name: web
    kind: files
    timezone: UTC
    tables:
      - path: exports/web/accounts.csv
        into: contacts
        columns:
          contact_id: user_id
          external_ids: external_ids
          country: country
          created_at: first_seen
      - path: exports/web/visits.parquet
        into: web_visits
        columns:
          visit_id: visit
          contact_id: user_id
          client_id: client_id
          visited_at: ts
          channel: medium
          country: country
          device: device
          sessions: sessions
          page_views: pages
          conversions: goals
      - path: exports/web/experiment.csv
        into: experiment_assignments
        columns:
          experiment: experiment
          variant: variant
          contact_id: user_id
          assigned_at: assigned_at

  # Advertising is paid in dollars.
  - name: ads
    kind: files
    tables:
      - path: exports/ads/spend.csv
        into: spend
        columns:
          day: Day
          channel: Channel
          campaign: Campaign name
          amount: Cost
          impressions: Impressions
          clicks: Clicks
        constants: {{currency: USD}}

"""

CONCLUSION = """\
roles:
  executive: {see: [aggregate]}
  account_manager: {see: [aggregate, contact, financial], rows: "owner == recipient.email"}

recipients:
  - {email: ada@example.com, role: executive, locale: en, reports: [portfolio]}
  - {email: wei@example.com, role: executive, locale: zh, reports: [portfolio]}
  - {email: noor@example.com, role: engineer, locale: en, reports: [data_entry]}
  - email: ines.laurent@example.com     # sees the accounts that she owns in the CRM
    role: account_manager
    locale: en
    reports: [account_activity]

reports:
  - {template: portfolio, schedule: monthly, formats: [html, pdf, xlsx]}
  - {template: data_entry, schedule: monthly, formats: [html]}
  - template: account_activity
    schedule: monthly
    accounts: "segment == 'Champions'"
    formats: [html, pdf]

# Reports are written to the folder reports/ and sent to nobody.
delivery: {outbox: reports, allowed_domains: [example.com]}
"""

# The same wherever the other systems are: billing has no API.
BILLING = """\
  # Billing of the planning service, in UTC. A customer is a shop customer, named in external_ids;
  # some subscribe again as somebody new.
  - name: billing
    kind: files
    timezone: UTC
    tables:
      - path: exports/billing/contacts.csv
        into: contacts
        columns:
          contact_id: customer
          full_name: name
          email: email
          country: country
          external_ids: external_ids
          acquired_at: acquired_at
          acquisition_channel: acquisition_channel
          acquisition_campaign: acquisition_campaign
          created_at: created_at
      - path: exports/billing/subscriptions.csv
        into: subscriptions
        columns:
          subscription_id: subscription
          contact_id: customer
          plan: plan
          started_at: started_at
          ended_at: ended_at
          monthly_amount: monthly_amount
          currency: currency
          status: status
      - path: exports/billing/usage.csv
        into: usage
        columns:
          usage_id: entry
          contact_id: customer
          day: day
          feature: feature
          quantity: quantity
          duration_seconds: duration_seconds

"""


def configuration(start: date, until: date) -> str:
    """The text of aar.yaml for exports from `start` to `until`."""
    text = _TEMPLATE.format(start=start.isoformat(), until=until.isoformat())
    return text + BILLING + CONCLUSION
