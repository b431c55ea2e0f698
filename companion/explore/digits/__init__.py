"""Training digit models in the background: what PixelShuffle and ShiftTest share."""
