"""Running students' code where it can reach nothing: bubblewrap outside, a namespace for each submission inside."""
