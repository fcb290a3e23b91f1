# Die Konsole der Administratoren: was auf allen ihren Seiten steht.
console = Konsole
console-dashboard = Übersicht
console-people = Personen
console-groups = Gruppen
console-identity-providers = Identitätsanbieter
console-service-users = Dienstbenutzer
console-applications = Anwendungen
console-role = Sie handeln als
console-role-change = Wechseln
console-commands = Diese Seite mit der AWS CLI
console-command = Befehl
console-next-page = Nächste Seite
console-display-name = Name
console-people-search = Personen suchen
console-done-created = Angelegt.
console-done-saved = Gespeichert.
console-done-deleted = Gelöscht.
console-done-begun = Begonnen. Diese Seite zeigt, wie weit es ist.
# $role: der Berechtigungssatz, als der die Person handelt
console-refused-next = Sie handeln als { $role }. Wenn Sie eine andere Rolle haben, die das erlaubt, wählen Sie sie; sonst fragen Sie, wer Portico verwaltet.

# Ein Formular, das wartet, bis sich angemeldet oder ausgewiesen hat, wer es abschickt.
held = Noch nicht abgeschickt
held-signed-out = Ihre Sitzung ist zu Ende. Was Sie eingegeben haben, steht noch hier: Melden Sie sich an, und fahren Sie dann fort.
held-stale = Diese Seite ist aus der Zeit, bevor Sie sich neu angemeldet haben. Sehen Sie sich an, was sie bewirken würde, und fahren Sie dann fort.
held-prove = Das ändert, wer Zugriff hat. Weisen Sie sich deshalb zuerst aus. Was Sie eingegeben haben, steht noch hier.
held-no-role = Sie haben keine Rolle im Verwaltungskonto mehr, deshalb wurde nichts getan. Was Sie eingegeben haben, steht noch hier: Fahren Sie fort, sobald Sie wieder eine haben.
held-sign-in = In einem neuen Tab anmelden
held-verify = In einem neuen Tab ausweisen
held-again = Wenn Sie zurück sind, fahren Sie fort: Das wird abgeschickt.
held-lost = Passwörter werden nicht aufgehoben: Die nächste Seite fragt noch einmal danach.

# Was viele Räume sagen.
console-done-ended = Beendet.
console-this-command = Dies mit der AWS CLI tun
console-first-page = Erste Seite
console-pages = Seiten
console-edit = Bearbeiten
console-save = Speichern
console-delete = Löschen
console-cancel = Abbrechen
console-name = Name
# $name: wie die Quelle heißt, die eine Person oder Gruppe gebracht hat
console-owned-strict = { $name } führt diesen Eintrag. Im strikten Modus wird er auch hier geändert, wie bei AWS.
console-owned = { $name } führt diesen Eintrag: Ändern Sie ihn dort. Zugriff und wer sich anmelden darf, entscheiden Sie hier.
console-created = Angelegt
console-updated = Geändert
console-expires = Gültig bis
console-last-used = Zuletzt benutzt
console-never = Nie
console-acts = Was sich tun lässt
# $name: von dem, was gelöscht wird
console-confirm = Geben Sie { $name } ein, um fortzufahren
console-confirm-wrong = Das ist nicht { $name }. Es wurde nichts gelöscht.
console-changed-meanwhile = Jemand anderes hat dies geändert, während Sie es offen hatten. Es wurde nichts gespeichert: Was geändert wurde, steht bei jedem Feld. Speichern Sie noch einmal, um es mit Ihrer Eingabe zu überschreiben.
# $value: was jetzt in dem Feld steht
console-meanwhile = Inzwischen geändert in: { $value }
console-meanwhile-empty = Inzwischen hat jemand dies geleert.
