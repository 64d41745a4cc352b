"""Random programs: their steps, and what these are as a graph, as Python, and in SymPy.

    >>> from fractions import Fraction
    >>> from minigrad import Scalar
    >>> from minigrad.operators import named
    >>> steps = (Step(named("div"), (0, Fraction(3))), Step(named("sub"), (2, 1)))
    >>> program = Program(2, steps, 3, ((Fraction(1), Fraction(2)),))
    >>> print(program.text)
    def program(x, y):
        return (x / 3) - y
    >>> program.function(Scalar(12), Scalar(3)).data, program.expression
    (Fraction(1, 1), x/3 - y)

`minigrad.strategies` draws them. The three readings are written independently of one another, so that
they can be held against each other.
"""

from __future__ import annotations

import operator as infix
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

from minigrad import functions, generate
from minigrad.errors import MinigradError, TooLarge
from minigrad.operators import Operator
from minigrad.scalar import Scalar, apply

__all__ = ["COMPARISONS", "FORMS", "Program", "Reference", "Step"]

Reference: TypeAlias = int | Fraction
"""An operand: a constant, or the position of an argument or, after them, of a step."""

_NAMES: Final = ("x", "y", "z", "u", "v", "w")
_DEEPEST: Final = 8
"""Operations are written into one another this deep, and beyond that on a line of their own."""

COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": infix.lt,
    "<=": infix.le,
    ">": infix.gt,
    ">=": infix.ge,
    "==": infix.eq,
    "!=": infix.ne,
}


class Step(NamedTuple):
    """One operation; without an operator, `then if left < right else other` for its operands."""

    operator: Operator | None
    operands: tuple[Reference, ...]
    parameters: tuple[Any, ...] = ()
    comparison: str = ""

    def applied(self, nodes: Sequence[Scalar]) -> Scalar:
        """The node that the step makes of those of arguments and earlier steps.

        Raises the error of the operator's domain, and TooLarge beyond `generate.LARGEST_VALUE`.
        """
        operands = self._operands(nodes)
        if self.operator is None:
            left, right, then, other = operands
            return then if COMPARISONS[self.comparison](left._datum, right._datum) else other
        return apply(self.operator, operands, self.parameters, max_bits=generate.LARGEST_VALUE)

    def refusals(self) -> tuple[type[MinigradError], ...]:
        """The errors that `applied` raises where the step is undefined or too large."""
        domains = () if self.operator is None else self.operator.domain
        return (TooLarge, *(domain.error for domain in domains))

    def at_boundary(self, nodes: Sequence[Scalar]) -> bool:
        """Whether the operator stands at a boundary between two of its pieces."""
        if self.operator is None:
            return False
        values = [node._datum for node in self._operands(nodes)]
        return any(piece.boundary for piece in self.operator.piece(values, self.parameters))

    def _operands(self, nodes: Sequence[Scalar]) -> list[Scalar]:
        return [
            Scalar.constant(reference) if isinstance(reference, Fraction) else nodes[reference]
            for reference in self.operands
        ]


@dataclass(frozen=True)
class Program:
    """A random program: a Python function with its source and its meaning.

    It is made of `steps` on `arity` arguments; `result` is the position of what it returns, among the
    arguments and then the steps. All steps are defined at `points`, each a tuple of arguments.
    """

    arity: int
    steps: tuple[Step, ...]
    result: int
    points: tuple[tuple[Fraction, ...], ...]

    def graph(self, arguments: Sequence[Scalar]) -> Scalar:
        """The root of the graph of the steps on these leaves."""
        nodes = list(arguments)
        for step in self.steps:
            nodes.append(step.applied(nodes))
        return nodes[self.result]

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the arguments."""
        if self.arity <= len(_NAMES):
            return _NAMES[: self.arity]
        return tuple(f"x{i}" for i in range(self.arity))

    @cached_property
    def text(self) -> str:
        """The source of `function`, with minigrad's `maximum`, `sum` and so on, and Fraction."""
        return _Writer(self.parameters, self.steps).text(self.result)

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The program as a Python function of its arguments, which are Scalars.

        It takes Fractions too; where it uses `//`, which gives an int then, it may leave exact numbers.
        """
        namespace: dict[str, Any] = {name: getattr(functions, name) for name in functions.__all__}
        namespace["Fraction"] = Fraction
        # Nothing but the text that was written here is run.
        exec(compile(self.text, "<program>", "exec"), namespace)
        function: Callable[..., Any] = namespace["program"]
        return function

    @cached_property
    def expression(self) -> Any:
        """The program in SymPy, in real symbols called as the arguments are."""
        import sympy

        found: list[Any] = [sympy.Symbol(name, real=True) for name in self.parameters]

        def form(reference: Reference) -> Any:
            if isinstance(reference, Fraction):
                return sympy.Rational(reference.numerator, reference.denominator)
            return found[reference]

        for step in self.steps:
            operands = [form(reference) for reference in step.operands]
            if step.operator is None:
                left, right, then, other = operands
                holds = getattr(sympy, _SYMPY_COMPARISONS[step.comparison])(left, right)
                found.append(sympy.Piecewise((then, holds), (other, True)))
            else:
                found.append(FORMS[step.operator.name](sympy, *operands, *step.parameters))
        return found[self.result]

    def __reduce__(self) -> tuple[Any, ...]:
        # Not as it is: a function that was made from text cannot be pickled.
        return Program, (self.arity, self.steps, self.result, self.points)

    def __repr__(self) -> str:
        points = ", ".join(f"({', '.join(map(str, point))})" for point in self.points)
        return f"{self.text}\n# at {points}"


# --- a program as text ---------------------------------------------------------------------------


class _Text(NamedTuple):
    """An expression of Python; one that is no `atom` goes into parentheses inside another."""

    text: str
    atom: bool = True
    depth: int = 0

    def inside(self) -> str:
        return self.text if self.atom else f"({self.text})"


class _Writer:
    """Writes steps as Python: what is used once into its user, all else on a line of its own."""

    def __init__(self, parameters: Sequence[str], steps: Sequence[Step]) -> None:
        self.parameters = parameters
        self.steps = steps
        self.lines: list[str] = []
        self.texts = [_Text(name) for name in parameters]
        self.named = 0
        self.uses = [0] * (len(parameters) + len(steps))
        for step in steps:
            for reference in step.operands:
                if isinstance(reference, int):
                    self.uses[reference] += 1

    def text(self, result: int) -> str:
        """The whole function, which returns what is at the position `result`."""
        for position, step in enumerate(self.steps, len(self.parameters)):
            operands = [self._operand(reference) for reference in step.operands]
            if step.operator is None:
                self.texts.append(self._branch(step.comparison, *operands))
                continue
            written = _written(step.operator, operands, step.parameters)
            if self.uses[position] > 1 or written.depth > _DEEPEST:
                name = self._name()
                self.lines.append(f"{name} = {written.text}")
                written = _Text(name)
            self.texts.append(written)
        self.lines.append(f"return {self.texts[result].text}")
        head = f"def program({', '.join(self.parameters)}):"
        return "\n    ".join([head, *self.lines])

    def _operand(self, reference: Reference) -> _Text:
        if isinstance(reference, int):
            return self.texts[reference]
        if reference.denominator == 1:
            return _Text(str(reference), atom=reference >= 0)
        return _Text(f"Fraction({reference.numerator}, {reference.denominator})")

    def _branch(
        self, comparison: str, left: _Text, right: _Text, then: _Text, other: _Text
    ) -> _Text:
        name = self._name()
        self.lines += [
            f"if {left.inside()} {comparison} {right.inside()}:",
            f"    {name} = {then.text}",
            "else:",
            f"    {name} = {other.text}",
        ]
        return _Text(name)

    def _name(self) -> str:
        self.named += 1
        return f"v{self.named}"


def _written(operator: Operator, operands: Sequence[_Text], parameters: Sequence[Any]) -> _Text:
    depth = 1 + max(operand.depth for operand in operands)
    texts = [operand.text for operand in operands]
    if operator.arity is None:
        run = len(texts) // operator.width
        lists = [f"[{', '.join(texts[i : i + run])}]" for i in range(0, len(texts), run)]
        return _Text(f"{operator.name}({', '.join(lists)})", depth=depth)
    if operator.symbol[0].isalpha():
        given = (
            [*map(str, parameters), *texts]
            if operator.name == "where"
            else [*texts, *map(str, parameters)]
        )
        return _Text(f"{operator.name}({', '.join(given)})", depth=depth)
    inside = [operand.inside() for operand in operands] + [str(p) for p in parameters]
    text = operator.symbol + inside[0] if len(inside) == 1 else f" {operator.symbol} ".join(inside)
    return _Text(text, atom=False, depth=depth)


# --- a program's meaning ---------------------------------------------------------------------------

_SYMPY_COMPARISONS: Final = {"<": "Lt", "<=": "Le", ">": "Gt", ">=": "Ge", "==": "Eq", "!=": "Ne"}


def _nearest(sp: Any, x: Any, digits: int) -> Any:
    """`round`: a number half-way between two neighbours goes to the even one."""
    unit = sp.Integer(10) ** digits
    shifted = x * unit + sp.Rational(1, 2)
    above = sp.floor(shifted)
    return sp.Piecewise((above - sp.Mod(above, 2), sp.Eq(shifted, above)), (above, True)) / unit


def _sympy_dot(sp: Any, *values: Any) -> Any:
    half = len(values) // 2
    return sp.Add(*map(infix.mul, values[:half], values[half:]))


# Whole functions, where the table's witnesses are their pieces.
FORMS: Final[Mapping[str, Callable[..., Any]]] = {
    "add": lambda sp, x, y: x + y,
    "sub": lambda sp, x, y: x - y,
    "mul": lambda sp, x, y: x * y,
    "div": lambda sp, x, y: x / y,
    "neg": lambda sp, x: -x,
    "pow": lambda sp, x, n: x**n,
    "abs": lambda sp, x: sp.Abs(x),
    "relu": lambda sp, x: sp.Max(x, 0),
    "maximum": lambda sp, x, y: sp.Max(x, y),
    "minimum": lambda sp, x, y: sp.Min(x, y),
    "sum": lambda sp, *xs: sp.Add(*xs),
    "prod": lambda sp, *xs: sp.Mul(*xs),
    "dot": _sympy_dot,
    "where": lambda sp, x, y, condition: x if condition else y,
    "floordiv": lambda sp, x, y: sp.floor(x / y),
    "mod": lambda sp, x, y: x - y * sp.floor(x / y),
    "round": _nearest,
}
