"""Numbers and money in the formats of a language, abbreviated where the language abbreviates."""

import pytest

from aar_platform.reports.wording import Wording


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("locale", "card", "mark", "count"),
    [
        ("en", "€99.92K", "€25.1K", "1.5K"),
        ("de", "99.917 €", "25.100 €", "1.500"),
        ("de_CH", "EUR 99’917", "EUR 25’100", "1’500"),
        ("it", "99.917 €", "25.100 €", "1.500"),
        ("fr", "99,92 k €", "25,1 k €", "1,5 k"),
        ("pt_BR", "€ 99,92 mil", "€ 25,1 mil", "1,5 mil"),
        ("ru", "99,92 тыс. €", "25,1 тыс. €", "1,5 тыс."),
        ("zh", "€9.99万", "€2.51万", "1,500"),
        ("ja", "€9.99万", "€2.51万", "1,500"),
    ],
)
def test_large_numbers_are_short_or_whole_and_grouped(locale, card, mark, count):
    wording = Wording(locale, "EUR")
    assert plain(wording.show(99916.8278, "compact_money")) == card
    assert plain(wording.axis(25100.0, "compact_money")) == mark
    assert plain(wording.axis(1500.0, "number")) == count


def test_german_abbreviates_from_a_million_and_keeps_cents_below_ten_thousand():
    wording = Wording("de", "EUR")
    assert plain(wording.show(1234567.8, "compact_money")) == "1,23 Mio. €"
    assert plain(wording.show(9999.5, "compact_money")) == "9.999,50 €"
    assert plain(wording.show(-25100.4, "compact_money")) == "-25.100 €"


def test_beside_a_bar_three_digits_stand_for_a_short_number_and_all_for_one_written_out():
    assert Wording("en", "EUR").brief(99916.8, "compact_money") == "€99.9K"
    assert plain(Wording("de", "EUR").brief(99916.8, "compact_money")) == "99.917 €"
    assert plain(Wording("de", "EUR").brief(1234567.8, "compact_money")) == "1,23 Mio. €"
    assert plain(Wording("de", "EUR").brief(346.63, "compact_money")) == "347 €"
