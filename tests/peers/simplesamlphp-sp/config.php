<?php
// SimpleSAMLphp as a service provider on a loopback port: as the identity provider beside it, in the other role.
require __DIR__ . '/../simplesamlphp/config.php';
$config['enable.saml20-idp'] = false;
$config['metadatadir'] = __DIR__ . '/metadata/';
unset($config['authproc.idp']);
