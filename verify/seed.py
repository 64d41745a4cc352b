"""The worked example of the Rust crate that minigrad descends from: g = 10 / (ab / (a + b)).

The crate's own page shows the code for the first point with the results of the second. The last
case below states what the page says, and is here to be refuted.
"""

from minigrad.verify import case

CRATE = "the Rust crate minigrad 0.1.0, worked example"


def by_hand(a, b, f):
    """Clear the fractions first: g = f (1/a + 1/b)."""
    return -f / a**2, -f / b**2, 1 / a + 1 / b


@case(
    (3.1, "4.2", 10),
    gradient=by_hand,
    values={"c": "73/10", "d": "651/50", "e": "651/365", "g": "3650/651"},
    gradients={
        "g": 1,
        "f": "365/651",
        "e": "-1332250/423801",
        "d": "-182500/423801",
        "c": "500/651",
        "b": "-250/441",
        "a": "-1000/961",
    },
    source=CRATE,
)
@case(
    (-4, 2, 10),
    gradient=by_hand,
    values={"c": -2, "d": -8, "e": 4, "g": "5/2"},
    gradients={
        "g": 1,
        "f": "1/4",
        "e": "-5/8",
        "d": "5/16",
        "c": "-5/4",
        "b": "-5/2",
        "a": "-5/8",
    },
    source=f"{CRATE}, the point whose results its page prints",
)
@case(
    (3.1, "4.2", 10),
    values={"g": "5/2"},
    gradients={"f": "1/4", "e": "-5/8", "d": "5/16", "c": "-5/4", "b": "-5/2", "a": "-5/8"},
    source=f"{CRATE}, the code and the results as its page pairs them",
    expect="refuted",
)
def worked_example(a, b, f):
    c = a + b
    d = a * b
    e = d / c
    g = f / e
    for node, label in ((c, "c"), (d, "d"), (e, "e"), (g, "g")):
        node.label = label
    return g
