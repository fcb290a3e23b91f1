# Die Konsole: assignments.
