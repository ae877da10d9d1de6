package richtext_test

import (
	"testing"

	"octavo/internal/jsonx"
	"octavo/internal/richtext"
)

func TestDecodeDate(t *testing.T) {
	show := func(start, end string) string {
		if end != "null" {
			end = `"` + end + `"`
		}
		return `{"start":"` + start + `","end":` + end + `,"time_zone":null}`
	}
	cases := []struct{ sent, want string }{
		{`{"start":"2026-09-15"}`, show("2026-09-15", "null")},
		{`{"start":"2026-09-15","end":null,"time_zone":null}`, show("2026-09-15", "null")},
		{`{"start":"2026-09-15","end":"2026-09-15"}`, show("2026-09-15", "2026-09-15")},
		{`{"start":"2024-02-29"}`, show("2024-02-29", "null")},
		{`{"start":"2026-09-15T10:20:30.987Z"}`, show("2026-09-15T10:20:00.000+00:00", "null")},
		{`{"start":"2026-09-15T10:20"}`, show("2026-09-15T10:20:00.000+00:00", "null")},
		{`{"start":"2026-09-15T10:20:59+05:30","end":"2026-09-15T10:20:59-03:00"}`,
			show("2026-09-15T10:20:00.000+05:30", "2026-09-15T10:20:00.000-03:00")},
		{`{"start":"2026-06-01T09:00","time_zone":"Europe/London"}`, show("2026-06-01T09:00:00.000+01:00", "null")},
		{`{"start":"2026-01-01T09:00:28.513","time_zone":"Europe/London"}`, show("2026-01-01T09:00:00.000+00:00", "null")},
		{`{"start":"2026-03-28T09:00","end":"2026-03-30T09:00","time_zone":"Europe/Berlin"}`,
			show("2026-03-28T09:00:00.000+01:00", "2026-03-30T09:00:00.000+02:00")},
		{`{"start":"2026-06-01T09:00Z","time_zone":"UTC"}`, show("2026-06-01T09:00:00.000+00:00", "null")},
		{`{"start":"2026-06-01T09:00Z","time_zone":"Asia/Tokyo"}`, show("2026-06-01T18:00:00.000+09:00", "null")},
		{`{"start":"2026-06-01T09:00","time_zone":"America/St_Johns"}`, show("2026-06-01T09:00:00.000-02:30", "null")},
		// Monrovia kept -00:44:30 until 1972; the wire knows no seconds.
		{`{"start":"1960-01-01T09:00","time_zone":"Africa/Monrovia"}`, show("1960-01-01T09:00:00.000-00:44", "null")},
		{`{"start":"1600-01-01T00:00Z"}`, show("1600-01-01T00:00:00.000+00:00", "null")},
		{`{"start":"9999-12-31T23:59Z"}`, show("9999-12-31T23:59:00.000+00:00", "null")},

		{`{"start":"2026-09-15","end":"2026-09-14"}`, "The end of a date must not be before its start: 2026-09-14 is before 2026-09-15."},
		{`{"start":"2026-09-15T10:00Z","end":"2026-09-15T11:00+02:00"}`,
			"The end of a date must not be before its start: 2026-09-15T11:00+02:00 is before 2026-09-15T10:00Z."},
		{`{"start":"2026-09-15","end":"2026-09-16T10:00"}`, "Either both `start` and `end` of a date have a time of day or neither has."},
		{`{"start":"2026-09-15","time_zone":"Europe/London"}`, "A date with a `time_zone` needs a time of day: 2026-09-15 has none."},
		{`{"start":"2026-09-15T10:00","time_zone":"Mars/Olympus"}`, "\"Mars/Olympus\" is not a time zone of the IANA database."},
		{`{"start":"2026-09-15T10:00","time_zone":""}`, "\"\" is not a time zone of the IANA database."},
		{`{"start":"2026-09-15T10:00","time_zone":"Local"}`, "\"Local\" is not a time zone of the IANA database."},
		{`{"start":"2026-09-15T10:00","time_zone":"../../etc/passwd"}`, "\"../../etc/passwd\" is not a time zone of the IANA database."},
		{`{"start":"0000-01-01"}`, "The date 0000-01-01 is out of range."},
		{`{"start":"0001-01-01T00:30","time_zone":"Asia/Tokyo"}`, "accepted"},
		{`{"start":"9999-12-31T20:00Z","time_zone":"Asia/Tokyo"}`, "The date 9999-12-31T20:00Z is out of range."},
		{`{"start":"0001-01-01T00:30Z","time_zone":"America/New_York"}`, "The date 0001-01-01T00:30Z is out of range."},
	}
	set := requests()
	for _, c := range cases {
		v := parse(t, c.sent)
		if err := set.Check("body", "date", v); err != nil {
			t.Errorf("%s: %v", c.sent, err)
			continue
		}
		d, err := richtext.DecodeDate(v)
		switch {
		case err != nil:
			if got := message(t, err); got != c.want {
				t.Errorf("%s\ngot  %s\nwant %s", c.sent, got, c.want)
			}
		case c.want != "accepted" && d.Value().String() != c.want:
			t.Errorf("%s\ngot  %s\nwant %s", c.sent, d.Value(), c.want)
		default:
			// What is shown can be written back and stays the same.
			again, err := richtext.DecodeDate(parse(t, d.Value().String()))
			if err != nil || again.Value().String() != d.Value().String() {
				t.Errorf("%s reads back as %s, %v", d.Value(), again.Value(), err)
			}
		}
	}
}

func TestDatePlain(t *testing.T) {
	for sent, want := range map[string]string{
		`{"start":"2026-09-15"}`:                    "2026-09-15",
		`{"start":"2026-09-15","end":"2026-09-16"}`: "2026-09-15 → 2026-09-16",
		`{"start":"2026-09-15T10:00+02:00"}`:        "2026-09-15T10:00:00.000+02:00",
	} {
		d, err := richtext.DecodeDate(parse(t, sent))
		if err != nil || d.Plain() != want {
			t.Errorf("%s: %q, %v", sent, d.Plain(), err)
		}
	}
}

func FuzzDate(f *testing.F) {
	f.Add("2026-09-15T10:20:30.987+05:30", "2026-09-16T00:00", "Europe/London")
	f.Add("1960-01-01T00:00", "", "Africa/Monrovia")
	f.Add("0001-01-01", "9999-12-31", "")
	set := requests()
	f.Fuzz(func(t *testing.T, start, end, zone string) {
		v := parse(t, `{}`)
		for key, s := range map[string]string{"start": start, "end": end, "time_zone": zone} {
			if s != "" {
				v.Set(key, jsonx.StringValue(s))
			}
		}
		if set.Check("body", "date", v) != nil {
			return
		}
		d, err := richtext.DecodeDate(v)
		if err != nil {
			message(t, err)
			return
		}
		shown := d.Value()
		if err := set.Check("body", "date", shown); err != nil {
			t.Fatalf("%s is shown as %s: %v", v, shown, err)
		}
		if again, err := richtext.DecodeDate(shown); err != nil || again.Value().String() != shown.String() {
			t.Fatalf("%s reads back as %s, %v", shown, again.Value(), err)
		}
	})
}
