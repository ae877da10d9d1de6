package markdown

import (
	"slices"
	"strings"

	"octavo/internal/block"
)

// plainCode is the language of code that has none.
const plainCode = "plain text"

// aliases are other names of languages (pages-blocks.md §6.5).
var aliases = map[string]string{
	"": plainCode, "text": plainCode, "txt": plainCode, "plaintext": plainCode, "plain": plainCode, "console": "shell",
	"sh": "shell", "zsh": "shell", "shellscript": "shell", "shell-session": "shell", "ps1": "powershell", "pwsh": "powershell",
	"js": "javascript", "jsx": "javascript", "mjs": "javascript", "cjs": "javascript", "node": "javascript", "json5": "json", "jsonc": "json",
	"ts": "typescript", "tsx": "typescript", "coffee": "coffeescript", "py": "python", "py3": "python", "python3": "python",
	"rb": "ruby", "rs": "rust", "golang": "go", "kt": "kotlin", "kts": "kotlin", "cs": "c#", "csharp": "c#", "fs": "f#", "fsharp": "f#",
	"cpp": "c++", "cxx": "c++", "cc": "c++", "hpp": "c++", "h": "c", "objc": "objective-c", "objectivec": "objective-c",
	"hs": "haskell", "ex": "elixir", "exs": "elixir", "erl": "erlang", "clj": "clojure", "ml": "ocaml", "jl": "julia",
	"pl": "perl", "md": "markdown", "yml": "yaml", "htm": "html", "svg": "xml", "tex": "latex", "make": "makefile", "mk": "makefile",
	"dockerfile": "docker", "gql": "graphql", "proto": "protobuf", "tf": "hcl", "terraform": "hcl", "patch": "diff", "wasm": "webassembly",
	"vb": "visual basic", "vbnet": "vb.net", "sol": "solidity", "asm": "assembly", "postgresql": "sql", "mysql": "sql", "sqlite": "sql",
}

// codeBlock returns a block of code. A language that is not known is left out.
func (p *parser) codeBlock(at int, info, content string) *Node {
	language, ok := languageOf(info)
	if !ok {
		p.warn(at, "The language "+info+" of code is not known.")
	}
	return &Node{Type: "code", text: plainSpans(content), language: language}
}

// languageOf returns the language that the first line of code names, alone or before
// anything else.
func languageOf(info string) (string, bool) {
	info = strings.ToLower(trim(info))
	word, _, _ := strings.Cut(info, " ")
	for _, name := range []string{info, word} {
		if slices.Contains(block.Languages, name) {
			return name, true
		}
		if language, ok := aliases[name]; ok {
			return language, true
		}
	}
	return plainCode, false
}
