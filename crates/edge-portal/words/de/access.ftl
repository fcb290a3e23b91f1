# Das AWS access portal: Konten, Schlüssel und die Programme, die danach fragen.

## Ihre Konten

start-title = Konten
start = Ihre Konten
start-both = Ihre Anwendungen und Konten
# $total (number): Konten
start-lead = { $total ->
    [one] { $total } Konto. Öffnen Sie es
   *[other] { $total } Konten. Öffnen Sie eines
} und wählen Sie eine Rolle.
search-example = Konto, ID, E-Mail oder Rolle
search-label = Konten und Rollen suchen
search = Suchen
no-accounts = Noch hat Ihnen niemand Zugriff auf ein Konto gegeben.
no-accounts-next = Wenden Sie sich an Ihre Administratoren, und nennen Sie ihnen Ihren Benutzernamen. Was Sie bekommen, erscheint sofort hier.
# $query (text): wonach gesucht wurde
search-nothing = Nichts passt zu „{ $query }“.
search-nothing-next = Suchen Sie nach nichts, um alle Konten zu sehen.
# $found und $total (numbers): Konten. $query (text): wonach gesucht wurde
search-some = { $found } von { $total } passen zu „{ $query }“.
start-all = Alle Konten zeigen
# $role und $account (texts): ihre Namen
start-keys-of = Zugriffsschlüssel von { $role } in { $account }
# $file: ~/.aws/config
start-config = { $file } einrichten

## Die Schlüssel einer Rolle

keys = Zugriffsschlüssel
# $role und $account (texts): ihre Namen
keys-heading = { $role } in { $account }
# $id (text): die ID des Kontos
keys-account = Konto { $id }
# $moment (text): Datum und Uhrzeit, und dahinter, wie lange es bis dahin ist
keys-expire = Gültig bis { $moment }.
keys-warning = Wer diese Schlüssel hat, kann bis dahin in Ihrem Namen handeln. Sie werden nicht noch einmal gezeigt.
keys-variables = Diese Zeilen ins Terminal einfügen
keys-variables-text = Sie enthalten auch die Adresse und die Region: Die Schlüssel gelten nur hier, und Aufrufe gehen hierher statt zu Amazon.
keys-variables-elsewhere = Sie enthalten auch die Region. Die Schlüssel sind vom Konto selbst, und Aufrufe gehen dorthin.
keys-posix = Linux und macOS (sh, bash, zsh)
keys-powershell = PowerShell
keys-cmd = Windows-Eingabeaufforderung
keys-section = Datei mit Anmeldeinformationen
keys-section-text = Ein eigener Abschnitt. Nehmen Sie zuerst einen älteren gleichen Namens heraus: Steht ein Abschnitt zweimal da, lehnt die AWS CLI die ganze Datei ab.
keys-profile = Ein Profil, das sich selbst erneuert
keys-profile-recommended = Ein Profil, das sich selbst erneuert (empfohlen)
# $version: 2.34.22
keys-profile-text = Führen Sie dies einmal aus, in einer beliebigen Shell. Es noch einmal auszuführen, oder daneben das einer anderen Rolle, schadet nicht. AWS CLI { $version } oder neuer.
keys-any-shell = sh, PowerShell oder Eingabeaufforderung
keys-then-sign-in = Melden Sie sich dann an. Die AWS CLI und die SDKs holen und erneuern Anmeldeinformationen von selbst.
keys-by-hand = Mit einer älteren AWS CLI oder von Hand
# $file, hier und unten: der Name der Datei, als Code
keys-by-hand-text = Schreiben Sie das Profil in { $file }.
keys-file-this-role = { $file }, für diese Rolle
keys-shared-text = Und dies einmal für alle Rollen. Steht ein Abschnitt zweimal da, lehnt die AWS CLI die ganze Datei ab.
keys-shared-elsewhere = Und dies einmal für dieses Konto. Steht ein Abschnitt zweimal da, lehnt die AWS CLI die ganze Datei ab.
keys-file-once = { $file }, nur einmal
keys-programs = Was manche Programme außerdem brauchen
keys-javascript = SDK für JavaScript
# Variablen mit Namen von Optionen, Einstellungen, Befehlen: als Code gezeigt
keys-javascript-text = Nennen Sie das Profil in { $variable }. Eines, das im Programm genannt ist, wird nicht gefragt, wohin Aufrufe gehen.
keys-rust = SDK für Rust
keys-rust-text = Setzen Sie { $variable } (siehe unten): Es erneuert die Anmeldung nur dort.
keys-chain = Eine Kette von Rollen
keys-chain-text = Ein Profil mit { $source-profile } braucht selbst { $endpoint-url } und { $services }.
keys-no-profile = Kein Profil genannt
keys-no-profile-text = { $logout }, { $configure } und { $login } sprechen mit Amazon, wenn nicht { $option } oder die Variablen unten etwas anderes sagen.
keys-else = Alles andere
keys-else-text = Ein eigenes Profil mit denselben Werten für { $region } und { $endpoint-url }, und { $process }
keys-everything-here = Variablen, die alles hierher führen
keys-sign-in-here = Variablen, die das Anmelden hierher führen; alles andere geht zum Konto
keys-short-lived = Kurzlebige Schlüssel
keys-short-lived-text = Für Werkzeuge, die kein Profil verwenden können: Variablen für sh, PowerShell und die Eingabeaufforderung, und ein Abschnitt für { $file }.
keys-show = Zugriffsschlüssel zeigen
keys-again = Neue Schlüssel erzeugen

## Die Datei für alle Konten: Kommentare darin

# $address: der Seite. $file: ~/.aws/config. $variable: AWS_CONFIG_FILE
config-what = Alles, was Sie unter { $address } verwenden dürfen, als { $file } oder als eigene Datei, die { $variable } nennt.
config-renew = Zum Erneuern ganz ersetzen: Steht ein Abschnitt zweimal da, lehnt die AWS CLI die ganze Datei ab.
config-sign-in = Anmelden:  { $command }
config-sign-out = Abmelden:  { $command }
config-without = Ohne { $option } lesen diese beiden, { $login } und { $configure } kein Profil: Sie sprächen mit
config-amazon = Amazon, und das erste schickte ihm Ihre Tokens. Wo Sie sie so verwenden, setzen Sie zuerst:

## Darf ein Programm Ihren Zugriff verwenden?

consent-title = Zugriff erlauben
# $program (text): wie es sich selbst nennt
consent = { $program } erlauben, Ihren Zugriff zu verwenden?
consent-cli = Der AWS CLI auf diesem Computer erlauben, Ihren Zugriff zu verwenden?
consent-cli-device = Der AWS CLI, die diesen Code zeigt, erlauben, Ihren Zugriff zu verwenden?
# $program (text): der Name einer Anwendung, die Ihre Administration eingetragen hat
consent-application = Auf dem Gerät, das diesen Code zeigt, bei { $program } anmelden?
consent-application-lead = Die Anwendung erfährt, wer Sie sind, und Sie sind dort angemeldet, bis Ihre Sitzung endet.
consent-application-warning = Wenn Sie dies nicht eben selbst begonnen haben, lehnen Sie ab: Wer es begonnen hat, wäre sonst als Sie angemeldet.
consent-details = Einzelheiten
consent-lead = Es kann dann Anmeldeinformationen für alle Ihre Konten und Rollen bekommen, in Ihrem Namen, bis Ihre Sitzung endet.
consent-code = Machen Sie nur weiter, wenn Ihr Gerät genau diesen Code zeigt:
consent-program = Programm
consent-asked-from = Anfrage von
# Hinter der Adresse.
consent-elsewhere = und damit nicht von dort, wo Sie sind
consent-asked-at = Angefragt am
consent-sends-to = Antwort geht an
consent-scopes = Fragt nach
consent-you = Sie sind
consent-warning = Das Programm hat seinen Namen selbst gewählt. Wenn Sie dies nicht eben selbst begonnen haben, lehnen Sie ab: Jemand könnte es auf Ihren Zugriff abgesehen haben.
consent-remember = Bei diesem Programm nicht noch einmal fragen

## Codes von Geräten

device = Gerät autorisieren
device-lead = Geben Sie den Code ein, den das Programm auf Ihrem Gerät zeigt.
device-code = Code
device-allowed = Sie können diese Seite schließen und zu Ihrem Gerät zurückkehren.
device-denied = Dem Programm wurde gesagt, dass Sie es nicht erlaubt haben. Sonst ist nichts geschehen.

## aws login

login-title = AWS CLI anmelden
login-here = Die AWS CLI auf diesem Computer anmelden?
login-elsewhere = Die AWS CLI auf einem anderen Computer anmelden?
login-lead = Die AWS CLI bekommt Anmeldeinformationen der Rolle, die Sie wählen, in Ihrem Namen, und erneuert sie, bis Ihre Sitzung endet oder Sie sich hier abmelden.
login-choose = Wählen Sie zuerst eine Rolle.
# $command: als Code gezeigt
login-warning-elsewhere = Ihnen wird ein Code gezeigt. Fügen Sie ihn nur in ein Terminal ein, in dem Sie selbst eben { $command } gestartet haben. Wer Ihnen diesen Link geschickt hat oder Sie nach dem Code fragt, hat es auf Ihren Zugriff abgesehen.
login-warning-here = Wenn Sie { $command } nicht eben selbst gestartet haben, lehnen Sie ab: Jemand könnte es auf Ihren Zugriff abgesehen haben.
login-denied = Niemand hat etwas bekommen. Die AWS CLI auf dem anderen Computer wartet noch: Beenden Sie sie mit Strg-C.
login-code-title = Ihr Code
login-code = Noch ein Schritt in Ihrem Terminal
# $command: als Code gezeigt. $minutes (number)
login-code-lead = Fügen Sie diesen Code dort ein, wo { $command } danach fragt. Er gilt einmal, { $minutes } Minuten lang.
login-code-caption = Autorisierungscode
# $role (text): ihr Name. $account (text): seine ID
login-code-warning = Geben Sie ihn niemandem. Wer ihn hat und die Anmeldung begonnen hat, kann in Ihrem Namen als { $role } im Konto { $account } handeln.
