<?php
// SimpleSAMLphp as a provider on a loopback port. What differs from one test to the next is in the file that PEER_SETTINGS names, which
// tests/peers/simplesaml.py writes; nothing of Debian's own configuration is used.
$settings = json_decode(file_get_contents(getenv('PEER_SETTINGS')), true);
$scratch = dirname(getenv('PEER_SETTINGS'));
$emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
$config = [
    'baseurlpath' => $settings['base'] . '/',
    'certdir' => "$scratch/",
    'loggingdir' => "$scratch/",
    'datadir' => "$scratch/",
    'tempdir' => "$scratch/",
    'metadatadir' => __DIR__ . '/metadata/',
    'attributenamemapdir' => getenv('PEER_ATTRIBUTE_MAPS') . '/',
    'technicalcontact_name' => 'Tests',
    'technicalcontact_email' => 'na@example.org',
    'secretsalt' => $settings['salt'],
    'auth.adminpassword' => $settings['salt'],
    'admin.checkforupdates' => false,
    'trusted.url.domains' => $settings['trusted'],
    'debug' => null,
    'logging.handler' => 'file',
    'logging.level' => SimpleSAML\Logger::INFO,
    'logging.logfile' => 'simplesamlphp.log',
    'enable.saml20-idp' => true,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    // Plain http: a cookie for https alone would never come back.
    'session.cookie.secure' => false,
    'session.cookie.samesite' => null,
    'session.phpsession.savepath' => $scratch,
    'language.cookie.secure' => false,
    'language.cookie.samesite' => null,
    'session.duration' => $settings['session_seconds'],
    'store.type' => 'phpsession',
    // The person is named in each of these ways; a service provider's request, or its metadata, says which it is told.
    'authproc.idp' => [
        10 => ['class' => 'saml:AttributeNameID', 'attribute' => 'mail', 'Format' => $emailAddress],
        11 => ['class' => 'saml:PersistentNameID', 'attribute' => 'uid'],
    ],
    'metadata.sources' => [['type' => 'flatfile']],
];
