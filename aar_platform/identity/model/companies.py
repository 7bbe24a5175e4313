"""How two records of companies are compared."""

from aar_platform.identity.model.comparison import Comparison, Level, alike, same, unknown
from aar_platform.identity.model.places import ADDRESS, COUNTRY, ONE_DIGIT_APART

_COMMON = "len(list_intersect(string_split(company_l, ' '), string_split(company_r, ' ')))"
_WORDS_L = "len(string_split(company_l, ' '))"
_WORDS_R = "len(string_split(company_r, ' '))"

NAME = Comparison(
    name="name",
    columns=("company",),
    unknown=unknown("company"),
    levels=(
        Level("the same", same("company"), 0.7, 0.001, term="company"),
        Level(
            "one name within the other",
            f"{_COMMON} >= least({_WORDS_L}, {_WORDS_R})",
            0.12,
            0.003,
        ),
        Level("alike", alike("company", 0.92), 0.06, 0.001),
        Level(
            "half of the words",
            f"{_COMMON} * 2 >= greatest({_WORDS_L}, {_WORDS_R})",
            0.04,
            0.004,
        ),
        Level("somewhat alike", alike("company", 0.8), 0.03, 0.01),
        Level("different", "", 0.05, 0.981),
    ),
    is_own=True,
    is_name=True,
    tells_apart=True,
)

PHONE = Comparison(
    name="phone",
    columns=("phone",),
    unknown=unknown("phone"),
    levels=(
        Level("the same", same("phone"), 0.7, 0.0003, firm=0.4, term="phone"),
        Level("one digit apart", ONE_DIGIT_APART, 0.05, 0.0005, firm=0.05),
        Level("different", "", 0.25, 0.9992, firm=0.55),
    ),
)

DOMAIN = Comparison(
    name="domain",
    columns=("domain",),
    unknown=unknown("domain"),
    levels=(
        Level("the same", same("domain"), 0.8, 0.0005, firm=0.3, term="domain", identifies=True),
        Level("different", "", 0.2, 0.9995, firm=0.7),
    ),
)

# Bosch GmbH and Bosch Rexroth AG share a domain and are two companies. Only forms of one country's
# law in their usual spelling are compared: others may be one form translated or written out.
_FORMS = (
    ("gmbh", "ag", "ug", "se", "kg", "ohg", "ev", "gmbh and co kg"),
    ("sa", "sarl", "sas", "snc", "sci"),
    ("spa", "srl", "snc"),
    ("sl", "sa"),
    ("ltd", "plc", "llp"),
    ("bv", "nv"),
    ("ab", "hb", "kb"),
    ("youxiangongsi", "gufenyouxiangongsi"),
)


def _both_in(forms: tuple[str, ...]) -> str:
    # A holding is another company than those that it holds.
    told = ", ".join(f"'{held}{form}'" for form in forms for held in ("", "holding "))
    return f"(legal_form_l in ({told}) and legal_form_r in ({told}))"


LEGAL_FORM = Comparison(
    name="legal form",
    columns=("legal_form",),
    unknown=f"not coalesce({' or '.join(map(_both_in, _FORMS))}, false)",
    levels=(
        Level("the same", same("legal_form"), 0.97, 0.3, firm=0.5),
        Level("different", "", 0.03, 0.7, firm=0.5),
    ),
    is_name=True,
    keeps_apart=True,
)

COMPANIES = (NAME, LEGAL_FORM, PHONE, DOMAIN, ADDRESS, COUNTRY)
