# Die Konsole: Gruppen.

groups-search = Gruppenname beginnt mit …
groups-none = Es gibt noch keine Gruppe. Zugriff gibt man am besten Gruppen: Menschen kommen und gehen, der Zugriff der Gruppe bleibt.
# $query: wonach gesucht wurde
groups-nothing = Keine Gruppe passt zu „{ $query }“.
groups-all = Alle Gruppen zeigen
groups-description = Beschreibung
groups-new = Gruppe hinzufügen
groups-new-submit = Hinzufügen
# $name: der Gruppe
groups-edit = { $name } bearbeiten
groups-tabs = Seiten über diese Gruppe
groups-tab-members = Mitglieder
groups-tab-groups = Gruppen
groups-groups-none = In dieser Gruppe ist keine Gruppe.
groups-groups-how = Wie
groups-groups-direct = Mitglied
groups-groups-follows = Über eine Gruppe dazwischen
groups-groups-add = Eine Gruppe aufnehmen
groups-groups-text = Wer in einer Gruppe ist, die Sie aufnehmen, ist auch in dieser Gruppe und in jeder um sie herum: der Zugriff gilt sofort.
groups-around = Gruppen, in denen diese Gruppe ist
groups-around-none = Sie ist in keiner anderen Gruppe.
groups-around-more = Es gibt weitere; die Befehlszeile listet alle mit ListGroupsForGroup.
groups-empty = In dieser Gruppe ist niemand.
groups-add = Jemanden hinzufügen
groups-take-in = Hinzufügen
# $name, hier und unten: der Person oder Gruppe
groups-take-in-of = { $name } hinzufügen
groups-take-out = Entfernen
groups-take-out-of = { $name } entfernen
groups-delete = { $name } löschen?
groups-delete-text = Die Mitglieder bleiben, aber was nur diese Gruppe ihnen gab, verlieren sie sofort. Mit ihr gehen:
# $count (number), hier und unten
groups-loses-members = { $count ->
    [one] eine Mitgliedschaft
   *[other] { $count } Mitgliedschaften
}
groups-loses-members-more = { $count } Mitgliedschaften und mehr
groups-loses-members-unknown = Mitgliedschaften, die Ihre Rolle nicht zählen darf
groups-loses-access = { $count ->
    [one] eine Zuweisung eines Berechtigungssatzes in einem Konto
   *[other] { $count } Zuweisungen von Berechtigungssätzen in Konten
}
groups-loses-access-more = { $count } Zuweisungen von Berechtigungssätzen in Konten, und mehr
groups-loses-access-unknown = Zuweisungen, die Ihre Rolle nicht zählen darf
