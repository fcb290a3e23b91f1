<?php
// Who can sign in, with what password, and what is said of them.
$settings = json_decode(file_get_contents(getenv('PEER_SETTINGS')), true);
$config = ['people' => ['exampleauth:UserPass']];
foreach ($settings['people'] as $person) {
    $config['people'][$person['name'] . ':' . $person['password']] = $person['attributes'];
}
