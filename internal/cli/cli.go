// Package cli is the octavo command: it runs a server, and administers a running one
// through its endpoints under /_octavo/.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/alecthomas/kong"

	"octavo"
)

// serveOnly is the part of the command line that a starting server needs. To build the
// rest takes longer than to open the data.
type serveOnly struct {
	Serve serve `cmd:"" help:"Run the server."`
}

// app is the command line. Field tags are what `octavo --help` prints.
type app struct {
	serveOnly

	Workspace struct {
		Create workspaceCreate `cmd:"" help:"Create an empty workspace."`
		List   workspaceList   `cmd:"" help:"List workspaces."`
		Update workspaceUpdate `cmd:"" help:"Change a workspace."`
	} `cmd:"" help:"Workspaces of a running server."`
	User struct {
		Create     userCreate     `cmd:"" help:"Add a person."`
		List       userList       `cmd:"" help:"List people and bots."`
		Show       userShow       `cmd:"" help:"Show a person or bot."`
		Update     userUpdate     `cmd:"" help:"Change a person."`
		Deactivate userDeactivate `cmd:"" help:"Deactivate a person and disable their personal integrations."`
		Activate   userActivate   `cmd:"" help:"Activate a deactivated person again."`
		Invite     userInvite     `cmd:"" help:"Make a link with which a person sets a password, once and within a week."`
	} `cmd:"" help:"People of a running server."`
	Integration struct {
		Create  integrationCreate  `cmd:"" help:"Create an integration. It sees nothing until something is shared with it."`
		List    integrationList    `cmd:"" help:"List integrations."`
		Show    integrationShow    `cmd:"" help:"Show an integration."`
		Update  integrationUpdate  `cmd:"" help:"Change an integration."`
		Disable integrationDisable `cmd:"" help:"Stop the tokens of an integration from working."`
		Enable  integrationEnable  `cmd:"" help:"Let the tokens of a disabled integration work again."`
	} `cmd:"" help:"Integrations of a running server."`
	Token struct {
		Create tokenCreate `cmd:"" help:"Issue a token. It is shown this once."`
		List   tokenList   `cmd:"" help:"List tokens."`
		Rotate tokenRotate `cmd:"" help:"Issue a token in place of another. It is shown this once."`
		Revoke tokenRevoke `cmd:"" help:"Revoke a token for good."`
	} `cmd:"" help:"API tokens of a running server."`
	Share struct {
		Add    shareAdd    `cmd:"" help:"Share a page, or the whole workspace, with an integration."`
		Remove shareRemove `cmd:"" help:"Take a share back."`
		List   shareList   `cmd:"" help:"List what is shared with an integration."`
	} `cmd:"" help:"What integrations of a running server may see."`
	OAuth struct {
		Create    oauthCreate    `cmd:"" help:"Register a public integration. Its client secret is shown this once."`
		List      oauthList      `cmd:"" help:"List public integrations."`
		Show      oauthShow      `cmd:"" help:"Show a public integration."`
		Update    oauthUpdate    `cmd:"" help:"Change a public integration."`
		Disable   oauthDisable   `cmd:"" help:"Let a public integration neither be authorised nor get tokens."`
		Enable    oauthEnable    `cmd:"" help:"Enable a disabled public integration again."`
		Rotate    oauthRotate    `cmd:"" help:"Give a public integration a new client secret, shown this once."`
		Authorize oauthAuthorize `cmd:"" help:"Authorise a public integration for a person, as they would in a browser."`
	} `cmd:"" name:"oauth" help:"Public integrations of a running server."`
	Discussion struct {
		List    discussionList    `cmd:"" help:"List discussions."`
		Resolve discussionResolve `cmd:"" help:"Resolve a discussion: its comments are not found through the API any more."`
		Reopen  discussionReopen  `cmd:"" help:"Reopen a resolved discussion."`
	} `cmd:"" help:"Discussions of comments on a running server."`
	Template struct {
		Add    templateAdd    `cmd:"" help:"Mark a page as a template of a data source, which its queries do not show then."`
		List   templateList   `cmd:"" help:"List the templates of a data source."`
		Remove templateRemove `cmd:"" help:"Take the mark of a template from a page, which stays."`
	} `cmd:"" help:"Templates of data sources on a running server."`
	Emoji struct {
		Add    emojiAdd    `cmd:"" help:"Give a workspace an emoji."`
		List   emojiList   `cmd:"" help:"List the emojis of a workspace's own."`
		Remove emojiRemove `cmd:"" help:"Take an emoji away."`
	} `cmd:"" help:"Custom emojis of a running server."`
	Trash struct {
		List    trashList    `cmd:"" help:"List what is in the trash."`
		Restore trashRestore `cmd:"" help:"Bring something back to its place."`
		Purge   trashPurge   `cmd:"" help:"Remove something that is in the trash for good, with all that hangs on it."`
		Empty   trashEmpty   `cmd:"" help:"Remove what is in the trash for good."`
	} `cmd:"" help:"What was deleted on a running server."`
	Webhook struct {
		Create     webhookCreate     `cmd:"" help:"Subscribe a receiver to events. It is sent a verification token at once."`
		List       webhookList       `cmd:"" help:"List subscriptions."`
		Show       webhookShow       `cmd:"" help:"Show a subscription."`
		Verify     webhookVerify     `cmd:"" help:"Make a subscription active with the token that its receiver was sent."`
		Resend     webhookResend     `cmd:"" help:"Send the verification token again."`
		Update     webhookUpdate     `cmd:"" help:"Change a subscription."`
		Pause      webhookPause      `cmd:"" help:"Send nothing until the subscription is resumed."`
		Resume     webhookResume     `cmd:"" help:"Resume a paused subscription, with what has happened meanwhile."`
		Delete     webhookDelete     `cmd:"" help:"Delete a subscription."`
		Deliveries webhookDeliveries `cmd:"" help:"List the events of a subscription and what came of them, the newest first."`
		Delivery   webhookDelivery   `cmd:"" help:"Show an event of a subscription with what is sent."`
		Redeliver  webhookRedeliver  `cmd:"" help:"Send an event again."`
	} `cmd:"" help:"Webhooks of a running server."`
	Event struct {
		List eventList `cmd:"" help:"List changes, oldest first."`
	} `cmd:"" help:"The log of changes of a running server."`
	Formula struct {
		Check formulaCheck `cmd:"" help:"Say whether an expression is a formula, what it yields, or where and why not."`
	} `cmd:"" help:"Formulas on a running server."`
	Limits struct {
		Show limitsShow `cmd:"" help:"Show the limits."`
		Set  limitsSet  `cmd:"" help:"Change limits until the server stops."`
	} `cmd:"" help:"Limits that a running server holds requests to."`
	Faults struct {
		Add    faultAdd    `cmd:"" help:"Make matching requests fail."`
		List   faultList   `cmd:"" help:"List the rules."`
		Remove faultRemove `cmd:"" help:"Remove a rule."`
		Reset  faultReset  `cmd:"" help:"Remove every rule."`
	} `cmd:"" help:"Fault injection of a server that runs with --faults."`
	Request struct {
		List requestList `cmd:"" help:"List the latest requests, the newest first."`
		Show requestShow `cmd:"" help:"Show a request with what was sent."`
		Curl requestCurl `cmd:"" help:"Print a command that makes a request again, with the token in OCTAVO_TOKEN."`
	} `cmd:"" help:"Requests of the API that a running server remembers."`
	Audit struct {
		List auditList `cmd:"" help:"List what was done, the newest first."`
		Show auditShow `cmd:"" help:"Show an entry with all that was asked for."`
	} `cmd:"" help:"What administrators have done to a running server."`
	Status  status      `cmd:"" help:"Say whether a server takes requests. It needs no admin token, and ends with an error when the server does not."`
	Metrics showMetrics `cmd:"" help:"Print the metrics of a running server, as Prometheus reads them. It needs no admin token."`
	Backup  backup      `cmd:"" help:"Copy the SQLite database of a running server and the files in it to one archive."`
	Restore restore     `cmd:"" help:"Make a backup the data of a directory, after looking whether it is sound. No server may use the directory."`
	Version showVersion `cmd:"" help:"Print the version."`
}

// process is what commands need of the process they run in.
type process struct {
	ctx            context.Context
	stdout, stderr io.Writer
}

// The exit codes of the command.
const (
	exitFailed = 1
	exitUsage  = 2
)

// Main runs the command with its arguments, without the name of the program, and returns
// its exit code. What it cannot do it says in one line.
func Main(args []string) int {
	p := &process{ctx: context.Background(), stdout: os.Stdout, stderr: os.Stderr}
	var line any = &app{}
	if len(args) > 0 && args[0] == "serve" {
		line = &serveOnly{}
	}
	parser, err := newParser(line)
	if err != nil {
		p.complain(err)
		return exitFailed
	}
	return p.run(parser, args)
}

// run runs a command line and returns the exit code.
func (p *process) run(parser *kong.Kong, args []string) int {
	command, err := parser.Parse(args)
	if err != nil {
		p.complain(fmt.Errorf("%w (see %s --help)", err, asFarAs(err)))
		return exitUsage
	}
	if err := command.Run(p); err != nil {
		p.complain(err)
		return exitFailed
	}
	return 0
}

func newParser(line any) (*kong.Kong, error) {
	return kong.New(line,
		kong.Name("octavo"),
		kong.Description("A self-hosted server that speaks the public Notion REST API."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"url": defaultURL, "data": defaultData},
	)
}

// complain says what went wrong, in one line, whatever a server put into its message.
func (p *process) complain(err error) {
	said := strings.ReplaceAll(strings.TrimSpace(strings.TrimPrefix(err.Error(), "octavo: ")), "\n", "; ")
	fmt.Fprintln(p.stderr, "octavo:", printable(said))
}

// asFarAs is the command that a command line with a mistake in it names, as far as it does.
func asFarAs(err error) string {
	words := []string{"octavo"}
	var mistake *kong.ParseError
	if errors.As(err, &mistake) {
		for _, part := range mistake.Context.Path {
			if part.Command != nil {
				words = append(words, part.Command.Name)
			}
		}
	}
	return strings.Join(words, " ")
}

type showVersion struct {
	JSON bool `help:"Print JSON."`
}

// Run prints the version.
func (c showVersion) Run(p *process) error {
	platform := runtime.GOOS + "/" + runtime.GOARCH
	if c.JSON {
		return printJSON(p.stdout, body("version", octavo.Version, "go", runtime.Version(), "platform", platform))
	}
	_, err := fmt.Fprintf(p.stdout, "octavo %s %s %s\n", octavo.Version, runtime.Version(), platform)
	return err
}
