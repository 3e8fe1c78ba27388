// client_golang with as many lines as are asked for, over its own handler: metrics PORT LINES.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	lines, _ := strconv.Atoi(os.Args[2])
	registry := prometheus.NewRegistry()
	family := prometheus.NewCounterVec(
		prometheus.CounterOpts{Name: "bench_requests_total", Help: "Requests."}, []string{"path", "code"})
	registry.MustRegister(family)
	for number := 0; number < lines; number++ {
		family.WithLabelValues(fmt.Sprintf("/path/%06d", number), "200").Add(float64(number) + 0.5)
	}
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	http.ListenAndServe("127.0.0.1:"+os.Args[1], nil)
}
