package schema_test

import (
	"strings"
	"testing"

	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

func hundredBlocks(t testing.TB) jsonx.Value {
	t.Helper()
	const item = `{"object":"block","type":"numbered_list_item","numbered_list_item":{"rich_text":[{"type":"text","text":{"content":"some words","link":null}}],"color":"default"}},` +
		`{"object":"block","type":"synced_block","synced_block":{}}`
	v, err := jsonx.Parse([]byte(`{"children":[` + strings.TrimSuffix(strings.Repeat(item+",", 50), ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestValidRequestsAllocateNothing(t *testing.T) {
	s, v := modelSet(), hundredBlocks(t)
	allocs := testing.AllocsPerRun(10, func() {
		if err := s.Check("body", "append26", v); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkCheck(b *testing.B) {
	s, v := modelSet(), hundredBlocks(b)
	bad := v.Clone()
	bad.Get("children").Items()[99].Set("extra", jsonx.NullValue)
	b.Run("valid", func(b *testing.B) { benchmark(b, s, v) })
	b.Run("refused", func(b *testing.B) { benchmark(b, s, bad) })
}

func benchmark(b *testing.B, s *schema.Set, v jsonx.Value) {
	b.ReportAllocs()
	for b.Loop() {
		_ = s.Check("body", "append26", v)
	}
}
