"""Whether an exception would meet a handler: found out without raising one, and shown by raising one."""

import contextlib
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from minigrad.handlers import is_handled


class Raised(Exception):
    """What nobody but a handler of everything knows of."""


def begin(program: Callable[[Callable[[], Any]], Any], do: Callable[[], Any]) -> Any:
    return program(do)


def asked(program: Callable[[Callable[[], Any]], Any]) -> bool:
    """Whether `program` has a handler around its call of an argument."""
    found: list[bool] = []
    begin(program, lambda: found.append(is_handled(sys._getframe(1), begin)))
    (answer,) = set(found)
    return answer


def is_seen(program: Callable[[Callable[[], Any]], Any]) -> bool:
    """Whether an exception there does not come out of `program`."""

    def do() -> None:
        raise Raised

    try:
        begin(program, do)
    except Raised:
        return False
    return True


def trying(do):
    try:
        do()
    except Exception:
        return 0
    return 1


def with_a_name(do):
    try:
        do()
    except Raised as error:
        return str(error)
    return 1


def suppressing(do):
    with contextlib.suppress(Raised):
        do()


def returning_at_the_end(do):
    try:
        do()
    finally:
        return 0  # noqa: B012 - a way to swallow an exception


def in_an_inner_frame(do):
    trying(lambda: [do() for _ in range(2)])


def in_a_comprehension(do):
    try:
        return [do() for _ in range(2)]
    except Raised:
        return []


def in_a_generator(do):
    try:
        return sum(do() or 0 for _ in range(2))
    except Raised:
        return 0


def outside_of_another(do):
    try:
        with contextlib.nullcontext():
            do()
    except Raised:
        return 0
    return 1


def in_the_handler_of_another(do):
    try:
        try:
            raise KeyError
        except KeyError:
            do()
    except Raised:
        return 0
    return 1


def plain(do):
    do()


def after_it(do):
    with contextlib.suppress(KeyError):
        {}["x"]
    do()


def before_it(do):
    do()
    with contextlib.suppress(KeyError):
        {}["x"]


def in_a_handler(do):
    try:
        raise KeyError
    except KeyError as error:
        str(error)
        do()


def of_a_loop(do):
    for _ in range(2):
        do()


def of_a_comprehension(do):
    return [do() for _ in range(2)]


HANDLED = [
    trying,
    with_a_name,
    suppressing,
    returning_at_the_end,
    in_an_inner_frame,
    in_a_comprehension,
    in_a_generator,
    outside_of_another,
    in_the_handler_of_another,
]
PLAIN = [plain, after_it, before_it, in_a_handler, of_a_loop, of_a_comprehension]


@pytest.mark.parametrize("program", HANDLED)
def test_a_handler_is_found(program):
    assert asked(program)
    assert is_seen(program)


@pytest.mark.parametrize("program", PLAIN)
def test_where_there_is_none_there_is_none(program):
    assert not asked(program)
    assert not is_seen(program)


def test_a_handler_that_lets_it_pass_counts_as_one():
    def closing(do):
        try:
            do()
        finally:
            sys.intern("closed")

    assert asked(closing)
    assert not is_seen(closing)


def test_frames_may_be_passed_over():
    found = []

    def program(do):
        try:
            do()
        finally:
            pass

    def do():
        is_program = program.__code__
        skipped = is_handled(sys._getframe(1), begin, lambda frame: frame.f_code is is_program)
        found.extend([skipped, is_handled(sys._getframe(1), begin)])

    begin(program, do)
    assert found == [False, True]


def test_what_is_not_called_from_the_beginning_may_have_a_handler():
    with ThreadPoolExecutor(1) as pool:
        assert begin(
            lambda do: pool.submit(do).result(), lambda: is_handled(sys._getframe(), begin)
        )


def test_of_deep_recursion_only_the_top_is_looked_at():
    looked_at = []

    def skips(frame):
        looked_at.append(frame)
        return True

    def deep(n, do):
        try:
            return deep(n - 1, do) if n else do()
        finally:
            pass

    assert begin(lambda do: deep(500, do), lambda: is_handled(sys._getframe(1), begin, skips))
    assert len(looked_at) <= 100
