"""The exit status, and what is said about a case."""

import re
from pathlib import Path

import pytest
from command_line import PROVED, REFUTED, UNDECIDED, USAGE, last_line

pytestmark = pytest.mark.usefixtures("folder")


UNDECIDED_OPTIONS = ["--method", "whole", "--budget", "0"]


# --- exit status ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "status", "summary"),
    [
        (["right.py"], PROVED, "1 item: 1 proved"),
        (["wrong.py"], REFUTED, "1 item: 1 refuted"),
        (["broken.py"], USAGE, "1 item: 1 error"),
        (["irrational.py"], PROVED, "1 item: 1 proved"),
        (["exponent.py"], UNDECIDED, "1 item: 1 undecided"),
        (["right.py", *UNDECIDED_OPTIONS], UNDECIDED, "1 item: 1 undecided"),
        (["kink.py"], PROVED, "1 item: 1 kink"),
        (["kink.py", "--strict"], REFUTED, "1 item: 1 kink"),
        (["right.py", "--strict"], PROVED, "1 item: 1 proved"),
        # The worse prevails, in the order refuted, error, undecided.
        (["right.py", "wrong.py", "broken.py"], REFUTED, "3 items: 1 proved, 1 refuted, 1 error"),
        (["exponent.py", "broken.py"], USAGE, "2 items: 1 undecided, 1 error"),
        (["exponent.py", "wrong.py"], REFUTED, "2 items: 1 undecided, 1 refuted"),
        (["exponent.py", "kink.py"], UNDECIDED, "2 items: 1 kink, 1 undecided"),
        (["exponent.py", "kink.py", "--strict"], REFUTED, "2 items: 1 kink, 1 undecided"),
        (["right.py", "nowhere.py"], USAGE, "2 items: 1 proved, 1 error"),
        (["x**2 / y", "x=3", "y=1/7"], PROVED, "1 item: 1 proved"),
        (["abs(x)", "x=0"], PROVED, "1 item: 1 kink"),
        (["x*y", "x=2", "y=3", "--method", "modular"], PROVED, "1 item: 1 probable"),
        (["x*y", "x=2", "y=3", "--method", "modular", "--strict"], PROVED, "1 item: 1 probable"),
        (["abs(x)", "x=0", "--method", "modular", "--strict"], REFUTED, "1 item: 1 kink"),
        (["wrong.py", "--method", "modular"], REFUTED, "1 item: 1 refuted"),
    ],
)
def test_the_exit_status_is_that_of_the_worst_verdict(verify, document, words, status, summary):
    found, out, err = verify(*words)
    assert (found, err) == (status, "")
    shown = re.sub(r" in [0-9.]+ s", "", last_line(out))
    assert shown.startswith(summary + "   (verdicts: ")
    found, machine = document(*words)
    assert found == machine["exit_status"] == status


# --- what is said about a case --------------------------------------------------------------------


def test_a_wrong_gradient_is_refuted_with_the_difference_in_symbols(verify):
    status, out, _ = verify("wrong.py")
    assert status == REFUTED
    assert [line.rstrip() for line in out.splitlines()[:-1]] == [
        "../wrong.py::wrong at (2, 3)   [to be refuted]",
        "  at x = 2, y = 3",
        "  node  operator  value  gradient  SymPy's derivative  verdict  proof",
        "  x               2      12        2*x*y               proved   whole",
        "  v1    pow       4      3         y                   proved   whole",
        "  y               3      4         v1                  proved   whole",
        "  v2    mul       12     1         1                   proved   whole",
        "gradient of wrong",
        "  at x = 2, y = 3",
        "  node  operator  value  gradient  SymPy's derivative  verdict  proof",
        "  x     given     2      12        2*x*y               proved   identity",
        "  y     given     3      7         x**2                refuted  identity",
        "  refuted y: the gradient gives 7, the derivative is 4; yours minus the true one is y "
        "(the term y is too many)",
        "    difference: y",
        "    blame: the gradient by y",
        "",
    ]


@pytest.mark.parametrize(
    ("options", "shows_proved", "shows_kink", "shows_refuted"),
    [
        ([], True, True, True),
        (["-q"], False, False, True),
        (["-q", "--strict"], False, True, True),
        (["-q", "-v"], True, True, True),
        (["-qq"], False, False, True),
    ],
)
def test_quiet_shows_what_fails(verify, options, shows_proved, shows_kink, shows_refuted):
    _, out, _ = verify("right.py", "kink.py", "wrong.py", "broken.py", *options)
    shown = [f"{name}.py::" in out for name in ("right", "kink", "wrong", "broken")]
    assert shown == [shows_proved, shows_kink, shows_refuted, True]
    assert last_line(out).startswith("4 items in ")


def test_verbose_shows_numbers_in_full(verify):
    assert str(7**100) not in verify("x * 7**100", "x=1")[1]
    assert str(7**100) in verify("x * 7**100", "x=1", "-v")[1]


def test_the_first_failure_can_be_the_last(verify, document):
    words = ["right.py", "kink.py", "wrong.py", "broken.py"]
    _, out, _ = verify(*words, "-x")
    assert "broken" not in out
    assert "stopped at the first failure, after 3 of 4 items" in out
    status, stopped = document(*words, "-x")
    assert (status, stopped["collected"], stopped["interrupted"]) == (REFUTED, 4, False)
    assert len(stopped["results"]) == 3
    assert len(document(*words, "-x", "--strict")[1]["results"]) == 2
    assert len(document("broken.py", "right.py", "-x")[1]["results"]) == 1
    assert len(document("right.py", "kink.py", "-x")[1]["results"]) == 2
    assert "stopped" not in verify("right.py", "wrong.py", "-x")[1]


def test_what_a_case_does_to_the_process_is_an_error_of_that_case_alone(verify, folder):
    endings = [
        "import pytest; pytest.skip('none')",
        "raise BaseException('none')",
        "raise SystemExit",
    ]
    for ending in endings:
        (folder / "ends.py").write_text(
            "from minigrad.verify import case\n@case(1)\ndef first(x): return x\n"
            f"@case(1)\ndef ends(x):\n    {ending}\n@case(1)\ndef last(x): return x\n"
        )
        status, out, _ = verify("../ends.py")
        assert status == USAGE
        assert last_line(out).startswith("3 items")
        assert "2 proved, 1 error" in last_line(out)
        (folder / "ends.py").write_text(ending)
        status, out, _ = verify("../ends.py", "../right.py")
        assert (status, "1 proved, 1 error" in last_line(out)) == (USAGE, True)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("x + float('nan')", "the function returned nan, which is no number"),
        ("x * float('inf')", "the function returned inf, which is no number"),
        ("np.log(-x)", "log(-1): the operand must be greater than 0"),
    ],
)
def test_what_is_no_number_is_no_graph_without_a_verdict(verify, folder, body, says):
    pytest.importorskip("numpy")
    text = (
        f"import numpy as np\nfrom minigrad.verify import case\n@case(1)\ndef f(x): return {body}\n"
    )
    (folder / "none.py").write_text(text)
    status, out, _ = verify("../none.py")
    assert status == USAGE
    assert says in out


def test_the_operator_rules_do_not_fail_for_their_kinks(verify, folder):
    Path("verify").mkdir()
    Path("verify/right.py").write_text((folder / "right.py").read_text())
    assert verify("--strict", "-q")[0] == PROVED
    Path("verify/kink.py").write_text((folder / "kink.py").read_text())
    assert verify("--strict", "-q")[0] == REFUTED
