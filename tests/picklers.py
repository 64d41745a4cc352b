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
PICKLERS["in Python"] = lambda value: pickle._loads(pickle._dumps(value))  # type: ignore[attr-defined]
PICKLERS["protocol 0 in Python"] = lambda value: pickle._loads(  # type: ignore[attr-defined]
    pickle._dumps(value, 0)  # type: ignore[attr-defined]
)
