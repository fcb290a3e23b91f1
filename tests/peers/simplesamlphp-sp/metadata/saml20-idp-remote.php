<?php
// The identity provider, from its metadata document: read here by a parser that is not ours.
$settings = json_decode(file_get_contents(getenv('PEER_SETTINGS')), true);
if ($settings['identity_provider'] !== null) {
    $parsed = SimpleSAML\Metadata\SAMLParser::parseString($settings['identity_provider'])->getMetadata20IdP();
    if ($parsed === null) {
        throw new Exception('the document describes no identity provider of SAML 2.0');
    }
    unset($parsed['metadata-set'], $parsed['entityDescriptor'], $parsed['expire']);
    $metadata[$parsed['entityid']] = $parsed;
}
