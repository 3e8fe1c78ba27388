extension [UInt8] {
    /// Reads text in which `\n`, `\r`, `\t` and `\xHH` stand for bytes, and a backslash before any other byte for that byte.
    package init(unescaping text: some Collection<UInt8>) {
        self = []
        reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
                append(byte)
                continue
            }
            switch kind {
            case UInt8(ascii: "n"): append(0x0a)
            case UInt8(ascii: "r"): append(0x0d)
            case UInt8(ascii: "t"): append(0x09)
            case UInt8(ascii: "x"):
                append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
                rest = rest.dropFirst(2)
            default: append(kind)
            }
        }
    }
}
