import pytest

from aar_platform.identity.waterfall import Step, Waterfall
from aar_platform.operations.decisions import Record
from aar_platform.reports.charts.style import house_style, svg_of
from aar_platform.reports.charts.waterfall import waterfall_chart


def waterfall(name="crm", steps=(("date of birth", 12.9), ("phone", -1.3))):
    told = tuple(Step(what, "the same", weight) for what, weight in steps)
    return Waterfall(Record(name, "contacts", "1"), Record("shop", "contacts", "张"), -13.2, told)


def drawn(*waterfalls):
    with house_style():
        return waterfall_chart(waterfalls)


def test_bars_lead_from_the_prior_to_the_weight_in_the_end():
    (axes,) = drawn(waterfall()).axes
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    expected = [(0, -13.2), (-13.2, -0.3), (-0.3, -1.6), (0, -1.6)]
    assert [pytest.approx(pair) for pair in expected] == bars
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["any two records", "date of birth the same", "phone the same", "in all"]
    assert [text.get_text() for text in axes.texts][-1] == "−1.6  24.8 %"


def test_several_pairs_stand_below_each_other_on_one_scale():
    figure = drawn(waterfall(), waterfall("desk", [("name", 40.0)]))
    first, second = figure.axes
    assert first.get_xlim() == second.get_xlim()
    assert first.get_position().y0 > second.get_position().y1
    assert figure.get_figheight() > drawn(waterfall()).get_figheight()


def test_equal_weights_give_equal_bytes_and_no_weights_no_chart():
    with house_style():
        assert svg_of(waterfall_chart([waterfall()])) == svg_of(waterfall_chart([waterfall()]))
    with pytest.raises(ValueError, match="needs a pair"):
        waterfall_chart([])
