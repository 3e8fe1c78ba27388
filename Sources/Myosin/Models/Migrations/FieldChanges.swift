internal import Logging

/// The fields that a migration has dropped and filled, as JSON pointers with `{index}` for any element of an array.
package struct FieldChanges: Sendable, Equatable {
    /// Stored fields that the model does not have, in order.
    package var dropped: [String]
    /// Fields that were not stored and have got their defaults.
    package var filled: [String]
    /// Declared fields that were not stored and have no default.
    package var absent: [String]
    /// Whether the model's own code has changed the document, so that it may have taken values over.
    package var isByHand: Bool

    /// Makes the changes.
    package init(dropped: [String] = [], filled: [String] = [], absent: [String] = [], isByHand: Bool = false) {
        (self.dropped, self.filled, self.absent, self.isByHand) = (dropped, filled, absent, isByHand)
    }

    /// Fields that may be the same under another name.
    package struct Renames: Sendable, Hashable {
        /// The former and the new field of each likely pair.
        package var pairs: [Pair] = []
        /// Other fields that were dropped and filled; both are empty or neither is.
        package var dropped: [String] = []
        package var filled: [String] = []

        /// A dropped field, and the field that probably has its meaning now.
        package struct Pair: Sendable, Hashable {
            package let former: String
            package let new: String

            /// The names, as a sentence lists them.
            package var description: String { "\(former) to \(new)" }
        }

        /// Makes none.
        package init() {}

        /// Whether there is nothing to warn of.
        package var isEmpty: Bool { pairs.isEmpty && dropped.isEmpty }

        /// The fields, for a sentence: `/flow to /speed; one of /a, /b to one of /c, /d`.
        package var description: String {
            let list = pairs.prefix(20).map(\.description) + (pairs.count > 20 ? ["…"] : [])
            if dropped.isEmpty { return list.joined(separator: ", ") }
            let others = "\(Self.choice(of: dropped)) to \(Self.choice(of: filled))"
            return (list + [others]).joined(separator: ", ")
        }

        private static func choice(of fields: [String]) -> String {
            let names = fields.prefix(20).joined(separator: ", ") + (fields.count > 20 ? ", …" : "")
            return fields.count == 1 ? names : "one of \(names)"
        }
    }

    /// The maximum number of dropped fields in a log line.
    private static let maxLogged = 20
    /// Of more fields no pairs are looked for.
    private static let maxCompared = 200

    /// Which dropped fields have probably got another name, so that their values do not reach the new fields.
    ///
    /// One dropped field and one filled field of an object are a pair. Of several, those with similar names are, and those that have
    /// moved under their name into another object. What is left over is listed as a whole.
    package var renames: Renames {
        var result = Renames()
        var (former, new, absent) = (dropped, filled.filter { $0 != "/id" }, absent)
        if isByHand || former.isEmpty || new.isEmpty && absent.isEmpty { return result }
        // Each is compared with each: an object with free names may have had very many.
        if former.count + new.count + absent.count > Self.maxCompared {
            if !new.isEmpty { (result.dropped, result.filled) = (former, new) }
            return result
        }
        func take(_ old: String, _ name: String) {
            result.pairs.append(.init(former: old, new: name))
            former.removeAll { $0 == old }
            new.removeAll { $0 == name }
            absent.removeAll { $0 == name }
        }
        for old in former where new.count + absent.count > 0 {
            // A field that clients may leave out has no value to begin with; only its name can say that it was meant. Short names are
            // similar to any other.
            let near = (new + absent).filter { $0.parent == old.parent && $0.lastName.utf8.count > 2 }
            if let name = didYouMean(old.lastName, among: near.map(\.lastName)),
                let match = near.first(where: { $0.lastName == name })
            {
                take(old, match)
            }
        }
        for old in former {
            let (others, near) = (former.filter { $0.parent == old.parent }, new.filter { $0.parent == old.parent })
            if others.count == 1, near.count == 1 { take(old, near[0]) }
        }
        for old in former {
            if let moved = new.first(where: { $0.lastName == old.lastName }) { take(old, moved) }
        }
        if former.count == 1, new.count == 1 { take(former[0], new[0]) }
        if !former.isEmpty, !new.isEmpty { (result.dropped, result.filled) = (former, new) }
        return result
    }
}

extension FieldChanges {
    /// Logs a migration, as a warning if fields seem to be renamed.
    ///
    /// - Parameters:
    ///   - logger: where it is logged.
    ///   - event: the sentence that says so.
    ///   - remark: the end of the sentence.
    ///   - model: the model's name.
    ///   - former: the version that is migrated.
    ///   - version: the version that it gets.
    func log(
        to logger: Logger,
        _ event: String,
        _ remark: String = "",
        of model: String,
        from former: Int,
        to version: Int
    ) {
        let names = dropped.prefix(Self.maxLogged).map(\.debugDescription)
        let list = (names + (dropped.count > Self.maxLogged ? ["…"] : [])).joined(separator: ", ")
        var metadata: Logger.Metadata = [
            "model.name": "\(model)", "model.fromVersion": .stringConvertible(former),
            "model.toVersion": .stringConvertible(version), "model.droppedFields": "[\(list)]",
        ]
        let renames = renames
        if renames.isEmpty {
            logger.info("\(event)\(remark)", metadata: metadata)
        } else {
            metadata["model.renamedFields"] = "\(renames.description)"
            logger.warning(
                "\(event), and fields that seem to be renamed lose their values\(remark)",
                metadata: metadata
            )
        }
    }
}

extension String {
    /// The pointer of the object that has a field.
    fileprivate var parent: Substring { self[..<(lastIndex(of: "/") ?? startIndex)] }

    /// The field's own name.
    fileprivate var lastName: String {
        guard let slash = lastIndex(of: "/") else { return self }
        return String(self[index(after: slash)...])
    }
}
