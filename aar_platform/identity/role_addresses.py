"""E-mail addresses that belong to a function, not to a person: they prove nobody's identity."""

import ibis.expr.types as ir

# The mailboxes of RFC 2142 and what companies call their desks in the languages of Europe, and in
# pinyin. Compared without digits, dots, dashes and what follows a plus. Two letters that are as
# likely somebody's initials (ap, ar, pr) are left out.
_DESKS = """
    abuse accounting accounts accountspayable accueil achats admin administracion administration
    administrator amministrazione bestellung bestellungen billing biuro bookkeeping booking
    bookings buchhaltung buero caiwu careers commercial compras comptabilite contabilidad contact
    contacto contato contatti customercare customerservice einkauf email empfang enquiries enquiry
    everyone facturacion facturation faktura feedback finance financeiro ftp hello help helpdesk
    hola hostmaster hr info information informacion informazioni inquiries inquiry invoice invoices
    it jobs kantoor kefu kontakt kontor kundendienst kundenservice legal list mail mailbox
    mailerdaemon marketing media news newsletter nobody noc noemail nomail none office operations
    order orders post postmaster press privacy purchase purchasing reception rechnung rechnungen
    recruiting reservations rh root sales secretaria secretariat secretary security segreteria
    service services shop shouhou staff support team test ufficio unknown usenet uucp vendas
    vendite ventas verkauf vertrieb verwaltung webmaster welcome www xiaoshou zakaz zentrale
"""
# Digits, dots and dashes may stand anywhere.
_BETWEEN = r"[\d._-]*"
# As one regular expression: as a list of words, which becomes a join, over addresses without
# digits, dots and dashes, a million addresses took 5 s instead of 0.2.
_DESK = "|".join(_BETWEEN.join(desk) for desk in sorted(_DESKS.split()))
# Senders whose mail nobody reads, whatever follows (noreply-orders@, donotreply.eu@).
_UNREAD = "|".join(_BETWEEN.join(f"{not_to}reply") for not_to in ("no", "donot", "dont"))
_ROLE = rf"^{_BETWEEN}(?:(?:(?:{_DESK}){_BETWEEN})?(?:[+@]|$)|(?:{_UNREAD}))"


def is_role_address(email: ir.StringValue) -> ir.BooleanValue:
    """Whether an address in lower case is a function's (info@, sales2@, no-reply@)."""
    return email.re_search(_ROLE)
