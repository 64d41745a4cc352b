"""The benchmarks as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from minigrad.backing import ENVIRONMENT


def command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parent.parent
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=root,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_command_prints_a_table() -> None:
    done = command("benchmarks", "--rounds", "1", "--workload", "seed", "--markdown")
    assert done.returncode == 0, done.stderr
    assert "| the seed's example |" in done.stdout
    assert "MINIGRAD_RATIONAL=python" in done.stdout


def test_a_process_refuses_another_backing_than_its_own() -> None:
    done = command("benchmarks.measure", "--backing", "flint", **{ENVIRONMENT: "python"})
    assert done.returncode == 2
    assert "expected MINIGRAD_RATIONAL=flint in the environment; got python" in done.stderr
