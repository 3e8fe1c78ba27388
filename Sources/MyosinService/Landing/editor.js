// The form that changes a field.
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
    const label = make("label", { htmlFor: id, textContent: shownPath(field.path) });
    const cancel = make("button", { type: "button", textContent: "Cancel", onclick: () => field.close() });
    this.form = make("form", {}, label, this.input, ...this.makeNull(), this.save, cancel, this.fault);
    this.row = make("tr", { className: "edit" }, make("td", { colSpan: 4 }, this.form));
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
        value: JSON.stringify(choice), selected: isSame(choice, current),
        textContent: typeof choice === "string" ? choice : JSON.stringify(choice),
      }));
      // Without it the first choice would stand for what is none of them.
      if (!options.some(option => option.selected)) options.unshift(make("option", { value: "", disabled: true, selected: true }));
      return make("select", { required: true }, ...options);
    }
    const input = make("input", { type: "text", value: current === null ? "" : text ?? "", autocomplete: "off", spellcheck: false });
    if (types.length === 1 && types[0] === "string") {
      // An input has one line, and would make one of several.
      const lines = (text ?? "").split(/\r\n|\r|\n/).length;
      const element = lines > 1 ? make("textarea", { rows: Math.min(lines, 10), value: text, spellcheck: false }) : input;
      const before = element.value;
      this.read = () => JSON.stringify(this.input.value === before && text ? text : this.input.value);
      return element;
    } else if (types.every(type => type === "number" || type === "integer") && types.length) {
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
    // The button is not disabled meanwhile, as that would take the focus from it.
    if (this.isSending) return;
    this.isSending = true;
    this.fault.textContent = "";
    const sent = this.read(), fault = await this.put(sent);
    this.isSending = false;
    if (this.field.editor !== this) {
      // It was closed meanwhile, and another one may be open.
      if (fault) say(`${this.field.title} was not saved: ${fault}`);
      return;
    }
    // What was typed meanwhile is not saved.
    if (!fault && this.read() === sent) return this.field.close();
    this.fault.textContent = fault ?? "";
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
    if (answer.status === 428 && !condition["If-Match"]) return this.put(body, { "If-Match": `"${this.field.model.tag}"` });
    try {
      const problem = await answer.json();
      // The form says which field it is; faults inside of it have a place of their own.
      const whole = pointer(this.field.path);
      const inner = place => place === whole || place.startsWith(`${whole}/`) ? place.slice(whole.length) : place;
      return problem.errors?.map(error => `${inner(error.pointer)} ${error.detail}`.trim()).join("; ") ?? problem.detail;
    } catch {
      return `The server answers ${answer.status} ${answer.statusText}.`;
    }
  }
}
