"""A text file is read rightly in whatever encoding it arrives."""

import bz2
import gzip
from pathlib import Path

import pytest

from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.reading import open_file
from aar_platform.sources.files.refusal import FileRefused

CHINESE = [
    "张伟在北京市朝阳区买了三件衬衫",
    "李娜给了五星好评，物流很快",
    "王芳说质量不错，下次还会再来",
]
CYRILLIC = ["Екатерина Иванова", "Москва, улица Тверская", "Привет и спасибо за покупку"]
ACCENTED = ["José Muñoz", "Zoë Brontë à Besançon", "Jürgen Groß aus Köln"]
POLISH = ["Łukasz Wiśniewski", "Małgorzata Żółć", "Święta w Łodzi są piękne"]


def read(path: Path, **stated):
    reading = open_file(path, FilesTable(path=str(path), into="contacts", **stated))
    return reading.batches.read_all().to_pylist(), reading.report


def write(tmp_path: Path, names: list[str], encoding: str, mark: bytes = b"") -> Path:
    text = "id;name\r\n" + "".join(f"{n};{name}\r\n" for n, name in enumerate(names))
    path = tmp_path / "people.csv"
    path.write_bytes(mark + text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("names", "encoding", "mark", "stated"),
    [
        (CHINESE, "utf-8", b"", "utf-8"),
        (CHINESE, "utf-8", b"\xef\xbb\xbf", "utf-8-sig"),
        (CHINESE, "utf-8", b"\xef\xbb\xbf\xef\xbb\xbf", "utf-8-sig"),
        (CHINESE, "utf-16-le", b"\xff\xfe", "utf-16-le"),
        (CHINESE, "utf-16-be", b"\xfe\xff", "utf-16-be"),
        (CHINESE, "utf-16-le", b"", "utf-16-le"),
        (CHINESE, "utf-16-be", b"", "utf-16-be"),
        (CHINESE, "gb18030", b"", "gb18030"),
        (CHINESE, "gbk", b"", "gb18030"),
        (
            ["張偉在北京買了三件襯衫", "這個產品質量很好", "下次還會再來購買"],
            "big5",
            b"",
            "big5hkscs",
        ),
        (CYRILLIC, "utf-8", b"", "utf-8"),
        (CYRILLIC, "utf-16-le", b"", "utf-16-le"),
        (CYRILLIC, "gb18030", b"", "gb18030"),
        (CYRILLIC, "cp1251", b"", "cp1251"),
        (CYRILLIC, "koi8-r", b"", "koi8-r"),
        (ACCENTED, "utf-8", b"", "utf-8"),
        (ACCENTED, "utf-16-be", b"", "utf-16-be"),
        (ACCENTED, "latin-1", b"", "cp1252"),
        ([*ACCENTED, "“12 €” – l’été"], "cp1252", b"", "cp1252"),
        (["José", "plain"], "latin-1", b"", "cp1252"),
        ([*ACCENTED, "caf\x81"], "latin-1", b"", "latin-1"),
        (POLISH, "cp1250", b"", "cp1250"),
        (
            ["안녕하세요 반갑습니다", "서울특별시 강남구", "배송이 빠르고 좋아요"],
            "cp949",
            b"",
            "cp949",
        ),
    ],
)
def test_names_of_every_script_arrive_as_they_were_written(tmp_path, names, encoding, mark, stated):
    rows, report = read(write(tmp_path, names, encoding, mark))
    assert [row["name"] for row in rows] == names
    assert report.encoding == stated


def test_a_stated_encoding_is_obeyed(tmp_path):
    path = write(tmp_path, ["Ђорђе"], "iso8859-5")
    assert read(path, encoding="iso8859-5")[0] == [{"id": "0", "name": "Ђорђе"}]


def test_a_wrongly_stated_encoding_refuses_the_file_by_line(tmp_path):
    path = write(tmp_path, ["plain", "José"], "latin-1")
    with pytest.raises(
        FileRefused, match=r"people\.csv, line 3: .*not UTF-8.*state its `encoding`"
    ):
        read(path, encoding="utf-8")
    path.write_bytes(b"id;name\n1;ok\n2;\x81\x20\n")
    with pytest.raises(FileRefused, match=r"line 3: .*gb18030"):
        read(path, encoding="gb18030")


def test_utf8_with_one_broken_place_is_not_taken_for_another_encoding(tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes(b"id,name\n" + "1,Zoë\n2,José\n".encode() + b"3,M\xe9l\n" + b"4,x\n")
    with pytest.raises(FileRefused, match=r"line 4: holds bytes that are not UTF-8"):
        read(path)


def test_a_foreign_letter_far_behind_the_sample_is_seen(tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes(b"id,name\n" + b"1,plain\n" * 700_000 + "2,José\n".encode("latin-1"))
    rows, _ = read(path)
    assert rows[-1] == {"id": "2", "name": "José"}
    assert len(rows) == 700_001


def test_byte_order_marks_of_joined_files_are_left_out_and_told(tmp_path):
    path = tmp_path / "people.csv"
    one = b"\xef\xbb\xbfid,name\n1,Ada\n"
    path.write_bytes(one + one.replace(b"1,Ada", b"2,Bob"))
    rows, report = read(path)
    assert rows == [{"id": "1", "name": "Ada"}, {"id": "2", "name": "Bob"}]
    assert "1 byte order marks inside the file were left out" in report.notes
    assert "1 repetitions of the header among the rows were left out" in report.notes


@pytest.mark.parametrize(("ending", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_a_packed_file_reads_like_the_plain_one(tmp_path, ending, pack):
    plain = write(tmp_path, CHINESE, "gb18030")
    packed = tmp_path / ("people.csv" + ending)
    packed.write_bytes(pack(plain.read_bytes()))
    assert read(packed)[0] == read(plain)[0]
    packed.write_bytes(pack(plain.read_bytes() * 9)[:-20])
    with pytest.raises(FileRefused, match=r"cut short or damaged; transfer it anew"):
        read(packed)


def test_members_of_a_joined_gzip_file_are_all_read(tmp_path):
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(b"id,name\n1,Ada\n") + gzip.compress(b"2,Bob\n"))
    assert [row["id"] for row in read(path)[0]] == ["1", "2"]


def test_a_broken_character_deep_in_the_file_refuses_it_by_line(tmp_path):
    path = tmp_path / "people.csv"
    good = "".join(f"{n},张伟在北京\n" for n in range(400_000)).encode("gb18030")
    path.write_bytes(b"id,name\n" + good + b"x,\xff\xff\n")
    with pytest.raises(FileRefused, match=r"people\.csv, line 400002: .*not gb18030"):
        read(path)


def test_a_quote_left_open_in_utf16_is_seen(tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes('id,name\n"1",a\n2,"b'.encode("utf-16"))
    with pytest.raises(FileRefused, match="line 3: a quote opens here"):
        read(path)
