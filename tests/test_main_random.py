"""Random graphs."""

import json
import re
from collections import Counter

import pytest
from command_line import PROVED, USAGE, names

import minigrad
from minigrad import generate

pytestmark = pytest.mark.usefixtures("folder")


def without_times(document):
    return json.loads(json.dumps(document), object_hook=lambda d: {**d, "seconds": 0})


def test_random_graphs_are_reproduced_by_their_seed(document):
    status, first = document("--random", "6", "--seed", "-3")
    assert status == PROVED
    assert names(first) == [f"random graph, seed {seed}" for seed in range(-3, 3)]
    assert without_times(document("--random", "6", "--seed", "-3")[1]) == without_times(first)
    _, other = document("--random", "6", "--seed", "7")
    assert other["results"][0]["reports"] != first["results"][0]["reports"]
    _, later = document("--random", "4", "--seed", "-1")
    assert without_times(later)["results"] == without_times(first)["results"][2:]


def test_a_seed_that_was_drawn_is_printed_and_reproduces_the_graphs(verify, document):
    _, out, _ = verify("--random", "2", "-v")
    printed = re.search(r"^--random 2 --seed (\d+): 2 graphs, ", out, re.MULTILINE)
    assert printed is not None
    _, again, _ = verify("--random", "2", "--seed", printed[1], "-v")
    assert out.rpartition("\n2 items in")[0] == again.rpartition("\n2 items in")[0]
    _, drawn = document("--random", "1")
    assert names(drawn) == [f"random graph, seed {drawn['seed']}"]


@pytest.mark.parametrize(("count", "status"), [("1000000", PROVED), ("1000001", USAGE)])
def test_a_million_graphs_can_be_asked_for_at_a_time(verify, count, status):
    assert verify("--random", count, "--version")[0] == status


def test_a_seed_of_any_size_will_do(document):
    seed = 10**40
    status, ran = document("--random", "1", "--seed", str(seed))
    assert (status, ran["seed"]) == (PROVED, seed)


def test_the_census_says_what_occurred_and_sixty_graphs_have_everything(verify):
    status, out, _ = verify("--random", "60", "--seed", "1", "-q", "--method", "chain")
    assert status == PROVED
    line = next(line for line in out.splitlines() if line.startswith("--random 60 --seed 1: "))
    pairs = [pair.partition(" ") for pair in line.partition(": ")[2].split(", ")]
    shown = {name: int(count.replace(",", "")) for count, _, name in pairs}
    total = Counter()
    for seed in range(1, 61):
        total.update(generate.census(generate.random_graph(seed)))
    assert shown == total
    assert set(minigrad.operators.RATIONAL) < set(shown)
    assert 0 not in shown.values()


def test_the_census_is_that_of_the_graphs_that_were_verified(document):
    _, ran = document("right.py", "--random", "12", "--seed", "1", "-k", "seed and 11 or right")
    assert names(ran) == ["right.py::right at 3", "random graph, seed 11"]
    assert ran["census"] == generate.census(generate.random_graph(11))
