extension String {
    /// The lines of a page that are not metadata.
    var samples: [Substring] {
        split(separator: "\n").filter { !$0.hasPrefix("#") }
    }
}
