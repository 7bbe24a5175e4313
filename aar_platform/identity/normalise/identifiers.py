"""Numbers and dates that identify a person, without the placeholders written in their stead."""

import ibis
import ibis.expr.types as ir

_E164 = r"^\+[1-9]\d{6,14}$"
_COUNTED = ("12345678901234567890", "09876543210987654321")
# Seven times the same digit at the end: nobody's number.
_SAME_DIGIT = "|".join(f"{digit}{{7}}" for digit in range(10))
_SAME_SIGN = "|".join(f"{sign}+" for sign in "0123456789X")


def comparable_phone(phone: ir.StringValue) -> ir.StringValue:
    """E.164 as it is, other numbers by their digits; null for placeholders and under 6 digits."""
    number = ibis.ifelse(phone.re_search(_E164), phone, phone.re_replace("[^0-9]+", ""))
    is_placeholder = (
        (number.length() < 6)
        | number.re_search(rf"^\d*(?:{_SAME_DIGIT})$|^(?:{_SAME_SIGN})$|[+\d]?(?:{_SAME_DIGIT})$")
        | _is_counted(number)
    )
    return ibis.ifelse(is_placeholder, ibis.null("string"), number)


def comparable_national_id(number: ir.StringValue) -> ir.StringValue:
    """Letters and digits in upper case; null for placeholders and under 5 characters."""
    signs = number.upper().re_replace(r"[^\p{L}\p{N}]+", "")
    is_placeholder = (
        (signs.length() < 5) | signs.re_search(f"^(?:{_SAME_SIGN})$") | _is_counted(signs)
    )
    return ibis.ifelse(is_placeholder, ibis.null("string"), signs)


def _is_counted(digits: ir.StringValue) -> ir.BooleanValue:
    one, other = (ibis.literal(counted).contains(digits) for counted in _COUNTED)
    return one | other


def comparable_birth_date(day: ir.DateValue) -> ir.DateValue:
    """The date; null for what systems write where they know none, and for days to come.

    1 January 1970 is null although people were born then: it is one birthday of 25,000, while as
    the zero of computers' clocks it can be a whole system's, and would tie strangers together.
    """
    placeholders = [ibis.date(text) for text in ("1900-01-01", "1970-01-01")]
    is_date = (day > ibis.date("1900-01-01")) & (day <= ibis.today()) & (day != placeholders[1])
    return ibis.ifelse(is_date, day, ibis.null("date"))
