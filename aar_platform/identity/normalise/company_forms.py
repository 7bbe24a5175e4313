"""Legal forms of companies in many languages, and what a company's name in Han characters is."""

import re
from functools import cache

from aar_platform.identity.normalise.transliteration import HAN, ascii_words, plain

# Words of East Asian names that stand for the kind of company; longer ones go first.
_EASTERN = {
    "股份有限责任公司": "gufenyouxianzerengongsi",
    "股份有限公司": "gufenyouxiangongsi",
    "有限责任公司": "youxianzerengongsi",
    "有限責任公司": "youxianzerengongsi",
    "有限公司": "youxiangongsi",
    "总公司": "zonggongsi",
    "總公司": "zonggongsi",
    "分公司": "fengongsi",
    "集团": "jituan",
    "集團": "jituan",
    "控股": "konggu",
    "公司": "gongsi",
    "株式会社": "kabushikikaisha",
    "有限会社": "yugenkaisha",
    "合同会社": "godokaisha",
    "(株)": "kabushikikaisha",
    "(有)": "yugenkaisha",
    "주식회사": "jusikhoesa",
    "유한회사": "yuhanhoesa",
    "(주)": "jusikhoesa",
}
_EASTERN_WORD = re.compile("|".join(map(re.escape, _EASTERN)))
_BRANCH = re.compile(r"(?<=公司).{1,20}分公司$")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】")

# Beyond cleanco's terms: written out, and what says only how a company is held.
_WESTERN = """
    aktiebolag
    aktiengesellschaft
    aktieselskab
    and co
    and company
    and co kg
    anonim sirketi
    as
    besloten vennootschap
    eg
    gesellschaft mit beschrankter haftung
    gesellschaft mit beschraenkter haftung
    gmbh
    gmbh and co kg
    gmbh and co kgaa
    gmbh and co ohg
    ag and co kg
    ag and co kgaa
    se and co kg
    se and co kgaa
    ug
    ug haftungsbeschrankt
    ggmbh
    group
    groupe
    gruppe
    gruppo
    grupo
    grupa
    gruppen
    koncern
    konzern
    holding
    holdings
    limited liability company
    ltd sti
    ltd sirketi
    limited sirketi
    naamloze vennootschap
    osakeyhtio
    ao
    oao
    ooo
    pao
    zao
    tov
    obshchestvo s ogranichennoy otvetstvennostyu
    kabushiki kaisha
    kabushiki gaisha
    yugen kaisha
    godo kaisha
    kk
    se
    sociedad anonima
    sociedad limitada
    societa per azioni
    societa a responsabilita limitata
    societe anonyme
    spolka akcyjna
    spolka z ograniczona odpowiedzialnoscia
    sp z oo
    sp zoo
    pvt ltd
    private limited
    proprietary limited
    public limited company
    sa de cv
    sapi de cv
    s de rl de cv
    srl de cv
    tbk
    asbl
    jsc
    pjsc
    ojsc
    cjsc
    fzco
    fze
    dmcc
    wll
    eireli
    epp
    me
"""
# Terms of cleanco that are words or endings of names more often than legal forms.
_NAMES_RATHER = "at ad and ba da et fa ok pt sem sep sia sm ud uk"
# What stands before a name.
_BEFORE = """the firma ooo oao zao pao ao tov tzov pt cv sarl eurl sas ste societe kabushikikaisha
    yugenkaisha godokaisha jusikhoesa yuhanhoesa jituan"""
_ALIKE = {
    "limited": "ltd",
    "incorporated": "inc",
    "corporation": "corp",
    "company": "co",
    "holdings": "holding",
}


def company_form(text: str) -> tuple[str, str | None]:
    """A company's name in lower-case ASCII, and its core as written where that is in Han.

    Words for the kind of company stand apart, as pinyin or romaji: 阿里巴巴集团控股有限公司 is
    "alibaba jituan konggu youxiangongsi" and 阿里巴巴.
    """
    name = _BRANCH.sub("分公司", plain(text))
    form = ascii_words(_EASTERN_WORD.sub(lambda found: f" {_EASTERN[found[0]]} ", name))
    core = "".join(_EASTERN_WORD.sub(" ", _BRACKETS.sub(" ", name)).split())
    return form, core if HAN.search(core) else None


@cache
def legal_forms() -> tuple[str, ...]:
    """Legal forms as words of lower-case ASCII, the longest first."""
    from cleanco.termdata import terms_by_country, terms_by_type

    told = {
        ascii_words(plain(term))
        for terms in (*terms_by_type.values(), *terms_by_country.values())
        for term in terms
    }
    forms, names = set(), _NAMES_RATHER.split()
    for term in {*told, *map(str.strip, _WESTERN.strip().splitlines()), *_EASTERN.values()}:
        term = re.sub(r"(?<=\b[a-z])/(?=[a-z]\b)", "", term.replace("&", " and ").strip())
        # S.A. is written as one word and with blanks.
        for dot in ("", " "):
            form = " ".join(re.sub(r"[^a-z0-9]+", " ", term.replace(".", dot)).split())
            if len(form.replace(" ", "")) > 1 and form not in names:
                forms.add(form)
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def forms_before() -> tuple[str, ...]:
    """Legal forms and articles that stand before a name."""
    return tuple(_BEFORE.split())


def forms_alike() -> dict[str, str]:
    """Legal forms that are one under two names."""
    return dict(_ALIKE)
