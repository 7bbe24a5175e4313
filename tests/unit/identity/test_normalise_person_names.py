"""Names of people in the forms that identity compares."""

import pytest

from aar_platform.identity.normalise.given_roots import given_roots


def told(normalised, names, home="DE", **columns):
    """(given, family) of whole names, in the order given."""
    people = [{"contact_id": f"{i:03}", "full_name": n, **columns} for i, n in enumerate(names)]
    rows = normalised(home, contacts=people).sort_index()
    return list(zip(rows.given, rows.family, strict=True))


def test_umlauts_and_what_is_written_for_them_are_one_name(normalised):
    names = ["Jörg Müller", "Joerg Mueller", "JORG MULLER", "Müller, Jörg", "jörg  müller"]
    assert set(told(normalised, names)) == {("jorg", "muller")}
    northern = ["Søren Ågård", "Soeren Aagaard", "Soren Agard"]
    assert set(told(normalised, northern)) == {("soren", "agard")}
    assert told(normalised, ["Æbbe Strauß", "Aebbe Strauss"]) == [("abbe", "strauss")] * 2


def test_pinyin_keeps_two_names_that_folded_umlauts_would_make_one(normalised):
    assert told(normalised, ["Fei Xue", "Fei Xu"]) == [("fei", "xue"), ("fei", "xu")]


def test_a_chinese_name_is_its_pinyin_with_the_family_name_told_apart(normalised):
    names = [
        "张伟",
        "張偉",
        "欧阳修",
        "诸葛 亮",
        "单雄信",
        "曾国藩",
        "吕布",
        "张 伟",
        "蔡依林",
        "赖声川",
    ]
    assert told(normalised, names) == [
        ("wei", "zhang"),
        ("wei", "zhang"),
        ("xiu", "ouyang"),
        ("liang", "zhuge"),
        ("xiongxin", "shan"),
        ("guofan", "zeng"),
        ("bu", "lu"),
        ("wei", "zhang"),
        ("yilin", "cai"),
        ("shengchuan", "lai"),
    ]


def test_a_chinese_name_is_whole_in_whichever_field_it_stands(normalised):
    people = [
        {"contact_id": "1", "full_name": "张伟"},
        {"contact_id": "2", "given_name": "张伟"},
        {"contact_id": "3", "family_name": "张伟"},
        {"contact_id": "4", "given_name": "伟", "family_name": "张"},
        {"contact_id": "5", "full_name": "张伟先生"},
        {"contact_id": "6", "full_name": "张伟 (Zhang Wei)"},
    ]
    rows = normalised(contacts=people)
    for column, value in {"given": "wei", "family": "zhang", "han": "张伟"}.items():
        assert set(rows[column]) == {value}


def test_both_orders_of_a_romanised_name_have_one_sorted_form(normalised):
    people = [{"contact_id": n, "full_name": n} for n in ("Zhang Wei", "Wei Zhang", "张伟")]
    assert set(normalised(contacts=people).name) == {"wei zhang"}


def test_the_family_name_goes_first_where_the_country_writes_it_so(normalised):
    names = ["Zhang Wei", "Anna Schmidt"]
    assert told(normalised, names, home="CN") == [("wei", "zhang"), ("anna", "schmidt")]
    assert told(normalised, names)[0] == ("zhang", "wei")
    assert told(normalised, names, country="CN")[0] == ("wei", "zhang")


def test_other_scripts_are_read_in_latin_letters(normalised):
    names = ["Юрий Щербаков", "Νίκος Παππάς", "김철수", "迪丽热巴·迪力木拉提", "Łukasz Żak"]
    assert told(normalised, names) == [
        ("yuriy", "shcherbakov"),
        ("nikos", "pappas"),
        ("cheolsu", "kim"),
        ("dilireba", "dilimulati"),
        ("lukasz", "zak"),
    ]


def test_titles_and_suffixes_are_no_part_of_a_name(normalised):
    names = [
        "Dr. Hans Weber",
        "Herr Prof. Dr. Dipl.-Ing. Hans Weber",
        "Weber, Hans, Jr.",
        "Hans Weber, PhD",
        "Hans Weber III",
        "Señor Hans Weber",
    ]
    assert set(told(normalised, names)) == {("hans", "weber")}
    assert told(normalised, ["M. Dupont", "Frau Weber", "王先生"]) == [
        (None, "dupont"),
        (None, "weber"),
        (None, "wang"),
    ]


def test_the_elder_and_the_younger_are_told_by_what_stands_behind_the_name(normalised):
    names = ["Hans Weber Sr.", "Weber, Hans, senior", "Hans Weber Junior", "Hans Weber, Jr, PhD"]
    names += ["Hans Weber III", "Hans Weber", "Hans Weber PhD", "Jr", "Iris Seniora"]
    people = [{"contact_id": f"{i}", "full_name": name} for i, name in enumerate(names)]
    found = list(normalised(contacts=people).generation)
    assert found == ["sr", "sr", "jr", "jr", "iii", None, None, None, None]
    parts = [{"contact_id": "1", "given_name": "Hans", "family_name": "Weber Jr."}]
    assert list(normalised(contacts=parts).generation) == ["jr"]
    assert told(normalised, ["Amartya Sen", "周军", "Kim Jun"]) == [
        ("amartya", "sen"),
        ("jun", "zhou"),
        ("kim", "jun"),
    ]


def test_a_family_name_of_several_words_stays_together(normalised):
    names = ["Ludwig van Beethoven", "María de la Cruz", "Al Smith", "Beethoven"]
    assert told(normalised, names) == [
        ("ludwig", "van beethoven"),
        ("maria", "de la cruz"),
        ("al", "smith"),
        ("beethoven", None),
    ]


def test_punctuation_does_not_make_names_different(normalised):
    assert set(told(normalised, ["Pat O'Brien", "Pat O’Brien", "O`Brien, Pat"])) >= {
        ("pat", "obrien")
    }
    people = [{"contact_id": n, "full_name": n} for n in ("Ann-Lee", "LEE, ANN", "ann lee.")]
    assert set(normalised(contacts=people).name) == {"ann lee"}


@pytest.mark.parametrize(
    "names",
    [
        ["unknown", "N/A", "n.a.", "-", "null", "None", "xxx", "guest", "Guest User", "Test Test"],
        ["...", "?", "未知", "游客", "not provided", "no name", "UNKNOWN UNKNOWN", " "],
    ],
)
def test_a_placeholder_is_no_name(normalised, names):
    assert set(told(normalised, names)) == {(None, None)}


def test_a_placeholder_beside_a_name_leaves_the_name(normalised):
    people = [
        {"contact_id": "1", "given_name": "Hans", "family_name": "Unknown"},
        {"contact_id": "2", "given_name": "Hans", "family_name": "-"},
        {"contact_id": "3", "given_name": "-", "family_name": "Weber"},
        {"contact_id": "4", "given_name": "Christopher", "family_name": "Guest"},
        {"contact_id": "5", "given_name": "Guest", "family_name": "Guest"},
    ]
    rows = normalised(contacts=people)
    assert list(rows.given) == ["hans", "hans", None, "christopher", None]
    assert list(rows.family) == [None, None, "weber", "gust", None]


def test_fields_of_their_own_go_before_the_whole_name(normalised):
    people = [
        {"contact_id": "1", "given_name": "Ann", "family_name": "Lee", "full_name": "A. Lee"},
        {"contact_id": "2", "given_name": "Ann", "full_name": "Ann Lee"},
        {"contact_id": "3", "given_name": "Ann Lee"},
    ]
    rows = normalised(contacts=people)
    assert set(rows.given) == {"ann"}
    assert set(rows.family) == {"lee"}


def test_nicknames_share_a_root(normalised):
    names = ["Bob Ray", "Rob Ray", "Robert Ray", "Robert James Ray", "Liz Ray", "Zora Ray"]
    people = [{"contact_id": n, "full_name": n} for n in names]
    roots = normalised(contacts=people).given_root
    assert {roots[name] for name in names[:4]} == {"robert"}
    assert roots["Liz Ray"] == "elizabeth"
    assert roots["Zora Ray"] == "zora"


def test_short_forms_of_any_language_share_a_root_with_every_name_they_stand_for(normalised):
    names = ["Ted", "Edward", "Theodore", "Pepe", "Jose", "Kasia", "Katarzyna", "Hans", "Johannes"]
    names += ["Jan", "Janek", "Fanfan", "Francoise", "Sasha", "Aleksandra"]
    people = [{"contact_id": n, "given_name": n, "family_name": "Ray"} for n in names]
    roots = {
        name: set(words.split()) for name, words in normalised(contacts=people).given_root.items()
    }
    for short, long in [
        ("Ted", "Edward"),
        ("Ted", "Theodore"),
        ("Pepe", "Jose"),
        ("Kasia", "Katarzyna"),
        ("Hans", "Johannes"),
        ("Janek", "Jan"),
        ("Janek", "Johannes"),
        ("Fanfan", "Francoise"),
        ("Sasha", "Aleksandra"),
    ]:
        assert roots[short] & roots[long], (short, long)
    assert not roots["Edward"] & roots["Theodore"]
    assert not roots["Pepe"] & roots["Edward"]


def test_a_root_is_its_own_root():
    roots = given_roots()
    assert all(roots.get(root, root) == root for root in roots.values())
    assert roots["bill"] == roots["billy"] == roots["will"] == "william"
    assert roots["al"] == "albert"
