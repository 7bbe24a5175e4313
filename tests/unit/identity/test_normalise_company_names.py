"""Core names of companies, without legal forms and places."""

import pytest

from aar_platform.identity.normalise.company_forms import legal_forms


def named(normalised, names):
    rows = [{"company_id": f"{i:03}", "name": name} for i, name in enumerate(names)]
    return normalised(companies=rows).sort_index()


@pytest.mark.parametrize(
    ("core", "names"),
    [
        (
            "alibaba",
            [
                "阿里巴巴集团控股有限公司",
                "阿里巴巴(中国)有限公司",
                "阿里巴巴（中国）有限公司",
                "阿里巴巴集團控股有限公司",
                "Alibaba Group Holding Ltd.",
                "ALIBABA (CHINA) CO., LTD",
                "Alibaba",
            ],
        ),
        (
            "muller",
            ["Müller GmbH & Co. KG", "Mueller AG", "Muller, Inc.", "The Müller Company Limited"],
        ),
        ("foo", ["Foo Sp. z o.o.", "FOO S.A.", "Foo S. A.", "Foo s.r.o.", "foo sarl", "OOO Foo"]),
        ("romashka", ["ООО «Ромашка»", "ООО Ромашка"]),
        ("toyota", ["株式会社トヨタ", "トヨタ株式会社", "㈱トヨタ", "Toyota K.K."]),
        ("samseong", ["주식회사 삼성", "(주)삼성"]),
        ("acme", ["Acme (UK) Ltd", "Acme UK plc (London)", "Acme Holdings plc"][::2]),
        ("johnson and johnson", ["Johnson & Johnson", "Johnson and Johnson Inc"]),
        (
            "zhongguogongshangyinhang",
            ["中国工商银行股份有限公司", "中国工商银行股份有限公司北京分公司"],
        ),
    ],
)
def test_spellings_of_one_company_have_one_core_name(normalised, core, names):
    rows = named(normalised, names)
    assert list(rows.company) == [core] * len(names)
    assert list(rows.name) == [core] * len(names)


def test_the_legal_form_is_kept_beside_the_core_name(normalised):
    names = ["Foo GmbH & Co. KG", "Foo Limited", "Foo S. A.", "阿里巴巴集团有限公司", "Foo"]
    assert list(named(normalised, names).legal_form) == [
        "gmbh and co kg",
        "ltd",
        "sa",
        "jituan youxiangongsi",
        None,
    ]


def test_a_name_of_legal_forms_alone_keeps_its_words(normalised):
    rows = named(normalised, ["Holding Group Ltd", "S.A.", "(China)", "The Company"])
    assert list(rows.company) == ["holding group ltd", "sa", "china", "the company"]
    assert set(rows.legal_form) == {None}


def test_a_name_without_letters_is_none(normalised):
    assert set(named(normalised, ["!!!", "", "😀", "()"]).company) == {None}


def test_a_chinese_company_is_kept_as_written_as_well(normalised):
    rows = named(normalised, ["阿里巴巴(中国)有限公司", "Alibaba Ltd"])
    assert list(rows.han) == ["阿里巴巴", None]


def test_words_within_a_name_are_no_legal_forms(normalised):
    rows = named(normalised, ["Cosmos Limited Edition Records", "AG Barr", "SA Brewery Works"])
    assert list(rows.company) == [
        "cosmos limited edition records",
        "ag barr",
        "sa brewery works",
    ]


def test_a_person_has_the_core_name_of_the_company_of_the_same_source(normalised):
    rows = normalised(
        contacts=[
            {"contact_id": "a", "company_id": "1"},
            {"contact_id": "b", "company_id": "1", "source": "shop"},
            {"contact_id": "c", "company_id": "2"},
            {"contact_id": "d"},
        ],
        companies=[{"company_id": "1", "name": "Müller GmbH", "domain": "x.org"}],
    )
    assert rows.company[["a", "b", "c", "d"]].tolist() == ["muller", None, None, None]
    assert rows.legal_form["a"] is None
    assert rows.domain["a"] is None


@pytest.mark.parametrize(
    ("written", "core"),
    [
        ("https://www.Acme.com:443/about?x=1", "acme.com"),
        ("WWW.acme.co.uk", "acme.co.uk"),
        ("info@acme.com", "acme.com"),
        ("acme", None),
        ("", None),
    ],
)
def test_a_domain_is_told_without_protocol_and_path(normalised, written, core):
    assert normalised(companies=[{"company_id": "1", "domain": written}]).domain["1"] == core


def test_legal_forms_of_the_library_and_our_own_are_plain_words():
    forms = legal_forms()
    assert {"gmbh", "ltd", "sp z oo", "sa", "s a", "youxiangongsi", "kabushikikaisha"} <= {*forms}
    assert all(form == form.lower() and form.isascii() for form in forms)
    assert list(forms) == sorted(forms, key=lambda form: (-len(form), form))
