# Die Konsole: Konten.
console-accounts = Konten
accounts-search = Konten nach Name, ID oder E-Mail-Adresse suchen
accounts-tree = Alle Einheiten
accounts-path = Wo das ist
accounts-root = Stamm
accounts-units = Organisationseinheiten
accounts-more-units = Weitere Einheiten
accounts-here = Konten hier
accounts-none-here = Hier ist kein Konto.
accounts-name = Kontoname
accounts-id = Konto-ID
accounts-email = E-Mail-Adresse
accounts-status = Zustand
accounts-active = Aktiv
accounts-new = Konto anlegen
accounts-new-lead = Das Konto entsteht im Stamm; verschieben Sie es danach in eine Einheit. Jedes Konto braucht eine eigene E-Mail-Adresse.
accounts-under-way = Das Konto wird angelegt.
# $id: die ID des neuen Kontos
accounts-created = Angelegt: Konto { $id }.
accounts-failed = Das Konto wurde nicht angelegt.
accounts-go-there = Zum Konto
accounts-reach = Wer es erreicht
accounts-provisioned = Hier bereitgestellte Berechtigungssätze
accounts-nothing-provisioned = Hier ist kein Berechtigungssatz bereitgestellt. Weisen Sie Zugriff zu, dann geschieht es.
accounts-more-sets = Gezeigt sind nur die ersten hundert.
accounts-tags = Tags
accounts-no-tags = Es gibt keine Tags.
accounts-tag-key = Schlüssel
accounts-tag-value = Wert
accounts-tag-remove = Entfernen
accounts-tag-put = Tag speichern
# $key, $value: ein Tag, das jemand anderes geändert hat
accounts-tag-changed = Inzwischen hat jemand das Tag { $key } auf „{ $value }“ gesetzt. Es wurde nichts gespeichert: Sehen Sie es sich an, und speichern Sie noch einmal, wenn Sie das weiterhin möchten.
accounts-tag-gone = Inzwischen hat jemand das Tag { $key } entfernt. Es wurde nichts gespeichert: Speichern Sie noch einmal, wenn Sie es weiterhin möchten.

accounts-new-unit = Einheit anlegen
accounts-unit-name = Name der Einheit
accounts-rename = Umbenennen
# $name: wie jemand anderes sie genannt hat
accounts-unit-changed = Inzwischen hat jemand sie in „{ $name }“ umbenannt. Es wurde nichts gespeichert: Speichern Sie noch einmal, wenn Sie Ihren Namen weiterhin möchten.
accounts-delete = Löschen
# $name: die Einheit
accounts-delete-unit = { $name } löschen
accounts-unit-not-empty = Nur eine leere Einheit lässt sich löschen. Darin sind noch:
accounts-and-others = Und weitere.
accounts-delete-says = Die Einheit ist leer. Richtlinien, die sie nennen, treffen dann auf nichts mehr zu. Das lässt sich nicht rückgängig machen.
# $name: was einzugeben ist
accounts-type-name = Geben Sie den Namen der Einheit ein: { $name }
accounts-wrong-name = Das ist nicht der Name: Er lautet „{ $name }“.

accounts-move = Ausgewählte verschieben
accounts-move-one = In eine andere Einheit verschieben
accounts-move-to = Konten verschieben
accounts-from = Von
accounts-to = Nach
accounts-there-already = Schon dort
accounts-choose-unit = Wählen Sie oben die Einheit.
# $count (Zahl): Konten
accounts-move-here = { $count ->
    [one] { $count } Konto hierher verschieben
   *[other] { $count } Konten hierher verschieben
}
# $count, $most (Zahlen): Konten, die gewählt wurden, und so viele werden auf einmal verschoben
accounts-move-too-many = { $count ->
   *[other] Gewählt sind { $count } Konten
}, und auf einmal werden { $most ->
   *[other] { $most }
} verschoben: Das sind die ersten davon.
# $moved, $stayed (Zahlen): Konten, die verschoben wurden, und die nicht
accounts-some-stayed = Verschoben: { $moved ->
   *[other] { $moved }
}. Aus den Gründen unten nicht verschoben: { $stayed ->
   *[other] { $stayed }
}.

drift = Abweichungen in verbundenen Konten
drift-lead = Was in einem Konto anders ist, als es dort angelegt wurde. Nichts wird von selbst berichtigt: Stellen Sie es wieder her, oder nehmen Sie es hin; dann bleibt es so, bis es sich wieder ändert.
drift-status = Entscheidung
drift-any = Alle
drift-open = Offen
drift-accepted = Hingenommen
drift-repairing = Wird wiederhergestellt
drift-modified = Geändert
drift-deleted = Fehlt
drift-unexpected = Sollte nicht da sein
drift-checked = Zuletzt geprüft
drift-under-way = Wird gerade geprüft
drift-next = Wird wieder geprüft
drift-failed = Die letzte Prüfung ist gescheitert.
drift-look = Jetzt prüfen
drift-none = Keine Abweichung ist bekannt.
drift-account = Konto
drift-resource = Was
drift-found = Gefunden
drift-not-repaired = Es konnte nicht wiederhergestellt werden.
drift-property = Eigenschaft
drift-expected = Wie es angelegt wurde
drift-actual = Wie es ist
drift-repair = Wiederherstellen
drift-accept = Hinnehmen
