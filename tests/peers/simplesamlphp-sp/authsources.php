<?php
// How it asks: requests and sign-outs are signed, and what comes may be encrypted for it.
$settings = json_decode(file_get_contents(getenv('PEER_SETTINGS')), true);
$config = [
    'sp' => [
        'saml:SP',
        'privatekey' => 'key.pem',
        'certificate' => 'certificate.pem',
        'sign.authnrequest' => true,
        'sign.logout' => true,
        'redirect.sign' => true,
        // With one provider nobody is asked which.
        'idp' => $settings['identity_provider'] === null ? null : simplexml_load_string($settings['identity_provider'])['entityID']->__toString(),
        'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    ],
];
