# Die Konsole: Dienstbenutzer und die Schlüssel des Root-Benutzers.

service-lead = Programme, die sich nicht anmelden können, handeln als einer von diesen, mit eigenen Schlüsseln und Richtlinien.
service-none = Es gibt noch keinen Dienstbenutzer.
service-new = Dienstbenutzer hinzufügen
service-new-submit = Hinzufügen
service-policies = Richtlinien
service-root = Schlüssel des Root-Benutzers
service-root-text = Der Root-Benutzer des Verwaltungskontos darf alles, was Richtlinien auch sagen. Heben Sie seinen Schlüssel für Notfälle auf: Ein Schlüssel, der täglich benutzt wird, gehört einem Dienstbenutzer.
service-keys = Zugriffsschlüssel
service-keys-none = Es gibt keinen Schlüssel.
service-keys-text = Höchstens zwei Schlüssel, damit einer den anderen ablösen kann: den zweiten machen, das Programm umstellen, sehen, dass der erste nicht mehr benutzt wird, ihn löschen.
service-key-make = Zugriffsschlüssel erzeugen
service-key-once = Das Geheimnis wird nur dieses Mal gezeigt. Legen Sie es jetzt dorthin, wo das Programm es findet; wer es hat, handelt in seinem Namen.
service-key-id = Schlüssel-ID
service-key-secret = Geheimer Schlüssel
service-key-active = Aktiv
service-key-inactive = Inaktiv
service-key-disable-text = Ein gesperrter Schlüssel öffnet ab dem nächsten Aufruf nichts mehr und kann wieder freigegeben werden.
service-key-enable-text = Der Schlüssel öffnet nichts. Freigegeben öffnet er ab dem nächsten Aufruf, was sein Inhaber darf.
service-key-delete-text = Ein gelöschter Schlüssel öffnet ab dem nächsten Aufruf nichts mehr, und nie wieder.
service-force = Auch dann, wenn es der letzte aktive Schlüssel des Root-Benutzers ist: Ich habe einen anderen Weg hinein
service-managed = Angehängte Richtlinien
service-managed-none = Keine Richtlinie von AWS ist angehängt.
service-policy = Richtlinie
service-attach = ARN einer Richtlinie von AWS
service-attach-submit = Anhängen
service-inline = Eigene Richtlinie
service-inline-document = Richtliniendokument
service-inline-text = Eine Richtlinie in JSON, nur für diesen einen. Leer: keine.
# $name: des Dienstbenutzers
service-delete = { $name } löschen?
# $count (number): seiner Schlüssel, die aktiv sind
service-delete-text = Die Richtlinien gehen mit, und die Schlüssel öffnen ab dem nächsten Aufruf nichts mehr. { $count ->
    [0] Keiner seiner Schlüssel ist aktiv.
    [one] Einer seiner Schlüssel ist aktiv: Das Programm, das ihn benutzt, hört auf zu funktionieren.
   *[other] { $count } seiner Schlüssel sind aktiv: Die Programme, die sie benutzen, hören auf zu funktionieren.
}
