# Die Konsole: accounts.
