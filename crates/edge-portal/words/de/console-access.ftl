# Die Konsole: Zugriff.
console-access = Zugriff
access-lead = Wer welche Rolle in welchem Konto nutzen kann, und wodurch: jetzt oder zu einem vergangenen Zeitpunkt. Wählen Sie, womit Sie beginnen.
access-by = Nach
access-people = Personen
access-groups = Gruppen
access-sets = Berechtigungssätze
access-accounts = Konten
access-person = Person
access-group = Gruppe
# $what: Personen, Gruppen, Berechtigungssätze oder Konten
access-search = Suchen: { $what }
access-nothing-there = Hier ist noch nichts.
# $query: was eingegeben wurde
access-nothing-found = Nichts passt zu „{ $query }“.
access-pages = Seiten
access-first-page = Erste Seite
access-short-page = Auf dieser Seite ist nichts, und es folgt noch mehr.
# $what: wessen Zugriff die Seite zeigt
access-of-person = Was { $what } erreicht
access-of-group = Was Mitglieder von { $what } dadurch erreichen
access-of-set = Wer { $what } nutzen kann, und wo
access-of-account = Wer { $what } erreicht
access-at = Zu diesem Zeitpunkt (UTC)
access-show = Zeigen
access-now = Jetzt
# $typed: was als Zeitpunkt eingegeben wurde
access-no-moment = „{ $typed }“ ist kein Zeitpunkt: Schreiben Sie ihn wie 2026-11-28T12:40.
access-picture = Bild
access-table = Tabelle
access-file = Als CSV herunterladen
access-file-more = Es folgen weitere Zeilen: Fragen Sie die API danach.
access-why = Gewährt durch
access-direct = Direkt zugewiesen
access-none = Hier erreicht niemand etwas.
# $count (Zahl): wie viele es noch sind
access-and-more = { $count ->
    [one] und { $count } weitere
   *[other] und { $count } weitere
}
# $count (Zahl): Zeilen, aus denen das Bild gezeichnet ist
access-drawn-from = { $count ->
    [one] Das Bild zeigt die erste Zeile; die Tabelle hat alle.
   *[other] Das Bild zeigt die ersten { $count } Zeilen; die Tabelle hat alle. Folgen Sie einem Knoten, um seinen Teil zu sehen.
}

unused = Ungenutzter Zugriff
unused-lead = Wer welche Rolle so lange hätte benutzen können und weder Schlüssel dafür geholt noch in der Konsole mit ihr gearbeitet hat.
unused-days = Nicht benutzt seit (Tage)
# $typed: was als Zahl von Tagen eingegeben wurde
unused-no-days = „{ $typed }“ ist keine Zahl von Tagen von 1 bis 400.
unused-since = Was benutzt wird, ist bekannt seit
unused-early = Das ist noch nicht so lange her: Fragen Sie nach weniger Tagen.
unused-none = Nichts war so lange ungenutzt.
unused-granted = seit
unused-by-group = Was eine Gruppe gewährt, endet mit der Mitgliedschaft: Nehmen Sie die Person aus der Gruppe.
