// A field of a model: its row in the table.
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
