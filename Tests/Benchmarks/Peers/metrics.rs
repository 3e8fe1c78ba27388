// Rust's prometheus with as many lines as are asked for, over a plain loop of HTTP that does nothing else: metrics PORT LINES.
use prometheus::{Encoder, Opts, Registry, TextEncoder};
use std::io::{Read, Write};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let lines: usize = arguments[2].parse().unwrap();
    let registry = Registry::new();
    let family = prometheus::CounterVec::new(Opts::new("bench_requests_total", "Requests."), &["path", "code"]).unwrap();
    registry.register(Box::new(family.clone())).unwrap();
    for number in 0..lines {
        family.with_label_values(&[&format!("/path/{:06}", number), "200"]).inc_by(number as f64 + 0.5);
    }
    let listener = std::net::TcpListener::bind(format!("127.0.0.1:{}", arguments[1])).unwrap();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let registry = registry.clone();
        std::thread::spawn(move || {
            stream.set_nodelay(true).unwrap();
            let encoder = TextEncoder::new();
            let mut request = [0u8; 4096];
            let mut page = Vec::new();
            // A request comes in one piece from the client of these measurements.
            while stream.read(&mut request).map_or(false, |count| count > 0) {
                page.clear();
                encoder.encode(&registry.gather(), &mut page).unwrap();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
                    encoder.format_type(),
                    page.len()
                );
                if stream.write_all(head.as_bytes()).and_then(|_| stream.write_all(&page)).is_err() {
                    return;
                }
            }
        });
    }
}
