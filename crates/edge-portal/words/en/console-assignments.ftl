# The console: assignments.
