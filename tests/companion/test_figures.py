"""Rows of figures: what a browser gets, what stands in for it, and what is refused."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from companion import figures

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)


def test_each_picture_comes_with_its_caption_and_alternative() -> None:
    shown = figures.row((GREY, "a < b", 'a "ramp"'), (np.stack([GREY] * 3, axis=-1), "colour", "grey ramp"), width=99)
    page = shown._repr_html_()
    assert page.count("<figure") == 2
    assert 'alt="a &quot;ramp&quot;"' in page
    assert "<figcaption>a &lt; b</figcaption>" in page
    assert "width: 99px" in page
    encoded = re.search(r"base64,([^\"]+)", page)
    assert encoded
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded[1])))), GREY)
    assert repr(shown) == '[a < b: a "ramp"]\n[colour: grey ramp]'


@pytest.mark.parametrize(
    ("figure", "problem"),
    [
        ((GREY.astype(float), "x", "y"), "“x” is float64"),
        ((np.zeros((2, 2, 4), dtype=np.uint8), "x", "y"), r"shape \(2, 2, 4\)"),
        ((GREY, " ", "y"), "not blank"),
        ((GREY, "x", ""), "not blank"),
    ],
)
def test_what_is_no_figure_is_named(figure: tuple, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        figures.row(figure)


def test_lit_darkens_where_there_is_nothing() -> None:
    picture = np.full((4, 8, 3), 200, dtype=np.uint8)
    where = np.zeros((4, 8))
    where[:, 4:] = 5
    shown = figures.lit(picture, where)
    assert (shown[:, 4:] == 200).all()
    assert (shown[:, :4] == 30).all()
    np.testing.assert_array_equal(figures.lit(picture[..., 0], where > 0)[:, 4:], 200)
    assert (figures.lit(picture, where[:2, :4]).shape) == picture.shape
    assert (figures.lit(picture, np.full((2, 2), -1.0)) == 30).all()
