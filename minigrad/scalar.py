"""The Scalar: a node of a computation graph, and Python's arithmetic on it.

    >>> from minigrad import Scalar
    >>> a = Scalar(3.1, "a"); b = Scalar("4.2", "b"); f = Scalar(10, "f")
    >>> g = f / (a * b / (a + b))
    >>> g.backward()
    >>> g.data, a.grad
    (Fraction(3650, 651), Fraction(-1000, 961))

Arithmetic builds the graph: each result remembers its operator and operands, and computes its value
at once. A node is a slotted object of eight fields and no closure; what an operator does stands in
`minigrad.operators`, and every infix below is one line that names its entry there.

Comparisons are by exact value, `hash` is by identity (as in PyTorch), so sets and dicts hold nodes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import attrgetter, index
from typing import Any, Final, SupportsIndex

from minigrad import backing, node_text, number_text, reading, reverse
from minigrad.backing import UNIT, Rational, inside, is_over, outside, short, size, small
from minigrad.by_value import ByValue
from minigrad.errors import GradientUnavailable, InvalidNumber, InvalidOperand, describe
from minigrad.evaluation import fresh_order, value_of
from minigrad.exact import Exact, published, to_exact
from minigrad.flatten import Copied, EndOfFlattened, Flattened, as_ints, whole
from minigrad.graph import topological_order
from minigrad.methods import Methods
from minigrad.node_text import name
from minigrad.number import MAX_BITS, ONE, UNAVAILABLE, ZERO
from minigrad.numpy_protocols import NumPyProtocols, is_array
from minigrad.operators import OPERATORS, Operator, named
from minigrad.parts import Parts
from minigrad.single import Single

__all__ = ["Scalar", "applied", "apply", "as_nodes", "constant_of", "gradients", "literal", "met"]


_FITTING: Final = MAX_BITS // UNIT
"""A Rational that is not larger than this is within the default limit."""

_DUNDERS: Final = {"div": "truediv"}
"""What Python's method is called where it has not the operator's name."""

_Infix = Callable[[Any, Any], Any]


def _infix(name: str) -> tuple[_Infix, _Infix]:
    """The methods of an infix operator: `x + y`, and the reflected one, for `1 + y`.

    Most nodes are made by these, from two plain Scalars that hold Rationals, or from one and a number.
    That is spelt out here, with no call that it could do without; all others go the general way.
    """
    operator = OPERATORS[name]
    forward, is_plain = operator.forward, operator.is_plain and operator.branch is None
    holds = operator.domain[0].holds if operator.domain else None

    def infix(self: Scalar, other: object) -> Any:
        if type(self) is not Scalar:
            return _binary(operator, self, other)
        if type(other) is Scalar:
            right = other
        else:
            number = short(other)
            if number is None:
                return _binary(operator, self, other)
            right = _made(number, is_constant=True)
        x, y = self._number, right._number
        if is_plain and type(x) is Rational is type(y) and (holds is None or holds(x, y)):
            value = forward(x, y)
            if size(value) <= _FITTING or not is_over(value, MAX_BITS):
                return _made(value, operator, (self, right))
        return _node(operator, (self, right))

    def reflected(self: Scalar, other: object) -> Any:
        number = short(other) if type(self) is Scalar else None
        if number is None:
            return _reflected(operator, self, other)
        return infix(_made(number, is_constant=True), self)

    method = _DUNDERS.get(name, name)
    infix.__name__ = infix.__qualname__ = f"__{method}__"
    reflected.__name__ = reflected.__qualname__ = f"__r{method}__"
    return infix, reflected


_new: Final = object.__new__


class Scalar(ByValue, Copied, Parts, Methods, NumPyProtocols, Single):
    """A leaf of a computation graph that holds an exact number.

    `value` is an int, Fraction, any numbers.Rational, Decimal, text (`"3.1"`, `"31/10"`, `"1e-3"`),
    float (read as written in decimal), an exact number of NumPy, gmpy2, SymPy or python-flint, or a
    real number in closed form, as SymPy's expression (`sympy.pi / 2`) or as text (`"exp(1/2)"`).

    Raises InvalidOperand (a TypeError) for other types, `Scalar(True)` among them, InvalidNumber (a
    ValueError) for NaN, infinity and malformed text, and TooLarge (an OverflowError) for a number
    of more than `max_bits` bits.

    >>> Scalar("31/10", label="a").data
    Fraction(31, 10)
    """

    __slots__ = (
        "__weakref__",
        "_adjoint",
        "_edited",
        "_is_constant",
        "_number",
        "label",
        "operands",
        "operator",
        "parameters",
    )

    operands: tuple[Scalar, ...]
    operator: Operator | None
    parameters: tuple[Any, ...]
    label: str
    _is_constant: bool
    # Rational numbers are Rationals of the backing in here, and Fractions to everybody else.
    _number: Any
    _adjoint: Any
    _edited: bool

    # SymPy would make a Float of a Scalar that stands to the right of its own numbers.
    _op_priority = 20.0

    def __init__(self, value: object, label: str = "", *, max_bits: int = MAX_BITS) -> None:
        number = short(value) if max_bits == MAX_BITS else None
        if number is None and isinstance(value, Scalar):
            raise InvalidOperand(
                f"expected a number; got the node {value!r}: use it as it is, or its .data"
            )
        if not isinstance(label, str):
            raise InvalidOperand(f"expected a text as label; got {describe(label)}")
        if number is None:
            number = inside(to_exact(value, max_bits=max_bits))
        self._set(number, None, (), (), label)

    @classmethod
    def from_float(cls, value: float, label: str = "") -> Scalar:
        """A leaf with the exact binary value of a float, where `Scalar(value)` reads its decimal text.

        >>> Scalar.from_float(0.1).data == Fraction(1, 10)
        False
        """
        if isinstance(value, str):
            raise InvalidOperand(f"from_float: expected a float; got {describe(value)}")
        return cls(to_exact(value, floats="binary"), label)

    @classmethod
    def constant(cls, value: object, label: str = "", *, max_bits: int = MAX_BITS) -> Scalar:
        """A leaf by which nothing is differentiated: it has no gradient and gets no verdict.

        A number met in arithmetic, the 2 of `2 * x`, becomes one.
        """
        node = cls(value, label, max_bits=max_bits)
        node._is_constant = True
        return node

    def _set(
        self,
        number: Any,
        operator: Operator | None,
        operands: tuple[Scalar, ...],
        parameters: tuple[Any, ...],
        label: str = "",
    ) -> None:
        self._number = number
        self._adjoint = None
        self._edited = False
        self.operator = operator
        self.operands = operands
        self.parameters = parameters
        self.label = label
        self._is_constant = False

    is_constant = property(
        attrgetter("_is_constant"),
        doc="Whether this is a constant: a leaf by which nothing is differentiated.",
    )

    # --- value and gradient ---

    @property
    def _datum(self) -> Exact:
        """The value, or what stands for it, with a Fraction wherever it is rational."""
        return outside(self._number)

    @_datum.setter
    def _datum(self, value: Exact) -> None:
        self._number = inside(value)

    @property
    def _grad(self) -> Any:
        """The gradient in the same way; None where there is none."""
        return outside(self._adjoint)

    @_grad.setter
    def _grad(self, value: Any) -> None:
        self._adjoint = inside(value)

    @property
    def data(self) -> Any:
        """The value: a Fraction, or SymPy's expression of a number that is not rational.

        That of a leaf can be set; `backward` then refuses graphs built on the old one.
        """
        return published(self._number)

    @data.setter
    def data(self, value: object) -> None:
        if self.operands:
            raise InvalidOperand(
                f"expected a leaf; got {name(self)}, whose value was computed by {self.operator!r}: "
                "set the leaves and build the graph again"
            )
        self._datum = _read_as("data", value)
        self._edited = True

    def _exact(self, *, gradient: bool) -> Exact:
        return self._gradient() if gradient else self._datum

    def _gradient(self) -> Exact:
        if self.is_constant:
            raise GradientUnavailable(
                f"the constant {name(self)} has no gradient: use Scalar(…) to differentiate by it"
            )
        if self._adjoint is UNAVAILABLE:
            raise GradientUnavailable(
                f"the gradient of {name(self)} is not available: {UNAVAILABLE.reason}"
            )
        return ZERO if self._adjoint is None else self._grad

    @property
    def grad(self) -> Any:
        """The derivative that `backward` left here, as `data` shows the value; 0 before any.

        Raises GradientUnavailable (a ValueError) for a constant, and where there is no derivative
        because this node reaches an exponent of a base that is not positive.
        """
        if type(self._adjoint) is Rational and not self._is_constant:
            return outside(self._adjoint)
        return published(self._gradient())

    @grad.setter
    def grad(self, value: object) -> None:
        self._grad = None if value is None else _read_as("grad", value)

    @property
    def has_grad(self) -> bool:
        """Whether a gradient was left here, by `backward` or by hand, since the last `zero_grad`."""
        return self._adjoint is not None

    def backward(self, seed: object = 1) -> None:
        """Leave on every node of the graph the derivative of this one by it, times `seed`.

        Inner nodes get the value of this call; leaves add it to what they have, as in PyTorch and
        micrograd, until `zero_grad`. Nothing is written unless the whole sweep succeeds. Linear in
        the size of the graph.

        Raises StaleGraph, naming the leaf, if a leaf's value was set after it was used, and NoDerivative,
        naming the operator, where one has a value and no derivative, as the square root at 0.
        """
        unit = small(1)
        for node, adjoint in _adjoints(self, seed).items():
            if adjoint is ONE:
                adjoint = unit
            elif type(adjoint) is not Rational:
                # Closed forms may cancel to a Fraction.
                adjoint = inside(adjoint)
            if node._adjoint is None or node.operands:
                node._adjoint = adjoint
            else:
                node._adjoint = backing.add(node._adjoint, adjoint)

    def zero_grad(self) -> None:
        """Forget the gradients of the whole graph: each reads 0 again."""
        for node in topological_order([self]):
            node._adjoint = None

    # --- arithmetic: one line for each infix, and one entry in the table ---

    __add__, __radd__ = _infix("add")
    __sub__, __rsub__ = _infix("sub")
    __mul__, __rmul__ = _infix("mul")
    __truediv__, __rtruediv__ = _infix("div")
    __floordiv__, __rfloordiv__ = _infix("floordiv")
    __mod__, __rmod__ = _infix("mod")

    def __divmod__(self, other: object) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: object) -> Any:
        return other // self, other % self

    def __pow__(self, exponent: object) -> Any:
        if type(exponent) is int:
            x = self._number
            is_plain = type(self) is Scalar and type(x) is Rational
            if is_plain and exponent >= 0 and size(x) * exponent <= _FITTING:
                return _made(x**exponent, _POW, (self,), (exponent,))
            return _node(_POW, (self,), (exponent,))
        if isinstance(exponent, Scalar) or is_array(exponent):
            return _binary(_POWER, self, exponent)
        power = self._operand(exponent)
        if power is None:
            return NotImplemented
        y = power._number
        if type(y) is not Rational or y.denominator != 1:
            return _node(_POWER, (self, power))
        return _node(_POW, (self,), (int(y.numerator),))

    def __rpow__(self, base: object) -> Any:
        caller = sys._getframe(1)
        if caller.f_code is Fraction.__pow__.__code__:
            # Before Python 3.12, `Fraction(1, 3) ** x` asks as `float(Fraction(1, 3)) ** x`.
            base = caller.f_locals["a"]
        return _reflected(_POWER, self, base)

    def __neg__(self) -> Scalar:
        x = self._number
        if type(self) is Scalar and type(x) is Rational:
            return _made(-x, _NEG, (self,))
        return _node(_NEG, (self,))

    def __pos__(self) -> Scalar:
        return self

    def __abs__(self) -> Scalar:
        return _node(_ABS, (self,))

    def __round__(self, ndigits: SupportsIndex | None = None) -> Scalar:
        if isinstance(ndigits, Scalar) or not (ndigits is None or hasattr(ndigits, "__index__")):
            raise InvalidOperand(f"round: expected digits to be an int; got {describe(ndigits)}")
        return _node(_ROUND, (self,), (0 if ndigits is None else index(ndigits),))

    def _applied(self, name: str, *others: object) -> Scalar:
        operator = OPERATORS[name]
        return applied(operator, (self, *others)) if others else _node(operator, (self,))

    def elementary(self, name: str, *xs: Any) -> Scalar:
        """The node of a function that a partial derivative asks for: see `minigrad.elementary.call`."""
        operator = named(name)
        parameters = tuple([x for x in xs if isinstance(x, int)])
        operands = [x for x in xs if not isinstance(x, int)]
        return applied(operator, operands, parameters)

    # --- what a subclass that watches a function run does in another way ---

    def _leave(self, by: str) -> None:
        """Take note that a function of minigrad, `by`, gives this node's number away."""

    def _ask_whether_finite(self) -> None:
        """Take note that a program asks whether this is a number, and no NaN or infinity."""

    def _operand(self, value: object) -> Scalar | None:
        """A number as a constant node; None where Python arithmetic answers NotImplemented."""
        number = short(value)
        return met(value) if number is None else _made(number, is_constant=True)

    def _result(
        self,
        operator: Operator,
        operands: tuple[Scalar, ...],
        parameters: tuple[Any, ...],
        max_bits: int,
        data: Exact | None,
    ) -> Scalar:
        """The node of `operator` on `operands`, of which this is the first that is no plain Scalar."""
        node = _new(type(self))
        node._set(
            value_of(operator, operands, parameters, max_bits, data), operator, operands, parameters
        )
        return node

    # --- text ---

    def __format__(self, spec: str) -> str:
        return number_text.format_fraction(self._datum, spec) if spec else str(self)

    def __repr__(self) -> str:
        return node_text.described(self)

    def __str__(self) -> str:
        return node_text.page(self)

    # --- copies ---

    def _with_operands(self, operands: tuple[Scalar, ...]) -> Scalar:
        node = _new(Scalar)
        node._set(self._number, self.operator, operands, self.parameters, self.label)
        node._adjoint = self._adjoint
        node._edited = self._edited
        node._is_constant = self.is_constant
        return node

    def __reduce__(self) -> tuple[Any, ...]:
        if not self.operands or Flattened.takes(self):
            return _restore, (None, None, self._fields(), self.operands)
        below = Flattened(self)
        return _restore, (below, EndOfFlattened(), self._fields(), self.operands)

    def _fields(self) -> tuple[Any, ...]:
        """All but the operands."""
        return (
            as_ints(self._datum),
            as_ints(self._grad),
            self._edited,
            self.operator,
            self.parameters,
            self.label,
            self.is_constant,
        )


def _restore(
    _below: object, _end: object, fields: tuple[Any, ...], operands: tuple[Scalar, ...]
) -> Scalar:
    """The node of these fields and operands; what is below it has been restored before."""
    data, grad, edited, operator, parameters, label, is_constant = fields
    node = _new(Scalar)
    node._set(inside(whole(data)), operator, operands, parameters, label)
    node._grad = whole(grad)
    node._edited = edited
    node._is_constant = is_constant
    return node


# --- building nodes ------------------------------------------------------------------------------


def apply(
    operator: Operator | str,
    operands: Sequence[Scalar],
    parameters: Sequence[Any] = (),
    *,
    max_bits: int = MAX_BITS,
    data: object = None,
) -> Scalar:
    """The node of an operator, or of the table's operator of that name, on `operands`.

    A recorded value, `data`, is taken as it is, right or wrong, instead of being computed; domain
    and limits hold all the same, for `backward` evaluates the partials at these operands.

    Raises the error of the operator's domain outside it, InvalidOperand for operands or parameters
    that do not fit, and TooLarge for a result of more than `max_bits` bits: before it is computed
    where it could outgrow its operands by more than a factor of two.

    >>> apply("pow", [Scalar(2)], [2**21], max_bits=2**22).data == 2 ** 2**21
    True
    """
    operator = operator if isinstance(operator, Operator) else named(operator)
    for operand in operands:
        if not isinstance(operand, Scalar):
            raise InvalidOperand(f"{operator.name}: expected a Scalar; got {describe(operand)}")
    operator.check_shape(len(operands), parameters)
    recorded = None if data is None else to_exact(data, max_bits=max_bits)
    return _node(operator, tuple(operands), tuple(parameters), max_bits, recorded)


def _node(
    operator: Operator,
    operands: tuple[Scalar, ...],
    parameters: tuple[Any, ...] = (),
    max_bits: int = MAX_BITS,
    data: Exact | None = None,
) -> Scalar:
    for operand in operands:
        if type(operand) is not Scalar:
            return operand._result(operator, operands, parameters, max_bits, data)
    value = value_of(operator, operands, parameters, max_bits, data)
    return _made(value, operator, operands, parameters)


def _made(
    value: Any,
    operator: Operator | None = None,
    operands: tuple[Scalar, ...] = (),
    parameters: tuple[Any, ...] = (),
    is_constant: bool = False,  # noqa: FBT001, FBT002 - by keyword alone it would slow every call
) -> Scalar:
    """A plain node of these fields, the value as the engine holds it.

    As `_set` would fill it; but most nodes are made here, and a call costs as much as half the fields.
    """
    node = _new(Scalar)
    node._number = value
    node._adjoint = None
    node._edited = False
    node.operator = operator
    node.operands = operands
    node.parameters = parameters
    node.label = ""
    node._is_constant = is_constant
    return node


def _binary(operator: Operator, left: Scalar, right: object) -> Any:
    if isinstance(right, Scalar):
        return _node(operator, (left, right))
    other = None if is_array(right) else left._operand(right)
    return NotImplemented if other is None else _node(operator, (left, other))


def _reflected(operator: Operator, right: Scalar, left: object) -> Any:
    if isinstance(left, Scalar):
        return _node(operator, (left, right))
    other = None if is_array(left) else right._operand(left)
    return NotImplemented if other is None else _node(operator, (other, right))


def literal(value: Exact) -> Scalar:
    """The constant of a number."""
    return _made(inside(value), is_constant=True)


def met(value: object) -> Scalar | None:
    """The constant that a number met in a program becomes; None for what is no number."""
    return constant_of(reading.read(value))


def constant_of(found: Any) -> Scalar | None:
    """The constant of what a reader of numbers made of a value: of None there is none."""
    return found if found is None or isinstance(found, Scalar) else literal(found)


def applied(
    operator: Operator, values: Sequence[object], parameters: tuple[Any, ...] = ()
) -> Scalar:
    """The node of `operator` on `values` as `as_nodes` takes them, as many as the operator takes."""
    for value in values:
        if type(value) is not Scalar:
            return _node(operator, tuple(as_nodes(values, operator)), parameters)
    # As in `_node`, which would look at the operands once more.
    operands: Any = tuple(values)
    return _made(value_of(operator, operands, parameters), operator, operands, parameters)


def as_nodes(values: Sequence[object], operator: Operator) -> list[Scalar]:
    """The Scalars among `values` as they are, and numbers as constants; InvalidOperand for the rest.

    Numbers are read as the first Scalar that is not a plain one reads them.
    """
    reader = next((v for v in values if type(v) is not Scalar and isinstance(v, Scalar)), _ZERO)
    return [v if isinstance(v, Scalar) else _read(reader, v, operator) for v in values]


def _read(reader: Scalar, value: object, operator: Operator) -> Scalar:
    node = reader._operand(value)
    if node is None:
        raise InvalidOperand(
            f"{operator.name}: expected a Scalar or a number; got {describe(value)}"
        )
    return node


# --- gradients --------------------------------------------------------------------------------


def _adjoints(root: Scalar, seed: object) -> dict[Scalar, Any]:
    start = ONE if type(seed) is int and seed == 1 else inside(_read_as("seed", seed))
    return reverse.adjoints(root, start, order=fresh_order(root))


def gradients(root: Scalar, seed: object = 1) -> dict[Scalar, Any]:
    """The derivative of `root` by each node of its graph, times `seed`; no node is touched.

    Constants are left out. Where `.grad` would raise GradientUnavailable, the value is UNAVAILABLE,
    which raises it when compared or converted.

    >>> x = Scalar(3)
    >>> gradients(x * x)[x], x.grad
    (Fraction(6, 1), Fraction(0, 1))
    """
    if not isinstance(root, Scalar):
        raise InvalidOperand(f"gradients: expected a Scalar; got {describe(root)}")
    root._leave("minigrad.gradients()")
    return {node: published(found) for node, found in _adjoints(root, seed).items()}


def _read_as(what: str, value: object) -> Exact:
    """`value` through the gate; an error says what it was meant for."""
    try:
        return to_exact(value._datum if isinstance(value, Scalar) else value)
    except (InvalidNumber, InvalidOperand) as error:
        raise type(error)(f"{what}: {error}") from None


_POWER, _POW = map(OPERATORS.__getitem__, ("power", "pow"))
_NEG, _ABS, _ROUND = map(OPERATORS.__getitem__, ("neg", "abs", "round"))
_ZERO = literal(ZERO)
