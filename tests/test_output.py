"""Results as text, as JSON that equals the Reports, and as JUnit XML that is well-formed."""

import json
from fractions import Fraction
from xml.etree import ElementTree

import pytest

import minigrad
from minigrad.verify.output import as_json, as_junit, as_text, counts, summary
from minigrad.verify.report import Entry, Report, Verdict
from minigrad.verify.run import Result

PROVED, PROBABLE, KINK, UNDECIDED, REFUTED = Verdict
HOSTILE = "\x1b[31m<&>\"']]>\x00\n\udcff\ufffe中"


def entry(verdict, label="x"):
    return Entry(label, verdict, "whole", "", Fraction(1, 3), Fraction(2), "2*x", message="because")


def result(name, *verdicts, **more):
    """A result of one Report for each of `verdicts`, with one entry."""
    reports = tuple(Report((entry(verdict),), f"{name} {verdict}") for verdict in verdicts)
    return Result(name, reports, seconds=0.25, **more)


EXPECTED = result("c.py::expected", PROVED, REFUTED, expect_refuted=True)
UNEXPECTED = result("c.py::unexpected", PROVED, PROVED, expect_refuted=True)
RESULTS = [
    result("a.py::one", PROVED),
    result("a.py::two", PROVED, KINK),
    result("b.json", UNDECIDED),
    result("c.py::three", PROVED, REFUTED),
    Result("d.py", error="boom"),
    EXPECTED,
    UNEXPECTED,
]


def test_what_is_probable_is_counted_as_such_and_no_failure():
    results = [result("a.py::one", PROVED), result("a.py::two", PROBABLE, PROVED)]
    assert summary(results, 1, colour=False) == (
        "2 items in 1.0 s: 1 proved, 1 probable   (verdicts: 2 proved, 1 probable)"
    )
    document = json.loads(as_json(results, 1, 0, {}))
    assert document["verdicts"] == {"proved": 2, "probable": 1}
    assert document["results"][1]["reports"][0]["entries"][0]["verdict"] == "probable"
    for strict in (False, True):
        suite = ElementTree.fromstring(as_junit(results, 1, strict=strict)).find("testsuite")
        assert (suite.get("failures"), suite.findall(".//failure")) == ("0", [])


# --- text -----------------------------------------------------------------------------------------


def test_a_result_is_the_text_of_its_reports():
    text = as_text(RESULTS[1])
    assert text.index("a.py::two proved") < text.index("a.py::two kink")
    assert text.endswith("kink x: because\n")


@pytest.mark.parametrize(
    ("shown", "remark"),
    [
        (EXPECTED, "  refuted, as expected"),
        (UNEXPECTED, "  expected to be refuted, and is not"),
    ],
)
def test_a_remark_ends_the_text(shown, remark):
    assert as_text(shown).splitlines()[-1] == remark


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("boom", "error d.py\n  boom\n"),
        ("unknown name 'b'\n  a*b\n    ^", "error d.py\n  unknown name 'b'\n    a*b\n      ^\n"),
        ("\x1b[2Jboom\r", "error d.py\n  \\x1b[2Jboom\n"),
    ],
)
def test_an_error_is_indented_below_its_name(error, text):
    assert as_text(Result("d.py", error=error)) == text


def test_text_is_coloured_if_asked_for():
    assert as_text(RESULTS[4], colour=True) == "\x1b[31merror\x1b[0m d.py\n  boom\n"
    assert "\x1b[32mrefuted, as expected\x1b[0m" in as_text(EXPECTED, colour=True)
    assert "\x1b[31mexpected to be refuted" in as_text(UNEXPECTED, colour=True)
    assert "\x1b" not in "".join(map(as_text, RESULTS))


def test_names_from_anywhere_are_made_visible():
    shown = as_text(Result(HOSTILE, error=HOSTILE))
    assert all(c.isprintable() for line in shown.split("\n") for c in line)


def test_verbose_text_is_in_full():
    long = Result("a", (Report((Entry("x", PROVED, value=Fraction(7**100)),)),))
    assert str(7**100) in as_text(long, verbose=True)
    assert str(7**100) not in as_text(long)


# --- counts and summary ---------------------------------------------------------------------------


def test_refutations_that_were_expected_are_counted_as_such():
    items, entries = counts(RESULTS)
    assert items == {"proved": 2, "kink": 1, "undecided": 1, "refuted": 2, "error": 1}
    assert entries == {
        "proved": 6,
        "kink": 1,
        "undecided": 1,
        "refuted": 1,
        "refuted as expected": 1,
    }
    assert counts([result("a", REFUTED, REFUTED, expect_refuted=True)])[1] == {"refuted": 2}


@pytest.mark.parametrize(
    ("results", "text"),
    [
        ([], "0 items in 1.2 s"),
        (RESULTS[:1], "1 item in 1.2 s: 1 proved   (verdicts: 1 proved)"),
        (RESULTS[4:5], "1 item in 1.2 s: 1 error   (verdicts: none)"),
        (
            RESULTS,
            "7 items in 1.2 s: 2 proved, 1 kink, 1 undecided, 2 refuted, 1 error   "
            "(verdicts: 6 proved, 1 kink, 1 undecided, 1 refuted, 1 refuted as expected)",
        ),
        (
            [Result("a", (Report((entry(PROVED),) * 1234),))],
            "1 item in 1.2 s: 1 proved   (verdicts: 1,234 proved)",
        ),
    ],
)
def test_the_summary(results, text):
    assert summary(results, 1.234, colour=False) == text


def test_the_summary_is_coloured_by_verdict():
    text = summary(RESULTS, 1, colour=True)
    for code, words in (
        ("32", "2 proved"),
        ("31", "2 refuted"),
        ("31", "1 error"),
        ("33", "1 kink"),
    ):
        assert f"\x1b[{code}m{words}\x1b[0m" in text


# --- JSON -----------------------------------------------------------------------------------------


def test_json_is_the_results_and_what_stands_beside_them():
    document = json.loads(as_json(RESULTS, 1.2345, 1, {"seed": 7, "census": {"add": 3}}))
    results = document.pop("results")
    assert document == {
        "minigrad": minigrad.__version__,
        "exit_status": 1,
        "seconds": 1.234,
        "items": {"proved": 2, "kink": 1, "undecided": 1, "refuted": 2, "error": 1},
        "verdicts": dict(counts(RESULTS)[1]),
        "seed": 7,
        "census": {"add": 3},
    }
    assert [shown["reports"] for shown in results] == [
        [report.to_dict() for report in found.reports] for found in RESULTS
    ]
    assert [(shown["name"], shown["status"], shown["error"]) for shown in results] == [
        (found.name, found.status, found.error) for found in RESULTS
    ]
    assert results[5]["remark"] == "refuted, as expected"
    assert results[0]["seconds"] == 0.25


def test_json_carries_any_text():
    hostile = Result(HOSTILE, (Report((entry(PROVED, HOSTILE),), HOSTILE),), HOSTILE)
    text = as_json([hostile], 0, 2, {})
    assert text.isascii()
    (shown,) = json.loads(text)["results"]
    assert (shown["name"], shown["error"]) == (HOSTILE, HOSTILE)
    assert shown["reports"][0]["entries"][0]["label"] == HOSTILE


# --- JUnit ----------------------------------------------------------------------------------------


def junit(results, *, strict=False):
    (suite,) = ElementTree.fromstring(as_junit(results, 1.5, strict=strict))
    return suite


@pytest.mark.parametrize(("strict", "failures"), [(False, 3), (True, 4)])
def test_junit_counts_what_the_exit_status_counts(strict, failures):
    suite = junit(RESULTS, strict=strict)
    assert suite.attrib == {
        "name": "minigrad.verify",
        "tests": "7",
        "failures": str(failures),
        "errors": "1",
        "time": "1.500",
    }
    assert len(suite.findall("testcase/failure")) == failures
    assert len(suite.findall("testcase/error")) == 1


def test_junit_has_a_test_case_for_each_result():
    suite = junit(RESULTS)
    assert [(case.get("classname"), case.get("name")) for case in suite] == [
        *(("a.py", "one"), ("a.py", "two"), ("b.json", "b.json"), ("c.py", "three")),
        *(("d.py", "d.py"), ("c.py", "expected"), ("c.py", "unexpected")),
    ]
    assert [case.get("time") for case in suite][:2] == ["0.250", "0.250"]
    assert [case.findtext("system-out") for case in suite] == list(map(as_text, RESULTS))


def test_junit_failures_say_why():
    failures = {case.get("name"): case.find("failure") for case in junit(RESULTS, strict=True)}
    told = {
        name: (failure.get("type"), failure.get("message"))
        for name, failure in failures.items()
        if failure is not None
    }
    assert told == {
        "two": ("kink", "kink x: because"),
        "b.json": ("undecided", "undecided x: because"),
        "three": ("refuted", "refuted x: because"),
        "unexpected": ("refuted", "expected to be refuted, and is not"),
    }
    assert failures["three"].text == as_text(RESULTS[3])
    error = junit(RESULTS).find("testcase/error")
    assert (error.get("type"), error.get("message"), error.text) == (
        *("error", "boom", "error d.py\n  boom\n"),
    )


def test_junit_is_legal_xml_whatever_the_text():
    hostile = [
        Result(f"{HOSTILE}::{HOSTILE}", (Report((entry(REFUTED, HOSTILE),), HOSTILE),)),
        Result(HOSTILE, error=HOSTILE),
    ]
    text = as_junit(hostile, 0, strict=False)
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    assert text.isascii()
    suites = ElementTree.fromstring(text)
    assert suites.tag == "testsuites"
    refuted, error = suites[0]
    # XML has no way to write escape, NUL, half a surrogate pair and U+FFFE.
    visible = "�[31m<&>\"']]>�\n��中"
    assert refuted.get("classname") == refuted.get("name") == visible
    assert error.find("error").get("message") == visible
    assert "中" in refuted.findtext("failure")
