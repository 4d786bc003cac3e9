"""Frames as an animated GIF: one palette, and of each frame only what is new in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
"""Red, green, blue and opacity of each pixel, (rows, columns, 4)."""
Places = NDArray[np.uint8]
"""In the palette."""
CLEAR = 255
"""The place in the palette of what is left as it was before."""
BITS = 5
"""Of each channel by which a colour finds the nearest of the palette."""


def write_gif(path: Path, frames: Iterable[Pixels], last: Pixels, seconds: Sequence[float]) -> None:
    """Write frames that are shown for so many seconds each, again and again.

    last : a frame with all the colours. The same frames give the same bytes.
    """
    palette, nearest = _palette_of(last)
    images = []
    before = None
    for frame in frames:
        whole = np.ascontiguousarray(frame).view(np.uint32)[..., 0]
        places = np.full(whole.shape, CLEAR, np.uint8)
        new = np.ones(whole.shape, bool) if before is None else whole != before
        places[new] = nearest[_bins(frame[new])]
        before = whole
        image = Image.fromarray(places)
        image.putpalette(palette)
        images.append(image)
    images[0].save(
        path,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=[round(1000 * own) for own in seconds],
        loop=0,
        transparency=CLEAR,
        disposal=1,
        optimize=False,
    )


def _palette_of(frame: Pixels) -> tuple[bytes, Places]:
    """At most 255 colours of a frame, and which of them is the nearest for each bin of colours."""
    image = Image.fromarray(frame).convert("RGB")
    few = image.quantize(CLEAR, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette = bytes(few.getpalette() or [])[: 3 * CLEAR]
    colours = np.frombuffer(palette, np.uint8).reshape(-1, 3).astype(np.float32)
    middles = np.rint(np.linspace(0, 255, 1 << BITS, dtype=np.float32))
    bins = np.stack(np.meshgrid(middles, middles, middles, indexing="ij"), axis=-1).reshape(-1, 3)
    # |a - b|² without |a|², which is the same for all colours of the palette; in whole numbers.
    away = (colours**2).sum(axis=1) - 2 * bins @ colours.T
    return palette, away.argmin(axis=1).astype(np.uint8)


def _bins(colours: Pixels) -> NDArray[np.uint16]:
    """The number of the bin that each of the colours (n, 4) is in."""
    red, green, blue = (colours >> (8 - BITS)).astype(np.uint16).T[:3]
    return (red << 2 * BITS) + (green << BITS) + blue
