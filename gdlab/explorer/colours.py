"""The colours of the pictures, written down: to ask Matplotlib for them takes half a second."""

from __future__ import annotations

import numpy as np

ITERATIONS = (
    "481d6f 472f7d 424086 3c508b 355e8d 2f6c8e 29798e 24868e 20938c "
    "1fa188 27ad81 38b977 52c569 70cf57 93d741 b8de29 dde318 fde725"
)
"""Evenly from few iterations to many; those between are in the middle of their neighbours."""


def palette(n: int) -> str:
    """So many colours from few iterations to many, six hexadecimal digits each."""
    anchors = np.array([list(bytes.fromhex(colour)) for colour in ITERATIONS.split()])
    at = np.linspace(0, len(anchors) - 1, n)
    channels = [np.interp(at, np.arange(len(anchors)), own) for own in anchors.T]
    return np.stack(channels, axis=1).round().astype(np.uint8).tobytes().hex()
