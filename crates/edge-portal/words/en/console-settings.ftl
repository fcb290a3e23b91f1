# The console: settings.
