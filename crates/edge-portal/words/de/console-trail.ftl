# Die Konsole: das Protokoll.
console-trail = Protokoll
trail-lead = Wer was getan hat, von wo und mit welchem Ergebnis. Das Neueste zuerst.

trail-by = Suchen nach
trail-by-changes = Änderungen
trail-by-all = Allem
trail-by-reads = Lesezugriffen
trail-by-person = Einer Person oder einem Schlüsselinhaber, nach Benutzername
trail-by-event = Einem Ereignis, nach Name
trail-by-resource = Einer Sache, nach ARN oder ID
trail-by-kind = Einer Art von Sachen, etwa AWS::SSO::PermissionSet
trail-by-source = Einem Dienst, etwa sso.amazonaws.com
trail-by-key = Einem Zugriffsschlüssel, nach ID
trail-by-id = Einem Eintrag, nach ID
trail-value = Welche oder welcher
trail-help = Das Protokoll wird nach einem davon durchsucht, nach seinem genauen Namen, und nach beliebiger Zeit.
trail-from = Von (UTC)
trail-to = Bis (UTC)
trail-look = Suchen
trail-last-hour = Letzte Stunde
trail-last-day = Letzter Tag
trail-last-week = Letzte 7 Tage
trail-last-month = Letzte 30 Tage
trail-value-missing = Geben Sie an, welche oder welcher.
# $value: was eingegeben wurde
trail-value-extra = Sagen Sie, was „{ $value }“ ist: Wählen Sie es davor aus, oder lassen Sie dieses Feld leer.
trail-time-wrong = Das ist kein Zeitpunkt. Schreiben Sie ihn wie 2026-11-28T12:40.
trail-time-backwards = Das ist vor dem Zeitpunkt, ab dem gesucht wird.

trail-caption = Einträge, die neuesten zuerst
trail-when = Wann
trail-who = Wer
trail-what = Was
trail-to-what = Woran
trail-result = Ergebnis
# $role: ein Berechtigungssatz oder eine Rolle
trail-as = als { $role }
# $count (Zahl): Sachen, die der Eintrag außer den gezeigten nennt
trail-more-things = und { $count } weitere
trail-done = Erfolgreich
# $count (Zahl): gleiche Aufrufe
trail-count = { $count }-mal
trail-none = Noch ist nichts aufgezeichnet.
trail-none-found = Nichts dergleichen ist aufgezeichnet. Namen gelten genau, auch in Groß- und Kleinschreibung.
trail-none-here = Auf dieser Seite des Protokolls ist nichts. Ältere Einträge folgen.
trail-show-all = Alles zeigen
trail-pages = Seiten
trail-newest = Neueste
trail-older = Ältere

trail-who-root = der Root-Schlüssel
trail-who-service-user = ein Dienstbenutzer
trail-who-role = mit einer Rolle
trail-who-person = am Portal angemeldet
trail-who-service = Portico selbst
trail-who-nobody = jemand, der nicht angemeldet ist
trail-read = Lesezugriff
trail-change = Änderung
# $count (Zahl): gleiche Aufrufe
trail-counted = { $count } Aufrufe wie dieser wurden in einer Minute abgelehnt; dieser Eintrag steht für alle.
trail-role = Als
trail-account = Im Konto
trail-factor = Zweiter Faktor
trail-with-factor = wurde verlangt und vorgewiesen
trail-without-factor = keiner
trail-session-since = Sitzung seit
trail-address = Von
trail-agent = Mit
trail-service = Dienst
trail-access-key = Zugriffsschlüssel
trail-request = Anfrage
trail-things = Was er nennt
trail-thing = Name
trail-kind = Art
trail-of-thing = Alles dazu
trail-asked = Was verlangt wurde
trail-answered = Was geantwortet wurde
trail-more = Was außerdem bekannt ist
trail-alike = Mehr davon
trail-same-person = Von derselben Person
trail-same-name = Dasselbe Ereignis
trail-same-key = Mit demselben Zugriffsschlüssel
trail-whole = Der ganze Eintrag
trail-json = CloudTrail-Eintrag
trail-no-record = Kein solcher Eintrag
trail-no-record-why = Das Protokoll hat keinen Eintrag mit dieser ID. Ein Eintrag erscheint innerhalb einer Sekunde nach seinem Aufruf; Einträge über Lesezugriffe und Ablehnungen werden nach einiger Zeit gelöscht.
