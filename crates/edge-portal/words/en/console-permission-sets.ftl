# The console: permission-sets.
