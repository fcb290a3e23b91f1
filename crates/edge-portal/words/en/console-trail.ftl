# The console: trail.
