# Die Konsole: Personen.

## Die Liste

people-search = Name oder E-Mail beginnt mit …
people-status-any = Alle
people-none = Hier ist noch niemand.
# $query: wonach gesucht wurde
people-nothing = Niemand passt zu „{ $query }“.
people-all = Alle zeigen
people-status = Status
people-enabled = Aktiv
people-disabled = Gesperrt

## Jemand Neues

people-new = Person hinzufügen
people-new-submit = Hinzufügen
people-invite-at-once = Gleich einladen
people-invite-at-once-text = Erzeugt einen Link, mit dem die Person ein Passwort wählt. Er wird verschickt, wenn E-Mail eingerichtet ist, und Ihnen einmal gezeigt.

## Was in einem Profil steht

people-section-names = Wer sie ist
people-section-contact = Kontakt
people-section-work = Arbeit
people-section-more = Weiteres
people-display-name = Anzeigename
people-given-name = Vorname
people-family-name = Nachname
people-middle-name = Weitere Vornamen
people-prefix = Titel vor dem Namen
people-suffix = Titel nach dem Namen
people-nick-name = Spitzname
people-email = E-Mail
people-phone = Telefon
people-street = Straße
people-postal-code = Postleitzahl
people-locality = Ort
people-region = Land oder Region
people-country = Staat
people-title = Stelle
people-user-type = Art der Beschäftigung
people-department = Abteilung
people-division = Bereich
people-organization = Organisation
people-cost-center = Kostenstelle
people-employee-number = Personalnummer
people-language = Sprache
people-locale = Gebietsschema
people-timezone = Zeitzone
people-profile-url = Seite über die Person
people-website = Webseite
people-birthdate = Geburtsdatum

## Die Seiten einer Person

people-tabs = Seiten über diese Person
people-tab-overview = Überblick
people-tab-groups = Gruppen
people-tab-sign-in = Anmeldung
people-profile = Profil
people-attributes = Wer welches Merkmal führt
people-attributes-text = Mehrere Quellen sprechen von dieser Person. Von jedem Merkmal zählt, was eine sagt; was andere sagen, liegt beiseite.
people-attribute = Merkmal
people-kept-aside = Liegt beiseite
people-said-here = wer hier verwaltet
people-id = Benutzer-ID
people-disable-text = Die Person darf sich anmelden. Sperren beendet sofort alles, was sie offen hat: Sitzungen, Programme und Rollen-Zugangsdaten, die schon ausgegeben sind. Freigeben bringt nichts davon zurück.
people-disable = Sperren
people-enable-text = Die Person darf sich nicht anmelden, und nichts von ihr funktioniert. Gruppen und Zuweisungen bleiben für die Zeit danach erhalten.
people-enable = Freigeben

## Wie sie hereinkommt

people-one-time-text = Ein neues Passwort, das zu nichts gut ist, als ein anderes zu wählen. Alles, was die Person offen hat, endet.
people-one-time = Einmalpasswort erzeugen
people-must-change-text = Bei der nächsten Anmeldung wählt die Person ein anderes Passwort. Was offen ist, bleibt offen.
people-must-change = Neues Passwort verlangen
people-unlock-text = Falsche Passwörter oder Codes, eigene oder die von Ratenden, lassen Menschen warten. Damit darf die Person es sofort wieder versuchen.
people-unlock = Entsperren
people-made-password = Geben Sie der Person dieses Einmalpasswort. Es wird nur dieses Mal gezeigt; binnen sieben Tagen meldet sie sich damit an und wählt ein eigenes.
people-one-time-password = Einmalpasswort
people-made-link = Geben Sie der Person diesen Link: Wer ihn öffnet, wählt ihr Passwort. Er gilt einmal und wird nur dieses Mal gezeigt.
people-made-link-mailed = Der Link wurde der Person geschickt. Sie können ihn auch selbst übergeben: Er gilt einmal und wird nur dieses Mal gezeigt.
people-made-code = Geben Sie der Person diesen Code anstelle ihres zweiten Faktors. Er gilt einmal, neben dem Passwort, und wird nur dieses Mal gezeigt.
# Ein Zeitpunkt folgt.
people-good-until = Gültig bis
people-link = Link
people-bypass-code = Einmalcode
people-invitations = Einladungen
people-invitations-none = Kein Link ist offen.
people-invitation-kind = Wofür
people-invitation = Einladung
people-forgotten = Vergessenes Passwort
people-mail = E-Mail
people-mail-waiting = Wartet auf den Versand
people-mail-sent = Verschickt
people-mail-given-up = Nicht zugestellt
people-invitation-delete = Widerrufen
people-invite-text = Ein Link, mit dem die Person ein Passwort wählt, ob sie eines hat oder nicht. Frühere Links gelten dann nicht mehr.
people-invite-hours = Stunden bis zum Ablauf (1 bis 720)
people-invite = Einladung erstellen
people-factors = Zweite Faktoren
people-factors-none = Die Person hat keinen zweiten Faktor: Wer ihr Passwort kennt, ist sie.
people-factor-kind = Art
people-factor-app = Authenticator-App
people-factor-passkey = Passkey oder Sicherheitsschlüssel
people-registered = Registriert
people-bypass-text = Für jemanden, der alle Geräte verloren hat: ein Code, der einmal für den zweiten Faktor steht, nie für das Passwort.
people-bypass = Einmalcode erzeugen
people-factor-last = Das ist der einzige zweite Faktor: Ohne ihn genügt das Passwort allein, oder nichts genügt, je nach Ihren Regeln für die Anmeldung.
# $count (number): andere Faktoren
people-factor-others = { $count ->
    [one] Die Person hat einen weiteren zweiten Faktor.
   *[other] Die Person hat { $count } weitere zweite Faktoren.
}
people-factor-delete = Diesen Faktor entfernen
people-sessions = Sitzungen
people-sessions-none = Die Person ist nirgends angemeldet.
people-session-from = Von
people-session-began = Begonnen
people-session-programs = Programme
people-session-end = Beenden
people-end-all-text = Beendet jede Sitzung, was Programme dadurch bekamen, und Rollen-Zugangsdaten, die schon ausgegeben sind.
people-end-all = Alle Sitzungen beenden
people-void-roles-text = Zugangsdaten, die verbundene Konten dieser Person gegeben haben, gelten bis zu ihrem Ende, was auch immer hier endet. Machen Sie sie ungültig: Wer noch Zugriff hat, bekommt neue.
people-void-roles = Zugangsdaten verbundener Konten ungültig machen

## Ihre Gruppen

people-groups-none = Die Person ist in keiner Gruppe.
people-group = Gruppe
people-groups-add = In eine Gruppe aufnehmen
# $name: der Gruppe
people-join-of = In { $name } aufnehmen

## Jemanden löschen

# $name: der Person
people-delete = { $name } löschen?
people-delete-text = Die Person ist dann für immer fort: Ihre ID wird nie wieder benutzt, und jemand Neues mit demselben Namen ist jemand anderes. Mit ihr gehen:
people-delete-or-disable = Kommt die Person vielleicht zurück, sperren Sie sie lieber: Dann bleiben Gruppen und Zuweisungen erhalten.
people-delete-submit = Endgültig löschen
# $count (number), hier und unten
people-loses-groups = { $count ->
    [one] eine Gruppenmitgliedschaft
   *[other] { $count } Gruppenmitgliedschaften
}
people-loses-groups-more = { $count } Gruppenmitgliedschaften und mehr
people-loses-groups-unknown = Gruppenmitgliedschaften, die Ihre Rolle nicht zählen darf
people-loses-access = { $count ->
    [one] eine Rolle, die sie in einem Konto benutzen kann
   *[other] { $count } Rollen, die sie in Konten benutzen kann
}
people-loses-access-more = { $count } Rollen, die sie in Konten benutzen kann, und mehr
people-loses-access-unknown = Rollen in Konten, die Ihre Rolle nicht zählen darf
people-loses-factors = { $count ->
    [one] ein zweiter Faktor
   *[other] { $count } zweite Faktoren
}
people-loses-factors-more = { $count } zweite Faktoren und mehr
people-loses-factors-unknown = zweite Faktoren, die Ihre Rolle nicht zählen darf
people-loses-sessions = { $count ->
    [one] eine Sitzung
   *[other] { $count } Sitzungen
}
people-loses-sessions-more = { $count } Sitzungen und mehr
people-loses-sessions-unknown = Sitzungen, die Ihre Rolle nicht zählen darf

people-last-signed-in = Zuletzt angemeldet
people-not-since = Nicht seit
people-comes-by = Meldet sich an mit
people-comes-by-nothing = Noch nichts: Laden Sie sie ein
people-no-device = kein zweiter Faktor
# $count (Zahl): wie viele Geräte
people-devices = { $count ->
    [one] einem zweiten Faktor
   *[other] { $count } zweiten Faktoren
}
people-alone = Ohne zweiten Faktor
people-alone-lead = Diese Personen können sich mit dem Passwort allein anmelden. Lassen Sie mit der Einstellung alle bei der nächsten Anmeldung ein Gerät registrieren, oder helfen Sie einzelnen.
people-alone-none = Wer sich mit einem Passwort anmeldet, hat einen zweiten Faktor.
people-alone-act = Anmeldung
