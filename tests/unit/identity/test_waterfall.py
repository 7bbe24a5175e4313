import pytest

from aar_platform.identity.waterfall import Step, Waterfall, in_words, share_in_words
from aar_platform.operations.decisions import Record

LEFT, RIGHT = Record("crm", "contacts", "1"), Record("shop", "contacts", "2")


def waterfall(*weights: tuple[str, str, float], prior: float = -13.0) -> Waterfall:
    return Waterfall(LEFT, RIGHT, prior, tuple(Step(*weight) for weight in weights))


def test_the_weight_in_the_end_is_the_sum_of_all_steps_and_gives_the_probability():
    told = waterfall(("date of birth", "the same", 12.0), ("phone", "different", 1.0))
    assert told.final_weight == 0.0
    assert told.probability == 0.5


def test_the_words_begin_with_what_weighs_most_and_leave_out_what_tells_nothing():
    told = waterfall(
        ("phone", "different", -1.3),
        ("date of birth", "the same", 12.9),
        ("gender", "the same", 0.01),
        ("family name", "the same", 7.1),
    )
    assert in_words(told) == (
        "any two records: −13.0; date of birth the same: +12.9; family name the same: +7.1; "
        "phone different: −1.3 = 5.7, i.e. 98.1 %"
    )


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "0 %"),
        (0.0123, "1.2 %"),
        (0.5, "50.0 %"),
        (0.99952, "99.95 %"),
        (0.9999987, "over 99.99 %"),
        (1.0, "100 %"),
    ],
)
def test_a_probability_reads_as_certain_only_where_it_is(probability, words):
    assert share_in_words(probability) == words


def test_weights_beyond_all_measure_overflow_nothing():
    assert waterfall(prior=-5000.0).probability == pytest.approx(0)
    assert waterfall(prior=5000.0).probability == 1
