# The console: accounts.
