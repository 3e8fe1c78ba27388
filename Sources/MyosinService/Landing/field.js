// A field of a model: its row in the table.
class Field {
  constructor(model, path) {
    [this.model, this.path, this.numbers, this.text] = [model, path, [], null];
    this.name = make("th", { scope: "row", textContent: shownPath(path) });
    this.shown = make("span", { className: "text" });
    this.unit = make("span", { className: "unit" });
    this.value = make("td", { className: "value" }, this.shown, " ", this.unit);
    this.trend = make("td", { className: "trend" });
    this.action = make("td", { className: "action" });
    this.row = make("tr", {}, this.name, this.value, this.trend, this.action);
  }

  get title() { return `${shownPath(this.path)} of ${this.model.name}`; }

  /// Where the field is over HTTP; null for names that no path can have.
  get address() {
    if (this.path.some(step => ["", ".", ".."].includes(step) || step.includes("/"))) return null;
    return `./state/${[this.model.name, ...this.path].map(encodeURIComponent).join("/")}`;
  }

  describe(schema) {
    this.schema = description(schema, this.path);
    this.name.title = this.schema.description ?? "";
    const isEditable = canWrite && !this.schema.readOnly && this.address !== null;
    if (isEditable && !this.button) {
      this.button = make("button", { type: "button", textContent: "Edit", onclick: () => this.edit() });
      this.button.setAttribute("aria-label", `Edit ${this.title}`);
      this.action.append(this.button);
    } else if (!isEditable) {
      this.button?.remove();
      this.button = null;
    }
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
    const rest = (this.text?.length ?? 0) - charactersMax;
    setText(this.shown, absent ?? (rest > 0 ? `${this.text.slice(0, charactersMax)}… (${rest} more)` : this.text));
    this.shown.classList.toggle("absent", absent !== null || this.current === null);
    setText(this.unit, isNumber(this.current) ? this.schema?.["x-unit"] ?? "" : "");
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
    if (this.editor) return this.editor.input.focus();
    this.editor = new Editor(this);
    this.row.after(this.editor.row);
    this.button.setAttribute("aria-expanded", "true");
    this.editor.input.focus();
  }

  /// Closes the form.
  close() {
    this.editor.row.remove();
    this.editor = null;
    this.button?.setAttribute("aria-expanded", "false");
    this.button?.focus();
  }

  /// Takes the field off the page, since it is no more.
  remove() {
    if (this.editor) say(`There is no ${this.title} any more; what was typed is not saved.`);
    this.editor?.row.remove();
    this.row.remove();
  }
}
