"""The explorer of what pooling loses: a picture rebuilt from its pooled map."""

from companion.explore.what_is_lost.what_is_lost import WhatIsLost

__all__ = ["WhatIsLost"]
