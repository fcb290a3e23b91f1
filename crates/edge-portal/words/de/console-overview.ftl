# Die Konsole: Übersicht.
overview-steps = Erste Schritte
overview-steps-lead = Was es geben muss, bevor jemand mit einem Konto arbeiten kann.
overview-step-done = erledigt
overview-step-people = Personen anlegen
overview-step-people-help = Jede bekommt eine Einladung und wählt ein Passwort.
overview-step-accounts = Konten hinzufügen
overview-step-accounts-help = Die, in denen gearbeitet werden soll, neben dem Verwaltungskonto.
overview-step-sets = Einen Berechtigungssatz anlegen
overview-step-sets-help = Was Personen in einem Konto tun dürfen: vordefiniert oder eigen.
overview-step-assign = Zugriff zuweisen
overview-step-assign-help = Wer welchen Berechtigungssatz in welchem Konto hat.

overview-attention = Was Aufmerksamkeit braucht
overview-all-well = Nichts braucht Aufmerksamkeit.
overview-bad = Fehlgeschlagen
overview-or-more = oder mehr
# $operations: Namen von Operationen
overview-unseen = Ihre Rolle darf nicht alles sehen: { $operations } wurde abgelehnt, und was es zeigen würde, fehlt hier.
# $count (Zahl): wie viele; $more: „oder mehr“, wo es weitere geben kann
overview-failed-creation = In den letzten 7 Tagen fehlgeschlagene Zuweisungen: { $count }{ $more }
overview-failed-creation-todo = Niemand hat diesen Zugriff bekommen. Beheben Sie, was der Grund nennt, und weisen Sie neu zu.
# $count (Zahl): wie viele; $more: „oder mehr“, wo es weitere geben kann
overview-failed-deletion = In den letzten 7 Tagen fehlgeschlagener Entzug von Zugriff: { $count }{ $more }
overview-failed-deletion-todo = Jemand hat vielleicht noch Zugriff, der entzogen werden sollte. Entziehen Sie ihn noch einmal.
# $count (Zahl): wie viele; $more: „oder mehr“, wo es weitere geben kann
overview-failed-provisioning = In den letzten 7 Tagen fehlgeschlagene Bereitstellungen: { $count }{ $more }
overview-failed-provisioning-todo = In diesen Konten ist der Berechtigungssatz noch, wie er war. Beheben Sie, was der Grund nennt, und stellen Sie ihn neu bereit.
# $count (Zahl): wie viele; $more: „oder mehr“, wo es weitere geben kann
overview-invitations-over = Ungenutzt abgelaufene Einladungen: { $count }{ $more }
overview-invitations-over-todo = Diese Personen können sich noch nicht anmelden. Laden Sie sie neu ein, oder löschen Sie sie, wenn sie nicht kommen sollen.
# $count (Zahl): wie viele; $more: „oder mehr“, wo es weitere geben kann
overview-letters-lost = Nicht zustellbare Briefe: { $count }{ $more }
overview-letters-lost-todo = Prüfen Sie die Adresse, oder geben Sie die Einladung selbst weiter. Das Protokoll hat die Antwort des Mailservers.
# $count (number): how many; $more: “or more” where there may be others
overview-expiring = Tokens und Zertifikate von Identitätsanbietern, die binnen 30 Tagen ablaufen oder abgelaufen sind: { $count }{ $more }
overview-expiring-todo = Ersetzen Sie sie, bevor niemand mehr eingetragen wird oder hereinkommt. Wer vorher einen Brief bekommt, steht in den Einstellungen.
overview-expired-todo = Eines ist abgelaufen: Über seinen Anbieter wird niemand mehr eingetragen, oder niemand kommt mehr herein. Ersetzen Sie es; wer vorher einen Brief bekommt, steht in den Einstellungen.
overview-to-providers = Identitätsanbieter öffnen
# $count (number): wie viele; $more: „oder mehr“, wo es weitere geben kann
overview-app-expiring = Zertifikate und Client-Secrets von Anwendungen, die binnen 30 Tagen ablaufen oder abgelaufen sind: { $count }{ $more }
overview-app-expiring-todo = Erzeugen Sie andere, und machen Sie sie den Anwendungen bekannt, bevor niemand mehr hereinkommt. Wer vorher einen Brief bekommt, steht in den Einstellungen.
overview-app-expired-todo = Eines ist abgelaufen: Eine Anwendung, die darauf achtet, lässt niemanden mehr herein. Ersetzen Sie es; wer vorher einen Brief bekommt, steht in den Einstellungen.
overview-to-applications = Anwendungen öffnen
overview-no-factor = Niemand wird nach einem zweiten Faktor gefragt
overview-no-factor-todo = Wer ein Passwort erfährt, hat alles, was seinem Besitzer offensteht. Fragen Sie wenigstens dann nach einem zweiten Faktor, wenn etwas neu ist.
overview-no-device = Wer kein Gerät hat, meldet sich mit dem Passwort allein an
overview-no-device-todo = Lassen Sie Personen bei der nächsten Anmeldung eines registrieren.
overview-known-passwords = Öffentlich bekannte Passwörter können gewählt werden
overview-known-passwords-todo = Sie sind die ersten, die Angreifer probieren. Lehnen Sie sie ab.
overview-to-setting = Zur Einstellung
overview-to-people = Zu den Personen
overview-to-assignments = Zu den Zuweisungen
overview-to-sets = Zu den Berechtigungssätzen
overview-to-trail = Zum Protokoll
overview-latest = Letzte Änderungen, ohne Anmeldungen

overview-counts = Wie viel es gibt
# $count (Zahl): wie viele
overview-count = { $count }
# $count (Zahl): wie viele mindestens gezählt sind
overview-count-more = { $count }+
overview-people = Aktive Personen
overview-disabled = Deaktivierte Personen
# $count (Zahl): wie viele; $more: „oder mehr“, wo es weitere geben kann
overview-without-device = Personen, die sich mit dem Passwort allein anmelden können: { $count }{ $more }
overview-without-device-todo = Wer ein solches Passwort erfährt, ist drin. Lassen Sie diese Personen einen zweiten Faktor registrieren.
overview-to-them = Liste öffnen
# $count (Zahl): wie viele; $more: „oder mehr“, wo es weitere geben kann
overview-unused = Rollen, die Personen seit 90 Tagen nicht benutzt haben: { $count }{ $more }
overview-unused-todo = Was niemand braucht, nützt nur Angreifern. Entziehen Sie es; es lässt sich wieder zuweisen.
overview-to-unused = Ungenutzten Zugriff öffnen
# $count (Zahl): wie viele; $more: „oder mehr“, wo es weitere geben kann
overview-old-keys = Zugriffsschlüssel, die älter als 90 Tage sind: { $count }{ $more }
overview-old-keys-todo = Je älter ein Schlüssel, desto mehr Orte kann er erreicht haben. Legen Sie einen neuen an, benutzen Sie ihn, löschen Sie den alten.
overview-to-service-users = Dienstbenutzer öffnen
# $count (number): how many; $more: “or more” where there may be others
overview-drift = Abweichungen in verbundenen Konten: { $count }{ $more }
overview-drift-todo = Jemand hat dort von Hand geändert, was von hier aus angelegt wurde. Sehen Sie jede an: wiederherstellen oder hinnehmen.
overview-to-drift = Abweichungen öffnen
