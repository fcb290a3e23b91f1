# The console: access.
