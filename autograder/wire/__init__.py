"""What the trusted process and the student's share; with `sandbox` and the limits, all that is seen inside."""
