/// What a start makes of a model, given the document that is stored.
package struct ModelStart: Sendable {
    package enum Kind: Sendable {
        /// Nothing is stored, so the model begins with its defaults.
        case new
        /// The stored document is used as it is.
        case asStored(version: Int)
        /// The stored document is migrated; from no version if it is a file of Python myosin.
        case migrated(from: Int?, FieldChanges)
        /// The stored document moves to quarantine, for the error, and the model begins with its defaults.
        case quarantined(StateError)
        /// The start fails.
        case refused(StateError)
    }

    /// The model's name.
    package let model: String
    package let kind: Kind
}

extension ModelStart {
    /// What starts make of declared models.
    ///
    /// - Parameters:
    ///   - declarations: the models.
    ///   - content: the content of the store; nil without one.
    ///   - onCorrupt: the treatment of stored documents that cannot be used.
    /// - Returns: the outcome of each, in the order of the declarations.
    package static func all(
        of declarations: [any ModelDeclaration],
        with content: StoredState?,
        onCorrupt: State.OnCorrupt
    ) -> [ModelStart] {
        var models = Models()
        for document in content?.documents ?? [] { models.take(document) }
        return declarations.map { declaration in
            let loading = ModelLoading(
                definition: DeclaredDefinition(declaration: declaration),
                stored: models.document(of: declaration.name),
                isInQuarantine: false,
                onCorrupt: onCorrupt,
                logger: nil
            )
            return loading.start
        }
    }
}
