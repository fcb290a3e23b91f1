# Die Konsole: people.
