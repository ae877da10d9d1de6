package store

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestOrderKeysSortAsTheirIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		integer := rapid.OneOf(rapid.Int64Range(-5000, 5000), rapid.Int64Range(-math.MaxInt64/16, math.MaxInt64/16))
		key := rapid.SliceOfN(integer, 1, 4)
		a, b := key.Draw(t, "a"), key.Draw(t, "b")
		write := func(list []int64) (text []byte) {
			for _, n := range list {
				text = appendOrder(text, n)
			}
			return text
		}
		textA, textB := string(write(a)), string(write(b))
		if !slices.Equal(parseOrder(textA), a) {
			t.Fatalf("%v was written %q and read %v", a, textA, parseOrder(textA))
		}
		if got, want := cmpString(textA, textB), slices.Compare(a, b); got != want {
			t.Fatalf("%v %q, %v %q: bytes compare %d, integers %d", a, textA, b, textB, got, want)
		}
	})
}

func cmpString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// TestOrderInsertions inserts runs of keys at any places and looks at each.
func TestOrderInsertions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var keys []string
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			at := rapid.IntRange(0, len(keys)).Draw(t, "at")
			n := rapid.SampledFrom([]int{0, 1, 1, 1, 2, 15, 16, 17, 100}).Draw(t, "n")
			before, after := "", ""
			if at > 0 {
				before = keys[at-1]
			}
			if at < len(keys) {
				after = keys[at]
			}
			added := Sequence(before, after, n)
			if len(added) != n {
				t.Fatalf("asked for %d keys, got %d", n, len(added))
			}
			keys = slices.Insert(keys, at, added...)
			for i := max(1, at); i < len(keys) && i <= at+n; i++ {
				if keys[i-1] >= keys[i] {
					t.Fatalf("%d keys between %q and %q: %q is not before %q", n, before, after, keys[i-1], keys[i])
				}
			}
		}
	})
}

// TestOrderKeysStayShort puts 100,000 keys where people put them again and again.
func TestOrderKeysStayShort(t *testing.T) {
	const n = 100_000
	tests := map[string]struct {
		longest int
		next    func(last string) (a, b string)
	}{
		"at the end":             {5, func(last string) (string, string) { return last, "" }},
		"at the start":           {5, func(last string) (string, string) { return "", last }},
		"after the same sibling": {7, func(last string) (string, string) { return "a0", last }},
		"before the same one":    {7, func(last string) (string, string) { return last, "aG" }},
	}
	for name, test := range tests {
		last, longest := "", 0
		switch name {
		case "after the same sibling":
			last = "aG"
		case "before the same one":
			last = "a0"
		}
		for range n {
			a, b := test.next(last)
			last = Between(a, b)
			longest = max(longest, len(last))
		}
		if longest > test.longest {
			t.Errorf("%s: a key of %d bytes, want at most %d", name, longest, test.longest)
		}
	}
}

// TestOrderKeysOfRandomInsertions bounds what writing in the middle costs.
func TestOrderKeysOfRandomInsertions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := Sequence("", "", 100)
		for range 2000 {
			at := rapid.IntRange(0, len(keys)).Draw(t, "at")
			before, after := "", ""
			if at > 0 {
				before = keys[at-1]
			}
			if at < len(keys) {
				after = keys[at]
			}
			keys = slices.Insert(keys, at, Between(before, after))
		}
		total := 0
		for _, key := range keys {
			total += len(key)
		}
		if average := total / len(keys); average > 40 {
			t.Fatalf("keys of %d bytes on average", average)
		}
	})
}
