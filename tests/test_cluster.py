"""A Dask cluster of two workers on the loopback address, each a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import workers
from command_line import PROVED, REFUTED, USAGE

import minigrad
from minigrad.errors import CaseError
from minigrad.verify import cluster
from minigrad.verify.child import Job
from minigrad.verify.cluster import executor_at
from minigrad.verify.jobs import run

distributed: Any = pytest.importorskip("distributed", reason="distributed is not installed")

LONG = 60.0


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """That of a scheduler with two workers of one thread each."""
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    common = ["--scheduler-file", str(file), "--host", "127.0.0.1", "--no-dashboard"]
    alone = ["--nthreads", "1", "--no-nanny", "--local-directory", str(folder)]
    commands = [
        ["scheduler", *common, "--port", "0"],
        ["worker", *common, *alone, "--name", "one"],
        ["worker", *common, *alone, "--name", "two"],
    ]
    path = os.pathsep.join([str(Path(minigrad.__file__).parents[1]), str(Path(__file__).parent)])
    started = []
    try:
        for command in commands:
            with (folder / f"{len(started)}.log").open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "dask", *command],
                    cwd=folder,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, "PYTHONPATH": path},
                )
            started.append(process)
        assert workers.until(lambda: file.exists() and file.read_text().endswith("}"))
        yield json.loads(file.read_text())["address"]
    finally:
        for process in started:
            process.kill()
            process.wait()


def acting(*parts: str) -> Job:
    return Job(workers.nothing, workers.act, parts)


def found(address: str, jobs: list[Job], **options: Any) -> dict[int, list[str]]:
    with executor_at(address) as executor:
        answers = dict(run(jobs, executor, seconds=LONG, **options))
    return {n: [answer.value or answer.message for answer in answers[n]] for n in answers}


def test_jobs_are_done_by_the_workers_and_only_a_verdict_is_lost(address: str) -> None:
    jobs = [acting("a", "exit", "b"), *[acting(str(n)) for n in range(1, 9)]]
    assert found(address, jobs) == {
        0: ["A", "its process ended with exit status 7", "B"],
        **{n: [str(n)] for n in range(1, 9)},
    }


@pytest.mark.usefixtures("folder")
def test_the_report_of_a_cluster_is_that_of_this_process(
    verify: Callable[..., tuple[Any, str, str]], address: str, folder: Path
) -> None:
    words = ["right.py", "wrong.py", "kink.py", "prints.py", "--random", "20", "--seed", "2"]
    here, there = (verify(*words, *way) for way in (["--jobs", "0"], ["--dask", address]))
    assert here[0] == there[0] == REFUTED
    assert re.sub(r"\d+\.\d s", "", here[1]) == re.sub(r"\d+\.\d s", "", there[1])
    assert here[2] == there[2]


def test_a_worker_that_is_killed_in_mid_run_costs_no_verdict(address: str, tmp_path: Path) -> None:
    dies = f"once {tmp_path / 'dead'}"
    jobs = [acting(str(n), dies if n == 2 else "sleep 0.05") for n in range(10)]
    answers = found(address, jobs, warn=pytest.fail)
    assert (tmp_path / "dead").exists()
    assert answers.pop(2) == ["2", dies.upper()]
    assert answers == {n: [str(n), "SLEEP 0.05"] for n in range(10) if n != 2}
    with distributed.Client(address, set_as_default=False) as client:
        assert len(client.scheduler_info()["workers"]) == 1


# --- no cluster -----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["tcp://127.0.0.1:1", "nonsense://x"])
def test_an_address_without_a_scheduler_is_an_error(
    monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE", 0.3)
    with (
        pytest.raises(CaseError, match=f"--dask: no scheduler answers at {where}: "),
        executor_at(where),
    ):
        pass


@pytest.mark.usefixtures("folder")
def test_without_distributed_it_is_said_what_to_install(
    verify: Callable[..., tuple[Any, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    status, out, err = verify("right.py", "--dask", "tcp://127.0.0.1:1")
    assert (status, out) == (USAGE, "")
    assert err == "error: --dask needs distributed: pip install 'minigrad[dask]'\n"
    assert verify("right.py")[0] == PROVED
