"""The ways to pickle something, as several tests take them all."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

PICKLERS: dict[str, Callable[[Any], Any]] = {
    f"protocol {protocol}": lambda value, protocol=protocol: pickle.loads(
        pickle.dumps(value, protocol)
    )
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
}
# What the module has in pure Python is not in its stubs.
_slow: Any = pickle
PICKLERS["in Python"] = lambda value: _slow._loads(_slow._dumps(value))
PICKLERS["protocol 0 in Python"] = lambda value: _slow._loads(_slow._dumps(value, 0))
