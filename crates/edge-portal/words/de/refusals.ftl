# Warum etwas abgelehnt wurde: Sätze der Regeln (crates/model/src/saying.rs).

## Was einem Passwort fehlt: $missing

class-lower-case = einen Kleinbuchstaben
class-upper-case = einen Großbuchstaben
class-digit = eine Ziffer
class-symbol = ein Sonderzeichen

## Warum ein Passkey abgelehnt wird: $why in passkey-refused

passkey-old-question = Die Frage wurde vor zu langer Zeit gestellt, oder in einem anderen Browser; laden Sie die Seite neu
passkey-other-site = Er hat einer anderen Website geantwortet
passkey-not-verified = Er hat nicht geprüft, dass Sie es sind (durch PIN, Finger, Gesicht)
passkey-not-present = Niemand hat ihn berührt
passkey-other-question = Er hat auf eine andere Frage geantwortet
passkey-copied = Er zählt weniger Verwendungen als zuvor, wie es eine Kopie täte. Entfernen Sie ihn, und sagen Sie es Ihren Administratoren
passkey-unknown = Es ist keiner von Ihren hier
passkey-unsound = Seine Antwort stimmt nicht
passkey-too-long = Seine Antwort ist zu lang
passkey-unreadable = Seine Antwort ist nicht lesbar
passkey-answered = Die Frage wurde schon beantwortet; laden Sie die Seite neu

## Der Dienst

internal = Ein interner Fehler ist aufgetreten. Unter der Nummer der Anfrage steht er im Protokoll des Servers.
unavailable = Der Dienst ist für einen Moment nicht verfügbar. Es wurde nichts geändert; versuchen Sie es noch einmal.
in-doubt = Die Datenbank fiel aus, während die Änderung geschrieben wurde. Ob sie geschrieben wurde, ist nicht bekannt: Sehen Sie nach, bevor Sie es noch einmal versuchen.
no-room-for-record = Der Dienst ist für einen Moment nicht verfügbar: Der Aufruf kann nicht protokolliert werden. Es wurde nichts geändert; versuchen Sie es noch einmal.
record-in-doubt = Der Aufruf konnte nicht protokolliert werden, und es wird nichts herausgegeben. Ob er im Protokoll steht, ist nicht bekannt: Sehen Sie nach, bevor Sie es noch einmal versuchen.

## Anmelden

wrong-password = Benutzername oder Passwort ist falsch.
wrong-passkey = Dieser Passkey öffnet hier nichts.
wrong-code = Dieser Code stimmt nicht, oder er wurde schon verwendet.
too-many-attempts = Zu viele falsche Versuche. Versuchen Sie es in { $seconds ->
    [one] einer Sekunde
   *[other] { $seconds } Sekunden
} noch einmal.
too-many-sign-ins = Zu viele Leute melden sich gleichzeitig an. Versuchen Sie es gleich noch einmal.
too-many-letters = Von hier aus wurde nach zu vielen E-Mails gefragt. Versuchen Sie es in { $seconds ->
    [one] einer Sekunde
   *[other] { $seconds } Sekunden
} noch einmal.
too-many-mailed-codes = Ihnen wurden zuletzt viele Codes geschickt. Der nächste kann in { $seconds ->
    [one] einer Sekunde
   *[other] { $seconds } Sekunden
} geschickt werden.
# $provider (text): what the organization calls its identity provider
directory-account-off = Ihr Konto ist im Verzeichnis Ihrer Organisation gesperrt oder abgelaufen. Wenden Sie sich an Ihre Administration.
directory-password-over = Ihr Passwort ist im Verzeichnis Ihrer Organisation abgelaufen oder muss geändert werden. Ändern Sie es dort und melden Sie sich dann mit dem neuen an.
directory-password-short = Das neue Passwort ist für das Verzeichnis Ihrer Organisation zu kurz. Wählen Sie ein längeres.
directory-password-weak = Das neue Passwort ist für das Verzeichnis Ihrer Organisation zu einfach. Mischen Sie Groß- und Kleinbuchstaben, Ziffern und andere Zeichen und lassen Sie Ihren Namen weg.
directory-password-used = Das Verzeichnis Ihrer Organisation kennt das neue Passwort von früher. Wählen Sie eines, das Sie noch nicht hatten.
directory-password-soon = Sie haben Ihr Passwort erst kürzlich geändert, und das Verzeichnis Ihrer Organisation will, dass Sie es länger behalten. Versuchen Sie es an einem anderen Tag noch einmal.
directory-password-rule = Das Verzeichnis Ihrer Organisation nimmt das neue Passwort nicht an: Vielleicht ist es zu kurz, zu einfach oder eines von früher, oder Sie haben es erst kürzlich geändert.
directory-password-kept = Das Verzeichnis Ihrer Organisation lässt nicht zu, dass Sie Ihr Passwort hier ändern. Wenden Sie sich an Ihre Administration.
directory-not-now = Das Verzeichnis Ihrer Organisation lässt Sie zu dieser Zeit oder von hier aus nicht herein.
directory-away = Das Verzeichnis Ihrer Organisation antwortet nicht. Versuchen Sie es gleich noch einmal; Ihre Administration findet den Grund im Protokoll.
external-failed = Die Anmeldung mit { $provider } ist nicht gelungen. Beginnen Sie von vorn; hilft das nicht, findet Ihre Verwaltung den Grund im Protokoll.
# $provider (text): as above
external-required = In Ihrer Organisation meldet man sich mit { $provider } an, nicht mit einem Passwort.
sign-in-over = Diese Anmeldung hat zu lange gedauert, oder inzwischen hat sich etwas geändert. Beginnen Sie von vorn.
no-mail-for-code = Ihre Organisation verlangt einen Code per E-Mail, und Ihnen kann keine E-Mail geschickt werden. Bitten Sie Ihre Administratoren um einen Code.
no-device-no-entry = Ihre Organisation lässt niemanden ohne registriertes Gerät herein. Bitten Sie Ihre Administratoren um einen Code.
session-ended = Die Anmeldesitzung ist beendet. Melden Sie sich noch einmal an.
session-unknown = Die Sitzung ist nicht bekannt oder nicht mehr gültig

## Geräte

not-fresh = Weisen Sie sich zuerst aus: Es ist eine Weile her, dass Sie es getan haben.
no-device-asked = Diese Anmeldung verlangt kein Gerät.
devices-managed = In Ihrer Organisation verwalten die Administratoren die Geräte: Wenden Sie sich an sie.
kind-not-taken = Ihre Organisation nimmt keine Geräte der Art { $kind } an.
too-many-devices = Eine Person hat höchstens { $most } Geräte der Art { $kind }.
secret-outdated = Das Geheimnis wurde vor zu langer Zeit gezeigt, oder in einem anderen Browser: Beginnen Sie von vorn.
wrong-first-code = Dieser Code stimmt nicht. Geht die Uhr des Geräts richtig?
registered-already = Dieser Passkey oder Sicherheitsschlüssel ist bereits registriert.
passkey-refused = Dieser Passkey oder Sicherheitsschlüssel wurde nicht angenommen: { $why }.
no-such-device = Dieses Gerät gibt es nicht.
no-such-session = Diese Sitzung gibt es nicht.
no-such-program = Dieses Programm gibt es nicht.
device-first = Registrieren Sie zuerst ein Gerät: Wiederherstellungscodes sind für den Fall, dass es verloren geht.
device-name-length = Der Name eines Geräts muss 1 bis { $most } Zeichen haben, nicht { $given }.
device-name-controls = Der Name eines Geräts darf keine Steuerzeichen enthalten.

## Passwörter

password-length = Das Passwort muss { $low } bis { $high } Zeichen haben, nicht { $given }.
password-controls = Das Passwort darf keine Steuerzeichen enthalten.
password-repeats = Das Passwort darf nicht aus einem einzigen wiederholten Zeichen bestehen.
password-lacks = Das Passwort muss noch { $missing } enthalten.
password-lacks-or = Das Passwort muss noch { $missing } enthalten oder mindestens { $characters } Zeichen haben.
password-known = Das Passwort ist eines von denen, die Angreifer zuerst versuchen: Es ist öffentlich bekannt.
password-had-before = Das Passwort ist eines Ihrer letzten { $count }: Wählen Sie eines, das Sie noch nicht hatten.
password-not-right = Dieses Passwort stimmt nicht.
old-password-not-right = Das bisherige Passwort stimmt nicht.
password-changed-meanwhile = Das Passwort wurde inzwischen geändert.
link-void = Dieser Link gilt nicht mehr: Er wurde verwendet, seine Zeit ist um, oder es gibt einen neueren.

## Programme und Rollen

unknown-user-code = Dieser Code ist nicht bekannt, abgelaufen oder schon verwendet. Vergleichen Sie ihn mit dem, was das Programm zeigt.
consent-taken-back = Sie haben zurückgenommen, dass dieses Programm ohne Rückfrage Zugriff bekommt. Versuchen Sie es noch einmal.
program-unknown = Das Programm ist hier nicht registriert, oder seine Registrierung ist abgelaufen. Löschen Sie die Registrierung, die es sich gemerkt hat (bei AWS CLI und SDKs: ~/.aws/sso/cache), und beginnen Sie die Anmeldung von vorn.
no-such-role = Diese Rolle haben Sie nicht. Vielleicht hat sie Ihnen jemand eben entzogen.
no-role-at-home = Die Konsole ist für alle, die eine Rolle im Verwaltungskonto haben, und Sie haben dort keine.
# $application (text): its name
application-not-assigned = { $application } dürfen Sie nicht benutzen. Ihre Administratoren können es Ihnen zuweisen.
# $application (text): its name
application-off = { $application } ist abgeschaltet.
application-over = Diese Anmeldung hat zu lange gedauert oder wurde schon beantwortet. Beginnen Sie in der Anwendung von vorn.
# $called (text): a template such as ${user:email}
application-unnamed = Die Anwendung kennt Menschen als { $called }, und das ist von Ihnen nicht bekannt. Ihre Administratoren können es ergänzen.
application-sign-out-over = Die Abmeldung von Ihren Anwendungen ist vorbei oder hat zu lange gedauert. Hier sind Sie trotzdem abgemeldet.

## Das Portal

# $most (number)
too-many-favourites = Sie haben { $most } Favoriten, mehr kann es nicht geben. Nehmen Sie zuerst einen weg.
# $most und $given (numbers): Zeichen
search-too-long = Die Suche darf höchstens { $most } Zeichen haben, nicht { $given }.
# $part (text): was eingegeben wurde
template-odd = Die Vorlage enthält { $part }: In einem Profilnamen kann das nicht stehen.
# $most und $given (numbers): Zeichen
template-length = Die Vorlage muss 1 bis { $most } Zeichen haben, nicht { $given }.
