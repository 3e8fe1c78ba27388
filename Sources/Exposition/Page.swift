/// A page being written into memory of a size fixed beforehand.
///
/// Writing past the end is a renderer's mistake and stops the process rather than corrupt memory.
struct Page {
    /// How many bytes a number may take at most: those of -2.2250738585072014e-308.
    static let numberBytesMax = 24

    private let memory: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(memory: UnsafeMutableBufferPointer<UInt8>) {
        self.memory = memory
    }

    /// Writes one byte.
    mutating func write(_ byte: UInt8) {
        reserve(1)
        memory.initializeElement(at: count, to: byte)
        count += 1
    }

    /// Writes bytes, or a part of them.
    mutating func write(_ bytes: [UInt8], _ range: Range<Int>) {
        bytes.withUnsafeBufferPointer { write(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// Writes a whole number in decimal.
    mutating func write(_ number: UInt64) {
        var length = 1
        var power = number / 10
        while power > 0 {
            length += 1
            power /= 10
        }
        reserve(length)
        var rest = number
        for index in stride(from: count + length - 1, through: count, by: -1) {
            memory.initializeElement(at: index, to: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        count += length
    }

    /// Writes a sample's value: the shortest text that reads back as the same number, whole numbers without `.0`.
    mutating func write(_ number: Double) {
        if let whole = Int64(exactly: number), whole.magnitude < 1 << 53, whole != 0 || number.sign == .plus {
            if whole < 0 { write(UInt8(ascii: "-")) }
            write(whole.magnitude)
        } else if !number.isFinite {
            write(number.isNaN ? "NaN" : number > 0 ? "+Inf" : "-Inf")
        } else if !writeDecimal(number) {
            writeDescription(of: number)
        }
    }

    /// Writes a number that has up to three digits behind the point, as most have.
    ///
    /// Up to 15 digits stand for one number only (IEEE 754: a double has 15.95 decimal digits), so the first that reads back as the
    /// number is the shortest.
    ///
    /// - Returns: false if it is no such number; nothing is written then.
    private mutating func writeDecimal(_ number: Double) -> Bool {
        let magnitude = number.magnitude
        guard magnitude < 1e11, magnitude >= 1e-3 else { return false }
        var scale = 1.0
        for digits in 1...3 {
            scale *= 10
            let scaled = (magnitude * scale).rounded()
            guard scaled / scale == magnitude else { continue }
            if number < 0 { write(UInt8(ascii: "-")) }
            let (whole, fraction) = UInt64(scaled).quotientAndRemainder(dividingBy: UInt64(scale))
            write(whole)
            write(UInt8(ascii: "."))
            var power = UInt64(scale) / 10
            for _ in 0..<digits {
                write(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / power % 10))
                power = max(1, power / 10)
            }
            return true
        }
        return false
    }

    /// Writes a number as Swift describes it, `0.1`, `1e+16` or `5e-324`, without a final `.0`.
    private mutating func writeDescription(of number: Double) {
        write(number.description)
        if count >= 2, memory[count - 1] == UInt8(ascii: "0"), memory[count - 2] == UInt8(ascii: ".") { count -= 2 }
    }

    /// Writes text.
    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { write($0) }
    }

    private mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        reserve(bytes.count)
        _ = UnsafeMutableBufferPointer(rebasing: memory[count...]).initialize(fromContentsOf: bytes)
        count += bytes.count
    }

    private func reserve(_ bytes: Int) {
        precondition(bytes <= memory.count - count, "a page outgrew the \(memory.count) bytes reserved for it")
    }
}
