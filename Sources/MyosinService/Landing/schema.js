"use strict";

// How many models, fields of a model, recent numbers and characters of a text are kept on the page.
const modelsMax = 100, fieldsMax = 200, numbersMax = 60, charactersMax = 1000;
// How long a change is marked, and without an event until the server is asked whether there was none.
const markMilliseconds = 2000, quietMilliseconds = 15000;
// How long to wait before something that did not work is tried again.
const retryMilliseconds = 5000;

const canWrite = document.documentElement.dataset.access === "write";
const place = id => document.getElementById(id);

function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/// Sets a text where it is another one, since setting it ends a selection.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/// Says something that has no other place.
function say(text) { setText(place("message"), text); }

// MARK: JSON

/// A number as it was sent, where JavaScript's own would differ: beyond 2^53, or 1.0.
class ExactNumber {
  constructor(source) { this.source = source; }
  toJSON() { return JSON.rawJSON(this.source); }
  valueOf() { return Number(this.source); }
}

function parse(text) {
  return JSON.parse(text, (key, value, context) =>
    typeof value === "number" && context?.source !== undefined && context.source !== String(value)
      ? new ExactNumber(context.source) : value);
}

const isNumber = value => typeof value === "number" || value instanceof ExactNumber;
const isObject = value => typeof value === "object" && value !== null && !Array.isArray(value) && !isNumber(value);

function isSame(left, right) {
  if (isNumber(left) && isNumber(right) && Math.abs(left) <= 2 ** 53) return Number(left) === Number(right);
  return JSON.stringify(left) === JSON.stringify(right);
}

/// The fields of a document with their paths; an object's own, anything else as it is.
function fields(value, path = []) {
  const names = isObject(value) ? Object.keys(value) : [];
  if (names.length === 0) return path.length ? [{ path, value }] : [];
  return names.flatMap(name => fields(value[name], [...path, name]));
}

/// The place of a field as a JSON pointer (RFC 6901), by which no two fields of a model are the same.
const pointer = path => path.map(step => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/// The names of a path for people, with dots between: "eth0.up" in quotes is one name, and eth0.up are two.
const shownPath = path => path.map(shownName).join(".");

/// Letters of Greek and Cyrillic, and wide ones, that look like those of ASCII.
const lookalikes = new RegExp("^[ -~\\u0391\\u0392\\u0395-\\u0397\\u0399\\u039a\\u039c\\u039d\\u039f\\u03a1\\u03a4\\u03a5\\u03a7\\u03bd\\u03bf"
  + "\\u0405\\u0406\\u0408\\u0410\\u0412\\u0415\\u041a\\u041c-\\u041e\\u0420-\\u0423\\u0425\\u0430\\u0435\\u043e\\u0440\\u0441\\u0443\\u0445"
  + "\\u0455\\u0456\\u0458\\u04bb\\u0501\\uff01-\\uff5e]*$", "u");

/// A name as it is, or as a JSON string where it could be taken for another one.
function shownName(name) {
  const isMixed = /\p{Script=Latin}/u.test(name) && /\p{Script=Cyrillic}|\p{Script=Greek}/u.test(name)
    || lookalikes.test(name) && !/^[ -~]*$/.test(name);
  if (!isMixed && name === name.normalize() && !/^$|["\\.\p{C}]|^\s|\s$|\s\s|[^\S ]/u.test(name)) return name;
  const odd = isMixed ? /[^\x20-\x7e]/g : /[\p{C}\p{M}]|[^\S ]/gu;
  return JSON.stringify(name).replace(odd, character =>
    character.split("").map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""));
}

// MARK: Schemas

const own = (object, name) => object && Object.hasOwn(object, name) ? object[name] : undefined;

/// A schema with what it refers to, and what stands beside the reference.
function resolve(schema, node) {
  for (let step = 0; node?.$ref && step < 32; step += 1) {
    const { $ref, ...rest } = node;
    const target = $ref.replace(/^#\/?/, "").split("/").filter(Boolean)
      .reduce((inner, name) => own(inner, decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~")), schema);
    node = { ...target, ...rest };
  }
  return node ?? {};
}

/// What a schema says of a field: of the innermost, but read-only where anything around it is.
function description(schema, path) {
  let node = resolve(schema, schema), readOnly = node.readOnly === true;
  for (const step of path) {
    const further = typeof node.additionalProperties === "object" ? node.additionalProperties : {};
    node = resolve(schema, own(node.properties, step) ?? further);
    readOnly ||= node.readOnly === true;
  }
  return { ...node, readOnly };
}

/// The optional fields of a schema that a document does not have.
function absentFields(schema, value, node = schema, path = []) {
  const found = resolve(schema, node);
  return Object.entries(found.properties ?? {}).flatMap(([name, inner]) => {
    if (!Object.hasOwn(value, name)) return [{ path: [...path, name], isAbsent: true }];
    return isObject(value[name]) && Object.keys(value[name]).length
      ? absentFields(schema, value[name], inner, [...path, name]) : [];
  });
}
