internal import MicroHTTP

extension Request {
    /// What the Prefer field says of a preference (RFC 7240, section 2), in lower case, without quotes and parameters.
    ///
    /// - Parameter name: the preference's name, in lower case.
    /// - Returns: a value for each time that it is there with one.
    borrowing func preferences(_ name: String) -> [String] {
        (header(.prefer)?.items(separatedBy: ",") ?? [])
            .compactMap { preference in
                let parts = preference.items(separatedBy: ";")[0].items(separatedBy: "=")
                    .map { $0.trimmed.lowercased() }
                return parts.count == 2 && parts[0] == name ? parts[1].filter { $0 != "\"" }.trimmed : nil
            }
    }
}
