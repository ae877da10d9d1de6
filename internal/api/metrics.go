package api

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts the requests of the API for Prometheus.
type Metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// NewMetrics registers the metrics of the API with r.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "octavo_requests_total",
			Help: "Requests answered, by operation, status and error code.",
		}, []string{"method", "route", "status", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "octavo_request_duration_seconds",
			Help:    "Time from the first byte of a request to the last of its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"method", "route"}),
	}
	r.MustRegister(m.requests, m.duration)
	return m
}

func (m *Metrics) observe(x *exchange, method string, took time.Duration) {
	if m == nil {
		return
	}
	var code string
	if x.err != nil {
		code = string(x.err.Code)
	}
	if x.route == nil {
		method = "" // an unknown method is the client's text and would make a series each
	}
	m.requests.WithLabelValues(method, x.pathOf(), strconv.Itoa(x.status), code).Inc()
	m.duration.WithLabelValues(method, x.pathOf()).Observe(took.Seconds())
}
