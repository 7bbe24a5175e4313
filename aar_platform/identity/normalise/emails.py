"""Which mailbox an e-mail address is, however it is written, and whose domain a company's is."""

from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from aar_platform.identity.likeness import similarity
from aar_platform.identity.role_addresses import is_role_address

# Domains of one provider that deliver to the same mailbox, the usual one first.
_GMAIL = ("gmail.com", "googlemail.com")
_ICLOUD = ("icloud.com", "me.com", "mac.com")
# Jaro-Winkler similarity from which a mailbox is taken to spell a name.
_SPELLS_NAME = 0.85


def email_box(email: ir.StringValue) -> ir.StringValue:
    """The mailbox of a usable address; null for what is none and for a role's (info@).

    What follows a plus is the owner's own label. Gmail does not read dots.
    """
    local = email.re_extract("^[^+@]*", 0)
    box = ibis.cases(
        (_is_at(email, _GMAIL), local.replace(".", "") + f"@{_GMAIL[0]}"),
        (_is_at(email, _ICLOUD[1:]), local + f"@{_ICLOUD[0]}"),
        (email.contains("+"), email.re_replace("[+][^@]*", "")),
        else_=email,
    )
    is_box = email.re_search("^[^@+ ][^@ ]*@[^@ ]+$") & ~is_role_address(email)
    return ibis.ifelse(is_box, box, ibis.null("string"))


def own_mailbox(
    box: ir.StringValue, given: ir.StringValue, family: ir.StringValue
) -> ir.StringValue:
    """The part before @ of `email_box`, null where it is made of the person's name (as compared):
    then it says nothing that the name does not say."""
    local = box.re_replace(r"@.*$", "")
    letters = local.re_replace(r"[^a-z]", "")
    for two, one in (("ue", "u"), ("oe", "o"), ("ae", "a")):
        letters = letters.replace(two, one)
    given, family = (name.replace(" ", "").fill_null("") for name in (given, family))
    is_name = ibis.or_(
        (letters == ""),
        (given.length() > 2) & letters.contains(given),
        (family.length() > 2) & letters.contains(family),
        similarity(letters, given + family) >= _SPELLS_NAME,
        similarity(letters, family + given) >= _SPELLS_NAME,
    )
    return ibis.ifelse(is_name, ibis.null("string"), local)


def _is_at(email: ir.StringValue, domains: tuple[str, ...]) -> ir.BooleanValue:
    return reduce(or_, (email.endswith(f"@{domain}") for domain in domains))


def core_domain(domain: ir.StringValue) -> ir.StringValue:
    """A domain without protocol, www., port and path; null where no dot is left."""
    host = domain.lower().strip().re_replace(r"^[a-z]*:?//|^mailto:|^[^@/]*@", "")
    host = host.re_replace(r"[/:?# ].*$", "").re_replace(r"^www\d?\.", "").re_replace(r"\.$", "")
    return ibis.ifelse(host.re_search(r"^[^.]+\..*[^.]$"), host, ibis.null("string"))
