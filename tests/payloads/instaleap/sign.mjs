// What this is for: our InstaLeap verification is tested against vectors made
// by the provider's own recipe in the provider's own language, never by our
// own signer alone (a signer and a verifier that share a mistake agree).
//
//   node sign.mjs        (Node 20, no dependencies; deterministic: running it
//                         again changes nothing)
//
// The recipe: HMAC-SHA256 in hex, key = the secret, message = id, created_at
// and type joined with "&", as they stand in the parsed payload.
//
// It writes, beside itself:
//   signatures.txt                          the job payloads of this folder
//   signature-vectors.json                  odd, well-formed values
//   signature-vectors-lone-surrogates.json  values with lone surrogates
//
// What Node does with a lone surrogate ("\ud83d" in JSON; JSON.parse lets it
// through): createHmac and update write strings as UTF-8, in which it cannot
// be written, so each lone surrogate, high or low, in the secret or in the
// message, becomes one U+FFFD (EF BF BD). Two different lone surrogates so
// give the same signature. A low one followed by a high one is two lone ones.
// This script asserts it. Python must do the same before it encodes:
//   re.sub("[\ud800-\udfff]", "\ufffd", value).encode("utf-8")
// .encode("utf-8", "replace") writes "?" and "surrogatepass" ED A0 BD: both
// give another signature.
//
// The vector files are plain ASCII (everything else is \u-escaped), so that no
// editor can normalise them.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

// "tests-only-secret-ñ-€", with the one-code-point ñ
const PAYLOAD_SECRET = "tests-only-secret-\u00f1-\u20ac";

function sign(secret, { id, created_at, type }) {
  for (const value of [secret, id, created_at, type]) assert.equal(typeof value, "string");
  return createHmac("sha256", secret).update([id, created_at, type].join("&")).digest("hex");
}

// --- the job payloads -------------------------------------------------------

function jobFiles(folder = "") {
  const found = [];
  for (const entry of readdirSync(join(here, folder), { withFileTypes: true })) {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) found.push(...jobFiles(path));
    else if (path.endsWith(".json") && !path.startsWith("signature-vectors")) found.push(path);
  }
  return found;
}

const lines = [
  `# secret: ${PAYLOAD_SECRET} (made by sign.mjs; file, header and value, tab-separated, UTF-8)`,
];
for (const path of jobFiles().sort()) {
  const payload = JSON.parse(readFileSync(join(here, path), "utf8"));
  if (!("job" in payload)) continue; // a chat payload has no job, id or type
  lines.push([path, "InstaLeap-Signature", sign(PAYLOAD_SECRET, payload)].join("\t"));
}
writeFileSync(join(here, "signatures.txt"), lines.join("\n") + "\n");

// --- the odd values ---------------------------------------------------------

const SECRET = "tests-only-secret";
const ID = "5bf7128e-c481-48fe-86fa-d0d52282dde8";
const AT = "2023-06-02T15:42:44Z";
const TYPE = "ALLOCATED";

const cases = [
  // plain
  [SECRET, ID, AT, TYPE],
  [PAYLOAD_SECRET, ID, AT, TYPE],
  [SECRET, ID.toUpperCase(), AT, TYPE],
  [SECRET, ID, AT, TYPE.toLowerCase()],
  [SECRET, ID, "2023-06-02T15:42:44.000Z", TYPE],
  [SECRET, ID, "2023-06-02T10:42:44-05:00", TYPE],
  [SECRET, "1", "1685720564", "TASK_RESET_PICKING_AND_STORAGE"],
  [SECRET, "0", "0", "false"],
  [SECRET, "null", "undefined", "NaN"],
  // empty
  [SECRET, "", AT, TYPE],
  [SECRET, ID, "", TYPE],
  [SECRET, ID, AT, ""],
  [SECRET, "", "", TYPE],
  [SECRET, "", AT, ""],
  [SECRET, ID, "", ""],
  [SECRET, "", "", ""],
  // the separator in a value: the first three sign the same message
  [SECRET, "a&b", "c", "d"],
  [SECRET, "a", "b&c", "d"],
  [SECRET, "a", "b", "c&d"],
  [SECRET, "&", "&", "&"],
  [SECRET, "&amp;", "%26", "\\u0026"],
  // spaces and controls
  [SECRET, " " + ID + " ", AT, TYPE],
  [SECRET, ID, "2023-06-02 15:42:44Z", "ITEMS  UPDATED"],
  [SECRET, " ", " ", " "],
  [SECRET, "line\nfeed", AT, TYPE],
  [SECRET, "carriage\r\nreturn", AT, TYPE],
  [SECRET, ID, AT, TYPE + "\n"],
  [SECRET, "\ttab", "t\tab", "tab\t"],
  [SECRET, "nul\u0000inside", AT, TYPE],
  [SECRET, "\u0000", "\u0000", "\u0000"],
  [SECRET, "\u0001\u001f\u007f\u0080\u0085", AT, TYPE],
  [SECRET, 'quote"back\\slash/solidus', AT, TYPE],
  [SECRET, "no\u00a0break", "line\u2028separator", "para\u2029graph"],
  // beyond ASCII
  [SECRET, "caf\u00e9-\u00d1and\u00fa", AT, TYPE], // accents, one code point each
  [SECRET, "cafe\u0301-N\u0303andu\u0301", AT, TYPE], // the same, combining marks
  [SECRET, "e\u0301\u0323\u0308", "e\u0323\u0301\u0308", TYPE], // marks in two orders
  [SECRET, "\ufb01-\u212b-\u00df-\u0130", AT, TYPE], // changed by NFKC or case mapping
  [SECRET, "\u{1f600}", AT, TYPE], // emoji outside the BMP
  [SECRET, "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u{1f3fd}", AT, "\u{1f1f2}\u{1f1fd}"],
  [SECRET, "\u{10000}\u{10ffff}", AT, TYPE], // first and last outside the BMP
  [SECRET, "\u0637\u0644\u0628-\u0661\u0662\u0663", AT, "\u062a\u0645 \u0627\u0644\u062a\u0633\u0644\u064a\u0645"], // Arabic
  [SECRET, "\u202e" + ID + "\u202c\u200f", AT, TYPE], // bidirectional controls
  [SECRET, "\u6ce8\u6587", "\uff12\uff10\uff12\uff13", "\ubc30\ub2ec"], // CJK, full width
  [SECRET, "\ufeff" + ID, AT, TYPE], // byte order mark
  [SECRET, "\ufffd\ufffe\uffff", AT, TYPE], // U+FFFD itself, noncharacters
  // long
  [SECRET, "0123456789".repeat(1000), AT, TYPE],
  [SECRET, "\u00f1".repeat(10000), AT, TYPE],
  [SECRET, ID, "2".repeat(5000), "T".repeat(5000)],
  // secrets
  ["s", ID, AT, TYPE],
  ["\u00f1", ID, AT, TYPE],
  [" ", ID, AT, TYPE],
  [" leading and trailing spaces ", ID, AT, TYPE],
  ["two  words\tand\na line", ID, AT, TYPE],
  ["se\u0301cret-\u{1f511}-\u0633\u0631", ID, AT, TYPE],
  ["s\u00e9cret-\u{1f511}-\u0633\u0631", ID, AT, TYPE], // the one above, composed
  ["k".repeat(63), ID, AT, TYPE], // around the block size, 64 bytes
  ["k".repeat(64), ID, AT, TYPE],
  ["k".repeat(65), ID, AT, TYPE],
  ["0123456789".repeat(20), ID, AT, TYPE], // 200 characters
  ["\u20ac".repeat(200), ID, AT, TYPE], // 200 characters, 600 bytes
  ["00ff".repeat(16), ID, AT, TYPE], // looks like hex, is text
  ["c2VjcmV0LXNlY3JldA==", ID, AT, TYPE], // looks like base64, is text
  ["nul\u0000inside", ID, AT, TYPE],
  ["&", "", "", ""],
];

const loneSurrogates = [
  [SECRET, "high-\ud83d-alone", AT, TYPE],
  [SECRET, "\ude00\ud83d", "\udfff" + AT, TYPE + "\ud83d"], // low then high; at the ends
  ["secret-\ud83d", "\ud83d\u{1f600}", AT, TYPE], // in the secret; beside a whole pair
];

const vectors = (list) =>
  list.map(([secret, id, created_at, type]) => ({
    secret, id, created_at, type, signature: sign(secret, { id, created_at, type }),
  }));

function write(name, list) {
  const ascii = JSON.stringify(list, null, 1).replace(
    /[\u007f-\uffff]/g,
    (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"),
  );
  assert.deepEqual(JSON.parse(ascii), list);
  writeFileSync(join(here, name), ascii + "\n");
}

assert.equal(new Set(cases.map((one) => JSON.stringify(one))).size, cases.length);
for (const values of cases) assert.ok(values.every((value) => value.isWellFormed()));
for (const values of loneSurrogates) {
  assert.ok(!values.every((value) => value.isWellFormed()));
  // toWellFormed() puts U+FFFD for each lone surrogate
  assert.deepEqual(
    vectors([values])[0].signature,
    vectors([values.map((value) => value.toWellFormed())])[0].signature,
  );
}

write("signature-vectors.json", vectors(cases));
write("signature-vectors-lone-surrogates.json", vectors(loneSurrogates));
