#!/usr/bin/env bash
# PKCS #11: SoftHSM answers CKR_GENERAL_ERROR when what AES-GCM is to open was sealed with another key or is about something else, as if the module were broken.
#
# One would guess: CKR_ENCRYPTED_DATA_INVALID, which PKCS #11 2.40 lists among the answers of C_Decrypt, or CKR_AEAD_DECRYPT_FAILED of 3.0. A program
# that gets CKR_GENERAL_ERROR, the word for a failure that nothing mends, would say that the security module failed, and perhaps try again.
# What happens: SoftHSM 2.6.1 opens what fits, and answers CKR_GENERAL_ERROR for another key, for other associated data, and for a tag that differs. The session goes on.
# Why it matters here: portico.key may have been sealed by a key of the same label that is not there any more, for instance in a token that was initialised anew. An
# operator has to hear that the key is another one, so any refusal of C_Decrypt is told so, and the module's own word stands beside it.
#
# Seen with softhsm2 2.6.1-2.1 (Debian 12) and python-pkcs11 0.10.1 (PyPI). Exits 0 while it is so, 1 when it changed. Needs apt-get, python3 with venv.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq softhsm2=2.6.1-2.1 libsofthsm2=2.6.1-2.1
for package in ./*.deb; do dpkg-deb --extract "$package" packages; done
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check python-pkcs11==0.10.1
mkdir tokens
printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$PWD/tokens" >softhsm2.conf
export SOFTHSM2_CONF=$PWD/softhsm2.conf
module=$(find packages -name libsofthsm2.so -type f | head -n 1)
packages/usr/bin/softhsm2-util --module "$PWD/$module" --init-token --free --label token --so-pin 12345678 --pin 87654321 >/dev/null
cat >ask.py <<'PY'
import os
import sys

import pkcs11
from pkcs11 import GCMParams, KeyType, Mechanism

token = pkcs11.lib(sys.argv[1]).get_token(token_label="token")
with token.open(user_pin="87654321", rw=True) as session:
    key, other = (session.generate_key(KeyType.AES, 256, label=label, store=False) for label in ("key", "other"))
    nonce = os.urandom(12)
    sealed = key.encrypt(b"a root key", mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, b"about", 128))
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for what, by, text, about in [
        ("as it was sealed", key, sealed, b"about"),
        ("by another key", other, sealed, b"about"),
        ("about something else", key, sealed, b"else"),
        ("with another tag", key, altered, b"about"),
        ("as it was sealed, again", key, sealed, b"about"),
    ]:
        try:
            said = by.decrypt(text, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, about, 128)).decode()
        except pkcs11.PKCS11Error as error:
            said = type(error).__name__
        print(f"opened {what}: {said}")
PY
venv/bin/python ask.py "$PWD/$module" | tee seen
diff seen - <<'TEXT'
opened as it was sealed: a root key
opened by another key: GeneralError
opened about something else: GeneralError
opened with another tag: GeneralError
opened as it was sealed, again: a root key
TEXT
echo "still so"
