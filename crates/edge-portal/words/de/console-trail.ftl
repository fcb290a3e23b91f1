# Die Konsole: trail.
