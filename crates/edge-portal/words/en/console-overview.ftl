# The console: overview.
