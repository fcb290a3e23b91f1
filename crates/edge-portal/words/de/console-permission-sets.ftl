# Die Konsole: permission-sets.
