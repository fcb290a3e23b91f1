# Was jede Seite umgibt, und die Seiten, die nur etwas mitteilen.

frame-skip = Zum Inhalt springen
frame-sign-out = Abmelden
frame-footer = AWS access portal, bereitgestellt von Portico
# Vor der Adresse, an der es Hilfe gibt, wenn dort nichts anderes steht
help = Brauchen Sie Hilfe?

## Was das Skript sagt

script-copy = Kopieren
script-copied = Kopiert
script-show = Anzeigen
script-show-password = Passwort anzeigen
script-selected = Ausgewählt
script-no-passkeys = Dieser Browser kann keine Passkeys verwenden.
script-registered-already = Dieses Gerät ist bereits registriert.
script-no-passkey-given = Es wurde kein Passkey vorgelegt. Versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.

## Auf mehreren Seiten gesagt

accounts-go-to = Zu Ihren Konten
continue = Weiter
without-scripts = Dafür braucht es Skripte, und die sind in Ihrem Browser ausgeschaltet.
user-name = Benutzername
password = Passwort
new-password = Neues Passwort
same-again = Dasselbe noch einmal
deny = Ablehnen
allow-access = Zugriff erlauben
access-allowed = Zugriff erlaubt
access-denied = Zugriff abgelehnt

## Seiten, die nur etwas mitteilen

# $id (text): die Nummer, unter der die Administratoren die Anfrage im Protokoll finden
message-request = Anfrage { $id }

signed-out = Sie sind abgemeldet
signed-out-text = Ihre Sitzung ist beendet, und mit ihr alles, was Programme durch sie bekommen haben.
signed-out-next = Anmeldeinformationen von Rollen, die schon ausgegeben wurden, gelten bis zu ihrem Ablauf weiter.
signed-out-everywhere = Sie sind überall abgemeldet
signed-out-everywhere-text = Alle Ihre Sitzungen sind beendet, und damit alles, was Programme durch sie bekommen haben. Anmeldeinformationen von Rollen, die Sie bekommen haben, gelten nicht mehr.
signed-out-link = Wieder anmelden
# $provider (text): what the organization calls its identity provider
signed-out-still = Bei { $provider } sind Sie noch angemeldet und kämen damit wieder herein.
# $provider (text): as above
signed-out-there = Auch bei { $provider } abmelden

void-link = Dieser Link gilt nicht mehr
void-link-next = Wenn Sie noch kein Passwort haben, bitten Sie Ihre Administratoren um einen neuen Link.
void-link-sign-in = Zur Anmeldeseite

password-chosen = Sie haben ein neues Passwort
password-chosen-text = Ihr Passwort ist gesetzt, und alles, was mit dem vorigen noch offen war, ist beendet.

letter-asked = Sehen Sie in Ihr Postfach
letter-asked-text = Wenn es diese Person gibt und sie ein Passwort und eine Adresse im Verzeichnis hat, ist eine E-Mail an diese Adresse unterwegs.
letter-asked-next = Der Link darin gilt eine Stunde. In einer Stunde gibt es nur wenige E-Mails; sehen Sie deshalb im Spam-Ordner nach, bevor Sie noch einmal fragen.

go-on = Danke
go-on-text = Ihre Antwort geht an das Programm auf Ihrem Rechner.

stale-form = Bitte laden Sie die Seite neu
stale-form-text = Diese Seite war zu lange offen oder wurde nicht hier geöffnet. Es wurde nichts geändert.
stale-form-next = Gehen Sie zurück, laden Sie die Seite neu, und wiederholen Sie, was Sie getan haben.

no-page = Diese Seite gibt es nicht
no-page-text = Die Adresse führt nirgendwohin.
no-page-next = Prüfen Sie die Adresse, oder beginnen Sie bei Ihren Konten.

## Was schiefging, nach seiner Art

fault-unauthorized = Bitte melden Sie sich noch einmal an
fault-unauthorized-next = Gehen Sie weiter zur Anmeldeseite, und wiederholen Sie, was Sie getan haben.
fault-forbidden = Kein Zugriff
fault-forbidden-next = Wenn Sie meinen, dass Sie Zugriff haben sollten, wenden Sie sich an Ihre Administratoren, und nennen Sie ihnen die Nummer unten.
fault-not-found = Nicht gefunden
fault-throttled = Bitte warten Sie einen Moment
fault-throttled-next = Versuchen Sie es dann noch einmal.
fault-unavailable = Bitte versuchen Sie es gleich noch einmal
fault-internal = Hier ist etwas schiefgegangen
fault-internal-next = Es liegt nicht an Ihnen. Versuchen Sie es noch einmal; wenn es so bleibt, nennen Sie Ihren Administratoren die Nummer unten.
fault-other = Das hat nicht geklappt
fault-technical = Darauf kann nicht geantwortet werden. Beginnen Sie noch einmal dort, woher Sie kamen; bleibt es dabei, geben Sie Ihren Administratoren, was unten steht.
fault-detail = Was nicht stimmt, für alle, die es beheben
not-rendered = Ein interner Fehler ist aufgetreten.
