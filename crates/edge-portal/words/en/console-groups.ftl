# The console: groups.
