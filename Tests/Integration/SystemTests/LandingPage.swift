/// Where things are on the landing page.
enum LandingPage {
    /// The expression that has the text of a field, in JavaScript.
    static func value(_ field: String, of model: String) -> String {
        "[...document.querySelectorAll('#model-\(model)')].map(heading => "
            + "[...heading.closest('section').querySelectorAll('tr')]"
            + ".find(row => row.firstChild.textContent === '\(field)')?.children[1].textContent.trim())[0]"
    }

    /// The selector of the button that opens a field's form.
    static func edit(_ field: String, of model: String) -> String { "button[aria-label='Edit \(field) of \(model)']" }

    /// The expression that has what is said of the connection, in JavaScript.
    static let connection = "document.getElementById('connection').textContent"
}
