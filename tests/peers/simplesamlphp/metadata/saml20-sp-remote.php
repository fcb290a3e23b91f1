<?php
// The service providers, from their metadata documents as they serve them: read here by a parser that is not ours.
$settings = json_decode(file_get_contents(getenv('PEER_SETTINGS')), true);
foreach ($settings['service_providers'] as $provider) {
    $parsed = SimpleSAML\Metadata\SAMLParser::parseString($provider['metadata'])->getMetadata20SP();
    if ($parsed === null) {
        throw new Exception('the document describes no service provider of SAML 2.0');
    }
    unset($parsed['metadata-set'], $parsed['entityDescriptor'], $parsed['expire']);
    $metadata[$parsed['entityid']] = $provider['settings'] + $parsed;
}
