# Briefe, die Menschen bekommen. $place (Text): der Host der Seiten. $user (Text): ein Benutzername. $moment (Text): Datum und Uhrzeit in UTC.

# $name (Text): wie die Person heißt
hello = Guten Tag { $name },
when = Wann: { $moment }
# $address (Text): eine Internetadresse
from = Von: der Adresse { $address }
# $agent (Text): wie ein Browser sich nennt
with = Mit: { $agent }

## Ein Konto wurde angelegt, und seine Person wählt ein Passwort

invitation-subject = Willkommen: Wählen Sie Ihr Passwort für { $place }
invitation-made = bei { $place } wurde ein Konto für Sie angelegt. Ihr Benutzername ist { $user }.
invitation-link = Wählen Sie hier Ihr Passwort. Der Link funktioniert einmal, bis { $moment }:
invitation-keep = Geben Sie den Link nicht weiter: Wer ihn hat, kann das Passwort wählen. Wenn Sie diesen Brief nicht erwartet haben, fragen Sie Ihre Administratoren.

## Ein anderes Passwort wird verlangt

reset-subject = Wählen Sie ein neues Passwort für { $place }
reset-asked = Ihre Administratoren bitten Sie, bei { $place } ein neues Passwort für den Benutzernamen { $user } zu wählen.
reset-link = Wählen Sie es hier. Der Link funktioniert einmal, bis { $moment }:
reset-keep = Bis dahin bleibt Ihr Passwort, wie es ist. Geben Sie den Link nicht weiter: Wer ihn hat, kann das Passwort wählen.

## Jemand hat ein Passwort vergessen

forgotten-subject = Wählen Sie ein neues Passwort für { $place }
forgotten-said = jemand, wahrscheinlich Sie, hat bei { $place } angegeben, das Passwort des Benutzernamens { $user } vergessen zu haben.
# Dasselbe, wenn bekannt ist, woher. $address (Text)
forgotten-said-from = jemand, wahrscheinlich Sie, hat bei { $place } angegeben, das Passwort des Benutzernamens { $user } vergessen zu haben. Die Anfrage kam von der Adresse { $address }.
forgotten-link = Wählen Sie hier ein neues. Der Link funktioniert einmal, bis { $moment }:
forgotten-keep = Wenn Sie es nicht waren, müssen Sie nichts tun: Ohne den Link bleibt Ihr Passwort, wie es ist. Geben Sie den Link nicht weiter.

## Ein Passwort wurde geändert

changed-subject = Ihr Passwort für { $place } wurde geändert
changed = das Passwort Ihres Benutzernamens { $user } bei { $place } wurde geändert.
changed-next = Wenn Sie oder Ihre Administratoren das waren, müssen Sie nichts tun. Wenn nicht, sagen Sie es sofort Ihren Administratoren.

## Ein neues Gerät

device-subject = Ein neues Gerät hat sich bei { $place } angemeldet
device = jemand hat sich bei { $place } als { $user } mit einem Browser angemeldet, der dort mit diesem Namen noch nicht gesehen wurde.
device-next = Wenn Sie es waren, müssen Sie nichts tun. Wenn nicht, kennt jemand Ihr Passwort: Wählen Sie ein anderes und sagen Sie es sofort Ihren Administratoren.

## Ein Code für die Anmeldung

code-subject = Ihr Code für die Anmeldung bei { $place }
code = jemand, wahrscheinlich Sie, meldet sich bei { $place } als { $user } an und hat das richtige Passwort angegeben. Der Code dafür ist:
code-works = Er funktioniert einmal, bis { $moment }, in dem Browser, in dem er verlangt wurde. Geben Sie ihn nur dort ein, und nennen Sie ihn niemandem, der danach fragt.
code-next = Wenn Sie es nicht waren, kennt jemand Ihr Passwort: Wählen Sie ein anderes und sagen Sie es sofort Ihren Administratoren.

## Womit ein Identitätsanbieter aufruft oder signiert, läuft bald ab. $source (Text): wie der Anbieter hier heißt. $name (Text): wie das Token heißt

expiry-token-subject = Das Token von { $source } für { $place } läuft bald ab
expiry-token = das Token, mit dem { $source } bei { $place } Menschen und Gruppen einträgt, läuft am { $moment } ab. Ab dann wird dort niemand mehr eingetragen, der kommt oder geht.
expiry-named-token = das Token { $name }, mit dem { $source } bei { $place } Menschen und Gruppen einträgt, läuft am { $moment } ab. Ab dann wird dort niemand mehr eingetragen, der kommt oder geht, wenn bis dahin kein anderes benutzt wird.
expiry-token-next = Erzeugen Sie ein neues, stellen Sie { $source } darauf um, sehen Sie nach, ob es benutzt wird, und löschen Sie das alte:
expiry-certificate-subject = Das Zertifikat von { $source } für { $place } läuft bald ab
expiry-certificate = das Zertifikat, mit dem { $source } signiert, wer Menschen sind, läuft am { $moment } ab, und bei { $place } gibt es keines, das länger gilt.
expiry-certificate-next = Lassen Sie { $source } ein neues erzeugen, und sorgen Sie dafür, dass es hier bekannt ist, bevor es benutzt wird:
expiry-application-certificate-subject = Das Zertifikat für { $source } bei { $place } läuft bald ab
expiry-application-certificate = das Zertifikat, an dem { $source } erkennt, dass { $place } signiert hat, was dort über Menschen gesagt wird, läuft am { $moment } ab. Eine Anwendung, die darauf achtet, lässt ab dann niemanden mehr herein.
expiry-application-certificate-next = Erzeugen Sie ein anderes, machen Sie es { $source } bekannt, und lassen Sie es dann signieren:
expiry-secret-subject = Das Client-Secret von { $source } für { $place } läuft bald ab
expiry-secret = das Client-Secret, mit dem { $source } sich bei { $place } ausweist, läuft am { $moment } ab. Ab dann kommt dort niemand mehr herein, wenn bis dahin kein anderes benutzt wird.
expiry-named-secret = das Client-Secret { $name }, mit dem { $source } sich bei { $place } ausweist, läuft am { $moment } ab. Ab dann kommt dort niemand mehr herein, wenn bis dahin kein anderes benutzt wird.
expiry-secret-next = Erzeugen Sie ein neues, stellen Sie { $source } darauf um, sehen Sie nach, ob es benutzt wird, und löschen Sie das alte:

## Die Einstellungen für E-Mail werden geprüft

test-subject = E-Mail von Portico funktioniert
# $command: portico mail-test
test = Dieser Brief wurde von `{ $command }` bei { $place } geschickt. Wer ihn abgeschickt hat, sieht jetzt, dass Briefe von dort hier ankommen.
