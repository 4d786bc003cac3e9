"""The map has the colours of the pictures."""

from __future__ import annotations

import numpy as np

from gdlab.explorer.colours import VERDICTS, of_iterations
from gdlab.figures.cells import COLOURS, LOOKS


def test_the_colours_of_iterations_are_those_of_a_heatmap_as_far_as_an_eye_can_tell():
    map_ = np.frombuffer(bytes.fromhex(of_iterations()), np.uint8).reshape(256, 3)
    assert np.abs(COLOURS(np.linspace(0, 1, 256))[:, :3] * 255 - map_).max() < 4


def test_the_colours_of_verdicts_are_those_of_a_heatmap():
    assert {code: look.colour for code, look in LOOKS.items()} == VERDICTS
