// What this is for: OneRoute signs its payload as JavaScript writes it again.
// Its snippet, as published:
//
//   crypto.createHmac('sha512', 'OneRoute Secret Key')
//     .update(JSON.stringify(req.body)).digest('hex')
//
// webhooks/javascript.py does JSON.stringify(JSON.parse(body)) in Python; it is
// tested against what JavaScript itself makes of odd bodies.
//
//   node stringify.mjs   (Node 20, no dependencies; deterministic: running it
//                         again changes nothing)
//
// It writes, beside itself:
//   stringify-vectors.json  bodies, each with its text and its signature
//   not-json.json           texts that JSON.parse refuses
//
// Both are plain ASCII (everything else is \u-escaped), so that no editor can
// normalise them. No body holds a lone surrogate other than as an escape: UTF-8
// has none.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

const SECRET = "OneRoute Secret Key";

// --- by hand: numbers -------------------------------------------------------

const numbers = [
  // zero
  "0", "-0", "0.0", "-0.0", "0e0", "-0e-0", "0E+5", "0e999", "-0.000e-999", "0." + "0".repeat(400),
  // whole
  "1", "-1", "1.0", "10", "100.00", "1e0", "1E1", "1e+2", "1e002", "100e-2", "12.50", "-12.5e1",
  "403.967", "19.99", "0.1", "0.10", "0.30000000000000004", "1.10", "2147483648", "-2147483649", "4294967296",
  // where digits are lost
  "9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "9007199254740994",
  "9007199254740995", "9007199254740993.0000000000000000000000000001", "12345678901234567890", "18446744073709551615",
  "18446744073709551616", "9223372036854775807", "123456789012345680000", "0.1234567890123456789",
  "3.14159265358979323846", "1.0000000000000001", "1.0000000000000002", "1.00000000000000011102230246251565",
  "1.000000000000000111022302462515654042363166809082031250", // halfway: to even
  "1.000000000000000111022302462515654042363166809082031251", // a little more: up
  // where an exponent begins
  "1e15", "1e16", "1e17", "9999999999999998", "99999999999999999", "1e20", "123e18", "99999999999999980000",
  "1e21", "-1e21", "1e22", "999999999999999868928", "999999999999999900000", "999999999999999934463",
  "999999999999999934464", "999999999999999999999", "1000000000000000000000", "1234567890123456789012", "1.5e21",
  "1.5e300", "1e100", "-1.25e+100",
  "1e-1", "1e-3", "1e-4", "1e-5", "1e-6", "1e-7", "1e-8", "1e-9", "1e-10", "1e-100", "0.0001", "0.00001", "0.000001",
  "0.0000001", "-0.000001", "-0.0000001", "1.5e-6", "1.5e-7", "0.00000123", "0.000000123", "9.999999999999999e-7",
  "9.9999999999999999e-7", "0.00000099999999999999995", "0.00012345", "0.000012345", "0.0000123456789012345678",
  // the largest, and beyond
  "1.7976931348623157e308", "-1.7976931348623157e308", "1.7976931348623158e308", "1.797693134862315807e308",
  "1.7976931348623158079e308", "1.7976931348623159e308", "1e308", "1e309", "1e400", "-1e400", "1e99999",
  "1e999999999999999999999", "-1e999999999999999999999", "9".repeat(308), "9".repeat(309), "9".repeat(400),
  // the smallest, and beyond
  "2.2250738585072014e-308", "2.2250738585072011e-308", "2.225073858507201e-308", "4.9406564584124654e-324", "5e-324",
  "-5e-324", "3e-324", "2.4703282292062328e-324", "2.4703282292062327e-324", "2e-324", "1e-323", "1.5e-323", "1e-400",
  "-1e-400", "1e-999999999999999999999", "0." + "0".repeat(330) + "1", "0." + "0".repeat(320) + "5",
  // long
  "9".repeat(5000), "1" + "0".repeat(5000) + "e-5000", "-0." + "3".repeat(5000), "0." + "0".repeat(999) + "1e1000",
  "1." + "0".repeat(999) + "1", "1" + "0".repeat(20) + "." + "0".repeat(900) + "1",
  // known trouble of shortest digits
  "5e-7", "4.35", "0.000035", "8.41e21", "2.0919495182368195e19", "9.5367431640625e-7", "2.98023223876953125e-8",
  "9.007199254740992e22", "1.8014398509481984e16", "9e-265", "5.0e-5", "2e22", "4.4501477170144023e-308",
  "6.631236846766476e-316", "1.7800590868057611e-307", "2.8480945388892175e-306",
];

// --- by hand: strings -------------------------------------------------------

const strings = [
  '""', '" "', '"a"', '"\\""', '"\\\\"', '"\\/"', '"/"', '"</script>"', '"<\\/script>"', '"\\b\\f\\n\\r\\t"',
  '"\\u0008\\u000c\\u000a\\u000d\\u0009"', '"\\u000A\\u000D\\u000C"', '"\\u000b"', '"\\u000B"', '"\\u0000"',
  '"a\\u0000b"', '"\\u0022\\u005c\\u005C\\u002f\\u002F"', '"\\\\u0041"', '"\\\\\\u0041"', '"\\\\n"', '"\\\\\\n"',
  '"\\u007f"', '"\u007f"', '"\\u0080\\u0085\\u009f"', '"\u0080\u0085\u009f"', '"\\u00a0"', '"\u00a0"',
  '"\\u2028\\u2029"', '"\u2028\u2029"', '"\\ufeff"', '"\ufeff"', '"\\ufffe\\uffff\\ufffd"', '"\ufffe\uffff\ufffd"',
  '"\\u00e9"', '"\\u00E9"', '"\u00e9"', '"e\u0301"', '"\\u0065\\u0301"', '"\\u0041\\u0042"', '"&<>\'`$"',
  '"\\u0026\\u003c\\u003e\\u0027"', '"\u0637\u0644\u0628"', '"\u6ce8\u6587"', '"\u202e"', '"\ufb01\u212b\u0130"',
  // pairs
  '"\u{1f600}"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"', '"\\uD83d\\udE00"', '"\\ud800\\udc00"', '"\\udbff\\udfff"',
  '"\u{10000}\u{10ffff}"', '"\u{1f468}\u200d\u{1f469}\u200d\u{1f467}"', '"\\ud83d\\ude00\\ud83d\\ude00"',
  // lone surrogates
  '"\\ud83d"', '"\\uD83D"', '"\\ude00"', '"\\uDE00"', '"\\ud800"', '"\\udbff"', '"\\udc00"', '"\\udfff"', '"\\uDFFF"',
  '"\\ude00\\ud83d"', '"\\ud83d\\ud83d\\ude00"', '"\\ud83d\\ude00\\ude00"', '"\\ud83d \\ude00"', '"\\ud83da\\ude00"',
  '"\\ud83d\\u0041"', '"\\ud83d\\n\\ude00"', '"\\ud83d\\\\ude00"', '"\\ud83d\u{1f600}"', '"\u{1f600}\\ude00"',
  '"\\ud83d\u00e9"', '"\\ud7ff\\ue000"', '"\\\\ud83d"',
  // long
  `"${"\u00f1".repeat(300)}"`, `"${"\\u00f1".repeat(300)}"`, `"${"1".repeat(5000)}"`,
];
for (let code = 0; code < 0x20; code++) strings.push(`"<\\u${code.toString(16).padStart(4, "0")}>"`);

// --- by hand: objects, arrays, spaces ---------------------------------------

const structures = [
  "null", "true", "false", "[]", "{}", " [ ] ", "\t{\n}\r\n", "[[]]", "[{}]", '{"a":{}}', '{"a":[]}',
  "[null,true,false]", "[ 1 ,\t2\r\n,\n3 ]", '{ "a" : 1 , "b" : [ { } , [ ] ] }', '\n\n{"a":\n"b c",\n"d":"  "}\n\n',
  "[[[[[[[[[[1]]]]]]]]]]",
  '{"a":{"b":{"c":{"d":{"e":null}}}}}', "[".repeat(200) + "]".repeat(200), '{"a":'.repeat(200) + "0" + "}".repeat(200),
  '[{"a":'.repeat(100) + "-0.0" + "}]".repeat(100),
  // indexes come first, by size
  '{"b":1,"a":2}', '{"2":"b","1":"a"}', '{"10":1,"9":2,"1":3,"0":4}', '{"b":1,"1":2,"a":3,"0":4}',
  '{"z":{"b":0,"7":1},"3":{"b":0,"7":1}}', '{"\\u0031":1,"a":2,"\\u0030":3}',
  // what looks like an index, and is none
  '{"b":1,"01":2,"1":3}', '{"b":1,"-1":2,"1":3}', '{"b":1,"-0":2,"0":3}', '{"b":1,"+1":2,"1":3}',
  '{"b":1,"1.0":2,"1":3}',
  '{"b":1,"1e0":2,"1":3}', '{"b":1," 1":2,"1 ":3,"1":4}', '{"b":1,"":2,"0":3}', '{"b":1,"\u0661":2,"\uff11":3,"1":4}',
  '{"b":1,"1\\n":2,"1":3}', '{"b":1,"1\\u0000":2,"1":3}', '{"b":1,"00":2,"0":3}', '{"b":1,"1_0":2,"2":3}',
  '{"b":1,"0x1":2,"2":3}', '{"b":1,"NaN":2,"Infinity":3,"0":4}', '{"b":1,"1\u0661":2,"2":3}',
  // the last index is 4294967294
  '{"b":1,"4294967294":2,"4294967293":3}', '{"b":1,"4294967295":2,"0":3}',
  '{"b":1,"4294967296":2,"4294967295":3,"4294967294":4}',
  '{"4294967296":1,"4294967295":2,"4294967294":3,"2147483648":4,"2147483647":5}',
  '{"9999999999":1,"9999999998":2,"5":3}',
  '{"9007199254740993":1,"9007199254740991":2,"6":3}', '{"18446744073709551616":1,"12345678901":2,"3":3}',
  `{"${"9".repeat(1000)}":1,"b":2,"1":3}`, `{"b":0,${Array.from({ length: 60 }, (_, n) => `"${(n * 37) % 60}":${n}`)}}`,
  `{"b":0,${Array.from({ length: 30 }, (_, n) => `"${(n * 143165576) % 4294967311}":${n}`)}}`,
  // of one key twice: the last value, in the first place
  '{"a":1,"a":2}', '{"a":1,"b":2,"a":3}', '{"a":1,"b":2,"c":3,"b":4,"a":5}', '{"a":1,"b":2,"\\u0061":3}',
  '{"1":1,"b":2,"1":3}',
  '{"b":1,"1":2,"b":3,"0":4}', '{"a":{"x":1},"a":{"y":2}}', '{"a":[1,2],"b":0,"a":null}', '{"":1,"":2}',
  '{"\\ud83d":1,"b":2,"\\uD83D":3}', '{"\u00e9":1,"e\u0301":2,"\\u00e9":3}',
  // names that mean something in JavaScript
  '{"__proto__":1}', '{"a":1,"__proto__":{"b":2},"c":3}', '{"__proto__":null,"__proto__":[1]}',
  '{"__proto__":{"__proto__":{}}}',
  '{"a":1,"\\u005f_proto__":2,"b":3,"__proto__":4}', '{"constructor":1,"prototype":2,"hasOwnProperty":3,"toString":4}',
  '{"toJSON":1}', '{"a":{"toJSON":"x"},"valueOf":null}', '{"length":1,"0":2}', '{"undefined":1,"null":2,"true":3}',
  // odd keys
  '{"\\"":1,"\\\\":2,"\\/":3,"\\n":4,"\\u0001":5,"\u2028":6,"\u{1f600}":7,"\\ude00":8}', '{" a ":1,"a":2,"A":3}',
  // numbers in their places
  '{"price":19.90,"lat":4.60971,"lng":-74.08175,"total":1e3,"none":-0,"all":1e999}', '[1.0,[2.50,{"a":3.000}],-0.0]',
  // as a payload of theirs may be
  `{
    "event": "order.updated", "order_id": 9007199254740993, "amount": 125000.00,
    "customer": { "name": "Jos\\u00e9 \\/ Mar\u00eda \\ud83d\\ude00", "note": "" },
    "stops": [ { "lat": 19.4326080, "lng": -99.1332080, "done": true }, { "lat": 0.0, "lng": 1E-7, "done": null } ]
  }`,
];

// --- by chance --------------------------------------------------------------

let seed = 20260302;
function random() { // mulberry32: 0 <= result < 1
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
const below = (limit) => Math.floor(random() * limit);
const pick = (list) => list[below(list.length)];
const times = (count, make) => Array.from({ length: count }, make);

function double() { // any bits that make a finite one
  const view = new DataView(new ArrayBuffer(8));
  do {
    view.setUint32(0, below(2 ** 32));
    view.setUint32(4, below(2 ** 32));
  } while (!Number.isFinite(view.getFloat64(0)));
  return view.getFloat64(0);
}

const digits = (count) => times(count, () => below(10)).join("");

function numberText() {
  const value = pick([
    double,
    () => (random() - 0.5) * 10 ** (below(34) - 9),
    () => below(2000) - 1000,
    () => below(100000) / 100,
    () => 2 ** (below(160) - 60),
  ])();
  return pick([
    () => String(value),
    () => value.toExponential().replace("e", pick(["e", "E"])),
    () => value.toExponential(below(25)).replace(/e[+-]/, (exponent) => exponent + "0".repeat(below(3))),
    () => value.toPrecision(1 + below(40)),
    () => (Math.abs(value) < 1e21 ? value.toFixed(below(30)) : BigInt(value).toString()),
    () => `${pick(["", "-"])}${1 + below(9)}${digits(below(30))}${pick(["", `.${digits(1 + below(30))}`])}`,
    () => `0.${"0".repeat(below(12))}${digits(1 + below(20))}${pick(["", `e${below(30) - 15}`])}`,
  ])();
}

const space = () => (random() < 0.6 ? "" : times(1 + below(3), () => pick([" ", "\t", "\n", "\r", "\r\n"])).join(""));

const SHORT = { "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\", "/": "\\/" };

function escaped(unit) {
  const hex = unit.charCodeAt(0).toString(16).padStart(4, "0");
  return "\\u" + [...hex].map((digit) => pick([digit, digit.toUpperCase()])).join("");
}

function characterText() {
  const character = pick([
    () => String.fromCharCode(0x20 + below(0x60)),
    () => String.fromCharCode(below(0x20)),
    () => pick(Object.keys(SHORT)),
    () => String.fromCharCode(0x80 + below(0x800)),
    () => pick([..."\u2028\u2029\ufeff\ufffd\uffff\ue000\ud7ff\u20ac"]),
    () => String.fromCodePoint(0x10000 + below(0x100000)),
    () => String.fromCharCode(0xd800 + below(0x800)),
  ])();
  if (character in SHORT && random() < 0.7) return SHORT[character];
  const raw = character.isWellFormed() && character >= " " && !['"', "\\"].includes(character);
  return raw && random() < 0.6 ? character : character.split("").map(escaped).join("");
}

const stringText = () => `"${times(below(8), characterText).join("")}"`;

const keyText = () =>
  pick([
    stringText,
    () => `"${pick(["a", "b", "c", "\\u0061", "__proto__", "id"])}"`,
    () => `"${pick(["0", "1", "2", "10", "\\u0031", "01", "-1", "1.5", "4294967294", "4294967295", "4294967296"])}"`,
    () => `"${below(2 ** below(36))}"`,
  ])();

function valueText(depth) {
  const many = (make) => times(below(6), () => space() + make() + space()).join(",") + space();
  const array = () => `[${many(() => valueText(depth - 1))}]`;
  const object = () => `{${many(() => `${keyText()}${space()}:${space()}${valueText(depth - 1)}`)}}`;
  return pick([
    numberText,
    stringText,
    () => pick(["null", "true", "false"]),
    ...(depth > 0 ? [array, object, object] : []),
  ])();
}

const chance = [
  ...times(30, () => `[${times(8, numberText)}]`),
  ...times(15, () => `[${times(8, double)}]`),
  ...times(20, () => `{${times(10, () => `${keyText()}:${below(100)}`)}}`),
  ...times(60, () => `${space()}[${times(3, () => valueText(3))}]${space()}`),
];

// --- what JSON.parse refuses ------------------------------------------------

const refused = [
  // nothing, half, or too much
  "", " ", "[", "]", "{", "}", "[1", '{"a":1', '{"a":', '{"a"', '"', '"a', "[1,2", "[]]", "{}{}", "1 2", "[] x", "nul",
  "tru", "[1}", '{"a":1]',
  // constants
  "NaN", "Infinity", "-Infinity", "[NaN]", '{"a":-Infinity}', "-NaN", "+Infinity", "undefined", "None", "True", "NULL",
  "nullnull",
  // numbers
  "1.", "-", "+1", "01", "-01", "00", ".5", "-.5", "1e", "1e+", "1.e5", "1.5.5", "0x10", "1_000", "1,5", "- 1", "1n",
  "\u0661", "1\u0661", "\uff11", "-\u0661",
  // commas and colons
  "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", '{"a":1,}', "{,}", '{,"a":1}', '{"a" 1}', '{"a"::1}', '{"a":1 "b":2}',
  '{"a",1}', '["a":1]',
  // keys and quotes
  "{a:1}", "{1:1}", "{'a':1}", "'a'", "`a`", "\u201ca\u201d", '{null:1}',
  // escapes
  '"\\x41"', '"\\\'"', '"\\a"', '"\\v"', '"\\0"', '"\\u"', '"\\u12"', '"\\u12g4"', '"\\u 123"', '"\\u+123"',
  '"\\u0x12"', '"\\u1_23"',
  '"\\U0041"', '"\\u{41}"', '"\\ud83d\\u"', '"\\ud83d\\ude0"', '"\\', '"\\"', '"\\u\uff11\uff12\uff13\uff14"',
  '"a\\\nb"',
  // raw controls
  '"\u0000"', '"\t"', '"\n"', '"\r"', '"\u001f"', '{"a\n":1}', "\u0000", "[]\u0000",
  // what is no space in JSON
  "\ufeff{}", "{}\ufeff", "\u00a0{}", "[1,\u00a01]", "\u000b1", "\u000c1", "\u20281", "1\u2029", "\u30001", "\u0085[]",
  "\u001c1",
  // comments
  "// a\n1", "/* a */ 1", "1 // a", "[1] # a",
];

// --- writing ----------------------------------------------------------------

const bodies = [...new Set([...numbers, ...strings, ...structures, ...chance])];

const vectors = bodies.map((body) => {
  assert.ok(body.isWellFormed());
  const req = { body: JSON.parse(body) };
  const stringified = JSON.stringify(req.body);
  assert.ok(stringified.isWellFormed());
  return { body, stringified, signature: createHmac("sha512", SECRET).update(JSON.stringify(req.body)).digest("hex") };
});
assert.ok(vectors.length >= 300);

assert.equal(new Set(refused).size, refused.length);
for (const text of refused) assert.throws(() => JSON.parse(text), SyntaxError, JSON.stringify(text));

function write(name, list) {
  const ascii = JSON.stringify(list, null, 1).replace(
    /[\u007f-\uffff]/g,
    (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"),
  );
  assert.deepEqual(JSON.parse(ascii), list);
  writeFileSync(join(here, name), ascii + "\n");
}

write("stringify-vectors.json", vectors);
write("not-json.json", refused);
