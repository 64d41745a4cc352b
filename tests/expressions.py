"""Expressions read with values for their names, and the text of a refusal."""

import re

import pytest

from minigrad.errors import ExpressionError
from minigrad.verify.expression import parse_expression

VALUES = {"a": "3.1", "b": "4.2", "x": "-2", "zero": "0"}


def parse(text):
    """Parse with those of VALUES that the text names."""
    words = re.findall(r"\b[^\W\d]\w*", text)
    return parse_expression(text, {name: VALUES[name] for name in VALUES if name in words})


def refusal(text, values=None, kind=ExpressionError):
    """The lines of the error message, and the text that the caret points at."""
    with pytest.raises(kind) as caught:
        parse(text) if values is None else parse_expression(text, values)
    assert type(caught.value) is kind
    lines = str(caught.value).splitlines()
    carets = [i for i, line in enumerate(lines) if line.strip() == "^"]
    assert len(carets) <= 1
    pointed = lines[carets[0] - 1][lines[carets[0]].index("^") :] if carets else None
    return lines, pointed
