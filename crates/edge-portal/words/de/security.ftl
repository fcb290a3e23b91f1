# Eigene Geräte, Wiederherstellungscodes, Passwort, Sitzungen, Programme und Browser.

security = Anmeldung und Geräte
security-added = Das Gerät ist registriert. Erstellen Sie Wiederherstellungscodes für den Fall, dass es verloren geht.
security-changed = Erledigt.
security-password-changed = Ihr Passwort ist geändert. Überall sonst sind Sie abgemeldet.

## Wiederherstellungscodes

security-codes = Ihre Wiederherstellungscodes
security-codes-text = Jeder gilt einmal, anstelle eines verlorenen Geräts. Bewahren Sie sie dort auf, wo Sie aufbewahren, was Sie nicht verlieren dürfen: Sie werden nicht noch einmal gezeigt.
security-codes-caption = Wiederherstellungscodes
security-codes-none = Sie haben keine Wiederherstellungscodes: Ohne sie sperrt ein verlorenes Gerät Sie aus, bis Ihre Administratoren helfen.
# $count (number)
security-codes-left = { $count ->
    [one] Ein Wiederherstellungscode ist übrig.
   *[other] { $count } Wiederherstellungscodes sind übrig.
}
security-codes-make = Wiederherstellungscodes erstellen
security-codes-make-new = Neue erstellen; die alten gelten dann nicht mehr

## Geräte

security-devices = Geräte
security-devices-none = Sie haben noch keinen zweiten Nachweis: Wer Ihr Passwort erfährt, kann sich als Sie ausgeben. Registrieren Sie einen Passkey oder eine Authenticator-App.
security-devices-elsewhere = Sie haben hier kein Passwort: Wie Sie sich ausweisen, entscheidet sich dort, wo Sie sich anmelden.
# $moment (text), hier und unten: Datum und Uhrzeit
security-registered = registriert { $moment }
security-used = zuletzt verwendet { $moment }
security-not-taken = Ihre Organisation nimmt es nicht an
security-change = Ändern
security-name = Name
security-rename = Umbenennen
security-remove = Entfernen
# $device (text): sein Name
security-remove-of = { $device } entfernen
security-administrators = Geräte verwalten Ihre Administratoren.

## Passwort

security-old-password = Bisheriges Passwort
security-password-submit = Passwort ändern
security-password-differ = Die beiden neuen Passwörter stimmen nicht überein.

## Sitzungen

security-sessions = Wo Sie angemeldet sind
security-sessions-text = Jede Sitzung endet von selbst zur angegebenen Zeit.
# $minutes (number)
security-sessions-text-idle = Jede Sitzung endet von selbst zur angegebenen Zeit, oder wenn { $minutes } Minuten lang nichts in ihr geschieht.
security-this-one = Dieser Browser
# $source (text), hier und unten: eine Netzwerkadresse
security-from = von { $source }
security-since = seit { $moment }
security-until = bis { $moment }
# $methods (text): verbunden durch security-and
security-by = mit { $methods }
security-and = { $one } und { $other }
# $session (text): ihr Browser. $moment (text): wann sie begann
security-rename-session = Die Sitzung vom { $moment } mit { $session } umbenennen
security-everywhere = Überall abmelden
security-everywhere-text = Beendet alle Sitzungen oben, auch diese, mit allem, was Programme durch sie bekommen haben. Schlüssel, die Sie bekommen haben, gelten sofort nicht mehr, und jeder Browser wird wieder nach Ihrem zweiten Nachweis gefragt.
security-session-of = Die Sitzung vom { $moment } von { $source } abmelden
security-by-password = Passwort
security-by-passkey = Passkey
security-by-app = App
security-by-mail = Code per E-Mail
security-by-recovery-code = Wiederherstellungscode
security-by-bypass = Administratorcode
security-by-external-idp = anderer Identitätsanbieter
# $browser und $system (texts): ihre Namen
security-agent = { $browser } auf { $system }
security-agent-unknown = Ein Programm

## Programme

security-programs = Programme, die ohne Rückfrage Zugriff bekommen
security-programs-text = Sie stehen hier, weil Sie es so gewollt haben. Anmelden müssen Sie sich weiterhin selbst.
security-program-used = zuletzt zugelassen { $moment }
security-program-forget = Wieder fragen
# $program (text): wie es sich selbst nennt
security-program-forget-of = Bei { $program } vom { $moment } wieder fragen

## Browser

security-browsers = Browser, in denen nicht noch einmal gefragt wird
security-browser-forget = Vergessen
security-browser-forget-of = Den Browser von { $source } vergessen
