# Die Konsole: access.
