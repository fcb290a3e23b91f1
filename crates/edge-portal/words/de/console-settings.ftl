# Die Konsole: settings.
