"""Helpers of practical 7."""


def word_count(text):
    """Count the words of a text."""
    return len(text.split())


class Recorder:
    """Keeps items until it is closed."""

    def __init__(self, name):
        self.name, self.items, self.closed = name, [], False

    def record(self, item):
        """Keep an item."""
        if self.closed:
            raise ValueError("closed")
        self.items.append(item)

    def close(self):
        """No more items."""
        self.closed = True

    def __str__(self):
        return f"<{self.name}: {len(self.items)} items>"
