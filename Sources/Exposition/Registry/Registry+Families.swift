internal import Primitives

extension Registry {
    /// The mistakes in literal names, labels, units and buckets; empty in a correct program.
    ///
    /// A method with a literal name throws nothing and never stops the program. If its arguments are wrong, or differ from those
    /// of the family with that name, the metric works but is on no page. This list then has the error, once. The page counts it
    /// in `metrics_refused` with the label `family`. A test of your program needs one line:
    ///
    /// ```swift
    /// #expect(registry.refusals == [])
    /// ```
    ///
    /// The list keeps the first 100 mistakes.
    public var refusals: [MetricError] { refused.withLock { $0 } }

    /// Returns the family of a request, creating it at first use.
    ///
    /// - Throws: `invalidName`, `invalidUnit`, `invalidLabel`, `duplicateName`, `nameCollision` or the fault of the request.
    func family<Child>(_ request: FamilyRequest<Child>) throws(MetricError) -> FamilyStorage<Child> {
        // Without the descriptor, because most calls do not need its texts.
        let present = try families.withLock { (table) throws(MetricError) in try table.family(for: request) }
        if let present { return present }
        return try makeFamily(request, isShared: true)
    }

    /// Returns the family of a request with a literal name, or one that is on no page if the request is a mistake.
    func shownFamily<Child>(_ request: FamilyRequest<Child>) -> FamilyStorage<Child> {
        do throws(MetricError) {
            return try family(request)
        } catch {
            note(error)
            return FamilyStorage(refused: request, maxLabelSets: maxLabelSets)
        }
    }

    private func note(_ error: MetricError) {
        refused.withLock { refused in
            if refused.count < 100, !refused.contains(error) { refused.append(error) }
        }
        let counter = FamilyRequest(
            counter: "metrics_refused",
            help: "Requests for a metric that the registry refused.",
            unit: nil,
            labels: ["family"]
        )
        // If the program has its own metric of that name, only the list has the error.
        (try? family(counter))?.child([error.family]).increment()
    }

    /// Makes the family of a request and puts it on the page.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - isShared: whether equal requests share the family; otherwise it belongs to the caller.
    ///   - hasChildAtOnce: false for an only child that is made later.
    /// - Returns: the family.
    /// - Throws: `invalidName`, `invalidUnit`, `invalidLabel`, `duplicateName`, `nameCollision` or the fault of the request.
    @discardableResult
    func makeFamily<Child>(
        _ request: FamilyRequest<Child>,
        isShared: Bool = false,
        hasChildAtOnce: Bool = true
    ) throws(MetricError) -> FamilyStorage<Child> {
        if let fault = request.fault { throw fault }
        let descriptor = try FamilyDescriptor(
            checkedName: request.name,
            kind: request.kind,
            help: request.help,
            unit: request.unit,
            labelNames: request.labelNames
        )
        return try families.withLock { (table) throws(MetricError) in
            if isShared, let present = try table.family(for: request) { return present }
            try table.claim(descriptor)
            let isLabelled = request.onlyChild == nil
            let family = FamilyStorage(
                descriptor,
                request,
                isShared: isShared,
                maxLabelSets: maxLabelSets,
                dropped: isLabelled ? table.own.child([descriptor.name]) : nil
            )
            if !isLabelled, hasChildAtOnce { _ = family.only }
            table.insert(family)
            if isLabelled { table.insert(table.own) }
            return family
        }
    }

    /// Makes a family of children with different labels, and puts it on the page; no other code gets it.
    ///
    /// - Throws: `invalidName`, `invalidUnit`, `duplicateName`, `nameCollision` or the fault of the request.
    func makeOpenFamily<Child>(_ request: FamilyRequest<Child>) throws(MetricError) -> OpenFamily<Child> {
        if let fault = request.fault { throw fault }
        let descriptor = try FamilyDescriptor(
            checkedName: request.name,
            kind: request.kind,
            help: request.help,
            unit: request.unit,
            labelNames: []
        )
        return try families.withLock { (table) throws(MetricError) in
            try table.claim(descriptor)
            let dropped = table.own.child([descriptor.name])
            let family = OpenFamily(descriptor, request, maxLabelSets: maxLabelSets, dropped: dropped)
            table.insert(family)
            table.insert(table.own)
            return family
        }
    }
}
