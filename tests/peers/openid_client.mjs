// openid-client as an application that signs people in here: whatever it does not believe is an error.
//
// A peer (see peer.py). Each line of settings is one step; it answers what came of it:
//   {issuer, client_id, redirect_uri, auth, secret, jwk, alg}  reads what the issuer publishes; auth: basic, post, none or jwt   -> {metadata}
//   {dpop: true}     from now on every request proves a key                                        -> {}
//   {ask: {…}}       a question with these parameters more                                       -> {url}
//   {answer: URL}    where the browser came back: the code is exchanged, the ID token verified  -> {tokens, claims}
//   {push: {…}}      the same question, pushed                                                     -> {url}
//   {own: {…}}       a token of the application's own                                             -> {tokens}
//   {device: {…}}    a sign-in at a device begins; {poll: true}: it waits for its end             -> {started}; {tokens, claims}
//   {userinfo: TOKEN, sub}   {refresh: TOKEN}   {introspect: TOKEN}   {revoke: TOKEN}   {end: {…}}    what it says
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { webcrypto } from "node:crypto";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const cache = process.env.PORTICO_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "portico-tests");
const client = await import(pathToFileURL(createRequire(`${cache}/openid-client/`).resolve("openid-client")).href);

let config, at, asked, started;
let bound = {};

async function authentication({ auth, secret, jwk }) {
  if (auth === "none") return client.None();
  if (auth === "post") return client.ClientSecretPost(secret);
  if (auth === "basic") return client.ClientSecretBasic(secret);
  const key = await webcrypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  return client.PrivateKeyJwt({ key, kid: jwk.kid });
}

async function set(step) {
  if (step.issuer) {
    const how = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] };
    config = await client.discovery(new URL(step.issuer), step.client_id, { id_token_signed_response_alg: step.alg ?? "RS256" }, await authentication(step), how);
    [at, bound] = [step.redirect_uri, {}];
    return { metadata: config.serverMetadata() };
  }
  if (step.dpop) bound = { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256")) };
  if (step.ask || step.push) {
    asked = { verifier: client.randomPKCECodeVerifier(), state: client.randomState(), nonce: client.randomNonce() };
    const challenge = await client.calculatePKCECodeChallenge(asked.verifier);
    const question = {
      redirect_uri: at, scope: "openid profile email groups", state: asked.state, nonce: asked.nonce, code_challenge: challenge, code_challenge_method: "S256", ...step.ask, ...step.push,
    };
    const url = step.push ? await client.buildAuthorizationUrlWithPAR(config, question, bound) : client.buildAuthorizationUrl(config, question);
    return { url: url.href };
  }
  if (step.answer) {
    const checks = { pkceCodeVerifier: asked.verifier, expectedState: asked.state, expectedNonce: asked.nonce, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(config, new URL(step.answer), checks, undefined, bound);
    return { tokens, claims: tokens.claims() };
  }
  if (step.own) return { tokens: await client.clientCredentialsGrant(config, step.own, bound) };
  if (step.device) {
    started = await client.initiateDeviceAuthorization(config, step.device);
    return { started };
  }
  if (step.poll) {
    const tokens = await client.pollDeviceAuthorizationGrant(config, started, undefined, bound);
    return { tokens, claims: tokens.claims() };
  }
  if (step.userinfo) return { said: await client.fetchUserInfo(config, step.userinfo, step.sub, bound) };
  if (step.refresh) {
    const tokens = await client.refreshTokenGrant(config, step.refresh, undefined, bound);
    return { tokens, claims: tokens.claims() };
  }
  if (step.introspect) return { said: await client.tokenIntrospection(config, step.introspect) };
  if (step.revoke) return { said: (await client.tokenRevocation(config, step.revoke)) ?? null };
  if (step.end) return { url: client.buildEndSessionUrl(config, step.end).href };
  return {};
}

for await (const line of createInterface({ input: process.stdin })) {
  let told;
  try {
    told = await set(JSON.parse(line));
  } catch (error) {
    told = { error: `${error.name}: ${error.error ?? ""} ${error.message} ${error.error_description ?? ""} ${error.cause?.message ?? ""}` };
  }
  process.stdout.write(JSON.stringify(told) + "\n");
}
process.exit(0);
