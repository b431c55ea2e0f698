"""The explorer that asks SqueezeNet what it sees in a window of a picture."""

import base64
import io
from typing import Any

import numpy as np
import traitlets
from PIL import Image

from companion.explore.base import Explorer, check_picture, files

PICTURES = ("cat", "coffee", "camera", "astronaut", "rocket", "coins", "retina")
_SIZE = 400  # pixels of a picture in each direction
_SIDE = 227  # pixels of what the network gets, in each direction
_TOP = 5


class Classifier(Explorer):
    """Move a window over a picture, one's own included; SqueezeNet names what it sees in it.

    The window is cut out in the browser, and named by the network in Python, which is loaded at the first question.

    Parameters
    ----------
    picture : str
        "cat", "coffee", "camera", "astronaut", "rocket", "coins" or "retina". After an upload it is the file's name.
    window : list of three numbers
        Left, top and side, each as a share of the picture, 0 to 1; the whole picture is [0, 0, 1].

    Attributes
    ----------
    guesses : list of [name, probability]
        The last answer, the likeliest name first.

    Raises
    ------
    ArgumentError
        If the picture is unknown.
    """

    _esm, _css = files(__file__)

    pictures: traitlets.List[Any] = traitlets.List(help="name, description and address of each").tag(sync=True)
    picture = traitlets.Unicode(PICTURES[0]).tag(sync=True)
    window: traitlets.List[Any] = traitlets.List(traitlets.Float(), [0.0, 0.0, 1.0], minlen=3, maxlen=3).tag(sync=True)
    guesses: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, picture: str = PICTURES[0], **state: Any) -> None:
        check_picture(picture, PICTURES)
        super().__init__(picture=picture, pictures=[_as_sent(name) for name in PICTURES], **state)
        self.on_msg(self._answer)

    def describe(self) -> str:
        """The picture and the last answer."""
        said = ", ".join(f"{name} {probability:.0%}" for name, probability in self.guesses[:3]) or "not asked yet"
        return f"Classifier explorer: picture {self.picture!r}, {said}"

    def _answer(self, _: Any, question: dict[str, Any], buffers: list[Any]) -> None:
        """Name one window: `buffers` holds its red, green, blue and alpha, row by row, as a canvas gives them."""
        from companion import zoo
        from companion.data import DataUnavailable

        pixels = np.frombuffer(buffers[0], dtype=np.uint8).reshape(_SIDE, _SIDE, 4)
        try:
            guesses = zoo.classify(pixels[:, :, :3], _TOP)
        except DataUnavailable as error:
            self.send({"number": question["number"], "problem": str(error)})
            return
        self.guesses = [[name, round(probability, 4)] for name, probability in guesses]
        self.send({"number": question["number"], "guesses": self.guesses})


def _as_sent(name: str) -> dict[str, str]:
    """A picture as the page gets it: a JPEG in its own address."""
    from companion import data

    file = io.BytesIO()
    Image.fromarray(data.picture(name, size=_SIZE, colour=True)).save(file, format="jpeg", quality=90)
    address = f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
    return {"name": name, "description": data.PICTURES[name], "address": address}
