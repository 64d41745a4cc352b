"""A traced program in SymPy's terms: its values and derivatives over any field.

The nodes below the outputs of a run are read as SymPy's forms of their operators, on the pieces that were
taken. With numbers in the place of the arguments that gives numbers; with the generators of a field of
rational functions, formulas; with elements of Q(ε), what the program does beside a point. The engine's
own rules are never asked: all that is taken from it is which operator was applied to what.

Values are computed where something needs them: the derivative of a sum does not ask what the summands
were, and the value of a loss over a hundred variables, multiplied out, is larger than all of its
derivatives together.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from minigrad.number import ONE, ZERO, has_float_digits
from minigrad.scalar import Scalar
from minigrad.verify.solver import Chain, Suspects, adjoint_terms, solve_adjoints, value_at
from minigrad.verify.symbolic import Graph, Rule, Rules
from minigrad.verify.values import solve_values

__all__ = ["Lifted", "Program"]


class Program:
    """The formulas that lead from `leaves`, the arguments, to `outputs`.

    `complaint` says what SymPy does not agree with about the values and pieces found there, if anything;
    `cuts` has the elements that stand in the place of what some nodes compute, by position.
    """

    def __init__(self, outputs: Sequence[Scalar], leaves: Sequence[Scalar], rules: Rules) -> None:
        self.graph = Graph(*outputs)
        self.chain = Chain(self.graph, ONE)
        self.complaint = self._solve(rules)
        self.outputs = self.graph.roots
        self.point = [leaf._datum for leaf in leaves]
        position = {id(node): i for i, node in enumerate(self.graph.nodes)}
        self.leaves = [position.get(id(leaf)) for leaf in leaves]
        self.cuts: Mapping[int, Any] = {}

    def _solve(self, rules: Rules) -> str:
        """Find the rules, pieces and values of the chain, and what SymPy does not agree with."""
        suspects = Suspects()
        solve_values(self.chain, rules, suspects)
        faults = [*suspects.branches.values(), *suspects.values.values()]
        return faults[0].message if faults else ""

    @cached_property
    def at_boundary(self) -> list[bool]:
        """For each output, whether a piecewise operator below it stands at its boundary."""
        found: list[bool] = []
        for operands, piece in zip(self.graph.operands, self.chain.pieces, strict=True):
            edge = bool(piece and piece[0].boundary)
            found.append(edge or any(found[operand] for operand in operands))
        return [found[output] for output in self.outputs]

    @cached_property
    def rounded(self) -> list[Fraction]:
        """The constants that look like floats which some arithmetic has rounded."""
        constants = [node._datum for node in self.graph.nodes if node.is_constant]
        return [value for value in dict.fromkeys(constants) if has_float_digits(value)]

    @cached_property
    def divisors(self) -> set[Fraction]:
        """The constants by which something is divided, or by whose inverse it is multiplied."""
        found = set()
        for node in self.graph.nodes:
            if node.operator is None or len(node.operands) != 2:
                continue
            left, right = node.operands
            if node.operator.name == "div" and right.is_constant:
                found.add(right._datum)
            elif node.operator.name == "mul":
                found |= {1 / o._datum for o in (left, right) if o.is_constant and o._datum}
        return found

    @cached_property
    def exponents(self) -> list[bool]:
        """For each leaf, whether it reaches an operand by which there is no derivative."""
        return [place is not None and self.reaching_exponents[place] for place in self.leaves]

    @cached_property
    def reaching_exponents(self) -> list[bool]:
        """The same, for each node."""
        reaches = [False] * len(self.graph.nodes)
        for i in range(len(reaches) - 1, -1, -1):
            rule = self.chain.rules[i]
            missing = () if rule is None else rule.form.unavailable
            for k, operand in enumerate(self.graph.operands[i]):
                if reaches[i] or k in missing:
                    reaches[operand] = True
        return reaches

    @cached_property
    def numbers(self) -> Lifted:
        """The program at the point where it ran."""
        return Lifted(self, self.chain.values)

    def cut(self, elements: Mapping[int, Any]) -> Program:
        """The same program, with elements of a field in the place of what some nodes compute."""
        other = copy.copy(self)
        other.cuts = elements
        return other

    def over(self, elements: Sequence[Any]) -> Lifted:
        """The program with these in the place of its leaves; None leaves a leaf its number.

        Only what the derivatives of the outputs ask for has a value. Raises what the field's
        arithmetic raises.
        """
        return self._over(elements, self._with_operands(self._asked_by_derivatives))

    def results(self, elements: Sequence[Any]) -> list[Any]:
        """The outputs themselves with these in the place of the leaves."""
        values = self._over(elements, self._below(self.outputs)).values
        return [values[output] for output in self.outputs]

    def result(self, k: int, elements: Sequence[Any]) -> Any:
        """Output `k` alone, with these in the place of the leaves."""
        return self.node(self.outputs[k], elements)

    def node(self, i: int, elements: Sequence[Any]) -> Any:
        """What node `i` computes with these in the place of the leaves."""
        return self._over(elements, self._below([i])).values[i]

    def _below(self, nodes: Sequence[int]) -> list[bool]:
        asked = [False] * len(self.graph.nodes)
        for node in nodes:
            asked[node] = True
        return self._with_operands(asked)

    def _with_operands(self, asked: Sequence[bool]) -> list[bool]:
        """What is asked for, and what that is computed from."""
        found = [*asked]
        for i in range(len(found) - 1, -1, -1):
            if found[i] and i not in self.cuts:
                for operand in self.graph.operands[i]:
                    found[operand] = True
        return found

    def _over(self, elements: Sequence[Any], asked: Sequence[bool]) -> Lifted:
        given = {
            place: element
            for place, element in zip(self.leaves, elements, strict=True)
            if place is not None and element is not None
        }
        values: list[Any] = []
        for i, rule in enumerate(self.chain.rules):
            if i in self.cuts:
                values.append(self.cuts[i])
            elif rule is None:
                values.append(given.get(i, self.graph.nodes[i]._datum))
            elif asked[i]:
                values.append(self.computed(i, values))
            else:
                values.append(None)
        return Lifted(self, values)

    def computed(self, i: int, values: Sequence[Any]) -> Any:
        """What node `i` computes from the values of its operands, which are by position in `values`."""
        rule = self.chain.rules[i]
        assert rule is not None
        at = [values[operand] for operand in self.graph.operands[i]]
        if self.chain.pieces[i]:
            at += self.chain.pieces[i][0].numbers
        return value_at(rule, at)

    @cached_property
    def _asked_by_derivatives(self) -> list[bool]:
        """For each node, whether its value occurs in a partial derivative by what is no constant."""
        asked = [False] * len(self.graph.nodes)
        known: dict[tuple[Rule, tuple[bool, ...]], list[bool]] = {}
        for node, operands, rule in zip(
            self.graph.nodes, self.graph.operands, self.chain.rules, strict=True
        ):
            if rule is None:
                continue
            key = (rule, tuple([operand.is_constant for operand in node.operands]))
            if key not in known:
                known[key] = _occurring(*key)
            for operand, occurs in zip(operands, known[key], strict=True):
                asked[operand] = asked[operand] or occurs
        return asked


def _occurring(rule: Rule, constants: Sequence[bool]) -> list[bool]:
    """For each operand, whether it occurs in the derivative by one that is no constant."""
    if rule.fold is not None:
        return [any(rule.occurring)] * len(constants)
    present = {
        symbol
        for derivative, constant in zip(rule.derivatives, constants, strict=True)
        if not constant
        for symbol in derivative.free_symbols
    }
    return [symbol in present for symbol in rule.symbols]


class Lifted:
    """A program over some field: `values` by position, None where nothing asked for them."""

    def __init__(self, program: Program, values: Sequence[Any]) -> None:
        self.program = program
        self.values = values
        self._by_output: dict[int, Chain] = {}

    def gradient(self, seeds: Mapping[int, Any]) -> list[Any]:
        """The derivative by each leaf of the sum of nodes (by position) times their seeds."""
        chain = self._solved(seeds)
        return [
            ZERO if place is None or chain.adjoints[place] is None else chain.adjoints[place]
            for place in self.program.leaves
        ]

    def contributions(self, leaf: int, output: int) -> list[Any]:
        """What each use of a leaf adds to the derivative of an output by it, in graph order."""
        place = self.program.leaves[leaf]
        if place is None:
            return []
        if output not in self._by_output:
            self._by_output[output] = self._solved({self.program.outputs[output]: ONE})
        chain = self._by_output[output]
        return [
            term
            for user in dict.fromkeys(self.program.graph.users[place])
            if chain.adjoints[user] is not None
            for operand, term in zip(
                self.program.graph.operands[user],
                adjoint_terms(chain, user, chain.adjoints[user]),
                strict=True,
            )
            if operand == place
        ]

    def _solved(self, seeds: Mapping[int, Any]) -> Chain:
        chain = replace(self.program.chain, values=self.values, adjoints=[])
        solve_adjoints(chain, seeds)
        return chain
