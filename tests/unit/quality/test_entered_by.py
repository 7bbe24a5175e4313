"""Who entered a record: its creator as systems write it, else the colleague it belongs to."""

import ibis
import pyarrow as pa
import pytest

from aar_platform.quality.entered_by import entered_by


def person(attributes, owner=None, assignee=None):
    columns = {"attributes": [attributes], "owner": [owner], "assignee": [assignee]}
    rows = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    table = ibis.duckdb.connect().create_table("rows", pa.table(rows))
    return table.select(who=entered_by(table)).to_pyarrow().to_pylist()[0]["who"]


@pytest.mark.parametrize(
    ("attributes", "who"),
    [
        ('{"CreatedBy": {"Name": "Ada Lovelace", "attributes": {"type": "User"}}}', "Ada Lovelace"),
        ('{"Created_By": {"name": "Ada", "id": "3", "email": "Ada@X.org"}}', "ada@x.org"),
        ('{"CreatedById": "005x"}', "005x"),
        ('{"created_by": ["1001"]}', "1001"),
        ('{"properties": {"hs_created_by_user_id": "12"}}', "12"),
        ('{"submitter_id": 7}', "7"),
        ('{"Created by": " Zoé "}', "Zoé"),
        ('{"created_by": "b@x.org", "entered_by": "a@x.org"}', "a@x.org"),
    ],
)
def test_the_creator_goes_before_the_owner(attributes, who):
    assert person(attributes, owner="Owner") == who


@pytest.mark.parametrize(
    "attributes",
    [None, "{}", '{"created_by": null}', '{"created_by": ""}', '{"CreatedBy": {"x": 1}}',
     '{"recreated_by_us": "x"}', '{"created_by": []}'],
)  # fmt: skip
def test_without_a_creator_it_is_the_owner_and_else_the_assignee(attributes):
    assert person(attributes, owner="Ann@X.org", assignee="Bob") == "ann@x.org"
    assert person(attributes, owner="", assignee="Bob") == "Bob"
    assert person(attributes) is None
