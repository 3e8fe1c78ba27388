internal import CZlib

/// Bytes in the format gzip (RFC 1952).
enum Gzip {
    /// Below that, compressing saves no packet.
    static let minBytes = 1_024
    /// The fastest: pages of metrics repeat themselves so much that the others save little and take long.
    private static let level: Int32 = 1

    /// Compresses bytes.
    ///
    /// - Returns: the compressed bytes; nil where there is no memory for it, or more than zlib takes at once.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard let count = UInt32(exactly: bytes.count) else { return nil }
        var stream = z_stream()
        guard czlib_begin_gzip(&stream, level) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        let maxBytes = Int(deflateBound(&stream, UInt(count)))
        guard let room = UInt32(exactly: maxBytes) else { return nil }
        var isComplete = false
        let compressed = [UInt8](unsafeUninitializedCapacity: maxBytes) { memory, written in
            bytes.withUnsafeBufferPointer { input in
                // zlib does not write to its input, though its type says so.
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = count
                stream.next_out = memory.baseAddress
                stream.avail_out = room
                isComplete = deflate(&stream, Z_FINISH) == Z_STREAM_END
            }
            written = maxBytes - Int(stream.avail_out)
        }
        return isComplete ? compressed : nil
    }
}
