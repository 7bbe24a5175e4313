import ibis
import pytest

from aar_platform.privacy.expression import ExpressionError, check, predicate

ACCOUNTS = ibis.memtable(
    {
        "customer_id": ["a", "b", "c", "d"],
        "owner": ["ada@example.com", "bo@example.com", None, "ada@example.com"],
        "country": ["FR", "DE", "FR", None],
        "region": ["North", "South", "North", "East"],
        "historic_clv": [10.0, 20.0, 30.0, 40.0],
    }
)
SEGMENTS = ibis.memtable(
    {
        "customer_id": ["a", "a", "b", "c"],
        "scheme": ["rfm", "behavioural", "rfm", "rfm"],
        "segment": ["5-5-5", "0", "1-1-1", "5-4-5"],
        "label": ["Champions", "Frequent", "Lost", "Champions"],
    }
)
ADA = {"email": "ada@example.com", "regions": ("North", "East")}


def picked(expression: str, recipient: dict | None = ADA) -> list[str]:
    condition = predicate(expression, ACCOUNTS, SEGMENTS, recipient)
    return sorted(ACCOUNTS.filter(condition).customer_id.execute())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("owner == recipient.email", ["a", "d"]),
        ("recipient.email == owner", ["a", "d"]),
        ("region in recipient.regions", ["a", "c", "d"]),
        ("segment == 'Champions'", ["a", "c"]),
        ("segment == 'Frequent' or segment == '1-1-1'", ["a", "b"]),
        ("segment != 'Champions'", ["b", "d"]),
        ("segment not in ['Champions', 'Lost']", ["d"]),
        ("country in ['FR', 'BE'] and not historic_clv < 20", ["c"]),
        ("historic_clv > 15 and historic_clv <= 30", ["b", "c"]),
        ("15 < historic_clv", ["b", "c", "d"]),
        ("country in []", []),
        ("historic_clv > -1", ["a", "b", "c", "d"]),
    ],
)
def test_an_expression_picks_the_accounts_it_describes(
    expression: str, expected: list[str]
) -> None:
    assert picked(expression) == expected


def test_an_unknown_value_fulfils_no_comparison() -> None:
    assert picked("country == 'FR'") == ["a", "c"]
    assert picked("country != 'FR'") == ["b"]
    assert picked("country not in ['FR']") == ["b"]


def test_a_recipient_without_regions_sees_no_rows_of_a_regional_role() -> None:
    assert picked("region in recipient.regions", {"email": "x@example.com", "regions": ()}) == []


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("ownr == recipient.email", "did you mean owner?"),
        ("owner == recipient.mail", "did you mean email?"),
        ("owner = 'x'", "write == to compare"),
        ("owner", "is not a comparison"),
        ("1 < historic_clv < 3", "compares twice in a row"),
        ("historic_clv == 'many'", "compare it with a number"),
        ("owner == 3", "compare it with a text in quotes"),
        ("owner in 'ada'", "`in` needs a list"),
        ("segment > 'A'", "segments have no order"),
        ("'a' == 'a'", "compares no column"),
    ],
)
def test_a_wrong_expression_is_told_with_its_remedy(expression: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as told:
        picked(expression)
    assert hint in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "owner == open('/etc/passwd').read()",
        "(lambda: 1)() == 1",
        "[x for x in (1,)] == owner",
        "owner == recipient.__class__",
        "owner.upper() == 'A'",
        "f'{owner}' == 'a'",
        "owner == 'a' if True else False",
        "historic_clv ** 9999999 > 1",
        "owner[0] == 'a'",
        "(y := 1) == historic_clv",
        "(" * 400 + "owner" + ")" * 400,
    ],
)
def test_nothing_but_comparisons_is_read(expression: str) -> None:
    with pytest.raises(ExpressionError):
        check(expression, ACCOUNTS.columns)
    with pytest.raises(ExpressionError):
        picked(expression)


def test_an_expression_about_the_recipient_needs_one() -> None:
    with pytest.raises(ExpressionError, match="name a recipient"):
        picked("owner == recipient.email", {"email": None, "regions": None})
