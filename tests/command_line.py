"""Case files for the command line, its exit statuses, and parts of what it prints."""

PROVED, REFUTED, USAGE, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 130

CASES = {
    "right.py": "@case(3, gradient=lambda x: 2 * x)\ndef right(x): return x * x\n",
    "wrong.py": """
@case((2, 3), gradient=lambda x, y: (2 * x * y, x**2 + y), source="to be refuted")
def wrong(x, y):
    return x**2 * y
""",
    "kink.py": "@case(0)\ndef kink(x): return abs(x)\n",
    "broken.py": "@case(0)\ndef broken(x): return 1 / x\n",
    "prints.py": "print('loaded')\n@case(2)\ndef prints(x):\n    print('called')\n    return x\n",
    "irrational.py": "@case((2, 3))\ndef irrational(x, y): return x**y\n",
    "exponent.py": "@case((-2, 3))\ndef exponent(x, y): return x**y\n",
    "stops.py": """
@case(1)
def first(x): return x

@case(1)
def second(x): raise KeyboardInterrupt

@case(1)
def third(x): return x
""",
}


def names(document):
    return [result["name"].removeprefix("../") for result in document["results"]]


def last_line(text):
    return text.splitlines()[-1]
