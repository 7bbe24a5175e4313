from aar_platform.quality.phones import phone_forms


def test_numbers_are_read_as_those_of_their_country_and_without_one_as_the_organisations():
    numbers = [("030 123456", "DE"), ("06 12 34 56 78", None), ("+44 1632 960123", "DE")]
    assert phone_forms(numbers, "FR") == ["+4930123456", "+33612345678", "+441632960123"]


def test_00_stands_for_plus_where_one_dials_something_else_before_a_countrys_code():
    assert phone_forms([("0015122392219", "US"), ("0049 30 123456", "DE")], "FR") == [
        "+15122392219",
        "+4930123456",
    ]


def test_what_can_be_no_number_is_none():
    assert (
        phone_forms([("00", "US"), ("0012", "US"), ("ask me", "FR"), ("0", None)], "FR") == [""] * 4
    )
