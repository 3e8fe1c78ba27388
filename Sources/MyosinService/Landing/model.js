// The models, and which of them are on the page.
class Model {
  constructor(name) {
    // The fields by their pointers.
    [this.name, this.fields, this.missed] = [name, new Map(), 0];
    this.address = `./state/${encodeURIComponent(name)}`;
  }

  /// The entity tag of the revision that is shown: events have the incarnation of all revisions in their ids.
  get tag() { return `${lastID.split("-")[0]}-${this.revision}`; }

  update({ revision, value, missed = 0 }) {
    [this.revision, this.value] = [revision, value];
    this.missed += missed;
    for (const found of fields(value)) {
      if (isNumber(found.value)) this.fields.get(pointer(found.path))?.note(found.value);
    }
    this.isStale = true;
  }

  /// Asks for the schema, when the model is shown first and when it may be another one.
  async describe() {
    if (this.isDescribed || this.isAsking) return;
    this.isAsking = true;
    try {
      const answer = await fetch(`./schema/${encodeURIComponent(this.name)}`, { signal: AbortSignal.timeout(30000) });
      if (!answer.ok) throw new Error(answer.statusText);
      this.schema = parse(await answer.text());
      this.isDescribed = true;
    } catch {
      // Until then the fields are shown as before, without forms if there was no schema yet.
      await new Promise(done => setTimeout(done, retryMilliseconds));
    }
    this.isAsking = false;
    if (this.isDescribed) {
      setText(this.caption, this.schema.description ?? "");
      for (const field of this.fields.values()) field.describe(this.schema);
      this.isStale = true;
    }
    draw();
  }

  get section() {
    if (this.element) return this.element;
    const id = `model-${encodeURIComponent(this.name)}`;
    this.heading = make("h2", { id }, make("a", { href: this.address, textContent: this.name }));
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
    setText(this.state, `revision ${this.revision}${this.missed ? `, ${this.missed} changes not shown` : ""}`);
    const all = [...fields(this.value), ...absentFields(this.schema ?? {}, this.value)];
    const shown = all.slice(0, fieldsMax);
    this.rest.hidden = all.length === shown.length;
    const link = make("a", { href: this.address, textContent: `/state/${this.name}` });
    this.rest.replaceChildren(`${all.length - shown.length} more fields are in `, link, ".");
    const keys = new Set(shown.map(({ path }) => pointer(path)));
    for (const [key, field] of this.fields) {
      if (keys.has(key)) continue;
      field.remove();
      this.fields.delete(key);
      this.isDescribed = false;
    }
    let next = this.rows.firstElementChild;
    for (const { path, value, isAbsent } of shown) {
      const key = pointer(path);
      let field = this.fields.get(key);
      if (!field) {
        field = new Field(this, path);
        this.fields.set(key, field);
        if (this.schema) field.describe(this.schema);
        // A field that is new may be one of a new schema.
        if (this.isDrawn) this.isDescribed = false;
      }
      // So may one be that had a value and has none.
      if (isAbsent && field.text !== undefined && field.text !== null) this.isDescribed = false;
      if (field.row === next) next = next.nextElementSibling; else this.rows.insertBefore(field.row, next);
      if (next && next === field.editor?.row) next = next.nextElementSibling;
      field.show(value, isAbsent);
    }
    this.isDrawn = true;
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
    setText(place("note"), models.size === 0 && isKnown ? place("note").dataset.noModels
      : found.length > shown.length ? `${shown.length} of ${found.length} models are shown; the field above finds others.` : "");
    arrange(shown.map(model => model.section));
    for (const model of shown) {
      model.draw();
      model.describe();
    }
  });
}

/// Shows some sections in their order, without moving those that are where they belong, which would take the focus from them.
function arrange(sections) {
  const wanted = new Set(sections), container = place("models");
  for (const section of [...container.children]) if (!wanted.has(section)) section.remove();
  let next = container.firstElementChild;
  for (const section of sections) {
    if (section === next) next = next.nextElementSibling; else container.insertBefore(section, next);
  }
}

/// Asks for all schemas again.
function describeAll() {
  for (const model of models.values()) model.isDescribed = false;
  draw();
}

function removeModel(name) {
  for (const field of models.get(name)?.fields.values() ?? []) field.remove();
  models.delete(name);
}
