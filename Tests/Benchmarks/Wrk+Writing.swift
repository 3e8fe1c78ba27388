extension Wrk {
    /// The names of the models that `service-probe` has as types.
    static let slots = (0..<64).map { "Slot\($0 / 8)\($0 % 8)" }

    /// A script in Lua whose every request writes another value to the next one of some models.
    static func writing(_ models: [String]) -> String {
        """
        local models = {\(models.map { "\"\($0)\"" }.joined(separator: ", "))}
        local count = 0
        request = function()
            count = count + 1
            local body = string.format(
                '{"temperature":%d.5,"humidity":40.25,"pressure":1013.25,"battery":0.87,"samples":%d,"state":"ok"}',
                count % 100, count)
            return wrk.format("PUT", "/state/" .. models[count % #models + 1], nil, body)
        end
        """
    }
}
