// oidc-provider as a peer on applications that speak OpenID Connect: two clients, one for each of what ID tokens are signed with; somebody who signs in by coming. Everything is in memory, in
// one map: its own store forgets all but the last thousand things. `node openid.mjs MODULES PORT CALLBACK`.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, port, callback] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(createRequire(`${modules}/`).resolve("oidc-provider")).href);

const kept = new Map();
class Kept {
  constructor(kind) { this.kind = kind; }
  async upsert(id, payload) { kept.set(`${this.kind} ${id}`, payload); if (payload.uid) kept.set(`uid ${payload.uid}`, payload); }
  async find(id) { return kept.get(`${this.kind} ${id}`); }
  async findByUid(uid) { return kept.get(`uid ${uid}`); }
  async findByUserCode() { return undefined; }
  async consume(id) { kept.get(`${this.kind} ${id}`).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { kept.delete(`${this.kind} ${id}`); }
  async revokeByGrantId() {}
}

const key = (alg) => {
  const { privateKey } = alg === "ES256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg, kid: alg };
};
const algorithms = ["RS256", "ES256"];
const grants = new Map();
const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: Kept,
  clients: algorithms.map((alg) => ({ client_id: alg, client_secret: "benchsecret", redirect_uris: [callback], grant_types: ["authorization_code", "refresh_token"], id_token_signed_response_alg: alg })),
  jwks: { keys: algorithms.map(key) },
  cookies: { keys: ["bench"] },
  claims: { openid: ["sub"], profile: ["name"], email: ["email"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: "Jane Doe", email: "jane@acme.example" }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  // Nobody is asked whether they agree, as with Portico.
  loadExistingGrant: async ({ oidc }) => {
    const of = oidc.client.clientId;
    if (!grants.has(of)) {
      const grant = new oidc.provider.Grant({ clientId: of, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid profile email");
      await grant.save();
      grants.set(of, grant);
    }
    return grants.get(of);
  },
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  features: { devInteractions: { enabled: false }, introspection: { enabled: true } },
});
const answer = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  return provider.interactionFinished(request, response, { login: { accountId: "jane" } }).catch((error) => response.writeHead(500).end(String(error)));
}).listen(Number(port), "127.0.0.1");
