"use strict";

// How many models, fields of a model and recent numbers are kept on the page.
const modelsMax = 100, fieldsMax = 200, numbersMax = 60;
// How long a change is marked, and without an event until the server is asked whether it is there.
const markMilliseconds = 2000, quietMilliseconds = 15000;

const canWrite = document.documentElement.dataset.access === "write";
const place = id => document.getElementById(id);

function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

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

/// The fields of a document with their paths; an object's own, anything else as it is.
function fields(value, path = []) {
  const names = isObject(value) ? Object.keys(value) : [];
  if (names.length === 0) return path.length ? [{ path, value }] : [];
  return names.flatMap(name => fields(value[name], [...path, name]));
}

// MARK: Schemas

function resolve(schema, node) {
  for (let step = 0; node?.$ref && step < 32; step += 1) {
    node = node.$ref.replace(/^#\/?/, "").split("/").filter(Boolean)
      .reduce((inner, name) => inner?.[decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~")], schema);
  }
  return node ?? {};
}

/// What a schema says of a field: of the innermost, but read-only where anything around it is.
function description(schema, path) {
  let node = resolve(schema, schema), readOnly = false;
  for (const step of path) {
    const further = typeof node.additionalProperties === "object" ? node.additionalProperties : {};
    node = resolve(schema, node.properties?.[step] ?? further);
    readOnly ||= node.readOnly === true;
  }
  return { ...node, readOnly };
}

/// The optional fields of a schema that a document does not have.
function absentFields(schema, value, node = schema, path = []) {
  const found = resolve(schema, node);
  return Object.entries(found.properties ?? {}).flatMap(([name, inner]) => {
    if (!(name in value)) return [{ path: [...path, name], isAbsent: true }];
    return isObject(value[name]) && Object.keys(value[name]).length
      ? absentFields(schema, value[name], inner, [...path, name]) : [];
  });
}

// MARK: A field

class Field {
  constructor(model, path) {
    [this.model, this.path, this.numbers, this.text] = [model, path, [], null];
    this.name = make("th", { scope: "row", textContent: path.join(".") });
    this.shown = make("span", { className: "text" });
    this.unit = make("span", { className: "unit" });
    this.value = make("td", { className: "value" }, this.shown, " ", this.unit);
    this.trend = make("td", { className: "trend" });
    this.action = make("td", { className: "action" });
    this.row = make("tr", {}, this.name, this.value, this.trend, this.action);
  }

  /// Where the field is over HTTP; null for names that no path can have.
  get address() {
    if (this.path.some(step => step === "" || step.includes("/"))) return null;
    return ["/state", this.model.name, ...this.path].map(step => step === "/state" ? step : encodeURIComponent(step)).join("/");
  }

  describe(schema) {
    this.schema = description(schema, this.path);
    this.name.title = this.schema.description ?? "";
    const isEditable = canWrite && !this.schema.readOnly && this.address;
    this.button = isEditable ? make("button", { type: "button", textContent: "Edit", onclick: () => this.edit() }) : null;
    this.button?.setAttribute("aria-label", `Edit ${this.path.join(".")} of ${this.model.name}`);
    this.action.replaceChildren(...(this.button ? [this.button] : []));
    this.draw();
  }

  show(value, isAbsent) {
    const text = isAbsent ? undefined : typeof value === "string" ? value : JSON.stringify(value);
    const isChange = this.text !== null && text !== this.text;
    [this.current, this.text] = [value, text];
    if (isNumber(value) && this.numbers.length === 0) this.note(value);
    this.draw();
    if (isChange) this.mark();
  }

  /// Keeps a number for the line.
  note(value) {
    this.numbers.push(Number(value));
    if (this.numbers.length > numbersMax) this.numbers.shift();
  }

  draw() {
    const absent = this.text === undefined || this.text === null ? "not set" : this.text === "" ? "empty" : null;
    this.shown.textContent = absent ?? this.text;
    this.shown.classList.toggle("absent", absent !== null || this.current === null);
    this.unit.textContent = isNumber(this.current) ? this.schema?.["x-unit"] ?? "" : "";
    if (this.numbers.length > 1) this.drawTrend();
  }

  drawTrend() {
    const [low, high] = [Math.min(...this.numbers), Math.max(...this.numbers)];
    const points = this.numbers.map((number, index) =>
      [index / (this.numbers.length - 1) * 100, high > low ? 28 - (number - low) / (high - low) * 26 : 15]);
    if (!this.line) {
      const space = "http://www.w3.org/2000/svg";
      this.line = document.createElementNS(space, "svg");
      this.line.setAttribute("class", "trend");
      this.line.setAttribute("viewBox", "0 0 100 30");
      this.line.setAttribute("preserveAspectRatio", "none");
      this.line.setAttribute("role", "img");
      this.line.append(document.createElementNS(space, "path"));
      this.trend.replaceChildren(this.line);
    }
    this.line.setAttribute("aria-label", `the last ${this.numbers.length} values, from ${low} to ${high}`);
    this.line.firstChild.setAttribute("d", `M${points.map(point => point.map(part => part.toFixed(1)).join(" ")).join("L")}`);
  }

  mark() {
    this.row.classList.add("changed");
    clearTimeout(this.marking);
    this.marking = setTimeout(() => this.row.classList.remove("changed"), markMilliseconds);
  }

  edit() {
    if (this.form) return this.form.querySelector("[name]").focus();
    const editor = new Editor(this);
    this.form = make("tr", { className: "edit" }, make("td", { colSpan: 4 }, editor.form));
    this.row.after(this.form);
    this.button.setAttribute("aria-expanded", "true");
    editor.input.focus();
  }

  close() {
    this.form?.remove();
    this.form = null;
    this.button?.setAttribute("aria-expanded", "false");
    this.button?.focus();
  }

  remove() {
    this.form?.remove();
    this.row.remove();
  }
}

// MARK: A form

let editors = 0;

class Editor {
  constructor(field) {
    this.field = field;
    const id = `field-${editors += 1}`;
    this.input = this.makeInput();
    Object.assign(this.input, { id, name: "value" });
    this.input.setAttribute("aria-describedby", `${id}-fault`);
    this.fault = make("p", { id: `${id}-fault`, className: "fault" });
    this.fault.setAttribute("role", "alert");
    this.save = make("button", { className: "first", textContent: "Save" });
    const label = make("label", { htmlFor: id, textContent: field.path.join(".") });
    const cancel = make("button", { type: "button", textContent: "Cancel", onclick: () => field.close() });
    this.form = make("form", {}, label, this.input, ...this.makeNull(), this.save, cancel, this.fault);
    this.form.onsubmit = event => { event.preventDefault(); this.send(); };
    this.form.onkeydown = event => { if (event.key === "Escape") field.close(); };
  }

  get types() {
    const type = this.field.schema?.type;
    if (type) return [type].flat();
    const value = this.field.current;
    return [isNumber(value) ? "number" : typeof value === "string" || typeof value === "boolean" ? typeof value : "any"];
  }

  makeInput() {
    const { schema, current, text } = this.field;
    const types = this.types.filter(type => type !== "null");
    const choices = schema?.enum ?? (types.length === 1 && types[0] === "boolean" ? [true, false] : null);
    if (choices) {
      this.read = () => this.input.value;
      const options = choices.map(choice => make("option", {
        value: JSON.stringify(choice), selected: JSON.stringify(choice) === JSON.stringify(current),
        textContent: typeof choice === "string" ? choice : JSON.stringify(choice),
      }));
      return make("select", {}, ...options);
    }
    const input = make("input", { type: "text", value: text ?? "", autocomplete: "off", spellcheck: false });
    if (types.length === 1 && types[0] === "string") {
      if (current === null) input.value = "";
      this.read = () => JSON.stringify(this.input.value);
    } else if (types.every(type => type === "number" || type === "integer") && types.length) {
      if (current === null) input.value = "";
      input.inputMode = "decimal";
      // What is no number goes as text, so that the server says what is wrong with it.
      this.read = () => {
        const typed = this.input.value.trim();
        return /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(typed) ? typed : JSON.stringify(typed);
      };
    } else {
      const area = make("textarea", { rows: 3, value: current === undefined ? "" : JSON.stringify(current, null, 1), spellcheck: false });
      this.read = () => this.input.value;
      return area;
    }
    return input;
  }

  /// A box for null, where the field may be null and the choices do not have it.
  makeNull() {
    if (!this.types.includes("null") || this.types.includes("any") || this.field.schema?.enum) return [];
    const isNull = make("input", { type: "checkbox", checked: this.field.current === null });
    const read = this.read;
    this.read = () => isNull.checked ? "null" : read();
    isNull.onchange = () => { this.input.disabled = isNull.checked; };
    isNull.onchange();
    return [make("label", {}, isNull, " null")];
  }

  async send() {
    this.fault.textContent = "";
    this.save.disabled = true;
    const fault = await this.put(this.read());
    this.save.disabled = false;
    if (!fault) return this.field.close();
    this.fault.textContent = fault;
    this.input.focus();
  }

  /// Sends a value; what is wrong with it, or nothing.
  async put(body, condition = {}) {
    let answer;
    try {
      answer = await fetch(this.field.address, {
        method: "PUT", body, headers: { "Content-Type": "application/json", ...condition },
        signal: AbortSignal.timeout(60000),
      });
    } catch {
      return "The server cannot be reached; nothing is known to be saved. Try again when the connection is back.";
    }
    if (answer.ok) return null;
    // Some models want to be told which value is replaced: the one that is shown.
    if (answer.status === 428 && !condition["If-Match"]) return this.put(body, { "If-Match": `"${this.field.model.revision}"` });
    try {
      const problem = await answer.json();
      // The form says which field it is; faults inside of it have a place of their own.
      const own = this.field.path.map(step => `/${step.replaceAll("~", "~0")}`).join("");
      const place = error => error.pointer.startsWith(own) ? error.pointer.slice(own.length) : error.pointer;
      return problem.errors?.map(error => `${place(error)} ${error.detail}`.trim()).join("; ") ?? problem.detail;
    } catch {
      return `The server answers ${answer.status} ${answer.statusText}.`;
    }
  }
}

// MARK: A model

class Model {
  constructor(name) {
    [this.name, this.fields, this.missed] = [name, new Map(), 0];
  }

  update({ revision, value, missed = 0 }) {
    [this.revision, this.value] = [revision, value];
    this.missed += missed;
    for (const found of fields(value)) {
      if (isNumber(found.value)) this.fields.get(found.path.join("\n"))?.note(found.value);
    }
    this.isStale = true;
  }

  /// What the schema says is asked for when the model is shown first.
  async describe() {
    if (this.schema) return;
    this.schema = {};
    try {
      const answer = await fetch(`/schema/${encodeURIComponent(this.name)}`, { signal: AbortSignal.timeout(30000) });
      if (answer.ok) this.schema = await answer.json();
    } catch {
      // The fields are shown without their units; the next connection asks again.
    }
    this.heading.title = this.schema.description ?? "";
    this.caption.textContent = this.schema.description ?? "";
    for (const field of this.fields.values()) field.describe(this.schema);
    this.isStale = true;
    draw();
  }

  get section() {
    if (this.element) return this.element;
    const id = `model-${encodeURIComponent(this.name)}`;
    this.heading = make("h2", { id }, make("a", { href: `/state/${encodeURIComponent(this.name)}`, textContent: this.name }));
    this.state = make("span", { className: "revision" });
    this.caption = make("caption");
    this.rows = make("tbody");
    const table = make("table", {}, this.caption, this.rows);
    table.setAttribute("aria-labelledby", id);
    this.rest = make("p", { className: "revision", hidden: true });
    this.element = make("section", {}, make("header", {}, this.heading, this.state), table, this.rest);
    this.element.setAttribute("aria-labelledby", id);
    return this.element;
  }

  draw() {
    if (!this.isStale) return;
    this.isStale = false;
    this.state.textContent = `revision ${this.revision}${this.missed ? `, ${this.missed} changes not shown` : ""}`;
    const all = [...fields(this.value), ...absentFields(this.schema ?? {}, this.value)];
    const shown = all.slice(0, fieldsMax);
    this.rest.hidden = all.length === shown.length;
    this.rest.textContent = `${all.length - shown.length} more fields are in /state/${this.name}.`;
    const gone = new Set(this.fields.keys());
    for (const { path, value, isAbsent } of shown) {
      const key = path.join("\n");
      gone.delete(key);
      let field = this.fields.get(key);
      if (!field) {
        field = new Field(this, path);
        this.fields.set(key, field);
        field.describe(this.schema ?? {});
        this.rows.append(field.row);
      }
      field.show(value, isAbsent);
    }
    for (const key of gone) {
      this.fields.get(key).remove();
      this.fields.delete(key);
    }
  }
}

// MARK: All models

const models = new Map();
let isDrawing = false, isKnown = false;

/// Draws what has changed with the next picture, once for however many changes came.
function draw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    const wanted = place("filter").value.toLowerCase();
    const found = [...models.keys()].filter(name => name.toLowerCase().includes(wanted)).sort();
    const shown = found.slice(0, modelsMax).map(name => models.get(name));
    place("filter-box").hidden = models.size <= 10;
    place("note").textContent = models.size === 0 && isKnown ? "There are no models. myosin-exporter --state.models DIRECTORY reads some from files."
      : found.length > shown.length ? `${shown.length} of ${found.length} models are shown; the field above finds others.` : "";
    const sections = shown.map(model => model.section);
    if (sections.length !== place("models").childElementCount || sections.some((section, index) => section !== place("models").children[index])) {
      place("models").replaceChildren(...sections);
    }
    for (const model of shown) {
      model.describe();
      model.draw();
    }
  });
}

function take(event) {
  const news = parse(event.data);
  heard();
  if (!models.has(news.model)) models.set(news.model, new Model(news.model));
  models.get(news.model).update(news);
  draw();
}

// MARK: The connection

let source, lostAt = null, lastHeard = performance.now();

function heard() { lastHeard = performance.now(); }

function tell(state, text) {
  const connection = place("connection");
  if (connection.textContent !== text) connection.textContent = text;
  connection.dataset.state = state;
  document.body.classList.toggle("lost", state === "lost");
}

function lost(reason) {
  lostAt ??= new Date().toLocaleTimeString();
  tell("lost", `Connection lost at ${lostAt}. ${reason}`);
}

function connect() {
  source = new EventSource("/state?watch");
  source.onopen = () => {
    heard();
    lostAt = null;
    tell("live", "Live");
    refresh();
  };
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return lost("Trying again…");
    lost("The server takes no further watcher now. Trying again…");
    setTimeout(connect, 5000);
  };
  source.addEventListener("snapshot", take);
  source.addEventListener("change", take);
  source.addEventListener("removed", event => {
    heard();
    models.delete(parse(event.data).model);
    draw();
  });
}

/// Asks for the models there are, since others may have been served before, with other schemas.
async function refresh() {
  let names;
  try {
    const answer = await fetch("/schema", { cache: "no-store", signal: AbortSignal.timeout(30000) });
    if (!answer.ok) return;
    names = await answer.json();
  } catch {
    return;  // The connection is lost again, and will be open again.
  }
  isKnown = true;
  for (const name of models.keys()) if (!(name in names)) models.delete(name);
  for (const model of models.values()) model.schema = null;
  draw();
}

/// A connection whose other end is gone may look alive: where nothing comes, the server is asked.
async function check() {
  if (performance.now() - lastHeard < quietMilliseconds || source.readyState !== EventSource.OPEN) return;
  try {
    await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(10000) });
    heard();
  } catch {
    source.close();
    lost("Trying again…");
    connect();
  }
}

document.title = `Myosin · ${location.host}`;
place("commands").textContent = `curl ${location.host}/state
curl -N '${location.host}/state?watch'`;
place("read-only").hidden = canWrite;
place("filter").oninput = draw;
setInterval(check, 5000);
connect();
