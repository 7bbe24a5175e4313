"""Phone numbers as sources write them, brought to E.164."""

from collections.abc import Iterable


def phone_forms(values: Iterable[tuple[str, str | None]], country: str) -> list[str]:
    """E.164 of each number and country that can be read, in the order given; "" where it cannot.

    A number without a country is read as one of the organisation's `country`.
    """
    import phonenumbers

    forms = []
    for value, region in values:
        home = region if region in phonenumbers.SUPPORTED_REGIONS else country
        try:
            number = phonenumbers.parse(value, home)
        except phonenumbers.NumberParseException:
            forms.append("")
            continue
        is_possible = phonenumbers.is_possible_number(number)
        e164 = phonenumbers.PhoneNumberFormat.E164
        forms.append(phonenumbers.format_number(number, e164) if is_possible else "")
    return forms
