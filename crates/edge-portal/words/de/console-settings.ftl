# Die Konsole: Einstellungen.
console-settings = Einstellungen
settings-lead = Was jetzt gilt. Änderungen gelten sofort, und das Protokoll zeigt, wer sie gemacht hat.
settings-change = Ändern
settings-save = Speichern
settings-cancel = Abbrechen
settings-yes = Ja
settings-no = Nein
settings-overtaken = Jemand anders hat das geändert, seit Sie das Formular geöffnet haben. Nichts wurde gespeichert. Was Sie eingegeben haben, steht noch hier, und das gilt jetzt; speichern Sie noch einmal, um es zu ersetzen.
settings-not-a-number = Das ist keine Zahl.

length-days = Tage
length-hours = Stunden
length-minutes = Minuten
length-unit = Einheit
# $count (Zahl): Tage
length-count-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
# $count (Zahl): Stunden
length-count-hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
# $count (Zahl): Minuten
length-count-minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
length-wrong = Schreiben Sie eine ganze Zahl, und wählen Sie ihre Einheit.

settings-sessions = Anmeldesitzungen
settings-sessions-lead = Wie lange Personen angemeldet bleiben. Es gilt für Anmeldungen ab jetzt; offene Sitzungen behalten ihre Dauer.
settings-session-length = Angemeldet bleiben
settings-session-length-help = Ab einer Anmeldung: 15 Minuten bis 90 Tage.
settings-session-idle = Beenden nach Untätigkeit von
settings-session-idle-help = Ohne geöffnete Seite oder erneuertes Token: 15 Minuten bis 90 Tage. Leer: Keine Sitzung endet früher.
settings-session-access = Zugriffstoken von Programmen gelten
settings-session-access-help = 15 Minuten bis 12 Stunden. Programme erneuern sie, ohne jemanden zu fragen.
settings-session-refresh = Programme dürfen ihre Token erneuern
settings-session-refresh-help = Nachdem eine Person sie erlaubt hat: 15 Minuten bis 90 Tage. Leer: so lange wie die Sitzung.
settings-session-background = Im Hintergrund
settings-session-background-help = Wie lange ein Auftrag weiterläuft, nachdem sich sein Mensch abgemeldet hat, bei Anwendungen, die das dürfen.
settings-never = Nie
settings-as-session = So lange wie die Sitzung

settings-factors = Zweite Faktoren
settings-factors-lead = Was von Personen außer dem Passwort verlangt wird, ab der nächsten Anmeldung.
settings-prompt = Wann danach gefragt wird
settings-prompt-context = Wenn etwas neu ist
settings-prompt-context-help = In einem Browser, mit dem sich die Person noch nicht angemeldet und den sie sich nicht gemerkt hat.
settings-prompt-always = Bei jeder Anmeldung
settings-prompt-always-help = In jedem Browser, jedes Mal.
settings-prompt-never = Nie
settings-prompt-never-help = Ein Passwort genügt. Registrierte Geräte bleiben erhalten.
settings-kinds = Was genommen wird
settings-kind-passkey = Passkeys und Sicherheitsschlüssel
settings-kind-passkey-help = Niemandem können sie abgeschwatzt werden: Sie antworten nur der Adresse dieser Seiten.
settings-kind-app = Authentifizierungs-Apps
settings-kind-app-help = Ein sechsstelliger Code, den ein Telefon zeigt. Eine nachgemachte Seite kann danach fragen.
settings-kind-none = Nichts
settings-without = Wer kein Gerät hat
settings-without-register = Muss eines registrieren
settings-without-register-help = Bei der nächsten Anmeldung, bevor es weitergeht.
settings-without-mail = Bekommt einen Code per E-Mail
settings-without-mail-help = Geht, wo E-Mail eingerichtet ist. Wer die E-Mail der Person liest und das Passwort kennt, kann sich anmelden.
settings-without-mail-off = E-Mail ist auf diesem Server nicht eingerichtet: Codes per E-Mail werden abgelehnt.
settings-without-block = Kann sich nicht anmelden
settings-without-block-help = Bis ein Administrator einen Überbrückungscode gibt.
settings-without-allow = Meldet sich mit dem Passwort allein an
settings-without-allow-help = Bis ein Gerät registriert ist.
settings-themselves = Was Personen selbst dürfen
settings-manage = Eigene Geräte registrieren und entfernen
settings-manage-help = Sonst tun das nur Administratoren.
settings-alone = Sich mit einem Passkey allein anmelden
settings-alone-help = Ohne Passwort, wenn der Passkey prüft, wer ihn berührt.
settings-force-legend = Niemand käme mehr herein
settings-force-what = Mit diesen Einstellungen könnte sich kein Administrator anmelden und sie wieder ändern. Nur der Root-Schlüssel könnte es noch, mit der AWS CLI auf einem Rechner, der ihn hat.
settings-force = Trotzdem tun
settings-force-help = Ich habe den Root-Schlüssel oder einen anderen Zugang.

settings-passwords = Passwörter
settings-passwords-lead = Was von Passwörtern verlangt wird, die ab jetzt gewählt werden. Vorhandene bleiben, wie sie sind.
settings-password-length = Zeichen mindestens
settings-password-length-help = 8 bis 64.
settings-password-remembered = Letzte Passwörter, die nicht wieder gewählt werden können
settings-password-remembered-help = 0 bis 24, das jetzige eingeschlossen.
settings-password-also = Außerdem
settings-password-breached = Öffentlich bekannte Passwörter ablehnen
settings-password-breached-help = Die aus bekannten Datenlecks, nach einer Liste auf dem Server.
settings-password-classes = Alle Arten von Zeichen auch in langen Passwörtern verlangen
settings-password-classes-help = Groß- und Kleinbuchstaben, eine Ziffer und ein Sonderzeichen. Sonst darf ein Passwort ab 15 Zeichen beliebig sein.

settings-instance = Instanz
settings-instance-name = Name
settings-instance-name-help = Buchstaben, Ziffern und + = , . @ - _, ohne Leerzeichen.
settings-instance-unnamed = Noch keiner
settings-instance-since = Angelegt
settings-tags = Tags
settings-tags-lead = Für Ihre eigene Ordnung und für Richtlinien, die danach fragen.
settings-tags-none = Noch keine Tags. Fügen Sie darunter das erste hinzu.
settings-tag-key = Schlüssel
settings-tag-value = Wert
settings-tag-remove = Entfernen
# $key: der Schlüssel eines Tags
settings-tag-remove-this = { $key } entfernen
settings-tag-put = Hinzufügen oder ändern

settings-portal = Portal
settings-portal-lead = Wessen Seiten das sind, damit niemand sie für gefälscht hält. Was leer bleibt, behält seine Vorgabe.
settings-portal-default = Vorgabe
settings-portal-name = Name des Portals
settings-portal-name-help = Oben auf jeder Seite, im Titel und bei der Anmeldung. Vorgegeben ist der Name der Instanz.
settings-portal-color = Farbe von Links und Schaltflächen
settings-portal-color-help = Etwa #1d5c83. Was sich nicht gut lesen lässt, wird abgelehnt, und die nächste lesbare Farbe genannt.
settings-portal-dark = Dieselbe auf dunklen Seiten
settings-portal-dark-help = Vorgegeben ist die Farbe darüber, so weit aufgehellt, dass sie lesbar ist.
settings-portal-help = Hilfezeile
settings-portal-help-help = Für alle, die sich nicht anmelden können, etwa: Die Hotline hat die Durchwahl 4711.
settings-portal-help-link = Wo es Hilfe gibt
settings-portal-help-link-help = Eine Adresse mit https:// oder mailto: und eine E-Mail-Adresse.
settings-portal-logo = Bild
settings-portal-logo-own = Ein eigenes
settings-portal-logo-none = Keines
settings-portal-logo-keep = Lassen, wie es ist
settings-portal-logo-remove = Entfernen
settings-portal-logo-new = Ein anderes
settings-portal-logo-file = Datei auswählen
settings-portal-logo-data = Das Bild in Base64
# $command: ein Befehl
settings-portal-logo-help = PNG, JPEG oder WebP mit höchstens 65.536 Bytes. { $command } schreibt es so, dass es hier eingefügt werden kann.

settings-mail = E-Mail
settings-mail-on = Eingerichtet
settings-mail-off = Nicht eingerichtet
settings-mail-on-what = Einladungen, Links für vergessene Passwörter, Codes und Mitteilungen werden verschickt.
settings-mail-off-what = Nichts wird verschickt. Einladungen werden Administratoren gezeigt, die sie weitergeben, und niemand kann selbst ein neues Passwort anfordern.
# $section: der Abschnitt der Datei; $command: ein Befehl
settings-mail-how = Der Mailserver steht in { $section } der Konfigurationsdatei des Servers, außer Reichweite der Konsole. { $command } probiert ihn aus.
settings-mail-trail = E-Mails im Protokoll

settings-addresses = Adressen
settings-addresses-lead = Was man Clients angibt, damit sie diese Instanz finden.
settings-start-url = Start-URL
settings-portal-url = Zugriffsportal
settings-endpoint = Endpunkt aller Dienste
settings-region = Region
settings-device-url = Seite für Codes von Geräten
settings-instance-arn = Instanz-ARN
settings-identity-store = Identitätsspeicher
settings-owner = Verwaltungskonto
settings-configuration = Gemeinsamer Teil von ~/.aws/config

# Wer Briefe bekommt, bevor etwas abläuft.
settings-notices = Briefe, bevor etwas abläuft
settings-notices-lead = Tokens und Zertifikate von Identitätsanbietern laufen ab, Zertifikate und Client-Secrets von Anwendungen auch. Wer hier steht, bekommt 30 Tage, 7 Tage und einen Tag vorher je einen Brief.
settings-notices-who = Wer sie bekommt
settings-notices-nobody = Niemand ist genannt, also erfährt es niemand.
settings-notices-no-mail = Es ist keine Post eingerichtet, also gehen keine Briefe ab. Was bald abläuft, steht in der Übersicht.
