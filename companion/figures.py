"""Pictures beside each other in a notebook, each with a caption and a text for those who don't see it."""

import base64
import html
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from companion.errors import ArgumentError

__all__ = ["Figure", "Figures", "lit", "row"]

_DIM = 0.15  # what is left of a pixel's brightness where `lit` finds nothing


@dataclass(frozen=True)
class Figure:
    """A picture, uint8 of shape (height, width) or (height, width, 3), its caption, and what is to be seen in it."""

    picture: np.ndarray
    caption: str
    alt: str


class Figures:
    """A row of figures, as a notebook shows them."""

    def __init__(self, figures: tuple[Figure, ...], width: int) -> None:
        self._figures = figures
        self._width = width

    def __repr__(self) -> str:
        return "\n".join(f"[{figure.caption}: {figure.alt}]" for figure in self._figures)

    def _repr_html_(self) -> str:
        shown = "".join(
            f'<figure style="margin: 0; width: {self._width}px; max-width: 100%">'
            f'<img src="{_address(figure.picture)}" alt="{html.escape(figure.alt)}" '
            'style="width: 100%; height: auto; image-rendering: pixelated">'
            f"<figcaption>{html.escape(figure.caption)}</figcaption></figure>"
            for figure in self._figures
        )
        return f'<div style="display: flex; flex-wrap: wrap; gap: 12px">{shown}</div>'


def row(*figures: tuple[np.ndarray, str, str], width: int = 200) -> Figures:
    """Return pictures for a notebook to show beside each other.

    Parameters
    ----------
    figures
        For each the picture, uint8 of shape (height, width) or (height, width, 3); its caption; and its text
        alternative, which says what is to be seen.
    width
        Of each on the page, in CSS pixels.

    Raises
    ------
    ArgumentError
        If a picture is none, or a text is blank.
    """
    made = tuple(Figure(*figure) for figure in figures)
    for figure in made:
        shape = figure.picture.shape
        if figure.picture.dtype != np.uint8 or not (len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)):
            raise ArgumentError(
                "A picture is uint8 of shape (height, width) or (height, width, 3), and "
                f"“{figure.caption}” is {figure.picture.dtype} of shape {shape}."
            )
        if not figure.caption.strip() or not figure.alt.strip():
            raise ArgumentError("Each picture needs a caption and a text alternative that are not blank.")
    return Figures(made, width)


def lit(picture: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Return the picture as it is where `where` is largest, and dark where it is 0 or less.

    Parameters
    ----------
    picture
        uint8 of shape (height, width) or (height, width, 3).
    where
        Of shape (height', width'), numbers or Booleans; it is stretched over the picture.
    """
    values = np.maximum(np.asarray(where, dtype=np.float32), 0)
    height, width = picture.shape[:2]
    stretched = np.asarray(Image.fromarray(values).resize((width, height), Image.Resampling.BILINEAR))
    share = _DIM + (1 - _DIM) * stretched / max(float(stretched.max()), 1e-9)
    return np.rint(picture * (share if picture.ndim == 2 else share[..., np.newaxis])).astype(np.uint8)


def _address(picture: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
