package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"octavo/internal/notion"
	"octavo/internal/richtext"
)

// inlineWriter writes rich text. Styles are nested with the one that lasts longest outside.
// The delimiters of CommonMark stand for a style where they are sure to be read as such;
// elsewhere its tag does.
type inlineWriter struct {
	o   *Options
	dst []byte
	// start is where the text begins in dst.
	start int
	// prefix goes before every line but the first. Without lines a line break is a tag.
	prefix string
	lines  bool
	// cell says that the text is in a table with pipes.
	cell bool
	// delimiter is what dst ends with when that is a delimiter, else 0.
	delimiter byte
}

// wrapper is something around text: a style, a color or a link.
type wrapper uint8

// The wrappers, in the order in which those of the same length are nested.
const (
	noWrapper wrapper = iota
	linkWrapper
	colorWrapper
	underlineWrapper
	strikeWrapper
	boldWrapper
	italicWrapper
	wrappers // how many there are
)

var wrapperStyles = [wrappers]style{underlineWrapper: underline, strikeWrapper: strike, boldWrapper: bold, italicWrapper: italic}

// delimiters and the tags that do the same, of the styles that have both.
var (
	delimiters = [wrappers]string{strikeWrapper: "~~", boldWrapper: "**", italicWrapper: "*"}
	styleTags  = [wrappers]string{underlineWrapper: "u", strikeWrapper: "s", boldWrapper: "b", italicWrapper: "i"}
)

// has reports whether a wrapper is around the span.
func (s *span) has(w wrapper) bool {
	switch w {
	case linkWrapper:
		return s.link != ""
	case colorWrapper:
		return s.color != ""
	}
	return s.style&wrapperStyles[w] != 0
}

// extent returns how many of the spans the wrapper is around that is around the first.
func extent(spans []span, w wrapper) int {
	n := 1
	for n < len(spans) && spans[n].has(w) && (w != linkWrapper || spans[n].link == spans[0].link) && (w != colorWrapper || spans[n].color == spans[0].color) {
		n++
	}
	return n
}

// outermost returns the wrapper to write first around the first of the spans, and around
// how many of them it is; noWrapper for bare text.
func outermost(spans []span, inside [wrappers]bool) (widest wrapper, length int) {
	length = 1
	for w := linkWrapper; w < wrappers; w++ {
		if inside[w] || !spans[0].has(w) {
			continue
		}
		if n := extent(spans, w); widest == noWrapper || n > length {
			widest, length = w, n
		}
	}
	return widest, length
}

// side is what is next to a place in a text, as far as delimiters care.
type side uint8

const (
	space side = iota // also the beginning and the end
	punctuation
	letter
)

func sideOf(r rune) side {
	switch {
	case unicode.IsSpace(r):
		return space
	case unicode.IsPunct(r), unicode.IsSymbol(r):
		return punctuation
	}
	return letter
}

// firstSide and lastSide return what a list of spans begins and ends with in the text. A
// wrapper begins and ends with punctuation, and so does what is not plain text.
func firstSide(spans []span, inside [wrappers]bool) side {
	if w, _ := outermost(spans, inside); w != noWrapper || !spans[0].isPlain() {
		return punctuation
	}
	r, _ := utf8.DecodeRuneInString(spans[0].text)
	return sideOf(r)
}

func lastSide(spans []span, inside [wrappers]bool) side {
	s := &spans[len(spans)-1]
	for w := linkWrapper; w < wrappers; w++ {
		if !inside[w] && s.has(w) {
			return punctuation
		}
	}
	if !s.isPlain() {
		return punctuation
	}
	r, _ := utf8.DecodeLastRuneInString(s.text)
	return sideOf(r)
}

func (s *span) isPlain() bool { return s.kind == textSpan && s.style&code == 0 }

// context is what is around a list of spans.
type context struct {
	inside [wrappers]bool
	// edge says by which delimiter the list begins and ends, 0 when by none.
	edge byte
	// after is what follows the list.
	after side
}

func (w *inlineWriter) write(spans []span) {
	w.start = len(w.dst)
	w.list(spans, context{})
}

func (w *inlineWriter) list(spans []span, c context) {
	for i := 0; i < len(spans); {
		wrap, n := outermost(spans[i:], c.inside)
		if wrap == noWrapper {
			w.leaf(spans, i, c)
			i++
			continue
		}
		after := c.after
		if i+n < len(spans) {
			after = firstSide(spans[i+n:], c.inside)
			if next := &spans[i+n]; next.link != "" && next.text == next.link {
				after = letter // it may be bare
			}
		}
		edge := c.edge
		if i > 0 && i+n < len(spans) {
			edge = 0
		}
		w.wrapped(wrap, spans, i, i+n, context{inside: c.inside, edge: edge, after: after})
		i += n
	}
}

// wrapped writes the spans from i to j with the wrapper around them.
func (w *inlineWriter) wrapped(wrap wrapper, spans []span, i, j int, c context) {
	within := spans[i:j]
	inner := context{inside: c.inside, after: punctuation}
	inner.inside[wrap] = true
	switch wrap {
	case linkWrapper:
		w.link(spans, i, j, inner)
		return
	case colorWrapper:
		w.tag(`span color="`+colorName(within[0].color)+`"`, "span", within, inner)
		return
	case underlineWrapper:
		if w.o.Version == V1 {
			w.tag(`span underline="true"`, "span", within, inner)
			return
		}
	default:
		if w.delimit(wrap, within, c, inner) {
			return
		}
	}
	w.tag(styleTags[wrap], styleTags[wrap], within, inner)
}

func (w *inlineWriter) tag(open, name string, spans []span, c context) {
	w.raw("<" + open + ">")
	w.list(spans, c)
	w.raw("</" + name + ">")
}

// raw appends markup.
func (w *inlineWriter) raw(s string) {
	w.dst = append(w.dst, s...)
	w.delimiter = 0
}

// delimit writes a style with delimiters, if they are sure to be read as the style: what
// they enclose begins and ends with something visible, punctuation at an end of it has no
// letter on the other side, and no two runs of one character meet, but for the three of
// what is bold and italic throughout.
func (w *inlineWriter) delimit(wrap wrapper, spans []span, c, inner context) bool {
	delimiter := delimiters[wrap]
	char := delimiter[0]
	if w.delimiter == char || c.edge == char || wrap == strikeWrapper && w.touchesTilde(spans) {
		return false
	}
	if wrap == boldWrapper && !inner.inside[italicWrapper] && spans[0].has(italicWrapper) && extent(spans, italicWrapper) == len(spans) {
		inner.inside[italicWrapper] = true
		delimiter = "***"
	}
	first, last := firstSide(spans, inner.inside), lastSide(spans, inner.inside)
	if first == space || last == space || first == punctuation && w.before() == letter || last == punctuation && c.after == letter {
		return false
	}
	inner.edge = char
	w.delimit1(delimiter)
	w.list(spans, inner)
	w.delimit1(delimiter)
	return true
}

// touchesTilde reports whether the end of a style would stand behind a tilde, or its
// beginning, where goldmark takes none for a delimiter even if the other is escaped.
func (w *inlineWriter) touchesTilde(spans []span) bool {
	n := len(w.dst)
	return n > w.start && w.dst[n-1] == '~' || strings.HasSuffix(spans[len(spans)-1].text, "~")
}

func (w *inlineWriter) delimit1(delimiter string) {
	w.dst = append(w.dst, delimiter...)
	w.delimiter = delimiter[0]
}

// before returns what the text so far ends with.
func (w *inlineWriter) before() side {
	if len(w.dst) == w.start {
		return space
	}
	r, _ := utf8.DecodeLastRune(w.dst[w.start:])
	return sideOf(r)
}

// link writes a link, or the bare address where reading makes the same link of it.
func (w *inlineWriter) link(spans []span, i, j int, c context) {
	switch {
	case w.o.Version == V1 && bareAddress(spans, i, j):
		w.raw(spans[i].text)
		return
	case w.o.Version == V2 && j == i+1 && isAutoLink(&spans[i]):
		w.raw("<" + spans[i].text + ">")
		return
	}
	// After an exclamation mark it would be an image.
	if n := len(w.dst); n > w.start && w.dst[n-1] == '!' {
		w.dst = append(w.dst[:n-1], `\!`...)
	}
	w.raw("[")
	w.list(spans[i:j], c)
	w.raw("](")
	w.destination(spans[i].link)
	w.raw(")")
}

// bareAddress reports whether spans[i:j] is an address that links to itself and that would
// become such a link between its neighbours without any markup.
func bareAddress(spans []span, i, j int) bool {
	s := &spans[i]
	if j != i+1 || s.kind != textSpan || s.text != s.link || len(s.text) < len("http://") || s.style != 0 || s.color != "" {
		return false
	}
	text, start := s.text, 0
	if i > 0 && spans[i-1].mayStandRaw() {
		start = len(spans[i-1].text)
		text = spans[i-1].text + text
	}
	if j < len(spans) && spans[j].mayStandRaw() {
		text += spans[j].text
	}
	from, to, found := nextAddress(text, start)
	if strings.Contains(s.text[len("http://"):], ":") {
		return false // what follows could be an emoji
	}
	return found && from == start && to == start+len(s.text)
}

// isAutoLink reports whether a link can be written as <address>.
func isAutoLink(s *span) bool {
	scheme, _, _ := strings.Cut(s.text, "://")
	return s.text == s.link && s.isPlain() && s.style == 0 && s.color == "" && (scheme == "http" || scheme == "https") &&
		!strings.ContainsAny(s.text, "`<>|\\ ") && !strings.ContainsFunc(s.text, unicode.IsSpace)
}

// isBare reports whether the span is written as text without markup.
func (s *span) isBare() bool { return s.isPlain() && s.style == 0 && s.color == "" && s.link == "" }

// mayStandRaw reports whether the span may be written as nothing but its text: it is that, or
// an address that links to itself.
func (s *span) mayStandRaw() bool {
	return s.isPlain() && s.style == 0 && s.color == "" && (s.link == "" || s.link == s.text)
}

// destination writes the address of a link or image.
func (w *inlineWriter) destination(address string) {
	angled := strings.ContainsAny(address, " <") || !utf8.ValidString(address) || strings.IndexFunc(address, unicode.IsSpace) >= 0
	if angled {
		w.dst = append(w.dst, '<')
	}
	for i := 0; i < len(address); i++ {
		b := address[i]
		if strings.IndexByte("\\`<>()|", b) >= 0 || b == '&' && w.o.Version == V2 && isEntity(address[i:]) {
			w.dst = append(w.dst, '\\')
		}
		w.dst = append(w.dst, b)
	}
	if angled {
		w.dst = append(w.dst, '>')
	}
}

// leaf writes spans[i], around which everything is written.
func (w *inlineWriter) leaf(spans []span, i int, c context) {
	s := &spans[i]
	switch s.kind {
	case textSpan:
		if s.style&code != 0 {
			w.raw(codeSpan(s.text))
			return
		}
		w.text(s.text)
	case equationSpan:
		w.equation(s.text, w.mayStandBefore(spans, i+1, c))
	case emojiSpan:
		if id, ok := w.o.emoji(s.text); ok && id == s.id {
			w.raw(":" + s.text + ":")
			return
		}
		w.mention(s)
	case dateSpan:
		w.date(s)
	case templateSpan:
		w.template(s)
	default:
		w.mention(s)
	}
}

// emoji finds the custom emoji that :name: stands for.
func (o *Options) emoji(name string) (id notion.ID, ok bool) {
	if o.EmojiNamed == nil || !isEmojiName(name) {
		return id, false
	}
	return o.EmojiNamed(name)
}

// isEmojiName reports whether a name can stand between colons and be nothing else.
func isEmojiName(name string) bool {
	const most = 100
	if name == "" || len(name) > most {
		return false
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-+", r) {
			return false
		}
	}
	return true
}

func isAlnum(b byte) bool {
	return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
}

// codeSpan puts code between backticks of which it has no such run, with a space at both
// ends where reading would drop one or take a backtick for part of the fence.
func codeSpan(s string) string {
	fence := strings.Repeat("`", longestRunBut(s))
	if strings.Trim(s, " \t") != "" && (s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ') {
		s = " " + s + " "
	}
	return fence + s + fence
}

// longestRunBut returns the shortest length of which s has no run of backticks.
func longestRunBut(s string) int {
	var lengths map[int]bool
	for i := 0; i < len(s); i++ {
		run := 0
		for i < len(s) && s[i] == '`' {
			i++
			run++
		}
		if run > 0 {
			if lengths == nil {
				lengths = map[int]bool{}
			}
			lengths[run] = true
		}
	}
	n := 1
	for lengths[n] {
		n++
	}
	return n
}

// equation writes an equation as $x$ where that is read as one, by what is on both sides of
// it, and when nothing in it can end it or hide something else.
func (w *inlineWriter) equation(expression string, fitsAfter bool) {
	simple := trim(expression) == expression && strings.TrimSpace(expression) == expression && !strings.ContainsAny(expression, "$`<|") && !strings.HasSuffix(expression, `\`)
	if simple && fitsAfter && w.fitsBefore() {
		w.raw("$" + expression + "$")
		return
	}
	w.raw("$" + codeSpan(expression) + "$")
}

// fitsBefore reports whether an equation between bare dollar signs may follow the text.
func (w *inlineWriter) fitsBefore() bool {
	if len(w.dst) <= w.start {
		return true
	}
	r, _ := utf8.DecodeLastRune(w.dst)
	return r != '$' && equationParser{w.o.Version}.mayStandBy(r)
}

// mayStandBefore reports whether an equation between bare dollar signs may stand before
// spans[i:], or the end of the list.
func (w *inlineWriter) mayStandBefore(spans []span, i int, c context) bool {
	if i == len(spans) {
		return c.after == space || w.o.Version == V2 && c.after == punctuation
	}
	next := &spans[i]
	switch wrap, _ := outermost(spans[i:], c.inside); {
	case wrap != noWrapper:
		return w.o.Version == V2
	case next.isPlain():
		r, _ := utf8.DecodeRuneInString(next.text)
		return equationParser{w.o.Version}.mayStandBy(r)
	}
	return w.o.Version == V2 && next.kind != equationSpan
}

func (w *inlineWriter) date(s *span) {
	day, clock, zone := splitMoment(s.start)
	a := attrs{{"start", day}}
	startTime, endTime, timeZone := "start-time", "end-time", "time-zone"
	name := "date"
	if w.o.Version == V1 {
		name, startTime, endTime, timeZone = "mention-date", "startTime", "endTime", "timeZone"
	}
	endDay, endClock, _ := splitMoment(s.end)
	if endDay != "" {
		a = append(a, attr{"end", endDay})
	}
	if clock != "" {
		a = append(a, attr{startTime, clock})
	}
	if endClock != "" {
		a = append(a, attr{endTime, endClock})
	}
	if zone != "" {
		a = append(a, attr{timeZone, zone})
	}
	w.void(name, a)
}

func (w *inlineWriter) template(s *span) {
	switch {
	case s.start == templateUser && w.o.Version == V1:
		w.void("mention-user", attrs{{"url", userScheme + templateUser}})
	case s.start == templateUser:
		w.void("mention", attrs{{"url", userScheme + templateUser}})
	case w.o.Version == V1:
		w.void("mention-date", attrs{{"start", s.start}})
	default:
		w.void("date", attrs{{"start", s.start}})
	}
}

// void writes a tag that has no content.
func (w *inlineWriter) void(name string, a attrs) {
	w.dst = w.o.appendTag(w.dst, name, a, true)
	w.delimiter = 0
}

// mention writes the mention of something by its address, with what it is called.
func (w *inlineWriter) mention(s *span) {
	name, address := "mention", ""
	var a attrs
	switch s.kind {
	case userSpan:
		address = userScheme + s.id.String()
	case emojiSpan:
		address = emojiScheme + s.id.String()
	default:
		address = w.o.pageAddress(s.id)
	}
	a = attrs{{"url", address}}
	switch {
	case w.o.Version == V1:
		name += map[spanKind]string{userSpan: "-user", pageSpan: "-page", databaseSpan: "-database", emojiSpan: "-custom-emoji"}[s.kind]
	case s.kind == databaseSpan:
		a = append(a, attr{"type", "database"})
	}
	if s.text == "" {
		w.void(name, a)
		return
	}
	w.dst = w.o.appendTag(w.dst, name, a, false)
	w.raw(label.Replace(clean(s.text)) + "</" + name + ">")
}

// label makes of a name what can stand between tags: nothing that looks like a tag, a cell
// or a line end. It is shown, and not read again.
var label = strings.NewReplacer("<", "&lt;", "|", "&#124;", "\n", " ")

// text writes plain text with what has to be escaped.
func (w *inlineWriter) text(s string) {
	for i := 0; i < len(s); {
		if s[i] == '\n' {
			w.lineBreak(s, i)
			i++
			continue
		}
		i += w.escaped(s, i)
	}
	w.delimiter = 0
}

// lineBreak writes a line break: as a backslash at the end of the line where there is
// something visible on both sides, elsewhere as a tag.
func (w *inlineWriter) lineBreak(s string, i int) {
	if w.o.Version == V1 {
		w.dst = append(w.dst, "<br>"...)
		return
	}
	inside := i > 0 && i+1 < len(s) && !isBlankByte(s[i-1]) && !isBlankByte(s[i+1])
	if !w.lines || !inside || s[i-1] == '\\' {
		w.dst = append(w.dst, "<br />"...)
		return
	}
	w.dst = append(w.dst, "\\\n"...)
	w.dst = append(w.dst, w.prefix...)
	w.start = len(w.dst)
}

func isBlankByte(b byte) bool { return b == ' ' || b == '\t' || b == '\n' }

// escaped writes the character at s[i] and returns how long it is.
func (w *inlineWriter) escaped(s string, i int) int {
	b := s[i]
	if b >= utf8.RuneSelf {
		_, n := utf8.DecodeRuneInString(s[i:])
		w.dst = append(w.dst, s[i:i+n]...)
		return n
	}
	if w.o.mustEscape(s, i) || w.cell && b == '|' || len(w.dst) == w.start && beginsBlock(s[i:], w.o.Version) {
		if isAlnum(b) {
			return w.ordinal(s, i)
		}
		w.dst = append(w.dst, '\\')
	}
	w.dst = append(w.dst, b)
	return 1
}

// ordinal writes a number that would begin a list, with its point escaped.
func (w *inlineWriter) ordinal(s string, i int) int {
	n := strings.IndexAny(s[i:], ".)")
	w.dst = append(w.dst, s[i:i+n]...)
	w.dst = append(w.dst, '\\', s[i+n])
	return n + 1
}

// mustEscape reports whether s[i] would be markup wherever it stands.
func (o *Options) mustEscape(s string, i int) bool {
	b := s[i]
	if b == ':' {
		return o.isEmojiAt(s[i:])
	}
	if o.Version == V1 {
		return strings.IndexByte(special, b) >= 0
	}
	switch b {
	case '\\', '`', '*', '[', ']', '$', '~':
		return true
	case '_':
		return i == 0 || i+1 == len(s) || !isAlnum(s[i-1]) || !isAlnum(s[i+1])
	case '<':
		return i+1 == len(s) || isAlnum(s[i+1]) || strings.IndexByte("/!?", s[i+1]) >= 0
	case '&':
		return isEntity(s[i:])
	}
	return false
}

// isEmojiAt reports whether s begins with what is read as a custom emoji.
func (o *Options) isEmojiAt(s string) bool {
	if o.EmojiNamed == nil {
		return false
	}
	end := strings.IndexByte(s[1:], ':')
	if end < 0 {
		return false
	}
	_, known := o.emoji(s[1 : 1+end])
	return known
}

// isEntity reports whether s begins with what may be read as a character by its name or
// number, such as &lt; or &#32;.
func isEntity(s string) bool {
	const most = 40
	for i := 1; i < len(s) && i < most; i++ {
		switch b := s[i]; {
		case b == ';':
			return i > 1
		case !isAlnum(b) && (b != '#' || i > 1):
			return false
		}
	}
	return false
}

// beginsBlock reports whether a line that begins with s would be, or would make of the line
// before it, something else than text.
func beginsBlock(s string, v Version) bool {
	line, _, _ := strings.Cut(s, "\n")
	switch b := line[0]; b {
	case '#':
		hashes := len(line) - len(strings.TrimLeft(line, "#"))
		return hashes <= 6 && endsWord(line, hashes)
	case '-', '+':
		return endsWord(line, 1) || strings.Trim(line, "-|: \t") == ""
	case '=', '|', ':':
		return v == V2 && strings.Trim(line, "=-|: \t") == ""
	case '>':
		return true
	case '_':
		return v == V1 && strings.Trim(line, "_ \t") == ""
	}
	return isOrdinal(line)
}

// endsWord reports whether there is nothing or space at s[i:].
func endsWord(s string, i int) bool { return i >= len(s) || s[i] == ' ' || s[i] == '\t' }

// isOrdinal reports whether a line begins like an item of a numbered list.
func isOrdinal(line string) bool {
	digits := 0
	for digits < len(line) && line[digits] >= '0' && line[digits] <= '9' {
		digits++
	}
	return digits > 0 && digits <= 9 && digits < len(line) && (line[digits] == '.' || line[digits] == ')') && endsWord(line, digits+1)
}

// colorName returns the name of a color in text, as in blue_bg.
func colorName(color string) string {
	if base, ok := strings.CutSuffix(color, "_background"); ok {
		return base + "_bg"
	}
	return color
}

// colorNamed returns the color that text names, as the API names it; "" for the default,
// false for none.
func colorNamed(name string) (string, bool) {
	if base, ok := strings.CutSuffix(name, "_bg"); ok {
		name = base + "_background"
	}
	if name == "" || name == "default" || name == "default_background" {
		return "", true
	}
	for _, c := range richtext.Colors {
		if c == name {
			return c, true
		}
	}
	return "", false
}
