"""Phone numbers as sources write them, brought to E.164."""

from collections.abc import Iterable


def phone_forms(values: Iterable[tuple[str, str | None]], country: str) -> list[str]:
    """E.164 of each number and country that can be read, in the order given; "" where it cannot.

    A number without a country is read as one of the organisation's `country`. 00 stands for + also
    where one dials something else before the country's code, and no number begins so.
    """
    import phonenumbers

    forms = []
    for value, region in values:
        home = region if region in phonenumbers.SUPPORTED_REGIONS else country
        form = _e164(value, home)
        digits = value.strip()
        if not form and digits.startswith("00"):
            form = _e164(f"+{digits[2:]}", home)
        forms.append(form)
    return forms


def _e164(value: str, home: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(value, home)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
