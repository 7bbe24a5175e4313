"""The log of extracts: what was noted is read back, from a moment on."""

from datetime import datetime

from aar_platform.landing.extract_log import Extraction, extractions, note_extraction
from aar_platform.landing.store import Landing

JUNE = Extraction(datetime(2024, 6, 30, 23, 59), True)
JULY = Extraction(datetime(2024, 7, 1, 0, 1), False)
LATER = Extraction(datetime(2024, 7, 2, 0, 1), True)


def noted(tmp_path):
    landing = Landing(tmp_path)
    for one in (JUNE, JULY, LATER):
        note_extraction(landing, "crm", "contacts", one)
    return landing


def test_extracts_are_told_in_order_across_months(tmp_path):
    landing = noted(tmp_path)
    told = list(extractions(landing, "crm", "contacts", datetime(2024, 6, 1)))
    assert told == [JUNE, JULY, LATER]


def test_only_extracts_from_the_moment_on_are_told(tmp_path):
    landing = noted(tmp_path)
    assert list(extractions(landing, "crm", "contacts", datetime(2024, 7, 1))) == [JULY, LATER]
    since = datetime(2024, 7, 1, 0, 2)
    assert list(extractions(landing, "crm", "contacts", since)) == [LATER]


def test_an_object_that_was_never_extracted_has_none(tmp_path):
    landing = noted(tmp_path)
    assert list(extractions(landing, "crm", "deals", datetime(2024, 1, 1))) == []


def test_a_line_that_a_kill_cut_off_is_left_out_and_the_next_one_is_whole(tmp_path):
    landing = noted(tmp_path)
    (path,) = tmp_path.glob("crm/contacts/extracts-2024-07.jsonl")
    path.write_text(path.read_text()[:-12])
    assert list(extractions(landing, "crm", "contacts", datetime(2024, 7, 1))) == [JULY]
    note_extraction(landing, "crm", "contacts", LATER)
    assert list(extractions(landing, "crm", "contacts", datetime(2024, 7, 1))) == [JULY, LATER]


def test_the_log_is_no_partition_of_what_landed(tmp_path):
    assert noted(tmp_path).partitions("crm", "contacts") == []
