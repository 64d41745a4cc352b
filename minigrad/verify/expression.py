"""Expressions given on the command line, as graphs: what is not understood is refused, with a caret.

    >>> from minigrad.verify.expression import parse_expression
    >>> root = parse_expression("10 / (a*b / (a+b))", {"a": "3.1", "b": "4.2"})
    >>> root.data
    Fraction(3650, 651)
    >>> parse_expression("a / (b - 4.2)", {"a": "3.1", "b": "4.2"})
    Traceback (most recent call last):
    minigrad.errors.DivisionByZero: div(a = 31/10, 0): the divisor must not be 0
      a / (b - 4.2)
        ^

Python's own parser gives the syntax tree, and a white list of its nodes is read: no text is ever
evaluated as Python. Numbers are read from the text as they are written, so `0.1` is 1/10 and a float
never comes between; `pi` and `e` are the numbers, unless values are given for these names. What is made
of numbers alone is a number, as in Python: `x ** (1 + 1)` is `x ** 2`. `x if c else y`, `and` and `or`
compute no more than they need, as in Python; `where(c, x, y)` computes both sides. A condition chooses,
and leaves no other trace in the graph.

A tree is as deep as a sum has terms, deeper than the interpreter's stack, so neither pass over it
recurses: the first judges every node, with a list of those to come; the second computes, and keeps
the generators of unfinished nodes on a stack of its own (the "trampoline").
"""

from __future__ import annotations

import ast
import difflib
import keyword
import re
import unicodedata
import warnings
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, Final

from minigrad.errors import ExpressionError, InvalidOperand, MinigradError
from minigrad.scalar import Scalar
from minigrad.verify.vocabulary import (
    ACCEPTED,
    BINARY,
    COMPARISONS,
    CONDITIONS,
    FUNCTIONS,
    NUMBERS,
    UNACCEPTED,
    UNARY,
    USAGES,
    Kind,
)

__all__ = ["parse_expression", "split_assignments"]

Steps = Generator[ast.expr, Any, Any]


def parse_expression(text: str, values: Mapping[str, str]) -> Scalar:
    """Build the graph of an expression: one leaf for each name, with the value given for it.

    The language is Python's, without what is no arithmetic: `+ - * / // % **`, parentheses,
    `x if y > z else w`, the numbers `pi` and `e`, and the functions of the operator table, exp, log,
    sqrt, sin, abs, max, min, round, where, sum and dot among them; comparisons, `and`, `or` and `not`
    in conditions. An expression of numbers alone is a constant. A value is a number as text, also in
    closed form: `"sqrt(2)"`.

    Raises ExpressionError (a ValueError), with a caret under the place, for anything else, for names
    without a value and values without a name. Where the expression is right and undefined at these
    values, the error is the operator's own, DivisionByZero for instance, with the caret.

    >>> x = parse_expression("max(x, 2) ** 2 if x > 0 else 0", {"x": "5/2"})
    >>> x.data
    Fraction(25, 4)
    >>> parse_expression("exp(-x**2/2) / sqrt(2*pi)", {"x": "sqrt(2)"}).data
    sqrt(2)*exp(-1)/(2*sqrt(pi))
    """
    source = _Source(text)
    tree = _syntax_tree(source)
    check = _Check(source, {_as_python_reads(name): value for name, value in values.items()})
    root: Scalar = _Computation(source, check.run(tree)).run(tree)
    return root


def split_assignments(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Separate the words `name=value` from the others, `x == 1` and `a<=b` among these.

    Raises ExpressionError for a name that is given twice and for one that Python keeps to itself.

    >>> split_assignments(["a*b", "a=3.1", "b = 4.2"])
    (['a*b'], {'a': '3.1', 'b': '4.2'})
    """
    others: list[str] = []
    values: dict[str, str] = {}
    for word in words:
        match = _ASSIGNMENT.fullmatch(word)
        if match is None or not match[1].isidentifier():
            others.append(word)
            continue
        name, value = _as_python_reads(match[1]), match[2].strip()
        if keyword.iskeyword(name):
            raise ExpressionError(
                f"{name!r} is a word of Python's grammar; expected a name, {name}_ say"
            )
        if name in values:
            raise ExpressionError(
                f"expected one value for {_short(name)}; got {_short(values[name])} and {_short(value)}"
            )
        values[name] = value
    return others, values


_ASSIGNMENT = re.compile(r"\s*(\w+)\s*=(?!=)(.*)", re.DOTALL)


def _as_python_reads(name: str) -> str:
    """Normalize an identifier as Python's parser does: the micro sign of keyboards is a Greek mu."""
    return unicodedata.normalize("NFKC", name)


def _short(text: str) -> str:
    """Cut what a message quotes, as `_Source.pointed` cuts the expression."""
    return _visible(text if len(text) <= 40 else text[:39] + "…")


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)


def _listed(names: Iterable[str]) -> str:
    """Join names for an error message, the first ten of them."""
    shown = [_short(name) for name in names]
    return ", ".join(shown[:10]) + (", …" if len(shown) > 10 else "") if shown else "none"


# --- the text ------------------------------------------------------------------------------------


class _Source:
    """The text of an expression, on one line, and the places in it.

    A line end means no more than a space here. Each white character is replaced by one space, so
    that columns stay what they are.
    """

    def __init__(self, text: str) -> None:
        self.text = "".join(" " if c.isspace() else c for c in text).strip()
        for column, character in enumerate(self.text):
            if character == "#":
                raise self.error("a comment has no place here", column, ACCEPTED)
            if not character.isprintable():
                what = f"the character U+{ord(character):04X}"
                raise self.error(f"{what} has no place here", column, ACCEPTED)
        # The syntax tree counts columns in bytes.
        self.encoded = self.text.encode()

    def error(self, message: str, column: int | None = None, accepted: str = "") -> ExpressionError:
        """Make the error of a text that cannot be read; `accepted` stands on its last line."""
        below = f"\n  accepted: {accepted}" if accepted else ""
        return ExpressionError(self.pointed(message, column) + below)

    def pointed(self, message: str, column: int | None) -> str:
        """Put the expression below a message, and a caret below its column if there is one."""
        middle = column or 0
        start = max(0, min(middle - _WINDOW // 2, len(self.text) - _WINDOW))
        end = start + _WINDOW
        before, after = ("…" if start else ""), ("…" if end < len(self.text) else "")
        lines = [message, f"  {before}{_visible(self.text[start:end])}{after}"]
        if column is not None:
            lines.append(" " * (2 + len(before) + _cells(self.text[start:middle])) + "^")
        return "\n".join(lines)

    def column(self, node: ast.AST) -> int:
        """Find where a node is to be pointed at: at its operator if it has one, else at its start."""
        first = _first_operand(node)
        if first is None:
            return self._characters(getattr(node, "col_offset", 0))
        end = self._characters(first.end_col_offset or 0)
        return end + len(self.text[end:]) - len(self.text[end:].lstrip(" )"))

    def written(self, node: ast.expr) -> str:
        """Give the text of a node, to the letter."""
        return self.encoded[node.col_offset : node.end_col_offset].decode()

    def _characters(self, offset: int) -> int:
        return len(self.encoded[:offset].decode())


_WINDOW: Final = 70


def _cells(text: str) -> int:
    """Count the columns that a text takes on a terminal, where an ideograph takes two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _first_operand(node: ast.AST) -> ast.expr | None:
    """Give the operand to the left of a node's own symbol, if it has one on its left."""
    match node:
        case ast.BinOp(left=first) | ast.Compare(left=first) | ast.BoolOp(values=[first, *_]):
            return first
        case ast.IfExp(body=first) | ast.Attribute(value=first) | ast.Subscript(value=first):
            return first
    return None


# Python reads no int of more than 4,300 digits, or as few as 640 if it is told so.
_LONGEST_INT: Final = 600
_LITERAL: Final = re.compile(
    r"(?<![\w.])([1-9](?:_?[0-9])*)(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]+)?(?!\w)", re.ASCII
)


def _syntax_tree(source: _Source) -> ast.expr:
    if not source.text:
        raise source.error("an empty expression", 0, ACCEPTED)
    try:
        with warnings.catch_warnings():
            # "1and x" is a warning on standard error, and on its way to become an error.
            warnings.simplefilter("ignore")
            return ast.parse(_LITERAL.sub(_hide_long, source.text), mode="eval").body
    except SyntaxError as error:
        # An unexpected end has no offset.
        column = min(error.offset - 1, len(source.text)) if error.offset else len(source.text)
        raise source.error(error.msg, column, ACCEPTED) from None
    except (RecursionError, MemoryError):
        raise source.error(
            "nested too deeply for Python's parser, in parentheses or by the number of terms; "
            "expected fewer, or a long sum as sum([x, y, …])"
        ) from None


def _hide_long(literal: re.Match[str]) -> str:
    """Put a hexadecimal int of the same length, which Python reads, in the place of a long decimal."""
    length = len(literal[0])
    hide = literal[0] == literal[1] and length > _LONGEST_INT
    return "0x" + "1" * (length - 2) if hide else literal[0]


# --- the first pass: every node is judged, whether it will be computed or not ---------------------


class _Check:
    """Judges the nodes of a syntax tree from left to right, and makes a leaf of each name."""

    def __init__(self, source: _Source, values: Mapping[str, str]) -> None:
        self.source = source
        self.values = values
        self.leaves: dict[str, Scalar] = {}

    def run(self, tree: ast.expr) -> Mapping[str, Scalar]:
        ahead: list[tuple[ast.expr, Kind]] = [(tree, "number")]
        while ahead:
            node, kind = ahead.pop()
            ahead += reversed(self._operands(node, kind))
        unused = [name for name in self.values if name not in self.leaves]
        if unused:
            named = [name for name, leaf in self.leaves.items() if not leaf.is_constant]
            raise self.source.error(
                f"a value is given for {_listed(unused)}, not in the expression; "
                f"expected values for its names only: {_listed(named)}"
            )
        return self.leaves

    def _error(self, node: ast.AST, message: str, accepted: str = "") -> ExpressionError:
        return self.source.error(message, self.source.column(node), accepted)

    def _unaccepted(self, node: ast.AST, what: str | None = None) -> ExpressionError:
        what = what or UNACCEPTED.get(type(node), f"Python's {type(node).__name__}")
        return self._error(node, f"{what} has no place here", ACCEPTED)

    def _operands(self, node: ast.expr, kind: Kind) -> list[tuple[ast.expr, Kind]]:
        """Judge one node, and say what each node directly below it must be."""
        if kind == "condition":
            return self._condition(node)
        if kind == "list":
            return self._list(node)
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.BinOp():
                self._expect_known(node, node.op, BINARY)
                return [(node.left, "number"), (node.right, "number")]
            case ast.UnaryOp():
                self._expect_known(node, node.op, UNARY)
                return [(node.operand, "number")]
            case ast.IfExp():
                return [(node.body, "number"), (node.test, "condition"), (node.orelse, "number")]
            case ast.Call():
                return self._call(node)
        raise self._unaccepted(node)

    def _condition(self, node: ast.expr) -> list[tuple[ast.expr, Kind]]:
        match node:
            case ast.Compare(ops=ops) if all(type(op) in COMPARISONS for op in ops):
                return [(operand, "number") for operand in (node.left, *node.comparators)]
            case ast.BoolOp():
                return [(operand, "condition") for operand in node.values]
            case ast.UnaryOp(op=ast.Not()):
                return [(node.operand, "condition")]
        raise self._error(node, "expected a condition", CONDITIONS)

    def _list(self, node: ast.expr) -> list[tuple[ast.expr, Kind]]:
        if not isinstance(node, (ast.List, ast.Tuple)):
            raise self._error(node, "expected a list such as [x, y]")
        return [(item, "number") for item in node.elts]

    def _expect_known(self, node: ast.expr, symbol: ast.AST, known: Mapping[Any, object]) -> None:
        if type(symbol) not in known:
            raise self._unaccepted(node, UNACCEPTED[type(symbol)])

    def _constant(self, node: ast.Constant) -> list[tuple[ast.expr, Kind]]:
        if type(node.value) not in (int, float):
            raise self._unaccepted(
                node, f"{_short(self.source.written(node))}, no rational number,"
            )
        return []

    def _name(self, node: ast.Name) -> list[tuple[ast.expr, Kind]]:
        name = node.id
        if name not in self.values and name in NUMBERS:
            self.leaves[name] = Scalar.constant(NUMBERS[name], name)
            return []
        if name not in self.values:
            raise self._unknown_name(node)
        if name not in self.leaves:
            try:
                self.leaves[name] = Scalar(self.values[name], name)
            except MinigradError as error:
                raise self._error(node, f"the value of {_short(name)}: {error}") from None
        return []

    def _unknown_name(self, node: ast.Name) -> ExpressionError:
        name = _short(node.id)
        known = f"known: {_listed(self.values)}"
        if node.id in FUNCTIONS:
            known = f"the function is written {FUNCTIONS[node.id].usage}; {known}"
        return self._error(node, f"unknown name {name!r}; give it a value as {name}=…; {known}")

    def _call(self, node: ast.Call) -> list[tuple[ast.expr, Kind]]:
        if isinstance(node.func, ast.Attribute):
            raise self._unaccepted(node.func)
        if not isinstance(node.func, ast.Name):
            raise self._error(
                node, "only a function is called; a product is written with *", USAGES
            )
        function = FUNCTIONS.get(node.func.id)
        if function is None:
            raise self._unknown_function(node.func)
        for argument in node.keywords:
            raise self._error(
                argument, f"a keyword argument has no place here; expected {function.usage}"
            )
        given = function.given(node)
        if not function.accepts(len(given)):
            count = f"{len(given)} argument{'s' * (len(given) != 1)}"
            raise self._error(node, f"expected {function.usage}; got {count}")
        return [(argument, function.kind(i)) for i, argument in enumerate(given)]

    def _unknown_function(self, node: ast.Name) -> ExpressionError:
        if node.id in self.values:
            name = _short(node.id)
            return self._error(
                node, f"{name!r} is a number, no function; a product is written {name}*(…)"
            )
        close = difflib.get_close_matches(node.id, FUNCTIONS, n=1, cutoff=0.7)
        hint = f"; did you mean {close[0]}?" if close else ""
        return self._error(node, f"unknown function {_short(node.id)!r}{hint}", USAGES)


# --- the second pass: values ---------------------------------------------------------------------


class _Computation:
    """Computes a tree that has passed the check: Scalars, and truth values for conditions."""

    def __init__(self, source: _Source, leaves: Mapping[str, Scalar]) -> None:
        self.source = source
        self.leaves = leaves

    def run(self, tree: ast.expr) -> Any:
        """Run the steps of a node, and of each node that they ask for, on a stack of our own."""
        stack = [self._steps(tree)]
        result: Any = None
        while stack:
            try:
                wanted = stack[-1].send(result)
            except StopIteration as finished:
                stack.pop()
                result = finished.value
            else:
                stack.append(self._steps(wanted))
                result = None
        return result

    def _steps(self, node: ast.expr) -> Steps:
        """Compute a node: yield each node whose value is needed, and return this one's value."""
        match node:
            case ast.Name():
                return self.leaves[node.id]
            case ast.Constant():
                return self._literal(node)
            case ast.BinOp():
                left, right = yield from self._each([node.left, node.right])
                return self._apply(node, BINARY[type(node.op)], left, right)
            case ast.UnaryOp(op=ast.Not()):
                return not (yield node.operand)
            case ast.UnaryOp():
                return self._apply(node, UNARY[type(node.op)], (yield node.operand))
            case ast.IfExp():
                chosen = node.body if (yield node.test) else node.orelse
                return (yield chosen)
            case ast.Compare():
                return (yield from self._comparison(node))
            case ast.BoolOp():
                return (yield from self._connective(node))
            case ast.Call():
                return (yield from self._call(node))
        assert isinstance(node, (ast.List, ast.Tuple))
        return (yield from self._each(node.elts))

    def _each(self, nodes: Iterable[ast.expr]) -> Steps:
        values: list[Any] = []
        for node in nodes:
            value = yield node
            values.append(value)
        return values

    def _comparison(self, node: ast.Compare) -> Steps:
        left = yield node.left
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = yield comparator
            if not COMPARISONS[type(op)](left, right):
                return False
            left = right
        return True

    def _connective(self, node: ast.BoolOp) -> Steps:
        settled = isinstance(node.op, ast.Or)
        for operand in node.values:
            if (yield operand) == settled:
                return settled
        return not settled

    def _call(self, node: ast.Call) -> Steps:
        assert isinstance(node.func, ast.Name)
        function = FUNCTIONS[node.func.id]
        arguments = yield from self._each(function.given(node))
        return self._apply(node, function.build, *arguments)

    def _literal(self, node: ast.Constant) -> Scalar:
        text = self.source.written(node)
        # A base of 2, 8 or 16 is no way to write a decimal, and Python's own reading is exact.
        exact = node.value if text[:2].lower() in ("0x", "0o", "0b") else text
        return self._apply(node, Scalar.constant, exact)

    def _apply(self, node: ast.expr, function: Callable[..., Scalar], *arguments: Any) -> Scalar:
        """Call a function; its errors point at the node."""
        try:
            return function(*arguments)
        except MinigradError as error:
            # Operands that do not fit together are a fault of the text, and not of the values.
            kind = ExpressionError if isinstance(error, InvalidOperand) else type(error)
            message = self.source.pointed(str(error), self.source.column(node))
        raise kind(message)
