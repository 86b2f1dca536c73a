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
// A chat payload has no id and no type. The newer recipe for it: header
// InstaLeap-Signature-V3, value "t=<timestamp>,v3=<hex>", message = timestamp,
// client_id, sender and job_id joined with "&".
//
// It writes, beside itself:
//   signatures.txt                          the payloads of this folder
//   signature-vectors.json                  odd, well-formed values
//   signature-vectors-lone-surrogates.json  values with lone surrogates
//   signature-vectors-chat.json             each way to sign a chat payload
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

// The timestamp of every chat signature in signatures.txt, in seconds:
// 2026-03-02T14:23:19Z. Tests set the clock to it.
const TIMESTAMP = 1772461399;

const hmac = (secret, message) => createHmac("sha256", secret).update(message).digest("hex");

function sign(secret, { id, created_at, type }) {
  for (const value of [secret, id, created_at, type]) assert.equal(typeof value, "string");
  return hmac(secret, [id, created_at, type].join("&"));
}

function signChat(secret, timestamp, { client_id, sender, job_id }) {
  for (const value of [secret, client_id, sender, job_id]) assert.equal(typeof value, "string");
  return `t=${timestamp},v3=${hmac(secret, [timestamp, client_id, sender, job_id].join("&"))}`;
}

// --- the payloads -----------------------------------------------------------

function payloadFiles(folder = "") {
  const found = [];
  for (const entry of readdirSync(join(here, folder), { withFileTypes: true })) {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) found.push(...payloadFiles(path));
    else if (path.endsWith(".json") && !path.startsWith("signature-vectors")) found.push(path);
  }
  return found;
}

const lines = [
  `# secret: ${PAYLOAD_SECRET} (made by sign.mjs; file, header and value, tab-separated, UTF-8)`,
];
const chats = [];
for (const path of payloadFiles().sort()) {
  const payload = JSON.parse(readFileSync(join(here, path), "utf8"));
  if ("job" in payload) {
    lines.push([path, "InstaLeap-Signature", sign(PAYLOAD_SECRET, payload)].join("\t"));
  } else {
    // a chat payload has no job, id or type
    lines.push([path, "InstaLeap-Signature-V3", signChat(PAYLOAD_SECRET, TIMESTAMP, payload)].join("\t"));
    chats.push([path, payload]);
  }
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

// --- chat -------------------------------------------------------------------

const chatVectors = [];
for (const [file, payload] of chats) {
  assert.ok(!("id" in payload) && !("type" in payload));
  const { created_at } = payload;
  const add = (header, value, timestamp, note) =>
    chatVectors.push({ file, header, value, secret: PAYLOAD_SECRET, timestamp, note });

  for (const [timestamp, unit] of [[TIMESTAMP, "seconds"], [TIMESTAMP * 1000, "milliseconds"]]) {
    add("InstaLeap-Signature-V3", signChat(PAYLOAD_SECRET, timestamp, payload), timestamp, `timestamp in ${unit}`);
  }

  // JavaScript has two ways to join what is not there
  const joined = [payload.id, payload.created_at, payload.type].join("&");
  assert.equal(joined, `&${created_at}&`);
  add("InstaLeap-Signature", hmac(PAYLOAD_SECRET, joined), null, "absent id and type as empty strings");

  const printed = `${payload.id}&${payload.created_at}&${payload.type}`;
  assert.equal(printed, "undefined&" + created_at + "&undefined");
  add("InstaLeap-Signature", hmac(PAYLOAD_SECRET, printed), null, "absent id and type as undefined");
}

const JOB = "03d71684-9f85-48a6-a851-8867a66b0d38";
const oddChats = [
  ["non-ASCII, one code point each", "Tiendas-\u00d1and\u00fa", "\u00c1R", JOB],
  ["the same, combining marks", "Tiendas-N\u0303andu\u0301", "A\u0301R", JOB],
  ["emoji outside the BMP, Arabic, CJK", "\u{1f697}\u{10ffff}", "\u0637\u0644\u0628", "\u6ce8\u6587"],
  ["quotes, backslash, line feed, NUL", 'quote"back\\slash', "line\nfeed", "nul\u0000inside"],
  ["spaces at the ends", " CLIENT_NAME ", "SH ", " " + JOB],
  ["empty client_id", "", "SH", JOB],
  ["empty sender", "CLIENT_NAME", "", JOB],
  ["empty job_id", "CLIENT_NAME", "SH", ""],
  ["all empty", "", "", ""],
  ["the separator in client_id: one message with the next two", "a&b", "c", "d"],
  ["the separator in sender", "a", "b&c", "d"],
  ["the separator in job_id", "a", "b", "c&d"],
  ["only separators", "&", "&", "&"],
];
for (const [note, client_id, sender, job_id] of oddChats) {
  const payload = { client_id, sender, job_id };
  assert.ok(Object.values(payload).every((value) => value.isWellFormed()));
  chatVectors.push({
    payload, header: "InstaLeap-Signature-V3", value: signChat(PAYLOAD_SECRET, TIMESTAMP, payload),
    secret: PAYLOAD_SECRET, timestamp: TIMESTAMP, note,
  });
}
// each its own value, but for the three that sign one message
assert.equal(new Set(chatVectors.map((one) => one.header + one.value + (one.file ?? ""))).size, chatVectors.length - 2);

// --- all of them, written ---------------------------------------------------

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
write("signature-vectors-chat.json", chatVectors);
