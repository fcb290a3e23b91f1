// scimmy-routers as a peer on SCIM: Express before two maps in memory, an index of user names and pages cut from an array, so that it does no more work
// than it must. `node scimmy.mjs MODULES PORT TOKEN`.
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, port, token] = process.argv.slice(2);
const load = async (name) => {
  const { default: loaded } = await import(pathToFileURL(createRequire(`${modules}/`).resolve(name)).href);
  return loaded.default ?? loaded;
};
const [express, SCIMMY, SCIMMYRouters] = [await load("express"), await load("scimmy"), await load("scimmy-routers")];

SCIMMY.Config.set({ bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 64 * 1024 * 1024 }, filter: { supported: true, maxResults: 1000 }, patch: true, sort: true });

// What is unique of a resource is found by an index; `order` is what pages are cut from.
function served(Resource, unique) {
  const [all, named, order] = [new Map(), new Map(), []];
  const key = (value) => String(value).toLowerCase();
  Resource.ingress((resource, data) => {
    const before = resource.id && all.get(resource.id);
    if (resource.id && !before) throw new SCIMMY.Types.Error(404, null, "no such resource");
    const holder = named.get(key(data[unique]));
    if (holder && holder !== before) throw new SCIMMY.Types.Error(409, "uniqueness", `${unique} is taken`);
    const now = new Date();
    const kept = { ...data, id: before?.id ?? randomUUID(), meta: { created: before?.meta.created ?? now, lastModified: now } };
    if (before) {
      named.delete(key(before[unique]));
      order[before.at] = kept;
      Object.defineProperty(kept, "at", { value: before.at });
    } else {
      Object.defineProperty(kept, "at", { value: order.push(kept) - 1 });
    }
    all.set(kept.id, kept);
    named.set(key(kept[unique]), kept);
    return kept;
  });
  Resource.egress((resource) => {
    if (resource.id) {
      const found = all.get(resource.id);
      if (!found) throw new SCIMMY.Types.Error(404, null, "no such resource");
      return found;
    }
    if (resource.filter) {
      const [only, ...more] = [...resource.filter];
      const equal = more.length === 0 && Object.keys(only).length === 1 && only[unique];
      if (equal && equal[0] === "eq") return [named.get(key(equal[1]))].filter(Boolean);
      return resource.filter.match(order);
    }
    const { startIndex = 1, count = 20 } = resource.constraints ?? {};
    resource.constraints = { ...resource.constraints, startIndex, count, totalResults: order.length };
    return order.slice(startIndex - 1, startIndex - 1 + count);
  });
}
served(SCIMMY.Resources.User, "userName");
served(SCIMMY.Resources.Group, "displayName");
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser);
SCIMMY.Resources.declare(SCIMMY.Resources.User);
SCIMMY.Resources.declare(SCIMMY.Resources.Group);

const app = express();
app.disable("x-powered-by");
app.disable("etag");
// SCIMMY takes pages by number only where they are numbers, and its routers pass on texts.
app.set("query parser", (text) => Object.fromEntries([...new URLSearchParams(text)].map(([name, value]) => [name, /^\d+$/.test(value) ? Number(value) : value])));
app.use("/v2", new SCIMMYRouters({
  type: "bearer",
  docUri: "https://example.com/",
  handler: (request) => {
    if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("no such token");
    return "bench";
  },
}));
app.listen(Number(port), "127.0.0.1");
