import Exposition
import TestSupport
import Testing

/// Which format whoever asks for a page gets.
@Suite struct NegotiationTests {
    private static let classic = "text/plain; version=0.0.4; charset=utf-8"
    private static let open = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    private static func text1(_ scheme: String) -> String {
        "text/plain; version=1.0.0; charset=utf-8; escaping=\(scheme)"
    }

    private static let table: [(accept: String?, contentType: String)] = [
        // Prometheus 2.42 and 3.x, each with all of its formats.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", open
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            open + "; escaping=allow-utf-8"
        ),
        // Prometheus 3 that is told to take text, with or without names in UTF-8, and one that prefers protobuf.
        ("text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.5", text1("allow-utf-8")),
        ("text/plain;version=1.0.0;escaping=underscores;q=0.6,*/*;q=0.5", text1("underscores")),
        ("text/plain;version=1.0.0;escaping=values", text1("values")),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                + "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,text/plain;version=0.0.4;q=0.2",
            open + "; escaping=underscores"
        ),
        // The scheme `dots` would change our names.
        ("text/plain;version=1.0.0;escaping=dots", text1("underscores")),
        ("application/openmetrics-text;version=1.0.0;escaping=dots", open),
        // curl, browsers, nobody.
        ("*/*", classic), (nil, classic), ("", classic),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", classic),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", classic),
        // Weights.
        ("text/plain;q=0.5, application/openmetrics-text;q=0.4", classic),
        ("text/plain;q=0.4, application/openmetrics-text;q=0.5", open),
        ("text/plain;version=0.0.4;q=0, */*", text1("underscores")),
        ("text/plain;q=0, */*", open), ("text/*;q=0, */*;q=0.1", open),
        ("application/openmetrics-text;q=0, */*", classic),
        ("application/openmetrics-text;version=1.0.0;q=0, application/openmetrics-text", classic),
        ("text/plain;q=0.3, text/plain;version=1.0.0;q=0.2", classic),
        ("text/plain;q=0.2, text/plain;version=1.0.0;q=0.3", text1("underscores")),
        // Of the same weight the first, of the same range the first as well.
        ("application/openmetrics-text, text/plain", open), ("text/plain, application/openmetrics-text", classic),
        ("text/plain;q=0.1, application/openmetrics-text;q=0.5, text/plain;q=0.9", open),
        ("application/*", open), ("text/*", classic),
        // Case, spaces and quotes.
        ("Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=1.0", open),
        ("\ttext/plain;version=1.0.0", text1("underscores")),
        ("application/openmetrics-text;version=1.0.0;charset=utf-8", open),
        // Versions that there are not, garbage, and nothing that there is: the classic text.
        ("application/openmetrics-text;version=0.0.1", classic),
        ("application/openmetrics-text;version=2.0.0", classic),
        ("application/openmetrics-text;version=1.0.0;charset=latin1", classic), ("text/plain;version=9", classic),
        ("image/png", classic), ("*/*;q=0", classic), (",;,=;q", classic),
        ("q=1;application/openmetrics-text", classic),
        ("application/openmetrics-text;q=x", classic), ("application/openmetrics-text;q=2", classic),
        ("application/openmetrics-text;q=nan", classic), ("application/openmetrics-text;q=-1", classic),
        (String(repeating: "a/b,", count: 10_000) + "application/openmetrics-text", classic),
    ]

    @Test(arguments: table.indices) func theBestFormatIsTaken(row: Int) {
        let (accept, contentType) = Self.table[row]
        #expect(ExpositionFormat(accepting: accept).contentType == contentType, "\(accept ?? "none")")
    }
}
