"""Reports as files, read back: the same figures in HTML, PDF and XLSX, in the reader's language."""

import base64
import io
import re
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from html.parser import HTMLParser
from itertools import pairwise

import openpyxl
import pypdf
import pytest
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent
from fontTools.ttLib import TTFont

from aar_platform.kpis.registry import kpis
from aar_platform.quality.repairs import FORM_RULES, STRAY_BLANKS
from aar_platform.quality.rules import rules_of
from aar_platform.reports.fonts import LATIN, font_file
from aar_platform.reports.formats.html import html
from aar_platform.reports.formats.pdf import pdf
from aar_platform.reports.formats.xlsx import xlsx
from aar_platform.reports.render import render, render_each
from aar_platform.reports.rules import kind_of_rule
from aar_platform.reports.templates.account_activity.content import Activity, account_contents
from aar_platform.reports.templates.account_activity.pages import account_document
from aar_platform.reports.templates.account_activity.texts import TEXTS as ACCOUNT_TEXTS
from aar_platform.reports.templates.portfolio.texts import TEXTS
from aar_platform.reports.texts import SHARED
from aar_platform.reports.wording import Wording
from aar_platform.segments import cluster_names, rfm
from aar_platform.tables import catalogue

FORMATS = ("html", "pdf", "xlsx")
MANY = (
    "JP", "FR", "DE", "GB", "US", "CN", "IT", "ES", "NL", "BE", "PL", "SE", "NO", "DK", "FI", "PT",
    "GR", "CZ", "AT", "CH", "IE", "HU", "RO", "BG", "HR", "BA", "SK", "EE", "LV", "LT", "IN", "CF",
)  # fmt: skip
ACCOUNTS = {"c00000": "王伟", "c00001": "Анна Каренина"}
# Names that are taken for something else by whoever is careless.
HOSTILE = (
    "<script>alert(1)</script>", '=HYPERLINK("x")', "#show: $rm -rf$ *bold* @home",
    "O’Neil {{ 7*7 }}",
)  # fmt: skip
# For reports whose charts nobody looks at.
BLANK = defaultdict(lambda: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
CHINESE = re.compile(r"[\u4e00-\u9fff]")
VOID = ("meta", "img", "br", "link", "input", "hr", "polyline", "circle")


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, data):
        super().__init__()
        self.text, self.values, self.rows, self.captions = [], [], {}, []
        self.tags, self.addresses, self.style, self.pictures = [], [], "", []
        self.open = []
        self.feed(data.decode("utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        self.addresses += [
            (tag, name, value) for name, value in given.items()
            if name in ("src", "href", "srcset", "action", "data", "poster", "xlink:href")
            or name.startswith("on")
        ]  # fmt: skip
        if tag == "img":
            self.pictures.append(given)
        if tag == "caption":
            self.captions.append("")
        if tag == "tr":
            self.rows.setdefault(self.captions[-1], []).append([])
        if tag in ("td", "th"):
            self.rows[self.captions[-1]][-1].append("")
        if given.get("class") == "value":
            self.values.append("")
        if tag not in VOID:
            self.open.append((tag, given.get("class")))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if not self.open or not data.strip():
            return
        tag, kind = self.open[-1]
        if tag == "style":
            self.style += data
            return
        self.text.append(data)
        if tag == "caption":
            self.captions[-1] += data
        elif kind == "value":
            self.values[-1] += data
        elif any(one in ("td", "th") for one, _ in self.open):
            self.rows[self.captions[-1]][-1][-1] += data

    @property
    def said(self):
        return squeezed(" ".join(self.text))


def squeezed(text):
    """Text without what may break its lines: white space, invisible breaks."""
    return re.sub(r"[\s\u200b\u00a0\u202f]+", "", text)


class Paper:
    """The pages of a PDF: their text, and each run of it with where it lies, in points."""

    def __init__(self, data):
        self.reader = pypdf.PdfReader(io.BytesIO(data))
        self.pages = []
        for page in self.reader.pages:
            runs = []

            def see(text, matrix, _, font, size, runs=runs):
                if text.strip():
                    runs.append((round(matrix[5], 1), matrix[4], size, text.strip()))

            text = page.extract_text(visitor_text=see)
            self.pages.append((text, runs))
        self.text = squeezed("".join(text for text, _ in self.pages))

    def lines(self):
        """Runs of text of the same height, from left to right."""
        for _, runs in self.pages:
            by_height = {}
            for y, x, size, text in runs:
                by_height.setdefault(y, []).append((x, size, text))
            for line in by_height.values():
                # Parts of one run bear the place where it begins.
                begins = {x: (x, size, text) for x, size, text in sorted(line)}
                yield list(begins.values())


@cache
def advances():
    font = TTFont(font_file(LATIN), lazy=True)
    widths, glyphs = font["hmtx"].metrics, font.getBestCmap()
    return {code: widths[glyph][0] / font["head"].unitsPerEm for code, glyph in glyphs.items()}


def points(text, size):
    """How wide text is; what is not in the Latin font is as wide as a Chinese character."""
    return size * sum(advances().get(ord(one), 0 if one == "\u200b" else 1) for one in text)


def workbook(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def grid(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def shown_in_excel(cell):
    """A number or date as its cell's format writes it; None for text, which may wrap."""
    value, pattern = cell.value, cell.number_format
    if isinstance(value, datetime):
        return "2024-07-31 10:00" if "hh" in pattern else "2024-07-31"
    if value is None or isinstance(value, str):
        return None
    head = pattern.split(";")[0]
    unit = "".join(re.findall(r'"([^"]*)"', head))
    digits = len(head.split(".")[1].split('"')[0].rstrip("% ")) if "." in head else 0
    size = value * 100 if head.endswith("%") else value
    return f"{size:,.{digits}f}" + ("%" if head.endswith("%") else f" {unit}" if unit else "")


def column_width(sheet, letter):
    """openpyxl keeps columns of one width together, under the first."""
    place = openpyxl.utils.column_index_from_string(letter)
    for kept in sheet.column_dimensions.values():
        if kept.min <= place <= kept.max:
            return kept.width
    return 8.43


class Rendered:
    """The three files of one report, and what is in them; reading paper takes half a second."""

    def __init__(self, files):
        self.files = files

    @cached_property
    def page(self):
        return Page(self.files["html"])

    @cached_property
    def paper(self):
        return Paper(self.files["pdf"])

    @cached_property
    def book(self):
        return workbook(self.files["xlsx"])


def rendered(company, name="portfolio", **reader):
    return Rendered(render(name, company.tables, company.seen_by(**reader), FORMATS))


@pytest.fixture(scope="module")
def portfolio(northwind):
    return {locale: rendered(northwind, locale=locale) for locale in ("en", "zh")}


@pytest.fixture(scope="module")
def accounts(northwind):
    contexts = [northwind.seen_by(account=account) for account in ACCOUNTS]
    made = render_each("account_activity", northwind.tables, contexts, FORMATS)
    return {one.account: Rendered(files) for one, files in made}


@pytest.fixture(scope="module")
def large(warehouse_of):
    """A company in its first month, with customers in 32 countries and orders of millions."""
    amounts = {code: round(7_654_321.09 * (n + 1), 2) for n, code in enumerate(MANY)}
    people = [{"customer_id": code, "kind": "person"} for code in MANY]
    sales = [
        {
            "source": "shop", "kind": "order", "record_id": code, "order_id": code,
            "customer_id": code, "sold_at": datetime(2024, 7, 31), "sold_on": date(2024, 7, 31),
            "amount_reporting": Decimal(str(amount)), "currency": "EUR",
        }
        for code, amount in amounts.items()
    ]  # fmt: skip
    segments = [
        {
            "customer_id": code, "scheme": scheme, "segment": "5-1-5", "label": "New",
            "as_of": date(2024, 7, 31),
        }
        for code in MANY
        for scheme in ("rfm", "behavioural")
    ]  # fmt: skip
    month = {"period": "month", "period_start": date(2024, 7, 1)}
    figures = [
        {
            **month, "kpi": kpi, "dimension": dimension, "member": member, "unit": unit,
            "value": value,
        }
        for dimension, member, amount, count in (
            ("all", "all", sum(amounts.values()), len(MANY)),
            *(("country", code, amount, 1) for code, amount in amounts.items()),
        )
        for kpi, unit, value in (
            ("revenue", "EUR", amount), ("orders", "orders", count),
            ("active_customers", "customers", count),
        )
    ]  # fmt: skip
    return warehouse_of(
        {
            "customers": people, "sales": sales, "customer_segments": segments, "kpis": figures,
            "activities": [],
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def large_portfolio(large):
    return rendered(large)


@pytest.fixture(scope="module")
def empty(newcomer):
    return {locale: rendered(newcomer, locale=locale) for locale in ("en", "zh")}


@pytest.fixture(scope="module")
def everything(portfolio, accounts, large_portfolio, empty):
    """All files of this module, by what they are."""
    return {
        **{("portfolio", locale): one for locale, one in portfolio.items()},
        **accounts,
        "large portfolio": large_portfolio,
        **{("empty", locale): one for locale, one in empty.items()},
    }


def compact(value, locale):
    if abs(value) < 10_000:
        return format_currency(value, "EUR", locale=locale)
    exact = Decimal(str(value))
    return format_compact_currency(exact, "EUR", locale=locale, fraction_digits=2)


def headline_rows(book):
    rows = grid(book.worksheets[0])
    head = next(n for n, row in enumerate(rows) if row[0] in ("Figure", "指标"))
    # Below the head stands the name of the section, and then its figures.
    return rows[head + 2 : head + 10]


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_headlines_are_the_warehouses_sums_and_the_same_in_all_three_files(
    northwind, portfolio, locale
):
    made = portfolio[locale]
    sales = northwind.tables("sales").execute()
    july = sales[sales.sold_on.astype(str).str.startswith("2024-07")]
    rows = headline_rows(made.book)
    assert rows[0][1] == pytest.approx(float(july.amount_reporting.sum()))
    assert rows[1][1] == (july.kind == "order").sum()
    written = [
        compact(rows[0][1], locale),
        format_decimal(rows[1][1], locale=locale),
        *(compact(row[1], locale) for row in rows[2:4]),
        *(format_decimal(row[1], locale=locale) for row in rows[4:6]),
        *(format_percent(row[1], "0.0%", locale=locale) for row in rows[6:8]),
    ]
    assert made.page.values[: len(written)] == written
    for label, text in zip((row[0] for row in rows), written, strict=True):
        assert squeezed(label + text) in made.paper.text


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_every_table_of_the_page_stands_in_the_workbook_and_on_paper(portfolio, locale):
    made = portfolio[locale]
    assert len(made.page.rows) == 5
    for title, rows in made.page.rows.items():
        sheet = made.book[title]
        assert [cell.value for cell in sheet[1]] == rows[0]
        assert sheet.max_row == len(rows)
        for told, cells in zip(rows[1:], sheet.iter_rows(min_row=2), strict=True):
            assert told == [as_written(cell, told[n], locale) for n, cell in enumerate(cells)]
            assert squeezed("".join(told)) in made.paper.text


def as_written(cell, told, locale):
    """A cell of the workbook as a page writes it."""
    value, pattern = cell.value, cell.number_format
    if value is None:
        return "–"
    if isinstance(value, datetime):
        day = format_date(value, "medium", locale=locale)
        if "hh" not in pattern:
            return day
        hour = "2:00\u202fAM" if locale == "en" else "02:00"
        return f"{day}, {hour}"
    if isinstance(value, str):
        return value
    if "EUR" in pattern:
        return format_currency(value, "EUR", locale=locale)
    if pattern == "0.0%":
        return format_percent(value, "0.0%", locale=locale)
    if pattern == "#,##0.00":
        return f"{value:.2f}" if value < 10 else f"{value:.1f}"
    days = {"en": " days", "zh": " 天"}[locale]
    return format_decimal(round(value), locale=locale) + (days if told.endswith(days) else "")


def test_charts_months_and_countries_stand_as_numbers_in_the_workbook(northwind, portfolio):
    sales = northwind.tables("sales").execute()
    by_month = sales.groupby(sales.sold_on.astype(str).str[:7]).amount_reporting.sum()
    months = portfolio["en"].book["Months"]
    told = {row[0].strftime("%Y-%m"): row[1] for row in months.iter_rows(2, values_only=True)}
    assert told == pytest.approx({month: float(total) for month, total in by_month.items()})
    july = sales[sales.sold_on.astype(str).str.startswith("2024-07")]
    countries = dict(row[:2] for row in grid(portfolio["en"].book["Country"])[1:])
    of_china = float(july[july.country == "CN"].amount_reporting.sum())
    assert countries["China"] == pytest.approx(of_china)
    assert dict(row[:2] for row in grid(portfolio["zh"].book["国家"])[1:])["中国"] == (
        pytest.approx(of_china)
    )
    shares = [row[2] for row in grid(portfolio["en"].book["Country"])[1:]]
    assert sum(shares) == pytest.approx(1)
    assert len(portfolio["en"].book["Months"]._charts) == 2


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_accounts_figures_are_the_same_in_all_three_files(northwind, accounts, account):
    made = accounts[account]
    sales = northwind.tables("sales").execute()
    own = sales[sales.customer_id == account]
    rows = {row[0]: row[1] for row in grid(made.book.worksheets[0]) if row[0]}
    assert grid(made.book.worksheets[0])[1][0] == ACCOUNTS[account]
    assert ACCOUNTS[account] in made.page.text
    assert squeezed(ACCOUNTS[account]) in made.paper.text
    assert rows["Net value"] == pytest.approx(float(own.amount_reporting.sum()))
    assert rows["Orders"] == ((own.kind == "order") & (own.amount_reporting > 0)).sum()
    assert made.page.values[:2] == [
        compact(rows["Net value"], "en"), format_decimal(rows["Orders"], locale="en"),
    ]  # fmt: skip
    for value in made.page.values:
        assert squeezed(value) in made.paper.text
    timeline = grid(made.book["What happened"])[1:]
    assert len(timeline) == min(50, len(own) + (account == "c00000") * 2)
    for moment, kind, text, source, amount in timeline:
        money = "" if amount is None else format_currency(amount, "EUR", locale="en")
        day = format_date(moment, "medium", locale="en")
        assert squeezed(f"{kind}{text}{source}{money}") in made.paper.text
        for part in (day, text, money):
            assert squeezed(part) in made.page.said


@pytest.mark.parametrize("name", HOSTILE)
def test_a_customers_name_is_never_more_than_a_name(shopper, name):
    document, wording = shopper("en", name=name)
    page = Page(html(document, wording, BLANK))
    assert name in page.text
    assert "script" not in page.tags
    paper = Paper(pdf(document, wording, BLANK))
    assert squeezed(name) in paper.text
    assert name in paper.reader.metadata.title
    title = workbook(xlsx(document, wording)).worksheets[0]["A2"]
    assert (title.value, title.data_type) == (name, "s")


def test_no_cell_is_a_formula(everything):
    for name, made in everything.items():
        for sheet in made.book:
            for row in sheet.iter_rows():
                assert not [cell for cell in row if cell.data_type == "f"], (name, sheet.title)


def test_a_page_asks_for_nothing_from_elsewhere(everything):
    for name, made in everything.items():
        page = made.page
        assert not {"script", "link", "iframe", "object", "base", "form", "a"} & set(page.tags)
        assert all(value.startswith("data:") for _, _, value in page.addresses), name
        assert "@import" not in page.style
        urls = re.findall(r"url\(([^)]*)\)", page.style)
        assert urls
        assert all(url.startswith("data:font/woff;") for url in urls)
        assert 'src="http' not in made.files["html"].decode()


def test_pictures_are_inside_ask_for_nothing_and_say_what_they_show(portfolio, accounts):
    for made, count in ((portfolio["en"], 4), (portfolio["zh"], 4), (accounts["c00000"], 2)):
        assert len(made.page.pictures) == count
        for picture in made.page.pictures:
            assert len(picture["alt"]) > 20
            svg = base64.b64decode(picture["src"].split("base64,")[1]).decode()
            assert re.findall(r'(?:href|src)="(?!#)[^"]*"|url\((?!#)[^)]*\)|<script', svg) == []


def test_every_character_of_a_page_has_its_glyph_inside(portfolio, accounts):
    chinese = portfolio["zh"].page
    assert chinese.style.count("@font-face") >= 3
    families = re.findall(r'font-family:"([^"]+)";font-weight', chinese.style)
    assert "Noto Sans SC" in families
    used = {one["/BaseFont"] for one in fonts_of(accounts["c00001"].paper.reader)}
    assert all("SourceSans" in one or "NotoSans" in one or "DejaVu" in one for one in used)


def fonts_of(reader):
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            assert "/FontFile" in str(font.get_object()["/DescendantFonts"][0]["/FontDescriptor"])
            yield font.get_object()


def test_paper_says_its_title_language_pages_and_day(portfolio):
    for locale, language, last in (
        ("en", "en", "Page {n} of {n}"),
        ("zh", "zh", "第 {n} 页，共 {n} 页"),
    ):
        paper = portfolio[locale].paper
        assert paper.reader.trailer["/Root"]["/Lang"].startswith(language)
        assert paper.reader.metadata.creation_date.date() == date(2024, 7, 31)
        assert squeezed(last.format(n=len(paper.pages))) in paper.text


def test_no_number_or_date_is_wider_than_its_column(everything):
    for name, made in everything.items():
        for sheet in made.book:
            for row in sheet.iter_rows():
                for cell in row:
                    text = shown_in_excel(cell)
                    if text is not None:
                        width = column_width(sheet, cell.column_letter)
                        assert len(text) < width, (name, sheet.title, cell.coordinate, text)


def test_nothing_on_paper_runs_into_its_neighbour_or_off_the_page(everything):
    for name, made in everything.items():
        right = float(made.paper.reader.pages[0].mediabox.width) - 17 / 25.4 * 72
        for line in made.paper.lines():
            for (x, size, text), (following, _, other) in pairwise(line):
                assert x + points(text, size) <= following + 1, (name, text, other)
            x, size, text = line[-1]
            assert x + points(text, size) <= right + 2, (name, text)


def test_the_chinese_report_leaves_no_english_heading_label_or_figure(portfolio, shopper):
    english = Wording("en", "EUR", TEXTS)
    kept = {"RFM", "RFM 分群", "Northwind"}
    account = shopper("zh")
    pages = portfolio["zh"].page, Page(html(*account, BLANK))
    books = portfolio["zh"].book, workbook(xlsx(*account))
    for page, book in zip(pages, books, strict=True):
        titles = {*page.captions, *book.sheetnames} - kept
        assert all(CHINESE.search(title) for title in titles), titles
    for rows in portfolio["zh"].page.rows.values():
        assert all(CHINESE.search(head) for head in rows[0])
    labels = [row[0] for row in headline_rows(portfolio["zh"].book)]
    assert all(CHINESE.search(label) for label in labels)
    for kpi in kpis():
        assert english.name_of("kpi", kpi) not in portfolio["zh"].page.text


@pytest.fixture(scope="module")
def broken_rules(warehouse_of):
    """A company that has broken every rule there is once, and needed every repair."""
    refused = {
        (kind_of_rule(rule.name, rule.column), rule.name, rule.column, table)
        for table in catalogue.CORE
        for rule in rules_of(table)
    }
    one_each = {kind: (name, column, table) for kind, name, column, table in sorted(refused)}
    quarantine = [
        {
            "source": "erp", "object": table, "record_id": name, "rule": name,
            "column_name": column, "reason": "", "payload": "{}", "state": "open",
            "first_seen_at": datetime(2024, 7, 1),
        }
        for name, column, table in one_each.values()
    ]  # fmt: skip
    repairs = [
        {
            "source": "erp", "object": "contacts", "record_id": rule, "rule": rule,
            "column_name": "email", "repaired_at": datetime(2024, 7, 1),
        }
        for rule in (STRAY_BLANKS, *FORM_RULES.values())
    ]  # fmt: skip
    return warehouse_of({"quarantine": quarantine, "repairs": repairs}), len(one_each)


def test_every_rule_has_a_name_in_both_languages(broken_rules):
    company, count = broken_rules
    for locale, sheets in (
        ("en", ("Quarantined, by rule", "Repaired, by rule")),
        ("zh", ("按规则统计的隔离记录", "按规则统计的修复")),
    ):
        files = render("portfolio", company.tables, company.seen_by(locale=locale), ["xlsx"])
        book = workbook(files["xlsx"])
        names = [row[0] for sheet in sheets for row in grid(book[sheet])[1:]]
        assert len(set(names)) == len(names) == count + len(FORM_RULES) + 1
        written = {text for key, text in SHARED[locale].items() if key.startswith("rule.")}
        # A name made out of the code is none that somebody wrote.
        assert set(names) <= written, set(names) - written


def test_every_rule_of_every_table_is_called_by_a_written_name():
    for language, texts in SHARED.items():
        for table in catalogue.CORE:
            for rule in rules_of(table):
                kind = kind_of_rule(rule.name, rule.column)
                assert f"rule.{kind}" in texts, (language, table, rule.name)


def test_every_kpi_segment_and_scheme_has_a_chinese_name():
    chinese = {**SHARED["zh"], **TEXTS["zh"]}
    for name, one in kpis().items():
        words = one.in_chinese
        assert words, name
        for text in (words.name, words.question, words.formula):
            assert CHINESE.search(text), name
    labels = {label for row in rfm.LABELS.values() for label in row}
    labels |= {word for _, low, high in cluster_names.WORDS.values() for word in (low, high)}
    for label in labels | {"No purchase yet", cluster_names.AVERAGE}:
        assert CHINESE.search(chinese[f"label.{label.lower()}"]), label
    for texts in (SHARED, TEXTS):
        wanting = texts["en"].keys() - texts["zh"].keys()
        assert not wanting


def test_an_empty_company_gets_a_report_that_says_what_would_fill_it(empty):
    for locale, day, orders, sources in (
        ("en", "No data yet", "No orders yet", "No source has been read yet"),
        ("zh", "尚无数据", "尚无订单", "尚未读取任何数据源"),
    ):
        made = empty[locale]
        overview = " ".join(str(value) for row in grid(made.book.worksheets[0]) for value in row)
        for text in (day, orders, sources):
            assert squeezed(text) in made.page.said
            assert squeezed(text) in made.paper.text
            assert text in overview
        assert (made.page.values, made.page.rows, made.page.pictures) == ([], {}, [])
        # What figures mean is told before there are any.
        assert len(made.book.worksheets) == 2


def test_the_first_month_is_compared_with_nothing(large_portfolio):
    page = large_portfolio.page
    assert page.text.count("First month with data") == sum(value != "–" for value in page.values)
    assert "▲" not in page.said
    assert "▼" not in page.said
    assert "Months" not in large_portfolio.book.sheetnames
    changes = [row[5] for row in grid(large_portfolio.book["Country"])[1:]]
    assert set(changes) == {None}


def test_of_many_countries_the_chart_sums_up_the_rest_and_the_workbook_lists_all(large_portfolio):
    countries = grid(large_portfolio.book["Country"])[1:]
    names = [row[0] for row in countries]
    english = Locale.parse("en").territories
    assert names == [english[code] for code in reversed(MANY)]
    assert countries[0][1] == pytest.approx(7_654_321.09 * 32)
    alt = next(one["alt"] for one in large_portfolio.page.pictures if "by country" in one["alt"])
    assert alt.startswith(f"Revenue by country: {names[0]} €")
    # 22 × 23 / 2 parts of 32 × 33 / 2.
    assert "22 more countries €1.94B · 47.9%" in alt
    assert names[9] in alt
    assert names[10] not in alt


def test_large_amounts_are_short_on_pages_and_whole_in_the_workbook(large_portfolio):
    assert large_portfolio.page.values[0] == "€4.04B"
    assert large_portfolio.page.rows["RFM segments"][1][3] == "€4.04B"
    for sheet, row, column in ((0, None, 1), ("RFM segments", 2, 3)):
        cells = large_portfolio.book[sheet] if row else large_portfolio.book.worksheets[0]
        told = [one[column] for one in cells.iter_rows() if one[column].value]
        whole = [one for one in told if one.value == pytest.approx(528 * 7_654_321.09)]
        assert [one.number_format for one in whole] == ['#,##0.00 "EUR"']


@pytest.fixture(scope="module")
def shopper(warehouse_of):
    """The report on a customer with one order and a refund of known amounts, in any locale."""
    rows = [
        {
            "source": "shop", "kind": kind, "record_id": kind, "order_id": "1",
            "customer_id": "c1", "sold_at": datetime(2024, 7, day, 10),
            "sold_on": date(2024, 7, day), "amount_reporting": Decimal(amount), "currency": "EUR",
        }
        for kind, day, amount in (("order", 5, "1234567.89"), ("refund", 31, "-1234.50"))
    ]  # fmt: skip
    events = [
        {
            "customer_id": "c1", "occurred_at": row["sold_at"], "kind": row["kind"],
            "source": "shop", "record_id": row["kind"], "title": "Wine",
            "amount_reporting": row["amount_reporting"],
        }
        for row in rows
    ]  # fmt: skip
    person = {"customer_id": "c1", "kind": "person", "display_name": "Zoë", "country": "DE"}
    firm = warehouse_of({"customers": [person], "sales": rows, "activities": events})
    content = next(account_contents(firm.tables, [firm.seen_by(account="c1")]))

    def written(locale, currency="EUR", **changes):
        wording = Wording(locale, currency, ACCOUNT_TEXTS)
        told = replace(content, **changes)
        return account_document(told, firm.seen_by(account="c1"), wording), wording

    return written


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        ("en", ("€1,234,567.89", "-€1,234.50", "€1.23M", "Jul 5, 2024", "Germany", "July 2024")),
        ("en_GB", ("€1,234,567.89", "-€1,234.50", "€1.23M", "5 Jul 2024", "Germany", "July 2024")),
        ("de", ("1.234.567,89 €", "-1.234,50 €", "1,23 Mio. €", "05.07.2024", "Deutschland",
                "Juli 2024")),
        ("fr", ("1 234 567,89 €", "-1 234,50 €", "1,23 M €", "5 juil. 2024", "Allemagne",
                "juillet 2024")),
        ("zh", ("€1,234,567.89", "-€1,234.50", "€123.33万", "2024年7月5日", "德国", "2024年7月")),
    ],
)  # fmt: skip
def test_money_dates_and_countries_are_written_as_the_reader_writes_them(shopper, locale, texts):
    page = Page(html(*shopper(locale), BLANK))
    for text in texts:
        assert squeezed(text) in page.said, text


def test_a_currency_without_cents_shows_none(shopper):
    made = shopper("en", "JPY")
    assert squeezed("¥1,234,568") in Page(html(*made, BLANK)).said
    formats = {
        cell.number_format
        for row in workbook(xlsx(*made))["What happened"].iter_rows(min_row=2)
        for cell in row
        if isinstance(cell.value, float | int)
    }
    assert formats == {'#,##0 "JPY"'}


def test_a_timeline_without_texts_has_no_column_for_them_in_any_file(shopper):
    event = Activity(datetime(2024, 7, 5, 12), "order", "shop", "Wine", Decimal("5.00"))
    for title, heads in (
        ("Wine", ["When", "What", "Details", "Source", "Amount"]),
        (None, ["When", "What", "Source", "Amount"]),
    ):
        made = shopper("en", activities=(replace(event, title=title),))
        page = Page(html(*made, BLANK))
        bare = b'class="timeline bare"' in html(*made, BLANK)
        assert bare == (title is None) == ("Wine" not in page.text)
        sheet = workbook(xlsx(*made))["What happened"]
        assert [cell.value for cell in sheet[1]] == heads
        paper = Paper(pdf(*made, BLANK)).text
        assert squeezed("".join(heads)) in paper
        day = "Jul 5, 2024, 12:00 PM"
        assert squeezed(f"{day}Order{title or ''}shop€5.00") in paper


def test_the_same_data_give_the_same_bytes(northwind, accounts):
    context = northwind.seen_by(account="c00000")
    again = render("account_activity", northwind.tables, context, FORMATS)
    assert again == accounts["c00000"].files
