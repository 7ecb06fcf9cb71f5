// A real OpenID provider (the package oidc-provider) on loopback: whoever gives a name is signed in by it.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, port, back, secret] = process.argv.slice(2);
const at = createRequire(`${modules}/`).resolve("oidc-provider");
const { Provider, default: byDefault } = await import(pathToFileURL(at).href);
const groups = { anna: ["shop-dpo"], otto: ["shop-desk", "shop-look"], ulla: ["shop-kitchen"] };
const provider = new (Provider ?? byDefault)(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "jalki", client_secret: secret, redirect_uris: [back] }],
  claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, preferred_username: id, groups: groups[id] ?? [] }),
  }),
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: [secret] },
});
createServer(provider.callback()).listen(Number(port), "127.0.0.1");
