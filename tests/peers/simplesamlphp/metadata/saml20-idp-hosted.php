<?php
// The provider itself. It signs whatever it says and believes nothing that is not signed: a request of ours is judged by a library that is not.
$settings = json_decode(file_get_contents(getenv('PEER_SETTINGS')), true);
[$key, $next] = [$settings['signs_with'], $settings['announces']];
$announced = $next ? ['new_privatekey' => "key-$next.pem", 'new_certificate' => "certificate-$next.pem"] : [];
$metadata[$settings['entity']] = $settings['identity_provider'] + $announced + [
    'host' => '__DEFAULT__',
    'privatekey' => "key-$key.pem",
    'certificate' => "certificate-$key.pem",
    'auth' => 'people',
    'userid.attribute' => 'uid',
    'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'saml20.sign.response' => true,
    'saml20.sign.assertion' => true,
    'sign.logout' => true,
    'redirect.sign' => true,
    'redirect.validate' => true,
    'validate.authnrequest' => true,
    'validate.logout' => true,
    'logouttype' => 'traditional',
];
