// What this is for: our OneRoute verification is tested against signatures made
// by the provider's own recipe in the provider's own language, never by our
// own signer alone (a signer and a verifier that share a mistake agree).
//
//   node sign.mjs        (Node 20, no dependencies; deterministic: running it
//                         again changes nothing)
//
// It writes, beside itself:
//   signatures.txt       the payloads of this folder
//
// Their snippet hashes JSON.stringify(req.body): the payload parsed and written
// again, not the bytes sent. Our payloads are indented, so none of these
// signatures is that of the file's bytes. Odd values are in stringify.mjs.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

// "tests-only-secret-ñ-€", with the one-code-point ñ
const SECRET = "tests-only-secret-\u00f1-\u20ac";

// Their page's sample lacks a comma: it is not JSON, so JSON.stringify has
// nothing to write and the bytes themselves are signed. Bytes that are
// authentic and still not JSON must be kept, so they need a proof too.
const NOT_JSON = "campaign-report-as-printed.txt";

// made by stringify.mjs, no payloads
const VECTORS = ["not-json.json", "stringify-vectors.json"];

const hmac = (message) => createHmac("sha512", SECRET).update(message).digest("hex");

function sign(name) {
  const bytes = readFileSync(join(here, name));
  if (name === NOT_JSON) {
    assert.throws(() => JSON.parse(bytes.toString("utf8")), SyntaxError);
    return hmac(bytes);
  }
  const body = JSON.parse(bytes.toString("utf8"));
  assert.ok("event" in body, `${name} is no payload: name it in VECTORS`);
  const signature = hmac(JSON.stringify(body));
  assert.notEqual(signature, hmac(bytes));
  return signature;
}

const lines = [
  `# secret: ${SECRET} (made by sign.mjs; file, header and value, tab-separated, UTF-8)`,
];
const payloads = readdirSync(here).filter(
  (name) => name === NOT_JSON || (name.endsWith(".json") && !VECTORS.includes(name)),
);
for (const name of payloads.sort()) {
  lines.push([name, "x-oneroute-signature", sign(name)].join("\t"));
}
writeFileSync(join(here, "signatures.txt"), lines.join("\n") + "\n");
