# Die Konsole: groups.
