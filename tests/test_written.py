from __future__ import annotations

import json
import pickle
from fractions import Fraction

import pytest

from minigrad import Scalar
from minigrad.number_text import exact_text, short_text
from minigrad.verify import output
from minigrad.verify.check import check_gradient
from minigrad.verify.proof import verify
from minigrad.verify.run import Result
from minigrad.verify.written import Written, from_record, to_record, written


def results() -> list[Result]:
    x, y = Scalar("1/2", "x"), Scalar(3, "y")
    long = Scalar(10**5000 + 1, "long")
    wrong = x * y * y
    wrong.backward()
    y.grad = 1
    refuted = check_gradient(lambda x: x.exp() * x, lambda x: x.exp(), 2)
    return [
        Result("closed", (verify((x * y).exp() + x.sqrt()),), seconds=0.25),
        Result("long", (verify(long * long / y),)),
        Result("kink", (verify(abs(Scalar(0, "z"))),)),
        Result("wrong", (verify(wrong), refuted), expect_refuted=True),
        Result("error", error="no such\nthing"),
    ]


@pytest.mark.parametrize("result", results(), ids=lambda result: result.name)
def test_what_is_written_is_reported_as_what_it_was_written_from(result: Result) -> None:
    light = written(result)
    assert (light.status, light.remark) == (result.status, result.remark)
    for again in (light, from_record(json.loads(json.dumps(to_record(light))))):
        for verbose in (False, True):
            assert output.as_text(again, verbose=verbose) == output.as_text(result, verbose=verbose)
        assert output.as_json([again], 0, 0, {}) == output.as_json([result], 0, 0, {})
        assert again == light


def test_only_what_is_long_or_irrational_is_written() -> None:
    root = (Scalar("1/3", "x") * (10**400)).exp() * 2 + Scalar(5, "y")
    entries = written(Result("a", (verify(root, "chain"),))).reports[0].entries
    kinds = {type(entry.value) for entry in entries if entry.label in "xy"}
    assert kinds == {Fraction}
    long = next(entry.value for entry in entries if entry.operator == "mul")
    assert isinstance(long, Written)


def test_a_number_that_nobody_reads_in_full_is_not_written_in_full() -> None:
    number = 10**5000 + 1
    report = verify(Scalar(number, "x") * 1, "chain")
    full, shown = (
        written(Result("a", (report,)), in_full=wanted).reports[0].entries[0].value
        for wanted in (True, False)
    )
    assert exact_text(full) == exact_text(Fraction(number))
    assert (
        exact_text(shown)
        == short_text(shown)
        == short_text(full)
        == "10000000…00000001 (5,001 digits)"
    )
    assert len(pickle.dumps(shown)) < 200


@pytest.mark.parametrize("record", [{}, {"name": "a"}, {"name": "a", "reports": [{}]}])
def test_what_is_no_record_is_refused(record: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError)):
        from_record(record)
