# Das AWS access portal: die Liste der Konten, ihre Seiten, die Datei für alle, Zeiten, die kommen.

## Die Liste

start-recent = Zuletzt verwendet
start-every = Alle Konten
start-applications = Anwendungen
start-application = Öffnen
# $application (Text): ihr Name
start-application-of = { $application } öffnen
start-applications-more = Weitere Anwendungen
# $count (number): Rollen
start-roles = { $count ->
    [one] { $count } Rolle
   *[other] { $count } Rollen
}
start-id = Konto-ID
# $account (text): sein Name. Was eine Taste sagt, die gedrückt ist oder nicht
start-favourite = Favorit: { $account }
start-console = Managementkonsole
# $role und $account (texts): ihre Namen
start-console-of = Managementkonsole von { $account } als { $role }
start-no-console = Konten, die Portico selbst führt, haben noch keine eigene Webkonsole: Arbeiten Sie mit ihnen auf der Kommandozeile oder mit einem SDK, über Zugriffsschlüssel.

## Seiten einer Liste

pages = Seiten
pages-before = Zurück
pages-after = Weiter
# $page und $pages (numbers)
pages-this = Seite { $page } von { $pages }

## Ein Konto ohne Konsole

# $account (text): sein Name
no-console = { $account } hat noch keine Konsole
no-console-text = Der Link führt zur Webkonsole eines Kontos, das Portico selbst führt. Für dieses gibt es noch keine.
no-console-next = Ihre Rolle funktioniert auf der Kommandozeile und in SDKs: Zu ihren Zugriffsschlüsseln ist es ein Schritt.

## Die Datei für alle Konten

config-title = AWS-Konfigurationsdatei
config = Ihre AWS-Konfigurationsdatei
# $roles (number). $file: ~/.aws/config, $command: aws sso login --profile, beide als Code gezeigt
config-lead = { $roles ->
    [one] Ein Profil für die Rolle, die Sie verwenden dürfen.
   *[other] Profile für alle { $roles } Rollen, die Sie verwenden dürfen.
} Schreiben Sie es nach { $file }, und melden Sie sich dann mit { $command } und dem Namen eines davon an.
config-template = Wie Profile heißen
# Lücken, die ausgefüllt werden, jede als Code gezeigt
config-template-about = Buchstaben, Ziffern, - _ . @ + und die Lücken { $name }, { $id } und { $role }. Wo zwei gleich heißen würden, bekommen beide die ID des Kontos.
config-ready = Oder wählen Sie:
config-sessions = Anmeldung
config-sessions-one = Einmal für alle Konten
config-sessions-account = Für jedes Konto einzeln
config-preview = Vorschau
# $shown und $roles (numbers): Profile
config-shown = Die ersten { $shown } von { $roles } Profilen
config-whole = Die ganze Datei
config-download = Herunterladen

## Wie lange es bis dahin ist

# $count (number), in jedem
in-days = in { $count } Tagen
in-hours = { $count ->
    [one] in { $count } Stunde
   *[other] in { $count } Stunden
}
in-minutes = { $count ->
    [one] in { $count } Minute
   *[other] in { $count } Minuten
}
in-a-moment = in weniger als einer Minute

## Weiter zu einer Anwendung

application-go-on = Noch ein Schritt
# $application (Text): ihr Name
application-go-on-text = Sie sind angemeldet. Weiter geht es in { $application }.
application-refused-text = Niemand wurde angemeldet. { $application } erfährt den Grund.
application-sign-out-text = Hier sind Sie abgemeldet. Die nächste Anwendung erfährt davon.

## Was eine Anwendung erführe

application-test = Probe einer Anwendung
# $application (Text): ihr Name
application-test-of = Was { $application } über Sie erführe
application-test-text = Nichts wurde gesendet. Die Werte der Signaturen fehlen, damit Sie diese Seite anderen zeigen können.
application-test-called = Wie Sie heißen
application-test-format = Welche Art von Name das ist
application-test-recipient = Wohin es ginge
application-test-audience = Für wen es bestimmt ist
application-test-whole = Die ganze Antwort
application-test-back = Zurück
