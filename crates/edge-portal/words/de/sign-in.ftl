# Anmelden: Name und Passwort, zweite Faktoren, Geräte, Passwörter, Einladungen.

## Die Anmeldeseite

sign-in = Anmelden
# $portal (Text): wie die Organisation ihr Portal nennt
sign-in-to = Bei { $portal } anmelden
sign-in-lead = Verwenden Sie den Namen, den Ihre Organisation Ihnen gegeben hat.
sign-in-next = Weiter
sign-in-forgot = Passwort vergessen
sign-in-passkey = Mit einem Passkey anmelden
# $place: einer der Orte darunter
sign-in-ended = Ihre Sitzung ist zu Ende. Melden Sie sich noch einmal an, dann geht es weiter: { $place }.
place-accounts = Ihre Konten
place-keys = die Zugriffsschlüssel, nach denen Sie gefragt haben
place-security = Ihre Geräte und Sitzungen
place-device = der Code Ihres Geräts
place-program = die Frage des Programms
place-application = die Anwendung
place-console = die Konsole
sign-in-for-cli = Die AWS CLI bittet Sie, sich anzumelden. Danach bestimmen Sie, was sie darf.
# $program (Text): wie es sich selbst nennt
sign-in-for-program = Ein Programm, das sich „{ $program }“ nennt, bittet Sie, sich anzumelden. Danach bestimmen Sie, was es darf.
sign-in-for-device = Ein Gerät wartet auf Sie. Melden Sie sich an, und vergleichen Sie dann seinen Code.
# $application (Text): ihr Name
sign-in-for-application = { $application } bittet Sie, sich anzumelden.
sign-in-asked-again = Bitte melden Sie sich noch einmal an: Was Sie tun wollten, verlangt es.
sign-in-stale = Diese Seite war zu lange offen. Bitte melden Sie sich noch einmal an.

## Another identity provider

# $provider (text): what the organization calls it
sign-in-with = Mit { $provider } anmelden
external-go-on = Noch ein Schritt
external-go-on-text = Der Identitätsanbieter Ihrer Organisation bittet Sie, sich anzumelden.
external-begin-again = Von vorn beginnen
external-unasked = Anmelden?
# $provider (text): as above
# $who (text): a user name
external-unasked-text = { $provider } sagt, Sie seien { $who }. Hier haben Sie das nicht begonnen: Fahren Sie nur fort, wenn Sie es dort gewählt haben.
external-unasked-yes = Weiter als { $who }
external-unasked-no = Nein, anders anmelden
external-trial = Was der Identitätsanbieter sagt
external-trial-text = Sie haben ihn erprobt: Niemand wurde angemeldet, und nichts wurde geändert.
external-trial-refused = Diese Anmeldung würde abgelehnt, denn:
# $who (text): a user name
external-trial-known = Diese Anmeldung wäre die von { $who }.
external-trial-new = Diese Anmeldung würde { $who } anlegen.
# $provider (text): as above
external-trial-said = Was { $provider } gesagt hat
external-trial-subject = Wen er meint
external-trial-tags = Sitzungstags
external-trial-back = Zurück zur Konsole

## Der zweite Faktor

factor = Noch ein Schritt
factor-again = Weisen Sie sich aus
# $who (text): ein Benutzername
factor-lead-mailed = { $who }, geben Sie den Code ein, der Ihnen per E-Mail geschickt wurde.
factor-lead-device = { $who }, verwenden Sie ein Gerät, das Sie registriert haben.
factor-remember = In diesem Browser nicht noch einmal fragen
factor-passkey = Passkey oder Sicherheitsschlüssel verwenden
factor-app-code = Code Ihrer Authenticator-App
factor-mailed-code = Code aus der E-Mail
# $send-another: factor-send-another, als Schaltfläche
factor-nothing-arrived = Nichts angekommen? Sehen Sie im Spam-Ordner nach, oder { $send-another }.
factor-send-another = lassen Sie sich einen neuen Code schicken
factor-lost = Ich habe mein Gerät verloren
factor-recovery-code = Ein Wiederherstellungscode oder ein Code von Ihren Administratoren
factor-continue-with-code = Weiter mit dem Code
factor-ask-administrator = Gerät verloren? Bitten Sie Ihre Administratoren um einen Code.
factor-begin-again = Von vorn beginnen, oder als jemand anderes

## Sich noch einmal ausweisen

verify-lead = Ihre Anmeldung ist schon eine Weile her. Geben Sie Ihr Passwort ein, bevor Sie weitermachen.

## Ein Gerät registrieren

add-device = Gerät registrieren
add-device-must = Ihre Organisation verlangt einen zweiten Nachweis neben dem Passwort. Wählen Sie einen davon; bei der Anmeldung wird danach gefragt.
add-device-may = Ein zweiter Nachweis neben dem Passwort, falls jemand es erfährt.
add-device-passkey = Passkey oder Sicherheitsschlüssel
add-device-passkey-text = Dieser Computer oder dieses Telefon, oder ein Schlüssel zum Einstecken. Eine gefälschte Seite kann ihn nicht überlisten.
add-device-name = Name dafür
add-device-passkey-example = Laptop
add-device-passkey-name = Passkey
add-device-passkey-submit = Passkey registrieren
add-device-app = Authenticator-App
add-device-app-text = Scannen Sie dies mit der App, oder tippen Sie das Geheimnis ein, und geben Sie dann den Code ein, den sie anzeigt.
add-device-qr = QR-Code des Geheimnisses darunter
# $secret (text): in die App einzutippen
add-device-secret = Geheimnis: { $secret }
add-device-app-example = Telefon
add-device-app-code = Code, den die App anzeigt
add-device-app-submit = App registrieren

## Ein Passwort wählen

choose-password = Passwort wählen
# $who (text): ein Benutzername
choose-password-lead = { $who }, das eingegebene Passwort galt nur dieses eine Mal. Wählen Sie eines, das nur Sie kennen.
# $who (text): ein Benutzername
choose-password-there = { $who }, das Verzeichnis Ihrer Organisation verlangt ein neues Passwort. Es gilt dann dort und überall, wo das Verzeichnis gefragt wird.
choose-password-rule-there = Es gelten die Regeln des Verzeichnisses Ihrer Organisation.
choose-password-differ = Die beiden stimmen nicht überein.
# Was von einem Passwort verlangt wird. $low und $high: Zeichen. $passphrase: ab so vielen Zeichen ist ihre Art gleich, 0 wenn nie.
# $remembered: so viele frühere Passwörter werden abgelehnt. $known: 1, wenn öffentlich bekannte abgelehnt werden, sonst 0.
password-rule =
    { $low } bis { $high } Zeichen mit Groß- und Kleinbuchstaben, einer Ziffer und einem Sonderzeichen{ $passphrase ->
        [0] { "" }
       *[other] , oder mindestens { $passphrase } beliebige (ein ganzer Satz ist gut)
    }{ $remembered ->
        [0] { "" }
        [1] , nicht das vorige
       *[other] , keines Ihrer letzten { $remembered }
    }{ $known ->
        [0] { "" }
       *[other] , keines, das öffentlich bekannt ist
    }.

## Einladungen

invitation = Wählen Sie Ihr Passwort
# $who (text): ein Benutzername, fett gezeigt
invitation-lead = Für den Benutzernamen { $who }. Der Link, der Sie hierher geführt hat, gilt einmal.
invitation-submit = Passwort setzen
invitation-differ = Die beiden Passwörter stimmen nicht überein.

## Vergessene Passwörter

forgot = Passwort vergessen?
forgot-lead = Wir schicken einen Link an die Adresse, die Ihre Organisation von Ihnen hat. Mit ihm wählen Sie ein neues Passwort.
forgot-submit = Link schicken
forgot-back = Zurück zur Anmeldeseite
forgot-who = Bitte geben Sie Ihren Benutzernamen ein.
