"""What tests and documentation examples have in common."""

import os

# Reports are as wide as the terminal, and the examples show them as wide as this.
os.environ["COLUMNS"] = "130"
