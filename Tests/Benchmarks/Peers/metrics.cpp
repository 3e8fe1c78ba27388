// prometheus-cpp with as many lines as are asked for, over its own server: metrics PORT LINES.
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/registry.h>

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

int main(int, char **arguments) {
    auto registry = std::make_shared<prometheus::Registry>();
    auto &family = prometheus::BuildCounter().Name("bench_requests_total").Help("Requests.").Register(*registry);
    for (int number = 0; number < atoi(arguments[2]); number++) {
        char path[32];
        snprintf(path, sizeof path, "/path/%06d", number);
        family.Add({{"path", path}, {"code", "200"}}).Increment(number + 0.5);
    }
    // Without the last options it closes the connection after each answer, or waits for an acknowledgement in the midst of it.
    prometheus::Exposer exposer{std::vector<std::string>{"listening_ports", std::string("127.0.0.1:") + arguments[1],
                                                         "num_threads", "2", "enable_keep_alive", "yes", "tcp_nodelay", "1"}};
    exposer.RegisterCollectable(registry);
    while (true) pause();
}
