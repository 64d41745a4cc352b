"""The options of the command line: what they are read as, and what is refused in which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_line import USAGE

import minigrad
from minigrad.errors import CaseError
from minigrad.verify.options import check, parser


def read(*words: str) -> dict[str, Any]:
    return vars(parser().parse_args(words))


DEFAULTS = {
    "words": [], "keyword": None, "random": None, "seed": None,
    "method": "auto", "budget": 10.0, "strict": False, "exitfirst": False,
    "jobs": None, "dask": None, "memory": None, "resume": None,
    "verbose": 0, "quiet": 0, "format": "text", "output": None,
}  # fmt: skip


def test_without_options() -> None:
    assert read() == DEFAULTS


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("-k sum", "keyword", "sum"),
        *[(f"--random {n}", "random", n) for n in (1, 1_000_000)],
        *[(f"--seed {n}", "seed", n) for n in (0, -7, 10**30)],
        *[(f"--method {m}", "method", m) for m in ("auto", "whole", "chain", "modular")],
        *[(f"--budget {s}", "budget", float(s)) for s in ("0", "1e300", "0.5")],
        *[
            ("--strict", "strict", True),
            ("-x", "exitfirst", True),
            ("--exitfirst", "exitfirst", True),
        ],
        *[(f"-j {n}", "jobs", n) for n in (0, 1000)],
        *[("--jobs 2", "jobs", 2), ("--memory 0.5", "memory", 0.5)],
        *[("--dask tcp://here:1", "dask", "tcp://here:1"), ("--resume a b", "resume", Path("a"))],
        *[("-v -v", "verbose", 2), ("-qq", "quiet", 2), ("--output out", "output", Path("out"))],
        *[(f"--format {f}", "format", f) for f in ("text", "json", "junit")],
        *[
            ("a*b a=3 b=4", "words", ["a*b", "a=3", "b=4"]),
            ("-- -x*x x=3", "words", ["-x*x", "x=3"]),
        ],
    ],
)
def test_an_option_is_read(words: str, name: str, value: Any) -> None:
    found = read(*words.split())
    assert (found[name], type(found[name])) == (value, type(value))
    others = {"words"} if name == "resume" else set()
    assert {key for key in found if found[key] != DEFAULTS[key]} <= {name} | others


GRAPHS = "expected a number of graphs, 1 to 1,000,000; got"
WORKERS = "expected a number of workers, 0 to 1,000; got"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        *[
            (["--random", text], f"--random: {GRAPHS} '{text}'")
            for text in ("0", "-3", "abc", "1e3")
        ],
        (["--random", "1000001"], f"{GRAPHS} '1000001'"),
        (["--random", "1" * 5000], f"{GRAPHS} '1111"),
        (
            ["--random", "2", "--seed", "x"],
            "--seed: expected a whole number of at most 4,300 digits",
        ),
        (["--seed", "1" * 5000], "--seed: expected a whole number of at most 4,300 digits"),
        *[
            (["--budget", text], f"--budget: expected seconds, 0 or more; got '{text}'")
            for text in ("-1", "nan", "inf", "soon")
        ],
        *[(["--jobs", text], f"{WORKERS} '{text}'") for text in ("-1", "1001", "all", "2.0")],
        *[
            (["--memory", text], f"expected 0.5 GiB or more; got '{text}'")
            for text in ("0.1", "inf", "nan", "much")
        ],
        (["--method", "guess"], "choose from"),
        (["--format", "yaml"], "choose from"),
        (["--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["-a*b", "a=1", "b=2"], "an expression that begins with a minus sign goes after --"),
        (["-x*x", "x=3"], "an expression that begins with a minus sign goes after --"),
        (["-k"], "expected one argument"),
    ],
)
def test_wrong_options_are_explained(
    capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    with pytest.raises(SystemExit) as leaving:
        read(*words)
    out, err = capsys.readouterr()
    assert (leaving.value.code, out) == (USAGE, "")
    assert err.startswith("usage: python -m minigrad.verify")
    assert says in err
    assert len(err.splitlines()[-1]) < 200


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--memory 1 --jobs 0", "--memory is a limit on workers, and with --jobs 0 there are none"),
        (
            "--dask tcp://127.0.0.1:1 --jobs 2",
            "--jobs starts workers here, --dask uses those of a cluster: give one of them",
        ),
        ("--dask tcp://127.0.0.1:1 --jobs 0", "--jobs starts workers here, --dask uses"),
        ("--resume run --output ./run", "--output would overwrite the journal of --resume"),
    ],
)
def test_options_that_do_not_go_together(words: str, says: str) -> None:
    with pytest.raises(CaseError, match=f"^{says}"):
        check(parser().parse_args(words.split()))


@pytest.mark.parametrize(
    "words",
    [
        *["", "--memory 1", "--jobs 0", "--memory 1 --jobs 1", "--dask a --memory 1"],
        "--resume run --output report",
    ],
)
def test_options_that_go_together(words: str) -> None:
    check(parser().parse_args(words.split()))


def test_the_help_names_every_option_and_status() -> None:
    text = parser().format_help()
    for name in ("-k", "-x", "-v", "-q", "-j", "--random", "--budget", "--resume", "--output"):
        assert f"  {name}" in text or f", {name}" in text
    statuses = [line.split()[0] for line in text.splitlines() if line[:3].strip().isdigit()]
    assert statuses == ["0", "1", "2", "3", "130"]


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        read("--version")
    assert capsys.readouterr().out == f"minigrad {minigrad.__version__}\n"
