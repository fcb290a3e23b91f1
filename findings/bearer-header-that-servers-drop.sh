#!/usr/bin/env bash
# x-amz-sso_bearer_token, the header of the AWS access portal's token, never reaches a program behind three servers of Python.
#
# One would guess: a header that HTTP allows reaches the program behind an HTTP server.
# What happens: gunicorn 27.0.1, waitress 3.0.2 and Werkzeug 3.1.9 drop headers whose names have an underscore, without a word, because WSGI could not
# tell them from those with a hyphen. uvicorn 0.54.0 and Hypercorn 0.18.0, which speak ASGI, hand them on.
# Why it matters here: a stand-in or a gateway for the portal's API that runs on one of the three answers every GetRoleCredentials as if nobody had signed in;
# what is wrong is neither the token nor the client.
#
# Seen with gunicorn 27.0.1, waitress 3.0.2, Werkzeug 3.1.9, uvicorn 0.54.0 and Hypercorn 0.18.0 (PyPI), each as it comes. Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet gunicorn==27.0.1 waitress==3.0.2 Werkzeug==3.1.9 uvicorn==0.54.0 Hypercorn==0.18.0
cat >program.py <<'PY'
import sys


def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ.get("HTTP_X_AMZ_SSO_BEARER_TOKEN", "nothing").encode()]


async def asgi(scope, receive, send):
    if scope["type"] == "http":
        token = dict(scope["headers"]).get(b"x-amz-sso_bearer_token", b"nothing")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": token})


if __name__ == "__main__":
    from werkzeug.serving import run_simple

    run_simple("127.0.0.1", int(sys.argv[1]), wsgi)
PY
cat >ask.py <<'PY'
import sys
import time
import urllib.request

request = urllib.request.Request(f"http://127.0.0.1:{sys.argv[2]}/", headers={"x-amz-sso_bearer_token": "the token"})
for _ in range(300):
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            print(f"{sys.argv[1]}: {answer.read().decode()}")
        break
    except OSError:
        time.sleep(0.1)
PY
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
serve() {
  local name=$1
  shift
  "python/bin/$@" >server.log 2>&1 &
  server=$!
  python/bin/python ask.py "$name" "$port"
  kill "$server"
  wait "$server" 2>/dev/null || true
  server=
}
{
  serve gunicorn gunicorn --bind "127.0.0.1:$port" program:wsgi
  serve waitress waitress-serve --listen "127.0.0.1:$port" program:wsgi
  serve Werkzeug python program.py "$port"
  serve uvicorn uvicorn --port "$port" program:asgi
  serve Hypercorn hypercorn --bind "127.0.0.1:$port" program:asgi
} | tee seen
diff seen - <<'TEXT'
gunicorn: nothing
waitress: nothing
Werkzeug: nothing
uvicorn: the token
Hypercorn: the token
TEXT
echo "still so"
