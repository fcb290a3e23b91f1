#!/usr/bin/env bash
# `aws login`: one login in 256 works until its first renewal, and never again.
#
# One would guess: a key that a program wrote to its own file can be read by it.
# What happens: awscrt writes the private number of a P-256 key without the zeros at its front, and does not read such a key:
# AWS_ERROR_CAL_UNSUPPORTED_KEY_FORMAT. AWS CLI 2.38.5 keeps the key of a login so, and reads it ten minutes later, when it renews credentials.
# Why it matters here: every call fails from then on until `aws login` is run again, with nothing in the server's trail. No server can see it
# coming, since it never sees the private key; a test that logs in and renews must expect it.
#
# Seen with awscrt 0.38.1 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv python
python/bin/pip install --quiet awscrt==0.38.1
cat >keys.py <<'PY'
from awscrt.crypto import EC, ECExportFormat, ECType

read, unread = set(), set()
for _ in range(10_000):
    kept = EC.new_generate(ECType.P_256).export_key(ECExportFormat.SEC1)
    # SEQUENCE, version 1, then the private number with its length.
    length = kept[6]
    try:
        EC.new_key_from_der_data(kept)
        read.add(length)
    except Exception as error:
        assert "UNSUPPORTED_KEY_FORMAT" in str(error), error
        unread.add(min(length, 31))
print(f"read again: keys of {sorted(read)} bytes; not: keys of {sorted(unread)} bytes or fewer")
PY
python/bin/python keys.py | tee seen
diff seen - <<'TEXT'
read again: keys of [32] bytes; not: keys of [31] bytes or fewer
TEXT
echo "still so"
