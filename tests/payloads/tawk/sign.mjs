// What this is for: our tawk.to verification is tested against signatures made
// by the provider's own recipe in the provider's own language, never by our
// own signer alone (a signer and a verifier that share a mistake agree).
//
//   node sign.mjs        (Node 20, no dependencies; deterministic: running it
//                         again changes nothing)
//
// It writes, beside itself:
//   signatures.txt       the payloads of this folder

import { createHmac } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

// "tests-only-secret-ñ-€", with the one-code-point ñ
const WEBHOOK_SECRET = "tests-only-secret-\u00f1-\u20ac";

// Their verifySignature(req.rawBody, header) computes this and compares it.
function sign(rawBody) {
  return createHmac("sha1", WEBHOOK_SECRET).update(rawBody).digest("hex");
}

const lines = [
  `# secret: ${WEBHOOK_SECRET} (made by sign.mjs; file, header and value, tab-separated, UTF-8)`,
];
for (const name of readdirSync(here).filter((name) => name.endsWith(".json")).sort()) {
  lines.push([name, "X-Tawk-Signature", sign(readFileSync(join(here, name)))].join("\t"));
}
writeFileSync(join(here, "signatures.txt"), lines.join("\n") + "\n");
