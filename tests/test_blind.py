"""What may be computed with and never looked at."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from minigrad.operators import named
from minigrad.verify.blind import Blind, BlindNode, Shadow

LOOKS: dict[str, Callable[[Any], Any]] = {
    **{
        f"{name} {side}": (lambda x, name=name, order=order: getattr(operator, name)(*order(x)))
        for name in ("eq", "ne", "lt", "le", "gt", "ge")
        for side, order in (("left", lambda x: (x, 1)), ("right", lambda x: (1, x)))
    },
    **{look.__name__: look for look in (bool, int, float)},
    "not": operator.not_,
    "in a list": lambda x: 1 in [x],
    "and": lambda x: x and 1,
}
each_look = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)


def shadow(*operands: Shadow, data: Any = None, is_constant: bool = False) -> Shadow:
    return Shadow(
        named("sum") if operands else None, operands, (), is_constant, data, (1,) * len(operands)
    )


@each_look
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (Blind, "a formula was asked for a number: an operand was compared or tested"),
        (BlindNode, "the sweep compared or tested a node, which for a Scalar means its value"),
        (shadow, "the sweep compared or tested a node, which for a Scalar means its value"),
    ],
)
def test_every_look_raises(make: Callable[[], Any], says: str, look: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=f"^{says}$"):
        look(make())


def test_a_formula_is_not_hashed_and_a_node_by_identity() -> None:
    with pytest.raises(TypeError, match="a formula was asked for a number"):
        hash(Blind())
    one, other = shadow(), shadow()
    assert len({one, other, *[one]}) == 2
    # What is the same object needs no comparison.
    assert one in [one]


def test_a_shadow_is_a_node() -> None:
    leaf: Any = shadow(data=Fraction(1, 3))
    constant = shadow(is_constant=True)
    node = shadow(leaf, constant, leaf)
    assert node.operands == (leaf, constant, leaf)
    assert [operand.is_constant for operand in node.operands] == [False, True, False]
    assert (leaf._datum, node.edges) == (Fraction(1, 3), (1, 1, 1))
    with pytest.raises(AttributeError):
        leaf._datum = 2
