// The models, and which of them are on the page.
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
