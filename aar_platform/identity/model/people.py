"""How two records of people are compared."""

from aar_platform.identity.model.comparison import (
    Comparison,
    Level,
    alike,
    edits,
    either_way,
    same,
    same_word,
    unknown,
)
from aar_platform.identity.model.places import ADDRESS, COUNTRY, ONE_DIGIT_APART

_SHORT = (
    "(starts_with(given_l, given_r) or starts_with(given_r, given_l)) "
    "and (length(given_l) = 1 or length(given_r) = 1 "
    "or least(length(given_l), length(given_r)) > 2)"
)
_ONE_OF_TWO = (
    "list_contains(string_split(family_l, ' '), family_r) "
    "or list_contains(string_split(family_r, ' '), family_l)"
)
# 1990-03-05 and 1990-05-03, which systems read in different orders.
_DAY_AS_MONTH = (
    "left(born_l, 4) = left(born_r, 4) and substr(born_l, 6, 2) = substr(born_r, 9, 2) "
    "and substr(born_l, 9, 2) = substr(born_r, 6, 2)"
)

# Both ways: one way alone is what a brother has whose two names are in the wrong order.
_EXCHANGED = either_way(
    "given_l = family_r and jaro_winkler_similarity(coalesce(family_l, given_r), given_r) >= 0.88"
)

_WITHIN_TEN_YEARS = "abs(left(born_l, 4)::int - left(born_r, 4)::int) <= 10"

# Names in Chinese letters say more than how they are read: many are read alike.
_WRITTEN_OTHERWISE = "coalesce(han_l <> han_r, false)"


def _as_written(condition: str) -> str:
    return f"not {_WRITTEN_OTHERWISE} and ({condition})"


# Erik and Erika, Mario and Maria, Jean and Jeanne: rather a couple than a typing error. Ann and
# Anna are not: where only an ending makes the woman's name, the man's must be known.
_MEN = """
    adrian alexander albert alfred andre antoine anton august bernard bernhard carl christian
    clement daniel denis dominik emanuel emil emmanuel eric erik ernest eugen fabian fabien
    ferdinand florian frederic friedrich gabriel gilbert gustav hendrik henrik herman ivan jan
    jean joel johan johann joseph julian julien justin karl laurent leon leonhard louis luc
    lucas lucien luis marc marcel martin max michael michal michel miguel noel pascal paul petr
    philipp rafael raphael rene robert roland roman romain rudolf samuel sebastian sebastien
    sigmund simon stanislav stanislaw stefan stephan sylvain theodor tom valentin vasil victor
    viktor vincent wilhelm yvan
"""
_OF_MEN = ", ".join(f"'{name}'" for name in _MEN.split())
_OF_TWO_SEXES = either_way(
    "(right(given_l, 1) = 'o' and given_r = left(given_l, -1) || 'a') or "
    f"(given_l in ({_OF_MEN}) and given_r in "
    "(given_l || 'a', given_l || 'e', given_l || 'ne', given_l || 'le', given_l || 'ine')) or "
    "(given_l = 'alexander' and given_r = 'alexandra')"
)

_NICKNAME = _as_written(same_word("given_root")) + " and length(given_root_l) > 1"

GIVEN = Comparison(
    name="given name",
    columns=("given",),
    unknown=unknown("given"),
    levels=(
        # One letter is an initial, of however many names.
        Level(
            "the same",
            _as_written(f"{same('given')} and length(given_l) > 1"),
            0.72,
            0.006,
            term="given",
        ),
        Level("a nickname of the other", _NICKNAME, 0.05, 0.001),
        Level(
            "a man's and a woman's form",
            _as_written(_OF_TWO_SEXES),
            0.002,
            0.002,
            tells_apart=True,
        ),
        Level("alike", _as_written(alike("given", 0.92)), 0.07, 0.003),
        Level("given and family name exchanged", _as_written(_EXCHANGED), 0.02, 0.00002),
        Level("initial or short form of the other", _as_written(_SHORT), 0.03, 0.003),
        Level("somewhat alike", _as_written(alike("given", 0.8)), 0.03, 0.006),
        Level("read alike, written otherwise", same("given"), 0.02, 0.004),
        Level("different", "", 0.07, 0.975),
    ),
    is_own=True,
    is_name=True,
    tells_apart=True,
)

FAMILY = Comparison(
    name="family name",
    columns=("family",),
    # Exchanged names are one observation, which the given name accounts for.
    unknown=f"{unknown('family')} or coalesce({_EXCHANGED}, false)",
    levels=(
        Level(
            "the same",
            _as_written(f"{same('family')} and length(family_l) > 1"),
            0.75,
            0.005,
            0.7,
            0.02,
            0.6,
            term="family",
        ),
        Level("alike", _as_written(alike("family", 0.92)), 0.08, 0.002, 0.05, 0.002, 0.1),
        Level("one of two family names", _ONE_OF_TWO, 0.03, 0.002, 0.04, 0.002, 0.05),
        Level("somewhat alike", _as_written(alike("family", 0.8)), 0.03, 0.006, 0.01, 0.006, 0.05),
        Level("read alike, written otherwise", same("family"), 0.02, 0.01, 0.02, 0.02, 0.02),
        Level("different", "", 0.07, 0.97, 0.2, 0.95, 0.18),
    ),
    is_name=True,
)

_ANOTHER_MAILBOX = "another mailbox of the same domain"

EMAIL = Comparison(
    name="e-mail",
    columns=("email_box", "email_domain"),
    # Of a role's address the domain tells something where it is the same.
    unknown=f"{unknown('email_box')} and not coalesce({same('email_domain')}, false)",
    levels=(
        Level(
            "the same",
            same("email_box"),
            0.55,
            0.0005,
            0.08,
            0.02,
            term="email_box",
            identifies=True,
        ),
        Level(
            "the same mailbox elsewhere", same("mailbox"), 0.06, 0.0002, 0.01, 0.01, identifies=True
        ),
        Level("alike", alike("mailbox", 0.92), 0.06, 0.0004, 0.01, 0.01, identifies=True),
        Level(
            _ANOTHER_MAILBOX,
            f"{same('email_domain')} and email_box_l is not null and email_box_r is not null",
            0.06,
            0.05,
            0.1,
            0.5,
            term="email_domain",
        ),
        Level(
            "a role's address of the same domain",
            same("email_domain"),
            0.02,
            0.01,
            0.02,
            0.1,
            term="email_domain",
        ),
        Level("different", "", 0.25, 0.9389, 0.78, 0.36),
    ),
)

PHONE = Comparison(
    name="phone",
    columns=("phone",),
    unknown=unknown("phone"),
    levels=(
        Level("the same", same("phone"), 0.6, 0.0005, 0.5, 0.4, term="phone"),
        Level("one digit apart", ONE_DIGIT_APART, 0.05, 0.0005, 0.02, 0.05),
        Level("different", "", 0.35, 0.999, 0.48, 0.55),
    ),
)

BIRTH_DATE = Comparison(
    name="date of birth",
    columns=("born",),
    unknown=unknown("born"),
    levels=(
        Level("the same", same("born"), 0.85, 0.0001, term="born"),
        Level(
            "one digit apart, or day and month exchanged",
            f"({edits('born', 1)}) or ({_DAY_AS_MONTH})",
            0.06,
            0.001,
        ),
        Level("two digits apart", edits("born", 2), 0.03, 0.015),
        Level("different", _WITHIN_TEN_YEARS, 0.04, 0.25),
        # A typing error goes so far as well, but so do parents and children of one name.
        Level("more than ten years apart", "", 0.02, 0.7339),
    ),
    is_own=True,
    tells_apart=True,
)

NATIONAL_ID = Comparison(
    name="national id",
    columns=("national_id",),
    unknown=unknown("national_id"),
    levels=(
        Level("the same", same("national_id"), 0.93, 0.00001, term="national_id", identifies=True),
        Level("one digit apart", edits("national_id", 1), 0.04, 0.0001, identifies=True),
        Level("two digits apart", edits("national_id", 2), 0.02, 0.0005, identifies=True),
        Level("different", "", 0.01, 0.99939),
    ),
    is_own=True,
)

# Who writes from acme-shoes.example works for Acme Shoes Ltd. A domain that one in fifty writes
# from is a provider's (orange.fr), or of an employer where several of one name work.
_FROM_THERE = either_way(
    "length(company_word_l) > 3 and company_word_l = domain_word_r and tf_email_domain_r <= 0.02"
)

EMPLOYER = Comparison(
    name="company",
    columns=("company", "email_domain"),
    unknown=f"{unknown('company')} and not coalesce({_FROM_THERE}, false)",
    levels=(
        Level("the same", same("company"), 0.6, 0.005, 0.1, 0.6, term="company"),
        Level(
            "e-mail of the other's company",
            _FROM_THERE,
            0.1,
            0.001,
            0.02,
            0.2,
            reads="email_domain",
        ),
        Level("alike", alike("company", 0.92), 0.1, 0.002, 0.02, 0.1),
        Level("different", "", 0.2, 0.992, 0.86, 0.1),
    ),
    # Two colleagues of one name.
    unless=(EMAIL, _ANOTHER_MAILBOX),
)

# Karl Yberg Sr. and Karl Yberg Jr.
GENERATION = Comparison(
    name="generation",
    columns=("generation",),
    unknown=unknown("generation"),
    levels=(
        Level("the same", same("generation"), 0.98, 0.4, 0.2),
        Level("different", "", 0.02, 0.6, 0.8),
    ),
    is_name=True,
    keeps_apart=True,
)

PEOPLE = (
    GIVEN,
    FAMILY,
    GENERATION,
    EMAIL,
    PHONE,
    BIRTH_DATE,
    NATIONAL_ID,
    ADDRESS,
    COUNTRY,
    EMPLOYER,
)
