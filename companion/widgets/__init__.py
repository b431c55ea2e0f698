"""What every widget of the course shares: assembling its files, its look, its controls."""

from companion.widgets.files import script, style

__all__ = ["script", "style"]
