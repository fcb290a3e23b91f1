# Die Konsole: Zuweisungen.
console-assignments = Zuweisungen
assignments-lead = Wem welcher Berechtigungssatz in welchem Konto zugewiesen ist. Wählen Sie, wessen Zuweisungen Sie sehen möchten, oder weisen Sie mehr zu.
assignments-new = Zugriff zuweisen
assignments-new-lead = Wählen Sie Gruppen oder Personen, Berechtigungssätze und Konten. Alle Gewählten bekommen jeden gewählten Berechtigungssatz in jedem gewählten Konto; bevor Sie die Vorschau gesehen haben, ändert sich nichts.
# $what: die Person, die Gruppe, der Berechtigungssatz oder das Konto
assignments-of = Zuweisungen: { $what }
assignments-reach = Wer erreicht was
assignments-none = Hier ist noch nichts zugewiesen.
assignments-choose = Auswählen
# $who, $what, $where: Person oder Gruppe, Berechtigungssatz und Konto einer Zeile
assignments-row = { $who }, { $what }, { $where }
assignments-who = Wer
assignments-what = Berechtigungssatz
assignments-where = Konto
assignments-why = Grund
assignments-remove = Ausgewählte entfernen
assignments-remove-next = Die nächste Seite zeigt, was wegfiele.

# $count (Zahl): Gewähltes
assignments-chosen = { $count ->
    [one] { $count } gewählt
   *[other] { $count } gewählt
}
assignments-chosen-here = { $count ->
    [one] Gewählt ist { $count }. Nehmen Sie den Haken weg, um es auszulassen.
   *[other] Gewählt sind { $count }. Nehmen Sie einen Haken weg, um etwas auszulassen.
}
assignments-found = Gefunden
assignments-in-unit = Konten werden in der Einheit gesucht, aus der Sie kommen.
assignments-add = Angehakte hinzufügen
assignments-add-next = Hinzufügen und mehr zeigen
assignments-add-all = Alle Treffer hinzufügen
# $what: was als Nächstes gewählt wird
assignments-next = Weiter: { $what }
assignments-preview = Vorschau
# $count (Zahl): Zuweisungen, die sich aus der Wahl ergeben
assignments-comes-to = { $count ->
    [0] Wählen Sie mindestens eine Gruppe oder Person, einen Berechtigungssatz und ein Konto.
    [one] Das ergibt { $count } Zuweisung.
   *[other] Das ergibt { $count } Zuweisungen.
}
# $count (Zahl): Zuweisungen, die sich aus der Wahl ergeben; $most (Zahl): so viele nimmt ein Auftrag
assignments-too-many = { $count ->
   *[other] Das ergibt { $count } Zuweisungen
}, und ein Auftrag nimmt { $most ->
   *[other] { $most }
}. Wählen Sie weniger, und schicken Sie den Rest als weiteren Auftrag.
assignments-none-chosen = Es ist noch nichts gewählt: Es braucht mindestens eine Gruppe oder Person, einen Berechtigungssatz und ein Konto.
assignments-change-choice = Auswahl ändern

assignments-preview-create = Vorschau neuer Zuweisungen
assignments-preview-delete = Vorschau dessen, was entfernt wird
# $count (Zahl): Zeilen
assignments-new-rows = { $count ->
    [one] { $count } ist neu
   *[other] { $count } sind neu
}
assignments-existing-rows = { $count ->
    [one] { $count } gibt es schon und bleibt, wie es ist
   *[other] { $count } gibt es schon und bleiben, wie sie sind
}
assignments-gone-rows = { $count ->
    [one] { $count } wird entfernt
   *[other] { $count } werden entfernt
}
assignments-absent-rows = { $count ->
    [one] { $count } ist nicht zugewiesen: nichts zu entfernen
   *[other] { $count } sind nicht zugewiesen: nichts zu entfernen
}
assignments-invalid-rows = { $count ->
    [one] { $count } kann nicht zugewiesen werden und bleibt weg
   *[other] { $count } können nicht zugewiesen werden und bleiben weg
}
assignments-will-create = { $count ->
    [one] { $count } Zuweisung wird angelegt. Wer sie bekommt, kann sie sofort nutzen.
   *[other] { $count } Zuweisungen werden angelegt. Wer sie bekommt, kann sie sofort nutzen.
}
assignments-will-delete = { $count ->
    [one] { $count } Zuweisung wird entfernt. Schon ausgegebene Rollenzugangsdaten gelten, bis sie ablaufen.
   *[other] { $count } Zuweisungen werden entfernt. Schon ausgegebene Rollenzugangsdaten gelten, bis sie ablaufen.
}
assignments-create = { $count ->
    [one] { $count } Zuweisung anlegen
   *[other] { $count } Zuweisungen anlegen
}
assignments-delete = { $count ->
    [one] { $count } Zuweisung entfernen
   *[other] { $count } Zuweisungen entfernen
}
assignments-nothing-to-do = Es gibt nichts zu ändern.
assignments-changed = Inzwischen hat jemand etwas geändert. Es ist nichts geschehen: So wäre es jetzt.
assignments-file = Zeilen herunterladen (assignments.json)

assignments-batch-create = Neue Zuweisungen
assignments-batch-delete = Entfernen von Zuweisungen
# $ended, $total (Zahlen): Zuweisungen, die zu Ende sind, und alle
assignments-under-way = { $ended ->
   *[other] { $ended }
} von { $total ->
    [one] { $total } Zuweisung ist durch.
   *[other] { $total } Zuweisungen sind durch.
}
assignments-all-done = { $count ->
    [one] Fertig: { $count } Zuweisung.
   *[other] Fertig: alle { $count } Zuweisungen.
}
# $done, $failed (Zahlen): Zuweisungen, die gelungen und die gescheitert sind
assignments-some-failed = Zu Ende: { $done ->
   *[other] { $done } gelungen
}, { $failed ->
   *[other] { $failed } gescheitert
}.
assignments-progress = Fortschritt
assignments-no-answer = Der Server antwortet gerade nicht. Die Arbeit geht dort weiter; diese Seite fragt von selbst wieder nach.
assignments-begun-at = Begonnen
assignments-request = Auftrag
assignments-failures = { $count ->
    [one] { $count } gescheitert
   *[other] { $count } gescheitert
}
assignments-retry = { $count ->
    [one] { $count } noch einmal versuchen
   *[other] { $count } noch einmal versuchen
}
