"""The colours of the pictures, written down: to ask Matplotlib for them takes half a second."""

from __future__ import annotations

from functools import cache

import numpy as np

from gdlab.core.problem import Status

ITERATIONS = (
    "481d6f 472f7d 424086 3c508b 355e8d 2f6c8e 29798e 24868e 20938c "
    "1fa188 27ad81 38b977 52c569 70cf57 93d741 b8de29 dde318 fde725"
)
"""Evenly from few iterations to many; those between are in the middle of their neighbours."""
VERDICTS = {
    Status.cycling: "#b2182b",
    Status.max_iter: "#f0f0f0",
    Status.diverged: "#161616",
}


@cache
def of_iterations() -> str:
    """Colours from few iterations to many, 256 of six hexadecimal digits each."""
    anchors = np.array([list(bytes.fromhex(colour)) for colour in ITERATIONS.split()])
    at = np.linspace(0, len(anchors) - 1, 256)
    channels = [np.interp(at, np.arange(len(anchors)), own) for own in anchors.T]
    return np.stack(channels, axis=1).round().astype(np.uint8).tobytes().hex()
