"""A course as nbgrader knows it: its folders, its assignments, its gradebook, how a class stands in it."""
