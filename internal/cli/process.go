package cli

import (
	"context"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"octavo/internal/jsonx"
)

type status struct{ remote }

// Run says whether a server takes requests.
func (c *status) Run(p *process) error {
	ctx, cancel := context.WithTimeout(p.ctx, callTimeout)
	defer cancel()
	resp, err := c.get(ctx, "readyz")
	if err != nil {
		return err
	}
	v, err := c.read(resp)
	if err != nil {
		return err
	}
	return c.show(p, v, "status")
}

type showMetrics struct{ remote }

// Run prints the metrics.
func (c *showMetrics) Run(p *process) error {
	ctx, cancel := context.WithTimeout(p.ctx, callTimeout)
	defer cancel()
	resp, err := c.get(ctx, "metrics")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if !c.JSON {
		_, err = io.Copy(p.stdout, resp.Body)
		return err
	}
	samples, err := readMetrics(resp.Body)
	if err != nil {
		return err
	}
	return printJSON(p.stdout, jsonx.ArrayValue(samples...))
}

// readMetrics reads the text that Prometheus reads: for each value its name, its labels and
// itself, null when it is no finite number.
func readMetrics(r io.Reader) ([]jsonx.Value, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(r)
	if err != nil {
		return nil, err
	}
	var all []jsonx.Value
	for _, family := range families {
		samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, family)
		if err != nil {
			return nil, err
		}
		for _, s := range samples {
			all = append(all, sampleValue(s))
		}
	}
	slices.SortFunc(all, func(a, b jsonx.Value) int { return strings.Compare(a.String(), b.String()) })
	return all, nil
}

func sampleValue(s *model.Sample) jsonx.Value {
	labels := jsonx.ObjectValue()
	for _, name := range sortedLabels(s.Metric) {
		labels.Set(string(name), jsonx.StringValue(string(s.Metric[name])))
	}
	value := jsonx.NullValue
	if f := float64(s.Value); !math.IsNaN(f) && !math.IsInf(f, 0) {
		value = jsonx.NumberValue(f)
	}
	return jsonx.ObjectValue(
		jsonx.M("name", jsonx.StringValue(string(s.Metric[model.MetricNameLabel]))), jsonx.M("labels", labels), jsonx.M("value", value))
}

// sortedLabels are the labels of a metric, its name left out.
func sortedLabels(m model.Metric) []model.LabelName {
	var names []model.LabelName
	for name := range m {
		if name != model.MetricNameLabel {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
