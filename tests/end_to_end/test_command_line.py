"""`aar`: what it answers, and how it refuses."""

import csv
import io
import json
import subprocess
import sys

import pytest


def refused(answer, *words):
    """One line on stderr, exit status 1."""
    assert answer.status == 1, answer.said
    assert answer.out == ""
    assert len(answer.lines) == 1, answer.said
    for word in words:
        assert word in answer.err, answer.err


def test_init_writes_a_file_whose_only_fault_is_that_the_exports_are_missing(place):
    assert place.aar("init").status == 0
    answer = place.aar("check")
    assert answer.status == 1
    assert len(answer.lines) == 2, answer.said
    assert all("exports" in line or "no file of this name" in line for line in answer.lines)
    assert "erp.order_lines" in answer.lines[0]
    assert "erp.contacts" in answer.lines[1]


def test_init_writes_no_second_file_over_the_first(place):
    place.write("aar.yaml", "organisation: {name: Mine}\n")
    refused(place.aar("init"), "is there already")
    assert place.config.read_text() == "organisation: {name: Mine}\n"


def test_check_says_that_all_is_well(small_shop):
    answer = small_shop.aar("check")
    assert (answer.status, len(answer.lines)) == (0, 1)
    assert "all is well" in answer.out


def test_a_configuration_that_is_not_there_is_refused(place):
    for command in (["check"], ["run"], ["query", "select 1"], ["report", "portfolio"]):
        refused(place.aar(*command), "no such file", "aar init")


def test_every_misspelling_is_told_at_once_with_its_line_and_a_suggestion(place):
    place.write(
        "aar.yaml",
        "organisation: {name: Small, curency: EUR}\n"
        "kpis: {churn_after_day: 90}\n"
        "sources:\n"
        "  - name: shop\n"
        "    kind: file\n"
        "reports:\n"
        "  - {template: portfollio}\n",
    )
    answer = place.aar("check")
    assert answer.status == 1
    assert len(answer.lines) == 4, answer.said
    for line, (number, said) in zip(
        answer.lines, [(1, "currency"), (2, "churn_after_days"), (5, "files"), (7, "portfolio")],
        strict=True,
    ):  # fmt: skip
        assert f"aar.yaml:{number}" in line or f"line {number}" in line, line
        assert f"'{said}'" in line, line


def test_check_computes_ones_own_kpis_before_any_system_is_asked(place):
    place.write("aar.yaml", "organisation: {name: Small}\nkpis: {custom: kpis/}\n")
    (place.folder / "kpis").mkdir()
    place.write(
        "kpis/margin.yaml",
        "question: What is left?\nunit: currency\nformula: Sum of margins\nof: sales\n"
        "numerator: {sum: margin}\n",
    )
    answer = place.aar("check")
    assert (answer.status, len(answer.lines)) == (1, 1)
    assert "margin.yaml: sales has no column 'margin'; it has " in answer.out


def test_check_refuses_a_metric_that_cannot_be_told_customer_by_customer(place):
    place.write(
        "aar.yaml",
        "organisation: {name: Small}\n"
        "experiments:\n"
        "  - {name: checkout, metrics: [conversion, churn_rate, revenue]}\n"
        "  - {name: banner, metrics: [first_response_time]}\n",
    )
    answer = place.aar("check")
    assert (answer.status, len(answer.lines)) == (1, 2)
    assert answer.lines[0] == (
        "experiment checkout: metric churn_rate cannot be told customer by customer: "
        "it is not a sum over rows of single days"
    )
    assert answer.lines[1].startswith("experiment banner: metric first_response_time cannot be")


def test_check_reads_the_files_of_results_counted_elsewhere(place):
    names = ("gone", "latin", "bad", "apart", "good")
    listed = "".join(f"  - {{name: {name}, counts: {name}.csv}}\n" for name in names)
    place.write("aar.yaml", "organisation: {name: Small}\nexperiments:\n" + listed)
    header = "experiment,variant,metric,sample_size,successes\n"
    latin = place.write("latin.csv", "")
    latin.write_bytes(f"{header}latin,caf\xe9,bought,10,1\n".encode("latin-1"))
    rows = ("a,bought,10,11", "b,bought,-1,1", "c,bought,5,1.5")
    place.write("bad.csv", header + "".join(f"bad,{row}\n" for row in rows))
    place.write("apart.csv", header.replace(",", ";") + "apart;a;bought;10;1\n")
    place.write("good.csv", header + "good,a,bought,10,1\ngood,b,bought,10,2\n")
    answer = place.aar("check")
    assert (answer.status, len(answer.lines)) == (1, 6), answer.said
    assert answer.lines[0].startswith(f"{place.folder}/gone.csv: cannot be read: ")
    assert answer.lines[1].startswith(f"{place.folder}/latin.csv: cannot be read: ")
    assert answer.lines[2:] == [
        "bad.csv, row 2: successes 11 are more than sample_size 10",
        "bad.csv, row 3: sample_size '-1' is no whole number, such as 44700",
        "bad.csv, row 4: successes '1.5' is no whole number, such as 44700",
        "apart.csv: the column experiment is missing",
    ]


def test_check_tells_once_what_is_wrong_with_a_file_of_two_experiments(place):
    place.write(
        "aar.yaml",
        "organisation: {name: Small}\n"
        "experiments: [{name: one, counts: counts.csv}, {name: two, counts: counts.csv}]\n",
    )
    answer = place.aar("check")
    assert (answer.status, len(answer.lines)) == (1, 1), answer.said


def test_a_secret_written_out_is_refused_and_not_repeated(place):
    place.write("aar.yaml", "warehouse: {encryption_key: hunter2}\n")
    answer = place.aar("check")
    refused(answer, "${NAME}")
    assert "hunter2" not in answer.said


def test_a_selection_that_matches_nothing_is_refused(small_shop):
    refused(small_shop.aar("run", "--select", "kpi_revenu"), "kpi_revenu", "no asset")


def test_a_selection_that_cannot_be_read_is_refused(small_shop):
    refused(small_shop.aar("run", "--select", "key:(a or"), "--select")


def test_days_the_wrong_way_round_are_refused(small_shop):
    refused(small_shop.aar("run", "--from", "2024-02-01", "--to", "2024-01-01"), "is after")


@pytest.mark.parametrize(
    "days",
    [
        ("--from", "2030-01-01"),
        ("--to", "1999-01-01"),
        ("--from", "2030-01-01", "--to", "2030-02-01"),
    ],
)
def test_days_outside_the_data_are_said_to_have_none(shop, days):
    answer = shop.aar("run", "--select", "key:extract_shop__order_lines or key:kpi_revenue", *days)
    assert (answer.status, len(answer.lines)) == (0, 1), answer.said
    asked = " ".join(days).replace("--", "")
    assert f"no data lie in the days {asked}; they lie from 2024-01-03 to 2024-04-02" in answer.out


def test_days_before_the_start_are_no_traceback(shop):
    select = ("--select", "key:extract_shop__order_lines or key:kpi_revenue")
    answer = shop.aar("run", *select, "--from", "2023-01-01", "--to", "2023-02-01")
    assert len(answer.lines) <= 1, answer.said
    assert "Traceback" not in answer.said


@pytest.mark.parametrize(
    "days", [("--from", "2024-02-01", "--to", "2024-02-29"), ("--from", "2024-04-20"), ()]
)
def test_days_of_months_with_data_are_not_said_to_have_none(shop, days):
    answer = shop.aar("run", "--select", "key:kpi_revenue", *days)
    assert (answer.status, len(answer.lines)) == (0, 1), answer.said
    assert answer.out.startswith("done; reports lie in ")


def test_days_that_have_landed_and_are_in_no_table_yet_have_data(new_shop):
    place = new_shop()
    select = ("run", "--select", "key:extract_shop__order_lines")
    january = ("--from", "2024-01-01", "--to", "2024-01-31")
    assert place.aar(*select, *january).out.startswith("done; ")
    said = place.aar(*select, "--from", "2030-01-01").out
    assert said.startswith("no data lie in the days from 2030-01-01; reports lie in ")


def test_a_query_comes_as_a_table_as_csv_and_as_json(small_shop):
    sql = (
        "select customer_id is null as missing, 'a,b' as text, 1.50 as price, null as nothing "
        "from customers limit 1"
    )
    table = small_shop.aar("query", sql).out
    assert "a,b" in table and "missing" in table
    rows = list(csv.reader(io.StringIO(small_shop.aar("query", "--format", "csv", sql).out)))
    assert rows == [["missing", "text", "price", "nothing"], ["False", "a,b", "1.50", ""]]
    answer = small_shop.aar("query", "--format", "json", sql)
    assert json.loads(answer.out) == [
        {"missing": False, "text": "a,b", "price": 1.5, "nothing": None}
    ]


def test_an_error_in_sql_is_one_line(small_shop):
    refused(small_shop.aar("query", "selct 1"), "syntax error")
    refused(small_shop.aar("query", "select revenu from kpis"), "revenu")
    refused(small_shop.aar("query", "select * from kpi_revenu"), "kpi_revenue")
    refused(small_shop.aar("query", "select cast(display_name as integer) from customers"))


@pytest.mark.parametrize(
    "sql",
    [
        "delete from customers",
        "create table x as select 1",
        "update kpis set value = 0",
        "drop table customers",
        "select * from read_csv('{folder}/aar.yaml')",
        "select * from '{folder}/exports/people.csv'",
        "copy customers to '{folder}/stolen.csv'",
        "attach '{folder}/stolen.duckdb' as stolen",
        "export database '{folder}/stolen'",
        "select * from glob('{folder}/*')",
        "install httpfs",
        "set enable_external_access = true",
    ],
)
def test_a_query_neither_writes_nor_reads_another_file(shop, sql):
    before = shop.tables(with_times=True)
    refused(shop.aar("query", sql.format(folder=shop.folder)))
    assert not list(shop.folder.glob("stolen*"))
    assert shop.tables(with_times=True) == before


def test_a_query_before_the_first_run_says_what_to_do(new_shop):
    refused(new_shop().aar("query", "select 1"), "there is no warehouse yet", "aar run")


def test_an_unknown_template_is_refused_with_a_suggestion(small_shop):
    refused(small_shop.aar("report", "portfollio"), "portfollio", "portfolio")


def test_an_unknown_account_is_refused(small_shop):
    refused(small_shop.aar("report", "account_activity", "--account", "C404"), "C404")
    refused(small_shop.aar("report", "account_activity"), "--account")


def test_an_unknown_recipient_month_and_locale_are_refused(small_shop, tmp_path):
    out = ("--out", str(tmp_path))
    refused(
        small_shop.aar("report", "portfolio", "--for", "eve@example.com", *out), "eve@example.com"
    )
    refused(small_shop.aar("report", "portfolio", "--month", "July", *out), "2024-07")
    refused(small_shop.aar("report", "portfolio", "--locale", "xx", *out), "xx")
    assert not list(tmp_path.glob("*.html"))


def test_a_report_is_rendered_on_demand(small_shop, tmp_path):
    account = small_shop.query("select customer_id from customer_scores order by 1 limit 1")
    for command in (
        ("portfolio", "--format", "pdf", "--format", "html"),
        ("account_activity", "--account", account[0]["customer_id"]),
    ):
        answer = small_shop.aar("report", *command, "--out", str(tmp_path))
        assert answer.status == 0, answer.said
        for path in answer.out.splitlines():
            assert (tmp_path / path).stat().st_size > 1000
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".html", ".html", ".pdf"]


def test_a_second_writer_is_told_to_wait(shop):
    hold = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); "
        "sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(shop.folder / "data/warehouse.duckdb")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout.readline() == "held\n"
        refused(shop.aar("query", "select 1"), "open in another process", str(holder.pid))
        refused(shop.aar("run", "--select", "kpi_revenue"), "open in another process")
    finally:
        holder.communicate("")


def test_a_damaged_warehouse_is_one_line(shop):
    (shop.folder / "data/warehouse.duckdb").write_bytes(b"nothing of the kind" * 1000)
    refused(shop.aar("query", "select 1"), "cannot be opened")
    refused(shop.aar("run", "--select", "kpi_revenue"), "cannot be opened")


def test_progress_and_answers_do_not_mix(new_shop):
    place = new_shop()
    run = place.start("run", "--select", "key:extract_shop__contacts or key:raw_shop__contacts")
    out, err = run.communicate()
    assert (run.returncode, err) == (0, "")
    assert len(out.splitlines()) == 1
    assert str(place.folder / "reports") in out


def test_a_missing_column_is_told_with_the_file_and_what_there_is(new_shop):
    place = new_shop()
    place.config.write_text(
        place.config.read_text().replace("email: email, phone: phone", "email: e_mail")
    )
    answer = place.aar("check")
    assert answer.status == 1
    assert len(answer.lines) == 1, answer.said
    assert "e_mail" in answer.said and "people.csv" in answer.said
    answer = place.aar(
        "run", "--select", "key:extract_shop__contacts or key:raw_shop__contacts or key:contacts"
    )
    assert answer.status == 1
    assert len(answer.lines) == 1, answer.said
    assert "e_mail" in answer.said and "people.csv" in answer.said
