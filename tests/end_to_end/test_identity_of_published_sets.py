"""How well records of one person are found in published sets, whose truth the platform never sees:
the same code and default settings for all, and configurations that only map columns."""

import json

import pytest

from tests.end_to_end.identity_sets import ABSENT, SETS, SHARED

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=ABSENT)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.long) if name in ("febrl2", "febrl3") else name
        for name in SETS
    ],
)
def test_records_of_one_person_become_one_customer(once, name):
    wanted = SETS[name]

    def build(place):
        wanted.write(place.folder)
        assert place.run('+key:"customer_links"') == []

    place = once(f"identity_{name}", build)
    answer = place.aar("evaluate-identity", str(place.folder / "truth.csv"), "--format", "json")
    assert answer.status == 0, answer.said
    found = json.loads(answer.out)
    assert found["not_found"] == {} and found["not_told"] == wanted.unjudged()
    said = {figure: found[figure] for figure in ("precision", "recall", "f1")}
    assert found["f1"] >= wanted.bar, said
