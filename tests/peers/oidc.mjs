// oidc-provider as an OpenID provider for tests: any name signs in on its own pages (`features.devInteractions`), no password is asked.
//
// A peer (see peer.py). Settings:
//   people    {login: {claim: value}}; who is not named here has claims made of the login
//   clients   [{client_id, client_secret, redirect_uris, backchannel_logout_uri…}], as oidc-provider takes them
//   keys      the names of its keys; the first signs, all are published
//   alg       what ID tokens are signed with: RS256 or ES256
//   id_token_claims  whether the ID token has the person's claims too, and not only userinfo
// It answers {base, issuer, metadata}.
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { once } from "node:events";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

// What it has to say of settings that are only fit for tests goes where complaints go.
console.log = console.info = console.error;
const cache = process.env.PORTICO_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "portico-tests");
const { default: Provider } = await import(pathToFileURL(createRequire(`${cache}/oidc/`).resolve("oidc-provider")).href);

let answer = (request, response) => response.writeHead(503).end();
const server = createServer((request, response) => answer(request, response)).listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;
const settings = { people: {}, clients: [], keys: ["one"], alg: "RS256", id_token_claims: false };

const keys = new Map();
function key(name, alg) {
  const kid = `${name}-${alg}`;
  if (!keys.has(kid)) {
    const { privateKey } = alg === "ES256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("rsa", { modulusLength: 2048 });
    keys.set(kid, { ...privateKey.export({ format: "jwk" }), use: "sig", alg, kid });
  }
  return keys.get(kid);
}

function provider() {
  const { people, clients, keys: names, alg } = settings;
  const claimed = (login) => ({ sub: login, preferred_username: login, name: login, email: `${login}@example.test`, email_verified: true, groups: [], ...people[login] });
  const profile = new Set(["preferred_username", "name", ...Object.values(people).flatMap(Object.keys)].filter((claim) => !["sub", "email", "email_verified", "groups"].includes(claim)));
  const made = new Provider(issuer, {
    clients: clients.map((client) => ({ id_token_signed_response_alg: alg, token_endpoint_auth_method: "client_secret_basic", ...client })),
    jwks: { keys: names.map((name) => key(name, alg)) },
    findAccount: (_, login) => ({ accountId: login, claims: () => claimed(login) }),
    claims: { openid: ["sub"], profile: [...profile], email: ["email", "email_verified"], groups: ["groups"] },
    scopes: ["openid", "profile", "email", "groups"],
    conformIdTokenClaims: !settings.id_token_claims,
    pkce: { required: () => true },
    cookies: { keys: ["kept for as long as the test"] },
    // By itself it tells of a sign-out no address of a private network, and no loopback: there alone are those who listen here.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
  });
  made.on("backchannel.error", (_, error) => console.error(error));
  return made;
}

function set(more) {
  const unknown = Object.keys(more).filter((name) => !(name in settings));
  if (unknown.length > 0) throw new Error(`no such settings: ${unknown.join(" ")}`);
  Object.assign(settings, more);
  answer = provider().callback();
  return { base: issuer, issuer, metadata: `${issuer}/.well-known/openid-configuration` };
}

for await (const line of createInterface({ input: process.stdin })) {
  let told;
  try {
    told = set(JSON.parse(line));
  } catch (error) {
    told = { error: `${error.name}: ${error.message} ${error.error_description ?? ""}` };
  }
  process.stdout.write(JSON.stringify(told) + "\n");
}
process.exit(0);
