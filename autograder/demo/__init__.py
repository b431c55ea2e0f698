"""`autograder demo`: an instructor's whole cycle with a sample class."""
