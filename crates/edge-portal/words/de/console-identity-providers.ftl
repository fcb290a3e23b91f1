# The console: identity providers outside, by which people sign in.

idp-lead = Menschen melden sich mit einem Konto an, das sie anderswo haben: Entra ID, Okta, Google, Keycloak oder jeder Anbieter, der SAML 2.0 oder OpenID Connect spricht.
idp-none = Noch ist kein Identitätsanbieter verbunden.
idp-connect-saml = Mit SAML verbinden
idp-connect-oidc = Mit OpenID Connect verbinden
idp-connect-submit = Verbinden
idp-saml-lead = Geben Sie seine Metadaten an. Was er von Portico wissen muss, steht auf der nächsten Seite.
idp-oidc-lead = Melden Sie Portico dort zuerst als Webanwendung an: Die Rücksprungadresse steht in den Einstellungen. Geben Sie dann an, was der Anbieter Client-ID und Client-Secret nennt.
idp-protocol = Protokoll
idp-status = Zustand
idp-enabled = Aktiviert
idp-disabled = Deaktiviert
idp-unheard = Nicht erreichbar
idp-name = Name, wie man ihn kennt
idp-metadata-url = Adresse seiner Metadaten
idp-metadata-xml = Oder seine Metadaten als Text
idp-issuer = Aussteller (Issuer)
idp-client-id = Client-ID
idp-client-secret = Client-Secret (leer: wie bisher)
idp-authentication = Wie Portico sich dort ausweist
idp-scopes = Scopes neben openid
idp-trust = Was gefragt und angenommen wird
idp-sign-requests = Anfragen signieren
idp-sign-requests-help = Auch wenn die Metadaten es nicht verlangen.
idp-allow-unsolicited = Anmeldungen dürfen beim Anbieter beginnen
idp-allow-unsolicited-help = Wer so kommt, wird gefragt, bevor die Anmeldung gilt.
idp-allow-sha1 = SHA-1 annehmen
idp-allow-sha1-help = Nur für einen Anbieter, der es nicht besser kann: Solche Signaturen lassen sich mit Aufwand fälschen.
idp-allow-aes-cbc = AES-CBC annehmen
idp-allow-aes-cbc-help = Nur für einen Anbieter, der nicht anders verschlüsselt, etwa SimpleSAMLphp 1.19: Er muss dann die ganze Antwort signieren.
idp-for-whom = Für wen
idp-domains = Domains
idp-domains-help = Die Domains der Benutzernamen, für die er spricht. Wer einen solchen Namen eingibt, wird zu ihm geführt.
idp-any-domain = Jede Domain
idp-any-domain-help = Er könnte dann von jemandem sagen, er sei irgendwer hier, auch jemand aus der Verwaltung.
idp-required = Wer zu seinen Domains gehört, meldet sich nur hier an
idp-required-help = Ihre Passwörter und Passkeys öffnen dann nichts mehr.
idp-hidden = Nicht auf der Anmeldeseite
idp-hidden-help = Nur Namen seiner Domains führen zu ihm.
idp-trust-mfa = Sein zweiter Faktor zählt
idp-trust-mfa-help = Sagt er, dass einer gegeben wurde, gilt das auch für Richtlinien hier.
idp-subject = Wie Menschen gefunden werden
idp-by-user-name = Am Benutzernamen
idp-by-user-name-help = Wie der Anbieter jemanden nennt, so heißt er oder sie hier.
idp-by-external-id = An einer Verknüpfung
idp-by-external-id-help = Jeder Mensch ist mit einer Kennung des Anbieters verknüpft, die sich nie ändert.
idp-subject-from = Attribut oder Claim, das sagt, wer es ist
idp-subject-from-help = Leer: die NameID, oder der Claim sub oder preferred_username.
idp-arrivals = Wer zum ersten Mal kommt, und wieder
idp-create = Anlegen, wer noch nicht da ist
idp-create-help = Sonst können sich nur Menschen anmelden, die SCIM oder die Verwaltung angelegt hat.
idp-update = Bei jeder Anmeldung übernehmen, was er sagt
idp-update-help = Wovon er nichts sagt, das bleibt.
idp-attributes = Attribute
idp-attributes-help = Je Zeile eines: ein Attribut hier, ein Gleichheitszeichen, das Attribut oder der Claim des Anbieters, etwa displayName = name.
idp-groups-from = Attribut oder Claim mit Gruppen
idp-groups = Gruppen
idp-groups-help = Je Zeile eine: der Wert des Anbieters, ein Gleichheitszeichen, die Kennung der Gruppe. Wer ohne den Wert kommt, verlässt die Gruppe.
idp-tags = Sitzungstags
idp-tags-help = Je Zeile eines: ein Schlüssel, ein Gleichheitszeichen, das Attribut oder der Claim des Anbieters. Richtlinien lesen sie als aws:PrincipalTag.
idp-told = Was der Anbieter wissen muss
idp-told-lead = Tragen Sie das dort ein. Es bleibt gleich, solange er verbunden ist.
idp-our-metadata = Metadaten von Portico
idp-our-entity-id = Entity ID (Audience)
idp-our-acs = Assertion Consumer Service (Antwort-URL)
idp-our-slo = Single Logout Service
idp-our-redirect = Redirect-URI
idp-our-logout = Back-Channel-Logout-URI
idp-try = Erproben
idp-try-text = Melden Sie sich dort an und sehen Sie alles, was zurückkommt, und was daraus würde. Niemand wird angemeldet, nichts geändert, und es geht auch, bevor der Anbieter aktiviert ist.
idp-enable = Aktivieren
idp-enable-text = Von da an bietet ihn die Anmeldeseite an.
idp-disable = Deaktivieren
idp-disable-text = Von da an meldet sich niemand mehr über ihn an. Wer angemeldet ist, bleibt es.
idp-heard = Was er von sich sagt
idp-heard-at = Zuletzt gehört:
idp-unheard-text = Seither war er nicht zu erreichen. Bis dahin gilt, was er zuletzt gesagt hat.
idp-refresh = Neu fragen
idp-certificates = Zertifikate
idp-certificates-text = Alle gelten zugleich: Importieren Sie das neue, bevor der Anbieter wechselt.
idp-certificate = Zertifikat
idp-certificate-from = Woher
idp-certificate-imported = importiert
idp-certificate-metadata = seine Metadaten
idp-certificate-pem = Zertifikat (PEM)
idp-certificate-import = Importieren
# $id (text): what it begins with
idp-certificate-delete = Zertifikat { $id }… löschen
# $name (text): of the provider
idp-delete = { $name } löschen?
idp-delete-text = Niemand kann sich mehr über ihn anmelden. Wer durch ihn kam, bleibt, mit Gruppen und Zuweisungen: Sie brauchen einen anderen Weg, etwa eine Einladung.

# Bereitstellungsmandanten: Anbieter, die Menschen und Gruppen hier eintragen.
tenants = Bereitstellung mit SCIM
tenants-lead = Anbieter, die Menschen und Gruppen hier eintragen, bevor sich jemand anmeldet, und sie wieder austragen.
tenants-none = Noch trägt kein Anbieter hier Menschen ein.
tenant-connect = Mit SCIM verbinden
tenant-name = Name des Anbieters
tenant-new-lead = Einer für jeden Anbieter. Was er wissen muss, steht auf der nächsten Seite.
tenant-told-lead = Tragen Sie dort die Adresse ein und ein Token, das Sie unten erzeugen.
tenant-endpoint = Adresse (SCIM-Basis-URL)
tenant-tokens = Tokens
tenant-tokens-text = Mehrere gelten nebeneinander: Erzeugen Sie das neue, stellen Sie den Anbieter um, sehen Sie nach, ob es benutzt wird, und löschen Sie das alte.
tenant-tokens-none = Es gibt kein Token, der Anbieter kann also nicht aufrufen.
tenant-token = Token
tenant-token-name = Wie Sie es nennen
tenant-token-days = Tage, die es gilt (leer: 365)
tenant-token-make = Token erzeugen
tenant-token-once = Das Token wird nur dieses eine Mal gezeigt. Tragen Sie es jetzt beim Anbieter ein; wer es hat, ändert alle, die der Anbieter führt.
tenant-token-over = Abgelaufen
tenant-token-soon = Läuft bald ab
# $name: of the token
tenant-token-delete = Das Token { $name } löschen?
# $name: of the provider
tenant-token-delete-text = Ab dem nächsten Aufruf öffnet es nichts mehr: Benutzt { $name } es noch, wird nicht mehr eingetragen, wer kommt und wer geht.
tenant-token-delete-over = Es ist abgelaufen und öffnet nichts mehr.
tenant-delete-text = Seine Tokens verschwinden mit ihm: Ab dem nächsten Aufruf trägt der Anbieter hier nichts mehr ein.

# Wen Quellen führen.
owned = Wen er führt
# $name, here and below: of the source, or of the person or group
owned-of = Wen { $name } führt
owned-lead = Was der Anbieter gebracht hat, ändert er allein. Zugriff und wer sich anmelden darf, entscheiden Sie hier.
# $count (number), here and below; $more: that there are more, or nothing
owned-users = { $count ->
    [one] ein Mensch{ $more }
   *[other] { $count }{ $more } Menschen
}
owned-groups = { $count ->
    [one] eine Gruppe{ $more }
   *[other] { $count }{ $more } Gruppen
}
owned-nobody = Er führt niemanden.
owned-no-users = Er führt keine Menschen.
owned-no-groups = Er führt keine Gruppen.
# $users, $groups: how many, as they are counted above
owned-released = Niemand wird gelöscht, und niemand verliert Zugriff: { $users } und { $groups } bleiben, wie sie sind, mit Mitgliedschaften, Zuweisungen und Sitzungen. Niemand führt sie dann, und sie werden hier geändert; wer das Unternehmen verlässt, wird nicht mehr von selbst ausgetragen.
owned-released-nobody = Er führt niemanden, für Menschen und Gruppen ändert sich also nichts.
owned-released-unknown = Niemand wird gelöscht. Wen er führt, bleibt und wird von niemandem mehr geführt; Ihre Rolle darf sie nicht zählen.
owned-look = Diese ansehen
owned-chosen = Ausgewählt
owned-choose = { $name } auswählen
owned-choose-all = Alle auf dieser Seite auswählen
owned-choose-none = Keine auswählen
owned-since = Geführt seit
owned-disabled-here = hier deaktiviert
owned-take-chosen = Übernehmen oder übergeben
owned-take = Übernehmen …
owned-to-source = Zu { $name }
owned-whose = Geführt von
owned-made-here = niemandem: hier angelegt
owned-change = ändern
owned-whose-one = Wer führt { $name }?
owned-whose-many = { $count ->
    [one] Wer führt den ausgewählten Eintrag?
   *[other] Wer führt diese { $count } Einträge?
}
owned-these = Ausgewählt
owned-by = { $name } führt diesen Eintrag.
owned-by-nobody = Niemand: Er wurde hier angelegt oder übernommen und wird hier geändert.
owned-strict = Im strikten Modus wird gemerkt, wer wen führt, hält aber niemanden auf, wie bei AWS.
owned-release = Übernehmen
owned-release-text = Niemand führt sie: Ab jetzt werden sie hier geändert und gelöscht. Was die Quelle später von ihnen sagt, wird dort mit Begründung abgelehnt, bis sie wieder übergeben werden. Zugriff, Mitgliedschaften, Passwörter und Sitzungen bleiben.
owned-give = An { $name } übergeben
owned-give-text = Ab jetzt ändert und löscht er allein sie. Wer gerade deaktiviert ist, bleibt draußen, bis er hier aktiviert wird. Zugriff, Mitgliedschaften, Passwörter und Sitzungen bleiben.
owned-failed = Aus diesen wurde nichts; die anderen sind erledigt:
owned-no-way = Es gibt keine andere Quelle, die den Eintrag führen könnte.
