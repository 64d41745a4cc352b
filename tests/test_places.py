"""The places of a run's records in the program."""

from __future__ import annotations

from typing import Any

from runs import line_of, numpy, ran

import minigrad
from minigrad.places import Place, place_of

FILE = "test_places.py"


def two_on_a_line(x: Any) -> Any:
    return (x > 1, x > 1)


def test_a_place_is_a_file_and_a_line() -> None:
    (first, second) = ran(two_on_a_line, 2).trace.comparisons
    for found in (first, second):
        assert str(found.place) == f"{FILE}:{line_of(two_on_a_line)}"
        assert found.place.file == __file__
        assert found.place.source == "return (x > 1, x > 1)"
    assert first.place != second.place
    assert first.place[:2] == second.place[:2]


def test_the_comparisons_of_a_chain_have_places_of_their_own() -> None:
    def chained(x: Any) -> Any:
        return 0 < x < 3 < 2 * x, x > 0

    for value, expected in ((2, [0, 1, 2, 0]), (1, [0, 1, 2, 0]), (4, [0, 1, 0]), (-1, [0, 0])):
        for _ in range(20):
            places = [c.place for c in ran(chained, value).trace.comparisons]
            assert [place.turn for place in places] == expected
            assert len(set(places)) == len(places)


def test_a_place_without_a_file_has_no_source() -> None:
    names: dict[str, Any] = {}
    exec(compile("def f(x):\n    return x > 1", "<nowhere>", "exec"), names)
    (found,) = ran(names["f"], 2).trace.comparisons
    assert (str(found.place), found.place.source) == ("<nowhere>:2", "")


def test_places_stay_the_same_when_the_interpreter_specialises() -> None:
    """After some calls the instructions of a function are others, at other offsets."""

    def function(x: Any) -> Any:
        total = 0 * x
        for i in range(8):
            total = total + i if x > i else total - i
            total = total * (x == total) + (x != 3)
            total = max(x, i) + len(sorted([x, i])) + bool(x)
        return total

    def places() -> list[Place]:
        found = ran(function, 3)
        assert found.error is None
        return [c.place for c in found.trace.comparisons]

    first = places()
    assert len(set(first)) == 6
    for _ in range(20):
        assert places() == first


def test_a_place_is_the_person_s_and_not_a_library_s() -> None:
    np = numpy()

    def function(x: Any) -> Any:
        xs = minigrad.array([x, 2 * x])
        return minigrad.grad(lambda y: y if y > 1 else -y)(x), np.sort(xs), np.any(xs)

    found = ran(function, 2)
    first = line_of(function)
    lines = [c.place.line - first for c in found.trace.comparisons]
    assert found.error is None
    assert set(lines) == {1}
    assert {c.place.file for c in found.trace.comparisons} == {__file__}


def test_a_run_from_nowhere_has_no_place() -> None:
    place = place_of(None)
    assert place == Place("", 0, 0)
    assert place.source == ""


def test_the_uses_of_a_function_have_places_of_their_own() -> None:
    def over(x: Any, bound: Any) -> Any:
        return x > bound

    def function(x: Any) -> Any:
        return over(x, 1), over(x, 2), [over(x, i) for i in range(3)]

    for _ in range(20):
        first, second, *looped = [c.place for c in ran(function, 5).trace.comparisons]
        assert first != second
        assert len({first, second, *looped}) == 3
        assert {place.line for place in (first, second, *looped)} == {line_of(over)}


def test_of_a_deep_recursion_places_are_finitely_many() -> None:
    def down(x: Any, n: int) -> Any:
        return x if n == 0 or x < n else down(x, n - 1)

    places = {c.place for c in ran(lambda x: down(x, 40), 50).trace.comparisons}
    assert 1 < len(places) < 10
