# Die Konsole: overview.
