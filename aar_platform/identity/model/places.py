"""How two addresses are compared: as one question, since street, city and postcode go together."""

from aar_platform.identity.model.comparison import Comparison, Level, alike, edits, same, unknown

_HERE = f"({same('postcode')} or {same('city')})"
_SAME_NUMBER = "coalesce(house_number_l = house_number_r, true)"
# A system that keeps the address in one line has the street at its beginning.
_IN_ONE_LINE = (
    "length(street_l) >= 8 and length(street_r) >= 8 "
    "and (starts_with(street_l, street_r) or starts_with(street_r, street_l))"
)

# One digit can be wrong in one half of a number alone; looking at the halves first is ten times
# faster.
ONE_DIGIT_APART = (
    "(left(phone_l, 6) = left(phone_r, 6) or right(phone_l, 5) = right(phone_r, 5)) "
    f"and {edits('phone', 1)}"
)

ADDRESS = Comparison(
    name="address",
    columns=("street", "postcode", "city"),
    unknown=unknown("street", "postcode", "city"),
    levels=(
        Level(
            "the same street, house and place",
            f"{same('street')} and {_SAME_NUMBER} and {_HERE}",
            0.45,
            0.0003,
            household=0.6,
            firm=0.3,
        ),
        Level(
            "street alike, the same house and place",
            f"{alike('street', 0.88)} and {_SAME_NUMBER} and {_HERE}",
            0.1,
            0.0003,
            household=0.1,
            firm=0.05,
        ),
        Level(
            "the same street and house, place unknown or alike",
            f"({same('street')} or {_IN_ONE_LINE}) and {_SAME_NUMBER} "
            f"and ({unknown('postcode', 'city')} or {alike('city', 0.88)} "
            "or damerau_levenshtein(postcode_l, postcode_r) <= 1)",
            0.06,
            0.0003,
            household=0.05,
            firm=0.03,
        ),
        Level(
            "the same postcode and city",
            f"{same('postcode')} and ({same('city')} or {alike('city', 0.88)})",
            0.08,
            0.003,
            household=0.05,
            firm=0.05,
            namesakes=0.01,
        ),
        Level("the same street", same("street"), 0.04, 0.002, 0.01, 0.01, 0.01, term="street"),
        Level(
            "the same postcode", same("postcode"), 0.03, 0.002, 0.02, 0.02, 0.01, term="postcode"
        ),
        Level("the same city", same("city"), 0.06, 0.02, 0.05, 0.2, 0.3, term="city"),
        Level(
            "street or city alike",
            f"{alike('street', 0.9)} or {alike('city', 0.92)}",
            0.04,
            0.02,
            namesakes=0.05,
        ),
        Level("different", "", 0.14, 0.952, 0.1, 0.32, 0.62),
    ),
)

# Names and towns are counted by country, so that it is the country that tells how rare its are.
COUNTRY = Comparison(
    name="country",
    columns=("country",),
    unknown=unknown("country"),
    levels=(
        Level("the same", same("country"), 0.98, 0.3, 0.95, 0.9, 0.8, term="country"),
        Level("different", "", 0.02, 0.7, 0.05, 0.1, 0.2),
    ),
    is_name=True,
)
